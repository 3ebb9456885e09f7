//! One request until it is answered or given up: where the retry matrix, the limits and the health of
//! the service come together.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::time::Instant;

use super::{Resolver, Stop};
use crate::crossref::{Failure, Permit, Probe, RetryAfter, Route, Tries, Verdict, rest, verdict};
use crate::event::count;
use crate::resolution::Why;

/// After a 429 that does not say how long: limits are counted in windows of a second, which is over
/// then.
const AFTER_TOO_MANY: Duration = Duration::from_millis(1_050);

/// Why a request gave nothing.
#[derive(Debug)]
pub(super) enum Unanswered {
    Why(Why),
    /// Ask for less.
    Split,
    /// Ask in fewer bytes.
    Shorter,
    Stopped,
}

/// What to do before asking again.
enum Next {
    /// This request rests.
    Rest(Duration),
    /// The host does; the limiter knows.
    Paused,
}

impl Resolver {
    /// Asks until there is an answer. All tries, of whatever layer, count in `tries`.
    pub(super) async fn ask<T, F>(
        &self,
        route: Route,
        tries: &mut Tries,
        mut permit: Option<Permit>,
        attempt: impl Fn(Arc<Permit>) -> F,
    ) -> Result<T, Unanswered>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let limiter = &self.client.limiter;
        // Is it the one that asks although the service is down?
        let mut probe = false;
        loop {
            let as_probe = std::mem::take(&mut probe);
            let held = match permit.take() {
                Some(permit) => permit,
                None => tokio::select! {
                    biased;
                    _ = self.stopped() => return Err(Unanswered::Stopped),
                    () = self.limits.reached() => return Err(Unanswered::Why(Why::Limit)),
                    permit = limiter.acquire(route) => permit,
                },
            };
            if !self.limits.take() {
                return Err(Unanswered::Why(Why::Limit));
            }
            // The permit is given back when it is clear whether others may go on.
            let held = Arc::new(held);
            count(self.counter(route));
            let sent = Instant::now();
            let failure = match attempt(Arc::clone(&held)).await {
                Ok(answer) => {
                    let mut health = self.health();
                    health.good();
                    limiter.good(route);
                    limiter.set_slow(health.is_slow());
                    limiter.close(health.is_down());
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            tracing::debug!(%failure, tries = tries.done() + 1, "no answer");
            let next = self.failed(route, tries, &failure, sent, as_probe);
            let down = {
                let health = self.health();
                limiter.set_slow(health.is_slow());
                limiter.close(health.is_down());
                health.is_down()
            };
            drop(held);
            if down {
                // Who has nothing more to ask probes all the same: somebody must.
                let own = next.is_ok().then_some(route);
                permit = self.wait_out(own, &failure).await?;
            }
            probe = permit.is_some();
            let next = next?;
            count(&self.progress.retries);
            if let Next::Rest(wait) = next {
                tokio::select! {
                    biased;
                    _ = self.stopped() => return Err(Unanswered::Stopped),
                    () = self.limits.reached() => return Err(Unanswered::Why(Why::Limit)),
                    () = rest(wait) => {}
                }
            }
        }
    }

    /// Probes until the service is there again. Every third probe is what the caller wants to know
    /// anyhow, should the service have lost the neutral record: then a permit is returned.
    async fn wait_out(
        &self,
        own: Option<Route>,
        failure: &Failure,
    ) -> Result<Option<Permit>, Unanswered> {
        let limiter = &self.client.limiter;
        let _one = tokio::select! {
            biased;
            _ = self.stopped() => return Err(Unanswered::Stopped),
            () = self.limits.reached() => return Err(Unanswered::Why(Why::Limit)),
            one = self.probing.lock() => one,
        };
        let mut failure = failure.clone();
        // One route may be in trouble, and the other well.
        let mut probes = [Some(Route::Single), Some(Route::List), None]
            .into_iter()
            .cycle();
        loop {
            let next = {
                let mut health = self.health();
                let next = health.next_probe();
                limiter.close(next.is_some());
                next
            };
            let wait = match next {
                // Somebody else has seen that it is back.
                None => return Ok(None),
                Some(Probe::After(wait)) => wait,
                Some(Probe::GiveUp { ever, time }) => {
                    self.stop(self.gone(ever, time, &failure));
                    return Err(Unanswered::Stopped);
                }
            };
            self.tell_outage(&failure, wait);
            let probe = match (probes.next().flatten(), own) {
                (None, None) => Some(Route::Single),
                (probe, _) => probe,
            };
            let permit = tokio::select! {
                biased;
                _ = self.stopped() => return Err(Unanswered::Stopped),
                () = self.limits.reached() => return Err(Unanswered::Why(Why::Limit)),
                permit = async {
                    rest(wait).await;
                    limiter.acquire_probe(probe.or(own).unwrap_or(Route::Single)).await
                } => permit,
            };
            let Some(route) = probe else {
                return Ok(Some(permit));
            };
            if !self.limits.take() {
                return Err(Unanswered::Why(Why::Limit));
            }
            count(self.counter(route));
            let sent = Instant::now();
            let answer = tokio::select! {
                biased;
                // Nobody needs its answer.
                _ = self.stopped() => return Err(Unanswered::Stopped),
                answer = self.client.probe(route, &permit) => answer,
            };
            match answer {
                Ok(()) => self.health().good(),
                Err(bad) if verdict(&bad) == Verdict::Stop => return Err(self.refused(&bad)),
                Err(bad) => {
                    tracing::debug!(failure = %bad, "still down");
                    self.health().bad(sent, verdict(&bad) == Verdict::Gone);
                    self.pause(route, &bad);
                    failure = bad;
                }
            }
        }
    }

    /// Nobody asks any more.
    fn refused(&self, failure: &Failure) -> Unanswered {
        let (host, reason) = (self.client.host().to_owned(), failure.to_string());
        self.stop(Stop::Refused { host, reason });
        Unanswered::Stopped
    }

    fn counter(&self, route: Route) -> &AtomicU64 {
        match route {
            Route::List => &self.progress.lists,
            Route::Single => &self.progress.singles,
        }
    }

    /// What a failure means, for this request and for all.
    fn failed(
        &self,
        route: Route,
        tries: &mut Tries,
        failure: &Failure,
        sent: Instant,
        as_probe: bool,
    ) -> Result<Next, Unanswered> {
        let verdict = verdict(failure);
        let (was_down, well) = {
            let mut health = self.health();
            let was_down = health.is_down();
            health.bad(sent, verdict == Verdict::Gone);
            (was_down, !health.is_slow())
        };
        match verdict {
            Verdict::Split => return Err(Unanswered::Split),
            Verdict::Shorter => return Err(Unanswered::Shorter),
            Verdict::TooLarge => return Err(Unanswered::Why(Why::TooLarge)),
            Verdict::Stop => return Err(self.refused(failure)),
            Verdict::Retry
            | Verdict::Pause(_)
            | Verdict::Gone
            | Verdict::Doubt
            | Verdict::Refused => {}
        }
        let overload = matches!(failure, Failure::Status { code: 500.., .. });
        if overload && route == Route::List {
            self.sizes.failed();
        }
        if verdict == Verdict::Refused {
            tracing::debug!("refused: {failure}");
            return Err(Unanswered::Why(Why::Refused));
        }
        let pause = self.pause(route, failure);
        // What was under way when the service went down is not to blame for it.
        if was_down && !as_probe {
            return Ok(Next::Paused);
        }
        // The first one may be chance; a list that stalls again is asked in parts.
        let timed_out = *failure == Failure::Timeout && tries.timed_out();
        // If nothing else fails, it is something in this list.
        let most = match route == Route::List && well {
            true => Tries::MOST_OF_A_LIST,
            false => Tries::MOST,
        };
        let Some(wait) = tries.failed(most, verdict, self.jitter) else {
            tracing::debug!("given up after {} tries: {failure}", tries.done());
            return Err(Unanswered::Why(Why::Unavailable));
        };
        if timed_out && route == Route::List {
            return Err(Unanswered::Split);
        }
        match (verdict, pause) {
            // The probes have waited.
            (Verdict::Gone, _) => {}
            (_, Some(pause)) => {
                let wait = wait.max(pause);
                self.client.limiter.pause(wait);
                self.tell_pause(failure, wait);
            }
            (_, None) => {
                self.tell_pause(failure, wait);
                return Ok(Next::Rest(wait));
            }
        }
        Ok(Next::Paused)
    }

    /// Keeps everybody from asking for as long as the server says, if it is for it to say.
    fn pause(&self, route: Route, failure: &Failure) -> Option<Duration> {
        let Verdict::Pause(asked_for) = verdict(failure) else {
            return None;
        };
        let limiter = &self.client.limiter;
        let too_many = matches!(failure, Failure::Status { code: 429, .. });
        if too_many {
            limiter.too_many(route);
        }
        let pause = match asked_for {
            None if too_many => AFTER_TOO_MANY,
            asked_for => self.obey(asked_for),
        };
        limiter.pause(pause);
        Some(pause)
    }

    /// How long the server wishes us to wait; it is told if that is more than we do.
    fn obey(&self, asked_for: Option<RetryAfter>) -> Duration {
        let Some(asked_for) = asked_for else {
            return Duration::ZERO;
        };
        if asked_for.capped {
            tracing::warn!(
                "{} asks to wait for longer than {}: waiting for so long only",
                self.client.host(),
                humantime::format_duration(RetryAfter::LONGEST)
            );
        }
        asked_for.wait
    }

    fn tell_pause(&self, failure: &Failure, wait: Duration) {
        let why = format!("{}: {failure}", self.client.host());
        self.progress
            .set_pause(why, std::time::Instant::now() + wait);
    }

    fn tell_outage(&self, failure: &Failure, wait: Duration) {
        let patience = self.health().patience().unwrap_or_default();
        let patience = Duration::from_secs(patience.as_secs());
        let patience = humantime::format_duration(patience);
        let host = self.client.host();
        let why = format!("{host} is down, giving up in {patience}: {failure}");
        self.progress
            .set_pause(why, std::time::Instant::now() + wait);
    }

    fn gone(&self, ever: bool, time: Duration, failure: &Failure) -> Stop {
        let (host, reason) = (self.client.host().to_owned(), failure.to_string());
        match ever {
            true => Stop::Outage { host, time, reason },
            false => Stop::NoNetwork { host, reason },
        }
    }
}
