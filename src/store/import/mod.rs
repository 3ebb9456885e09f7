//! Crossref's data files into the store.
//!
//! Readers decompress files and find where works begin and end; packers, on all cores, make rows of
//! them; the calling thread puts the rows of whole units (a file, or a member of a tar) into the
//! database in the order of the files. A unit counts after its clean end: what a flipped byte or a cut
//! file gave is not taken. Each unit is remembered in the transaction that brings it in, or in the sorted
//! run that holds it, so that a killed import goes on with what is not in yet.

mod load;
mod pack;
mod read;
mod rows;
mod runs;
mod unit;

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::{Store, StoreError};
use crate::doi::Doi;
use crate::work::Date;
pub(crate) use load::free;
use load::{Loader, io_error};
use pack::{Finished, Shared};
use runs::Run;
use unit::{DataFile, Stamp};

/// So many pieces of damage are named; all are counted.
const NAMED: usize = 100;

/// What an import brought in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Files that were read.
    pub files: u64,
    /// Files that were in already.
    pub known: u64,
    /// Works that were taken.
    pub works: u64,
    /// Works that were not, because the store has newer ones.
    pub older: u64,
    /// What can't be read, the first hundred.
    pub damaged: Vec<Damage>,
    /// How much can't be read: files, members and single works.
    pub damages: u64,
}

/// Something in a data file that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// File, member, line.
    pub place: String,
    /// Why.
    pub reason: String,
}

/// What is going on, for a bar; and how to stop it.
#[derive(Debug, Default)]
pub struct ImportProgress {
    /// Bytes read of the files, as they are on disk.
    pub bytes: Arc<AtomicU64>,
    /// Bytes of all files that are not in yet.
    pub total_bytes: AtomicU64,
    /// Files that are done.
    pub files: AtomicU64,
    /// All files.
    pub total_files: AtomicU64,
    /// Works that were read.
    pub works: AtomicU64,
    /// Works of which it was seen to that the store has them, or newer ones.
    pub put: AtomicU64,
    sorting: AtomicBool,
    waiting: AtomicBool,
    stopped: AtomicBool,
}

impl ImportProgress {
    /// Ends the import soon: what is whole is kept.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Was it stopped?
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// All is read; what was not sorted is put in.
    pub fn is_sorting(&self) -> bool {
        self.sorting.load(Ordering::Relaxed)
    }

    /// Another import has the store.
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(crate) fn set_sorting(&self) {
        self.sorting.store(true, Ordering::Relaxed);
    }
}

/// Which works are brought in.
#[derive(Debug, Clone, Default)]
pub struct Subset {
    only: Option<Only>,
    /// In milliseconds since 1970.
    since: Option<u64>,
}

/// DOIs, as hashes: of hundreds of millions of works none is taken by mistake, most likely, and it
/// would do no harm.
#[derive(Debug, Clone)]
struct Only {
    hashes: HashSet<u64>,
    hasher: RandomState,
    digest: [u8; 32],
}

impl Subset {
    /// Only these DOIs.
    #[must_use]
    pub fn only(self, dois: impl IntoIterator<Item = Doi>) -> Self {
        let (hasher, mut hashes) = (RandomState::new(), HashSet::new());
        let mut digest = Sha256::new();
        for doi in dois {
            digest.update(doi.as_str());
            digest.update([0]);
            hashes.insert(hasher.hash_one(doi.as_str()));
        }
        Self {
            only: Some(Only {
                hashes,
                hasher,
                digest: digest.finalize().into(),
            }),
            ..self
        }
    }

    /// Only works that Crossref indexed on this day (or the first of this month or year) or later;
    /// `None` if there is no such day.
    #[must_use]
    pub fn since(self, since: Date) -> Option<Self> {
        let (month, day) = (since.month.unwrap_or(1), since.day.unwrap_or(1));
        let midnight = format!("{:04}-{month:02}-{day:02}T00:00:00Z", since.year);
        let since = humantime::parse_rfc3339(&midnight).ok()?;
        let since = since.duration_since(UNIX_EPOCH).ok()?.as_millis();
        Some(Self {
            since: Some(u64::try_from(since).ok()?),
            ..self
        })
    }

    fn is_recent(&self, indexed: u64) -> bool {
        self.since.is_none_or(|since| indexed >= since)
    }

    fn has(&self, doi: &Doi) -> bool {
        let only = self.only.as_ref();
        only.is_none_or(|only| only.hashes.contains(&only.hasher.hash_one(doi.as_str())))
    }

    /// What is remembered of a part must not be taken for the whole.
    fn fingerprint(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(only) = &self.only {
            bytes.extend_from_slice(&only.digest);
        }
        if let Some(since) = self.since {
            bytes.extend_from_slice(format!("since {since}").as_bytes());
        }
        bytes
    }
}

impl Store {
    /// Brings in those works of the data files at `paths` (files or folders) that are not in yet.
    /// Damage is told in what is returned; the rest goes on.
    ///
    /// # Errors
    /// If a path can't be read, or if the store can't be written.
    pub fn import(
        &self,
        paths: &[PathBuf],
        subset: &Subset,
        now: u64,
        progress: &ImportProgress,
    ) -> Result<Imported, StoreError> {
        if paths.is_empty() {
            return Ok(Imported::default());
        }
        let files = unit::files(paths, subset)?;
        // Without a wait for another import, which may take hours.
        if self.has_all(&files)? {
            return Ok(Imported {
                known: files.len() as u64,
                ..Imported::default()
            });
        }
        let lock = lock(&self.path, progress)?;
        let folder = self.path.join("import");
        std::fs::create_dir_all(&folder).map_err(|error| io_error(folder.clone(), error))?;
        let runs = Run::left_in(&folder).map_err(|error| io_error(folder.clone(), error))?;
        let in_runs = runs.iter().flat_map(|run| &run.stamps);
        let known = Known {
            store: self,
            in_runs: in_runs.map(|stamp| stamp.key.clone()).collect(),
        };
        let loader = Loader::new(self, folder.clone(), runs, progress);
        let imported = bring_in(loader, &files, known, subset, now, progress)?;
        // Not if runs are left in it.
        let _ = std::fs::remove_dir(&folder);
        drop(lock);
        Ok(imported)
    }

    fn has_all(&self, files: &[DataFile]) -> Result<bool, StoreError> {
        for file in files {
            if !self.has(&file.stamp)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn has(&self, stamp: &Stamp) -> Result<bool, StoreError> {
        let failed = |error| self.failed(error);
        let txn = self.env.read_txn().map_err(failed)?;
        let state = self.meta.get(&txn, &stamp.key).map_err(failed)?;
        Ok(state.is_some_and(|state| state == stamp.state))
    }
}

/// What is in already.
struct Known<'s> {
    store: &'s Store,
    in_runs: HashSet<Vec<u8>>,
}

impl Known<'_> {
    fn has(&self, stamp: &Stamp) -> Result<bool, StoreError> {
        Ok(self.in_runs.contains(&stamp.key) || self.store.has(stamp)?)
    }
}

/// One import at a time. The file stays: who waits for it must have the one that others open.
fn lock(store: &Path, progress: &ImportProgress) -> Result<File, StoreError> {
    let path = store.join("import.lock");
    let failed = |error| io_error(path.clone(), error);
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            progress.waiting.store(true, Ordering::Relaxed);
            file.lock().map_err(failed)?;
            progress.waiting.store(false, Ordering::Relaxed);
        }
        // File systems without locks exist; two imports there are the user's to avoid.
        Err(TryLockError::Error(error)) => tracing::debug!(%error, "no lock"),
        Ok(()) => {}
    }
    Ok(file)
}

fn bring_in(
    mut loader: Loader<'_>,
    files: &[DataFile],
    known: Known<'_>,
    subset: &Subset,
    now: u64,
    progress: &ImportProgress,
) -> Result<Imported, StoreError> {
    let mut total = 0;
    for file in files {
        if !known.has(&file.stamp)? {
            total += file.size;
        }
    }
    progress.total_bytes.store(total, Ordering::Relaxed);
    progress
        .total_files
        .store(files.len() as u64, Ordering::Relaxed);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let (out, jobs, finished) = pack::channels(cores);
    let shared = Shared {
        files,
        known,
        subset,
        now,
        progress,
        folder: loader.folder.clone(),
        cores,
        next: AtomicUsize::new(0),
        gate: Mutex::default(),
        opened: Condvar::new(),
        failure: Mutex::default(),
    };
    let (loaded, broken) = std::thread::scope(|scope| {
        let shared = &shared;
        let mut threads = Vec::new();
        for _ in 0..cores {
            let (jobs, finished) = (Arc::clone(&jobs), out.finished());
            threads.push(scope.spawn(move || shared.pack(&jobs, &finished)));
        }
        for _ in 0..cores.min(files.len()) {
            let out = out.clone();
            threads.push(scope.spawn(move || shared.read_files(&out)));
        }
        drop((out, jobs));
        let loaded = load(&mut loader, files, shared, &finished);
        if loaded.is_err() {
            shared.stop();
        }
        // Whoever still sends must not wait.
        while finished.recv().is_ok() {}
        let ends = threads.into_iter().map(|thread| thread.join());
        (loaded, ends.filter(Result::is_err).count() > 0)
    });
    let whole = loaded?;
    if broken {
        return Err(StoreError::Broken);
    }
    let failure = shared.failure.into_inner();
    if let Some(error) = failure.unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    loader.finish(whole, progress.is_stopped())
}

/// Takes what is finished, in the order of the files. Returns the stamps of files that are in.
fn load(
    loader: &mut Loader<'_>,
    files: &[DataFile],
    shared: &Shared<'_>,
    finished: &Receiver<Finished>,
) -> Result<Vec<Stamp>, StoreError> {
    let mut whole = Vec::new();
    let mut waiting = BTreeMap::new();
    let mut next = (0, 0);
    loop {
        while let Some(this) = waiting.remove(&next) {
            next = take(loader, files, shared, this, next, &mut whole)?;
        }
        // Transactions are open only while there is something to put in.
        let message = match finished.recv_timeout(Duration::ZERO) {
            Err(RecvTimeoutError::Timeout) => {
                loader.commit()?;
                finished.recv().ok()
            }
            message => message.ok(),
        };
        let Some(message) = message else { break };
        waiting.insert(message.place(), message);
    }
    // It was stopped: what is whole is taken all the same.
    for (place, this) in waiting {
        take(loader, files, shared, this, place, &mut whole)?;
    }
    Ok(whole)
}

fn take(
    loader: &mut Loader<'_>,
    files: &[DataFile],
    shared: &Shared<'_>,
    this: Finished,
    place: (usize, usize),
    whole: &mut Vec<Stamp>,
) -> Result<(usize, usize), StoreError> {
    match this {
        Finished::Unit(unit) => {
            let packed = unit.take();
            for damage in packed.damaged {
                loader.imported.damage(damage);
            }
            if packed.whole {
                loader.unit(&packed.rows, packed.pieces, unit.stamp.clone())?;
                if unit.is_member {
                    loader.member()?;
                }
            } else {
                runs::remove(&packed.pieces)
                    .map_err(|error| io_error(loader.folder.clone(), error))?;
            }
            shared.taken(place.0);
            Ok((place.0, place.1 + 1))
        }
        Finished::File { index, end, .. } => {
            if !matches!(end, pack::End::Known) {
                loader.file(files.get(index).map_or(0, |file| file.size))?;
            }
            let imported = &mut loader.imported;
            match end {
                pack::End::Known => imported.known += 1,
                pack::End::Clean => {
                    imported.files += 1;
                    whole.extend(files.get(index).map(|file| file.stamp.clone()));
                }
                pack::End::Damaged(damage) => {
                    imported.files += 1;
                    if let Some(damage) = damage {
                        imported.damage(damage);
                    }
                }
                pack::End::Stopped => {}
            }
            crate::event::count(&shared.progress.files);
            shared.lowest(index + 1);
            Ok((index + 1, 0))
        }
    }
}

impl Imported {
    fn damage(&mut self, damage: Damage) {
        self.damages += 1;
        if self.damaged.len() < NAMED {
            self.damaged.push(damage);
        }
    }
}

#[cfg(test)]
mod tests;
