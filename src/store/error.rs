//! Why the store can't be used, and what to do about it.

use std::path::PathBuf;

use thiserror::Error;

use super::FORMAT;

/// Why the store can't be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The folder can't be made or read.
    #[error("cannot use the store folder `{}`: {source}", path.display())]
    Folder {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database says no.
    #[error("store `{}`: {source}", path.display())]
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
        "the store `{}` has format {found}, this version knows {FORMAT}: use a newer crossfill, or another `store`",
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
    /// What a list of DOIs or a data file is called can't be read.
    #[error("cannot import `{}`: {reason}", path.display())]
    Import {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
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
    #[error("the import failed: this is a bug")]
    Broken,
}

impl StoreError {
    /// What to do.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        const ASKED_AGAIN: &str = "remove the store (what it held is asked or imported again), or name another one with `store` or --store";
        const ROOM: &str =
            "make room, or name another `store`: what was answered or brought in is kept";
        let full = |error: &std::io::Error| {
            use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
            // LMDB calls a write that was cut short, on a full disk, an input/output error.
            const EIO: Option<i32> = Some(5);
            matches!(error.kind(), StorageFull | FileTooLarge | QuotaExceeded)
                || error.raw_os_error() == EIO
        };
        match self {
            Self::Cut { .. } => Some(ASKED_AGAIN),
            Self::Database {
                source: heed::Error::Io(error),
                ..
            }
            | Self::Io { source: error, .. } => Some(if full(error) {
                ROOM
            } else {
                "check its folder and the disk, or name another one with `store` or --store"
            }),
            Self::Database {
                source: heed::Error::Mdb(heed::MdbError::MapFull),
                ..
            } => Some(ROOM),
            Self::Database { .. } => Some(ASKED_AGAIN),
            Self::Folder { .. } => Some("name a folder that you may write with `store` or --store"),
            Self::Room { .. } => Some(
                "make room, name another `store`, or bring in a part: --only-dois FILE, --since DATE; the same command goes on from here",
            ),
            Self::TooNew { .. } | Self::Import { .. } | Self::Broken => None,
        }
    }
}
