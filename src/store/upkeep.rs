//! Looking after a store: what is in it, all its works, and what is not needed any more.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;

use heed::CompactionOption;

use super::{Decoder, Held, Store, StoreError, value};
use crate::doi::Doi;

/// A reader that stays keeps what is replaced meanwhile on the disk: after so many values it begins anew.
const AT_ONCE: usize = 20_000;

const DAY: u64 = 86_400;

/// What is in a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Info {
    /// The format of the store.
    pub format: u32,
    /// Bytes of its file.
    pub bytes: u64,
    /// Works that the API gave.
    pub asked: u64,
    /// Works from data files.
    pub imported: u64,
    /// DOIs that Crossref does not know.
    pub not_found: u64,
    /// DOIs that are other names of works.
    pub aliases: u64,
    /// Prefixes of which it is known whose they are.
    pub prefixes: u64,
    /// Data files, and members of tars, that are in.
    pub data_files: u64,
    /// Values that can't be read.
    pub damaged: u64,
    /// Values by age in days: 1, 7, 30, 365, more; each up to that.
    pub ages: BTreeMap<u64, u64>,
}

/// The borders of [`Info::ages`], in days.
const AGES: [u64; 5] = [1, 7, 30, 365, u64::MAX];

/// What was removed from a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Values.
    pub removed: u64,
    /// Bytes of the file before and after.
    pub before: u64,
    /// See `before`.
    pub after: u64,
    /// Another process has the store open: it was not made smaller.
    pub in_use: bool,
}

impl Store {
    /// Counts what is in, and checks each value. `each` is told how many were looked at, of how many;
    /// if it says `false` the count ends there.
    ///
    /// # Errors
    /// If the store can't be read.
    pub fn info(
        &self,
        now: u64,
        each: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Info, StoreError> {
        let failed = |error| self.failed(error);
        let mut info = Info {
            bytes: self.bytes(),
            format: super::FORMAT,
            ..Info::default()
        };
        let total = {
            let txn = self.env.read_txn().map_err(failed)?;
            info.prefixes = self.prefixes.len(&txn).map_err(failed)?;
            let stamps = self.meta.prefix_iter(&txn, b"import:").map_err(failed)?;
            info.data_files = stamps.count() as u64;
            self.works.len(&txn).map_err(failed)?
        };
        let (mut decoder, mut seen) = (Decoder::new(), 0);
        self.walk(&mut |key, bytes| {
            seen += 1;
            let Some((entry, _)) = sound(key, bytes, &mut decoder) else {
                info.damaged += 1;
                return seen % 1_000 != 0 || each(seen, total);
            };
            *match entry.held {
                Held::Work { .. } if entry.imported => &mut info.imported,
                Held::Work { .. } => &mut info.asked,
                Held::NotFound { .. } => &mut info.not_found,
                Held::Alias { .. } => &mut info.aliases,
            } += 1;
            let days = now.saturating_sub(entry.asked) / DAY;
            let border = AGES.into_iter().find(|border| days < *border);
            *info.ages.entry(border.unwrap_or(u64::MAX)).or_default() += 1;
            seen % 1_000 != 0 || each(seen, total)
        })?;
        Ok(info)
    }

    /// The JSON of all works, in the order of their DOIs, or of `dois` in theirs; `each` says whether
    /// to go on. Returns those of `dois` that are not there.
    ///
    /// # Errors
    /// If the store can't be read.
    pub fn export(
        &self,
        dois: &[Doi],
        each: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Vec<Doi>, StoreError> {
        let mut decoder = Decoder::new();
        if dois.is_empty() {
            self.walk(&mut |key, bytes| match sound(key, bytes, &mut decoder) {
                Some((_, Some(json))) => each(json),
                _ => true,
            })?;
            return Ok(Vec::new());
        }
        let (reading, mut absent) = (self.read()?, Vec::new());
        for doi in dois {
            let mut entry = reading.get(doi)?;
            if let Some(Held::Alias { prime }) = entry.map(|entry| entry.held)
                && let Ok(prime) = Doi::parse(prime)
            {
                entry = reading.get(&prime)?;
            }
            let json = match entry.map(|entry| entry.held) {
                Some(Held::Work { packed }) => decoder.work(packed),
                _ => None,
            };
            match json {
                Some(json) if !each(json) => break,
                Some(_) => {}
                None => absent.push(doi.clone()),
            }
        }
        Ok(absent)
    }

    /// Removes values that can't be read, and those that Crossref gave before `before` (seconds since
    /// 1970), and makes the file as small as it can be.
    ///
    /// # Errors
    /// If the store can't be written, or if there is no room for the smaller file beside it.
    pub fn prune(self, before: Option<u64>) -> Result<Pruned, StoreError> {
        // One that may only be read says so now, and not after a long look.
        drop(self.env.write_txn().map_err(|error| self.failed(error))?);
        let mut pruned = Pruned {
            before: self.bytes(),
            ..Pruned::default()
        };
        let (mut decoder, mut keys) = (Decoder::new(), Vec::new());
        let mut at: Option<Vec<u8>> = None;
        loop {
            let more = self.page(&mut at, &mut |key, bytes| {
                let sound = sound(key, bytes, &mut decoder);
                let old = |asked| before.is_some_and(|before| asked < before);
                if sound.is_none_or(|(entry, _)| old(entry.asked)) {
                    keys.push((key.to_owned(), bytes.get(..16).unwrap_or(bytes).to_owned()));
                }
                true
            })?;
            pruned.removed += self.remove(&keys)?;
            keys.clear();
            if !more {
                break;
            }
        }
        self.compact(&mut pruned)?;
        Ok(pruned)
    }

    /// Removes values that still begin as they did.
    fn remove(&self, keys: &[(Vec<u8>, Vec<u8>)]) -> Result<u64, StoreError> {
        let failed = |error| self.failed(error);
        if keys.is_empty() {
            return Ok(0);
        }
        let (mut txn, mut removed) = (self.env.write_txn().map_err(failed)?, 0);
        for (key, start) in keys {
            let held = self.works.get(&txn, key).map_err(failed)?;
            if held.is_some_and(|held| held.starts_with(start)) {
                removed += u64::from(self.works.delete(&mut txn, key).map_err(failed)?);
            }
        }
        txn.commit().map_err(failed)?;
        Ok(removed)
    }

    fn compact(self, pruned: &mut Pruned) -> Result<(), StoreError> {
        pruned.after = pruned.before;
        let Self {
            path, env, users, ..
        } = self;
        let io_error = |source| StoreError::Io {
            path: path.clone(),
            source,
        };
        // Who has the file open would go on writing into the old one.
        let alone = users
            .as_ref()
            .is_some_and(|users| users.unlock().is_ok() && users.try_lock().is_ok());
        if !alone {
            pruned.in_use = true;
            return Ok(());
        }
        let (small, data) = (path.join("data.mdb.small"), path.join("data.mdb"));
        let _ = std::fs::remove_file(&small);
        let copied = env.copy_to_path(&small, CompactionOption::Enabled);
        let copied = copied.map_err(|source| StoreError::Database {
            path: path.clone(),
            source,
        });
        let copied = copied.and_then(|file| file.sync_all().map_err(io_error));
        if copied.is_err() {
            let _ = std::fs::remove_file(&small);
        }
        copied?;
        env.prepare_for_closing().wait();
        std::fs::rename(&small, &data).map_err(io_error)?;
        pruned.after = size(&data);
        drop(users);
        Ok(())
    }

    fn bytes(&self) -> u64 {
        size(&self.path.join("data.mdb"))
    }

    /// All values by key, until `each` says `false`.
    fn walk(&self, each: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        let mut at = None;
        let mut go_on = true;
        while go_on {
            let more = self.page(&mut at, &mut |key, bytes| {
                go_on = each(key, bytes);
                go_on
            })?;
            go_on &= more;
        }
        Ok(())
    }

    /// The values behind the key `at`, some thousands of them. Are there more?
    fn page(
        &self,
        at: &mut Option<Vec<u8>>,
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<bool, StoreError> {
        let failed = |error| self.failed(error);
        let txn = self.env.read_txn().map_err(failed)?;
        let start = match at {
            Some(key) => Bound::Excluded(key.clone()),
            None => Bound::Unbounded,
        };
        let range: (Bound<&[u8]>, Bound<&[u8]>) =
            (start.as_ref().map(Vec::as_slice), Bound::Unbounded);
        let mut last = None;
        for (count, value) in self.works.range(&txn, &range).map_err(failed)?.enumerate() {
            let (key, bytes) = value.map_err(failed)?;
            last = Some(key);
            if !each(key, bytes) {
                break;
            }
            if count + 1 == AT_ONCE {
                *at = Some(key.to_owned());
                return Ok(true);
            }
        }
        *at = last.map(ToOwned::to_owned);
        Ok(false)
    }
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |meta| meta.len())
}

/// A value that can be read, with the JSON of a work; `None` if it is damaged.
fn sound<'a, 'd>(
    key: &[u8],
    bytes: &'a [u8],
    decoder: &'d mut Decoder,
) -> Option<(super::Entry<'a>, Option<&'d str>)> {
    let (doi, entry) = value::read_any(bytes)?;
    if value::key_of(doi).as_ref() != key {
        return None;
    }
    let json = match entry.held {
        Held::Work { packed } => Some(decoder.work(packed)?),
        _ => None,
    };
    Some((entry, json))
}
