//! The scenario table: each file of `tests/scenarios` says how the service behaves, what is asked, what
//! must become of it, and which requests the service must have seen and when. Time is stopped, so
//! that instants are exact and an outage of ten minutes takes none. Adding a case is adding a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use reqwest::Url;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Known, Options, Resolver, Stop, Use, look_up};
use crate::crossref::{Client, ClientOptions, Failure, Permit, Reply, Stage, Transport, Wall};
use crate::doi::Doi;
use crate::event::{Progress, read};
use crate::fake::{self, Fake, Fault, Route, Script, Seen};
use crate::store::{Ages, Answer, Decoder, Store};

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    #[serde(default)]
    public: bool,
    #[serde(default = "full")]
    pace: f64,
    #[serde(default = "hundred")]
    batch: usize,
    #[serde(default)]
    server: Server,
    #[serde(default)]
    fault: Vec<FaultRule>,
    #[serde(default)]
    change: Vec<Change>,
    /// DOIs to ask for, all at once.
    ask: Vec<String>,
    /// DOIs that the store knows already, as works of long ago.
    #[serde(default)]
    stale: Vec<String>,
    expect: Expect,
}

/// Stands for a body over the cap.
const HUGE: &str = "huge";

fn full() -> f64 {
    1.0
}

fn hundred() -> usize {
    100
}

/// What the service is like.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Server {
    /// Milliseconds until an answer; of the first request also until its connection stands.
    latency: u64,
    setup: u64,
    /// At this arrival the client has a bug.
    bug_at: Option<usize>,
    /// Between these instants nobody is there.
    down: Option<(u64, u64)>,
    works: Vec<String>,
    aliases: BTreeMap<String, String>,
    /// Agency by prefix.
    agencies: BTreeMap<String, String>,
    silent_about_limits: bool,
    max_dois: Option<usize>,
    max_uri: Option<usize>,
    #[serde(flatten)]
    limits: Limits,
}

/// Of the polite pool.
#[derive(Debug, Default, Clone, Deserialize)]
struct Limits {
    list_limit: Option<u32>,
    single_limit: Option<u32>,
    concurrency: Option<u32>,
}

impl Limits {
    fn apply(&self, script: &mut Script) {
        script.list_limit = self.list_limit.unwrap_or(script.list_limit);
        script.single_limit = self.single_limit.unwrap_or(script.single_limit);
        script.concurrency = self.concurrency.unwrap_or(script.concurrency);
    }
}

/// From this arrival on (counted from 0) other limits hold.
#[derive(Debug, Clone, Deserialize)]
struct Change {
    at: usize,
    #[serde(flatten)]
    limits: Limits,
}

/// What goes wrong, and with which arrivals: those that all conditions are true of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultRule {
    /// `status`, `reset`, `cut`, `garbage`, `html`, `empty`, `stall`, `huge`
    kind: String,
    status: Option<u16>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    route: Option<String>,
    /// Requests that ask for this DOI, among others.
    doi: Option<String>,
    /// The first arrival, and the one before which it ends.
    from: Option<usize>,
    to: Option<usize>,
    /// `[4, 1]`: every fourth, from number 1 on.
    every: Option<(usize, usize)>,
    /// Requests of so many DOIs at least.
    larger: Option<usize>,
}

impl FaultRule {
    fn fits(&self, seen: &Seen) -> bool {
        self.from.is_none_or(|from| seen.n >= from)
            && self.to.is_none_or(|to| seen.n < to)
            && self.every.is_none_or(|(every, at)| seen.n % every == at)
            && self.larger.is_none_or(|least| seen.dois.len() >= least)
            && self.doi.as_ref().is_none_or(|doi| seen.dois.contains(doi))
            && self
                .route
                .as_ref()
                .is_none_or(|route| route == name(seen.route))
    }

    fn fault(&self) -> Fault {
        match self.kind.as_str() {
            "reset" => Fault::Reset,
            "cut" => Fault::Cut,
            "garbage" => Fault::Garbage,
            "html" => Fault::Html,
            "empty" => Fault::Empty,
            "stall" => Fault::Stall,
            "huge" => Fault::Status(200, HUGE, vec![]),
            "status" => {
                let leaked = |text: &str| -> &'static str { Box::leak(text.to_owned().into()) };
                let headers = self.headers.iter();
                let headers = headers.map(|(name, value)| (leaked(name), value.clone()));
                let status = self.status.expect("a status");
                Fault::Status(status, leaked(&self.body), headers.collect())
            }
            other => panic!("no kind of fault: {other}"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// DOIs by fate: `work`, `alias of PRIME`, `not found`, `agency NAME`, `unresolved WHY`, and after
    /// a stop `not asked`.
    fates: BTreeMap<String, Vec<String>>,
    /// `refused`, `outage`, `no network`
    stop: Option<String>,
    /// `MILLISECONDS list COUNT`, `… single DOI`, `… agency DOI`; all that the service saw.
    arrivals: Option<Vec<String>>,
    lists: Option<usize>,
    singles: Option<usize>,
    /// 429s of the service's own making, whatever was scripted.
    #[serde(default)]
    too_many: usize,
    #[serde(default)]
    cut_to: u64,
    #[serde(default)]
    dropped: u64,
    /// When all was over.
    within: Option<u64>,
}

fn name(route: Route) -> &'static str {
    match route {
        Route::List => "list",
        Route::Single => "single",
        Route::Agency => "agency",
        Route::Other => "other",
    }
}

/// `10.5555/a.[0-99]` as a hundred DOIs.
fn expand(texts: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for text in texts {
        let range = text.split_once('[').and_then(|(head, rest)| {
            let (range, tail) = rest.split_once(']')?;
            let (first, last) = range.split_once('-')?;
            Some((
                head,
                first.parse().ok()?..=last.parse::<usize>().ok()?,
                tail,
            ))
        });
        match range {
            Some((head, range, tail)) => all.extend(range.map(|n| format!("{head}{n}{tail}"))),
            None => all.push(text.clone()),
        }
    }
    all
}

/// The service, in this process.
struct InProcess {
    fake: Arc<Fake>,
    setup: Duration,
    down: Option<(u64, u64)>,
    bug_at: Option<usize>,
    changes: Mutex<Vec<Change>>,
    sent: AtomicUsize,
    start: Instant,
}

impl InProcess {
    async fn send(&self, url: Url, permit: &Permit) -> Result<Reply, Failure> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        assert_ne!(self.bug_at, Some(number), "the bug of this scenario");
        let now = self.start.elapsed().as_millis();
        if let Some((from, to)) = self.down
            && (from.into()..to.into()).contains(&now)
        {
            return Err(Failure::Connect(Stage::Tcp, "nobody there".to_owned()));
        }
        for change in self.changes.lock().unwrap().iter() {
            if change.at == number {
                self.fake.set(|script| change.limits.apply(script));
            }
        }
        if number == 0 && !self.setup.is_zero() {
            permit.opening().begin();
            tokio::time::sleep(self.setup).await;
        }
        let target = &url[url::Position::BeforePath..];
        let request = hyper::Request::get(target).body(()).unwrap();
        let response = self.fake.call(request).await;
        let response = response.map_err(|error| Failure::Reset(error.to_string()))?;
        permit.arrived(response.headers());
        let (parts, body) = response.into_parts();
        let body = body.collect().await;
        let body = body
            .map_err(|error| Failure::Cut(error.to_string()))?
            .to_bytes();
        if body == HUGE {
            return Err(Failure::TooLarge);
        }
        Ok(Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.into(),
        })
    }
}

impl Transport for InProcess {
    fn get<'a>(&'a self, url: Url, permit: &'a Permit) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            let sending = tokio::time::timeout(Duration::from_secs(60), self.send(url, permit));
            sending.await.unwrap_or(Err(Failure::Timeout))
        })
    }
}

impl Scenario {
    fn script(&self) -> Script {
        let defaults = Script::default();
        let works = expand(&self.server.works).into_iter().enumerate();
        let agencies = self.server.agencies.iter();
        let faults = self.fault.clone();
        let mut script = Script {
            works: works
                .map(|(n, doi)| (doi.clone(), fake::work(&doi, "A title", n)))
                .collect(),
            aliases: self.server.aliases.clone().into_iter().collect(),
            agencies: agencies
                .map(|(prefix, name)| (prefix.clone(), (name.to_lowercase(), name.clone())))
                .collect(),
            latency: Duration::from_millis(self.server.latency),
            enforce: true,
            headers: !self.server.silent_about_limits,
            max_dois: self.server.max_dois,
            max_uri: self.server.max_uri.unwrap_or(defaults.max_uri),
            fault: Some(Box::new(move |seen| {
                let rule = faults.iter().find(|rule| rule.fits(seen));
                rule.map(FaultRule::fault)
            })),
            ..defaults
        };
        self.server.limits.apply(&mut script);
        script
    }

    async fn play(&self) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let fake = Arc::new(Fake::in_process(self.script()));
        let transport = InProcess {
            fake: Arc::clone(&fake),
            setup: Duration::from_millis(self.server.setup),
            down: self.server.down,
            bug_at: self.server.bug_at,
            start: Instant::now(),
            changes: Mutex::new(self.change.clone()),
            sent: AtomicUsize::new(0),
        };
        let client = Client::of_test(
            &ClientOptions {
                base_url: "http://localhost:1".into(),
                mailto: (!self.public).then(|| "tests@crossfill.dev".into()),
                token: None,
                pace: self.pace,
                whole: false,
                budget: Some(folder.path().join("limits")),
            },
            Box::new(transport),
            Wall::Virtual(Instant::now()),
        );
        let store = Arc::new(Store::open(&folder.path().join("store")).unwrap());
        let old: Vec<Answer> = expand(&self.stale)
            .into_iter()
            .map(|doi| Answer::Work {
                json: fake::work(&doi, "As it was", 1),
                doi: Doi::parse(&doi).unwrap(),
                whole: true,
            })
            .collect();
        store.commit(&old, 1).unwrap();
        let day = Duration::from_secs(86_400);
        let ages = Ages {
            now: crate::now(),
            works: 30 * day,
            missing: 7 * day,
            imported: 400 * day,
            whole: false,
        };
        let progress = Arc::new(Progress::default());
        let resolver = Arc::new(Resolver::new(
            client,
            Arc::clone(&store),
            Options {
                batch: self.batch,
                max_outage: Duration::from_secs(600),
                ages,
                jitter: || 1.0,
                max_requests: None,
                max_time: None,
            },
            Arc::clone(&progress),
        ));
        let dois: Vec<Doi> = expand(&self.ask)
            .iter()
            .map(|doi| Doi::parse(doi).unwrap())
            .collect();
        let start = Instant::now();
        let running = tokio::spawn(Arc::clone(&resolver).run());
        let answered = resolver.resolve(&dois).await;
        let over = start.elapsed().as_millis();
        resolver.stop(Stop::Interrupted);
        running.await.unwrap();

        let (stop, failures) = match answered {
            Ok(failures) => (None, failures),
            Err(stop) => (Some(stop), Default::default()),
        };
        let reading = store.read().unwrap();
        let mut fates: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for doi in &dois {
            let why = failures.get(doi);
            let usable = if why.is_some() {
                Use::AnyAge
            } else {
                Use::Fresh
            };
            let fate = match look_up(&reading, doi, &ages, usable).unwrap() {
                Known::Work {
                    packed,
                    alias_of,
                    stale,
                } => {
                    Decoder::new().work(packed).expect("a sound work");
                    match alias_of {
                        Some(prime) => format!("alias of {prime}"),
                        None if stale => "old work".to_owned(),
                        None => "work".to_owned(),
                    }
                }
                Known::NotFound => "not found".to_owned(),
                Known::Agency(agency) => format!("agency {agency}"),
                Known::Nothing => match why {
                    Some(why) => format!("unresolved {}", why.as_str()),
                    None => "not asked".to_owned(),
                },
            };
            fates.entry(fate).or_default().push(doi.to_string());
        }
        let seen = fake.seen();
        let arrivals: Vec<String> = seen
            .iter()
            .map(|seen| {
                let at = (seen.at - start).as_millis();
                match seen.route {
                    Route::List => format!("{at} list {}", seen.dois.len()),
                    route => format!("{at} {} {}", name(route), seen.dois.concat()),
                }
            })
            .collect();
        self.compare(&Outcome { fates, stop, over }, &arrivals, &fake, &progress)
    }

    fn compare(
        &self,
        seen: &Outcome,
        arrivals: &[String],
        fake: &Fake,
        progress: &Progress,
    ) -> Result<(), String> {
        let expect = &self.expect;
        let mut wrong = Vec::new();
        let mut same = |what: &str, is: String, expected: String| {
            if is != expected {
                wrong.push(format!("{what}: {is}\n  expected: {expected}"));
            }
        };
        let sorted = |fates: BTreeMap<String, Vec<String>>| {
            let mut fates = fates;
            fates.values_mut().for_each(|dois| dois.sort());
            format!("{fates:?}")
        };
        let expected = expect.fates.iter();
        let expected = expected.map(|(fate, dois)| (fate.clone(), expand(dois)));
        same(
            "fates",
            sorted(seen.fates.clone()),
            sorted(expected.collect()),
        );
        let stop = seen.stop.as_deref().map(|stop| match stop {
            Stop::Refused { .. } => "refused",
            Stop::Outage { .. } => "outage",
            Stop::NoNetwork { .. } => "no network",
            Stop::Store(_) | Stop::Broken => "failed",
            Stop::Interrupted => "interrupted",
        });
        same(
            "stop",
            format!("{stop:?}"),
            format!("{:?}", expect.stop.as_deref()),
        );
        let listed = |arrivals: &[String]| {
            let lines = arrivals.iter().map(|line| format!("    \"{line}\",\n"));
            format!("\n{}", lines.collect::<String>())
        };
        if let Some(expected) = &expect.arrivals {
            same("arrivals", listed(arrivals), listed(expected));
        }
        if let Some(lists) = expect.lists {
            same("lists", fake.lists().to_string(), lists.to_string());
        }
        if let Some(singles) = expect.singles {
            same("singles", fake.singles().to_string(), singles.to_string());
        }
        same(
            "429s",
            fake.too_many().to_string(),
            expect.too_many.to_string(),
        );
        same(
            "cut to",
            read(&progress.cut_to).to_string(),
            expect.cut_to.to_string(),
        );
        same(
            "dropped",
            read(&progress.dropped).to_string(),
            expect.dropped.to_string(),
        );
        if let Some(within) = expect.within {
            let over = u64::try_from(seen.over).unwrap();
            same(
                "over in time",
                (over <= within).to_string() + &format!(" ({over})"),
                "true".to_owned() + &format!(" ({over})"),
            );
        }
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "{}\nall arrivals:{}",
                wrong.join("\n"),
                listed(arrivals)
            )),
        }
    }
}

/// How it ended.
struct Outcome {
    fates: BTreeMap<String, Vec<String>>,
    stop: Option<Arc<Stop>>,
    over: u128,
}

#[test]
fn every_scenario_of_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let scenario: Scenario =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        if let Err(error) = runtime.block_on(scenario.play()) {
            wrong.push(format!("{}: {error}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
