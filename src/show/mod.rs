//! One work or one record: what Crossref says, what a run would make of it, and where that comes from.
//!
//! Takes the same way as a run (reader, resolver, enricher), so that what is shown is what a run writes;
//! only that there is one record, and nothing is written but what was answered, to the store.

mod ask;
mod find;
mod target;

use std::collections::BTreeSet;

use thiserror::Error;

use crate::crossref::Client;
use crate::doi::Doi;
use crate::enricher::{Enriched, Explained, Glance, Identity, Mapping};
use crate::json::{self, Object};
use crate::record::{Record, RecordError};
use crate::resolution::{Resolution, Why};
use crate::resolver::{self, Found, goes_singly};
use crate::store::{Ages, Decoder, Entry, Held, Reading, Store, StoreError};
use crate::work::Work;
pub(crate) use ask::ask;
pub(crate) use find::{FindError, Place, find};
pub(crate) use target::{Target, TargetError};

/// The record to look at.
pub(crate) struct Subject {
    /// Its JSON.
    pub(crate) text: String,
    /// Where it stands; `None` if only a DOI was named.
    pub(crate) place: Option<Place>,
}

impl Subject {
    /// A bare DOI, as it was written.
    pub(crate) fn bare(written: &str) -> Self {
        let mut text = json::ObjectWriter::new();
        text.string("doi", written);
        Self {
            text: text.finish(),
            place: None,
        }
    }
}

/// How a run would take it.
pub(crate) struct Options<'a> {
    pub(crate) mapping: &'a Mapping,
    pub(crate) ages: Ages,
    pub(crate) offline: bool,
}

/// What there is to show, or what must be asked before.
pub(crate) enum Step {
    Ask(Doi),
    Shown(Box<Shown>),
}

/// All about one record.
pub(crate) struct Shown {
    pub(crate) identity: Identity,
    /// The field that the DOI was taken from, or should have been, and its value as JSON.
    pub(crate) stated: Option<(String, String)>,
    /// What became of the record.
    pub(crate) enriched: Enriched,
    /// The work as the store has it.
    pub(crate) work: Option<String>,
    pub(crate) glance: Option<Glance>,
    /// The work's own DOI, if the record's is another name of it.
    pub(crate) alias_of: Option<String>,
    pub(crate) agency: Option<String>,
    /// Why there is no answer.
    pub(crate) why: Option<Why>,
    /// What the store holds of the DOI.
    pub(crate) stored: Option<Stored>,
    /// The same field by field.
    pub(crate) fields: Vec<Explained>,
    /// Keys of the record that are neither fields nor the note.
    pub(crate) others: u64,
}

/// An answer in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    /// When Crossref gave it, in seconds since 1970.
    pub(crate) asked: u64,
    /// From a data file.
    pub(crate) imported: bool,
    /// Is it all that Crossref has of the work, references aside?
    pub(crate) whole: bool,
    /// Need it not be asked for again?
    pub(crate) fresh: bool,
    /// When that will be, in seconds since 1970.
    pub(crate) until: u64,
}

/// Why there is nothing to show.
#[derive(Debug, Error)]
pub(crate) enum ShowError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was read as a record is none.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// What a run makes of `subject`, by what the store knows. `asked`: its DOI was asked for just now, and
/// why there is no answer, if so.
///
/// # Errors
/// If the store can't be read, or the text is no record.
pub(crate) fn show(
    subject: &Subject,
    options: &Options<'_>,
    store: Option<&Store>,
    asked: Option<Option<Why>>,
) -> Result<Step, ShowError> {
    let Options {
        mapping,
        ages,
        offline,
    } = options;
    let record = Record::parse(&subject.text)?;
    let (identity, stated) = mapping.identify_at(&record);
    let stated = stated.and_then(|(at, raw)| {
        let path = mapping.doi_fields.get(at)?;
        Some((path.join("."), raw.to_owned()))
    });
    let reading = store.map(Store::read).transpose()?;
    let mut decoder = Decoder::new();
    let found = match mapping.wanted(&record, &identity) {
        Err(resolution) => Found::Is(resolution),
        Ok(doi) => {
            let reading = reading.as_ref();
            match resolver::find(reading, &mut decoder, doi, ages, *offline, asked)? {
                Found::Ask => return Ok(Step::Ask(doi.clone())),
                found => found,
            }
        }
    };
    let (json, alias_of, resolution) = match found {
        Found::Work { json, alias_of, .. } => (Some(json), alias_of, None),
        Found::Is(resolution) => (None, None, Some(resolution)),
        Found::Ask => (None, None, None),
    };
    let work = json.map(Work::parse).transpose();
    let work = work.map_err(RecordError::from)?;
    let resolution = match (&work, resolution) {
        (Some(work), _) => Resolution::Work { work, alias_of },
        (None, Some(resolution)) => resolution,
        (None, None) => Resolution::Unresolved(Why::Unavailable),
    };
    let enriched = mapping.enrich(&record, &identity, &resolution);
    let note = mapping.note.as_deref().zip(enriched.note.as_deref());
    let mut line = Vec::new();
    record.write(&enriched.patch, note, &mut line);
    let line = String::from_utf8_lossy(&line).into_owned();
    let fields = mapping.explain(
        &record,
        &Record::parse(&line)?,
        &identity,
        work.as_ref(),
        &enriched,
    );
    let others = others(&record, &fields, mapping.note.as_deref());
    let stored = match (&identity, &reading) {
        (Identity::Doi { doi, .. }, Some(reading)) => stored(reading, doi, ages)?,
        _ => None,
    };
    let shown = Shown {
        stated,
        glance: work.as_ref().map(Glance::of),
        work: json.map(str::to_owned),
        alias_of: alias_of.map(str::to_owned),
        agency: match resolution {
            Resolution::OtherAgency(agency) => Some(agency.to_owned()),
            _ => None,
        },
        why: match resolution {
            Resolution::Unresolved(why) => Some(why),
            _ => None,
        },
        stored,
        enriched,
        fields,
        others,
        identity,
    };
    Ok(Step::Shown(Box::new(shown)))
}

/// Keys of `record` that hold no field, nor the note `key`.
fn others(record: &Record<'_>, fields: &[Explained], key: Option<&str>) -> u64 {
    let of_fields = fields
        .iter()
        .filter_map(|field| field.name.split('.').next());
    let known: BTreeSet<&str> = of_fields.chain(key).collect();
    let known = known.into_iter().filter(|key| record.has(key)).count();
    // It was parsed before.
    let all = Object::parse(record.text()).map_or(0, |object| object.members().len());
    all.saturating_sub(known) as u64
}

/// What the store holds of `doi`, or of the work that it is another name of.
fn stored(reading: &Reading<'_>, doi: &Doi, ages: &Ages) -> Result<Option<Stored>, StoreError> {
    let Some(entry) = reading.get(doi)? else {
        return Ok(None);
    };
    let told = |entry: &Entry<'_>, doi: &Doi| Stored {
        asked: entry.asked,
        imported: entry.imported,
        whole: entry.whole,
        fresh: ages.is_fresh(entry, doi),
        until: entry
            .asked
            .saturating_add(ages.age_of(entry, doi).as_secs()),
    };
    let Held::Alias { prime } = entry.held else {
        return Ok(Some(told(&entry, doi)));
    };
    let Some((prime, work)) = Doi::parse(prime)
        .ok()
        .map(|prime| Ok::<_, StoreError>((reading.get(&prime)?, prime)))
        .transpose()?
        .and_then(|(entry, prime)| Some((prime, entry?)))
    else {
        return Ok(None);
    };
    let (alias, work) = (told(&entry, doi), told(&work, &prime));
    Ok(Some(Stored {
        fresh: alias.fresh && work.fresh,
        until: alias.until.min(work.until),
        ..work
    }))
}

/// The requests that a run sends for a DOI if the store has no fresh answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requests {
    /// In a list with others; `None` if it can't be in one.
    pub(crate) list: Option<String>,
    /// If a list does not show it.
    pub(crate) single: String,
    /// If that does not know it, and its prefix has given no work yet.
    pub(crate) agency: String,
}

impl Requests {
    /// Those for `doi`.
    pub(crate) fn of(client: &Client, doi: &Doi) -> Self {
        let [list, single, agency] = client.urls(doi);
        Self {
            list: (!goes_singly(doi)).then_some(list),
            single,
            agency,
        }
    }
}
