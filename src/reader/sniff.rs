//! Which format is this input? Decided once, from its head; the name only breaks ties.

use super::Splitter;
use super::lines::{LineSplitter, Lines};
use super::scan::{Scan, Scanner};
use super::table::{Columns, RowSplitter};
use super::values::{Around, Array, ValueSplitter};
use crate::doi::Doi;

/// What the head of an input says.
pub(super) enum Verdict {
    Format(Box<dyn Splitter>),
    /// Nothing but blanks.
    Empty,
    /// None of the formats; what was seen instead, and what to do.
    Unknown(String, &'static str),
}

/// Judges `head`; `whole`: it is all that will be looked at.
pub(super) fn sniff(head: &[u8], whole: bool, name: &str) -> Verdict {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Verdict::Unknown(
            "UTF-16 text".into(),
            "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 IN > OUT`",
        );
    }
    if text.starts_with(b"PK\x03\x04") {
        return Verdict::Unknown(
            "a zip archive, as spreadsheets and documents are".into(),
            "export a spreadsheet as CSV with a column `doi`; unpack an archive",
        );
    }
    let text = text.trim_ascii_start();
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line_is_whole = whole || line.len() < text.len();
    match text.first() {
        None => return Verdict::Empty,
        Some(b'[') => return values(Around::Array(Array::Before)),
        Some(_) => {}
    }
    if line_is_whole && std::str::from_utf8(line).is_ok_and(Doi::is_whole) {
        return lines(Lines::Dois);
    }
    if has_lines_of_json(name) {
        return lines(Lines::Json);
    }
    let seen = survey(text, whole);
    if seen.text && seen.record {
        return values(Around::Text);
    }
    if text.first() == Some(&b'{') {
        return values(Around::Blanks { undecided: !whole });
    }
    if line_is_whole && let Some(columns) = Columns::find(line) {
        return Verdict::Format(Box::new(RowSplitter::new(columns)));
    }
    let shown: String = String::from_utf8_lossy(line).chars().take(40).collect();
    if line.contains(&0) {
        return Verdict::Unknown(
            "binary data".into(),
            "export it as JSON, CSV with a column `doi`, or a list of DOIs; of compressed files gzip, zstd, xz and bzip2 are read",
        );
    }
    let name = name.to_ascii_lowercase();
    let is_table = [".csv", ".tsv"]
        .iter()
        .any(|end| stem(&name).ends_with(end));
    Verdict::Unknown(
        format!(
            "neither JSON, nor a list of DOIs, nor a table with a column `doi`; it begins with {shown:?}"
        ),
        match is_table {
            true => "call the column that has the DOIs `doi`, in the first line",
            false => {
                "write a record or a DOI a line; `crossfill doi < FILE` shows the DOIs in its lines"
            }
        },
    )
}

fn lines(lines: Lines) -> Verdict {
    Verdict::Format(Box::new(LineSplitter::new(lines)))
}

fn values(around: Around) -> Verdict {
    Verdict::Format(Box::new(ValueSplitter::new(around)))
}

/// `.jsonl` or `.ndjson`, compressed or not.
fn has_lines_of_json(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let stem = stem(&name);
    stem.ends_with(".jsonl") || stem.ends_with(".ndjson")
}

/// A name in small letters without what compression adds to it.
fn stem(name: &str) -> &str {
    [".gz", ".zst", ".xz", ".bz2"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

#[derive(Default)]
struct Seen {
    /// A line outside of any value that is no JSON.
    text: bool,
    /// A line that begins with `{"`.
    record: bool,
}

/// Walks over values and lines of text.
fn survey(text: &[u8], whole: bool) -> Seen {
    let mut seen = Seen::default();
    let mut scanner = Scanner::default();
    let mut rest = text.trim_ascii_start();
    while !(rest.is_empty() || seen.text && seen.record) {
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let record = rest
            .strip_prefix(b"{")
            .is_some_and(|inner| inner.trim_ascii_start().first() == Some(&b'"'));
        seen.record |= record;
        scanner.reset();
        let next = match scanner.feed(rest) {
            Scan::End(end) => end,
            Scan::More if record => return seen,
            // The last line may be cut off.
            Scan::More if line == rest.len() && !whole => return seen,
            Scan::More | Scan::Bad(_) => {
                seen.text |= !record;
                line
            }
        };
        rest = rest.get(next..).unwrap_or_default().trim_ascii_start();
    }
    seen
}
