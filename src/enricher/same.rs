//! Is the work that a DOI names the work that the record describes?
//!
//! A wrong DOI must never pollute a record. Titles decide; where they do not agree, first author,
//! year and first page must all. What an earlier run filled is no evidence: it came from the work.

#[cfg(test)]
mod pairs;
#[cfg(test)]
mod tests;
pub(super) mod title;

use std::borrow::Cow;

use self::title::{Agreement, Title};
use super::fields::Profile;
use super::markup::{plain, plain_title};
use super::names::{first_family, same_name};
use super::normal::{is_generic, is_specific, words};
use super::{extent, facts, note::Note};
use crate::json::{self, ObjectWriter};
use crate::record::{Record, Slot};
use crate::work::{Date, Work, date_of};

/// How one kind of evidence turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    Agrees,
    Differs,
    /// One side says nothing.
    Unknown,
}

impl Finding {
    fn of<T, U>(one: Option<T>, other: Option<U>, agree: impl Fn(&T, &U) -> bool) -> Self {
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
    let title = own(&rows.titles).and_then(text);
    let (agreement, other_part) = match title.as_deref() {
        Some(title) => titles(title, work),
        None => (None, false),
    };
    if agreement == Some(Agreement::Full) {
        return Same::Yes;
    }
    let evidence = Evidence {
        title: match agreement {
            None | Some(Agreement::Generic) => Finding::Unknown,
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
        // Articles of several people may go under the title of a series.
        Some(Agreement::Shortened) if first_author != Differs => {
            year != Differs || first_author == Agrees
        }
        Some(Agreement::Head) if first_author != Differs && year != Differs => {
            first_author == Agrees || (year, first_page) == (Agrees, Agrees)
        }
        _ => (first_author, year, first_page) == (Agrees, Agrees, Agrees) && !other_part,
    };
    if same {
        return Same::Yes;
    }
    // What is merely not known is no evidence of another work.
    let found = [evidence.title, first_author, year, first_page];
    let doubt = found.contains(&Agrees) || !found.contains(&Differs);
    Same::No { evidence, doubt }
}

/// What a value says: its text, or that of the first element of a list that says something. What is
/// neither is told as it is written: an object is not the title of any work.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => json::string(raw).filter(|text| !text.trim().is_empty()),
        b'[' => json::elements(raw)
            .into_iter()
            .find_map(|raw| match raw.starts_with('[') {
                true => Some(raw.into()),
                false => text(raw),
            }),
        b'n' => None,
        _ => Some(raw.into()),
    }
}

/// Does the work go under this title? The same generic one is no evidence; none, if one side has no title.
/// And do both say that they are parts, but others?
fn titles(title: &str, work: &Work<'_>) -> (Option<Agreement>, bool) {
    // The common case, and the cheap one: written alike, and neither short nor generic.
    const LONG: usize = 40;
    if title.len() > LONG
        && is_specific(title)
        && work
            .first("title")
            .is_some_and(|first| first.eq_ignore_ascii_case(title))
    {
        return (Some(Agreement::Full), false);
    }
    let forms = forms(title);
    let Some(title) = forms.first().filter(|title| !title.is_empty()) else {
        return (None, false);
    };
    let generic = is_generic(title.words());
    let mut other_part = false;
    let mut agrees = |other: &str, of_head: bool| {
        let others = self::forms(other)
            .into_iter()
            .filter(|other| !other.is_empty());
        let each = others.map(|other| {
            other_part |=
                matches!((title.part(), other.part()), (Some(one), Some(two)) if one != two);
            let pairs = forms.iter().map(|form| form.agrees(&other));
            match pairs.max().unwrap_or(Agreement::No) {
                Agreement::No => Agreement::No,
                _ if generic => Agreement::Generic,
                // The work has a subtitle of its own, and it is another one.
                Agreement::Shortened | Agreement::Head if of_head && title.len() > other.len() => {
                    Agreement::No
                }
                agreement => agreement,
            }
        });
        each.max()
    };
    let full = work.first("subtitle").and_then(|_| facts::full_title(work));
    let full = full.map(|full| agrees(&full, false)).unwrap_or_default();
    // The subtitle is that of the first title; a second one is a translation.
    let mut of_head = full == Some(Agreement::No);
    let mut best = full;
    for key in ["title", "original-title", "short-title"] {
        for other in &work.strings(key) {
            if best == Some(Agreement::Full) {
                break;
            }
            best = best.max(agrees(other, of_head));
            of_head = false;
        }
    }
    (best, other_part)
}

/// The title, and the same without the mark of a note, which others leave out.
fn forms(title: &str) -> Vec<Title> {
    let mut forms = vec![Title::new(title)];
    if title.contains("</sup>") {
        let bare = plain_title(title);
        if bare != plain(title) {
            forms.push(Title::new(&bare));
        }
    }
    forms
}

/// The raw value of an author field: a string, or a list of people. Who has no name is nobody.
fn first_author(raw: Option<&str>, work: &Work<'_>) -> Finding {
    let record = raw.and_then(|raw| match json::string(raw) {
        Some(text) => first_family(&text),
        None => json::elements(raw)
            .into_iter()
            .find_map(|raw| match json::string(raw) {
                Some(text) => first_family(&text),
                None => {
                    let person = json::Object::parse(raw).ok()?;
                    let names = ["family", "name", "given"].iter();
                    names
                        .filter_map(|key| json::string(person.get(key)?))
                        .map(|name| words(&name))
                        .find(|name| !name.is_empty())
                }
            }),
    });
    // "C." may be anybody.
    let record = record.filter(|name| name.len() > 1);
    let crossref = work.people("author").iter().find_map(|person| {
        let part = |key| {
            person
                .part(key)
                .map(|part| words(&part))
                .unwrap_or_default()
        };
        let names = [part("given"), part("family"), part("name")];
        names.iter().any(|name| !name.is_empty()).then_some(names)
    });
    // "van der Berg" may be cited as "Berg", and family names come first in many countries.
    Finding::of(record, crossref, |record, [given, family, name]| {
        let parts = || {
            [given, family, name]
                .into_iter()
                .flat_map(|name| name.split(' '))
        };
        let known = |part: &str| parts().any(|other| same_name(part, other));
        record.split(' ').all(known) || {
            let bare = |text: &str| text.replace(' ', "");
            let whole = bare(record);
            let long = whole.chars().count() >= 4 || !whole.is_ascii();
            long && (bare(&format!("{given}{family}{name}")).ends_with(&whole)
                || bare(&format!("{family}{given}")) == whole)
        }
    })
}

fn year(raw: Option<&str>, work: &Work<'_>) -> Finding {
    let record = raw.and_then(|raw| date_of(raw).or_else(|| Date::parse(&text(raw)?)));
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
    Finding::of(record, years, |record, years| {
        years.iter().any(|year| record.year.abs_diff(*year) <= 1)
    })
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
