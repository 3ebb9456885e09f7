//! Data files into the store: works, one a line, compressed or not.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::{Answer, Encoder, Store, StoreError, answer_of, value};
use crate::source::{self, Source};

/// What an import brought in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Files that were not in yet.
    pub files: u64,
    /// Works that were taken from them.
    pub works: u64,
}

/// A line of a data file is at most this long (the largest known work has 12 MB).
const MAX_LINE: u64 = 256 << 20;

impl Store {
    /// Brings in the data files at `paths` (files or folders) that are not in yet. A file counts
    /// after its clean end; what was in before a kill is not read again.
    ///
    /// # Errors
    /// If a file can't be read to its end or holds something that is no work.
    pub fn import(&self, paths: &[PathBuf], now: u64) -> Result<Imported, StoreError> {
        let mut done = Imported::default();
        if paths.is_empty() {
            return Ok(done);
        }
        let sources = source::expand(paths).map_err(|error| StoreError::Import {
            path: paths.first().cloned().unwrap_or_default(),
            line: 0,
            reason: error.to_string(),
        })?;
        for source in sources {
            if let Source::File { path, .. } = &source {
                done.works += self.import_file(path, &source, now)?.unwrap_or_default();
                done.files += 1;
            }
        }
        Ok(done)
    }

    /// `None` if the file is in already.
    fn import_file(
        &self,
        path: &Path,
        source: &Source,
        now: u64,
    ) -> Result<Option<u64>, StoreError> {
        let mut line = 0;
        let fail = |line: u64, reason: String| StoreError::Import {
            path: path.to_owned(),
            line,
            reason,
        };
        let stamp = stamp(path).map_err(|error| fail(0, error.to_string()))?;
        let failed = |error| self.failed(error);
        let known = {
            let txn = self.env.read_txn().map_err(failed)?;
            let known = self.meta.get(&txn, &stamp.0).map_err(failed)?;
            known.is_some_and(|known| known == stamp.1)
        };
        if known {
            return Ok(None);
        }
        let input = source::open(source, &Arc::default());
        let mut input = BufReader::with_capacity(
            256 << 10,
            input.map_err(|error| fail(0, error.to_string()))?,
        );
        let mut encoder = Encoder::new().map_err(|error| failed(error.into()))?;
        let (mut works, mut text) = (0, Vec::new());
        let mut txn = self.env.write_txn().map_err(failed)?;
        loop {
            text.clear();
            line += 1;
            let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut text);
            if read.map_err(|error| fail(line, error.to_string()))? == 0 {
                break;
            }
            if text.trim_ascii().is_empty() {
                continue;
            }
            let json = std::str::from_utf8(&text).map_err(|error| fail(line, error.to_string()))?;
            let Some(Answer::Work { doi, json, whole }) = answer_of(json, true) else {
                return Err(fail(
                    line,
                    "not a work with a DOI (expected one a line)".into(),
                ));
            };
            let key = value::key(&doi);
            let held = self.works.get(&txn, &key).map_err(failed)?;
            // What the API gave is newer than any data file of the same day.
            if held
                .and_then(|bytes| value::read(bytes, &doi))
                .is_none_or(|entry| entry.imported)
            {
                let value = encoder.work(&doi, &json, whole, true, now);
                let value = value.map_err(|error| failed(error.into()))?;
                self.works.put(&mut txn, &key, &value).map_err(failed)?;
                works += 1;
            }
        }
        self.meta
            .put(&mut txn, &stamp.0, &stamp.1)
            .map_err(failed)?;
        txn.commit().map_err(failed)?;
        Ok(Some(works))
    }
}

/// Under what a file is remembered as brought in, and what changes when it does.
fn stamp(path: &Path) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let path = path.canonicalize()?;
    let meta = path.metadata()?;
    let modified = meta.modified()?.duration_since(UNIX_EPOCH);
    let modified = modified.unwrap_or_default().as_nanos();
    // A path may be longer than a key.
    let digest = <sha2::Sha256 as sha2::Digest>::digest(path.as_os_str().as_encoded_bytes());
    let mut key = b"import:".to_vec();
    key.extend_from_slice(&digest);
    Ok((key, format!("{} {modified}", meta.len()).into_bytes()))
}
