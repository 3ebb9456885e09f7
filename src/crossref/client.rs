//! One request, one answer: what is asked for, and what is taken from what comes back. No retries
//! and no waiting here.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde_json::value::RawValue;

use super::failure::Failure;
use super::ledger::{Ledger, Wall};
use super::limit::{Limiter, Permit, Pool, Route};
use super::message::{Agency, AgencyMessage, ListMessage, message};
use super::options::{ClientError, ClientOptions, base_of, ledger_of, user_agent};
use super::retry::RetryAfter;
use super::transport::{Http, Reply, Transport};
use crate::doi::Doi;
use crate::store::{Answer, answer_of};
use crate::work::Work;

/// All fields that a list request may select, but `reference` and `score`: the one is most of a
/// work's bytes and fills no field, the other says nothing of the work. Any other name would make
/// the whole request fail. Source: Crossref's OpenAPI document, 3.32.0.
const SELECT: &str = "DOI,ISBN,ISSN,URL,abstract,accepted,alternative-id,approved,archive,\
article-number,assertion,author,chair,clinical-trial-number,container-title,content-created,\
content-domain,created,degree,deposited,editor,event,funder,group-title,indexed,\
is-referenced-by-count,issn-type,issue,issued,license,link,member,original-title,page,posted,\
prefix,published,published-online,published-print,publisher,publisher-location,references-count,\
relation,short-container-title,short-title,standards-body,subject,subtitle,title,translator,type,\
update-policy,update-to,updated-by,volume";

/// Do list requests select this member of a work?
pub(crate) fn selects(member: &str) -> bool {
    SELECT.split(',').any(|selected| selected == member)
}

/// About so many bytes of a list request are there for DOIs, known without a client.
pub(crate) fn list_room(options: &ClientOptions) -> usize {
    let select = match options.whole {
        true => 0,
        false => "&select=".len() + SELECT.len(),
    };
    let mailto = options.mailto.as_deref();
    let mailto = mailto.map_or(0, |mailto| "&mailto=".len() + mailto.len());
    let rest = "/works?filter=doi:&rows=100".len() + select + mailto;
    MAX_TARGET.saturating_sub(rest)
}

/// Bytes that `doi` adds to a list request.
pub(crate) fn list_cost(doi: &Doi) -> usize {
    let encoded = utf8_percent_encode(doi.as_str(), QUERY);
    encoded.map(str::len).sum::<usize>() + 5
}

/// What a filter value must not hold as it is. `/`, `:` and parentheses stay readable.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b',')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A DOI as one path segment: a `/` or `..` in it must not make more of them.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// What is asked to see whether the service is there: Crossref's own test record.
const PROBE: &str = "10.5555/12345678";

/// The longest path and query that is sent: 4,000 bytes with `GET ` and ` HTTP/1.1` around them.
pub(crate) const MAX_TARGET: usize = 4_000 - 13;

/// The answer to a list request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) answers: Vec<Answer>,
    /// Works that were not asked for, or have no DOI.
    pub(crate) dropped: u64,
    /// More works match than were given.
    pub(crate) short: bool,
}

/// The answer to a single request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Single {
    Found(Answer),
    NotFound,
    /// The DOI is an alias of this one.
    Moved(Doi),
}

/// Asks Crossref: one request, one answer, when the limits of the pool allow it. A
/// [`Pipeline`](crate::Pipeline) has one, with tries, lists and the store around it.
///
/// ```
/// use crossfill::{Client, ClientError, ClientOptions};
///
/// let mut options = ClientOptions {
///     base_url: "https://api.crossref.org".into(),
///     mailto: Some("you@your.org".into()),
///     token: None,
///     pace: 0.95,
///     whole: false,
///     budget: None,
/// };
/// assert_eq!(Client::new(&options)?.host(), "api.crossref.org");
/// options.base_url = "http://api.crossref.org".into(); // no secrets over plain HTTP
/// assert!(Client::new(&options).is_err());
/// # Ok::<(), ClientError>(())
/// ```
pub struct Client {
    transport: Box<dyn Transport>,
    base: Url,
    mailto: Option<String>,
    /// Lists name the fields that they want, unless the service does not know one of them.
    selects: AtomicBool,
    pub(crate) limiter: Limiter,
}

impl Client {
    /// A client; it sends nothing yet.
    ///
    /// # Errors
    /// If the address is none, or not HTTPS (unless it is this machine).
    pub fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let headers = options.headers()?;
        let base = base_of(&options.base_url)?;
        let http = Http::new(&user_agent(options.mailto.as_deref()), headers);
        let http = http.map_err(ClientError::Setup)?;
        let ledger = ledger_of(options, &base);
        Ok(Self::with(
            options,
            base,
            Box::new(http),
            ledger,
            Wall::System,
        ))
    }

    /// A client of a service that is not on a network.
    #[cfg(test)]
    pub(crate) fn of_test(
        options: &ClientOptions,
        transport: Box<dyn Transport>,
        wall: Wall,
    ) -> Self {
        let base = base_of(&options.base_url).expect("a base URL");
        let folder = options.budget.as_deref().expect("a folder");
        let ledger = Ledger::open(folder, wall.clone()).expect("a ledger");
        Self::with(options, base, transport, ledger, wall)
    }

    fn with(
        options: &ClientOptions,
        base: Url,
        transport: Box<dyn Transport>,
        ledger: Ledger,
        wall: Wall,
    ) -> Self {
        let pool = match options.mailto.is_some() || options.token.is_some() {
            true => Pool::Polite,
            false => Pool::Public,
        };
        Self {
            transport,
            base,
            mailto: options.mailto.clone(),
            selects: AtomicBool::new(!options.whole),
            limiter: Limiter::new(pool, options.pace.clamp(0.01, 1.0), ledger, wall),
        }
    }

    /// The server's name, for messages.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or("?")
    }

    /// Bytes that a list request has besides its DOIs.
    pub(crate) fn list_overhead(&self) -> usize {
        self.list_target([].into_iter()).len() + 4
    }

    /// Bytes that `doi` adds to a list request.
    pub(crate) fn list_cost(doi: &Doi) -> usize {
        list_cost(doi)
    }

    fn list_target<'a>(&self, dois: impl ExactSizeIterator<Item = &'a str>) -> String {
        let count = dois.len();
        let mut target = format!("{}/works?filter=", self.base.path().trim_end_matches('/'));
        for (at, doi) in dois.enumerate() {
            target.push_str(if at > 0 { ",doi:" } else { "doi:" });
            target.extend(utf8_percent_encode(doi, QUERY));
        }
        target.push_str(&format!("&rows={}", count.max(20)));
        if self.selects.load(Ordering::Relaxed) {
            target.push_str("&select=");
            target.push_str(SELECT);
        }
        self.sign(target, '&')
    }

    fn single_target(&self, doi: &str, tail: &str) -> String {
        let path = self.base.path().trim_end_matches('/');
        let segment = utf8_percent_encode(doi, SEGMENT);
        self.sign(format!("{path}/works/{segment}{tail}"), '?')
    }

    fn sign(&self, mut target: String, mark: char) -> String {
        if let Some(mailto) = &self.mailto {
            target.push(mark);
            target.push_str("mailto=");
            target.extend(utf8_percent_encode(mailto, QUERY));
        }
        target
    }

    /// The addresses at which `doi` is asked for: in a list, by itself, and for its prefix's agency.
    pub(crate) fn urls(&self, doi: &Doi) -> [String; 3] {
        let targets = [
            self.list_target([doi.as_str()].into_iter()),
            self.single_target(doi.as_str(), ""),
            self.single_target(doi.as_str(), "/agency"),
        ];
        targets.map(|target| self.base.join(&target).map_or(target, String::from))
    }

    /// Works of `dois`, of those that Crossref knows by these names.
    pub(crate) async fn list(&self, dois: &[Doi], permit: &Permit) -> Result<List, Failure> {
        let whole = !self.selects.load(Ordering::Relaxed);
        let reply = self
            .get(&self.list_target(dois.iter().map(Doi::as_str)), permit)
            .await?;
        if reply.status != StatusCode::OK {
            return Err(self.no_list(&reply, whole));
        }
        let message: ListMessage<'_> = message(&reply.body)?;
        let asked: HashSet<&Doi> = dois.iter().collect();
        let (given, most) = (message.items.len() as u64, dois.len() as u64);
        let mut list = List {
            answers: Vec::with_capacity(message.items.len()),
            dropped: 0,
            // More than were asked for can't match: such a number means something else.
            short: message
                .total
                .is_some_and(|total| total > given && total <= most),
        };
        for item in message.items {
            let Some(answer @ Answer::Work { .. }) = answer_of(item.get(), whole) else {
                list.dropped += 1;
                tracing::debug!("a work without a DOI in a list answer was dropped");
                continue;
            };
            let Answer::Work { doi, .. } = &answer else {
                continue;
            };
            if asked.contains(doi) {
                list.answers.push(answer);
                continue;
            }
            let alias = Work::parse(item.get())
                .ok()
                .and_then(|work| dois.iter().find(|doi| work.answers(doi)).cloned());
            match alias {
                Some(alias) => {
                    let prime = doi.clone();
                    list.answers.push(answer);
                    list.answers.push(Answer::Alias { doi: alias, prime });
                }
                None => {
                    list.dropped += 1;
                    tracing::debug!("the work {doi:?} that was not asked for was dropped");
                }
            }
        }
        Ok(list)
    }

    fn no_list(&self, reply: &Reply, whole: bool) -> Failure {
        let failure = failed(reply);
        // A field that the service knows no more would cost every list.
        let unknown = reply.status == StatusCode::BAD_REQUEST
            && memchr::memmem::find(&reply.body, b"select-not-available").is_some();
        if unknown && !whole {
            self.selects.store(false, Ordering::Relaxed);
            tracing::warn!("Crossref refuses a field of `select`: asking for whole works");
            return Failure::Shape("a field of `select` is refused".to_owned());
        }
        failure
    }

    /// The work of one DOI.
    pub(crate) async fn single(&self, doi: &Doi, permit: &Permit) -> Result<Single, Failure> {
        let reply = self
            .get(&self.single_target(doi.as_str(), ""), permit)
            .await?;
        match reply.status.as_u16() {
            200 => {}
            404 if is_absence(&reply) => return Ok(Single::NotFound),
            301 | 302 | 307 | 308 => {
                return self
                    .moved(&reply.headers)
                    .map(Single::Moved)
                    .ok_or_else(|| failed(&reply));
            }
            _ => return Err(failed(&reply)),
        }
        let raw: &RawValue = message(&reply.body)?;
        let work = Work::parse(raw.get());
        let work = work.map_err(|error| Failure::Shape(error.to_string()))?;
        let answer = answer_of(raw.get(), true);
        let answer = answer.ok_or_else(|| Failure::Shape("a work without a DOI".to_owned()))?;
        match work.answers(doi) {
            true => Ok(Single::Found(answer)),
            false => Err(Failure::Foreign),
        }
    }

    /// Is the service there, on this route? Also that it knows no such DOI says so.
    pub(crate) async fn probe(&self, route: Route, permit: &Permit) -> Result<(), Failure> {
        let target = match route {
            Route::List => self.list_target([PROBE].into_iter()),
            Route::Single => self.single_target(PROBE, ""),
        };
        let reply = self.get(&target, permit).await?;
        match reply.status.as_u16() {
            200 => message::<&RawValue>(&reply.body).map(drop),
            301 | 302 | 307 | 308 => Ok(()),
            404 if is_absence(&reply) => Ok(()),
            _ => Err(failed(&reply)),
        }
    }

    /// The agency that registered `doi`, if any is known.
    pub(crate) async fn agency(
        &self,
        doi: &Doi,
        permit: &Permit,
    ) -> Result<Option<Agency>, Failure> {
        let target = self.single_target(doi.as_str(), "/agency");
        let reply = self.get(&target, permit).await?;
        match reply.status {
            StatusCode::OK => Ok(Some(message::<AgencyMessage>(&reply.body)?.agency)),
            StatusCode::NOT_FOUND if is_absence(&reply) => Ok(None),
            _ => Err(failed(&reply)),
        }
    }

    /// Where a redirect leads, if it stays with this host and names a work.
    fn moved(&self, headers: &HeaderMap) -> Option<Doi> {
        let location = headers.get(LOCATION)?.to_str().ok()?;
        let target = self.base.join(location).ok()?;
        if target.origin() != self.base.origin() {
            return None;
        }
        let prefix = format!("{}/works/", self.base.path().trim_end_matches('/'));
        let name = target.path().strip_prefix(&prefix)?;
        // What lies below a work is not the work.
        if name.ends_with("/agency") || name.contains("/transform/") {
            return None;
        }
        Doi::parse(&percent_decode_str(name).decode_utf8().ok()?).ok()
    }

    async fn get(&self, target: &str, permit: &Permit) -> Result<Reply, Failure> {
        let url = self.base.join(target);
        let url = url.map_err(|error| Failure::Shape(error.to_string()))?;
        tracing::debug!(%url, "asking");
        self.transport.get(url, permit).await
    }
}

/// A page for people: no answer of Crossref's, but of a proxy, a load balancer, a wrong address.
fn is_page(reply: &Reply) -> bool {
    reply.body.trim_ascii_start().first() == Some(&b'<')
}

/// Is this 404 Crossref's? It says `Resource not found.`; what a proxy, a load balancer or a wrong
/// address says must not be taken for the absence of a DOI.
fn is_absence(reply: &Reply) -> bool {
    let text = reply.body.trim_ascii().to_ascii_lowercase();
    let has = |part: &str| memchr::memmem::find(&text, part.as_bytes()).is_some();
    match text.first() {
        None => true,
        Some(b'<') => false,
        Some(b'{') => has("\"status\"") || has("\"message-type\""),
        Some(_) => has("not found") && !has("page not found"),
    }
}

fn failed(reply: &Reply) -> Failure {
    let header = |name| {
        let value = reply.headers.get(name)?;
        value.to_str().ok()
    };
    let moved = header(LOCATION).map(|place| format!("moved to {place}; check `base_url`"));
    // A date is one of the server's clock.
    let date = header(DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    let now = date.unwrap_or_else(SystemTime::now);
    // A page for people says no more than its status does.
    let text = Some(&reply.body).filter(|_| !is_page(reply));
    let text = text.map_or(Cow::Borrowed(""), |body| String::from_utf8_lossy(body));
    let said = moved.map_or(text, Cow::Owned);
    // Somebody else's text: one line, and not much of it.
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    Failure::Status {
        code: reply.status.as_u16(),
        retry_after: header(RETRY_AFTER).and_then(|value| RetryAfter::parse(value, now)),
        said: said.chars().filter(|c| !c.is_control()).take(200).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(mailto: Option<&str>) -> Client {
        Client::new(&ClientOptions {
            base_url: "https://api.crossref.org/".into(),
            mailto: mailto.map(str::to_owned),
            token: None,
            pace: 1.0,
            budget: None,
            whole: false,
        })
        .unwrap()
    }

    fn doi(text: &str) -> Doi {
        Doi::parse(text).unwrap()
    }

    #[test]
    fn each_value_is_encoded_once() {
        let client = client(Some("me+x@uni.edu"));
        let sici = doi("10.1002/(SICI)1099-0771(199806)11:2<107::AID-BDM292>3.0.CO;2-Y");
        let odd = doi("10.5555/a#b?c%20d|e+f&é");
        let target = client.list_target([sici.as_str(), odd.as_str()].into_iter());
        assert!(target.starts_with(
            "/works?filter=doi:10.1002/(sici)1099-0771(199806)11:2%3C107::aid-bdm292%3E3.0.co%3B2-y,\
             doi:10.5555/a%23b%3Fc%2520d%7Ce%2Bf%26%C3%A9&rows=20&select=DOI,"
        ), "{target}");
        assert!(target.ends_with("&mailto=me%2Bx@uni.edu"));
        let url = client.base.join(&target).unwrap();
        assert_eq!(
            &url[url::Position::BeforePath..],
            target,
            "the URL type changes nothing"
        );
        let costs = Client::list_cost(&sici) + Client::list_cost(&odd);
        assert_eq!(client.list_overhead() + costs, target.len() + 4 + 1);
        assert_eq!(
            client.single_target("10.5555/../a/b", "/agency"),
            "/works/10.5555%2F..%2Fa%2Fb/agency?mailto=me%2Bx@uni.edu"
        );
    }

    #[test]
    fn redirects_stay_with_the_host() {
        let client = client(None);
        let moved = |location: &str| {
            let headers = HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
            client.moved(&headers).map(|doi| doi.to_string())
        };
        let prime = Some("10.26434/chemrxiv.5406907.v5".to_owned());
        assert_eq!(moved("/works/10.26434/chemrxiv.5406907.v5"), prime);
        assert_eq!(moved("/works/10.26434%2Fchemrxiv.5406907.v5"), prime);
        assert_eq!(
            moved("https://api.crossref.org:443/works/10.26434/chemrxiv.5406907.v5"),
            prime
        );
        assert_eq!(moved("https://evil.example/works/10.26434/x"), None);
        assert_eq!(moved("http://api.crossref.org/works/10.26434/x"), None);
        assert_eq!(moved("/members/1"), None);
        assert_eq!(moved("/works/10.26434/chemrxiv.5406907.v5/agency"), None);
        assert_eq!(
            moved("/works/10.26434/x/transform/application/x-bibtex"),
            None
        );
    }

    #[test]
    fn only_crossrefs_own_404_is_an_absence() {
        let is = |body: &str| {
            is_absence(&Reply {
                status: StatusCode::NOT_FOUND,
                headers: HeaderMap::new(),
                body: body.into(),
            })
        };
        assert!(is("Resource not found."));
        assert!(is(""));
        assert!(is(
            r#"{"status":"failed","message-type":"resource-not-found"}"#
        ));
        assert!(!is("<html>Not Found"));
        assert!(!is("404 page not found\n"));
        assert!(!is("default backend - 404"));
        assert!(!is(r#"{"message":"no Route matched with those values"}"#));
    }
}
