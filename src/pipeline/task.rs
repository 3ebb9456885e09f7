//! One chunk from its admission until its lines are made, and what bounds the memory of all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::RunError;
use super::chunk::{self, Asked, Context, Worked};
use crate::event::Tally;
use crate::reader::Chunk;
use crate::resolver::Resolver;
use crate::writer::Lines;

/// What a record takes in the window besides its bytes: its index, and a DOI that waits for an answer.
const RECORD: usize = 256;

/// Bytes of lines that may wait for their turn. A short record can make a long line, so that the window
/// does not limit them.
const LINES: usize = 16 << 20;

/// Bytes of lines that may be in the making besides, for each chunk that may be worked on at once.
const MAKING: usize = 2 << 20;

/// Chunks that may wait for the writer while nothing waits for answers: the disk takes its time now and
/// then, and the cores need not wait for it.
const UNWRITTEN: usize = 8;

/// Record bytes that may be between reader and writer at once.
pub(super) const WINDOW: u32 = 32 << 20;

/// The lines of a chunk, what became of its records, and the room that they took.
pub(super) type Finished = Result<(Lines, Box<Tally>, Option<OwnedSemaphorePermit>), RunError>;

/// Who may compute. Chunks that come back with their answers do not stand in line with new ones:
/// they must always get on, or nothing would ever leave a full window.
pub(super) struct Cores {
    pub(super) first: Arc<Semaphore>,
    pub(super) again: Arc<Semaphore>,
}

/// Waits until `chunk` may be worked on: room in the window, until its lines are written, and a core
/// for its first pass.
pub(super) async fn admit(
    window: &Arc<Semaphore>,
    cores: &Cores,
    chunk: Option<&Chunk>,
) -> (Option<OwnedSemaphorePermit>, Option<OwnedSemaphorePermit>) {
    // A record that is larger than the window has it for itself.
    let bytes = chunk.map_or(0, |chunk| chunk.len() + chunk.items.len() * RECORD);
    let bytes = u32::try_from(bytes).unwrap_or(WINDOW).min(WINDOW);
    // The semaphores are never closed.
    let room = Arc::clone(window).acquire_many_owned(bytes).await.ok();
    (room, Arc::clone(&cores.first).acquire_owned().await.ok())
}

/// One chunk on its way.
pub(super) struct ChunkTask {
    pub(super) context: Arc<Context>,
    pub(super) resolver: Arc<Resolver>,
    pub(super) again: Arc<Semaphore>,
    pub(super) flow: Arc<Flow>,
    /// Its place among all chunks, from 0.
    pub(super) number: u64,
    /// Its first record's place among all records, from 0.
    pub(super) first: u64,
}

/// What keeps a run that asks nobody in a few megabytes, whatever the window allows: not much more is
/// read while lines wait to be written, unless what they wait for is an answer; and never are many more
/// than [`LINES`] made in advance.
pub(super) struct Flow {
    /// Bytes of lines, made and in the making, with which there is room for more.
    most: usize,
    /// Records that are worked on.
    making: AtomicUsize,
    /// Bytes of a line, as the last chunk had them. Nobody knows before there was one: the first chunk is
    /// made alone.
    width: AtomicUsize,
    /// Chunks whose lines are not with the writer yet, and the bytes of these lines.
    finished: AtomicUsize,
    bytes: AtomicUsize,
    /// Chunks whose lines are with the writer: the number of the one whose turn it is.
    turn: AtomicU64,
    /// The turn has passed on.
    passed: Notify,
    /// Chunks that wait for answers.
    asking: AtomicUsize,
    /// One of these, or a core became free.
    pub(super) changed: Notify,
}

impl Flow {
    /// For a run that works on `chunks` chunks at once.
    pub(super) fn new(chunks: usize) -> Self {
        Self {
            most: LINES + chunks * MAKING,
            making: AtomicUsize::new(0),
            width: AtomicUsize::new(usize::MAX),
            finished: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            turn: AtomicU64::new(0),
            passed: Notify::new(),
            asking: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    pub(super) fn admits(&self) -> bool {
        let finished = self.finished.load(Ordering::Relaxed);
        let asking = self.asking.load(Ordering::Relaxed);
        let idle = finished == 0 && self.making.load(Ordering::Relaxed) == 0;
        idle || (finished < UNWRITTEN || asking > 0) && self.has_room()
    }

    fn has_room(&self) -> bool {
        let width = self.width.load(Ordering::Relaxed);
        let making = self.making.load(Ordering::Relaxed).saturating_mul(width);
        let made = self.bytes.load(Ordering::Relaxed);
        made.saturating_add(making) < self.most
    }

    /// A chunk of so many records is worked on from now on.
    pub(super) fn begins(&self, records: usize) {
        self.making.fetch_add(records, Ordering::Relaxed);
    }

    /// The work on such a chunk has ended.
    fn ends(&self, records: usize) {
        self.making.fetch_sub(records, Ordering::Relaxed);
        self.changed.notify_one();
        self.passed.notify_waiters();
    }

    /// May a chunk that has its answers be made into lines? The one whose turn it is always may.
    fn may_render(&self, number: u64) -> bool {
        self.turn.load(Ordering::Acquire) == number || self.has_room()
    }

    fn rendered(&self, records: usize, bytes: usize) {
        self.width.store(bytes / records.max(1), Ordering::Relaxed);
        self.finished.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.ends(records);
    }

    fn asks(&self, records: usize) {
        self.asking.fetch_add(1, Ordering::Relaxed);
        self.ends(records);
    }

    pub(super) fn written(&self, bytes: usize) {
        self.finished.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.turn.fetch_add(1, Ordering::Release);
        self.passed.notify_waiters();
    }
}

impl ChunkTask {
    pub(super) async fn run(
        self,
        chunk: Chunk,
        core: Option<OwnedSemaphorePermit>,
        room: Option<OwnedSemaphorePermit>,
    ) -> Finished {
        let chunk = Arc::new(chunk);
        let records = chunk.items.len();
        let mut asked = Asked::new();
        let mut core = core;
        loop {
            let (context, this, answers) = (
                Arc::clone(&self.context),
                Arc::clone(&chunk),
                std::mem::take(&mut asked),
            );
            let first = self.first;
            let worked = tokio::task::spawn_blocking(move || {
                let worked = chunk::work(&context, &this, first, &answers);
                (worked, answers)
            });
            let (worked, answers) = worked
                .await
                .map_err(|error| RunError::Broken(error.to_string()))?;
            drop(core);
            asked = answers;
            let dois = match worked? {
                Worked::Done { lines, tally } => {
                    self.flow.rendered(records, lines.len());
                    return Ok((lines, tally, room));
                }
                Worked::Ask(dois) => dois,
            };
            self.flow.asks(records);
            self.context.progress.asking_begins();
            let answered = self.resolver.resolve(&dois).await;
            self.context.progress.asking_ends();
            self.flow.asking.fetch_sub(1, Ordering::Relaxed);
            let failures = answered.map_err(RunError::Stopped)?;
            asked.extend(dois.into_iter().map(|doi| {
                let why = failures.get(&doi).copied();
                (doi, why)
            }));
            core = self.core_again().await;
            self.flow.begins(records);
        }
    }

    /// Waits until the lines have room, and for a core.
    async fn core_again(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            let passed = self.flow.passed.notified();
            tokio::pin!(passed);
            passed.as_mut().enable();
            if self.flow.may_render(self.number) {
                let core = Arc::clone(&self.again).acquire_owned().await.ok();
                // Nobody waits for room with a core in hand.
                if self.flow.may_render(self.number) {
                    return core;
                }
            } else {
                passed.await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_making_takes_room() {
        let flow = Flow::new(3);
        assert!(flow.admits());
        flow.begins(1_000);
        assert!(!flow.admits(), "nobody knows how long its lines are");
        flow.asks(1_000);
        assert!(flow.admits());
        flow.begins(1_000);
        flow.rendered(1_000, 3 << 20);
        for _ in 0..3 {
            assert!(flow.admits());
            flow.begins(1_000);
        }
        // One of them has long lines; so may the others.
        flow.rendered(1_000, 10 << 20);
        assert!(!flow.admits() && !flow.may_render(1) && flow.may_render(0));
        flow.rendered(1_000, 3 << 20);
        assert!(flow.admits() && flow.may_render(1));
        flow.rendered(1_000, 10 << 20);
        assert!(!flow.admits(), "there are too many that wait");
        flow.written(10 << 20);
        assert!(flow.admits() && flow.may_render(1));
    }
}
