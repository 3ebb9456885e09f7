//! One chunk, counted. Pure but for the store's answers.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::distinct::Known;
use super::doubt;
use super::odd::{self, Odd};
use super::sums::{Doubtful, Place, Sums};
use crate::doi::Doi;
use crate::enricher::{Column, Identity, Mapping, is_dois_own};
use crate::json;
use crate::reader::{Chunk, Item, not_json};
use crate::record::{Record, RecordError, Slot};
use crate::resolver::{self, Use, look_up};
use crate::store::{Ages, Reading, StoreError};

/// Examples are cut after so many characters: they are only looked at.
const SHOWN: usize = 300;

/// A DOI of a chunk.
pub(super) struct Found {
    pub(super) hash: u64,
    pub(super) doi: Doi,
    /// Would a run want to know it?
    pub(super) wanted: bool,
    /// Its item in the chunk, and the line of that.
    at: usize,
    line: u64,
}

impl Found {
    /// Where it stands, in the `number`-th chunk.
    pub(super) fn place(&self, chunk: &Chunk, number: u64) -> Place {
        Place {
            chunk: number,
            at: self.at,
            source: chunk.source.clone(),
            line: self.line,
        }
    }
}

/// What all chunks are counted with.
pub(super) struct Counter {
    pub(super) mapping: Mapping,
    columns: [Vec<Column>; 2],
}

impl Counter {
    pub(super) fn new(mapping: Mapping) -> Self {
        let columns = mapping.profiles().map(|(_, profile)| profile.columns());
        Self { mapping, columns }
    }

    /// Counts `chunk`, the `number`-th of all.
    pub(super) fn count(&self, chunk: &Chunk, number: u64) -> (Sums, Vec<Found>) {
        let mut sums = Sums::new(&self.mapping);
        let mut found = Vec::with_capacity(chunk.items.len());
        for (at, item) in chunk.items.iter().enumerate() {
            let place = || Place {
                chunk: number,
                at,
                source: chunk.source.clone(),
                line: item.line,
            };
            if let Err(reason) = self.item(chunk, (at, item), &mut sums, &mut found, &place) {
                sums.rejects += 1;
                if !sums.first_rejects.is_full() {
                    sums.first_rejects.push(place(), reason);
                }
            }
        }
        (sums, found)
    }

    fn item(
        &self,
        chunk: &Chunk,
        (at_item, item): (usize, &Item),
        sums: &mut Sums,
        found: &mut Vec<Found>,
        place: &dyn Fn() -> Place,
    ) -> Result<(), String> {
        let text = chunk.record(item).map_err(|reason| reason.into_owned())?;
        let record = Record::parse(&text).map_err(|RecordError::Json(error)| not_json(&error))?;
        sums.records += 1;
        sums.bytes += text.len() as u64 + 1;
        let note = self.mapping.note.as_deref();
        sums.noted += u64::from(note.is_some_and(|key| record.has(key)));
        self.fields(&record, sums, place);
        let (identity, stated) = self.mapping.identify_at(&record);
        match &identity {
            Identity::Doi { doi, .. } => {
                sums.valid += 1;
                sums.doi_bytes += doi.as_str().len() as u64;
                sums.prefixes.add(doi.prefix(), 1);
            }
            Identity::Invalid => sums.invalid += 1,
            Identity::None => sums.no_doi += 1,
        }
        if let Some((at, raw)) = stated {
            self.doubt(&record, &identity, at, raw, sums, place);
        }
        if let Identity::Doi { doi, .. } = identity {
            let skipped = self.mapping.is_skipped(&record);
            sums.skipped += u64::from(skipped);
            found.push(Found {
                hash: hash_of(&doi),
                doi,
                wanted: !skipped,
                at: at_item,
                line: item.line,
            });
        }
        Ok(())
    }

    fn fields(&self, record: &Record<'_>, sums: &mut Sums, place: &dyn Fn() -> Place) {
        let which = self.mapping.profile_at(record);
        let (_, profile) = self.mapping.profiles()[which];
        let columns = &self.columns[which];
        let sums = &mut sums.profiles[which];
        sums.records += 1;
        profile.survey(record, |at, slot| {
            let field = &mut sums.fields[at];
            let (oddity, raw) = match slot {
                Slot::Missing | Slot::Hollow => return field.empty += 1,
                Slot::Absent => return field.absent += 1,
                // Something stands there, and no object that could hold the field.
                Slot::Blocked => (Some(Odd::Type), ""),
                Slot::Value(raw) => (odd::odd(columns[at].kind, raw), raw),
            };
            field.present += 1;
            let Some(oddity) = oddity else { return };
            match oddity {
                Odd::Word(word) => {
                    field.words += 1;
                    field.which |= 1 << word;
                }
                Odd::Type => field.types += 1,
                Odd::Date => field.dates += 1,
            }
            if !field.first_odd.is_full() {
                field.first_odd.push(place(), (oddity, shown(raw)));
            }
        });
    }

    fn doubt(
        &self,
        record: &Record<'_>,
        identity: &Identity,
        at: usize,
        raw: &str,
        sums: &mut Sums,
        place: &dyn Fn() -> Place,
    ) {
        let Some(path) = self.mapping.doi_fields.get(at) else {
            return;
        };
        let text = json::string(raw);
        let (doubt, asked, meant) = match identity {
            Identity::None => return,
            Identity::Invalid => {
                let text = text.as_deref().unwrap_or(raw);
                let why = Doi::find(text).err().unwrap_or(crate::DoiError::NotFound);
                (doubt::Doubt::Invalid(why), None, doubt::meant(text))
            }
            Identity::Doi { doi, written } => {
                let own = is_dois_own(path);
                let text = text.as_deref().unwrap_or_default();
                let found = if doubt::is_placeholder(doi) {
                    Some((doubt::Doubt::Placeholder, None))
                } else if own && let Some(found) = doubt::found(text, written) {
                    Some(found)
                } else {
                    let other = own.then(|| self.other(record, doi, at)).flatten();
                    other.map(|other| (doubt::Doubt::Other, Some(other)))
                };
                let Some((doubt, meant)) = found else { return };
                (doubt, Some(doi.to_string()), meant)
            }
        };
        sums.doubts[doubt.index()] += 1;
        if !sums.first_doubts.is_full() {
            let doubtful = Doubtful {
                doubt,
                field: path.join("."),
                found: shown(text.as_deref().unwrap_or(raw)),
                asked,
                meant: meant.map(|doi| doi.to_string()),
            };
            sums.first_doubts.push(place(), doubtful);
        }
    }

    /// Another DOI in a field that should have this one.
    fn other(&self, record: &Record<'_>, doi: &Doi, after: usize) -> Option<Doi> {
        let fields = self.mapping.doi_fields.get(after + 1..)?;
        fields.iter().find_map(|path| {
            let raw = match record.slot(path) {
                Slot::Value(raw) if is_dois_own(path) => raw,
                _ => return None,
            };
            // Nearly always the same, perhaps as a link.
            let tail = raw.strip_suffix('"')?;
            let start = tail.len().checked_sub(doi.as_str().len())?;
            let same = tail.get(start..);
            if same.is_some_and(|same| same.eq_ignore_ascii_case(doi.as_str())) {
                return None;
            }
            Doi::find(&json::string(raw)?)
                .ok()
                .filter(|other| other != doi)
        })
    }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// The same on every machine and in every run, so that samples are.
fn hash_of(doi: &Doi) -> u64 {
    let mut hasher = DefaultHasher::new();
    doi.hash(&mut hasher);
    hasher.finish()
}

/// What the store knows of `doi`.
pub(super) fn known(
    reading: &Reading<'_>,
    doi: &Doi,
    ages: &Ages,
    offline: bool,
) -> Result<Known, StoreError> {
    let told = |known: &resolver::Known<'_>| match known {
        resolver::Known::Work { alias_of: None, .. } => Some(Known::Work),
        resolver::Known::Work { .. } => Some(Known::Alias),
        resolver::Known::NotFound => Some(Known::Absent),
        resolver::Known::Agency(_) => Some(Known::Elsewhere),
        resolver::Known::Nothing => None,
    };
    let policy = if offline { Use::AnyAge } else { Use::Fresh };
    if let Some(known) = told(&look_up(reading, doi, ages, policy)?) {
        return Ok(known);
    }
    Ok(match look_up(reading, doi, ages, Use::AnyAge)? {
        resolver::Known::Work { .. } => Known::Stale,
        resolver::Known::NotFound | resolver::Known::Agency(_) => Known::StaleAbsent,
        resolver::Known::Nothing => Known::Nothing,
    })
}
