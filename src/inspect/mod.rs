//! What is in the inputs, and what a run over them would cost: counted without asking anybody.
//!
//! The reader's thread hands chunks to workers on all cores, each counts its chunk, and the sums are
//! added up. Knows reader, store and the enricher's table of fields; there is no client here. Memory
//! does not grow with the input (see [`sums`] and [`distinct`]).

mod cost;
mod count;
mod distinct;
mod doubt;
mod odd;
mod repeats;
mod sums;

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;

use crate::crossref::list_cost;
use crate::enricher::Mapping;
use crate::event::Progress;
use crate::reader::{self, Chunk, ReadError};
use crate::source::Source;
use crate::store::{Ages, Store, StoreError};
pub(crate) use cost::{Agency, Asking, Cost, Output, agency};
use count::Counter;
pub(crate) use distinct::{Census, Known};
use distinct::{Distinct, Put};
pub(crate) use doubt::Doubt;
pub(crate) use odd::{Odd, type_of, wanted};
pub(crate) use repeats::Repeat;
use repeats::Repeats;
pub(crate) use sums::{Doubtful, FieldSums, Place, ProfileSums, Sums};

/// The bar is drawn so often.
const TICK: Duration = Duration::from_millis(100);

/// What to count, and how.
pub(crate) struct Options<'a> {
    pub(crate) sources: &'a [Source],
    pub(crate) max_record: usize,
    pub(crate) mapping: Mapping,
    pub(crate) ages: Ages,
    /// Nobody will be asked.
    pub(crate) offline: bool,
    pub(crate) store: Option<&'a Store>,
}

/// What was found.
pub(crate) struct Findings {
    pub(crate) sums: Sums,
    pub(crate) census: Census,
    /// The first DOIs that more than one record has.
    pub(crate) repeats: Vec<Repeat>,
}

/// Why counting ended early.
#[derive(Debug, Error)]
pub(crate) enum InspectError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a thread of this program failed")]
    Broken,
}

/// What all workers add to.
struct Shared {
    sums: Sums,
    distinct: Distinct,
    repeats: Repeats,
    failed: Option<StoreError>,
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts all of the inputs; `tick` is called all the while.
///
/// # Errors
/// If an input or the store can't be read.
pub(crate) fn inspect(
    options: Options<'_>,
    progress: &Progress,
    tick: &mut dyn FnMut(),
) -> Result<Findings, InspectError> {
    let counter = Counter::new(options.mapping.clone());
    let shared = Mutex::new(Shared {
        sums: Sums::new(&options.mapping),
        distinct: Distinct::new(),
        repeats: Repeats::default(),
        failed: None,
    });
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    // Few chunks lie about: they are the memory that a run of this takes.
    let (sender, chunks) = sync_channel::<(u64, Chunk)>(1);
    let chunks = Mutex::new(chunks);
    let (done, doing) = channel::<()>();
    let read = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|_| {
                let (chunks, counter, shared, options) = (&chunks, &counter, &shared, &options);
                let done = done.clone();
                scope.spawn(move || {
                    let _until_the_end = done;
                    work(chunks, counter, shared, options, progress);
                })
            })
            .collect();
        drop(done);
        let (sources, max_record) = (options.sources, options.max_record);
        let goes_on = || lock(&shared).failed.is_none();
        let reading = scope.spawn(move || {
            let mut number = 0;
            // The sender ends with this thread.
            let sender = sender;
            reader::read(sources, max_record, &progress.bytes, &mut |chunk| {
                number += 1;
                goes_on() && sender.send((number, chunk)).is_ok()
            })
        });
        while doing.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            tick();
        }
        let whole = workers.into_iter().all(|worker| worker.join().is_ok());
        match reading.join() {
            Ok(read) if whole => read.map_err(InspectError::from),
            _ => Err(InspectError::Broken),
        }
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = shared.failed {
        return Err(error.into());
    }
    read?;
    Ok(Findings {
        census: shared.distinct.census(),
        repeats: shared.repeats.first,
        sums: shared.sums,
    })
}

fn work(
    chunks: &Mutex<Receiver<(u64, Chunk)>>,
    counter: &Counter,
    shared: &Mutex<Shared>,
    options: &Options<'_>,
    progress: &Progress,
) {
    loop {
        let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, chunk)) = next else { return };
        if lock(shared).failed.is_some() {
            // The reader ends, too.
            continue;
        }
        if let Err(error) = add(&chunk, number, counter, shared, options) {
            lock(shared).failed = Some(error);
        }
        let items = chunk.items.len() as u64;
        progress.read.fetch_add(items, Ordering::Relaxed);
    }
}

/// Adds a chunk to the sums. What the store knows is asked once for each DOI, in the order of its keys.
fn add(
    chunk: &Chunk,
    number: u64,
    counter: &Counter,
    shared: &Mutex<Shared>,
    options: &Options<'_>,
) -> Result<(), StoreError> {
    let (mut sums, mut found) = counter.count(chunk, number);
    {
        let mut shared = lock(shared);
        let Shared {
            distinct, repeats, ..
        } = &mut *shared;
        found.retain(|found| {
            let singly = found.doi.as_str().contains(',');
            let put = distinct.put(found.hash, found.wanted, singly);
            repeats.add(found.hash, &found.doi, put, || found.place(chunk, number));
            put == Put::New
        });
    }
    found.sort_unstable_by(|one, other| one.doi.cmp(&other.doi));
    let mut known = Vec::with_capacity(found.len());
    let reading = options.store.map(Store::read).transpose()?;
    for found in &found {
        let is = match &reading {
            Some(reading) => count::known(reading, &found.doi, &options.ages, options.offline)?,
            None => Known::Nothing,
        };
        if is.is_asked() {
            sums.list_cost.0 += list_cost(&found.doi) as u64;
            sums.list_cost.1 += 1;
        }
        known.push((found.hash, is));
    }
    let mut shared = lock(shared);
    for (hash, is) in known {
        shared.distinct.note(hash, is);
    }
    shared.sums.merge(sums);
    Ok(())
}
