//! Sums over records: what a bar, the summary and the report are made from.

use std::collections::BTreeMap;

use super::names::Names;
use super::notable::Notable;
use crate::enricher::{Enriched, Status};

/// Sums over records.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Records read, rejects not included.
    pub records: u64,
    /// Records by their fate.
    pub statuses: BTreeMap<Status, u64>,
    /// Each profile that a record was of.
    pub profiles: Vec<ProfileTally>,
    /// Inputs' parts that are no records.
    pub rejects: u64,
    /// Records whose work is retracted.
    pub retracted: u64,
    /// Records that hold somebody else's value under the note's key.
    pub foreign_notes: u64,
    /// Records filled from a work older than its age allows, because nobody answered.
    pub stale: u64,
    /// Records that were not asked for because the run is offline.
    pub offline: u64,
    /// Records that were not asked for because a limit of the run was reached.
    pub limited: u64,
    /// Journals, as raw `container-title`s.
    pub(crate) journals: Names,
    /// Publishers, as raw `publisher`s.
    pub(crate) publishers: Names,
    /// What a person may want to look at.
    pub(crate) notable: Notable,
}

/// Sums over the records of one profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileTally {
    /// `scholar` or `crossref`.
    pub name: &'static str,
    /// Records of it.
    pub records: u64,
    /// Its fields, in the order of its table.
    pub fields: Vec<FieldTally>,
}

/// Sums over the records of one profile, for one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldTally {
    /// The field's path, dotted.
    pub name: &'static str,
    /// Records that had a value.
    pub before: u64,
    /// Records that got their first value.
    pub added: u64,
    /// Records in which a value was set; more than `added` if values were renewed.
    pub filled: u64,
    /// Records whose value differs from Crossref's.
    pub differs: u64,
}

impl Tally {
    /// Records of this fate.
    pub fn status(&self, status: Status) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    /// Values set, of all fields.
    pub fn values(&self) -> u64 {
        let fields = self.profiles.iter().flat_map(|profile| &profile.fields);
        fields.map(|field| field.filled).sum()
    }

    /// What became of a record of a profile with `fields`, in the order of its table.
    pub(crate) fn count<F>(&mut self, enriched: &Enriched, fields: impl FnOnce() -> F)
    where
        F: Iterator<Item = &'static str>,
    {
        self.records += 1;
        *self.statuses.entry(enriched.status).or_default() += 1;
        self.retracted += u64::from(enriched.retracted.is_some());
        self.foreign_notes += u64::from(enriched.foreign_note);
        let at = self.profile(enriched.profile, fields);
        let Some(profile) = self.profiles.get_mut(at) else {
            return;
        };
        profile.records += 1;
        // Both are in the order of the table; and a field's name is one text at one place.
        let mut filled = enriched.filled.iter().peekable();
        let mut differs = enriched.differs.iter().peekable();
        for (at, field) in profile.fields.iter_mut().enumerate() {
            let present = enriched.present.has(at);
            field.before += u64::from(present);
            if filled.next_if_eq(&&field.name).is_some() {
                field.filled += 1;
                field.added += u64::from(!present);
            }
            let differing = differs.next_if(|(name, _)| *name == field.name);
            field.differs += u64::from(differing.is_some());
        }
    }

    /// Where the profile `name` stands.
    fn profile<F>(&mut self, name: &'static str, fields: impl FnOnce() -> F) -> usize
    where
        F: Iterator<Item = &'static str>,
    {
        let found = self.profiles.iter().position(|own| own.name == name);
        found.unwrap_or_else(|| {
            let fields = fields().map(|name| FieldTally {
                name,
                ..FieldTally::default()
            });
            self.profiles.push(ProfileTally {
                name,
                records: 0,
                fields: fields.collect(),
            });
            self.profiles.len() - 1
        })
    }

    pub(super) fn add(&mut self, other: Self) {
        self.records += other.records;
        self.rejects += other.rejects;
        self.retracted += other.retracted;
        self.foreign_notes += other.foreign_notes;
        self.stale += other.stale;
        self.offline += other.offline;
        self.limited += other.limited;
        for (status, number) in other.statuses {
            *self.statuses.entry(status).or_default() += number;
        }
        for profile in other.profiles {
            let at = self.profile(profile.name, || {
                profile.fields.iter().map(|field| field.name)
            });
            if let Some(own) = self.profiles.get_mut(at) {
                own.add(&profile);
            }
        }
        self.journals.add(other.journals);
        self.publishers.add(other.publishers);
        self.notable.add(other.notable);
    }
}

impl ProfileTally {
    fn add(&mut self, other: &Self) {
        self.records += other.records;
        // One run has one table: the fields are the same, in the same order.
        for (own, other) in self.fields.iter_mut().zip(&other.fields) {
            own.before += other.before;
            own.added += other.added;
            own.filled += other.filled;
            own.differs += other.differs;
        }
    }
}
