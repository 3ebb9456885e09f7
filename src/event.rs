//! All that the outside learns of a run: counters that a bar or a log may read at any time, and the
//! tally of records that ends up in the summary.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::enricher::Status;

/// What is going on, shared between the stages and whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes read of the inputs, as they are on disk.
    pub bytes: Arc<AtomicU64>,
    /// Records and rejects that were read.
    pub read: AtomicU64,
    /// List requests sent.
    pub lists: AtomicU64,
    /// Single requests sent, `/agency` included.
    pub singles: AtomicU64,
    /// DOIs that Crossref has answered.
    pub answered: AtomicU64,
    /// Requests that were sent again.
    pub retries: AtomicU64,
    /// DOIs that wait for an answer now.
    pub waiting: AtomicU64,
    /// Those of them that must be asked one by one.
    pub waiting_singly: AtomicU64,
    /// DOIs that were asked singly and have no answer.
    pub unanswered: AtomicU64,
    /// Works in answers that were not asked for, or have no DOI.
    pub dropped: AtomicU64,
    /// The service looks at so many DOIs of a list only; 0: at all.
    pub cut_to: AtomicU64,
    tally: Mutex<Tally>,
    pause: Mutex<Option<(String, Instant)>>,
}

impl Progress {
    /// Adds what became of a number of records.
    pub(crate) fn add(&self, tally: &Tally) {
        self.tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(tally);
    }

    /// What became of the records so far.
    pub fn tally(&self) -> Tally {
        self.tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Nothing is asked until then, and why.
    pub(crate) fn set_pause(&self, why: String, until: Instant) {
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner) = Some((why, until));
    }

    /// How much of the input is done with, 0 to 1, if its size in bytes is `total`: read, and not
    /// waiting for an answer.
    pub fn fraction(&self, total: u64) -> f64 {
        let bytes = read(&self.bytes) as f64;
        let (items, waiting) = (read(&self.read).max(1) as f64, read(&self.waiting) as f64);
        (bytes / total.max(1) as f64 * (1.0 - waiting / items)).clamp(0.0, 1.0)
    }

    /// What the run waits for, and until when, if it does.
    pub fn pause(&self) -> Option<(String, Instant)> {
        let pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        pause.clone().filter(|(_, until)| *until > Instant::now())
    }
}

/// One more. Returns how many there were.
pub(crate) fn count(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed)
}

/// The value now.
pub(crate) fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Sums over records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records read, rejects not included.
    pub records: u64,
    /// Records by their fate.
    pub statuses: BTreeMap<Status, u64>,
    /// How often each field was filled.
    pub filled: BTreeMap<&'static str, u64>,
    /// How often each field differs.
    pub differs: BTreeMap<&'static str, u64>,
    /// Inputs' parts that are no records.
    pub rejects: u64,
    /// Records whose work is retracted.
    pub retracted: u64,
    /// Records that hold somebody else's value under the note's key.
    pub foreign_notes: u64,
    /// Records filled from a work older than its age allows, because nobody answered.
    pub stale: u64,
    /// Records that were not asked for because the run is offline.
    pub offline: u64,
}

impl Tally {
    /// Records of this fate.
    pub fn status(&self, status: Status) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.rejects += other.rejects;
        self.retracted += other.retracted;
        self.foreign_notes += other.foreign_notes;
        self.stale += other.stale;
        self.offline += other.offline;
        merge(&mut self.statuses, &other.statuses);
        merge(&mut self.filled, &other.filled);
        merge(&mut self.differs, &other.differs);
    }
}

fn merge<K: Ord + Copy>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(*key).or_default() += count;
    }
}
