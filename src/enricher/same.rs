//! Is the work that a DOI names the work that the record describes?
//!
//! A wrong DOI must never pollute a record. Titles decide; where they do not agree, first author,
//! year and first page must all. What an earlier run filled is no evidence: it came from the work.

use super::fields::Profile;
use super::normal::{LONGEST_GENERIC, first_family, is_generic, titles_agree, words};
use super::{facts, note::Note};
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
    let evidence = &profile.evidence;
    let title = own(&evidence.titles).and_then(json::string);
    let found = match title.as_deref() {
        Some(title) => match titles(title, work) {
            Finding::Agrees => return Same::Yes,
            finding => finding,
        },
        None => Finding::Unknown,
    };
    let evidence = Evidence {
        title: found,
        first_author: first_author(own(&evidence.authors), work),
        year: year(own(&evidence.dates), work),
        first_page: first_page(own(&evidence.pages), work),
    };
    use Finding::{Agrees, Differs};
    match evidence {
        Evidence {
            title: Finding::Unknown,
            first_author,
            year,
            ..
        } => match (first_author, year) {
            (Differs, Differs) => Same::No {
                evidence,
                doubt: false,
            },
            _ => Same::Yes,
        },
        Evidence {
            first_author: Agrees,
            year: Agrees,
            first_page: Agrees,
            ..
        } => Same::Yes,
        Evidence {
            first_author,
            year,
            first_page,
            ..
        } => {
            let doubt = [first_author, year, first_page].contains(&Agrees);
            Same::No { evidence, doubt }
        }
    }
}

/// Does the work go under this title? A generic one is no evidence.
fn titles(title: &str, work: &Work<'_>) -> Finding {
    // The common case, and the cheap one: written alike, and too long to be generic.
    let first = work.first("title");
    if title.len() > LONGEST_GENERIC && first.as_deref() == Some(title) {
        return Finding::Agrees;
    }
    let title = words(title);
    if title.is_empty() {
        return Finding::Unknown;
    }
    let generic = is_generic(&title);
    let mut any = false;
    let mut agrees = |other: &str| {
        let other = words(other);
        any |= !other.is_empty();
        !generic && !other.is_empty() && titles_agree(&title, &other)
    };
    let keys = ["title", "original-title", "short-title"];
    let found = keys
        .iter()
        .any(|key| work.strings(key).iter().any(|other| agrees(other)))
        || facts::full_title(work).is_some_and(|full| agrees(&full));
    match (found, any) {
        (true, _) => Finding::Agrees,
        (false, true) => Finding::Differs,
        (false, false) => Finding::Unknown,
    }
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
        let parts = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let crossref = parts(crossref);
        parts(record).iter().all(|part| crossref.contains(part))
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
    let first = |text: &str| {
        let first = text
            .split(['-', '–', '—'])
            .next()
            .unwrap_or_default()
            .trim();
        (!first.is_empty() && first != "0").then(|| first.to_lowercase())
    };
    let record = raw.and_then(json::string).and_then(|text| first(&text));
    let crossref = facts::pages(work).and_then(|text| first(&text));
    Finding::of(record, crossref, |record, crossref| record == crossref)
}
