//! What an import brings in, file by file: which there are, in which order, and how each is remembered
//! as brought in.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::Subset;
use crate::source::{self, Source, SourceError};
use crate::store::StoreError;

/// Under what a file, or a member of a tar, is remembered as brought in, and what changes when it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) key: Vec<u8>,
    pub(super) state: Vec<u8>,
}

/// A data file.
#[derive(Debug)]
pub(super) struct DataFile {
    pub(super) source: Source,
    pub(super) path: PathBuf,
    pub(super) size: u64,
    /// Of the file as a whole.
    pub(super) stamp: Stamp,
    identity: Vec<u8>,
}

impl DataFile {
    fn new(path: PathBuf, source: Source, subset: &Subset) -> std::io::Result<Self> {
        let whole = path.canonicalize()?;
        let meta = whole.metadata()?;
        let modified = meta.modified()?.duration_since(UNIX_EPOCH);
        let modified = modified.unwrap_or_default().as_nanos();
        let mut identity = whole.as_os_str().as_encoded_bytes().to_vec();
        identity.push(0);
        identity.extend_from_slice(&subset.fingerprint());
        let state = format!("{} {modified}", meta.len()).into_bytes();
        Ok(Self {
            size: meta.len(),
            stamp: stamp(&identity, "", state),
            identity,
            source,
            path,
        })
    }

    /// The stamp of the member `name` of this tar.
    pub(super) fn member(&self, name: &str) -> Stamp {
        stamp(&self.identity, name, self.stamp.state.clone())
    }
}

fn stamp(identity: &[u8], member: &str, state: Vec<u8>) -> Stamp {
    // A path may be longer than a key.
    let digest = Sha256::new()
        .chain_update(identity)
        .chain_update([0])
        .chain_update(member)
        .finalize();
    let mut key = b"import:".to_vec();
    key.extend_from_slice(&digest);
    Stamp { key, state }
}

/// The data files at `paths`, those of one folder by their numbers: `10.jsonl.gz` after `9.jsonl.gz`,
/// because that is how Crossref sorts the works in them.
pub(super) fn files(paths: &[PathBuf], subset: &Subset) -> Result<Vec<DataFile>, StoreError> {
    let sources = source::expand(paths)?;
    let mut files = Vec::with_capacity(sources.len());
    for source in sources {
        if let Source::File { path, .. } = &source {
            let path = path.clone();
            let file = DataFile::new(path.clone(), source, subset);
            files.push(file.map_err(|source| SourceError::Unreadable { path, source })?);
        }
    }
    files.sort_by(|a, b| by_number(&a.path, &b.path));
    Ok(files)
}

fn by_number(a: &Path, b: &Path) -> Ordering {
    let key = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        let number = name.get(..digits).and_then(|digits| digits.parse().ok());
        (number.unwrap_or(u64::MAX), name.into_owned())
    };
    let folders = a.parent().cmp(&b.parent());
    folders.then_with(|| key(a).cmp(&key(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_by_their_numbers() {
        let mut names = ["b/1.gz", "a/10.gz", "a/x.gz", "a/9.gz", "a/0.gz"].map(Path::new);
        names.sort_by(|a, b| by_number(a, b));
        let sorted = ["a/0.gz", "a/9.gz", "a/10.gz", "a/x.gz", "b/1.gz"].map(Path::new);
        assert_eq!(names, sorted);
    }
}
