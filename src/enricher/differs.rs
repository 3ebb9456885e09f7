//! Where a record says something else than Crossref, in the eyes of a person: case, accents,
//! dashes, order of names and initials, abbreviations and padded dates are no difference.

mod authors;
mod journal;
#[cfg(test)]
mod tests;

use self::authors::authors_differ;
use self::journal::{other_subtitle, same_journal};
use super::markup::plain_title;
use super::normal::words;
use super::same::title::{Agreement, Title, roman};
use super::{extent, facts};
use crate::json;
use crate::work::{Date, Work};

/// How the value of a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Title,
    Authors,
    Date,
    JournalName,
    Volume,
    Pages,
}

/// Does the record's value, JSON text, differ from what `work` says? Then what it says, as JSON.
pub(super) fn difference(comparison: Comparison, raw: &str, work: &Work<'_>) -> Option<String> {
    let record = json::string(raw)?;
    let (differs, crossref) = match comparison {
        Comparison::Title => {
            if work.first("title")? == record {
                return None;
            }
            let title = facts::full_title(work)?;
            (!same_title(&record, &title, work), title)
        }
        Comparison::Authors => {
            let people = work.people("author");
            let names = facts::names(&people)?;
            if names == record {
                return None;
            }
            (authors_differ(&record, &people), names)
        }
        Comparison::Date => {
            let own = Date::parse(&record)?;
            let keys = [
                "issued",
                "published",
                "published-online",
                "published-print",
                "posted",
            ];
            let mut known = keys.iter().filter_map(|key| work.date(key));
            if known.any(|other| same_date(own, other)) {
                return None;
            }
            let date = facts::publication_date(work)?;
            (!same_date(own, date), date.to_string())
        }
        Comparison::JournalName => {
            let name = facts::journal(work)?;
            if name == record {
                return None;
            }
            let titles = work.strings("container-title");
            let short = work.strings("short-container-title");
            let same = titles
                .iter()
                .chain(&short)
                .any(|other| same_journal(&record, other))
                && !titles.iter().any(|other| other_subtitle(&record, other));
            (!same, name.into_owned())
        }
        Comparison::Volume => {
            let crossref = facts::volume_issue(work)?;
            if crossref == record {
                return None;
            }
            (numbers_differ(&record, &crossref), crossref)
        }
        Comparison::Pages => {
            let crossref = facts::pages(work)?;
            if crossref == record {
                return None;
            }
            let own = extent::ranges(&record);
            let agrees = |other: &str| extent::agree(&own, &extent::ranges(other));
            let number = work.string("article-number");
            let same = agrees(&crossref) || number.is_some_and(|number| agrees(&number));
            (says_pages(&record) && !same, crossref)
        }
    };
    differs.then(|| json::quote(&crossref))
}

/// Is this the work's title, with its own subtitle `full`, or without one?
fn same_title(record: &str, full: &str, work: &Work<'_>) -> bool {
    let own = Title::new(record);
    let agrees = |other: &str| own.agrees(&Title::new(other)) > Agreement::No;
    if agrees(full) {
        return true;
    }
    let titles = ["title", "original-title", "short-title"];
    let mut titles = titles.iter().flat_map(|key| work.strings(key));
    let main = work.first("title").unwrap_or_default();
    if plain_title(&main) == full {
        return titles.any(|other| agrees(&other));
    }
    // What goes on where the title ends is another subtitle, or a cut one.
    let (record, full) = (words(record), words(full));
    let letters = |words: &str| words.bytes().filter(|byte| *byte != b' ').count();
    // A letter or two may be misspelt.
    let goes_on = |other: &str| letters(&record) > letters(&words(other)) + 4;
    titles.any(|other| agrees(&other) && !goes_on(&other))
        || full.starts_with(&record) && record.len() >= words(&main).len()
}

/// Equal as far as both are known; `-01` and `-01-01` may be padding on either side.
fn same_date(record: Date, crossref: Date) -> bool {
    if record.year != crossref.year {
        return false;
    }
    let padded = |date: Date| date.month == Some(1) && date.day == Some(1);
    if padded(record) || padded(crossref) {
        return true;
    }
    let (Some(month), Some(other)) = (record.month, crossref.month) else {
        return true;
    };
    let day = |date: Date| date.day.filter(|day| *day != 1);
    month == other
        && match (day(record), day(crossref)) {
            (Some(day), Some(other)) => day == other,
            _ => true,
        }
}

/// `151 4` or `Vol. 151, No. 4` against `151`: only what both say counts.
fn numbers_differ(record: &str, crossref: &str) -> bool {
    const LABELS: &[&str] = &[
        "vol",
        "volume",
        "v",
        "no",
        "nr",
        "number",
        "issue",
        "iss",
        "n",
        "bd",
        "band",
        "heft",
        "h",
        "t",
        "tome",
        "jg",
        "s",
        "sup",
        "supp",
        "suppl",
        "supplement",
        "special",
    ];
    let parts = |text: &str| -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut last = None;
        for c in text.chars() {
            let kind = c.is_alphanumeric().then(|| c.is_numeric());
            if kind.is_some() && kind != last {
                parts.push(String::new());
            }
            if let (Some(_), Some(part)) = (kind, parts.last_mut()) {
                part.extend(c.to_lowercase());
            }
            last = kind;
        }
        // A volume that is one of the words is a Roman numeral.
        let alone = parts.len() == 1;
        parts.retain(|part| alone || !LABELS.contains(&part.as_str()));
        parts
    };
    let same = |own: &str, other: &str| {
        let value = |text: &str| match text.trim_start_matches('0').parse::<u32>() {
            Ok(number) => Some(number),
            Err(_) => roman(text),
        };
        own == other || value(own).is_some() && value(own) == value(other)
    };
    parts(record)
        .iter()
        .zip(parts(crossref))
        .any(|(own, other)| !same(own, &other))
}

/// "Article 104324", "in press", "12 pages" and "0" are other statements, not other pages.
fn says_pages(record: &str) -> bool {
    let own = &extent::bare(record);
    let first = own.split('-').next().unwrap_or_default();
    let paged = own.contains(|c: char| c.is_ascii_digit()) || roman(first).is_some();
    paged
        && own.starts_with(|c: char| c.is_alphanumeric())
        && !["art", "no", "id"].iter().any(|word| own.starts_with(word))
        && !own.contains("page")
        && own != "0"
}
