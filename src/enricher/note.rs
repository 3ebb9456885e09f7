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
    Ours(Vec<Cow<'a, str>>),
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
        if status.and_then(|name| Status::parse(&name)).is_none() {
            return Self::Foreign;
        }
        let filled = json::elements(object.get("filled").unwrap_or_default());
        Self::Ours(filled.into_iter().filter_map(json::string).collect())
    }

    /// Did an earlier run fill this field?
    pub(super) fn has_filled(&self, name: &str) -> bool {
        self.filled().iter().any(|filled| filled == name)
    }

    /// The fields that earlier runs filled.
    pub(super) fn filled(&self) -> &[Cow<'a, str>] {
        match self {
            Self::Ours(filled) => filled,
            _ => &[],
        }
    }
}
