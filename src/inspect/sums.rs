//! What is counted, chunk by chunk, and how chunks' sums become one.
//!
//! Nothing here grows with the input: examples are the first few, by their place, and of prefixes only
//! so many names are kept.

use std::collections::HashMap;
use std::sync::Arc;

use super::doubt::Doubt;
use super::odd::{Odd, WORDS};
use crate::enricher::Mapping;

/// So many examples of a kind are kept.
pub(crate) const EXAMPLES: usize = 100;

/// More prefixes than there are; what made-up DOIs have beyond them is counted together.
const PREFIXES: usize = 50_000;

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Number of its chunk, and in it: the order of the input.
    pub(super) chunk: u64,
    pub(super) at: usize,
    pub(crate) source: Arc<str>,
    /// From 1.
    pub(crate) line: u64,
}

/// The first examples of something.
#[derive(Debug, Clone)]
pub(crate) struct Firsts<T> {
    most: usize,
    pub(crate) items: Vec<(Place, T)>,
}

impl<T> Firsts<T> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            items: Vec::new(),
        }
    }

    /// Within a chunk examples come in order: the first are enough.
    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= self.most
    }

    pub(super) fn push(&mut self, place: Place, item: T) {
        if !self.is_full() {
            self.items.push((place, item));
        }
    }

    fn merge(&mut self, other: Self) {
        if other.items.is_empty() {
            return;
        }
        self.items.extend(other.items);
        self.items.sort_by(|one, other| one.0.cmp(&other.0));
        self.items.truncate(self.most);
    }
}

/// A DOI to look at.
#[derive(Debug, Clone)]
pub(crate) struct Doubtful {
    pub(crate) doubt: Doubt,
    /// The field it stands in.
    pub(crate) field: String,
    /// What stands there.
    pub(crate) found: String,
    /// What a run would ask for.
    pub(crate) asked: Option<String>,
    /// What was meant, perhaps.
    pub(crate) meant: Option<String>,
}

/// What records have in one field.
#[derive(Debug, Clone)]
pub(crate) struct FieldSums {
    /// Values, odd ones included.
    pub(crate) present: u64,
    /// The key is there and says nothing.
    pub(crate) empty: u64,
    /// The key is not there.
    pub(crate) absent: u64,
    /// Of the present values: words that say nothing.
    pub(crate) words: u64,
    /// Of another type.
    pub(crate) types: u64,
    /// Dates that can't be read.
    pub(crate) dates: u64,
    /// Which of [`WORDS`] occur, a bit each.
    pub(crate) which: u32,
    pub(crate) first_odd: Firsts<(Odd, String)>,
}

impl FieldSums {
    fn new() -> Self {
        Self {
            present: 0,
            empty: 0,
            absent: 0,
            words: 0,
            types: 0,
            dates: 0,
            which: 0,
            first_odd: Firsts::new(1),
        }
    }

    pub(crate) fn odd(&self) -> u64 {
        self.words + self.types + self.dates
    }

    pub(crate) fn missing(&self) -> u64 {
        self.empty + self.absent
    }

    /// The words that occur.
    pub(crate) fn words(&self) -> impl Iterator<Item = &'static str> {
        let which = self.which;
        let words = WORDS.iter().enumerate();
        words.filter_map(move |(at, word)| (which >> at & 1 == 1).then_some(*word))
    }

    fn merge(&mut self, other: Self) {
        self.present += other.present;
        self.empty += other.empty;
        self.absent += other.absent;
        self.words += other.words;
        self.types += other.types;
        self.dates += other.dates;
        self.which |= other.which;
        self.first_odd.merge(other.first_odd);
    }
}

/// Records of one profile.
#[derive(Debug, Clone)]
pub(crate) struct ProfileSums {
    pub(crate) records: u64,
    /// In the order of the profile's table.
    pub(crate) fields: Vec<FieldSums>,
}

/// Records of each prefix.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prefixes {
    pub(crate) named: HashMap<Box<str>, u64>,
    /// Records of prefixes that found no room.
    pub(crate) others: u64,
}

impl Prefixes {
    pub(super) fn add(&mut self, prefix: &str, count: u64) {
        if let Some(number) = self.named.get_mut(prefix) {
            *number += count;
        } else if self.named.len() < PREFIXES {
            self.named.insert(prefix.into(), count);
        } else {
            self.others += count;
        }
    }
}

/// All that is counted of records, the distinct DOIs aside.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    pub(crate) records: u64,
    /// Bytes of the records' JSON.
    pub(crate) bytes: u64,
    pub(crate) rejects: u64,
    pub(crate) first_rejects: Firsts<String>,
    /// Records whose DOI can be asked for.
    pub(crate) valid: u64,
    pub(crate) no_doi: u64,
    pub(crate) invalid: u64,
    /// Records that miss nothing, with `skip_complete`.
    pub(crate) skipped: u64,
    /// Records that have a note.
    pub(crate) noted: u64,
    /// By [`Doubt::NAMES`].
    pub(crate) doubts: [u64; Doubt::NAMES.len()],
    pub(crate) first_doubts: Firsts<Doubtful>,
    /// Bytes of all DOIs.
    pub(crate) doi_bytes: u64,
    pub(crate) prefixes: Prefixes,
    /// In the order of [`Mapping::profiles`].
    pub(crate) profiles: [ProfileSums; 2],
    /// Bytes that DOIs to be asked add to a list request, and how many DOIs that are.
    pub(crate) list_cost: (u64, u64),
}

impl Sums {
    pub(crate) fn new(mapping: &Mapping) -> Self {
        let profiles = mapping.profiles().map(|(_, profile)| ProfileSums {
            records: 0,
            fields: profile.columns().iter().map(|_| FieldSums::new()).collect(),
        });
        Self {
            records: 0,
            bytes: 0,
            rejects: 0,
            first_rejects: Firsts::new(EXAMPLES),
            valid: 0,
            no_doi: 0,
            invalid: 0,
            skipped: 0,
            noted: 0,
            doubts: Default::default(),
            first_doubts: Firsts::new(EXAMPLES),
            doi_bytes: 0,
            prefixes: Prefixes::default(),
            profiles,
            list_cost: (0, 0),
        }
    }

    /// Invalid and doubtful DOIs.
    pub(crate) fn doubtful(&self) -> u64 {
        self.doubts.iter().sum()
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.rejects += other.rejects;
        self.first_rejects.merge(other.first_rejects);
        self.valid += other.valid;
        self.no_doi += other.no_doi;
        self.invalid += other.invalid;
        self.skipped += other.skipped;
        self.noted += other.noted;
        for (sum, more) in self.doubts.iter_mut().zip(other.doubts) {
            *sum += more;
        }
        self.first_doubts.merge(other.first_doubts);
        self.doi_bytes += other.doi_bytes;
        for (prefix, count) in &other.prefixes.named {
            self.prefixes.add(prefix, *count);
        }
        self.prefixes.others += other.prefixes.others;
        for (sums, more) in self.profiles.iter_mut().zip(other.profiles) {
            sums.records += more.records;
            for (field, more) in sums.fields.iter_mut().zip(more.fields) {
                field.merge(more);
            }
        }
        self.list_cost.0 += other.list_cost.0;
        self.list_cost.1 += other.list_cost.1;
    }
}
