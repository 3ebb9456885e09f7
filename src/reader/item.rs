//! What the reader hands on: chunks of raw items, and how an item becomes a record's text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use base64::Engine;

use super::table::Columns;
use crate::buffers;
use crate::doi::Doi;
use crate::json;

/// A reject shows no more of a record that is too long.
pub(crate) const SHOWN: usize = 4 << 10;

/// Items of one input, in order.
pub(crate) struct Chunk {
    /// The input's name.
    pub(crate) source: Arc<str>,
    pub(super) text: Vec<u8>,
    pub(crate) items: Vec<Item>,
}

/// One record to be, and its place.
pub(crate) struct Item {
    pub(super) span: Range<usize>,
    /// From 1.
    pub(crate) line: u64,
    /// From 0, in the decompressed input.
    pub(crate) offset: u64,
    pub(super) kind: Kind,
}

/// What the bytes of an item are.
pub(super) enum Kind {
    /// A JSON value, it seems.
    Json,
    /// A line of a list of DOIs.
    Line,
    /// A row of a table.
    Row(Arc<Columns>),
    /// Nothing that can be read, and why.
    Bad(Cow<'static, str>),
    /// Longer than any record may be; only the beginning is here.
    TooLong,
}

impl Drop for Chunk {
    fn drop(&mut self) {
        buffers::give(std::mem::take(&mut self.text));
    }
}

impl Chunk {
    /// Bytes held.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    fn raw(&self, item: &Item) -> &[u8] {
        self.text.get(item.span.clone()).unwrap_or_default()
    }

    /// The line on which `item` ends. (Of one that is too long: on which it begins.)
    pub(crate) fn last_line(&self, item: &Item) -> u64 {
        match item.kind {
            Kind::TooLong => item.line,
            _ => {
                item.line
                    + memchr::memchr_iter(b'\n', self.raw(item).trim_ascii_end()).count() as u64
            }
        }
    }

    /// The record's JSON text (not yet parsed), or why there is none.
    pub(crate) fn record(&self, item: &Item) -> Result<Cow<'_, str>, Cow<'static, str>> {
        let raw = self.raw(item);
        match &item.kind {
            Kind::Bad(reason) => return Err(reason.clone()),
            Kind::TooLong => {
                return Err("longer than `max_record`, which the configuration can raise".into());
            }
            Kind::Row(columns) => return columns.object(raw).map(Cow::Owned),
            Kind::Json | Kind::Line => {}
        }
        // All that is read passes here.
        let text = simdutf8::compat::from_utf8(raw).map_err(|error| {
            let at = item.offset + error.valid_up_to() as u64;
            Cow::Owned(format!("not UTF-8 at byte {at}"))
        })?;
        if matches!(item.kind, Kind::Line) {
            return Ok(Cow::Owned(bare(&json::quote(text))));
        }
        match text.as_bytes().first() {
            Some(b'{') => Ok(Cow::Borrowed(text)),
            Some(b'"') if json::string(text).is_some_and(|value| Doi::is_whole(&value)) => {
                Ok(Cow::Owned(bare(text)))
            }
            _ => Err(match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                Ok(_) => "a JSON value, but no object, which a record is: `{…}`".into(),
                Err(error) => Cow::Owned(not_json(&error)),
            }),
        }
    }

    /// The line of the rejects file for `item`.
    pub(crate) fn reject(&self, item: &Item, reason: &str) -> String {
        let mut out = json::ObjectWriter::new();
        out.string("file", &self.source)
            .raw("line", &item.line.to_string())
            .raw("offset", &item.offset.to_string())
            .string("reason", reason);
        let raw = self.raw(item);
        match std::str::from_utf8(raw) {
            Ok(text) => out.string("raw", text),
            Err(_) => out.string(
                "raw_base64",
                &base64::engine::general_purpose::STANDARD.encode(raw),
            ),
        };
        out.finish()
    }
}

/// What is wrong with a record. The parser saw nothing but the record, so its line is of no use.
pub(crate) fn not_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = plainly(text.split(" at line ").next().unwrap_or_default());
    match error.line() {
        0 | 1 => format!("not JSON: {what}, at its byte {}", error.column()),
        line => format!("not JSON: {what}, in its line {line}"),
    }
}

/// The parser's words in those of who wrote the record. What is not here is clear enough.
fn plainly(what: &str) -> &str {
    match what {
        "EOF while parsing an object" => "it ends within an object",
        "EOF while parsing a list" => "it ends within a list",
        "EOF while parsing a string" => "it ends within a text, without its closing quote",
        "EOF while parsing a value" => "it ends where a value belongs",
        "key must be a string" => "a key must be a text in double quotes",
        "expected ident" => "an unknown word (texts stand in double quotes)",
        "expected value" => "no value where one belongs (texts stand in double quotes)",
        "expected `:`" => "`:` is missing",
        "expected `,` or `}`" => "`,` or `}` is missing",
        "expected `,` or `]`" => "`,` or `]` is missing",
        "trailing comma" => "no value after a comma",
        "trailing characters" => "something follows its end",
        "invalid number" => "not a number as JSON writes them",
        "invalid escape" => "an unknown escape in a text: a backslash is written `\\\\`",
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "a line break, tab or other control character in a text: write `\\n`, `\\t`"
        }
        "recursion limit exceeded" => "values within values, too deep",
        _ => what,
    }
}

/// The record of a bare DOI, which is given as a JSON string.
fn bare(doi: &str) -> String {
    format!("{{\"doi\":{doi}}}")
}
