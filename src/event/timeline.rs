//! How a run went over time: a bounded number of samples, and the rates of the last seconds.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// How far a run was at some moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sample {
    /// Seconds since its start.
    pub at: f64,
    /// Records done with by then.
    pub records: u64,
    /// DOIs answered by Crossref by then.
    pub answered: u64,
    /// Requests sent by then.
    pub requests: u64,
    /// DOIs that waited for an answer then.
    pub waiting: u64,
    /// Nobody was asked, then or since the sample before, because of an error or a limit of the service.
    pub paused: bool,
}

/// Numbers that are looked at often.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Moment {
    /// Seconds since the start.
    pub(crate) at: f64,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) answered: u64,
    pub(crate) lists: u64,
    pub(crate) singles: u64,
    pub(crate) waiting: u64,
    pub(crate) paused: bool,
}

/// What happens in a second, as of the last ones.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Rates {
    pub(crate) records: f64,
    pub(crate) bytes: f64,
    pub(crate) answered: f64,
    pub(crate) lists: f64,
    pub(crate) singles: f64,
}

/// Samples at most: enough for a chart.
const MOST: usize = 240;
/// Seconds between samples at first; doubled whenever there are too many.
const EVERY: f64 = 0.5;
/// Rates are of so many seconds.
const RECENT: f64 = 15.0;

/// How a run went so far.
#[derive(Debug)]
pub(super) struct Timeline {
    every: f64,
    paused: bool,
    samples: Vec<Sample>,
    recent: VecDeque<Moment>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            every: EVERY,
            paused: false,
            samples: vec![Sample::default()],
            recent: VecDeque::from([Moment::default()]),
        }
    }
}

impl Timeline {
    /// What is now. Returns the rates of the last seconds.
    pub(super) fn look(&mut self, now: Moment) -> Rates {
        self.paused |= now.paused;
        let due = self
            .samples
            .last()
            .is_none_or(|last| now.at - last.at >= self.every);
        if due {
            self.keep(now);
        }
        self.recent.push_back(now);
        while self.recent.len() > 2
            && self
                .recent
                .get(1)
                .is_some_and(|old| now.at - old.at > RECENT)
        {
            self.recent.pop_front();
        }
        let old = self.recent.front().copied().unwrap_or_default();
        let seconds = (now.at - old.at).max(0.001);
        let rate = |now: u64, old: u64| now.saturating_sub(old) as f64 / seconds;
        Rates {
            records: rate(now.records, old.records),
            bytes: rate(now.bytes, old.bytes),
            answered: rate(now.answered, old.answered),
            lists: rate(now.lists, old.lists),
            singles: rate(now.singles, old.singles),
        }
    }

    fn keep(&mut self, now: Moment) {
        self.samples.push(Sample {
            at: now.at,
            records: now.records,
            answered: now.answered,
            requests: now.lists + now.singles,
            waiting: now.waiting,
            paused: std::mem::take(&mut self.paused),
        });
        if self.samples.len() > MOST {
            self.every *= 2.0;
            let (mut at, mut paused) = (0, false);
            self.samples.retain_mut(|sample| {
                let kept = at % 2 == 0;
                at += 1;
                paused |= sample.paused;
                if kept {
                    sample.paused = std::mem::take(&mut paused);
                }
                kept
            });
        }
    }

    /// All samples, and what is at the end.
    pub(super) fn whole(&self, end: Moment) -> Vec<Sample> {
        let mut all = self.samples.clone();
        all.push(Sample {
            at: end.at,
            records: end.records,
            answered: end.answered,
            requests: end.lists + end.singles,
            waiting: end.waiting,
            paused: self.paused || end.paused,
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at: f64) -> Moment {
        Moment {
            at,
            records: (at * 10.0) as u64,
            ..Moment::default()
        }
    }

    #[test]
    fn a_long_run_keeps_few_samples_and_no_pause_is_lost() {
        let mut timeline = Timeline::default();
        let mut rates = Rates::default();
        for tenth in 1..100_000_u32 {
            let mut now = moment(f64::from(tenth) / 10.0);
            now.paused = tenth == 5_003;
            rates = timeline.look(now);
        }
        let all = timeline.whole(moment(10_000.0));
        assert!((100..=MOST + 1).contains(&all.len()), "{}", all.len());
        assert_eq!(all.iter().filter(|sample| sample.paused).count(), 1);
        assert!(all.windows(2).all(|two| two[0].at < two[1].at));
        assert!((rates.records - 10.0).abs() < 0.1, "{rates:?}");
    }

    #[test]
    fn rates_are_those_of_the_last_seconds() {
        let mut timeline = Timeline::default();
        let still = |at| Moment {
            at,
            records: 1_000,
            ..Moment::default()
        };
        timeline.look(moment(100.0));
        assert_eq!(timeline.look(still(101.0)).records, 10.0 * 100.0 / 101.0);
        for second in 102..120 {
            timeline.look(still(f64::from(second)));
        }
        assert_eq!(timeline.look(still(120.0)).records, 0.0);
    }
}
