//! What a person may want to look at after a run: the first few of each kind.

use serde::{Deserialize, Serialize};

/// So many of each kind are kept.
pub(crate) const MOST: usize = 500;

/// Where a record was, and its DOI.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordPlace {
    /// The input.
    pub file: String,
    /// Where it begins in it, from 1.
    pub line: u64,
    /// Its DOI.
    pub doi: String,
}

/// A record whose DOI leads to another work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mismatch {
    /// Where the record was.
    #[serde(flatten)]
    pub place: RecordPlace,
    /// The record's title.
    pub record: String,
    /// Crossref's title.
    pub crossref: String,
    /// Possibly, not evidently.
    pub doubt: bool,
    /// What was compared (`title`, `first_author`, `year`, `first_page`), and what came of it:
    /// `agrees`, `differs`, `unknown`.
    pub evidence: serde_json::Value,
}

/// A record of a retracted work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retraction {
    /// Where the record was.
    #[serde(flatten)]
    pub place: RecordPlace,
    /// Crossref's title.
    pub title: String,
    /// `type`, `notice` (a DOI), `date`, `source`; what is not known is absent.
    pub retracted: serde_json::Value,
}

/// A value that differs from what Crossref has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Difference {
    /// Where the record was.
    #[serde(flatten)]
    pub place: RecordPlace,
    /// The field's path, dotted.
    pub field: String,
    /// What the record has.
    pub record: serde_json::Value,
    /// What Crossref has.
    pub crossref: serde_json::Value,
}

/// The first few of each kind, in input order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notable {
    pub(crate) mismatches: Vec<Mismatch>,
    pub(crate) retractions: Vec<Retraction>,
    pub(crate) differences: Vec<Difference>,
}

impl Notable {
    pub(super) fn add(&mut self, other: Self) {
        extend(&mut self.mismatches, other.mismatches);
        extend(&mut self.retractions, other.retractions);
        extend(&mut self.differences, other.differences);
    }

    /// Are there as many of each kind as are kept?
    pub(super) fn is_full(&self) -> [bool; 3] {
        [
            self.mismatches.len() >= MOST,
            self.retractions.len() >= MOST,
            self.differences.len() >= MOST,
        ]
    }
}

fn extend<T>(own: &mut Vec<T>, more: Vec<T>) {
    let room = MOST.saturating_sub(own.len());
    own.extend(more.into_iter().take(room));
}
