//! The table of fields as something to be counted: which columns there are, what a record has in each.
//! `inspect` asks; nothing here changes a record.

use super::facts::Fact;
use super::fields::{Profile, ProfileChoice, Row};
use super::rules::{Policy, Source};
use super::{Identity, Mapping, identify_at};
use crate::record::{Record, Slot};

/// What would be put into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A text that is a date.
    Date,
    Number,
    Flag,
    List,
    /// Whatever a pointer leads to.
    Any,
}

/// One field of a profile.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Its path, dotted.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The fact that fills it; `None` if a pointer does.
    pub(crate) fact: Option<&'static str>,
    /// May it be filled at all?
    pub(crate) is_filled: bool,
}

impl Row {
    fn column(&self) -> Column {
        let fact = match &self.source {
            Source::Fact(fact) => Some(*fact),
            Source::Pointer(_) => None,
        };
        Column {
            name: self.name,
            kind: fact.map_or(Kind::Any, kind),
            fact: fact.map(Fact::name),
            is_filled: self.policy != Policy::Never,
        }
    }
}

fn kind(fact: Fact) -> Kind {
    match fact {
        Fact::PublicationDate
        | Fact::Published
        | Fact::PublishedOnline
        | Fact::PublishedPrint
        | Fact::EPubDate => Kind::Date,
        Fact::Year | Fact::CitationCount | Fact::ReferenceCount => Kind::Number,
        Fact::IsOpenAccess => Kind::Flag,
        Fact::Authors | Fact::Editors | Fact::Funders | Fact::Issn | Fact::Isbn => Kind::List,
        _ => Kind::Text,
    }
}

impl Profile {
    /// Its fields, in the order of the table.
    pub(crate) fn columns(&self) -> Vec<Column> {
        self.rows.iter().map(Row::column).collect()
    }

    /// Are keys added that a record does not have?
    pub(crate) fn adds(&self) -> bool {
        self.add
    }

    /// What `record` has in each field, in the same order.
    pub(crate) fn survey<'a>(&self, record: &Record<'a>, mut each: impl FnMut(usize, Slot<'a>)) {
        for (at, row) in self.rows.iter().enumerate() {
            each(at, row.slot(record));
        }
    }
}

impl Mapping {
    /// All profiles, by name.
    pub(crate) fn profiles(&self) -> [(&'static str, &Profile); 2] {
        [("scholar", &self.scholar), ("crossref", &self.crossref)]
    }

    /// Which of [`Mapping::profiles`] the record is of.
    pub(crate) fn profile_at(&self, record: &Record<'_>) -> usize {
        match self.profile {
            ProfileChoice::Scholar => 0,
            ProfileChoice::Crossref => 1,
            ProfileChoice::Auto => usize::from(!self.scholar.is_of(record)),
        }
    }

    /// The record's DOI, and what it was taken from: the place in `doi_fields`, and the value as JSON.
    /// Of an invalid one it is the first that should have been a DOI.
    pub(crate) fn identify_at<'a>(
        &self,
        record: &Record<'a>,
    ) -> (Identity, Option<(usize, &'a str)>) {
        identify_at(record, &self.doi_fields)
    }
}
