//! The budget that the processes of one user share: a small file with the instant from which each
//! route is free again, and a file for each request that may be open.
//!
//! Crossref counts by address, not by process, so that two runs with one address (or token), or a run
//! and its restart, have one allowance. The book is read and written under a file lock that is held for
//! microseconds; the locks go with their process, however it ends. Instants are nanoseconds since 1970
//! by the system's clock, the only one that processes share.

mod book;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use super::limit::Route;
use book::{Book, OPEN, Turn, open, read, write};

/// Nobody is made to pause longer by the book: an instant beyond is of a clock that was set back.
const LONGEST: u64 = 300_000_000_000;

/// Who had the last turn lets others go first for so long.
const COURTESY: u64 = 10_000_000;

/// How often somebody looks whether a request of another process has ended.
const LOOK: u64 = 5_000_000;

/// What is wanted longer ago than this is not wanted any more.
const FORGOTTEN: u64 = 50_000_000;

/// The system's clock, or one that tests can stop.
#[derive(Debug, Clone)]
pub(crate) enum Wall {
    System,
    #[cfg(test)]
    Virtual(tokio::time::Instant),
}

impl Wall {
    /// Nanoseconds since 1970.
    pub(super) fn now(&self) -> u64 {
        let since = match self {
            Self::System => SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
            #[cfg(test)]
            Self::Virtual(start) => Duration::from_secs(1_000) + start.elapsed(),
        };
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The clock as governor wants it. governor counts from its first look at the clock, the book from
/// 1970: so that look is shown 1970, and a clock that is set back makes no difference.
#[derive(Debug, Clone)]
pub(super) struct WallClock {
    wall: Wall,
    looked: Arc<AtomicBool>,
}

impl Clock for WallClock {
    type Instant = Nanos;
    fn now(&self) -> Nanos {
        match self.looked.swap(true, Ordering::Relaxed) {
            true => self.wall.now().into(),
            false => Nanos::new(0),
        }
    }
}

/// governor's state of one route, as the book has it: the instant from which it is free again.
#[derive(Debug)]
pub(super) struct Cell(Arc<AtomicU64>);

impl StateStore for Cell {
    type Key = NotKeyed;

    // Only called with the book in hand: nobody changes it meanwhile.
    fn measure_and_replace<T, F, E>(&self, _key: &NotKeyed, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (value, next) = f(Some(self.0.load(Ordering::Relaxed).into()))?;
        self.0.store(next.into(), Ordering::Relaxed);
        Ok(value)
    }
}

/// Evenly spaced requests.
pub(super) type Pacer = RateLimiter<NotKeyed, Cell, WallClock, NoOpMiddleware<Nanos>>;

/// What came of asking for a turn.
#[derive(Debug)]
pub(super) enum Take {
    /// It may be sent now; the lock of an open request, where processes share.
    Now(Option<File>),
    /// Not before this instant.
    NotBefore(u64),
    /// As many requests are open as may be, of all processes; look again at this instant.
    Full(u64),
}

/// The shared budget, or one that this process has for itself.
#[derive(Debug)]
pub(super) struct Ledger {
    shared: Option<Shared>,
    book: Mutex<Book>,
    wall: Wall,
    me: u64,
    cells: [Arc<AtomicU64>; 2],
    /// Since when somebody else is let go first.
    courtesy: Mutex<[Option<u64>; 3]>,
    /// Sharing has come to nothing, and that was said.
    given_up: AtomicBool,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    file: File,
}

impl Ledger {
    /// A budget of this process alone. It is spent at first: nobody knows what was asked just before.
    pub(super) fn alone(wall: Wall) -> Self {
        Self::with(None, wall)
    }

    /// The budget in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// If the folder can't be used or written to, or knows no locks.
    pub(super) fn open(folder: &Path, wall: Wall) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let file = open(&folder.join("book"))?;
        match file.try_lock() {
            Ok(()) => {
                // A full disk lets a file be made, and not be written.
                write(&file, &read(&file).unwrap_or_default())?;
                file.unlock()?;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let folder = folder.to_owned();
        Ok(Self::with(Some(Shared { folder, file }), wall))
    }

    fn with(shared: Option<Shared>, wall: Wall) -> Self {
        Self {
            shared,
            book: Mutex::default(),
            wall,
            me: fastrand::u64(1..),
            cells: [Arc::default(), Arc::default()],
            courtesy: Mutex::default(),
            given_up: AtomicBool::new(false),
        }
    }

    pub(super) fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Paces `route`: a request in each `period`, none together.
    pub(super) fn pacer(&self, route: Route, period: Duration) -> Pacer {
        let quota =
            Quota::with_period(period).unwrap_or(Quota::per_second(std::num::NonZeroU32::MIN));
        let cell = Cell(Arc::clone(&self.cells[route.index()]));
        let (wall, looked) = (self.wall.clone(), Arc::default());
        RateLimiter::new(quota, cell, WallClock { wall, looked })
    }

    /// When `route` is free again, as far as is known.
    pub(super) fn free_at(&self, route: Route) -> u64 {
        self.cells[route.index()].load(Ordering::Relaxed)
    }

    /// No process asks before `until`.
    pub(super) fn pause(&self, until: u64) {
        let longest = self.wall.now().saturating_add(LONGEST);
        self.tell(|book| {
            // What is further away is of a clock that was set back.
            let before = Some(book.paused_until).filter(|until| *until <= longest);
            book.paused_until = before.unwrap_or_default().max(until);
        });
    }

    /// More is allowed on `route` than was: it is free again at `at` at the latest.
    pub(super) fn free_by(&self, route: Route, at: u64) {
        self.tell(|book| {
            let free_at = &mut book.free_at[route.index()];
            *free_at = at.min(*free_at);
        });
    }

    /// `route` is free again at `at`, not when it seemed to be: if the last turn was this process's.
    pub(super) fn free_from(&self, route: Route, at: u64) {
        self.tell(|book| {
            if book.turns[route.index()].last == self.me {
                book.free_at[route.index()] = at;
            }
        });
    }

    /// Writes into the book. If others hold it for long they see for themselves.
    fn tell(&self, change: impl Fn(&mut Book)) {
        for _ in 0..20 {
            let done = self.with_book(|book| {
                change(book);
                for (cell, free_at) in self.cells.iter().zip(book.free_at) {
                    cell.store(free_at, Ordering::Relaxed);
                }
            });
            if done.is_some() {
                return;
            }
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Asks for the next turn on `route`, with at most `limit` requests open in all processes.
    /// A turn that is further away than `longest` is of a clock that was set back. `None`: another
    /// process is just writing; ask again.
    pub(super) fn take(
        &self,
        route: Route,
        pacer: &Pacer,
        limit: usize,
        longest: Duration,
    ) -> Option<Take> {
        self.with_book(|book| {
            let now = self.wall.now();
            if book.paused_until > now && book.paused_until - now < LONGEST {
                return Take::NotBefore(book.paused_until);
            }
            let slot = match self.slot(limit) {
                Slot::Free(lock) => lock,
                Slot::Taken => {
                    self.want(&mut book.turns[OPEN], now);
                    return Take::Full(now + LOOK);
                }
            };
            if let Some(wait) = self.let_others_go(&book.turns[OPEN], OPEN, now) {
                return Take::NotBefore(wait);
            }
            let turn = route.index();
            if book.free_at[turn] > now + u64::try_from(longest.as_nanos()).unwrap_or(LONGEST) {
                book.free_at[turn] = now;
            }
            self.cells[turn].store(book.free_at[turn], Ordering::Relaxed);
            if let Err(not_until) = pacer.check() {
                let wait = not_until.wait_time_from(now.into());
                let at = now + u64::try_from(wait.as_nanos()).unwrap_or(LONGEST);
                self.want(&mut book.turns[turn], at);
                // More than a turn: another process sets up a connection, and may have done so soon.
                let held = wait > not_until.quota().replenish_interval();
                return match held && book.turns[turn].last != self.me {
                    true => Take::NotBefore(at.min(now + 4 * LOOK)),
                    false => Take::NotBefore(at),
                };
            }
            if let Some(wait) = self.let_others_go(&book.turns[turn], turn, now) {
                // Not taken after all.
                self.cells[turn].store(book.free_at[turn], Ordering::Relaxed);
                return Take::NotBefore(wait);
            }
            book.free_at[turn] = self.free_at(route);
            for turn in [turn, OPEN] {
                let entry = &mut book.turns[turn];
                entry.last = self.me;
                if entry.wanted_by == self.me {
                    (entry.wanted_by, entry.wanted_at) = (0, 0);
                }
                self.courtesies()[turn] = None;
            }
            Take::Now(slot)
        })
    }

    fn courtesies(&self) -> MutexGuard<'_, [Option<u64>; 3]> {
        self.courtesy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells others that this process waits. Who waits already is not pushed aside.
    fn want(&self, turn: &mut Turn, at: u64) {
        let now = self.wall.now();
        let forgotten =
            turn.wanted_at.saturating_add(FORGOTTEN) < now || turn.wanted_at > now + LONGEST;
        if turn.wanted_by == 0
            || turn.wanted_by == self.me
            || turn.last == turn.wanted_by
            || forgotten
        {
            (turn.wanted_by, turn.wanted_at) = (self.me, at);
        }
    }

    /// Until when another process has the first right, because the last turn was ours.
    fn let_others_go(&self, turn: &Turn, which: usize, now: u64) -> Option<u64> {
        let wanted = turn.wanted_by != 0
            && turn.wanted_by != self.me
            && turn.wanted_at <= now + COURTESY
            && turn.wanted_at.saturating_add(FORGOTTEN) >= now;
        let courtesies = &mut self.courtesies()[which];
        if !wanted || turn.last != self.me {
            *courtesies = None;
            return None;
        }
        let until = *courtesies.get_or_insert(now) + COURTESY;
        (now < until).then_some(until)
    }

    /// The lock of one of `limit` open requests.
    fn slot(&self, limit: usize) -> Slot {
        let Some(shared) = self.sharing() else {
            return Slot::Free(None);
        };
        for number in 0..limit {
            let Ok(file) = open(&shared.folder.join(format!("open-{number}"))) else {
                // What can't be shared is not: the limit of this process holds.
                return Slot::Free(None);
            };
            match file.try_lock() {
                Ok(()) => return Slot::Free(Some(file)),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(_)) => return Slot::Free(None),
            }
        }
        Slot::Taken
    }

    /// Does something with the book while no other process does; `None` if one does.
    fn with_book<T>(&self, f: impl FnOnce(&mut Book) -> T) -> Option<T> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(shared) = self.sharing() else {
            return Some(f(&mut book));
        };
        if let Err(TryLockError::WouldBlock) = shared.file.try_lock() {
            return None;
        }
        // Should the file lose what was written there, this process still knows its own part: that can't
        // have become less if nobody else had a turn since.
        if let Some(read) = read(&shared.file) {
            let own = *book;
            *book = read;
            for at in 0..book.free_at.len() {
                if [self.me, 0].contains(&book.turns[at].last) {
                    book.free_at[at] = book.free_at[at].max(own.free_at[at]);
                }
            }
        }
        let before = *book;
        let result = f(&mut book);
        if *book != before
            && let Err(error) = write(&shared.file, &book)
        {
            self.give_up(&error.to_string());
        }
        // It is released with the file at the latest.
        drop(shared.file.unlock());
        Some(result)
    }

    fn sharing(&self) -> Option<&Shared> {
        let given_up = self.given_up.load(Ordering::Relaxed);
        self.shared.as_ref().filter(|_| !given_up)
    }

    /// From now on this process has the budget for itself.
    pub(super) fn give_up(&self, why: &str) {
        if let Some(shared) = self.sharing() {
            let folder = shared.folder.display();
            tracing::warn!("the limits are not shared with other runs any more: `{folder}`: {why}");
            self.given_up.store(true, Ordering::Relaxed);
        }
    }
}

enum Slot {
    Free(Option<File>),
    Taken,
}
