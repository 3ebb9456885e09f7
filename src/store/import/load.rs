//! The last stage of an import: rows into the database, in short transactions. What comes in the order
//! of its keys goes in at once; the rest is sorted first.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use heed::{PutFlags, RwTxn};

use super::rows::Rows;
use super::runs::{self, Run};
use super::unit::Stamp;
use super::{ImportProgress, Imported};
use crate::event::{self, read};
use crate::store::{Store, StoreError, value};

/// A transaction is so large at most, and lasts so long: others want to write, too.
const TRANSACTION_BYTES: usize = 24 << 20;
const TRANSACTION_TIME: Duration = Duration::from_millis(200);

/// Unsorted rows that are held before they become a run on disk.
const PILE: usize = if cfg!(test) { 64 << 10 } else { 64 << 20 };

/// Room is looked at when so much has come in since the last time.
const ROOM_EVERY: u64 = 256 << 20;

/// What the database takes for a byte of rows: its pages are never quite full.
const PAGES: f64 = 1.25;

pub(super) struct Loader<'s> {
    store: &'s Store,
    progress: &'s ImportProgress,
    pub(super) folder: PathBuf,
    txn: Option<Txn<'s>>,
    /// The last key of the last unit that went in at once.
    ascended: Vec<u8>,
    pile: Rows,
    stamps: Vec<Stamp>,
    runs: Vec<Run>,
    /// Bytes of rows that came, and of the files that are done, as they are on disk.
    taken: u64,
    done: u64,
    /// What `taken` was when the room was looked at.
    looked: u64,
    pub(super) imported: Imported,
}

struct Txn<'s> {
    txn: RwTxn<'s>,
    /// The database's last key.
    last: Vec<u8>,
    bytes: usize,
    begun: Instant,
}

impl<'s> Loader<'s> {
    pub(super) fn new(
        store: &'s Store,
        folder: PathBuf,
        runs: Vec<Run>,
        progress: &'s ImportProgress,
    ) -> Self {
        Self {
            store,
            progress,
            folder,
            txn: None,
            ascended: Vec::new(),
            pile: Rows::default(),
            stamps: Vec::new(),
            runs,
            taken: 0,
            done: 0,
            looked: 0,
            imported: Imported::default(),
        }
    }

    /// Takes a unit that came to its clean end: its rows, sorted, and what did not fit in memory.
    pub(super) fn unit(
        &mut self,
        rows: &Rows,
        pieces: Vec<Run>,
        stamp: Stamp,
    ) -> Result<(), StoreError> {
        let pieces_bytes = pieces.iter().map(Run::size).sum::<u64>();
        self.taken += rows.size() as u64 + pieces_bytes;
        let in_order = pieces.is_empty()
            && rows
                .ends()
                .is_none_or(|(first, _)| first > self.ascended.as_slice());
        if in_order {
            for (key, value) in rows.latest() {
                self.put(key, value)?;
            }
            if let Some((_, last)) = rows.ends() {
                last.clone_into(&mut self.ascended);
            }
            return self.remember(&[stamp]);
        }
        for piece in pieces {
            let path = piece.path.clone();
            let piece = piece.publish().map_err(|error| io_error(path, error))?;
            self.runs.push(piece);
        }
        self.pile.append(rows);
        self.stamps.push(stamp);
        if self.pile.size() >= PILE {
            self.write_run()?;
        }
        Ok(())
    }

    /// A file of so many bytes is done: will what is still to come have room?
    pub(super) fn file(&mut self, size: u64) -> Result<(), StoreError> {
        self.done += size;
        self.check_room(self.done)
    }

    /// The same after the member of a tar, of which it is only known how far it was read.
    pub(super) fn member(&mut self) -> Result<(), StoreError> {
        self.check_room(read(&self.progress.bytes).max(self.done))
    }

    /// So that nobody waits while nothing is there to be put in.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        match self.txn.take() {
            Some(open) => open.txn.commit().map_err(|error| self.store.failed(error)),
            None => Ok(()),
        }
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let store = self.store;
        let failed = |error| store.failed(error);
        let full = self.txn.as_ref().is_some_and(|open| {
            open.bytes >= TRANSACTION_BYTES || open.begun.elapsed() >= TRANSACTION_TIME
        });
        if full {
            self.commit()?;
        }
        event::count(&self.progress.put);
        let open = self.open()?;
        open.bytes += key.len() + value.len();
        if key > open.last.as_slice() {
            let put = store
                .works
                .put_with_flags(&mut open.txn, PutFlags::APPEND, key, value);
            put.map_err(failed)?;
            key.clone_into(&mut open.last);
        } else {
            let held = store.works.get(&open.txn, key).map_err(failed)?;
            if held.is_some_and(|held| !value::wins(value, held)) {
                self.imported.older += 1;
                return Ok(());
            }
            store.works.put(&mut open.txn, key, value).map_err(failed)?;
        }
        self.imported.works += 1;
        Ok(())
    }

    fn open(&mut self) -> Result<&mut Txn<'s>, StoreError> {
        let failed = |error| self.store.failed(error);
        let open = match self.txn.take() {
            Some(open) => open,
            None => {
                let txn = self.store.env.write_txn().map_err(failed)?;
                let last = self.store.works.last(&txn).map_err(failed)?;
                Txn {
                    last: last.map(|(key, _)| key.to_owned()).unwrap_or_default(),
                    bytes: 0,
                    begun: Instant::now(),
                    txn,
                }
            }
        };
        Ok(self.txn.insert(open))
    }

    fn remember(&mut self, stamps: &[Stamp]) -> Result<(), StoreError> {
        let store = self.store;
        let open = self.open()?;
        for stamp in stamps {
            let put = store.meta.put(&mut open.txn, &stamp.key, &stamp.state);
            put.map_err(|error| store.failed(error))?;
        }
        Ok(())
    }

    fn write_run(&mut self) -> Result<(), StoreError> {
        let failed = |folder: &PathBuf, error| io_error(folder.clone(), error);
        let (mut pile, stamps) = (
            std::mem::take(&mut self.pile),
            std::mem::take(&mut self.stamps),
        );
        pile.sort();
        let rows = pile.latest();
        let run = Run::write(&self.folder, stamps, rows).and_then(Run::publish);
        self.runs
            .push(run.map_err(|error| failed(&self.folder, error))?);
        runs::condense(&self.folder, &mut self.runs).map_err(|error| failed(&self.folder, error))
    }

    /// All is read that will be: what was not in order is sorted now, and goes in. `files`: the files
    /// of which everything is in. Interrupted, it is only made sure that nothing need be read again.
    pub(super) fn finish(
        mut self,
        files: Vec<Stamp>,
        stopped: bool,
    ) -> Result<Imported, StoreError> {
        self.commit()?;
        if stopped {
            if !self.pile.is_empty() {
                self.write_run()?;
            }
            return Ok(self.imported);
        }
        self.progress.set_sorting();
        if self.runs.is_empty() {
            let mut pile = std::mem::take(&mut self.pile);
            pile.sort();
            for (key, value) in pile.latest() {
                self.put(key, value)?;
                if self.progress.is_stopped() {
                    return Ok(self.imported);
                }
            }
        } else {
            if !self.pile.is_empty() {
                self.write_run()?;
            }
            let all = std::mem::take(&mut self.runs);
            let mut failure = None;
            let merged = runs::merge(&all, |key, value| {
                if self.progress.is_stopped() {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                self.put(key, value).map_err(|error| {
                    failure = Some(error);
                    io::ErrorKind::Other.into()
                })
            });
            if let Err(error) = merged {
                if self.progress.is_stopped() {
                    return Ok(self.imported);
                }
                return Err(failure.unwrap_or_else(|| io_error(self.folder.clone(), error)));
            }
            let stamps = all.iter().flat_map(|run| &run.stamps).cloned();
            self.stamps.extend(stamps);
            self.runs = all;
        }
        let stamps = std::mem::take(&mut self.stamps);
        self.remember(&stamps)?;
        self.remember(&files)?;
        self.commit()?;
        runs::remove(&self.runs).map_err(|error| io_error(self.folder.clone(), error))?;
        Ok(self.imported)
    }

    /// Will what comes after `read` bytes have room?
    fn check_room(&mut self, read: u64) -> Result<(), StoreError> {
        if self.looked > 0 && self.taken < self.looked + ROOM_EVERY {
            return Ok(());
        }
        self.looked = self.taken;
        let total = event::read(&self.progress.total_bytes);
        let Some(free) = free(&self.store.path) else {
            return Ok(());
        };
        let in_runs = self.runs.iter().map(Run::size).sum();
        let needed = needed(self.taken, read, total, in_runs);
        if needed <= free {
            return Ok(());
        }
        Err(StoreError::Room {
            path: self.store.path.clone(),
            needed,
            free,
        })
    }
}

/// Bytes of disk that an import still needs of which `read` of `total` bytes are read and gave `taken`
/// bytes of rows; `in_runs` of them wait to be merged.
fn needed(taken: u64, read: u64, total: u64, in_runs: u64) -> u64 {
    let ahead = total.saturating_sub(read) as f64 * taken as f64 / read.max(1) as f64;
    // What must be sorted lies twice on the disk for a while.
    let times = if in_runs > 0 { 1.0 + PAGES } else { PAGES };
    (ahead * times + in_runs as f64 * PAGES) as u64
}

/// Bytes that are free where `path` is, if that is known.
pub(crate) fn free(path: &std::path::Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let stat = rustix::fs::statvfs(path).ok()?;
        Some(stat.f_bavail * stat.f_frsize)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

pub(super) fn io_error(path: PathBuf, source: io::Error) -> StoreError {
    StoreError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::needed;

    #[test]
    fn room_is_estimated_from_what_came() {
        // A tenth is read and gave 10 GB: nine times as much is to come, and a quarter for pages.
        assert_eq!(needed(10, 20, 200, 0), 112);
        // The same, to be sorted: once more for the runs, and those that are there go in, too.
        assert_eq!(needed(10, 20, 200, 8), 212);
        assert_eq!(needed(10, 200, 200, 8), 10);
        assert_eq!(needed(0, 0, 200, 0), 0);
    }
}
