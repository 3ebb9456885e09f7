//! What became of the question "which work is this record?": the resolver's answer, which the
//! enricher turns into values and a note.

use crate::work::Work;

/// The answer for one record.
pub(crate) enum Resolution<'a> {
    /// Crossref's work.
    Work {
        /// The work itself.
        work: &'a Work<'a>,
        /// The work's own DOI, if it was found by another one (an alias).
        alias_of: Option<&'a str>,
    },
    /// Crossref does not know the DOI.
    NotFound,
    /// The DOI is registered with another agency, for instance `DataCite`.
    OtherAgency(&'a str),
    /// The record holds nothing that is, or should be, a DOI.
    NoDoi,
    /// What the record has instead of a DOI, explained.
    InvalidDoi,
    /// Nothing that Crossref could fill is missing, so that nobody was asked.
    Skipped,
    /// No answer in this run.
    Unresolved(Why),
}

/// Why a DOI has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The run was offline and the store lacks it.
    Offline,
    /// The service did not answer, however often it was asked.
    Unavailable,
    /// The service refused this request.
    Refused,
    /// The answer was larger than any answer may be.
    TooLarge,
    /// The run's own limit was reached first.
    Limit,
}

impl Why {
    /// The word in the note.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::TooLarge => "too_large",
            Self::Limit => "limit",
        }
    }
}
