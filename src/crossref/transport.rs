//! How a request gets to the service and an answer back: over the network, or in tests to a service
//! in the same process and in no time. Knows nothing of works.

use std::error::Error as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};
use tower_layer::Layer;
use tower_service::Service;

use super::failure::{Failure, MAX_BODY, Stage};
use super::limit::{Opening, Permit};

/// An answer, unpacked and whole: a body that is cut at its end gives nothing.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Sends one request; no retries, no waiting, no redirects.
pub(crate) trait Transport: Send + Sync {
    /// Asks for `url`. Tells `permit` when the answer's head is there.
    fn get<'a>(&'a self, url: Url, permit: &'a Permit) -> BoxFuture<'a, Result<Reply, Failure>>;
}

/// No answer takes longer, body and all.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The network.
pub(super) struct Http(reqwest::Client);

impl Http {
    /// A client with these headers in each request. Proxies are those of the usual variables.
    ///
    /// # Errors
    /// If TLS or a proxy can't be set up.
    pub(super) fn new(user_agent: &str, headers: HeaderMap) -> Result<Self, String> {
        Self::with_timeout(user_agent, headers, TIMEOUT)
    }

    fn with_timeout(
        user_agent: &str,
        headers: HeaderMap,
        timeout: Duration,
    ) -> Result<Self, String> {
        reqwest::Client::builder()
            .user_agent(user_agent)
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            // There is one place that counts tries, and it is not here.
            .retry(reqwest::retry::never())
            .connector_layer(TellOpening)
            .connect_timeout(Duration::from_secs(5))
            .timeout(timeout)
            .pool_idle_timeout(Duration::from_secs(30))
            .build()
            .map(Self)
            .map_err(|error| chain(&error))
    }

    async fn send(&self, url: Url, permit: &Permit) -> Result<Reply, Failure> {
        let sending = OPENING.scope(permit.opening(), self.0.get(url).send());
        let mut response = sending.await.map_err(|error| unanswered(&error))?;
        permit.arrived(response.headers());
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| cut(&error))? {
            if body.len() + part.len() > MAX_BODY {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(Reply {
            status,
            headers,
            body,
        })
    }
}

impl Transport for Http {
    fn get<'a>(&'a self, url: Url, permit: &'a Permit) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(self.send(url, permit))
    }
}

tokio::task_local! {
    /// Of the request that is being sent.
    static OPENING: Opening;
}

/// Tells a request's permit that a connection is being set up for it.
#[derive(Clone)]
struct TellOpening;

impl<S> Layer<S> for TellOpening {
    type Service = Telling<S>;
    fn layer(&self, inner: S) -> Telling<S> {
        Telling(inner)
    }
}

#[derive(Clone)]
struct Telling<S>(S);

impl<S, R> Service<R> for Telling<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        // Called within the request's own task; if it were not, nothing would be told.
        let _told = OPENING.try_with(Opening::begin);
        Box::pin(self.0.call(request))
    }
}

/// No answer has begun.
fn unanswered(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        let reason = match error.is_timeout() {
            true => "it takes too long".to_owned(),
            false => chain(error),
        };
        return Failure::Connect(stage(error), reason);
    }
    if error.is_timeout() {
        Failure::Timeout
    } else {
        Failure::Reset(chain(error))
    }
}

/// An answer has begun, and does not go on.
fn cut(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Timeout;
    }
    // What unpacks and what receives report alike; what receives has hyper's error within.
    let mut cause = error.source();
    while let Some(source) = cause {
        if source.is::<hyper::Error>() {
            return Failure::Cut(chain(error));
        }
        cause = source.source();
    }
    Failure::Packing(chain(error))
}

/// How far it came. hyper's connector says so in words only.
fn stage(error: &reqwest::Error) -> Stage {
    let mut cause = error.source();
    while let Some(source) = cause {
        let text = source.to_string();
        if text.starts_with("dns error") {
            return Stage::Dns;
        }
        if text.starts_with("tcp ") {
            return Stage::Tcp;
        }
        cause = source.source();
    }
    match error.is_timeout() {
        true => Stage::Tcp,
        false => Stage::Tls,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crossref::ledger::{Ledger, Wall};
    use crate::crossref::limit::{Limiter, Pool, Route};
    use crate::fake::{Fake, Fault, Script};

    fn limiter() -> Limiter {
        let ledger = Ledger::alone(Wall::System);
        Limiter::new(Pool::Polite, 1.0, ledger, Wall::System)
    }

    async fn ask(base: &str, timeout: Duration) -> Result<Reply, Failure> {
        let http = Http::with_timeout("tests", HeaderMap::new(), timeout).unwrap();
        let url = format!("{base}/works/10.5555%2Fa").parse().unwrap();
        http.get(url, &limiter().acquire(Route::Single).await).await
    }

    async fn ask_with(fault: Fault, timeout: Duration) -> Result<Reply, Failure> {
        let works = [("10.5555/a".to_owned(), "{\"DOI\":\"10.5555/a\"}".to_owned())];
        let fake = Fake::start(Script {
            works: works.into(),
            fault: Some(Box::new(move |_| Some(fault.clone()))),
            ..Script::default()
        });
        ask(&fake.url(), timeout).await
    }

    const LONG: Duration = Duration::from_secs(30);

    fn gzip(write: impl Fn(&mut dyn std::io::Write)) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        write(&mut packer);
        packer.finish().unwrap()
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let packed = gzip(|out| out.write_all(b"{\"message\":{}}").unwrap());
        let reply = ask_with(Fault::Packed(packed.clone()), LONG).await.unwrap();
        assert_eq!(reply.body, b"{\"message\":{}}");

        let reset = ask_with(Fault::Reset, LONG).await;
        assert!(matches!(reset, Err(Failure::Reset(_))), "{reset:?}");
        let cut = ask_with(Fault::Cut, LONG).await;
        assert!(matches!(cut, Err(Failure::Cut(_))), "{cut:?}");
        let stall = ask_with(Fault::Stall, Duration::from_millis(200)).await;
        assert_eq!(stall.unwrap_err(), Failure::Timeout);

        let half = packed[..packed.len() - 6].to_vec();
        let mut flipped = packed;
        flipped[12] ^= 0x55;
        for bad in [half, flipped, b"no gzip at all".to_vec()] {
            let bad = ask_with(Fault::Packed(bad), LONG).await;
            assert!(matches!(bad, Err(Failure::Packing(_))), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn a_bomb_is_not_unpacked_to_its_end() {
        let megabyte = vec![b' '; 1 << 20];
        let bomb = gzip(|out| {
            for _ in 0..(MAX_BODY >> 20) + 1 {
                out.write_all(&megabyte).unwrap();
            }
        });
        assert!(bomb.len() < 100_000);
        assert_eq!(
            ask_with(Fault::Packed(bomb), LONG).await.unwrap_err(),
            Failure::TooLarge
        );
    }

    #[tokio::test]
    async fn a_connection_that_does_not_come_about_says_why() {
        let stage = |failure| match failure {
            Err(Failure::Connect(stage, reason)) => (stage, reason),
            other => panic!("{other:?}"),
        };
        let nobody = Fake::start(Script::default()).url();
        assert_eq!(stage(ask(&nobody, LONG).await).0, Stage::Tcp);
        // Reserved: it never has an address.
        let (dns, reason) = stage(ask("https://crossfill.invalid", LONG).await);
        assert_eq!(dns, Stage::Dns, "{reason}");
        let plain = Fake::start(Script::default());
        let url = plain.url().replace("http:", "https:");
        let (tls, reason) = stage(ask(&url, LONG).await);
        assert_eq!(tls, Stage::Tls, "{reason}");
    }

    #[tokio::test]
    async fn a_permit_is_told_of_new_connections_only() {
        let fake = Fake::start(Script::default());
        let http = Http::new("tests", HeaderMap::new()).unwrap();
        let limiter = limiter();
        let mut began = Vec::new();
        for _ in 0..2 {
            let permit = limiter.acquire(Route::Single).await;
            let url = fake.url().parse().unwrap();
            http.get(url, &permit).await.unwrap();
            began.push(permit.opening().has_begun());
        }
        assert_eq!(began, [true, false]);
    }
}
