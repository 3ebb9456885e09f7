//! How the service feels, from how its answers go: when to slow down, when to wait until it is back,
//! and when to give it up.
//!
//! Crossref asks clients to stop at 10 % of errors; an outage that everybody keeps hammering at takes
//! longer to pass. In an outage nobody asks but one probe, for something neutral: a few DOIs that the
//! service can't answer must not look like the end of it.

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

/// When to probe a service that is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// After this time.
    After(Duration),
    /// Never: it has lasted for so long that it is time to stop.
    GiveUp {
        /// Did anything ever answer?
        ever: bool,
        time: Duration,
    },
}

struct Outage {
    since: Instant,
    /// Probes so far, and the one that comes.
    probes: u32,
    /// How long it took to see that nobody answers.
    took: Duration,
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
        // What was in a long outage says nothing of the time after it.
        if self
            .outage
            .take()
            .is_some_and(|outage| outage.since.elapsed() >= WINDOW)
        {
            self.recent.clear();
        }
        self.note(true);
        if self.slow && self.good_in_a_row >= CLEAN {
            self.slow = false;
            self.recent.clear();
        }
    }

    /// Is nobody to ask but a probe?
    pub(crate) fn is_down(&self) -> bool {
        self.outage.is_some()
    }

    /// An answer that is none, to a request that was sent at `sent`. `gone`: there was nobody to send
    /// it to.
    pub(crate) fn bad(&mut self, sent: Instant, gone: bool) {
        let now = Instant::now();
        self.ever_answered |= !gone;
        self.good_in_a_row = 0;
        self.bad_in_a_row += 1;
        self.note(false);
        let bad = self.recent.iter().filter(|(_, good)| !good).count();
        self.slow |= self.recent.len() >= ENOUGH && bad * 10 > self.recent.len();
        if let Some(outage) = &mut self.outage {
            outage.took = now - sent;
        } else if gone || self.shows_outage(now) {
            self.outage = Some(Outage {
                // Bad answers may be to blame on what was asked: it is known with the first probe.
                since: if gone { sent } else { now },
                probes: 0,
                took: now - sent,
            });
        }
    }

    /// When to probe next; `None` if it is not down.
    pub(crate) fn next_probe(&mut self) -> Option<Probe> {
        let outage = self.outage.as_mut()?;
        let time = outage.since.elapsed();
        outage.probes += 1;
        let wait = backoff(outage.probes, self.jitter);
        if self.ever_answered {
            if time >= self.max_outage {
                return Some(Probe::GiveUp { ever: true, time });
            }
            // The last probe comes when the time is over.
            return Some(Probe::After(wait.min(self.max_outage - time)));
        }
        // The last one is over in time to be told. Who waits for no outage waits for no network either.
        let left = NO_NETWORK
            .min(self.max_outage)
            .saturating_sub(time + outage.took);
        Some(match left.is_zero() {
            true => Probe::GiveUp { ever: false, time },
            false => Probe::After(wait.min(left)),
        })
    }

    fn note(&mut self, good: bool) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((Instant::now(), good));
    }

    /// 90 % of at least 20 answers in 30 s were bad; or the last 20 were, in whatever time.
    fn shows_outage(&self, now: Instant) -> bool {
        let window = self.recent.iter().rev();
        let window = window.take_while(|(at, _)| now - *at <= WINDOW);
        let (mut all, mut bad) = (0, 0);
        for (_, good) in window {
            all += 1;
            bad += usize::from(!good);
        }
        all >= ENOUGH && bad * 10 >= all * 9 || self.bad_in_a_row >= ENOUGH
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

    fn bad(health: &mut Health, times: usize) {
        for _ in 0..times {
            health.bad(Instant::now(), false);
        }
    }

    fn good(health: &mut Health, times: usize) {
        for _ in 0..times {
            health.good();
        }
    }

    /// Waits and fails until it is given up.
    async fn probe_to_the_end(health: &mut Health, gone: bool) -> (Vec<u128>, Probe) {
        let mut waits = Vec::new();
        loop {
            match health.next_probe().unwrap() {
                Probe::After(wait) => {
                    waits.push(wait.as_millis());
                    tokio::time::advance(wait).await;
                    health.bad(Instant::now(), gone);
                }
                end @ Probe::GiveUp { .. } => return (waits, end),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn slow_above_a_tenth_of_errors_and_back_after_a_clean_stretch() {
        let mut health = health();
        good(&mut health, 90);
        bad(&mut health, 10);
        assert!(!health.is_slow(), "10 of 100");
        good(&mut health, 1);
        bad(&mut health, 1);
        assert!(health.is_slow(), "11 of 100");
        good(&mut health, 19);
        assert!(health.is_slow());
        good(&mut health, 1);
        assert!(!health.is_slow());
        bad(&mut health, 1);
        assert!(!health.is_slow(), "what was before is forgotten");
        assert!(!health.is_down());
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_bad_answers_prove_nothing() {
        let mut health = health();
        bad(&mut health, 3);
        assert!(!health.is_slow());
        bad(&mut health, 16);
        assert!(!health.is_down());
        bad(&mut health, 1);
        assert!(health.is_down(), "twenty in a row");
    }

    #[tokio::test(start_paused = true)]
    async fn nine_of_ten_in_half_a_minute_are_an_outage() {
        let mut health = health();
        good(&mut health, 1);
        bad(&mut health, 17);
        good(&mut health, 1);
        tokio::time::advance(seconds(29)).await;
        bad(&mut health, 2);
        assert!(health.is_down(), "19 of 21");
        good(&mut health, 1);
        assert!(!health.is_down(), "one answer ends it");
        tokio::time::advance(seconds(31)).await;
        bad(&mut health, 18);
        good(&mut health, 1);
        tokio::time::advance(seconds(31)).await;
        bad(&mut health, 2);
        assert!(!health.is_down(), "too long ago");
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_given_up_in_time_and_not_before() {
        let mut health = health();
        assert_eq!(health.next_probe(), None);
        good(&mut health, 1);
        health.bad(Instant::now(), true);
        let (waits, end) = probe_to_the_end(&mut health, true).await;
        let first = [
            500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
        ];
        assert_eq!(waits[..9], first);
        assert_eq!(waits.iter().sum::<u128>(), 600_000);
        let time = seconds(600);
        assert_eq!(end, Probe::GiveUp { ever: true, time });
    }

    #[tokio::test(start_paused = true)]
    async fn no_network_is_known_soon() {
        let mut health = health();
        health.bad(Instant::now(), true);
        let (waits, end) = probe_to_the_end(&mut health, true).await;
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 500]);
        assert!(matches!(end, Probe::GiveUp { ever: false, .. }));
        // A sign of life, and it is an outage like any other.
        health.bad(Instant::now(), false);
        assert!(matches!(health.next_probe(), Some(Probe::After(_))));
    }
}
