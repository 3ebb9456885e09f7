//! The note: the last key of an output record, which says what became of it.
//!
//! It holds only what follows from the record, the table of fields and Crossref's answer: no clock,
//! no "from cache". So running on an output gives the same bytes.

use std::borrow::Cow;

use super::Status;
use crate::json::{self, Object};
use crate::record::Record;

/// What stands under the note's key in a record as it was read.
pub(super) enum Note<'a> {
    /// Nothing.
    None,
    /// A note of an earlier run.
    Ours {
        status: Status,
        doi: Option<Cow<'a, str>>,
        /// The fields that earlier runs filled.
        filled: Vec<Cow<'a, str>>,
    },
    /// Somebody else's value: it is left alone.
    Foreign,
}

impl<'a> Note<'a> {
    /// Reads the value of `key`; an object with one of our statuses is ours.
    pub(super) fn read(record: &Record<'a>, key: &str) -> Self {
        let Some(raw) = record.get(key) else {
            return Self::None;
        };
        let Ok(object) = Object::parse(raw) else {
            return Self::Foreign;
        };
        let status = object.get("status").and_then(json::string);
        let Some(status) = status.and_then(|name| Status::parse(&name)) else {
            return Self::Foreign;
        };
        let filled = json::elements(object.get("filled").unwrap_or_default());
        Self::Ours {
            status,
            doi: object.get("doi").and_then(json::string),
            filled: filled.into_iter().filter_map(json::string).collect(),
        }
    }

    /// Did an earlier run take this DOI's work for the record's, and fill something from it?
    pub(super) fn enriched_from(&self, own: &str) -> bool {
        matches!(self, Self::Ours { status: Status::Enriched, doi: Some(doi), .. } if doi == own)
    }

    /// Did an earlier run fill this field?
    pub(super) fn has_filled(&self, name: &str) -> bool {
        self.filled().iter().any(|filled| filled == name)
    }

    /// The fields that earlier runs filled.
    pub(super) fn filled(&self) -> &[Cow<'a, str>] {
        match self {
            Self::Ours { filled, .. } => filled,
            _ => &[],
        }
    }
}
