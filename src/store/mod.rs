//! The store: what Crossref answered, by DOI, in LMDB. It is the program's only memory.
//!
//! Every answer is committed here before its record is written, so that there is no checkpoint: the
//! same command after a kill finds all that was answered. Several processes may use one store at
//! once; readers never wait.

mod age;
mod error;
mod import;
mod open;
mod upkeep;
mod value;

use std::fs::File;
use std::path::{Path, PathBuf};

use heed::types::Bytes;
use heed::{Database, Env, RoTxn, RwTxn, WithTls};

use crate::doi::Doi;
use crate::work::Work;
pub use age::Ages;
pub use error::StoreError;
pub(crate) use error::is_full;
pub(crate) use import::free;
pub use import::{Damage, ImportProgress, Imported, Subset};
pub use upkeep::{Info, Pruned};
use value::About;
pub(crate) use value::{Decoder, Encoder, Entry, Held};

/// The format of what is stored; it changes when an older program could misread it. Values of format 1
/// (no dictionary, no time of indexing) are read as they are.
const FORMAT: u32 = 2;

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

type Table = Database<'static, Bytes, Bytes>;

/// The local works store: what Crossref answered, on disk. Several processes may have it open.
///
/// ```
/// use crossfill::{Answer, Doi, Store};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = Store::open(folder)?;
/// let doi = Doi::parse("10.5555/12345678")?;
/// let json = r#"{"DOI":"10.5555/12345678","volume":"5"}"#.to_owned();
/// let asked = 1_764_000_000; // seconds since 1970
/// store.commit(&[Answer::Work { doi: doi.clone(), json, whole: false }], asked)?;
///
/// let mut works = Vec::new();
/// let absent = store.export(&[doi], &mut |json| {
///     works.push(json.to_owned());
///     true
/// })?;
/// assert!(absent.is_empty() && works[0].contains(r#""volume":"5""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Store {
    path: PathBuf,
    env: Env<WithTls>,
    works: Table,
    prefixes: Table,
    meta: Table,
    /// Locked by all who have the store open; `None` if that is not possible here.
    users: Option<File>,
}

impl Store {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
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
                let indexed = Work::parse(json).map_or(0, |work| value::indexed(&work));
                let about = About {
                    whole: *whole,
                    imported: false,
                    indexed,
                    asked: now,
                };
                let mut value = Vec::new();
                encoder.work(doi, json, about, &mut value)?;
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

    /// Was anything imported from data files?
    pub(crate) fn has_data_files(&self) -> Result<bool, StoreError> {
        let failed = |error| self.store.failed(error);
        let stamps = self.store.meta.prefix_iter(&self.txn, b"import:");
        Ok(stamps.map_err(failed)?.next().is_some())
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
