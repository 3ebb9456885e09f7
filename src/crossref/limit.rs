//! When may the next request go out?
//!
//! Crossref counts list requests and single ones apart, per address, and allows a number at once.
//! [`Limiter::acquire`] is the whole policy, in order: permit, host pause, token. A permit is given
//! back while there is no token, so that one route's wait never holds up the other.
//!
//! Rates and their documented values: CROSSREF REST API, "Refining REST API limits" (2026-07-21):
//! public 1 list and 5 single requests a second, one at once; polite 3, 10 and three. What an
//! answer's headers say replaces them at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use reqwest::header::HeaderMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until};

/// No pool of Crossref's allows more (Plus: 150).
const MOST_PER_SECOND: f64 = 150.0;

/// The kinds of request that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/works?…`
    List,
    /// `/works/{doi}` and below.
    Single,
}

/// The right to have a request open.
pub(crate) struct Permit {
    permit: Option<OwnedSemaphorePermit>,
    concurrency: Arc<Mutex<Concurrency>>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut concurrency = lock(&self.concurrency);
        // One too many since the limit was lowered: it does not come back.
        if concurrency.excess > 0
            && let Some(permit) = self.permit.take()
        {
            concurrency.excess -= 1;
            permit.forget();
        }
    }
}

/// How many may be open, and how many more are than may since that was lowered.
struct Concurrency {
    limit: usize,
    excess: usize,
}

/// governor reads the real clock by itself; this one follows tokio's, which tests can stop.
#[derive(Clone)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Nanos;
    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

struct Budget {
    per_second: f64,
    limiter: Arc<RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Nanos>>>,
}

impl Budget {
    /// Evenly spaced, and spent at first: nobody knows what was asked just before.
    fn new(clock: &TokioClock, per_second: f64, pace: f64) -> Self {
        let period = Duration::from_secs_f64(1.0 / (per_second * pace));
        let quota =
            Quota::with_period(period).unwrap_or(Quota::per_second(std::num::NonZeroU32::MIN));
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        let _spent = limiter.check();
        Self {
            per_second,
            limiter: Arc::new(limiter),
        }
    }
}

/// The limits of one host, shared by all requests to it.
pub(crate) struct Limiter {
    clock: TokioClock,
    pace: f64,
    list: Mutex<Budget>,
    single: Mutex<Budget>,
    permits: Arc<Semaphore>,
    concurrency: Arc<Mutex<Concurrency>>,
    paused_until: Mutex<Option<Instant>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing here can be left half done by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Limiter {
    /// The documented limits of the polite or the public pool, used up to `pace` (0 to 1) of them.
    pub(crate) fn new(polite: bool, pace: f64) -> Self {
        let clock = TokioClock(Instant::now());
        let (list, single, concurrency) = if polite {
            (3.0, 10.0, 3)
        } else {
            (1.0, 5.0, 1)
        };
        Self {
            list: Mutex::new(Budget::new(&clock, list, pace)),
            single: Mutex::new(Budget::new(&clock, single, pace)),
            permits: Arc::new(Semaphore::new(concurrency)),
            concurrency: Arc::new(Mutex::new(Concurrency {
                limit: concurrency,
                excess: 0,
            })),
            paused_until: Mutex::new(None),
            clock,
            pace,
        }
    }

    /// Waits until one more request of this route may be sent; it must be sent at once.
    pub(crate) async fn acquire(&self, route: Route) -> Permit {
        loop {
            let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
            let wait = match self.paused() {
                Some(until) => until,
                None => {
                    let limiter = Arc::clone(&lock(self.budget(route)).limiter);
                    match limiter.check() {
                        Ok(()) => {
                            return Permit {
                                permit,
                                concurrency: Arc::clone(&self.concurrency),
                            };
                        }
                        Err(not_until) => {
                            Instant::now() + not_until.wait_time_from(self.clock.now())
                        }
                    }
                }
            };
            drop(permit);
            sleep_until(wait).await;
        }
    }

    /// Requests a second that are allowed on a route.
    pub(crate) fn allowed(&self, route: Route) -> f64 {
        lock(self.budget(route)).per_second
    }

    fn budget(&self, route: Route) -> &Mutex<Budget> {
        match route {
            Route::List => &self.list,
            Route::Single => &self.single,
        }
    }

    fn paused(&self) -> Option<Instant> {
        let mut until = lock(&self.paused_until);
        if until.is_some_and(|until| until <= Instant::now()) {
            *until = None;
        }
        *until
    }

    /// No request to this host before `wait` has passed; a longer pause stays.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut paused = lock(&self.paused_until);
        *paused = (*paused).max(Some(until));
    }

    /// Takes over what the headers of an answer allow.
    pub(crate) fn learn(&self, route: Route, headers: &HeaderMap) {
        let number = |names: [&str; 2]| {
            let value = names.iter().find_map(|name| headers.get(*name))?;
            let text = value.to_str().ok()?.trim().trim_end_matches('s');
            text.parse::<f64>().ok().filter(|number| *number > 0.0)
        };
        let interval = number(["x-rate-limit-interval", "x-ratelimit-interval"]).unwrap_or(1.0);
        if let Some(limit) = number(["x-rate-limit-limit", "x-ratelimit-limit"]) {
            // An absurd value must neither stop us for ever nor let us loose.
            let per_second = (limit / interval).clamp(0.01, MOST_PER_SECOND);
            let mut budget = lock(self.budget(route));
            if (budget.per_second - per_second).abs() > f64::EPSILON {
                *budget = Budget::new(&self.clock, per_second, self.pace);
            }
        }
        if let Some(limit) = number(["x-concurrency-limit", "x-concurrency-limit"]) {
            self.set_concurrency(limit.clamp(1.0, 64.0) as usize);
        }
    }

    fn set_concurrency(&self, limit: usize) {
        let mut now = lock(&self.concurrency);
        if limit > now.limit {
            // What is still to be taken back need not be, up to what is given.
            let given = limit - now.limit;
            let kept = given.min(now.excess);
            now.excess -= kept;
            self.permits.add_permits(given - kept);
        } else {
            // Free permits go at once, those in use when they come back.
            let less = now.limit - limit;
            now.excess += less - self.permits.forget_permits(less);
        }
        now.limit = limit;
    }
}

/// Waits for `time`; apart from the limiter so that back-off reads like one.
pub(crate) async fn rest(time: Duration) {
    sleep(time).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn arrivals(limiter: &Limiter, route: Route, count: usize) -> Vec<u128> {
        let start = Instant::now();
        let mut at = Vec::new();
        for _ in 0..count {
            drop(limiter.acquire(route).await);
            at.push(start.elapsed().as_millis());
        }
        at
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_spaced_from_the_first_on() {
        let limiter = Limiter::new(true, 1.0);
        assert_eq!(
            arrivals(&limiter, Route::Single, 4).await,
            [100, 200, 300, 400]
        );
        let limiter = Limiter::new(false, 1.0);
        assert_eq!(arrivals(&limiter, Route::List, 3).await, [1000, 2000, 3000]);
    }

    #[tokio::test(start_paused = true)]
    async fn headers_replace_the_documented_limits_per_route() {
        let limiter = Limiter::new(true, 1.0);
        let lower = [("x-rate-limit-limit", "2"), ("x-rate-limit-interval", "4s")];
        limiter.learn(Route::List, &headers(&lower));
        assert_eq!(arrivals(&limiter, Route::List, 2).await, [2000, 4000]);
        assert_eq!(arrivals(&limiter, Route::Single, 1).await, [0]);
        limiter.learn(Route::List, &HeaderMap::new());
        assert!((limiter.allowed(Route::List) - 0.5).abs() < 1e-9);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_belongs_to_the_host_and_is_never_cut_short() {
        let limiter = Limiter::new(true, 1.0);
        limiter.pause(Duration::from_secs(5));
        limiter.pause(Duration::from_secs(1));
        let both = tokio::join!(
            arrivals(&limiter, Route::List, 1),
            arrivals(&limiter, Route::Single, 1)
        );
        assert_eq!(both, (vec![5000], vec![5000]));
    }

    #[tokio::test(start_paused = true)]
    async fn concurrency_follows_the_header_down_and_up() {
        let limiter = Limiter::new(true, 1.0);
        limiter.learn(Route::List, &headers(&[("x-concurrency-limit", "1")]));
        let held = limiter.acquire(Route::Single).await;
        let second = tokio::time::timeout(Duration::from_secs(9), limiter.acquire(Route::Single));
        assert!(second.await.is_err());
        limiter.learn(Route::List, &headers(&[("x-concurrency-limit", "2")]));
        drop(limiter.acquire(Route::Single).await);
        drop(held);
    }

    #[tokio::test(start_paused = true)]
    async fn concurrency_is_lowered_even_while_others_queue() {
        let limiter = Arc::new(Limiter::new(true, 1.0));
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(limiter.acquire(Route::Single).await);
        }
        let waiting = tokio::spawn({
            let limiter = Arc::clone(&limiter);
            async move { limiter.acquire(Route::Single).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        limiter.learn(Route::Single, &headers(&[("x-concurrency-limit", "1")]));
        held.truncate(1);
        tokio::time::sleep(Duration::from_secs(9)).await;
        assert!(!waiting.is_finished(), "one is open, and one may be");
        held.clear();
        drop(waiting.await);
    }
}
