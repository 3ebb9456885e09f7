//! The record that stands at a line of an input.

use std::sync::Arc;

use thiserror::Error;

use super::Subject;
use crate::reader::{self, Chunk, Item, ReadError, not_json};
use crate::record::{Record, RecordError};
use crate::source::Source;

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The input's name.
    pub(crate) file: String,
    /// Its first line and its last.
    pub(crate) lines: (u64, u64),
    /// Further records that stand at the line that was asked for.
    pub(crate) beside: u64,
}

/// Why there is no record.
#[derive(Debug, Error)]
pub(crate) enum FindError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("there is no record in `{0}`")]
    Empty(String),
    /// Which one?
    #[error("`{file}` has more than one record")]
    Several {
        file: String,
        /// Where the second begins.
        line: u64,
    },
    #[error("no record stands at line {line} of `{file}`{}", near(*before, *after))]
    NoRecord {
        file: String,
        line: u64,
        /// Where the one before begins.
        before: Option<u64>,
        /// Where the one behind begins.
        after: Option<u64>,
    },
    #[error("what stands at line {line} of `{file}` is not a record: {reason}")]
    Reject {
        file: String,
        line: u64,
        reason: String,
    },
}

fn near(before: Option<u64>, after: Option<u64>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => {
            format!(": the nearest begin at lines {before} and {after}")
        }
        (Some(before), None) => format!(": the last begins at line {before}"),
        (None, Some(after)) => format!(": the first begins at line {after}"),
        (None, None) => ", nor at any other".to_owned(),
    }
}

/// What was seen on the way to the line.
#[derive(Default)]
struct Search {
    found: Option<Result<Subject, FindError>>,
    before: Option<u64>,
    after: Option<u64>,
}

/// The record that begins at `line` of `source`, or holds it; the first of several. Without a line it is
/// the only one.
///
/// # Errors
/// If there is none, or it is none, or the input can't be read so far.
pub(crate) fn find(
    source: &Source,
    line: Option<u64>,
    max_record: usize,
) -> Result<Subject, FindError> {
    let mut search = Search::default();
    let sources = std::slice::from_ref(source);
    reader::read(sources, max_record, &Arc::default(), &mut |chunk| {
        let mut items = chunk.items.iter();
        items.all(|item| search.look(&chunk, item, line))
    })?;
    let file = source.name();
    match (search.found, line, search.after) {
        (Some(_), None, Some(line)) => Err(FindError::Several { file, line }),
        (Some(found), ..) => found,
        (None, None, _) => Err(FindError::Empty(file)),
        (None, Some(line), after) => Err(FindError::NoRecord {
            file,
            line,
            before: search.before,
            after,
        }),
    }
}

impl Search {
    /// Looks at the next item. False: no further one is of interest.
    fn look(&mut self, chunk: &Chunk, item: &Item, line: Option<u64>) -> bool {
        let last = chunk.last_line(item);
        let meant = line.map_or(self.found.is_none(), |line| {
            (item.line..=last).contains(&line)
        });
        match (&mut self.found, meant) {
            (Some(Ok(found)), true) => {
                if let Some(place) = &mut found.place {
                    place.beside += 1;
                }
            }
            (Some(Err(_)), true) => {}
            (None, true) => self.found = Some(subject(chunk, item, last)),
            (found, false) => {
                if found.is_some() || line.is_some_and(|line| line < item.line) {
                    self.after = Some(item.line);
                    return false;
                }
                self.before = Some(item.line);
            }
        }
        true
    }
}

fn subject(chunk: &Chunk, item: &Item, last: u64) -> Result<Subject, FindError> {
    let reject = |reason| FindError::Reject {
        file: chunk.source.to_string(),
        line: item.line,
        reason,
    };
    let text = chunk.record(item);
    let text = text.map_err(|reason| reject(reason.into_owned()))?;
    let parsed = Record::parse(&text);
    parsed.map_err(|RecordError::Json(error)| reject(not_json(&error)))?;
    Ok(Subject {
        text: text.into_owned(),
        place: Some(Place {
            file: chunk.source.to_string(),
            lines: (item.line, last),
            beside: 0,
        }),
    })
}
