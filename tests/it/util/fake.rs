//! A fake Crossref REST API: it answers as the recorded service does (envelopes,
//! headers, pools, limits, aliases, validation failures), keeps a log of what was
//! asked, and can be told to fail. On a free local port for whole-program tests, or
//! in the same process, where time can be stopped.
//!
//! Strict where that finds mistakes: a list takes only `filter`, `rows`, `select`
//! and `mailto`, a single record or its agency only `mailto`; any other parameter
//! is a 400. `+` in a query reads as a space, as it does there.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(unreachable_pub, reason = "shared by several test binaries")]
#![allow(clippy::expect_used, reason = "a test helper may panic")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{io, pin::Pin, thread};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json, value::RawValue};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

/// What `select` may name; anything else is `select-not-available`.
const SELECTS: &str = "DOI ISBN ISSN URL abstract accepted alternative-id approved archive \
    article-number assertion author chair clinical-trial-number container-title content-created \
    content-domain created degree deposited editor event funder group-title indexed \
    is-referenced-by-count issn-type issue issued license link member original-title page posted \
    prefix published published-online published-print publisher publisher-location reference \
    references-count relation score short-container-title short-title standards-body subject \
    subtitle title translator type update-policy update-to updated-by volume";
const FORM: &str = "10.prefix/suffix where prefix is 4 or more digits and suffix is a string";
/// Headers of every answer.
const COMMON: [(&str, &str); 5] = [
    ("access-control-expose-headers", "Link"),
    ("access-control-allow-headers", ALLOWED),
    ("access-control-allow-origin", "*"),
    ("server", "Jetty(9.4.40.v20210413)"),
    ("permissions-policy", "interest-cohort=()"),
];
const ALLOWED: &str = "X-Requested-With, Accept, Accept-Encoding, Accept-Charset, \
    Accept-Language, Accept-Ranges, Cache-Control";
/// What is escaped in the path of a `location`.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?');
const JSON: &str = "application/json";
const JSON_UTF8: &str = "application/json;charset=utf-8";

/// Decides what goes wrong with an arrival.
pub type Trouble = Box<dyn Fn(&Seen) -> Option<Fault> + Send + Sync>;

/// `share` percent of the arrivals get a bad answer, evenly spread, of these kinds in turn.
pub fn spread(share: usize, kinds: Vec<Fault>) -> Trouble {
    Box::new(move |seen| {
        let before = seen.n * share / 100;
        let bad = (seen.n + 1) * share / 100 > before;
        bad.then(|| kinds[before % kinds.len()].clone())
    })
}

/// What the service holds and how it behaves.
pub struct Script {
    /// Works as JSON text by lower-case DOI.
    pub works: HashMap<String, String>,
    /// Prime DOI by lower-case alias: 301 for the single record, never in a list.
    pub aliases: HashMap<String, String>,
    /// Agency (id, label) by DOI prefix, for DOIs that are not in `works`.
    pub agencies: HashMap<String, (String, String)>,
    /// How long a new connection takes to stand.
    pub setup: Duration,
    /// Wait before each answer (a 429 of `enforce` comes at once).
    pub latency: Duration,
    /// Lists per second, polite pool.
    pub list_limit: u32,
    /// Single records and agencies per second, polite pool.
    pub single_limit: u32,
    /// Requests in flight, polite pool.
    pub concurrency: u32,
    /// The same three of the public pool: lists, single records, in flight.
    pub public: (u32, u32, u32),
    /// Whether to answer 429 (no body, no rate headers) when a limit is broken: more arrivals
    /// than allowed in any sliding `window`, refused ones counted, or too many in flight.
    pub enforce: bool,
    /// The window of `enforce`: 1 s; a little less forgives jitter in the arrivals.
    pub window: Duration,
    /// How many DOIs of one list are looked at; those beyond are silently ignored.
    pub max_dois: Option<usize>,
    /// Longest path and query in bytes; 414 above.
    pub max_uri: usize,
    /// Whether `x-rate-limit-*` and `x-concurrency-limit` are sent.
    pub headers: bool,
    /// Asked at each arrival, before all else: what shall go wrong? It must not call `Fake::set`.
    pub fault: Option<Trouble>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            works: HashMap::new(),
            aliases: HashMap::new(),
            agencies: HashMap::new(),
            setup: Duration::ZERO,
            latency: Duration::ZERO,
            list_limit: 3,
            single_limit: 10,
            concurrency: 3,
            public: (1, 5, 1),
            enforce: false,
            window: Duration::from_secs(1),
            max_dois: None,
            max_uri: 8192,
            headers: true,
            fault: None,
        }
    }
}

/// A scripted failure.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This status, body and further headers (they replace the usual ones of that name).
    Status(u16, &'static str, Vec<(&'static str, String)>),
    /// The socket is closed without an answer.
    Reset,
    /// The true answer's head with its full `content-length`, half of the body, then closed.
    Cut,
    /// 200 with this body, said to be gzip.
    Packed(Vec<u8>),
    /// 200 with broken JSON.
    Garbage,
    /// 200 with an HTML page.
    Html,
    /// 200 with an empty body.
    Empty,
    /// No answer until the client gives up.
    Stall,
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `/works?filter=...`
    List,
    /// `/works/{doi}`
    Single,
    /// `/works/{doi}/agency`
    Agency,
    /// Anything else.
    Other,
}

/// One arrival.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Serial number, from 0.
    pub n: usize,
    /// When its head was read.
    pub at: Instant,
    /// What it was for.
    pub route: Route,
    /// DOIs asked, decoded and lower-cased, valid or not.
    pub dois: Vec<String>,
    /// Raw path and query.
    pub target: String,
    /// `User-Agent`, or nothing.
    pub user_agent: String,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Requests open on arrival, with this one.
    pub in_flight: usize,
    /// Status answered; 0 while open, after a reset and when the client went away.
    pub status: u16,
}

#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    /// DOIs handed out by successful lists, by arrival.
    found: HashMap<usize, Vec<String>>,
    in_flight: usize,
    too_many: usize,
}

struct State {
    script: Mutex<Script>,
    log: Mutex<Log>,
}

/// Locks even after a test's closure has panicked under the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The running service, in a thread of its own; it stops when dropped.
pub struct Fake {
    address: SocketAddr,
    state: Arc<State>,
    running: Option<(oneshot::Sender<()>, thread::JoinHandle<()>)>,
}

impl Fake {
    /// Starts the service; it accepts connections when this returns.
    pub fn start(script: Script) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free local port");
        listener.set_nonblocking(true).expect("no blocking");
        let address = listener.local_addr().expect("a bound listener");
        let (script, log) = (Mutex::new(script), Mutex::default());
        let state = Arc::new(State { script, log });
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&state);
        let thread = thread::spawn(move || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = builder.enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                tokio::select! { () = serve(listener, shared) => {}, _ = stopped => {} }
            });
        });
        let running = Some((stop, thread));
        Self {
            address,
            state,
            running,
        }
    }

    /// The service without a port, for [`Fake::call`].
    pub fn in_process(script: Script) -> Self {
        let (script, log) = (Mutex::new(script), Mutex::default());
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            state: Arc::new(State { script, log }),
            running: None,
        }
    }

    /// Answers one request; an error is a connection that was closed.
    pub async fn call<B>(&self, request: Request<B>) -> io::Result<Response<Out>> {
        answer(Arc::clone(&self.state), request).await
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All arrivals so far.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.state.log).seen.clone()
    }

    /// Lists asked so far, refused ones and failures too.
    pub fn lists(&self) -> usize {
        self.count(Route::List)
    }

    /// Single records asked so far, refused ones and failures too.
    pub fn singles(&self) -> usize {
        self.count(Route::Single)
    }

    fn count(&self, route: Route) -> usize {
        let log = lock(&self.state.log);
        log.seen.iter().filter(|s| s.route == route).count()
    }

    /// Most requests open at one time.
    pub fn max_in_flight(&self) -> usize {
        let log = lock(&self.state.log);
        log.seen.iter().map(|s| s.in_flight).max().unwrap_or(0)
    }

    /// 429s sent by `enforce`; scripted ones are not counted.
    pub fn too_many(&self) -> usize {
        lock(&self.state.log).too_many
    }

    /// DOIs that one list asked and got and a later list asked again, sorted; two lists open
    /// at the same time count as well.
    pub fn asked_twice(&self) -> Vec<String> {
        let log = lock(&self.state.log);
        let (mut had, mut twice) = (HashSet::new(), BTreeSet::new());
        for seen in log.seen.iter().filter(|s| s.route == Route::List) {
            twice.extend(seen.dois.iter().filter(|doi| had.contains(doi)).cloned());
            had.extend(log.found.get(&seen.n).into_iter().flatten());
        }
        twice.into_iter().collect()
    }

    /// Changes the script in mid-run.
    pub fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut lock(&self.state.script));
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let setup = lock(&state.script).setup;
            tokio::time::sleep(setup).await;
            let service = service_fn(|request| answer(Arc::clone(&state), request));
            let server = http1::Builder::new();
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Answers one request; an error closes the connection.
async fn answer<B>(state: Arc<State>, request: Request<B>) -> io::Result<Response<Out>> {
    let mut asked = Asked::new(&request);
    let broken = state.arrive(&mut asked);
    let (busy, n) = (Busy(Arc::clone(&state)), asked.seen.n);
    let (fault, latency, refused) = {
        let script = lock(&state.script);
        let fault = script.fault.as_ref().and_then(|fault| fault(&asked.seen));
        let refused = script.enforce && broken && fault.is_none();
        (fault, script.latency, refused)
    };
    if !refused && !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let cut = matches!(fault, Some(Fault::Cut));
    let usual = fault.is_none() && !refused;
    let packed = match &fault {
        Some(Fault::Packed(body)) => Some(body.clone()),
        _ => None,
    };
    let mut reply = match fault {
        Some(Fault::Reset) => return Err(io::Error::other("reset")),
        Some(Fault::Stall) => std::future::pending().await,
        Some(Fault::Status(status, body, extra)) => reply(status, kind_of(body), &extra, body),
        Some(Fault::Packed(_)) => reply(200, JSON, &[("content-encoding", "gzip".into())], ""),
        Some(Fault::Garbage) => reply(200, JSON, &[], r#"{"status":"ok","message":{"items":[{"#),
        Some(Fault::Html) => reply(200, "text/html", &[], "<html><h1>Oops</h1></html>\n"),
        Some(Fault::Empty) => reply(200, JSON, &[], ""),
        Some(Fault::Cut) | None if !refused => asked.reply(&lock(&state.script)),
        _ => reply(429, "", &[], ""),
    };
    for (name, value) in COMMON {
        set(&mut reply, name, value);
    }
    if !refused {
        asked.advertise(&mut reply, &lock(&state.script));
    }
    {
        let mut log = lock(&state.log);
        log.seen[n].status = reply.status().as_u16();
        log.too_many += usize::from(refused);
        if let Some(Found(dois)) = reply.extensions_mut().remove().filter(|_| !cut) {
            log.found.insert(n, dois);
        }
    }
    // The recorded service sends whole records and lists with a length, the rest in chunks.
    let json = |headers: &HeaderMap| headers.get("content-type").is_some_and(|kind| kind == JSON);
    let chunked = usual && !json(reply.headers());
    Ok(reply.map(|body| {
        let mut left = packed.map_or_else(|| Bytes::from(body), Bytes::from);
        let length = (!chunked).then_some(left.len() as u64);
        left.truncate(if cut { left.len() / 2 } else { left.len() });
        let cut = cut.then(|| Box::pin(tokio::time::sleep(Duration::from_millis(20))));
        Out {
            left: Some(left).filter(|left| !left.is_empty()),
            length,
            cut,
            busy,
        }
    }))
}

/// One request understood.
struct Asked {
    seen: Seen,
    params: Vec<(String, String)>,
    polite: bool,
    get: bool,
}

impl Asked {
    fn new<B>(request: &Request<B>) -> Self {
        let target = request
            .uri()
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut params = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let part = part.replace('+', " ");
            let (key, value) = part.split_once('=').unwrap_or((&part, ""));
            params.push((decode(key), decode(value)));
        }
        let (route, mut dois) = match path.strip_prefix("/works") {
            Some("" | "/") => (Route::List, Vec::new()),
            Some(rest) if rest.starts_with('/') => match rest.strip_suffix("/agency") {
                Some(doi) if !doi.is_empty() => (Route::Agency, vec![decode(&doi[1..])]),
                _ => (Route::Single, vec![decode(&rest[1..])]),
            },
            _ => (Route::Other, Vec::new()),
        };
        if route == Route::List {
            dois.extend(values(&params, "filter").map(|part| bare(part).to_owned()));
        }
        dois.iter_mut().for_each(|doi| doi.make_ascii_lowercase());
        let mut headers = Vec::new();
        for (name, value) in request.headers() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.push((name.to_string(), value));
        }
        let agent = headers.iter().find(|(name, _)| name == "user-agent");
        let user_agent = agent.map_or(String::new(), |(_, value)| value.clone());
        let polite =
            params.iter().any(|(key, _)| key == "mailto") || user_agent.contains("mailto:");
        let seen = Seen {
            n: 0,
            at: Instant::now(),
            route,
            dois,
            target: target.to_owned(),
            user_agent,
            headers,
            in_flight: 0,
            status: 0,
        };
        Self {
            seen,
            params,
            polite,
            get: request.method() == Method::GET,
        }
    }

    fn list(&self) -> bool {
        self.seen.route == Route::List
    }

    /// Requests per second, requests in flight.
    fn limits(&self, script: &Script) -> (u32, u32) {
        let polite = (script.list_limit, script.single_limit, script.concurrency);
        match if self.polite { polite } else { script.public } {
            (list, _, open) if self.list() => (list, open),
            (_, single, open) => (single, open),
        }
    }

    /// Adds pool and limits.
    fn advertise(&self, reply: &mut Response<String>, script: &Script) {
        let pool = if self.polite { "polite" } else { "public" };
        let kind = ["single", "array"][usize::from(self.list())];
        set(reply, "x-api-pool", &format!("{pool}-{kind}"));
        if script.headers {
            let (limit, concurrency) = self.limits(script);
            set(reply, "x-rate-limit-limit", &limit.to_string());
            set(reply, "x-rate-limit-interval", "1s");
            set(reply, "x-concurrency-limit", &concurrency.to_string());
        }
    }

    /// The usual answer.
    fn reply(&self, script: &Script) -> Response<String> {
        if self.seen.target.len() > script.max_uri {
            let body = "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>";
            return reply(414, "text/html;charset=iso-8859-1", &[], body);
        }
        if !self.get {
            return reply(405, "text/plain", &[], "Method not allowed.");
        }
        let doi = self.seen.dois.first().map_or("", String::as_str);
        let (work, alias) = (script.works.get(doi), script.aliases.get(doi));
        let of_lists = ["filter", "rows", "select"];
        let known = |key: &str| key == "mailto" || self.list() && of_lists.contains(&key);
        if let Some((key, _)) = self.params.iter().find(|(key, _)| !known(key)) {
            let message = format!("This route does not support {key}");
            return invalid(&[("parameter-not-allowed", key, message)]);
        }
        match (self.seen.route, work, alias) {
            (Route::List, ..) => self.works(script),
            (Route::Single, Some(work), _) => ok("work", JSON, work),
            (Route::Single, None, Some(prime)) => {
                let location = format!("/works/{}", utf8_percent_encode(prime, PATH));
                reply(301, "", &[("location", location)], "")
            }
            (Route::Agency, None, None) => {
                match script
                    .agencies
                    .get(doi.split('/').next().unwrap_or_default())
                {
                    Some((id, label)) => agency(doi, id, label),
                    None => not_found(JSON_UTF8),
                }
            }
            (Route::Agency, ..) => agency(doi, "crossref", "Crossref"),
            _ => not_found("text/plain"),
        }
    }

    fn works(&self, script: &Script) -> Response<String> {
        let mut wrong = Vec::new();
        for part in values(&self.params, "filter") {
            let value = bare(part);
            if !part.starts_with("doi:") || !is_doi(value) {
                let message = format!("DOI specified as {value} but must be of the form: {FORM}");
                wrong.push(("doi-not-valid", value, message));
            }
        }
        let rows = values(&self.params, "rows").last().unwrap_or("20");
        let count = rows.parse::<usize>().ok().filter(|count| *count <= 1000);
        if count.is_none() {
            let form = "must be a positive integer less than or equal to 1000. ";
            let message = format!("Integer specified as {rows} but {form}");
            wrong.push(("integer-not-valid", rows, message));
        }
        let select: BTreeSet<_> = values(&self.params, "select").collect();
        for name in &select {
            if !SELECTS.split(' ').any(|known| known == *name) {
                let valid = SELECTS.replace(' ', ", ");
                let message = format!(
                    "Select '{name}' specified but there is no such select for this route. \
                     Valid selects for this route are: {valid}"
                );
                wrong.push(("select-not-available", name, message));
            }
        }
        let Some(count) = count.filter(|_| wrong.is_empty()) else {
            return invalid(&wrong);
        };

        let mut wanted: Vec<_> = self.seen.dois.iter().collect();
        wanted.truncate(script.max_dois.unwrap_or(usize::MAX));
        if self.seen.dois.is_empty() {
            wanted.extend(script.works.keys());
        }
        let mut once = HashSet::new();
        wanted.retain(|doi| script.works.contains_key(*doi) && once.insert(*doi));
        let total = wanted.len();
        wanted.reverse();
        wanted.truncate(count);
        let item = |doi: &&String| reduce(&script.works[*doi], &select);
        let items: Vec<_> = wanted.iter().map(item).collect();
        let items = items.join(",");
        let tail = r#""query":{"start-index":0,"search-terms":null}"#;
        let head = format!(r#""facets":{{}},"total-results":{total}"#);
        let items = format!(r#""items":[{items}],"items-per-page":{count}"#);
        let mut reply = ok("work-list", JSON, &format!("{{{head},{items},{tail}}}"));
        let found = wanted.into_iter().cloned().collect();
        reply.extensions_mut().insert(Found(found));
        reply
    }
}

impl State {
    /// Enters an arrival in the log; whether it breaks a limit.
    fn arrive(&self, asked: &mut Asked) -> bool {
        let (script, mut log) = (lock(&self.script), lock(&self.log));
        log.in_flight += 1;
        let seen = &mut asked.seen;
        (seen.n, seen.in_flight, seen.at) = (log.seen.len(), log.in_flight, Instant::now());
        log.seen.push(seen.clone());
        let (limit, concurrency) = asked.limits(&script);
        let seen = &asked.seen;
        let fresh = |other: &&Seen| seen.at - other.at < script.window;
        let same = |other: &&Seen| (other.route == Route::List) == asked.list();
        let recent = log.seen.iter().rev().take_while(fresh);
        let arrivals = recent.filter(same).count();
        arrivals > limit as usize || seen.in_flight > concurrency as usize
    }
}

/// DOIs handed out by a list.
#[derive(Clone)]
struct Found(Vec<String>);

/// An answer; what is set first stays.
fn reply(status: u16, kind: &str, extra: &[(&str, String)], body: &str) -> Response<String> {
    let mut reply = Response::new(body.to_owned());
    *reply.status_mut() = status.try_into().expect("a status");
    extra
        .iter()
        .for_each(|(name, value)| set(&mut reply, name, value));
    match kind {
        "" => return reply,
        JSON => set(&mut reply, "vary", "Accept-Encoding"),
        JSON_UTF8 => set(&mut reply, "vary", "Accept"),
        _ => {}
    }
    set(&mut reply, "content-type", kind);
    reply
}

/// Sets a header that is not there yet.
fn set(reply: &mut Response<String>, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
    let value = HeaderValue::from_str(value).expect("a header value");
    reply.headers_mut().entry(name).or_insert(value);
}

/// The content type of a scripted body.
fn kind_of(body: &str) -> &'static str {
    match body.as_bytes().first() {
        Some(b'<') => "text/html",
        Some(b'{' | b'[') => JSON_UTF8,
        Some(_) => "text/plain",
        None => "",
    }
}

fn ok(kind: &str, content_type: &str, message: &str) -> Response<String> {
    let head = format!(r#""status":"ok","message-type":"{kind}","message-version":"1.0.0""#);
    let body = format!(r#"{{{head},"message":{message}}}"#);
    reply(200, content_type, &[], &body)
}

fn agency(doi: &str, id: &str, label: &str) -> Response<String> {
    let (doi, agency) = (quote(doi), json!({ "id": id, "label": label }));
    let message = format!(r#"{{"DOI":{doi},"agency":{agency}}}"#);
    ok("work-agency", JSON_UTF8, &message)
}

fn not_found(content_type: &str) -> Response<String> {
    reply(404, content_type, &[], "Resource not found.")
}

/// A 400 with type, value and message of each thing wrong.
fn invalid(wrong: &[(&str, &str, String)]) -> Response<String> {
    let mut list = Vec::new();
    for (kind, value, message) in wrong {
        let (value, message) = (quote(value), quote(message));
        list.push(format!(
            r#"{{"type":"{kind}","value":{value},"message":{message}}}"#
        ));
    }
    let head = r#"{"status":"failed","message-type":"validation-failure","message":"#;
    let body = format!("{head}[{}]}}", list.join(","));
    reply(400, JSON_UTF8, &[], &body)
}

/// A JSON string with `/` escaped, as the service writes it.
fn quote(text: &str) -> String {
    Value::from(text).to_string().replace('/', r"\/")
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The values of a parameter, cut at commas.
fn values<'a>(params: &'a [(String, String)], name: &str) -> impl Iterator<Item = &'a str> {
    let chosen = params.iter().filter(move |(key, _)| key == name);
    chosen.flat_map(|(_, value)| value.split(','))
}

/// A part of the filter without its name.
fn bare(part: &str) -> &str {
    part.strip_prefix("doi:").unwrap_or(part)
}

/// Whether it is `10.NNNN/...` (the prefix may have further parts) without blanks.
fn is_doi(text: &str) -> bool {
    let Some((prefix, suffix)) = text.split_once('/') else {
        return false;
    };
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = prefix.split('.');
    parts.next() == Some("10")
        && parts
            .next()
            .is_some_and(|part| part.len() >= 4 && number(part))
        && parts.all(number)
        && !suffix.is_empty()
        && !suffix.contains(char::is_whitespace)
}

/// A work with the selected keys only (all of them without a selection), values as written.
fn reduce(work: &str, select: &BTreeSet<&str>) -> String {
    if select.is_empty() {
        return work.to_owned();
    }
    let whole: HashMap<String, &RawValue> = serde_json::from_str(work).expect("a work in JSON");
    let mut kept = Vec::new();
    for key in select.iter().filter(|key| whole.contains_key(**key)) {
        kept.push(format!("\"{key}\":{}", whole[*key]));
    }
    format!("{{{}}}", kept.join(","))
}

/// Keeps a request in flight.
struct Busy(Arc<State>);

impl Drop for Busy {
    fn drop(&mut self) {
        lock(&self.0.log).in_flight -= 1;
    }
}

/// A body of one piece, which may break off.
pub struct Out {
    left: Option<Bytes>,
    /// What `content-length` says; chunks without it.
    length: Option<u64>,
    /// The wait between the piece and the end of the connection.
    cut: Option<Pin<Box<Sleep>>>,
    busy: Busy,
}

impl Body for Out {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(piece) = self.left.take() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        Poll::Ready(match &mut self.cut {
            None => None,
            Some(pause) => {
                ready!(pause.as_mut().poll(context));
                Some(Err(io::Error::other("cut")))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.length.is_some() && self.left.is_none() && self.cut.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

/// A small made-up journal article, always the same for the same arguments.
pub fn work(doi: &str, title: &str, n: usize) -> String {
    const GIVEN: [&str; 5] = ["Ada", "Bao", "Chiara", "Dmitri", "Esi"];
    const FAMILY: [&str; 4] = ["Lindqvist", "Nguyen", "Moretti", "Volkov"];
    const JOURNALS: [(&str, &str, &str); 3] = [
        ("Annals of Imaginary Results", "Fictive Press", "1234-5679"),
        ("Made-Up Measurements", "Example Press", "2049-3630"),
        ("Invented Science Letters", "Sample Press", "0000-006X"),
    ];
    let (journal, publisher, issn) = JOURNALS[n % JOURNALS.len()];
    let author = |i: usize| {
        let (given, family) = (GIVEN[(n + i) % 5], FAMILY[(n + i) % 4]);
        let sequence = if i == 0 { "first" } else { "additional" };
        json!({ "given": given, "family": family, "sequence": sequence, "affiliation": [] })
    };
    let authors: Vec<_> = (0..=n % 4).map(author).collect();
    let issued = json!({ "date-parts": [[1995 + n % 30, 1 + n % 12, 1 + n % 28]] });
    let doi = doi.to_ascii_lowercase();
    let first = 1 + n * 13 % 900;
    json!({
        "DOI": doi, "URL": format!("https://doi.org/{doi}"), "title": [title], "author": authors,
        "prefix": doi.split('/').next().unwrap_or_default(), "member": "9999", "score": 1,
        "container-title": [journal], "publisher": publisher, "type": "journal-article",
        "ISSN": [issn], "issn-type": [{ "value": issn, "type": "electronic" }],
        "volume": (1 + n % 60).to_string(), "issue": (1 + n % 12).to_string(),
        "page": format!("{first}-{}", first + 3 + n % 20), "source": "Crossref",
        "issued": issued, "published-online": issued, "is-referenced-by-count": n * 7 % 500,
    })
    .to_string()
}
