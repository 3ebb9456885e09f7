//! The ways to read a string as a list of people.

use std::ops::Range;

use super::name::{Word, name_words};
use crate::enricher::names::parted_by_and;

/// The words of a list, and where it may be parted.
pub(super) struct List {
    words: Vec<Word>,
    /// What stands between separators.
    pieces: Vec<Range<usize>>,
    /// The same, parted by "and" only; as pieces.
    by_and: Vec<Range<usize>>,
    semicolons: bool,
    /// Letters are lost in it.
    pub(super) broken: bool,
}

/// Somebody, as the list has it.
pub(super) struct Said<'a> {
    pub(super) words: &'a [Word],
    /// So many words stand before a comma inside of the name, if this is one.
    pub(super) comma: Option<usize>,
}

/// One for each person.
pub(super) type Reading<'a> = Vec<Said<'a>>;

/// More words than a name has.
const MANY: usize = 9;

impl List {
    pub(super) fn new(record: &str) -> Self {
        // "Doe J, Roe K; the Study Group": the semicolon parts people from the group.
        let record = match record.split_once(';') {
            Some((people, rest))
                if people.contains(',') && !rest.contains(';') && is_group(&name_words(rest)) =>
            {
                people
            }
            _ => record,
        };
        let semicolons = record.contains([';', '；']);
        let mut list = Self {
            words: Vec::new(),
            pieces: Vec::new(),
            by_and: Vec::new(),
            semicolons,
            broken: record.contains(['\u{fffd}', '?']),
        };
        if semicolons {
            for piece in record.split([';', '；', '\n']) {
                for piece in parted_by_and(piece) {
                    list.push(piece);
                }
            }
            return list;
        }
        for part in parted_by_and(record) {
            let from = list.pieces.len();
            for piece in part.split([',', '，', '、', '\n', '|', '•']) {
                list.push(piece);
            }
            if list.pieces.len() > from {
                list.by_and.push(from..list.pieces.len());
            }
        }
        list
    }

    fn push(&mut self, piece: &str) {
        let from = self.words.len();
        self.words.extend(name_words(piece));
        let these = self.words.get(from..).unwrap_or_default();
        // Degrees between commas belong to nobody else.
        if these.is_empty() || these.iter().all(Word::is_no_name) {
            self.words.truncate(from);
        } else {
            self.pieces.push(from..self.words.len());
        }
    }

    /// Can people be told apart? Not if a piece is longer than a name, or the only one seems to be
    /// a list that is parted by nothing.
    pub(super) fn is_certain(&self, people: usize) -> bool {
        let most = if self.pieces.len() == 1 && people > 1 {
            4
        } else {
            MANY
        };
        let fits = |piece: &Range<usize>| {
            let words = self.words.get(piece.clone()).unwrap_or_default();
            words.len() < most || is_group(words)
        };
        !self.pieces.is_empty() && self.pieces.iter().all(fits)
    }

    /// The ways to read it, the most usual one first.
    pub(super) fn readings(&self) -> impl Iterator<Item = Reading<'_>> {
        let ways: &[Way] = if self.semicolons {
            &[Way::Pieces]
        } else {
            &[
                Way::Pieces,
                Way::Initials,
                Way::Pairs,
                Way::FirstInverted,
                Way::And,
            ]
        };
        ways.iter().filter_map(|way| self.read(*way))
    }

    fn read(&self, way: Way) -> Option<Reading<'_>> {
        let count = self.pieces.len();
        let ranges: Vec<Range<usize>> = match way {
            Way::Pieces => (0..count).map(|at| at..at + 1).collect(),
            Way::Pairs if count > 0 && count.is_multiple_of(2) => {
                (0..count).step_by(2).map(|at| at..at + 2).collect()
            }
            Way::FirstInverted if count > 2 => {
                let rest = (2..count).map(|at| at..at + 1);
                std::iter::once(0..2).chain(rest).collect()
            }
            Way::And if self.by_and.len() > 1 && self.by_and.len() < count => self.by_and.clone(),
            Way::Initials => {
                let mut ranges: Vec<Range<usize>> = Vec::new();
                for at in 0..count {
                    match ranges.last_mut() {
                        Some(last) if last.len() == 1 && self.is_initials(at) => last.end += 1,
                        _ => ranges.push(at..at + 1),
                    }
                }
                if ranges.len() == count {
                    return None;
                }
                ranges
            }
            _ => return None,
        };
        let said = |range: Range<usize>| {
            let first = self.pieces.get(range.start)?;
            let last = self.pieces.get(range.end.checked_sub(1)?)?;
            Some(Said {
                words: self.words.get(first.start..last.end)?,
                comma: (range.len() > 1).then_some(first.len()),
            })
        };
        ranges.into_iter().map(said).collect()
    }

    fn is_initials(&self, at: usize) -> bool {
        let words = self
            .pieces
            .get(at)
            .and_then(|at| self.words.get(at.clone()));
        words.is_some_and(|words| words.iter().all(Word::is_initials))
    }
}

#[derive(Clone, Copy)]
enum Way {
    /// `Jane Doe, John Roe` and `Doe, Jane; Roe, John`.
    Pieces,
    /// `Doe, J. A., Govindjee, Roe, K.`
    Initials,
    /// `Doe, Jane, Roe, John`.
    Pairs,
    /// `Doe, Jane, John Roe`.
    FirstInverted,
    /// `Doe, Jane and Roe, John`.
    And,
}

/// Groups, and whom they stand for, are named or left out at will.
pub(super) fn is_group(words: &[Word]) -> bool {
    #[rustfmt::skip]
    const GROUPS: &[&str] = &[
        "group", "groups", "consortium", "collaboration", "collaborators", "investigators", "team",
        "study", "trial", "network", "committee", "society", "association", "behalf",
        "university", "department", "institute", "center", "centre", "hospital", "school",
    ];
    words.iter().any(|word| GROUPS.contains(&&*word.text))
}
