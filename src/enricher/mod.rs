//! Records and answers into enriched records. Pure: no I/O, no clock, no async.

mod differs;
mod facts;
mod fields;
mod markup;
mod normal;
mod note;
mod retraction;
mod rules;
mod same;

use crate::doi::Doi;
use crate::json::{self, ObjectWriter};
use crate::record::{Patch, Record, Slot};
use crate::resolution::Resolution;
use crate::work::Work;
use facts::{Context, Fact};
use fields::Row;
pub use fields::{Profile, ProfileChoice};
#[doc(hidden)]
pub use markup::read_markup;
use note::Note;
pub use rules::{FieldRule, Policy, RuleError};
use same::Same;

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
    /// The names of the fields that this run fills.
    pub filled: Vec<&'static str>,
    /// The names of the fields that differ.
    pub differs: Vec<&'static str>,
    /// How the work was retracted, if it was, as JSON: kind, notice, date, source.
    pub retracted: Option<String>,
    /// Somebody else's value stands under the note's key.
    pub foreign_note: bool,
    /// Why it is a mismatch, as JSON.
    pub evidence: Option<String>,
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
const NOTE: &str = "_crossfill";

/// Where a record's DOI may stand, if nobody says otherwise.
const DOI_FIELDS: [&str; 6] = [
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
    let mut invalid = false;
    for path in fields {
        let Slot::Value(raw) = record.slot(path) else {
            continue;
        };
        let text = json::string(raw);
        match text.as_deref().map(Doi::find_as_written) {
            Some(Ok((doi, written))) => return Identity::Doi { doi, written },
            _ => {
                let key = path.last().map(AsRef::as_ref).unwrap_or_default();
                invalid |= key.to_ascii_lowercase().contains("doi");
            }
        }
    }
    if invalid {
        Identity::Invalid
    } else {
        Identity::None
    }
}

/// What becomes of a record of `profile` after `resolution`.
fn decide(
    profile: &Profile,
    key: Option<&str>,
    record: &Record<'_>,
    identity: &Identity,
    resolution: &Resolution<'_>,
) -> Enriched {
    let old = key.map_or(Note::None, |key| Note::read(record, key));
    let mut out = Enriched {
        status: Status::Unresolved,
        patch: Patch::default(),
        note: None,
        filled: Vec::new(),
        differs: Vec::new(),
        retracted: None,
        foreign_note: matches!(old, Note::Foreign),
        evidence: None,
    };
    let mut tail = Tail::default();
    match resolution {
        Resolution::Work { work, alias_of } => {
            tail.alias_of = *alias_of;
            fill(profile, record, identity, work, &old, &mut out, &mut tail);
        }
        Resolution::NotFound => out.status = Status::NotFound,
        Resolution::OtherAgency(agency) => {
            out.status = Status::OtherAgency;
            tail.agency = Some(agency);
        }
        Resolution::NoDoi => out.status = Status::NoDoi,
        Resolution::InvalidDoi => out.status = Status::InvalidDoi,
        // Nothing new is known of it: an old note says more.
        Resolution::Skipped => {
            out.status = Status::Skipped;
            if matches!(old, Note::Ours(_)) {
                return out;
            }
        }
        // The record leaves as it came, with its old note if it had one.
        Resolution::Unresolved(_) if matches!(old, Note::Ours(_)) => return out,
        Resolution::Unresolved(why) => tail.why = Some(why.as_str()),
    }
    if key.is_some() && !out.foreign_note {
        out.note = Some(tail.write(profile, identity, &old, &out));
    }
    out
}

/// Fills what is missing, if it is the same work.
fn fill(
    profile: &Profile,
    record: &Record<'_>,
    identity: &Identity,
    work: &Work<'_>,
    old: &Note<'_>,
    out: &mut Enriched,
    tail: &mut Tail<'_>,
) {
    if let Same::No { evidence, doubt } = same::judge(record, work, profile, old) {
        out.status = Status::Mismatch;
        out.evidence = Some(evidence.to_json());
        tail.doubt = doubt;
        return;
    }
    out.retracted = retraction::retraction(work);
    let written = match identity {
        Identity::Doi { written, .. } => written,
        _ => "",
    };
    let context = Context::new(written, profile.full_dates);
    for row in &profile.rows {
        let slot = row.slot(record);
        let filled = old.has_filled(row.name);
        let open = row.is_open(slot, filled, profile.add);
        let value = match slot {
            _ if open => row.source.value(work, &context).filter(|new| match slot {
                Slot::Value(raw) => row.source.renews(row.policy, raw, new),
                _ => true,
            }),
            Slot::Blocked | Slot::Absent | Slot::Missing | Slot::Hollow => None,
            Slot::Value(raw) => {
                let completed = completion(row, raw, work);
                let comparison = row.comparison.filter(|_| completed.is_none() && !filled);
                if let Some(crossref) =
                    comparison.and_then(|how| differs::difference(how, raw, work))
                {
                    out.differs.push(row.name);
                    tail.differs.push((row.name, crossref));
                }
                completed
            }
        };
        if let Some(value) = value {
            if out.filled.is_empty() {
                out.filled.reserve(profile.rows.len());
            }
            out.patch.set(&row.path, value);
            out.filled.push(row.name);
        }
    }
    let any = !out.filled.is_empty() || !old.filled().is_empty();
    out.status = if any {
        Status::Enriched
    } else {
        Status::Complete
    };
}

/// A volume whose issue is missing (`"151 "`), completed if the volume agrees.
fn completion(row: &Row, raw: &str, work: &Work<'_>) -> Option<String> {
    if row.policy == Policy::Never || !row.source.is(Fact::VolumeIssue) {
        return None;
    }
    let half_empty = |volume: &str| volume.ends_with(' ') && !volume.trim().is_empty();
    let volume = json::string(raw).filter(|volume| half_empty(volume))?;
    let whole = facts::volume_issue(work)?;
    let issue = whole.strip_prefix(volume.trim())?;
    issue.starts_with(' ').then(|| json::quote(&whole))
}

/// What a note says besides status and DOI.
#[derive(Default)]
struct Tail<'a> {
    alias_of: Option<&'a str>,
    agency: Option<&'a str>,
    differs: Vec<(&'static str, String)>,
    why: Option<&'static str>,
    doubt: bool,
}

impl Tail<'_> {
    fn write(
        &self,
        profile: &Profile,
        identity: &Identity,
        old: &Note<'_>,
        out: &Enriched,
    ) -> String {
        let mut note = ObjectWriter::new();
        note.string("status", out.status.as_str());
        if let Identity::Doi { doi, .. } = identity {
            note.string("doi", doi.as_str());
        }
        if let Some(prime) = self.alias_of {
            note.string("alias_of", prime);
        }
        if let Some(agency) = self.agency {
            note.string("agency", agency);
        }
        // In the order of the table; what earlier runs filled stays said.
        let known = |name: &str| profile.rows.iter().any(|row| row.name == name);
        let of_table = profile.rows.iter().map(|row| row.name);
        let mut new = out.filled.iter().peekable();
        let of_table =
            of_table.filter(|name| new.next_if_eq(&name).is_some() || old.has_filled(name));
        let others = old
            .filled()
            .iter()
            .map(AsRef::as_ref)
            .filter(|name| !known(name));
        let mut filled = String::new();
        for name in of_table.chain(others) {
            filled.push(if filled.is_empty() { '[' } else { ',' });
            json::push_quoted(&mut filled, name);
        }
        if !filled.is_empty() {
            filled.push(']');
            note.raw("filled", &filled);
        }
        if !self.differs.is_empty() {
            let mut differs = ObjectWriter::new();
            for (name, value) in &self.differs {
                differs.raw(name, value);
            }
            note.raw("differs", &differs.finish());
        }
        if let Some(retracted) = &out.retracted {
            note.raw("retracted", retracted);
        }
        if let Some(why) = self.why {
            note.string("why", why);
        }
        if self.doubt {
            note.raw("doubt", "true");
        }
        if let Some(evidence) = &out.evidence {
            note.raw("evidence", evidence);
        }
        note.finish()
    }
}

#[cfg(test)]
mod tests;
