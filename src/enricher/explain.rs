//! What became of each field of a record, and why: for whoever looks at one. Decides nothing; it tells
//! what was decided.

use super::facts::{Context, Fact};
use super::fields::{Profile, Row};
use super::note::Note;
use super::rules::{Policy, Source};
use super::{Enriched, Identity, Mapping, Status, retraction, text_of};
use crate::json::{self, Object};
use crate::record::{Record, Slot};
use crate::work::Work;

/// One field, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explained {
    /// Its path, dotted.
    pub(crate) name: &'static str,
    /// What stood there, as JSON; `None` if there was no such key.
    pub(crate) before: Option<String>,
    /// What Crossref has for it, as JSON.
    pub(crate) crossref: Option<String>,
    /// Where in the work that stands: members, or a JSON Pointer. Empty: it is the record's own DOI.
    pub(crate) reads: Vec<String>,
    /// What became of it.
    pub(crate) fate: Fate,
}

/// What became of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It gets this value, as JSON.
    Filled(String),
    /// It stays, and Crossref has what a person would call another value.
    Differs,
    /// It stays.
    Kept {
        /// An earlier run filled it.
        earlier: bool,
    },
    /// It is missing, Crossref has a value, and that is not put there.
    Left(Left),
    /// Nobody has a value.
    Nothing,
}

/// Why a value is not put into a field that misses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// The user says so: policy `never`.
    Never,
    /// The record has no such key, and keys are not added.
    NoKey,
    /// What should hold the field is no object.
    InTheWay,
    /// The work is, or may be, another one.
    OtherWork,
}

/// A work, as a person reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Glance {
    pub(crate) title: Option<String>,
    pub(crate) authors: Option<String>,
    pub(crate) container: Option<String>,
    pub(crate) volume: Option<String>,
    pub(crate) issue: Option<String>,
    pub(crate) pages: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) online: Option<String>,
    pub(crate) print: Option<String>,
    pub(crate) publisher: Option<String>,
    /// Crossref's type.
    pub(crate) kind: Option<String>,
    /// How it was retracted, as JSON.
    pub(crate) retracted: Option<String>,
}

impl Glance {
    /// Of `work`.
    pub(crate) fn of(work: &Work<'_>) -> Self {
        let text = |fact| text_of(work, fact);
        Self {
            title: text(Fact::FullTitle),
            authors: text(Fact::AuthorNames).or_else(|| {
                let editors = super::facts::names(&work.people("editor"))?;
                Some(format!("{editors} (editors)"))
            }),
            container: text(Fact::ContainerTitle),
            volume: text(Fact::Volume),
            issue: text(Fact::Issue),
            pages: text(Fact::PagesOrArticle),
            published: text(Fact::Published),
            online: text(Fact::PublishedOnline),
            print: text(Fact::PublishedPrint),
            publisher: text(Fact::Publisher),
            kind: text(Fact::Type),
            retracted: retraction::retraction(work),
        }
    }
}

impl Mapping {
    /// The same with keys added to every record, whatever its profile says.
    pub(crate) fn adding(mut self) -> Self {
        self.scholar = self.scholar.adding(true);
        self.crossref = self.crossref.adding(true);
        self
    }

    /// What became of each field of `before`, which `enriched` made into `after`, in the order of the
    /// table.
    pub(crate) fn explain(
        &self,
        before: &Record<'_>,
        after: &Record<'_>,
        identity: &Identity,
        work: Option<&Work<'_>>,
        enriched: &Enriched,
    ) -> Vec<Explained> {
        let profile = self.profile_named(enriched.profile);
        let written = match identity {
            Identity::Doi { written, .. } => written,
            _ => "",
        };
        let context = Context::new(written, profile.full_dates);
        let old = self.note.as_deref();
        let old = old.map_or(Note::None, |key| Note::read(before, key));
        let rows = profile.rows.iter().map(|row| {
            let mut differs = enriched.differs.iter();
            let differs = differs.find(|(name, _)| *name == row.name);
            let crossref = match (differs, work) {
                (Some((_, crossref)), _) => Some(crossref.clone()),
                (None, Some(work)) => row.source.value(work, &context),
                (None, None) => None,
            };
            Explained {
                name: row.name,
                before: at(before, &row.path).map(|raw| json::one_line(raw).into_owned()),
                reads: row.reads(work),
                fate: match at(after, &row.path) {
                    Some(new) if enriched.filled.contains(&row.name) => {
                        Fate::Filled(new.to_owned())
                    }
                    _ if differs.is_some() => Fate::Differs,
                    _ => fate(profile, row, before, &old, crossref.is_some(), enriched),
                },
                crossref,
            }
        });
        rows.collect()
    }
}

/// What became of a field that was not changed.
fn fate(
    profile: &Profile,
    row: &Row,
    before: &Record<'_>,
    old: &Note<'_>,
    known: bool,
    enriched: &Enriched,
) -> Fate {
    let slot = row.slot(before);
    let left = match slot {
        Slot::Value(_) => {
            return Fate::Kept {
                earlier: old.has_filled(row.name),
            };
        }
        _ if !known => return Fate::Nothing,
        _ if enriched.status == Status::Mismatch => Left::OtherWork,
        _ if row.policy == Policy::Never => Left::Never,
        Slot::Blocked => Left::InTheWay,
        _ if !profile.add => Left::NoKey,
        // All else would have been filled.
        _ => Left::Never,
    };
    Fate::Left(left)
}

/// The raw value at a path, whether it says something or not.
fn at<'a>(record: &Record<'a>, path: &[&str]) -> Option<&'a str> {
    let (first, more) = path.split_first()?;
    more.iter().try_fold(record.get(first)?, |raw, key| {
        Object::parse(raw).ok()?.get(key)
    })
}

impl Row {
    /// Where what fills it stands: of several members those that `work` has.
    fn reads(&self, work: Option<&Work<'_>>) -> Vec<String> {
        let fact = match &self.source {
            Source::Fact(fact) => fact,
            Source::Pointer(pointer) => return vec![pointer.to_string()],
        };
        let is_there = |key: &&str| work.is_some_and(|work| work.raw(key).is_some());
        let mut there: Vec<_> = fact.reads().iter().copied().filter(is_there).collect();
        if there.is_empty() {
            there = fact.reads().to_vec();
        }
        there.into_iter().map(str::to_owned).collect()
    }
}

impl Explained {
    /// Did an earlier run fill it?
    pub(crate) fn is_of_earlier_run(&self) -> bool {
        self.fate == Fate::Kept { earlier: true }
    }
}
