//! A record: its own bytes plus an index of where its values lie.
//!
//! Output is those bytes with values spliced in. Numbers keep their text, strings their escapes,
//! keys their order and duplicates their copies, because nothing that is not replaced is ever
//! rewritten.

use std::borrow::Cow;
use std::cell::RefCell;

use thiserror::Error;

use crate::json::{self, Object};

/// One bibliographic record: a JSON object that is kept as it was written.
///
/// ```
/// use crossfill::{Patch, Record};
/// let record = Record::parse(r#"{"doi":"10.5555/12345678","IF":0.5000,"journal":{"volume":""}}"#)?;
/// let mut patch = Patch::default();
/// patch.set(&["journal", "volume"], "\"5 11\"".into());
/// let mut out = Vec::new();
/// record.write(&patch, None, &mut out);
/// assert_eq!(out, br#"{"doi":"10.5555/12345678","IF":0.5000,"journal":{"volume":"5 11"}}"#);
/// # Ok::<(), crossfill::RecordError>(())
/// ```
pub struct Record<'a> {
    object: Object<'a>,
    /// The nested object that was looked into last: fields of one parent follow each other.
    nested: RefCell<Option<(&'a str, Object<'a>)>>,
}

/// Why a text is no record.
#[derive(Debug, Error)]
pub enum RecordError {
    /// Not JSON, or JSON that is no object.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

/// What stands at a path of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot<'a> {
    /// A value that says something, as JSON text.
    Value(&'a str),
    /// The key is there, its value says nothing (null, `""`, blanks, `[]`, `{}`).
    Missing,
    /// The key is not there, nor is anything in its way.
    Absent,
    /// A parent is there and says nothing (`null`, `{}`): it can become the object that is needed.
    Hollow,
    /// A parent is of another type; nothing can be put here.
    Blocked,
}

impl<'a> Record<'a> {
    /// Indexes `text`.
    ///
    /// # Errors
    /// If it is not exactly one JSON object.
    pub fn parse(text: &'a str) -> Result<Self, RecordError> {
        Ok(Self {
            object: Object::parse(text)?,
            nested: RefCell::new(None),
        })
    }

    /// The record as it was read.
    pub fn text(&self) -> &'a str {
        self.object.text()
    }

    /// What stands at `path` (one key a level).
    pub fn slot<K: AsRef<str>>(&self, path: &[K]) -> Slot<'a> {
        let Some((last, parents)) = path.split_last() else {
            return Slot::Blocked;
        };
        let last = last.as_ref();
        let Some((first, more)) = parents.split_first() else {
            return Self::stands(&self.object, last);
        };
        let raw = match Self::parent(&self.object, first.as_ref()) {
            Ok(raw) => raw,
            Err(slot) => return slot,
        };
        let mut nested = self.nested.borrow_mut();
        if !nested
            .as_ref()
            .is_some_and(|(known, _)| std::ptr::eq(*known, raw))
        {
            *nested = Object::parse(raw).ok().map(|object| (raw, object));
        }
        let Some((_, object)) = nested.as_ref() else {
            return Slot::Blocked;
        };
        if more.is_empty() {
            return Self::stands(object, last);
        }
        // Deeper than that is rare.
        let mut object = object.clone();
        for key in more {
            match Self::parent(&object, key.as_ref()).map(Object::parse) {
                Ok(Ok(inner)) => object = inner,
                Ok(Err(_)) => return Slot::Blocked,
                Err(slot) => return slot,
            }
        }
        Self::stands(&object, last)
    }

    /// The text of the object `key`, in which to look further; or what stands in the way.
    fn parent(object: &Object<'a>, key: &str) -> Result<&'a str, Slot<'a>> {
        match object.get(key) {
            None => Err(Slot::Absent),
            Some("null") => Err(Slot::Hollow),
            Some(raw) if raw.starts_with('{') && json::is_missing(raw) => Err(Slot::Hollow),
            Some(raw) if raw.starts_with('{') => Ok(raw),
            Some(_) => Err(Slot::Blocked),
        }
    }

    fn stands(object: &Object<'a>, key: &str) -> Slot<'a> {
        match object.get(key) {
            None => Slot::Absent,
            Some(raw) if json::is_missing(raw) => Slot::Missing,
            Some(raw) => Slot::Value(raw),
        }
    }

    /// The string at `path`, if there is one that says something.
    pub fn string(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        match self.slot(path) {
            Slot::Value(raw) => json::string(raw),
            _ => None,
        }
    }

    /// Does the record have this top-level key?
    pub fn has(&self, key: &str) -> bool {
        self.object.get(key).is_some()
    }

    /// The value of a top-level key, as JSON text.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.object.get(key)
    }

    /// The value of a top-level key whatever its case, as JSON text, if it says something.
    pub(crate) fn get_in_any_case(&self, key: &str) -> Option<&'a str> {
        let raw = self.object.get_in_any_case(key)?;
        (!json::is_missing(raw)).then_some(raw)
    }

    #[cfg(test)]
    fn object(&self) -> &Object<'a> {
        &self.object
    }

    /// Appends the record to `out` with `patch` spliced in, and with `note` (key and JSON text) as
    /// its last member, or where a member of that name stands already. Line breaks between tokens
    /// go, so that the record is one line; no line break is added.
    pub fn write(&self, patch: &Patch, note: Option<(&str, &str)>, out: &mut Vec<u8>) {
        let mut edits = Vec::with_capacity(patch.entries.len() + 4);
        let held = note.and_then(|(key, _)| self.object.position(key));
        let nested = self.nested.borrow();
        patch.plan(
            &self.object,
            self.object.text(),
            held,
            nested.as_ref(),
            &mut edits,
        );
        if let Some((key, value)) = note {
            match held.and_then(|at| self.object.members().get(at)) {
                Some(member) => edits.push(Edit::replace(self.text(), member.value, value)),
                None => {
                    let text = member(key, value);
                    let added = edits.iter().any(|edit| edit.appends);
                    edits.push(Edit::append(&self.object, self.text(), text, added, None));
                }
            }
        }
        // Appended members share one place and keep their order: the sort is stable.
        edits.sort_by_key(|edit| edit.start);
        let text = self.text().as_bytes();
        // Records that come as lines have no line breaks: one look at all tells so.
        let broken = memchr::memchr2(b'\n', b'\r', text).is_some();
        let push = |out: &mut Vec<u8>, part: &[u8]| match broken {
            true => push_one_line(out, part),
            false => out.extend_from_slice(part),
        };
        let mut at = 0;
        for edit in &edits {
            push(out, &text[at..edit.start]);
            for part in [edit.commas.0, &edit.text, edit.commas.1] {
                out.extend_from_slice(part.as_bytes());
            }
            at = edit.end;
        }
        push(out, &text[at..]);
    }
}

/// A member's text.
fn member(key: &str, value: &str) -> String {
    let mut text = String::with_capacity(key.len() + value.len() + 3);
    json::push_quoted(&mut text, key);
    text.push(':');
    text.push_str(value);
    text
}

/// Appends JSON text without its line breaks: in JSON they can only stand between tokens.
fn push_one_line(out: &mut Vec<u8>, text: &[u8]) {
    let mut at = 0;
    for end in memchr::memchr2_iter(b'\n', b'\r', text) {
        out.extend_from_slice(&text[at..end]);
        at = end + 1;
    }
    out.extend_from_slice(&text[at..]);
}

/// Values to splice into a record: paths in the order in which they were set.
#[derive(Debug, Default)]
pub struct Patch {
    entries: Vec<(Cow<'static, str>, Node)>,
}

#[derive(Debug)]
enum Node {
    Value(String),
    Parent(Patch),
}

/// Replace `start..end` of the record's text by `text`.
struct Edit<'p> {
    start: usize,
    end: usize,
    text: Cow<'p, str>,
    /// What parts a member that is added from its neighbour, in front of it or behind it.
    commas: (&'static str, &'static str),
    /// Adds a member at the end of the top-level object.
    appends: bool,
}

/// Where `part`, a slice of `whole`, begins in it.
fn offset(whole: &str, part: &str) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

impl<'p> Edit<'p> {
    fn replace(whole: &str, value: &str, text: impl Into<Cow<'p, str>>) -> Self {
        let start = offset(whole, value);
        Self {
            start,
            end: start + value.len(),
            text: text.into(),
            commas: ("", ""),
            appends: false,
        }
    }

    /// Adds the member `text` after the last member of `object`, or before the member `before` if
    /// that is its last. `more`: another one was added there already.
    fn append(
        object: &Object<'_>,
        whole: &str,
        text: String,
        more: bool,
        before: Option<usize>,
    ) -> Self {
        let members = object.members();
        let count = match before {
            Some(at) if at + 1 == members.len() => at,
            _ => members.len(),
        };
        let (start, commas) = match count.checked_sub(1).and_then(|last| members.get(last)) {
            Some(last) => (offset(whole, last.value) + last.value.len(), (",", "")),
            None => {
                let commas = match (more, count < members.len()) {
                    (_, true) => ("", ","),
                    (true, false) => (",", ""),
                    (false, false) => ("", ""),
                };
                (offset(whole, object.text()) + 1, commas)
            }
        };
        Self {
            start,
            end: start,
            text: text.into(),
            commas,
            appends: true,
        }
    }
}

impl Patch {
    /// Puts the JSON text `value` at `path`, whatever stands there; missing parents are made.
    pub fn set(&mut self, path: &[&str], value: String) {
        self.put(path, |key| Cow::Owned(key.to_owned()), value);
    }

    /// The same for a path that outlives the patch.
    pub(crate) fn set_field(&mut self, path: &[&'static str], value: String) {
        self.put(path, Cow::Borrowed, value);
    }

    fn put<'k>(&mut self, path: &[&'k str], own: fn(&'k str) -> Cow<'static, str>, value: String) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        if self.entries.capacity() == 0 {
            self.entries.reserve(16);
        }
        let at = self.entries.iter().position(|(key, _)| key == first);
        if rest.is_empty() {
            match at {
                Some(at) => self.entries[at].1 = Node::Value(value),
                None => self.entries.push((own(first), Node::Value(value))),
            }
            return;
        }
        let at = at.unwrap_or_else(|| {
            let parent = Node::Parent(Patch::default());
            self.entries.push((own(first), parent));
            self.entries.len() - 1
        });
        if let Node::Parent(inner) = &mut self.entries[at].1 {
            inner.put(rest, own, value);
        }
    }

    /// Nothing to splice in?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The edits that this patch makes of `object`, which lies in `whole`. One of the objects in it may
    /// be `known` already.
    fn plan<'p>(
        &'p self,
        object: &Object<'_>,
        whole: &str,
        note: Option<usize>,
        known: Option<&(&str, Object<'_>)>,
        edits: &mut Vec<Edit<'p>>,
    ) {
        let top = std::ptr::eq(object.text().as_ptr(), whole.as_ptr());
        let mut added = false;
        for (key, node) in &self.entries {
            match (object.get(key), node) {
                (Some(raw), Node::Value(value)) => {
                    edits.push(Edit::replace(whole, raw, value.as_str()));
                }
                (Some(raw), Node::Parent(inner)) => {
                    let parsed;
                    let nested = match known {
                        Some((text, nested)) if std::ptr::eq(*text, raw) => Some(nested),
                        _ => {
                            parsed = Object::parse(raw).ok();
                            parsed.as_ref()
                        }
                    };
                    match nested {
                        Some(nested) => inner.plan(nested, whole, None, None, edits),
                        None if raw == "null" => {
                            edits.push(Edit::replace(whole, raw, inner.to_json()));
                        }
                        // A parent of another type is never touched.
                        None => {}
                    }
                }
                (None, node) => {
                    let text = match node {
                        Node::Value(value) => member(key, value),
                        Node::Parent(inner) => member(key, &inner.to_json()),
                    };
                    let mut edit = Edit::append(object, whole, text, added, note);
                    edit.appends = top;
                    edits.push(edit);
                    added = true;
                }
            }
        }
    }

    fn to_json(&self) -> String {
        let mut out = json::ObjectWriter::new();
        for (key, node) in &self.entries {
            match node {
                Node::Value(value) => out.raw(key, value),
                Node::Parent(inner) => out.raw(key, &inner.to_json()),
            };
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests;
