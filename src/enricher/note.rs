//! The note: the last key of an output record, which says what became of it.
//!
//! It holds only what follows from the record, the table of fields and Crossref's answer: no clock,
//! no "from cache". So running on an output gives the same bytes.

use std::borrow::Cow;

use super::Status;
use crate::json::{self, Object, ObjectWriter};
use crate::record::Record;
use crate::work::{self, Work};

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

/// The `retracted` member for a work that is: an update of that kind points at it, or it points at
/// itself. (A notice points at another work and is not retracted.) Source: Crossref's API since
/// 2025-01-29, which has publishers' and Retraction Watch's statements.
pub(super) fn retraction(work: &Work<'_>) -> Option<String> {
    let own = work.string("DOI");
    let updates = work
        .list("updated-by")
        .into_iter()
        .map(|update| (update, false));
    let selves = work
        .list("update-to")
        .into_iter()
        .map(|update| (update, true));
    let found = updates.chain(selves).filter_map(|(update, to)| {
        let text = |key| update.get(key).and_then(json::string);
        let kind = text("type")?.to_lowercase();
        let notice = text("DOI");
        let itself = || match (&notice, &own) {
            (Some(notice), Some(own)) => notice.eq_ignore_ascii_case(own),
            _ => false,
        };
        let retracts = matches!(kind.as_str(), "retraction" | "withdrawal" | "removal");
        (retracts && (!to || itself())).then_some((update, kind))
    });
    // The publisher's own word first: the same event may be told twice.
    let found: Vec<(Object<'_>, String)> = found.collect();
    let publishers = found.iter().find(|(update, _)| {
        update.get("source").and_then(json::string).as_deref() == Some("publisher")
    });
    let (update, kind) = publishers.or(found.first())?;
    let mut out = ObjectWriter::new();
    out.string("type", kind);
    if let Some(notice) = update.get("DOI").and_then(json::string) {
        out.string("notice", &notice.to_ascii_lowercase());
    }
    if let Some(date) = update.get("updated").and_then(work::date_of) {
        out.string("date", &date.to_string());
    }
    if let Some(source) = update.get("source").and_then(json::string) {
        out.string("source", &source);
    }
    Some(out.finish())
}
