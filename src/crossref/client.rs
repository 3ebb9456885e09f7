//! One request, one answer. No retries and no waiting here.

use std::collections::HashSet;
use std::error::Error as _;
use std::time::{Duration, SystemTime};

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};
use reqwest::header::{HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::limit::{Limiter, Route};
use super::retry::retry_after;
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

/// No answer is larger, unpacked.
const MAX_BODY: usize = 64 << 20;

/// The longest path and query that is sent: 4,000 bytes with `GET ` and ` HTTP/1.1` around them.
pub(crate) const MAX_TARGET: usize = 4_000 - 13;

/// Where and as whom to ask.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// `https://api.crossref.org`, or a server of one's own.
    pub base_url: String,
    /// The user's address: the polite pool.
    pub mailto: Option<String>,
    /// A Plus token; it appears in no message.
    pub token: Option<Token>,
    /// How much of the allowed rate is used, 0 to 1.
    pub pace: f64,
}

/// A secret: it has no way into a message.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes a token as it was read, blanks around it aside.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why there can't be a client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// An address that can't be asked.
    #[error("`base_url` = `{url}`: {reason}")]
    BaseUrl {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A token that no header can hold.
    #[error("the Plus token holds characters that no header can")]
    Token,
    /// TLS or proxy settings.
    #[error("cannot set up the HTTP client: {0}")]
    Setup(String),
}

/// An attempt that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody there: DNS, TCP or TLS.
    Connect(String),
    /// Took too long.
    Timeout,
    /// The connection broke: reset, or a body that was cut.
    Broken(String),
    /// A body that is not what was asked for.
    Body(String),
    /// A body over the cap.
    TooLarge,
    /// A status that is no answer, with the start of what the server said.
    Status {
        code: u16,
        retry_after: Option<Duration>,
        said: String,
    },
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connect(reason) => write!(f, "no connection: {reason}"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Broken(reason) => write!(f, "the connection broke: {reason}"),
            Self::Body(reason) => write!(f, "an unreadable answer: {reason}"),
            Self::TooLarge => write!(f, "an answer over {} MiB", MAX_BODY >> 20),
            Self::Status { code, said, .. } if said.is_empty() => write!(f, "HTTP {code}"),
            Self::Status { code, said, .. } => write!(f, "HTTP {code}: {said}"),
        }
    }
}

/// The answer to a single request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Single {
    Found(Answer),
    NotFound,
    /// The DOI is an alias of this one.
    Moved(Doi),
}

/// Asks Crossref.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    mailto: Option<String>,
    pub(crate) limiter: Limiter,
}

impl Client {
    /// A client; it sends nothing yet.
    ///
    /// # Errors
    /// If the address is none, or not HTTPS (unless it is this machine).
    pub fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let bad = |reason: &str| ClientError::BaseUrl {
            url: options.base_url.clone(),
            reason: reason.to_owned(),
        };
        let base = options.base_url.trim_end_matches('/');
        let base: Url = base.parse().map_err(|error| bad(&format!("{error}")))?;
        let local = match base.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(bad("it has no host")),
        };
        match base.scheme() {
            "https" => {}
            "http" if local => {}
            _ => return Err(bad("only https:// is used for another machine")),
        }
        let mut headers = HeaderMap::new();
        if let Some(Token(token)) = &options.token {
            let value = HeaderValue::try_from(format!("Bearer {token}"));
            let mut value = value.map_err(|_| ClientError::Token)?;
            value.set_sensitive(true);
            headers.insert("Crossref-Plus-API-Token", value);
        }
        let http = reqwest::Client::builder()
            .user_agent(user_agent(options.mailto.as_deref()))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(60))
            .pool_idle_timeout(Duration::from_secs(30))
            .build()
            .map_err(|error| ClientError::Setup(chain(&error)))?;
        Ok(Self {
            http,
            base,
            mailto: options.mailto.clone(),
            limiter: Limiter::new(
                options.mailto.is_some() || options.token.is_some(),
                options.pace.clamp(0.01, 1.0),
            ),
        })
    }

    /// The server's name, for messages.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or("?")
    }

    /// Bytes that a list request has besides its DOIs.
    pub(crate) fn list_overhead(&self) -> usize {
        self.list_target(&[]).len() + 4
    }

    /// Bytes that `doi` adds to a list request.
    pub(crate) fn list_cost(doi: &Doi) -> usize {
        utf8_percent_encode(doi.as_str(), QUERY)
            .map(str::len)
            .sum::<usize>()
            + 5
    }

    fn list_target(&self, dois: &[Doi]) -> String {
        let mut target = format!("{}/works?filter=", self.base.path().trim_end_matches('/'));
        for (at, doi) in dois.iter().enumerate() {
            target.push_str(if at > 0 { ",doi:" } else { "doi:" });
            target.extend(utf8_percent_encode(doi.as_str(), QUERY));
        }
        target.push_str(&format!("&rows={}&select={SELECT}", dois.len().max(20)));
        self.sign(target, '&')
    }

    fn single_target(&self, doi: &Doi, tail: &str) -> String {
        let path = self.base.path().trim_end_matches('/');
        let segment = utf8_percent_encode(doi.as_str(), SEGMENT);
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

    /// Works of `dois`, of those that Crossref knows by these names.
    pub(crate) async fn list(&self, dois: &[Doi]) -> Result<Vec<Answer>, Failure> {
        let (status, headers, body) = self.get(Route::List, &self.list_target(dois)).await?;
        if status != StatusCode::OK {
            return Err(failed(status, &headers, &body));
        }
        let asked: HashSet<&Doi> = dois.iter().collect();
        let message: List<'_> = message(&body)?;
        let mut answers = Vec::with_capacity(message.items.len());
        for item in message.items {
            let Some(answer @ Answer::Work { .. }) = answer_of(item.get(), false) else {
                tracing::warn!("a work without a DOI in a list answer was dropped");
                continue;
            };
            let Answer::Work { doi, .. } = &answer else {
                continue;
            };
            if asked.contains(doi) {
                answers.push(answer);
                continue;
            }
            let alias = Work::parse(item.get())
                .ok()
                .and_then(|work| dois.iter().find(|doi| work.answers(doi)).cloned());
            match alias {
                Some(alias) => {
                    let prime = doi.clone();
                    answers.push(answer);
                    answers.push(Answer::Alias { doi: alias, prime });
                }
                None => tracing::warn!("the work {doi:?} that was not asked for was dropped"),
            }
        }
        Ok(answers)
    }

    /// The work of one DOI. `alias`: it is the target of a redirect, and may answer under any name.
    pub(crate) async fn single(&self, doi: &Doi) -> Result<Single, Failure> {
        let (status, headers, body) = self
            .get(Route::Single, &self.single_target(doi, ""))
            .await?;
        match status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(Single::NotFound),
            status if status.is_redirection() => {
                return self
                    .moved(&headers)
                    .map(Single::Moved)
                    .ok_or_else(|| failed(status, &headers, &body));
            }
            status => return Err(failed(status, &headers, &body)),
        }
        let raw: &RawValue = message(&body)?;
        let answers = Work::parse(raw.get()).is_ok_and(|work| work.answers(doi));
        match answer_of(raw.get(), true) {
            Some(answer) if answers => Ok(Single::Found(answer)),
            _ => Err(Failure::Body(
                "another work than the one that was asked for".into(),
            )),
        }
    }

    /// The agency that registered `doi`, if any is known.
    pub(crate) async fn agency(&self, doi: &Doi) -> Result<Option<Agency>, Failure> {
        let target = self.single_target(doi, "/agency");
        let (status, headers, body) = self.get(Route::Single, &target).await?;
        match status {
            StatusCode::OK => Ok(Some(message::<AgencyMessage>(&body)?.agency)),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(failed(status, &headers, &body)),
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
        Doi::parse(&percent_decode_str(name).decode_utf8().ok()?).ok()
    }

    async fn get(
        &self,
        route: Route,
        target: &str,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Failure> {
        let url = self
            .base
            .join(target)
            .map_err(|error| Failure::Body(error.to_string()))?;
        tracing::debug!(%url, "asking");
        let mut response = self
            .http
            .get(url)
            .send()
            .await
            .map_err(|error| broken(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        self.limiter.learn(route, &headers);
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| broken(&error))? {
            if body.len() + part.len() > MAX_BODY {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok((status, headers, body))
    }
}

/// `crossfill/VERSION (URL; mailto:…)`, as Crossref's etiquette asks for.
fn user_agent(mailto: Option<&str>) -> String {
    let product = concat!("crossfill/", env!("CARGO_PKG_VERSION"));
    let url = "https://crates.io/crates/crossfill";
    match mailto {
        Some(mailto) => format!("{product} ({url}; mailto:{mailto})"),
        None => format!("{product} ({url})"),
    }
}

fn failed(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    let wait = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let said = String::from_utf8_lossy(body);
    // Somebody else's text: one line, and not much of it.
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    Failure::Status {
        code: status.as_u16(),
        retry_after: wait.and_then(|value| retry_after(value, SystemTime::now())),
        said: said.chars().filter(|c| !c.is_control()).take(200).collect(),
    }
}

fn broken(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return if error.is_connect() {
            Failure::Connect("it takes too long".into())
        } else {
            Failure::Timeout
        };
    }
    if error.is_connect() {
        Failure::Connect(chain(error))
    } else if error.is_decode() {
        Failure::Body(chain(error))
    } else {
        Failure::Broken(chain(error))
    }
}

/// The innermost cause says what happened; the outer ones repeat the URL.
fn chain(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match error.source() {
        Some(_) => cause.to_string(),
        None => "the request failed".to_owned(),
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    message: &'a RawValue,
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct AgencyMessage {
    agency: Agency,
}

/// A registration agency.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Agency {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) label: Option<String>,
}

fn message<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    let unreadable = |error: serde_json::Error| {
        Failure::Body(match body.trim_ascii() {
            [] => "it is empty".into(),
            [b'<', ..] => "a page of HTML".into(),
            _ => error.to_string(),
        })
    };
    let envelope: Envelope<'a> = serde_json::from_slice(body).map_err(unreadable)?;
    serde_json::from_str(envelope.message.get()).map_err(unreadable)
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
        let target = client.list_target(&[sici.clone(), odd.clone()]);
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
            client.single_target(&doi("10.5555/../a b".replace(' ', "/").as_str()), "/agency"),
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
    }

    #[test]
    fn only_https_for_other_machines() {
        let client = |url: &str| {
            Client::new(&ClientOptions {
                base_url: url.into(),
                mailto: None,
                token: Some(Token::new("secret")),
                pace: 1.0,
            })
        };
        assert!(client("http://127.0.0.1:80").is_ok());
        assert!(client("http://localhost:80/api").is_ok());
        assert!(client("http://api.crossref.org").is_err());
        assert!(client("ftp://localhost").is_err());
        assert!(client("nonsense").is_err());
        assert!(!format!("{:?}", Token::new("secret")).contains("secret"));
    }

    #[test]
    fn unreadable_answers_are_told_apart() {
        let read = |body: &str| message::<List<'_>>(body.as_bytes()).map(|list| list.items.len());
        assert_eq!(
            read(r#"{"status":"ok","message":{"items":[{},{}],"total-results":2}}"#),
            Ok(2)
        );
        for (body, word) in [
            ("", "empty"),
            (" <html>", "HTML"),
            ("{\"message\":[]", "EOF"),
        ] {
            assert!(read(body).unwrap_err().to_string().contains(word), "{body}");
        }
    }
}
