//! Opening a store: the map, its format, and who else has it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use heed::{CommitOrAbort, Env, EnvFlags, EnvOpenOptions, RoTxn, WithTls};

use super::{FORMAT, Store, StoreError, Table, is_full};

/// Address space, not disk: the file grows as works come in. Reserved once, because a map that must
/// grow while other processes have it open is where LMDB programs break.
const MAP_BYTES: [usize; 3] = [1 << 40, 1 << 36, 1 << 33];

/// Threads that may read at once, of all processes.
const READERS: u32 = 1024;

const PAGE: u64 = 4096;

/// The last pages of a healthy file may be missing, if they were given back before they were written.
const UNWRITTEN_PAGES: u64 = 64;

impl Store {
    /// Opens the store in the folder `path`, which is made if it is not there. One that may only be read
    /// is opened for reading.
    ///
    /// # Errors
    /// If the folder or the database can't be used, or if a newer version wrote it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(path).map_err(|source| StoreError::Folder {
            path: path.to_owned(),
            source,
        })?;
        let failed = |source| StoreError::Database {
            path: path.to_owned(),
            source,
        };
        let users = users(path);
        room_for_locks(path).map_err(|source| StoreError::Io {
            path: path.join("lock.mdb"),
            source,
        })?;
        let env = match open_env(path, EnvFlags::empty()) {
            Err(heed::Error::Io(error)) if is_read_only(&error) => return Self::open_to_read(path),
            Err(heed::Error::Mdb(heed::MdbError::Invalid)) => {
                return Err(StoreError::NoStore {
                    path: path.to_owned(),
                });
            }
            opened => opened.map_err(failed)?,
        };
        whole(&env, path)?;
        let store = Self::of_tables(path, env, users, create)?;
        let mut txn = store.env.write_txn().map_err(failed)?;
        let found = store.format(&txn)?;
        if found != Some(FORMAT) {
            let format = FORMAT.to_le_bytes();
            let put = store.meta.put(&mut txn, b"format", &format);
            put.map_err(failed)?;
        }
        txn.commit().map_err(failed)?;
        if let Some(found) = found.filter(|found| *found < FORMAT) {
            tracing::warn!(
                "the store `{}` had format {found} and has format {FORMAT} now: older versions of crossfill can't use it any more",
                path.display()
            );
        }
        Ok(store)
    }

    /// Without locks: who may not write the store's folder can't tell others that he reads.
    fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let env = open_env(path, EnvFlags::READ_ONLY | EnvFlags::NO_LOCK);
        let env = env.map_err(|source| StoreError::Database {
            path: path.to_owned(),
            source,
        })?;
        if missing_pages(&env, path).is_some_and(|missing| missing > 0) {
            return Err(StoreError::Cut {
                path: path.to_owned(),
            });
        }
        let store = Self::of_tables(path, env, None, existing)?;
        let txn = store.env.read_txn().map_err(|error| store.failed(error))?;
        store.format(&txn)?;
        drop(txn);
        tracing::warn!(
            "the store `{}` can only be read: nothing new is kept in it",
            path.display()
        );
        Ok(store)
    }

    fn of_tables(
        path: &Path,
        env: Env<WithTls>,
        users: Option<File>,
        open: fn(&Env<WithTls>, &str) -> Result<Table, heed::Error>,
    ) -> Result<Self, StoreError> {
        let table = |name| {
            open(&env, name).map_err(|source| StoreError::Database {
                path: path.to_owned(),
                source,
            })
        };
        let (works, prefixes, meta) = (table("works")?, table("prefixes")?, table("meta")?);
        Ok(Self {
            path: path.to_owned(),
            env,
            works,
            prefixes,
            meta,
            users,
        })
    }

    /// The format of the store; `None` if it is new.
    fn format(&self, txn: &RoTxn<'_>) -> Result<Option<u32>, StoreError> {
        let bytes = self.meta.get(txn, b"format");
        let bytes = bytes.map_err(|error| self.failed(error))?;
        let found = bytes.map(|bytes| bytes.try_into().map_or(u32::MAX, u32::from_le_bytes));
        match found {
            Some(found) if found > FORMAT => Err(StoreError::TooNew {
                path: self.path.clone(),
                found,
            }),
            found => Ok(found),
        }
    }
}

/// LMDB maps its file of locks before anything is written to it: on a full disk the first write would
/// end the program. So its place is taken before. Nothing in the file is changed, whoever has it open.
#[cfg(target_os = "linux")]
fn room_for_locks(path: &Path) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    // 64 bytes for each of the readers that may be at once, and a header.
    const BYTES: u64 = (READERS as u64 + 2) * 64;
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let Ok(file) = options.open(path.join("lock.mdb")) else {
        // LMDB says why.
        return Ok(());
    };
    let taken = fallocate(&file, FallocateFlags::empty(), 0, BYTES).map_err(io::Error::from);
    match taken {
        Err(error) if is_full(&error) => Err(error),
        // Not all file systems know how to.
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn room_for_locks(_: &Path) -> io::Result<()> {
    Ok(())
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

/// The file that all who have the store open have locked, so that it is never compacted under them.
fn users(path: &Path) -> Option<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let file = options.open(path.join("users.lock")).ok()?;
    // File systems without locks exist: nobody compacts there.
    file.lock_shared().ok()?;
    Some(file)
}

/// LMDB maps a file into memory, which is why heed calls opening it unsafe: nobody may cut the file
/// short meanwhile. Only this program writes there.
#[expect(unsafe_code, reason = "heed marks opening a memory map as unsafe")]
fn open_env(path: &Path, flags: EnvFlags) -> Result<Env<WithTls>, heed::Error> {
    let mut last = None;
    for bytes in MAP_BYTES {
        let mut options = EnvOpenOptions::new();
        options.map_size(bytes).max_dbs(8).max_readers(READERS);
        // SAFETY: see above. Read-ahead only costs memory in a map that is read at random places.
        let opened = unsafe { options.flags(EnvFlags::NO_READ_AHEAD | flags).open(path) };
        match opened {
            Ok(env) => return Ok(env),
            // Address space is limited here: try with less.
            Err(heed::Error::Io(error)) if error.kind() == io::ErrorKind::OutOfMemory => {
                last = Some(heed::Error::Io(error));
            }
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or(heed::Error::EnvAlreadyOpened))
}

/// How many pages the file is too short; `None` if it is gone.
fn missing_pages(env: &Env<WithTls>, path: &Path) -> Option<u64> {
    let pages = env.info().last_page_number as u64 + 1;
    let length = path.join("data.mdb").metadata().ok()?.len();
    Some(pages.saturating_sub(length / PAGE))
}

/// Reading behind the end of a mapped file would end the program. So a file that lacks its last pages
/// gets them (LMDB finds an empty page where one with content should be, and says so), and one that
/// lacks more is refused.
fn whole(env: &Env<WithTls>, path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Database {
        path: path.to_owned(),
        source,
    };
    let missing = |env| missing_pages(env, path).unwrap_or(u64::MAX);
    if missing(env) == 0 {
        return Ok(());
    }
    // Nobody else makes the file longer meanwhile.
    let txn = env.write_txn().map_err(failed)?;
    match missing(env) {
        0 => {}
        1..=UNWRITTEN_PAGES => {
            let pages = env.info().last_page_number as u64 + 1;
            let file = OpenOptions::new().write(true).open(path.join("data.mdb"));
            let grown = file.and_then(|file| file.set_len(pages * PAGE));
            grown.map_err(|error| failed(error.into()))?;
        }
        _ => {
            return Err(StoreError::Cut {
                path: path.to_owned(),
            });
        }
    }
    drop(txn);
    Ok(())
}

fn create(env: &Env<WithTls>, name: &str) -> Result<Table, heed::Error> {
    let txn = env.write_txn()?;
    let opened = env.create_databases_and_commit(txn, |opener, txn| {
        let table = opener.create_database(txn, Some(name))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, std::convert::Infallible>::Commit(table))
    })?;
    Ok(opened.unwrap_commit())
}

fn existing(env: &Env<WithTls>, name: &str) -> Result<Table, heed::Error> {
    let txn = env.read_txn()?;
    let opened = env.open_databases_and_commit(txn, |opener, txn| {
        let table = opener.open_database(txn, Some(name))?;
        let table = table.ok_or(heed::Error::Mdb(heed::MdbError::Invalid))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, std::convert::Infallible>::Commit(table))
    })?;
    Ok(opened.unwrap_commit())
}
