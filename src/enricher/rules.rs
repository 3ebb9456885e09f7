//! What a user says of fields, over what the profiles say: other sources, policies, values that count
//! as missing, and fields of records that no profile knows.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use thiserror::Error;

use super::facts::{Context, Fact};
use super::fields::{Profile, Row};
use super::markup::plain;
use super::{Mapping, differs::Comparison, path_of};
use crate::json::{self, Object};
use crate::record::Slot;
use crate::work::Work;

/// When a field is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// If it is missing.
    #[default]
    Missing,
    /// Also if an earlier run filled it, and Crossref says something else by now.
    Own,
    /// Whenever Crossref says something else. A citation count never becomes lower.
    Refresh,
    /// Never.
    Never,
}

impl Policy {
    /// The words in the configuration.
    pub const NAMES: [&str; 4] = ["missing", "own", "refresh", "never"];

    /// By its word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "missing" => Self::Missing,
            "own" => Self::Own,
            "refresh" => Self::Refresh,
            "never" => Self::Never,
            _ => return None,
        })
    }
}

/// What a user says of one field. What is left out stays as the profile has it.
///
/// ```
/// use crossfill::{FieldRule, Mapping, Policy, Record, Work, enrich};
///
/// let mut mapping = Mapping::default();
/// mapping.apply(&FieldRule {
///     name: "journal.issn".into(),
///     from: Some("/ISSN/0".into()),
///     policy: Some(Policy::Missing),
///     missing: vec!["\"unknown\"".into()],
/// })?;
/// let record = Record::parse(r#"{"doi":"10.5555/12345678","journal":{"issn":"Unknown"}}"#)?;
/// let work = Work::parse(r#"{"DOI":"10.5555/12345678","ISSN":["0264-3561"]}"#)?;
/// let enriched = enrich(&record, &work, &mapping.crossref.adding(false));
/// assert_eq!(enriched.filled, ["journal.issn"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldRule {
    /// The field's path in a record, dotted.
    pub name: String,
    /// A named fact, or a JSON Pointer (RFC 6901) into the work.
    pub from: Option<String>,
    /// When it is filled.
    pub policy: Option<Policy>,
    /// Further values that count as missing, as JSON text; strings whatever their case.
    pub missing: Vec<String>,
}

/// Why a rule can't be.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RuleError {
    /// No fact goes by this name.
    #[error("there is no fact `{0}`")]
    Fact(String),
    /// No profile has this field, and nothing is said of what fills it.
    #[error("no profile has this field")]
    Field,
    /// No place in a work.
    #[error("{0}")]
    Pointer(&'static str),
    /// An empty key on the way to a field.
    #[error("an empty key between its dots; write it like `journal.volume`")]
    Path(String),
    /// One field is in the other: filled, one would overwrite the other.
    #[error(
        "the field `{0}` is in the way, because one of the two holds the other; leave one of them out"
    )]
    Nested(String),
}

/// What fills a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Fact(Fact),
    Pointer(Pointer),
}

impl Source {
    fn parse(text: &str) -> Result<Self, RuleError> {
        if text.starts_with('/') {
            return Pointer::parse(text).map(Self::Pointer);
        }
        let fact = Fact::ALL.iter().find(|fact| fact.name() == text);
        let fact = fact.ok_or_else(|| RuleError::Fact(text.to_owned()))?;
        Ok(Self::Fact(*fact))
    }

    pub(super) fn value(&self, work: &Work<'_>, context: &Context<'_>) -> Option<String> {
        match self {
            Self::Fact(fact) => fact.value(work, context),
            Self::Pointer(pointer) => pointer.value(work),
        }
    }

    /// How a record's value is compared with what this says.
    fn comparison(&self) -> Option<Comparison> {
        let Self::Fact(fact) = self else { return None };
        Some(match fact {
            Fact::Title | Fact::FullTitle => Comparison::Title,
            Fact::AuthorNames => Comparison::Authors,
            Fact::PublicationDate | Fact::Published => Comparison::Date,
            Fact::Journal | Fact::ContainerTitle => Comparison::JournalName,
            Fact::VolumeIssue => Comparison::Volume,
            Fact::Pages | Fact::PagesOrArticle => Comparison::Pages,
            _ => return None,
        })
    }

    pub(super) fn is(&self, fact: Fact) -> bool {
        *self == Self::Fact(fact)
    }

    /// The member of a work that must be there for this to say something, if not all answers have it.
    pub(super) fn needs(&self) -> Option<&str> {
        match self {
            Self::Fact(Fact::LandingPage) => Some("resource"),
            Self::Fact(Fact::Language) => Some("language"),
            Self::Fact(Fact::Subtype) => Some("subtype"),
            Self::Fact(_) => None,
            Self::Pointer(pointer) => pointer.keys.first().map(String::as_str),
        }
    }

    /// Is `new` what this policy puts in the place of `old`? Both are JSON text.
    pub(super) fn renews(&self, policy: Policy, old: &str, new: &str) -> bool {
        if same_value(old, new) {
            return false;
        }
        let counts = self.is(Fact::CitationCount) || self.is(Fact::CitationText);
        let number = |raw: &str| raw.trim_matches('"').trim().parse::<u64>().ok();
        let lower = match (number(old), number(new)) {
            (Some(old), Some(new)) => new <= old,
            _ => false,
        };
        !(policy == Policy::Refresh && counts && lower)
    }
}

impl fmt::Display for Pointer {
    /// As in a configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.iter().try_for_each(|key| {
            let key = key.replace('~', "~0").replace('/', "~1");
            write!(f, "/{key}")
        })
    }
}

/// The same value, perhaps written in another way?
fn same_value(one: &str, other: &str) -> bool {
    let read = |raw| serde_json::from_str::<serde_json::Value>(raw);
    one == other
        || match (json::string(one), json::string(other)) {
            (Some(one), Some(other)) => one == other,
            (None, None) => {
                matches!((read(one), read(other)), (Ok(one), Ok(other)) if one == other)
            }
            _ => false,
        }
}

/// A place in a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    keys: Vec<String>,
}

impl Pointer {
    fn parse(text: &str) -> Result<Self, RuleError> {
        let keys = text.split('/').skip(1).map(|key| {
            let escapes = key.matches('~').count();
            if escapes != key.matches("~0").count() + key.matches("~1").count() {
                return Err(RuleError::Pointer(
                    "in a pointer, `~` is written `~0`, and `/` in a key `~1`",
                ));
            }
            Ok(key.replace("~1", "/").replace("~0", "~"))
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if keys.first().is_some_and(|key| key == "reference") {
            return Err(RuleError::Pointer(
                "the references of works are not kept, so nothing can be filled from them",
            ));
        }
        Ok(Self { keys })
    }

    /// The value there, texts as people read them.
    fn value(&self, work: &Work<'_>) -> Option<String> {
        let (first, more) = self.keys.split_first()?;
        let mut raw = work.raw(first)?;
        for key in more {
            raw = match raw.as_bytes().first()? {
                b'[' => {
                    // Without leading zeros, says the RFC.
                    let at: usize = key.parse().ok()?;
                    if at.to_string() != *key {
                        return None;
                    }
                    json::elements(raw).get(at).copied()?
                }
                _ => Object::parse(raw).ok()?.get(key)?,
            };
        }
        Some(read_by_people(raw)).filter(|raw| !json::is_missing(raw))
    }
}

/// A text, or the texts of a list, without markup; all else as it is.
fn read_by_people(raw: &str) -> String {
    let read = |raw: &str| match json::string(raw) {
        Some(text) => json::quote(&plain(&text)),
        None => json::one_line(raw).into_owned(),
    };
    match raw.starts_with('[') {
        true => json::array(json::elements(raw).into_iter().map(read)),
        false => read(raw),
    }
}

/// Is this one of the values that count as missing?
pub(super) fn says_nothing(raw: &str, missing: &[String]) -> bool {
    missing
        .iter()
        .any(|form| match (json::string(raw), json::string(form)) {
            (Some(text), Some(form)) => text.trim().eq_ignore_ascii_case(form.trim()),
            (None, None) => raw == form,
            _ => false,
        })
}

/// Names live as long as the program: there are as many as the configurations name.
fn kept(name: &str) -> &'static str {
    static NAMES: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    let names = names.get_or_insert_default();
    if let Some(known) = names.get(name) {
        return known;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    kept
}

impl Mapping {
    /// Applies what a user says of a field. Where a profile has the field, it changes there; one that no
    /// profile has is a new field of all records.
    ///
    /// # Errors
    /// If there is no such fact or field.
    pub fn apply(&mut self, rule: &FieldRule) -> Result<(), RuleError> {
        let source = rule.from.as_deref().map(Source::parse).transpose()?;
        let path = path_of(&rule.name);
        if path.iter().any(String::is_empty) {
            return Err(RuleError::Path(rule.name.clone()));
        }
        let mut known = false;
        for profile in [&mut self.scholar, &mut self.crossref] {
            if let Some(row) = profile.rows.iter_mut().find(|row| row.name == rule.name) {
                known = true;
                if let Some(source) = &source {
                    row.source = source.clone();
                    // What is of another kind can't be compared with it.
                    let kind = source.comparison();
                    row.comparison = row.comparison.filter(|how| kind == Some(*how));
                }
                row.policy = rule.policy.unwrap_or(row.policy);
                row.missing.extend(rule.missing.iter().cloned());
                profile.note_evidence(&rule.name);
            }
        }
        if known {
            return Ok(());
        }
        let name = kept(&rule.name);
        let row = Row {
            name,
            quoted: json::quote(name),
            path: name.split('.').collect(),
            source: source.ok_or(RuleError::Field)?,
            policy: rule.policy.unwrap_or_default(),
            missing: rule.missing.clone(),
            comparison: None::<Comparison>,
        };
        let in_the_way = self.in_use().into_iter();
        let in_the_way = in_the_way.map(|profile| profile.in_the_way(&row.path));
        if let Some(mut others) = in_the_way.collect::<Option<Vec<_>>>() {
            others.dedup();
            return Err(RuleError::Nested(others.join("`, `")));
        }
        for profile in [&mut self.scholar, &mut self.crossref] {
            // What another field of the profile holds, or is held by, is no field of it.
            if profile.in_the_way(&row.path).is_none() {
                profile.push(row.clone());
            }
        }
        // A key that is added must not make the record one of another profile the next time.
        self.scholar
            .signs
            .retain(|key| row.path.first() != Some(key));
        Ok(())
    }

    /// The profiles that records may be of.
    fn in_use(&self) -> Vec<&Profile> {
        match self.profile {
            super::ProfileChoice::Auto => vec![&self.scholar, &self.crossref],
            super::ProfileChoice::Scholar => vec![&self.scholar],
            super::ProfileChoice::Crossref => vec![&self.crossref],
        }
    }

    /// Does a field need more of a work than the members of which `has` is true?
    pub(crate) fn needs_more(&self, has: impl Fn(&str) -> bool) -> bool {
        let profiles = self.in_use().into_iter();
        let mut rows = profiles.flat_map(|profile| &profile.rows);
        rows.any(|row| {
            row.policy != Policy::Never && row.source.needs().is_some_and(|key| !has(key))
        })
    }

    /// Does a field begin with this key?
    pub(crate) fn has_key(&self, key: &str) -> bool {
        let mut rows = self.scholar.rows.iter().chain(&self.crossref.rows);
        rows.any(|row| row.path.first() == Some(&key))
    }

    /// The names of all facts that may fill a field.
    pub fn facts() -> impl Iterator<Item = &'static str> {
        Fact::ALL.iter().map(|fact| fact.name())
    }

    /// The names of all fields.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        let rows = self.scholar.rows.iter().chain(&self.crossref.rows);
        rows.map(|row| row.name)
    }
}

impl Row {
    /// May this row still change something in a record that has this?
    pub(super) fn is_open(&self, slot: Slot<'_>, filled: bool, add: bool) -> bool {
        match (self.policy, slot) {
            (Policy::Never, _) | (_, Slot::Blocked) => false,
            (_, Slot::Missing | Slot::Hollow) => true,
            (_, Slot::Absent) => add,
            (Policy::Missing, Slot::Value(_)) => false,
            (Policy::Own, Slot::Value(_)) => filled,
            (Policy::Refresh, Slot::Value(_)) => true,
        }
    }
}

#[cfg(test)]
mod tests;
