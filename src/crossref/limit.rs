//! When may the next request go out?
//!
//! Crossref counts list requests and single ones apart, per address, and allows a number at once.
//! [`Limiter::acquire`] is the whole policy: host pause, permit and token are looked at together, and
//! all are there or nothing is taken, so that one route's wait never holds up the other.
//!
//! Rates and their documented values: Crossref, "Refining REST API limits" (2026-07-21): public 1
//! list and 5 single requests a second, one at once; polite 3, 10 and three. What an answer's headers
//! say replaces them at once.
//!
//! What counts is when requests arrive. One that has to set its connection up first (DNS, TCP, TLS)
//! arrives late, and the next one would be close behind: so its route waits for its answer, and is
//! spaced from there.

mod permit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::ledger::{Ledger, Pacer, Take, Wall};
pub(crate) use permit::{Opening, Permit};

/// No pool of Crossref's allows more (Plus: 150).
const MOST_PER_SECOND: f64 = 150.0;

/// Nor is less believed than one an hour, or a run would never end.
const LEAST_PER_SECOND: f64 = 1.0 / 3600.0;

/// Open requests, where the service sets no limit.
const MOST_OPEN: usize = 64;

/// So many good answers after a 429, and a route may go twice as fast again, up to what is granted.
const GOOD_AGAIN: u32 = 10;

/// However many 429s there are, a route is not slower than this part of what is granted: the waits
/// between tries grow, too.
const LEAST_PART: f64 = 0.25;

/// A single request is not held back longer than this for the sake of lists.
const LONGEST_REGARD: Duration = Duration::from_secs(2);

/// Another process has the book for microseconds; after so many milliseconds it is stuck.
const LONGEST_MOMENT: u32 = 5_000;

/// Other processes wait for so long for a connection that is being set up.
const SETUP: Duration = Duration::from_secs(2);

/// No request is open for longer (it has 60 s): who waits that long for those of other processes waits
/// for something that is stuck.
const LONGEST_OPEN: Duration = Duration::from_secs(90);

/// So long it is no news that other processes ask, too.
const USUAL_OPEN: Duration = Duration::from_secs(5);

/// A list that is due goes out within this time.
const LET_THROUGH: Duration = Duration::from_millis(5);

/// The kinds of request that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/works?…`
    List,
    /// `/works/{doi}` and below.
    Single,
}

impl Route {
    pub(super) const ALL: [Self; 2] = [Self::List, Self::Single];

    pub(super) const fn index(self) -> usize {
        match self {
            Self::List => 0,
            Self::Single => 1,
        }
    }
}

/// What pool is asked, before an answer says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pool {
    Public,
    /// Plus, too, until a header grants more.
    Polite,
}

/// What a pool allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Allowed {
    /// List requests a second.
    pub(crate) lists: f64,
    /// Single requests a second.
    pub(crate) singles: f64,
    /// Requests that may be open at once.
    pub(crate) open: usize,
}

/// What Plus allows, by its documentation.
pub(crate) const PLUS: Allowed = Allowed {
    lists: MOST_PER_SECOND,
    singles: MOST_PER_SECOND,
    open: MOST_OPEN,
};

impl Pool {
    /// What the pool allows, by its documentation.
    pub(crate) const fn allowed(self) -> Allowed {
        let (lists, singles, open) = match self {
            Self::Polite => (3.0, 10.0, 3),
            Self::Public => (1.0, 5.0, 1),
        };
        Allowed {
            lists,
            singles,
            open,
        }
    }
}

/// What is known of one route.
struct Lane {
    /// As documented, or as a header said last.
    granted: f64,
    /// As it is asked: less after a 429.
    per_second: f64,
    /// Good answers since.
    good: u32,
    pacer: Pacer,
    /// Not before this instant, whatever the pacer says.
    not_before: Instant,
    open: usize,
    /// Requests that had to set a connection up and have no answer yet.
    opening: usize,
    /// Of the last request, if it had to set up a connection: when it arrived at the latest.
    opened: Option<Opened>,
    /// How long a request is open, usually.
    usual: Duration,
    /// Somebody waits for a turn.
    wanted: bool,
}

/// A request over a new connection.
#[derive(Debug, Clone, Copy)]
struct Opened {
    sent: Instant,
    /// Its answer began, or it was given up.
    ended: Instant,
    answered: bool,
}

struct State {
    lanes: [Lane; 2],
    /// Requests that may be open.
    concurrency: usize,
    paused_until: Option<Instant>,
    /// The quickest answer over a connection that stood already.
    quickest: Option<Duration>,
    /// Half pace, one at a time.
    slow: bool,
    /// One at a time, until it is known what is allowed.
    alone: bool,
    /// Nobody but a probe.
    closed: bool,
}

impl State {
    fn open(&self) -> usize {
        self.lanes.iter().map(|lane| lane.open).sum()
    }

    fn limit(&self) -> usize {
        if self.slow || self.alone {
            1
        } else {
            self.concurrency
        }
    }
}

struct Shared {
    wall: Wall,
    pace: f64,
    ledger: Ledger,
    /// Whoever waits for a route waits here first, in order.
    queues: [tokio::sync::Mutex<()>; 2],
    state: Mutex<State>,
    changed: Notify,
}

/// The limits of one host, shared by all requests to it.
#[derive(Clone)]
pub(crate) struct Limiter(Arc<Shared>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing here can be left half done by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why nothing may be sent yet.
enum Wait {
    Until(Instant),
    /// The same, for other processes' requests to end.
    Full(Instant),
    /// Something must change first.
    Change,
    /// Another process has the book for a moment.
    Moment,
}

impl Limiter {
    /// The documented limits of `pool`, used up to `pace` (0 to 1) of them.
    pub(super) fn new(pool: Pool, pace: f64, ledger: Ledger, wall: Wall) -> Self {
        let Allowed {
            lists,
            singles,
            open,
        } = pool.allowed();
        let spent = !ledger.is_shared();
        let lane = |route, per_second: f64| Lane {
            granted: per_second,
            per_second,
            good: 0,
            pacer: ledger.pacer(route, period(per_second, pace, false)),
            not_before: match spent {
                true => Instant::now() + period(per_second, pace, false),
                false => Instant::now(),
            },
            open: 0,
            opening: 0,
            opened: None,
            usual: Duration::ZERO,
            wanted: false,
        };
        let state = State {
            lanes: [lane(Route::List, lists), lane(Route::Single, singles)],
            concurrency: open,
            paused_until: None,
            quickest: None,
            slow: false,
            alone: false,
            closed: false,
        };
        Self(Arc::new(Shared {
            wall,
            pace,
            ledger,
            queues: Default::default(),
            state: Mutex::new(state),
            changed: Notify::new(),
        }))
    }

    /// Waits until one more request of this route may be sent; it must be sent at once.
    pub(crate) async fn acquire(&self, route: Route) -> Permit {
        let shared = &self.0;
        let _turn = shared.queues[route.index()].lock().await;
        let _wanted = Wanted::new(shared, route);
        shared.acquire_in_turn(route, false).await
    }

    /// The same for a probe, which may go while the service is down. It passes by the queue: whoever is
    /// first there may not go, and does not leave it.
    pub(crate) async fn acquire_probe(&self, route: Route) -> Permit {
        self.0.acquire_in_turn(route, true).await
    }

    /// Requests a second that are allowed on a route now.
    pub(crate) fn allowed(&self, route: Route) -> f64 {
        let state = lock(&self.0.state);
        let rate = state.lanes[route.index()].per_second;
        if state.slow { rate / 2.0 } else { rate }
    }

    /// No request to this host before `wait` has passed, of whatever process; a longer pause stays.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        {
            let mut state = lock(&self.0.state);
            state.paused_until = state.paused_until.max(Some(until));
        }
        self.0.ledger.pause(self.0.wall.now() + nanos(wait));
    }

    /// There were too many requests for the service's taste: half the rate on this route for a while,
    /// and one at a time until there is an answer.
    pub(crate) fn too_many(&self, route: Route) {
        self.0.with_state(|state, shared| {
            let lane = &mut state.lanes[route.index()];
            lane.good = 0;
            let half = (lane.per_second / 2.0).max(lane.granted * LEAST_PART);
            shared.set_rate(lane, route, half, state.slow);
            state.alone = true;
        });
    }

    /// A usable answer.
    pub(crate) fn good(&self, route: Route) {
        self.0.with_state(|state, shared| {
            state.alone = false;
            let lane = &mut state.lanes[route.index()];
            lane.good += 1;
            if lane.good >= GOOD_AGAIN && lane.per_second < lane.granted {
                lane.good = 0;
                let more = (lane.per_second * 2.0).min(lane.granted);
                shared.set_rate(lane, route, more, state.slow);
            }
        });
    }

    /// Half pace, one at a time; or full pace again.
    pub(crate) fn set_slow(&self, slow: bool) {
        self.0.with_state(|state, shared| {
            if state.slow != slow {
                state.slow = slow;
                for route in Route::ALL {
                    let lane = &mut state.lanes[route.index()];
                    let rate = lane.per_second;
                    shared.set_rate(lane, route, rate, slow);
                }
            }
        });
    }

    /// Nobody but a probe; or everybody again.
    pub(crate) fn close(&self, closed: bool) {
        self.0.with_state(|state, _| state.closed = closed);
    }
}

impl Shared {
    fn with_state(&self, f: impl FnOnce(&mut State, &Self)) {
        f(&mut lock(&self.state), self);
        self.changed.notify_waiters();
    }

    async fn acquire_in_turn(self: &Arc<Self>, route: Route, probe: bool) -> Permit {
        let mut moments = 0;
        let (mut full_since, mut told) = (None, false);
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match self.try_acquire(route, probe) {
                Ok(permit) => return permit,
                Err(Wait::Until(at)) => drop(timeout_at(at, changed).await),
                Err(Wait::Full(at)) => {
                    let waited = full_since.get_or_insert_with(Instant::now).elapsed();
                    if waited > USUAL_OPEN && !told {
                        told = true;
                        tracing::warn!("waiting for open requests of another run to end");
                    }
                    if waited > LONGEST_OPEN {
                        self.ledger
                            .give_up("open requests of another run do not end");
                    }
                    drop(timeout_at(at, changed).await);
                }
                Err(Wait::Change) => changed.await,
                Err(Wait::Moment) => {
                    moments += 1;
                    if moments > LONGEST_MOMENT {
                        self.ledger.give_up("another process does not let go of it");
                    }
                    sleep(Duration::from_millis(1)).await;
                }
            }
        }
    }

    fn try_acquire(self: &Arc<Self>, route: Route, probe: bool) -> Result<Permit, Wait> {
        let mut state = lock(&self.state);
        if state.closed && !probe {
            return Err(Wait::Change);
        }
        let now = Instant::now();
        match state.paused_until {
            Some(until) if until > now => return Err(Wait::Until(until)),
            _ => state.paused_until = None,
        }
        let limit = state.limit();
        let open = state.open();
        if open >= limit || state.lanes[route.index()].opening > 0 {
            return Err(Wait::Change);
        }
        let wall = self.wall.now();
        let instant = |at: u64| now + Duration::from_nanos(at.saturating_sub(wall));
        if route == Route::Single && open + 1 >= limit && !probe {
            // A list is worth a hundred of these: the last permit is not taken from under it.
            let lists = &state.lanes[Route::List.index()];
            let free_at = instant(self.ledger.free_at(Route::List));
            let due = free_at.max(self.not_before(&state, Route::List));
            let usual = state.lanes[route.index()].usual.min(LONGEST_REGARD);
            if lists.wanted && lists.opening == 0 && due < now + usual {
                return Err(Wait::Until(due.max(now) + LET_THROUGH));
            }
        }
        let not_before = self.not_before(&state, route);
        if not_before > now {
            return Err(Wait::Until(not_before));
        }
        // One at a time, if so, is a matter of this process.
        let together = state.concurrency;
        let lane = &mut state.lanes[route.index()];
        let longest = period(lane.per_second, self.pace, true) * 10 + Duration::from_secs(5);
        match self.ledger.take(route, &lane.pacer, together, longest) {
            None => Err(Wait::Moment),
            Some(Take::NotBefore(at)) => Err(Wait::Until(instant(at))),
            Some(Take::Full(at)) => Err(Wait::Full(instant(at))),
            Some(Take::Now(slot)) => {
                lane.open += 1;
                lane.opened = None;
                Ok(Permit::new(Arc::clone(self), route, slot))
            }
        }
    }

    /// From when on this process may send on `route`, apart from what the book says.
    fn not_before(&self, state: &State, route: Route) -> Instant {
        let lane = &state.lanes[route.index()];
        let Some(opened) = lane.opened else {
            return lane.not_before;
        };
        // It arrived before its answer began, by as much as the quickest takes at least.
        let before = state.quickest.filter(|_| opened.answered);
        let arrived = opened.ended.checked_sub(before.unwrap_or_default());
        let arrived = arrived.map_or(opened.sent, |arrived| arrived.max(opened.sent));
        let period = period(lane.per_second, self.pace, state.slow);
        lane.not_before.max(arrived + period)
    }

    /// A request has arrived, or never will.
    fn settle(&self, route: Route, over_new: bool, sent: Instant, took: Option<Duration>) {
        let mut state = lock(&self.state);
        if over_new {
            let lane = &mut state.lanes[route.index()];
            lane.opening -= 1;
            lane.opened = Some(Opened {
                sent,
                ended: Instant::now(),
                answered: took.is_some(),
            });
            self.free_from_opened(&state, route);
            self.changed.notify_waiters();
        } else if let Some(took) = took
            && state.quickest.is_none_or(|quickest| took < quickest)
        {
            state.quickest = Some(took);
            for route in Route::ALL {
                self.free_from_opened(&state, route);
            }
        }
    }

    /// Other processes space from the request that set its connection up last, too.
    fn free_from_opened(&self, state: &State, route: Route) {
        let lane = &state.lanes[route.index()];
        if lane.opened.is_some() && lane.opening == 0 {
            let next = self.not_before(state, route);
            let wait = next.saturating_duration_since(Instant::now());
            self.ledger.free_from(route, self.wall.now() + nanos(wait));
        }
    }

    /// Takes over what the headers of an answer allow.
    fn learn(&self, route: Route, headers: &HeaderMap) {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
        let number = |names: [&str; 2]| {
            let value = names.iter().find_map(|name| text(name))?;
            let number = value.parse::<f64>().ok()?;
            Some(number).filter(|number| number.is_finite() && *number > 0.0)
        };
        // `1s`; or `1h`, or just a number.
        let interval = ["x-rate-limit-interval", "x-ratelimit-interval"]
            .iter()
            .find_map(|name| text(name))
            .and_then(|value| match value.parse::<f64>() {
                Ok(seconds) => Some(seconds),
                Err(_) => Some(humantime::parse_duration(value).ok()?.as_secs_f64()),
            })
            .filter(|seconds| seconds.is_finite() && *seconds > 0.0)
            .unwrap_or(1.0);
        let limit = number(["x-rate-limit-limit", "x-ratelimit-limit"]);
        let concurrency = number(["x-concurrency-limit", "x-concurrency"]);
        let plus = text("x-api-pool").is_some_and(|pool| pool.eq_ignore_ascii_case("plus"));
        self.with_state(|state, shared| {
            if let Some(limit) = limit {
                // An absurd value must neither stop us for ever nor let us loose.
                let rate = (limit / interval).clamp(LEAST_PER_SECOND, MOST_PER_SECOND);
                let lane = &mut state.lanes[route.index()];
                // After a 429 the grant is not believed at once, unless it is for less.
                let halved = lane.per_second < lane.granted;
                lane.granted = rate;
                let change = (lane.per_second - rate).abs() > f64::EPSILON;
                if change && (!halved || rate < lane.per_second) {
                    shared.set_rate(lane, route, rate, state.slow);
                }
            }
            match concurrency {
                Some(limit) => state.concurrency = limit.clamp(1.0, MOST_OPEN as f64) as usize,
                // Plus has no such limit.
                None if plus => state.concurrency = MOST_OPEN,
                None => {}
            }
        });
    }

    /// A new rate is counted from now on: what went out before does not matter then.
    fn set_rate(&self, lane: &mut Lane, route: Route, per_second: f64, slow: bool) {
        let period = period(per_second, self.pace, slow);
        let more = per_second > lane.per_second;
        lane.per_second = per_second;
        lane.pacer = self.ledger.pacer(route, period);
        lane.not_before = Instant::now() + period;
        if more {
            self.ledger.free_by(route, self.wall.now() + nanos(period));
        }
    }
}

/// Tells that a route is waited for, as long as it lives.
struct Wanted<'a>(&'a Shared, Route);

impl<'a> Wanted<'a> {
    fn new(shared: &'a Shared, route: Route) -> Self {
        lock(&shared.state).lanes[route.index()].wanted = true;
        Self(shared, route)
    }
}

impl Drop for Wanted<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).lanes[self.1.index()].wanted = false;
        // A single request may have been held back for this.
        self.0.changed.notify_waiters();
    }
}

fn period(per_second: f64, pace: f64, slow: bool) -> Duration {
    let factor = if slow { 2.0 } else { 1.0 };
    Duration::from_secs_f64(factor / (per_second * pace))
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX / 2)
}

/// Waits for `time`; apart from the limiter so that back-off reads like one.
pub(crate) async fn rest(time: Duration) {
    sleep_until(Instant::now() + time).await;
}

#[cfg(test)]
mod tests;
