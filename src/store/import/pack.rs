//! The middle of an import: readers that send pieces of units to packers, which make rows of them on all
//! cores.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::read::{self, Chunk, Sink};
use super::rows::Rows;
use super::runs::Run;
use super::unit::{DataFile, Stamp};
use super::{Damage, ImportProgress, Known, Subset, load};
use crate::store::StoreError;
use crate::store::value::{self, About, Encoder};
use crate::work::Work;

/// Rows of a unit that are held; more become a sorted run on disk.
const HELD: usize = if cfg!(test) { 512 << 10 } else { 24 << 20 };

/// What reached its end: a unit, or a file with all of its units.
pub(super) enum Finished {
    Unit(Arc<Unit>),
    File {
        index: usize,
        units: usize,
        end: End,
    },
}

/// How a file ended.
pub(super) enum End {
    /// It was in already.
    Known,
    Clean,
    /// With units that were damaged, or damage of its own.
    Damaged(Option<Damage>),
    Stopped,
}

impl Finished {
    /// File and unit; a file comes after its last unit.
    pub(super) fn place(&self) -> (usize, usize) {
        match self {
            Self::Unit(unit) => unit.place,
            Self::File { index, units, .. } => (*index, *units),
        }
    }
}

/// A file, or a member of a tar.
pub(super) struct Unit {
    place: (usize, usize),
    name: String,
    pub(super) is_member: bool,
    pub(super) stamp: Stamp,
    state: Mutex<State>,
}

struct State {
    packed: Packed,
    /// Its reader, and chunks that are not packed yet.
    open: usize,
    /// Something of it was left out, because it was time to stop.
    lacks: bool,
}

/// What became of a unit.
#[derive(Default)]
pub(super) struct Packed {
    pub(super) rows: Rows,
    pub(super) pieces: Vec<Run>,
    pub(super) damaged: Vec<Damage>,
    /// It came to its clean end.
    pub(super) whole: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Unit {
    /// What it holds, once it is finished.
    pub(super) fn take(&self) -> Packed {
        std::mem::take(&mut locked(&self.state).packed)
    }

    fn damage(&self, number: u64, reason: String) -> Damage {
        Damage {
            place: match number {
                0 => self.name.clone(),
                number => format!("{}:{number}", self.name),
            },
            reason,
        }
    }
}

struct Job {
    unit: Arc<Unit>,
    chunk: Chunk,
}

/// Chunks on their way to the packers.
pub(super) struct Jobs(Mutex<Receiver<Job>>);

/// Where readers send what they read, and what is finished.
#[derive(Clone)]
pub(super) struct Out {
    jobs: SyncSender<Job>,
    finished: Sender<Finished>,
}

impl Out {
    /// The way of what is finished alone.
    pub(super) fn finished(&self) -> Sender<Finished> {
        self.finished.clone()
    }
}

/// What all threads of an import share.
pub(super) struct Shared<'a> {
    pub(super) files: &'a [DataFile],
    pub(super) known: Known<'a>,
    pub(super) subset: &'a Subset,
    pub(super) now: u64,
    pub(super) progress: &'a ImportProgress,
    pub(super) folder: PathBuf,
    pub(super) cores: usize,
    pub(super) next: AtomicUsize,
    pub(super) gate: Mutex<Gate>,
    pub(super) opened: Condvar,
    pub(super) failure: Mutex<Option<StoreError>>,
}

/// Units that were begun and are not in yet: they are in memory.
#[derive(Default)]
pub(super) struct Gate {
    begun: BTreeMap<usize, usize>,
    lowest: usize,
}

/// The channels between the threads of an import.
pub(super) fn channels(cores: usize) -> (Out, Arc<Jobs>, Receiver<Finished>) {
    let (jobs, taken) = mpsc::sync_channel(2 * cores);
    let (finished, loaded) = mpsc::channel();
    let jobs_taken = Arc::new(Jobs(Mutex::new(taken)));
    (Out { jobs, finished }, jobs_taken, loaded)
}

impl Shared<'_> {
    fn fail(&self, error: StoreError) {
        locked(&self.failure).get_or_insert(error);
        self.stop();
    }

    /// Lets everybody end.
    pub(super) fn stop(&self) {
        self.progress.stop();
        self.opened.notify_all();
    }

    /// Waits until a unit of `file` may be begun: few are in memory, or it is the one whose turn it is.
    fn enter(&self, file: usize) {
        let most = self.cores + 2;
        let mut gate = locked(&self.gate);
        loop {
            let all: usize = gate.begun.values().sum();
            let own = gate.begun.get(&file).copied().unwrap_or_default();
            let may = all < most || gate.lowest == file && own < most;
            if may || self.progress.is_stopped() {
                *gate.begun.entry(file).or_default() += 1;
                return;
            }
            // In time to see that it was stopped from outside.
            let waited = self.opened.wait_timeout(gate, Duration::from_millis(100));
            gate = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A unit of `file` is in, and out of memory.
    pub(super) fn taken(&self, file: usize) {
        let mut gate = locked(&self.gate);
        if let Some(begun) = gate.begun.get_mut(&file) {
            *begun = begun.saturating_sub(1);
        }
        gate.begun.retain(|_, begun| *begun > 0);
        self.opened.notify_all();
    }

    /// All before `file` is in.
    pub(super) fn lowest(&self, file: usize) {
        locked(&self.gate).lowest = file;
        self.opened.notify_all();
    }

    /// Reads files until there are no more.
    pub(super) fn read_files(&self, out: &Out) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = self.files.get(index) else {
                return;
            };
            if self.progress.is_stopped() {
                return;
            }
            match self.known.has(&file.stamp) {
                Ok(false) => {}
                Ok(true) => {
                    let end = End::Known;
                    drop(out.finished.send(Finished::File {
                        index,
                        units: 0,
                        end,
                    }));
                    continue;
                }
                Err(error) => return self.fail(error),
            }
            let mut units = Units {
                shared: self,
                out,
                file,
                index,
                count: 0,
                current: None,
                clean: true,
            };
            let read = read::file(&file.source, &self.progress.bytes, &mut units);
            let end = match read {
                _ if self.progress.is_stopped() => End::Stopped,
                Err(reason) => End::Damaged(Some(Damage {
                    place: file.path.display().to_string(),
                    reason,
                })),
                Ok(()) if !units.clean => End::Damaged(None),
                Ok(()) => End::Clean,
            };
            let units = units.count;
            drop(out.finished.send(Finished::File { index, units, end }));
        }
    }

    /// Packs chunks until there are no more.
    pub(super) fn pack(&self, jobs: &Jobs, finished: &Sender<Finished>) {
        let mut encoder = match Encoder::new() {
            Ok(encoder) => encoder,
            Err(error) => return self.fail(load::io_error(self.folder.clone(), error)),
        };
        loop {
            let job = locked(&jobs.0).recv();
            let Ok(Job { unit, chunk }) = job else { return };
            let (mut rows, mut damaged) = (Rows::default(), Vec::new());
            let stopped = self.progress.is_stopped();
            if !stopped {
                for (number, work) in chunk.works() {
                    if let Err(reason) = self.row(&mut rows, &mut encoder, work) {
                        damaged.push(unit.damage(number, reason));
                    }
                }
            }
            drop(chunk);
            let works = rows.len() as u64;
            self.progress.works.fetch_add(works, Ordering::Relaxed);
            let mut state = locked(&unit.state);
            state.lacks |= stopped;
            state.packed.rows.append(&rows);
            state.packed.damaged.append(&mut damaged);
            if state.packed.rows.size() >= HELD {
                let mut rows = std::mem::take(&mut state.packed.rows);
                drop(state);
                rows.sort();
                match Run::write(&self.folder, Vec::new(), rows.latest()) {
                    Ok(run) => locked(&unit.state).packed.pieces.push(run),
                    Err(error) => self.fail(load::io_error(self.folder.clone(), error)),
                }
            } else {
                drop(state);
            }
            close(&unit, finished);
        }
    }

    /// One work as a row, if it is wanted.
    fn row(&self, rows: &mut Rows, encoder: &mut Encoder, text: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let work = Work::parse(text).map_err(|error| error.to_string())?;
        let doi = work.doi().ok_or("a work without a valid DOI")?;
        let indexed = value::indexed(&work);
        if !self.subset.has(&doi) || !self.subset.is_recent(indexed) {
            return Ok(());
        }
        let about = About {
            whole: true,
            imported: true,
            indexed,
            asked: self.now,
        };
        let json = work.trimmed();
        rows.add(&value::key(&doi), |out| {
            encoder.work(&doi, &json, about, out)
        })
        .map_err(|error| error.to_string())
    }
}

/// One of those who had the unit open is done with it; the last one sorts it and hands it on.
fn close(unit: &Arc<Unit>, finished: &Sender<Finished>) {
    let mut state = locked(&unit.state);
    state.open -= 1;
    if state.open == 0 {
        state.packed.whole &= !state.lacks;
        state.packed.rows.sort();
        drop(state);
        drop(finished.send(Finished::Unit(Arc::clone(unit))));
    }
}

/// The units of one file, as they are read.
struct Units<'s, 'a> {
    shared: &'s Shared<'a>,
    out: &'s Out,
    file: &'a DataFile,
    index: usize,
    count: usize,
    current: Option<Arc<Unit>>,
    clean: bool,
}

impl Sink for Units<'_, '_> {
    fn begin(&mut self, member: Option<&str>) -> bool {
        let path = self.file.path.display();
        let (name, stamp) = match member {
            None => (path.to_string(), self.file.stamp.clone()),
            Some(member) => (format!("{path}!{member}"), self.file.member(member)),
        };
        // Of a file it is known that it is not in.
        match member.map_or(Ok(false), |_| self.shared.known.has(&stamp)) {
            Ok(false) => {}
            Ok(true) => return false,
            Err(error) => {
                self.shared.fail(error);
                return false;
            }
        }
        self.shared.enter(self.index);
        if self.shared.progress.is_stopped() {
            self.shared.taken(self.index);
            return false;
        }
        self.current = Some(Arc::new(Unit {
            place: (self.index, self.count),
            name,
            is_member: member.is_some(),
            stamp,
            state: Mutex::new(State {
                packed: Packed::default(),
                open: 1,
                lacks: false,
            }),
        }));
        self.count += 1;
        true
    }

    fn works(&mut self, chunk: Chunk) -> bool {
        let Some(unit) = &self.current else {
            return false;
        };
        locked(&unit.state).open += 1;
        let unit = Arc::clone(unit);
        let taken = self.out.jobs.send(Job { unit, chunk });
        // Packers that are all gone have said why.
        let Err(refused) = taken else {
            return !self.shared.progress.is_stopped();
        };
        let mut state = locked(&refused.0.unit.state);
        state.open -= 1;
        state.lacks = true;
        false
    }

    fn end(&mut self, damage: Option<String>) {
        let Some(unit) = self.current.take() else {
            return;
        };
        self.clean &= damage.is_none();
        let mut state = locked(&unit.state);
        state.packed.whole = damage.is_none() && !self.shared.progress.is_stopped();
        let damage = damage.map(|reason| unit.damage(0, reason));
        state.packed.damaged.extend(damage);
        drop(state);
        close(&unit, &self.out.finished);
    }
}
