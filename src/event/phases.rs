//! How long each part of a run is at work.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Seconds that each part of a run was at work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Phases {
    /// Opening the store, looking at the inputs.
    pub opening: f64,
    /// Bringing data files in.
    pub importing: f64,
    /// Reading and unpacking the inputs.
    pub reading: f64,
    /// Looking up, comparing, filling: summed over all cores, divided by their number.
    pub enriching: f64,
    /// Records waited for Crossref's answers.
    pub asking: f64,
    /// Packing and writing the output.
    pub writing: f64,
}

impl Phases {
    /// Name and seconds of each, in order.
    pub fn all(&self) -> [(&'static str, f64); 6] {
        [
            ("opening", self.opening),
            ("importing", self.importing),
            ("reading", self.reading),
            ("enriching", self.enriching),
            ("asking", self.asking),
            ("writing", self.writing),
        ]
    }
}

/// What takes time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Phase {
    Opening,
    Importing,
    Reading,
    Enriching,
    Writing,
}

/// Sums of what took time.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    nanos: [AtomicU64; 5],
    asking: Mutex<Asking>,
}

/// Chunks that wait for answers: their times overlap, and count once.
#[derive(Debug, Default)]
struct Asking {
    chunks: usize,
    since: Option<Instant>,
    time: Duration,
}

impl Clocks {
    pub(super) fn spent(&self, phase: Phase, time: Duration) {
        if let Some(sum) = self.nanos.get(phase as usize) {
            let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            sum.fetch_add(nanos, Ordering::Relaxed);
        }
    }

    pub(super) fn asking_begins(&self, now: Instant) {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        asking.chunks += 1;
        asking.since.get_or_insert(now);
    }

    pub(super) fn asking_ends(&self, now: Instant) {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        asking.chunks = asking.chunks.saturating_sub(1);
        if asking.chunks == 0
            && let Some(since) = asking.since.take()
        {
            asking.time += now.saturating_duration_since(since);
        }
    }

    pub(super) fn read(&self, cores: usize, now: Instant) -> Phases {
        let seconds = |phase: Phase| {
            let nanos = self.nanos.get(phase as usize);
            let nanos = nanos.map_or(0, |sum| sum.load(Ordering::Relaxed));
            Duration::from_nanos(nanos).as_secs_f64()
        };
        let asking = {
            let asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
            let still = asking
                .since
                .map(|since| now.saturating_duration_since(since));
            asking.time + still.unwrap_or_default()
        };
        Phases {
            opening: seconds(Phase::Opening),
            importing: seconds(Phase::Importing),
            reading: seconds(Phase::Reading),
            enriching: seconds(Phase::Enriching) / cores.max(1) as f64,
            asking: asking.as_secs_f64(),
            writing: seconds(Phase::Writing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_that_overlap_count_once() {
        let (clocks, start) = (Clocks::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        clocks.asking_begins(at(0));
        clocks.asking_begins(at(2));
        clocks.asking_ends(at(3));
        clocks.asking_ends(at(5));
        clocks.asking_begins(at(10));
        clocks.spent(Phase::Enriching, Duration::from_secs(4));
        let phases = clocks.read(2, at(11));
        assert_eq!((phases.asking, phases.enriching), (6.0, 2.0));
    }
}
