//! One record and its answer: is it the same work, what is filled, what the note says.

use std::borrow::Cow;

use super::facts::{self, Context, Fact};
use super::fields::{Profile, Row};
use super::note::Note;
use super::same::{self, Same};
use super::{Enriched, Identity, Policy, Present, Status, differs, retraction};
use crate::json::{self, ObjectWriter};
use crate::record::{Patch, Record, Slot};
use crate::resolution::Resolution;
use crate::work::Work;

/// What becomes of a record of `profile` after `resolution`.
pub(super) fn decide(
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
        doubt: false,
        profile: profile.name,
        present: match resolution {
            // Seen while it is filled.
            Resolution::Work { .. } => Present::default(),
            _ => profile.present_in(record),
        },
    };
    let mut tail = Tail::default();
    match resolution {
        Resolution::Work { work, alias_of } => {
            tail.alias_of = *alias_of;
            fill(profile, record, identity, work, &old, &mut out);
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
            if matches!(old, Note::Ours { .. }) {
                return out;
            }
        }
        // The record leaves as it came, with its old note if it had one.
        Resolution::Unresolved(_) if matches!(old, Note::Ours { .. }) => return out,
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
) {
    if !is_judged(profile, identity, old)
        && let Same::No { evidence, doubt } = same::judge(record, work, profile, old)
    {
        out.status = Status::Mismatch;
        out.evidence = Some(evidence.to_json());
        out.doubt = doubt;
        out.present = profile.present_in(record);
        return;
    }
    out.retracted = retraction::retraction(work);
    let written = match identity {
        Identity::Doi { written, .. } => written,
        _ => "",
    };
    let context = Context::new(written, profile.full_dates);
    for (at, row) in profile.rows.iter().enumerate() {
        let slot = row.slot(record);
        if matches!(slot, Slot::Value(_)) {
            out.present.set(at);
        }
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
                    out.differs.push((row.name, crossref));
                }
                completed
            }
        };
        if let Some(value) = value {
            if out.filled.is_empty() {
                out.filled.reserve(profile.rows.len());
            }
            out.patch.set_field(&row.path, value);
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

/// Was the record's work found to be its own before what told so was renewed (policy `refresh`) from it?
fn is_judged(profile: &Profile, identity: &Identity, old: &Note<'_>) -> bool {
    let renewed = |row: &Row| row.policy == Policy::Refresh && old.has_filled(row.name);
    match identity {
        Identity::Doi { doi, .. } if old.enriched_from(doi.as_str()) => {
            profile.evidence_rows().any(renewed)
        }
        _ => false,
    }
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
    why: Option<&'static str>,
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
        let mut new = out.filled.iter().peekable();
        let of_table = profile
            .rows
            .iter()
            .filter(|row| new.next_if_eq(&&row.name).is_some() || old.has_filled(row.name))
            .map(|row| Cow::Borrowed(row.quoted.as_str()));
        let others = old.filled().iter().filter(|name| !known(name));
        let others = others.map(|name| Cow::Owned(json::quote(name)));
        // Names have some ten letters, dotted ones twenty.
        let count = out.filled.len() + old.filled().len();
        let mut filled = String::with_capacity(24 * count);
        for name in of_table.chain(others) {
            filled.push(if filled.is_empty() { '[' } else { ',' });
            filled.push_str(&name);
        }
        if !filled.is_empty() {
            filled.push(']');
            note.raw("filled", &filled);
        }
        if !out.differs.is_empty() {
            let mut differs = ObjectWriter::new();
            for (name, value) in &out.differs {
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
        if out.doubt {
            note.raw("doubt", "true");
        }
        if let Some(evidence) = &out.evidence {
            note.raw("evidence", evidence);
        }
        note.finish()
    }
}
