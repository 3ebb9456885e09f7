//! All that the outside learns of a run: counters that a bar or a log may read at any time, and the
//! tally of records that ends up in the summary.

mod names;
mod notable;
mod phases;
mod tally;
mod timeline;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use names::Named;
pub use notable::{Difference, Mismatch, RecordPlace, Retraction};
pub(crate) use phases::Phase;
pub use phases::Phases;
pub use tally::{FieldTally, ProfileTally, Tally};
pub use timeline::Sample;
pub(crate) use timeline::{Moment, Rates};

/// What is going on, shared between the stages of a run and whoever shows it.
///
/// ```
/// use std::sync::{Arc, atomic::Ordering};
/// use crossfill::Progress;
///
/// let progress = Arc::new(Progress::default());
/// // … give it to a pipeline, and look at it meanwhile:
/// let (read, tally) = (progress.read.load(Ordering::Relaxed), progress.tally());
/// assert_eq!((read, tally.records, tally.values()), (0, 0, 0));
/// ```
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
    clocks: phases::Clocks,
    timeline: Mutex<timeline::Timeline>,
    /// Of mismatches, retractions and differences there are as many as are kept.
    full: [AtomicBool; 3],
}

impl Progress {
    /// Adds what became of a number of records.
    pub(crate) fn add(&self, tally: Tally) {
        let mut own = self.lock();
        own.add(tally);
        for (full, is_full) in self.full.iter().zip(own.notable.is_full()) {
            full.store(is_full, Ordering::Relaxed);
        }
    }

    /// What became of the records so far.
    pub fn tally(&self) -> Tally {
        self.lock().clone()
    }

    /// Looks at what became of the records so far, without a copy.
    pub(crate) fn with_tally<T>(&self, look: impl FnOnce(&Tally) -> T) -> T {
        look(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Are further mismatches, retractions, differences of use?
    pub(crate) fn wants(&self) -> [bool; 3] {
        let [mismatches, retractions, differences] = &self.full;
        [mismatches, retractions, differences].map(|full| !full.load(Ordering::Relaxed))
    }

    /// A part of the run was at work for so long.
    pub(crate) fn spent(&self, phase: Phase, time: Duration) {
        self.clocks.spent(phase, time);
    }

    /// A chunk waits for answers from now on.
    pub(crate) fn asking_begins(&self) {
        self.clocks.asking_begins(Instant::now());
    }

    /// It does not any more.
    pub(crate) fn asking_ends(&self) {
        self.clocks.asking_ends(Instant::now());
    }

    /// How long each part of the run was at work.
    pub fn phases(&self) -> Phases {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.clocks.read(cores, Instant::now())
    }

    /// Takes a sample if it is time for one; the rates of the last seconds.
    pub(crate) fn look(&self, elapsed: Duration) -> Rates {
        let now = self.moment(elapsed);
        let mut timeline = self.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        timeline.look(now)
    }

    /// How the run went, with its end now.
    pub(crate) fn timeline(&self, elapsed: Duration) -> Vec<Sample> {
        let end = self.moment(elapsed);
        let timeline = self.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        timeline.whole(end)
    }

    fn moment(&self, elapsed: Duration) -> Moment {
        Moment {
            at: elapsed.as_secs_f64(),
            records: self.with_tally(|tally| tally.records),
            bytes: read(&self.bytes),
            answered: read(&self.answered),
            lists: read(&self.lists),
            singles: read(&self.singles),
            waiting: read(&self.waiting),
            paused: self.pause().is_some(),
        }
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
