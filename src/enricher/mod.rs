//! Records and answers into enriched records. Pure: no I/O, no clock, no async.

mod decide;
mod differs;
mod explain;
mod extent;
mod facts;
mod fields;
mod markup;
mod names;
mod normal;
mod note;
mod retraction;
mod rules;
mod same;
mod survey;

use smallvec::SmallVec;

use crate::doi::Doi;
use crate::json;
use crate::record::{Patch, Record, Slot};
use crate::resolution::Resolution;
use crate::work::Work;
use decide::decide;
pub(crate) use explain::{Explained, Fate, Glance, Left};
pub use fields::{Profile, ProfileChoice};
#[doc(hidden)]
pub use markup::read_markup;
use note::Note;
pub use rules::{FieldRule, Policy, RuleError};
pub(crate) use survey::{Column, Kind};

/// The title of a work, with its subtitle, as a person reads it.
pub(crate) fn title_of(work: &Work<'_>) -> Option<String> {
    text_of(work, facts::Fact::FullTitle)
}

/// A name as a person reads it, of a raw `container-title` or `publisher`.
pub(crate) fn name_of(member: &str, raw: &str) -> Option<String> {
    let work = format!("{{\"{member}\":{raw}}}");
    let fact = match member {
        "publisher" => facts::Fact::Publisher,
        _ => facts::Fact::ContainerTitle,
    };
    text_of(&Work::parse(&work).ok()?, fact)
}

fn text_of(work: &Work<'_>, fact: facts::Fact) -> Option<String> {
    let value = fact.value(work, &facts::Context::new("", false))?;
    json::string(&value).map(Into::into)
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Resolved, and something is filled.
    Enriched,
    /// Resolved, nothing to add.
    Complete,
    /// Nothing that Crossref could fill is missing; nobody was asked.
    Skipped,
    /// Crossref does not know the DOI.
    NotFound,
    /// The DOI is registered with another agency.
    OtherAgency,
    /// No DOI in the record.
    NoDoi,
    /// What is there can't be a DOI.
    InvalidDoi,
    /// The DOI's work is evidently, or possibly, another work; nothing is filled.
    Mismatch,
    /// No answer; the record leaves as it came.
    Unresolved,
}

impl Status {
    /// All of them, in the order of the summary.
    pub const ALL: [Self; 9] = [
        Self::Enriched,
        Self::Complete,
        Self::Skipped,
        Self::NotFound,
        Self::OtherAgency,
        Self::NoDoi,
        Self::InvalidDoi,
        Self::Mismatch,
        Self::Unresolved,
    ];

    /// The word in the note.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enriched => "enriched",
            Self::Complete => "complete",
            Self::Skipped => "skipped",
            Self::NotFound => "not_found",
            Self::OtherAgency => "other_agency",
            Self::NoDoi => "no_doi",
            Self::InvalidDoi => "invalid_doi",
            Self::Mismatch => "mismatch",
            Self::Unresolved => "unresolved",
        }
    }

    /// By its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// How records are read and filled.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Which profile.
    pub profile: ProfileChoice,
    /// The profile `scholar`, as configured.
    pub scholar: Profile,
    /// The profile `crossref`, as configured.
    pub crossref: Profile,
    /// Where a record's DOI may stand, best first; a key a level.
    pub doi_fields: Vec<Vec<String>>,
    /// The note's key; `None` leaves it out.
    pub note: Option<String>,
    /// Do not ask for records that miss nothing.
    pub skip_complete: bool,
}

/// The DOI of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Doi {
        doi: Doi,
        /// In the record's own case.
        written: Box<str>,
    },
    Invalid,
    None,
}

/// What is to be spliced into a record, and what became of it.
#[derive(Debug)]
pub struct Enriched {
    /// The fate.
    pub status: Status,
    /// The values.
    pub patch: Patch,
    /// The note; `None` leaves whatever stands there.
    pub note: Option<String>,
    /// The names of the fields that this run fills, in the order of the profile's table.
    pub filled: Vec<&'static str>,
    /// The names of the fields that differ, and what Crossref has, as JSON; in the same order.
    pub differs: Vec<(&'static str, String)>,
    /// How the work was retracted, if it was, as JSON: kind, notice, date, source.
    pub retracted: Option<String>,
    /// Somebody else's value stands under the note's key.
    pub foreign_note: bool,
    /// Why it is a mismatch, as JSON.
    pub evidence: Option<String>,
    /// It is a mismatch possibly, not evidently.
    pub doubt: bool,
    /// The name of the record's profile.
    pub profile: &'static str,
    /// Which fields the record has, by their places in the profile's table.
    pub(crate) present: Present,
}

/// A set of fields, by their places in a profile's table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Present(SmallVec<[u64; 2]>);

impl Present {
    fn set(&mut self, at: usize) {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(at / 64) {
            *bits |= 1 << (at % 64);
        }
    }

    /// Is the field at `at` in it?
    pub(crate) fn has(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|bits| bits >> (at % 64) & 1 == 1)
    }
}

/// Fills what is missing in `record` from `work`, the answer for its DOI, under the note's default
/// key. The record's own DOI is taken from its usual places.
///
/// ```
/// use crossfill::{Profile, Record, Status, Work, enrich};
/// let record = Record::parse(r#"{"doi":"10.5555/12345678","title":"Toward a Unified Theory","volume":null}"#)?;
/// let work = Work::parse(r#"{"DOI":"10.5555/12345678","title":["Toward a unified theory"],"volume":"5"}"#)?;
/// let enriched = enrich(&record, &work, &Profile::crossref().adding(false));
/// assert_eq!(enriched.status, Status::Enriched);
/// let mut out = Vec::new();
/// record.write(&enriched.patch, None, &mut out);
/// assert_eq!(out, br#"{"doi":"10.5555/12345678","title":"Toward a Unified Theory","volume":"5"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn enrich(record: &Record<'_>, work: &Work<'_>, profile: &Profile) -> Enriched {
    let fields = DOI_FIELDS.map(|field| field.split('.').collect::<Vec<_>>());
    let identity = identify(record, &fields);
    let resolution = Resolution::Work {
        work,
        alias_of: None,
    };
    decide(profile, Some(NOTE), record, &identity, &resolution)
}

/// The note's key, if nobody says otherwise.
pub(crate) const NOTE: &str = "_crossfill";

/// Where a record's DOI may stand, if nobody says otherwise.
pub(crate) const DOI_FIELDS: [&str; 6] = [
    "doi",
    "DOI",
    "DOIUrl",
    "externalIds.DOI",
    "url",
    "ListUrlMain",
];

impl Default for Mapping {
    fn default() -> Self {
        Self {
            profile: ProfileChoice::Auto,
            scholar: Profile::scholar(),
            crossref: Profile::crossref(),
            doi_fields: DOI_FIELDS.iter().map(|field| path_of(field)).collect(),
            note: Some(NOTE.to_owned()),
            skip_complete: false,
        }
    }
}

/// A dotted path, a key a level.
pub(crate) fn path_of(dotted: &str) -> Vec<String> {
    dotted.split('.').map(str::to_owned).collect()
}

impl Mapping {
    /// The profile of `record`.
    pub(crate) fn profile_of(&self, record: &Record<'_>) -> &Profile {
        match self.profile {
            ProfileChoice::Scholar => &self.scholar,
            ProfileChoice::Crossref => &self.crossref,
            ProfileChoice::Auto if self.scholar.is_of(record) => &self.scholar,
            ProfileChoice::Auto => &self.crossref,
        }
    }

    /// The profile that goes by this name.
    pub(crate) fn profile_named(&self, name: &str) -> &Profile {
        match name {
            Profile::SCHOLAR => &self.scholar,
            _ => &self.crossref,
        }
    }

    /// What `record`, of the profile of this name, has as its title, as JSON.
    pub(crate) fn title_of<'a>(&self, record: &Record<'a>, profile: &str) -> Option<&'a str> {
        let mut titles = self.profile_named(profile).titles();
        titles.find_map(|row| match row.slot(record) {
            Slot::Value(raw) => Some(raw),
            _ => None,
        })
    }

    /// The record's DOI.
    pub(crate) fn identify(&self, record: &Record<'_>) -> Identity {
        identify(record, &self.doi_fields)
    }

    /// With `skip_complete`: is nothing missing that Crossref could fill?
    pub(crate) fn is_skipped(&self, record: &Record<'_>) -> bool {
        if !self.skip_complete {
            return false;
        }
        let profile = self.profile_of(record);
        let old = self.note.as_deref();
        let old = old.map_or(Note::None, |key| Note::read(record, key));
        !profile.rows.iter().any(|row| {
            let slot = row.slot(record);
            row.is_open(slot, old.has_filled(row.name), profile.add)
        })
    }

    /// The DOI to be answered for `record`; or what it is without an answer.
    pub(crate) fn wanted<'i>(
        &self,
        record: &Record<'_>,
        identity: &'i Identity,
    ) -> Result<&'i Doi, Resolution<'static>> {
        match identity {
            Identity::None => Err(Resolution::NoDoi),
            Identity::Invalid => Err(Resolution::InvalidDoi),
            Identity::Doi { .. } if self.is_skipped(record) => Err(Resolution::Skipped),
            Identity::Doi { doi, .. } => Ok(doi),
        }
    }

    /// What becomes of `record` after `resolution`.
    pub(crate) fn enrich(
        &self,
        record: &Record<'_>,
        identity: &Identity,
        resolution: &Resolution<'_>,
    ) -> Enriched {
        let profile = self.profile_of(record);
        decide(profile, self.note.as_deref(), record, identity, resolution)
    }
}

/// The first DOI that one of the fields holds. A field that is a DOI's own and holds something else
/// makes the record's DOI invalid; a `url` of another kind does not.
fn identify<K: AsRef<str>>(record: &Record<'_>, fields: &[Vec<K>]) -> Identity {
    identify_at(record, fields).0
}

/// The same, with the place of the field that tells it, and the field's value.
fn identify_at<'a, K: AsRef<str>>(
    record: &Record<'a>,
    fields: &[Vec<K>],
) -> (Identity, Option<(usize, &'a str)>) {
    let mut invalid = None;
    let stated = |at, raw| {
        let text = json::string(raw)?;
        let (doi, written) = Doi::find_as_written(&text).ok()?;
        Some((Identity::Doi { doi, written }, Some((at, raw))))
    };
    for (at, path) in fields.iter().enumerate() {
        let Slot::Value(raw) = record.slot(path) else {
            continue;
        };
        match stated(at, raw) {
            Some(stated) => return stated,
            None if is_dois_own(path) => {
                invalid.get_or_insert((at, raw));
            }
            None => {}
        }
    }
    // Tables may write `doi` in any case, and so may others.
    let is_doi = |path: &Vec<K>| path.len() == 1 && path.iter().all(|key| key.as_ref() == "doi");
    if let Some(at) = fields.iter().position(is_doi)
        && invalid.is_none()
        && let Some(raw) = record.get_in_any_case("doi")
    {
        match stated(at, raw) {
            Some(stated) => return stated,
            None => invalid = Some((at, raw)),
        }
    }
    match invalid {
        Some(_) => (Identity::Invalid, invalid),
        None => (Identity::None, None),
    }
}

/// Should this field hold a DOI and nothing else?
pub(crate) fn is_dois_own<K: AsRef<str>>(path: &[K]) -> bool {
    let key = path.last().map(AsRef::as_ref).unwrap_or_default();
    key.to_ascii_lowercase().contains("doi")
}

#[cfg(test)]
mod tests;
