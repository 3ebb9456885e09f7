//! How the service feels, from how its answers go: when to slow down, when to wait until it is back,
//! and when to give it up.
//!
//! Crossref asks clients to stop at 10 % of errors; an outage that everybody keeps hammering at takes
//! longer to pass.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::retry::{Jitter, backoff};

/// So many answers are looked at.
const RECENT: usize = 100;

/// Fewer answers prove nothing; so many bad ones in a row do, however long they took.
const ENOUGH: usize = 20;

/// So many good answers in a row, and it is well again.
const CLEAN: u32 = 20;

/// An outage shows in the answers of so long.
const WINDOW: Duration = Duration::from_secs(30);

/// If nothing ever answered, so much of an outage is enough to know that there is no network. It
/// is to be told within ten seconds.
const NO_NETWORK: Duration = Duration::from_secs(8);

/// What a bad answer means for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It is a matter of this request.
    GoOn,
    /// Nobody asks before this time has passed; then one does.
    Wait(Duration),
    /// It has lasted for so long that it is time to stop.
    GiveUp {
        /// Did anything ever answer?
        ever: bool,
        time: Duration,
    },
}

struct Outage {
    since: Instant,
    probes: u32,
    next: Instant,
}

/// The recent past of one service.
pub(crate) struct Health {
    recent: VecDeque<(Instant, bool)>,
    good_in_a_row: u32,
    bad_in_a_row: usize,
    slow: bool,
    ever_answered: bool,
    outage: Option<Outage>,
    max_outage: Duration,
    jitter: Jitter,
}

impl Health {
    /// `max_outage`: how long nothing may answer.
    pub(crate) fn new(max_outage: Duration, jitter: Jitter) -> Self {
        Self {
            recent: VecDeque::with_capacity(RECENT),
            good_in_a_row: 0,
            bad_in_a_row: 0,
            slow: false,
            ever_answered: false,
            outage: None,
            max_outage,
            jitter,
        }
    }

    /// Should requests go out at half the pace, one at a time? Yes from more than 10 % of bad answers
    /// on, until there was none for a while.
    pub(crate) fn is_slow(&self) -> bool {
        self.slow
    }

    /// How much longer an outage may last, if there is one.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let outage = self.outage.as_ref()?;
        Some(self.max_outage.saturating_sub(outage.since.elapsed()))
    }

    /// A usable answer, or one that says that there is nothing.
    pub(crate) fn good(&mut self) {
        self.ever_answered = true;
        self.bad_in_a_row = 0;
        self.good_in_a_row += 1;
        if self.outage.take().is_some() {
            self.recent.clear();
        }
        self.note(true);
        if self.slow && self.good_in_a_row >= CLEAN {
            self.slow = false;
            self.recent.clear();
        }
    }

    /// An answer that is none, to a request that was sent at `sent`. `gone`: there was nobody to send
    /// it to.
    pub(crate) fn bad(&mut self, sent: Instant, gone: bool) -> Judgement {
        let now = Instant::now();
        self.ever_answered |= !gone;
        self.good_in_a_row = 0;
        self.bad_in_a_row += 1;
        self.note(false);
        let bad = self.recent.iter().filter(|(_, good)| !good).count();
        self.slow |= self.recent.len() >= ENOUGH && bad * 10 > self.recent.len();

        if self.outage.is_none() && !gone && !self.is_down(now) {
            return Judgement::GoOn;
        }
        let first = self.first_of_the_row();
        let outage = self.outage.get_or_insert(Outage {
            since: if gone { sent } else { first.unwrap_or(sent) },
            probes: 0,
            next: sent,
        });
        // What was under way already when everybody stopped is no news.
        if sent < outage.next {
            return Judgement::Wait(outage.next - now.min(outage.next));
        }
        let time = now - outage.since;
        outage.probes += 1;
        let mut wait = backoff(outage.probes, self.jitter);
        if self.ever_answered {
            if time >= self.max_outage {
                return Judgement::GiveUp { ever: true, time };
            }
            // The last try comes when the time is over.
            wait = wait.min(self.max_outage - time);
        } else if time + wait + (now - sent) >= NO_NETWORK {
            // The next try would be over too late to be told in time.
            return Judgement::GiveUp { ever: false, time };
        }
        outage.next = now + wait;
        Judgement::Wait(wait)
    }

    fn note(&mut self, good: bool) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((Instant::now(), good));
    }

    /// 90 % of at least 20 answers in 30 s were bad; or the last 20 were, in whatever time.
    fn is_down(&self, now: Instant) -> bool {
        let window = self.recent.iter().rev();
        let window = window.take_while(|(at, _)| now - *at <= WINDOW);
        let (mut all, mut bad) = (0, 0);
        for (_, good) in window {
            all += 1;
            bad += usize::from(!good);
        }
        all >= ENOUGH && bad * 10 >= all * 9 || self.bad_in_a_row >= ENOUGH
    }

    /// When the bad answers began that are the last ones.
    fn first_of_the_row(&self) -> Option<Instant> {
        let row = self.recent.iter().rev().take_while(|(_, good)| !good);
        row.last().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health() -> Health {
        Health::new(Duration::from_secs(600), || 1.0)
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn slow_above_a_tenth_of_errors_and_back_after_a_clean_stretch() {
        let mut health = health();
        for _ in 0..90 {
            health.good();
        }
        for _ in 0..10 {
            assert_eq!(health.bad(Instant::now(), false), Judgement::GoOn);
        }
        assert!(!health.is_slow(), "10 of 100");
        health.good();
        assert_eq!(health.bad(Instant::now(), false), Judgement::GoOn);
        assert!(health.is_slow(), "11 of 100");
        for _ in 0..19 {
            health.good();
        }
        assert!(health.is_slow());
        health.good();
        assert!(!health.is_slow());
        health.bad(Instant::now(), false);
        assert!(!health.is_slow(), "what was before is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn three_bad_answers_at_the_start_prove_nothing() {
        let mut health = health();
        for _ in 0..3 {
            assert_eq!(health.bad(Instant::now(), false), Judgement::GoOn);
        }
        assert!(!health.is_slow());
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_probed_and_ends_with_an_answer() {
        let mut health = health();
        health.good();
        for _ in 0..17 {
            assert_eq!(health.bad(Instant::now(), false), Judgement::GoOn);
        }
        health.good();
        let mut last = Judgement::GoOn;
        for _ in 0..3 {
            last = health.bad(Instant::now(), false);
        }
        assert_eq!(last, Judgement::Wait(seconds(1) / 2), "20 of 22");
        // One that was under way when it was noticed changes nothing.
        let early = Instant::now() - seconds(1);
        assert_eq!(health.bad(early, false), Judgement::Wait(seconds(1) / 2));
        let mut waits = Vec::new();
        for _ in 0..8 {
            let Judgement::Wait(wait) = last else {
                panic!("{last:?}")
            };
            tokio::time::advance(wait).await;
            waits.push(wait.as_millis());
            last = health.bad(Instant::now(), false);
        }
        let expected = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000];
        assert_eq!(waits, expected);
        health.good();
        assert_eq!(health.patience(), None);
        assert_eq!(health.bad(Instant::now(), false), Judgement::GoOn);
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_given_up_in_time_and_not_before() {
        let mut health = health();
        health.good();
        let start = Instant::now();
        let given_up = loop {
            match health.bad(Instant::now(), true) {
                Judgement::Wait(wait) => tokio::time::advance(wait).await,
                other => break other,
            }
        };
        let time = seconds(600);
        assert_eq!(given_up, Judgement::GiveUp { ever: true, time });
        assert_eq!(start.elapsed(), time);
    }

    #[tokio::test(start_paused = true)]
    async fn no_network_is_known_soon() {
        let mut health = health();
        let start = Instant::now();
        let given_up = loop {
            match health.bad(Instant::now(), true) {
                Judgement::Wait(wait) => tokio::time::advance(wait).await,
                other => break other,
            }
        };
        assert!(matches!(given_up, Judgement::GiveUp { ever: false, .. }));
        assert!(start.elapsed() < seconds(8), "{:?}", start.elapsed());
    }
}
