//! Is the work that a DOI names the work that the record describes?
//!
//! A wrong DOI must never pollute a record. Titles decide; where they do not agree, first author,
//! year and first page must all. What an earlier run filled is no evidence: it came from the work.

#[cfg(test)]
mod pairs;
pub(super) mod title;

use self::title::{Agreement, Title};
use super::fields::Profile;
use super::names::{first_family, same_name};
use super::normal::{LONGEST_GENERIC, is_generic, words};
use super::{extent, facts, note::Note};
use crate::json::{self, ObjectWriter};
use crate::record::{Record, Slot};
use crate::work::{Date, Work};

/// How one kind of evidence turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    Agrees,
    Differs,
    /// One side says nothing.
    Unknown,
}

impl Finding {
    fn of<T>(one: Option<T>, other: Option<T>, agree: impl Fn(&T, &T) -> bool) -> Self {
        match (one, other) {
            (Some(one), Some(other)) if agree(&one, &other) => Self::Agrees,
            (Some(_), Some(_)) => Self::Differs,
            _ => Self::Unknown,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a record and a work were taken for two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    title: Finding,
    first_author: Finding,
    year: Finding,
    first_page: Finding,
}

impl Evidence {
    /// The evidence as JSON.
    pub(super) fn to_json(self) -> String {
        let mut out = ObjectWriter::new();
        out.string("title", self.title.as_str())
            .string("first_author", self.first_author.as_str())
            .string("year", self.year.as_str())
            .string("first_page", self.first_page.as_str());
        out.finish()
    }
}

/// The decision.
pub(super) enum Same {
    Yes,
    No { evidence: Evidence, doubt: bool },
}

/// Compares `record` with `work`.
pub(super) fn judge(
    record: &Record<'_>,
    work: &Work<'_>,
    profile: &Profile,
    old: &Note<'_>,
) -> Same {
    let own = |rows: &[usize]| {
        let rows = rows.iter().filter_map(|at| profile.rows.get(*at));
        rows.filter(|row| !old.has_filled(row.name))
            .find_map(|row| match row.slot(record) {
                Slot::Value(raw) => Some(raw),
                _ => None,
            })
    };
    let rows = &profile.evidence;
    let title = own(&rows.titles).and_then(json::string);
    let agreement = title.as_deref().and_then(|title| titles(title, work));
    if agreement == Some(Agreement::Full) {
        return Same::Yes;
    }
    let evidence = Evidence {
        title: match agreement {
            None => Finding::Unknown,
            Some(Agreement::No) => Finding::Differs,
            Some(_) => Finding::Agrees,
        },
        first_author: first_author(own(&rows.authors), work),
        year: year(own(&rows.dates), work),
        first_page: first_page(own(&rows.pages), work),
    };
    use Finding::{Agrees, Differs};
    let Evidence {
        first_author,
        year,
        first_page,
        ..
    } = evidence;
    let same = match agreement {
        // A title of a word or two says little, and a letter may make another word.
        Some(Agreement::Misspelt) if first_page == Differs => false,
        None | Some(Agreement::Misspelt | Agreement::Short) => {
            (first_author, year) != (Differs, Differs)
        }
        _ => (first_author, year, first_page) == (Agrees, Agrees, Agrees),
    };
    if same {
        return Same::Yes;
    }
    let doubt = [evidence.title, first_author, year, first_page].contains(&Agrees);
    Same::No { evidence, doubt }
}

/// Does the work go under this title? A generic one is no evidence; none, if one side has no title.
fn titles(title: &str, work: &Work<'_>) -> Option<Agreement> {
    // The common case, and the cheap one: written alike, and too long to be generic.
    let first = work.first("title");
    if title.len() > LONGEST_GENERIC && first.as_deref() == Some(title) {
        return Some(Agreement::Full);
    }
    let folded = words(title);
    if folded.is_empty() {
        return None;
    }
    let generic = is_generic(&folded);
    let title = Title::new(title);
    let mut best = None;
    let mut better = |other: &str| {
        let other = Title::new(other);
        if !other.is_empty() {
            let agreement = if generic {
                Agreement::No
            } else {
                title.agrees(&other)
            };
            best = best.max(Some(agreement));
        }
        best == Some(Agreement::Full)
    };
    let keys = ["title", "original-title", "short-title"];
    let _ = keys
        .iter()
        .any(|key| work.strings(key).iter().any(|other| better(other)))
        || facts::full_title(work).is_some_and(|full| better(&full));
    best
}

/// The raw value of an author field: a string, or a list of people.
fn first_author(raw: Option<&str>, work: &Work<'_>) -> Finding {
    let record = raw.and_then(|raw| match json::string(raw) {
        Some(text) => first_family(&text),
        None => {
            let first = json::elements(raw).into_iter().next()?;
            match json::string(first) {
                Some(text) => first_family(&text),
                None => {
                    let person = json::Object::parse(first).ok()?;
                    let name = person.get("family").or_else(|| person.get("name"))?;
                    Some(words(&json::string(name)?))
                }
            }
        }
    });
    let people = work.people("author");
    let crossref = people.first().map(|first| {
        let part = |key| first.part(key).map(|part| words(&part)).unwrap_or_default();
        format!("{} {} {}", part("given"), part("family"), part("name"))
    });
    // "van der Berg" may be cited as "Berg", and family names come first in many countries.
    Finding::of(record, crossref, |record, crossref| {
        let crossref: Vec<&str> = crossref.split(' ').collect();
        let known = |part: &str| crossref.iter().any(|other| same_name(part, other));
        record.split(' ').all(known) || {
            let whole = record.replace(' ', "");
            crossref.concat().ends_with(&whole) && whole.chars().count() >= 4
        }
    })
}

fn year(raw: Option<&str>, work: &Work<'_>) -> Finding {
    let record = raw.and_then(|raw| Date::parse(&json::string(raw).unwrap_or(raw.into())));
    let years: Vec<u16> = [
        "issued",
        "published-print",
        "published-online",
        "published",
        "posted",
    ]
    .iter()
    .filter_map(|key| work.date(key))
    .map(|date| date.year)
    .collect();
    let years = (!years.is_empty()).then_some(years);
    Finding::of(
        record.map(|date| vec![date.year]),
        years,
        |record, years| {
            record
                .iter()
                .any(|year| years.iter().any(|other| year.abs_diff(*other) <= 1))
        },
    )
}

fn first_page(raw: Option<&str>, work: &Work<'_>) -> Finding {
    let record = raw.and_then(json::string);
    let record = record.and_then(|text| extent::first_range(&text));
    let crossref = facts::pages(work)
        .or_else(|| work.string("article-number").map(Into::into))
        .and_then(|text| extent::first_range(&text));
    match (&record, &crossref) {
        // In many journals every article begins on page 1: then last pages speak.
        (Some(one), Some(other)) if one.first == "1" && other.first == "1" => {
            if one.last == other.last || one.last.is_empty() || other.last.is_empty() {
                Finding::Agrees
            } else {
                Finding::Unknown
            }
        }
        _ => Finding::of(record, crossref, |record, crossref| {
            record.first == crossref.first
        }),
    }
}
