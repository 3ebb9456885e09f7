//! The store: what Crossref answered, by DOI, in LMDB. It is the program's only memory.
//!
//! Every answer is committed here before its record is written, so that there is no checkpoint: the
//! same command after a kill finds all that was answered. Several processes may use one store at
//! once; readers never wait.

mod age;
mod import;
mod value;

use std::path::{Path, PathBuf};

use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvFlags, EnvOpenOptions, RoTxn, RwTxn, WithTls};
use thiserror::Error;

use crate::doi::Doi;
use crate::work::Work;
pub use age::Ages;
pub use import::Imported;
pub(crate) use value::{Decoder, Encoder, Entry, Held};

/// The format of what is stored; it changes when an older program could misread it.
const FORMAT: u32 = 1;

/// Address space, not disk: the file grows as works come in. Reserved once, because a map that must
/// grow while other processes have it open is where LMDB programs break.
const MAP_BYTES: [usize; 3] = [1 << 40, 1 << 36, 1 << 33];

/// An answer of Crossref's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The work of this DOI.
    Work {
        /// The work's own DOI.
        doi: Doi,
        /// Its JSON, without references.
        json: String,
        /// Is it the whole work (else only the selectable fields)?
        whole: bool,
    },
    /// Crossref does not know the DOI.
    NotFound(Doi),
    /// The DOI is another name of a work.
    Alias {
        /// The DOI that was asked.
        doi: Doi,
        /// The work's own DOI.
        prime: Doi,
    },
    /// Who registers the DOIs of this prefix.
    Agency {
        /// The prefix, `10.NNNN`.
        prefix: String,
        /// The agency's name, as Crossref writes it; empty if it is Crossref, or if Crossref does
        /// not know.
        agency: String,
    },
}

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
    #[error(
        "the store `{}` was cut short: remove it (what it held is asked again), or name another `store`",
        path.display()
    )]
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
    /// A data file that can't be brought in.
    #[error("cannot import `{}`{}: {reason}", path.display(), at_line(*line))]
    Import {
        /// The file.
        path: PathBuf,
        /// Where in it; 0 if it is the file as a whole.
        line: u64,
        /// Why.
        reason: String,
    },
}

type Table = Database<'static, Bytes, Bytes>;

fn at_line(line: u64) -> String {
    match line {
        0 => String::new(),
        line => format!(", line {line}"),
    }
}

/// The local works store.
pub struct Store {
    path: PathBuf,
    env: Env<WithTls>,
    works: Table,
    prefixes: Table,
    meta: Table,
}

impl Store {
    /// Opens the store in the folder `path`, which is made if it is not there.
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
        let env = open_env(path).map_err(failed)?;
        if is_cut(&env, path) {
            return Err(StoreError::Cut {
                path: path.to_owned(),
            });
        }
        let database = |name| open_database(&env, name).map_err(failed);
        let (works, prefixes, meta) =
            (database("works")?, database("prefixes")?, database("meta")?);
        let mut txn = env.write_txn().map_err(failed)?;
        let store = Self {
            path: path.to_owned(),
            works,
            prefixes,
            meta,
            env: env.clone(),
        };
        match store.meta.get(&txn, b"format").map_err(failed)? {
            None => {
                let format = FORMAT.to_le_bytes();
                store
                    .meta
                    .put(&mut txn, b"format", &format)
                    .map_err(failed)?;
            }
            Some(bytes) => {
                let found = bytes.try_into().map_or(u32::MAX, u32::from_le_bytes);
                if found > FORMAT {
                    return Err(StoreError::TooNew {
                        path: path.to_owned(),
                        found,
                    });
                }
            }
        }
        txn.commit().map_err(failed)?;
        Ok(store)
    }

    fn failed(&self, source: heed::Error) -> StoreError {
        StoreError::Database {
            path: self.path.clone(),
            source,
        }
    }

    /// A view of the store as it is now, for a number of look-ups.
    pub(crate) fn read(&self) -> Result<Reading<'_>, StoreError> {
        Ok(Reading {
            txn: self.env.read_txn().map_err(|error| self.failed(error))?,
            store: self,
        })
    }

    /// Keeps `answers`, all or none, on disk when this returns.
    ///
    /// # Errors
    /// If the disk is full or the database says no.
    pub fn commit(&self, answers: &[Answer], now: u64) -> Result<(), StoreError> {
        let commit = || -> Result<(), heed::Error> {
            let mut encoder = Encoder::new()?;
            let mut txn = self.env.write_txn()?;
            for answer in answers {
                self.put(&mut txn, &mut encoder, answer, now)?;
            }
            txn.commit()
        };
        commit().map_err(|error| self.failed(error))
    }

    fn put(
        &self,
        txn: &mut RwTxn<'_>,
        encoder: &mut Encoder,
        answer: &Answer,
        now: u64,
    ) -> Result<(), heed::Error> {
        match answer {
            Answer::Work { doi, json, whole } => {
                let value = encoder.work(doi, json, *whole, false, now)?;
                self.works.put(txn, &value::key(doi), &value)
            }
            Answer::NotFound(doi) => {
                let key = value::key(doi);
                let before = self.works.get(txn, &key)?.map_or(0, value::times_absent);
                let value = value::not_found(doi, before.saturating_add(1), now);
                self.works.put(txn, &key, &value)
            }
            Answer::Alias { doi, prime } => {
                let value = value::alias(doi, prime, now);
                self.works.put(txn, &value::key(doi), &value)
            }
            Answer::Agency { prefix, agency } => {
                let mut value = now.to_le_bytes().to_vec();
                value.extend_from_slice(agency.as_bytes());
                self.prefixes.put(txn, &value::key_of(prefix), &value)
            }
        }
    }
}

/// LMDB maps a file into memory, which is why heed calls opening it unsafe: nobody may cut the file
/// short meanwhile. Only this program writes there.
#[expect(unsafe_code, reason = "heed marks opening a memory map as unsafe")]
fn open_env(path: &Path) -> Result<Env<WithTls>, heed::Error> {
    let mut last = None;
    for bytes in MAP_BYTES {
        let mut options = EnvOpenOptions::new();
        options.map_size(bytes).max_dbs(8).max_readers(1024);
        // SAFETY: see above. Read-ahead only costs memory in a map that is read at random places.
        let opened = unsafe { options.flags(EnvFlags::NO_READ_AHEAD).open(path) };
        match opened {
            Ok(env) => return Ok(env),
            // Address space is limited here: try with less.
            Err(heed::Error::Io(error)) if error.kind() == std::io::ErrorKind::OutOfMemory => {
                last = Some(heed::Error::Io(error));
            }
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or(heed::Error::EnvAlreadyOpened))
}

/// Reading behind the end of a mapped file would end the program. The last pages of a healthy file
/// may be missing, if they were given back before they were written: hence the tolerance.
fn is_cut(env: &Env<WithTls>, path: &Path) -> bool {
    const PAGE: u64 = 4096;
    const TOLERANCE: u64 = 64;
    let last = env.info().last_page_number as u64;
    let length = path
        .join("data.mdb")
        .metadata()
        .map_or(0, |meta| meta.len());
    length / PAGE + TOLERANCE < last
}

fn open_database(env: &Env<WithTls>, name: &str) -> Result<Table, heed::Error> {
    let txn = env.write_txn()?;
    let opened = env.create_databases_and_commit(txn, |opener, txn| {
        let table = opener.create_database(txn, Some(name))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, std::convert::Infallible>::Commit(table))
    })?;
    Ok(opened.unwrap_commit())
}

/// A view of the store.
pub(crate) struct Reading<'s> {
    txn: RoTxn<'s, WithTls>,
    store: &'s Store,
}

impl Reading<'_> {
    /// What is stored of `doi`. A value that is damaged, or of another DOI, is as good as none.
    pub(crate) fn get(&self, doi: &Doi) -> Result<Option<Entry<'_>>, StoreError> {
        let value = self.store.works.get(&self.txn, &value::key(doi));
        let value = value.map_err(|error| self.store.failed(error))?;
        Ok(value.and_then(|bytes| value::read(bytes, doi)))
    }

    /// Does the store have a work of this prefix (among the first few thousand DOIs of it)?
    pub(crate) fn has_work_of(&self, prefix: &str) -> Result<bool, StoreError> {
        let start = format!("{prefix}/");
        if start.len() > value::key_of(prefix).len() + 1 {
            return Ok(false);
        }
        let failed = |error| self.store.failed(error);
        let values = self
            .store
            .works
            .prefix_iter(&self.txn, start.as_bytes())
            .map_err(failed)?;
        for value in values.take(5_000) {
            if value::is_work(value.map_err(failed)?.1) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What `/agency` said of `prefix` (empty: Crossref, or nothing), and when.
    pub(crate) fn agency(&self, prefix: &str) -> Result<Option<(u64, &str)>, StoreError> {
        let value = self.store.prefixes.get(&self.txn, &value::key_of(prefix));
        let value = value.map_err(|error| self.store.failed(error))?;
        Ok(value.and_then(|bytes| {
            let (at, name) = bytes.split_first_chunk::<8>()?;
            Some((u64::from_le_bytes(*at), std::str::from_utf8(name).ok()?))
        }))
    }
}

/// The work that an API answer or a data file holds, as an [`Answer`]; `None` if it is no work with
/// a DOI.
pub(crate) fn answer_of(json: &str, whole: bool) -> Option<Answer> {
    let work = Work::parse(json).ok()?;
    Some(Answer::Work {
        doi: work.doi()?,
        json: work.trimmed(),
        whole,
    })
}

#[cfg(test)]
mod tests;
