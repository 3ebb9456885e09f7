//! Why the store can't be used, and what to do about it.

use std::io::ErrorKind;
use std::path::PathBuf;

use thiserror::Error;

use super::FORMAT;
use crate::source::SourceError;

/// Why the store can't be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The folder can't be made or read.
    #[error("cannot use the store folder `{}`: {}", path.display(), folder_reason(source))]
    Folder {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What lies there is no database.
    #[error("`{}` is not a store: its `data.mdb` is something else, or damaged", path.display())]
    NoStore {
        /// Where.
        path: PathBuf,
    },
    /// The database says no.
    #[error("the store `{}` {}", path.display(), database_reason(source))]
    Database {
        /// Where.
        path: PathBuf,
        /// Why.
        source: heed::Error,
    },
    /// The file is shorter than it says that it is.
    #[error("the store `{}` was cut short", path.display())]
    Cut {
        /// Where.
        path: PathBuf,
    },
    /// Written by a newer version of this program.
    #[error(
        "the store `{}` has format {found}, this version knows {FORMAT}",
        path.display()
    )]
    TooNew {
        /// Where.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// What belongs to an import beside the database can't be read or written.
    #[error("store `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The data files can't be read.
    #[error(transparent)]
    Import(#[from] SourceError),
    /// The disk would be full before all is in.
    #[error(
        "not enough room in `{}`: about {} more are needed, {} are free",
        path.display(), bytesize::ByteSize(*needed).display().si(), bytesize::ByteSize(*free).display().si()
    )]
    Room {
        /// The store.
        path: PathBuf,
        /// Bytes that are still needed, estimated from what is in.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// A thread of an import panicked.
    #[error("the import failed")]
    Broken,
}

fn folder_reason(source: &std::io::Error) -> String {
    match source.kind() {
        ErrorKind::AlreadyExists => "it is a file".to_owned(),
        ErrorKind::NotADirectory => "a part of its path is a file".to_owned(),
        _ => source.to_string(),
    }
}

fn database_reason(source: &heed::Error) -> String {
    use heed::MdbError::{Corrupted, PageNotFound, Panic};
    match source {
        heed::Error::Mdb(Corrupted | PageNotFound | Panic) => format!("is damaged: {source}"),
        _ => format!("can't be used: {source}"),
    }
}

/// An error of input or output, on all systems.
const EIO: i32 = 5;

/// Does this say that there is no room?
pub(crate) fn is_full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded
    )
}

impl StoreError {
    /// What to do.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        const OTHER: &str = "name a folder for it with `store` or --store";
        const ASKED_AGAIN: &str = "remove the store (what it held is asked or imported again), or name another one with `store` or --store";
        const ROOM: &str =
            "make room, or name another `store`: what was answered or brought in is kept";
        match self {
            Self::Cut { .. } => Some(ASKED_AGAIN),
            Self::NoStore { .. } => Some(
                "if it never was one, name another folder with `store` or --store; if it was, remove it: what it held is asked or imported again",
            ),
            Self::TooNew { .. } => {
                Some("use a newer crossfill, or name another store with `store` or --store")
            }
            Self::Database {
                source: heed::Error::Mdb(heed::MdbError::ReadersFull),
                ..
            } => Some("too many processes read it at once: wait until one of them has ended"),
            Self::Database {
                source: heed::Error::Mdb(heed::MdbError::MapFull),
                ..
            } => Some(ROOM),
            Self::Folder { source, .. }
            | Self::Io { source, .. }
            | Self::Database {
                source: heed::Error::Io(source),
                ..
            } => Some(match (is_full(source), source.kind()) {
                (true, _) => ROOM,
                // LMDB calls a write that was cut short, on a full disk, an input/output error.
                _ if source.raw_os_error() == Some(EIO) => ROOM,
                (_, ErrorKind::AlreadyExists | ErrorKind::NotADirectory) => OTHER,
                (_, ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                    "name another `store`, or allow writing there"
                }
                _ => "check its folder and the disk, or name another `store`",
            }),
            Self::Database { .. } => Some(ASKED_AGAIN),
            Self::Room { .. } => Some(
                "make room, name another `store`, or bring in a part: --only-dois FILE, --since DATE; the same command goes on from here",
            ),
            Self::Import(_) | Self::Broken => None,
        }
    }
}
