//! Where a record says something else than Crossref, in the eyes of a person: case, accents,
//! dashes, order of names and initials, abbreviations and padded dates are no difference.

use super::facts;
use super::normal::words;
use super::same::title::{Agreement, Title};
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
            let own = Title::new(&record);
            let agrees = |other: &str| own.agrees(&Title::new(other)) > Agreement::No;
            let also = |key| work.strings(key).iter().any(|other| agrees(other));
            let same = agrees(&title) || also("title") || also("original-title");
            (!same, title)
        }
        Comparison::Authors => {
            let people = work.people("author");
            let names = facts::names(&people)?;
            if names == record {
                return None;
            }
            (authors_differ(&record, &names, &people), names)
        }
        Comparison::Date => {
            let own = Date::parse(&record)?;
            let keys = ["issued", "published", "published-online", "published-print"];
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
            let own = words(&record);
            let keys = ["container-title", "short-container-title"];
            let names = keys.iter().flat_map(|key| work.strings(key));
            (
                !names
                    .into_iter()
                    .any(|name| same_journal(&own, &words(&name))),
                name.into_owned(),
            )
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
            let own: String = record.split_whitespace().collect::<String>().to_lowercase();
            let own = own.replace(['–', '—', '−', '‐'], "-").replace("--", "-");
            // "Article 104324" and "0" are other statements, not other pages.
            let paged = own.starts_with(|c: char| c.is_alphanumeric())
                && !own.starts_with("article")
                && own != "0";
            (
                paged && !same_pages(&own, &crossref.to_lowercase()),
                crossref,
            )
        }
    };
    differs.then(|| json::quote(&crossref))
}

fn authors_differ(record: &str, names: &str, people: &[crate::work::Person<'_>]) -> bool {
    let record = record.replace("&nbsp;", " ");
    let separator = if record.contains(';') { ';' } else { ',' };
    let count = record
        .split(separator)
        .filter(|part| !words(part).is_empty())
        .count();
    let own = format!(" {} ", words(&record));
    let known = people.iter().filter_map(|person| person.part("family"));
    let missing = known
        .into_iter()
        .any(|family| !own.contains(&format!(" {} ", words(&family))));
    let et_al = own.contains(" et al ");
    let separator = if names.contains(';') { ';' } else { ',' };
    !et_al && (missing || count != names.split(separator).count())
}

/// Equal as far as both are known; `-01` and `-01-01` may be padding.
fn same_date(record: Date, crossref: Date) -> bool {
    let month_padded = record.month == Some(1) && record.day == Some(1);
    if record.year != crossref.year {
        return false;
    }
    let month_known = record.month.is_some() && crossref.month.is_some() && !month_padded;
    if month_known && record.month != crossref.month {
        return false;
    }
    let day_known = record.day.is_some_and(|day| day != 1) && crossref.day.is_some();
    !(month_known && day_known && record.day != crossref.day)
}

/// Equal, or one abbreviates the other word by word (`ACM Trans. Sens. Networks`).
fn same_journal(one: &str, other: &str) -> bool {
    let significant = |text: &str| -> Vec<String> {
        let skipped = [
            "the", "of", "and", "for", "in", "on", "de", "la", "der", "und",
        ];
        let parts = text.split(' ').filter(|part| !skipped.contains(part));
        parts.map(str::to_owned).collect()
    };
    let (one, other) = (significant(one), significant(other));
    if one.concat() == other.concat() {
        return true;
    }
    let pairs = one.iter().zip(&other);
    one.len() == other.len()
        && pairs
            .into_iter()
            .all(|(a, b)| a.starts_with(b.as_str()) || b.starts_with(a.as_str()))
}

/// `151 4` against `151`: only what both say counts.
fn numbers_differ(record: &str, crossref: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let parts = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty());
        parts
            .map(|part| part.trim_start_matches('0').to_lowercase())
            .collect()
    };
    parts(record)
        .iter()
        .zip(parts(crossref))
        .any(|(own, other)| *own != other)
}

fn same_pages(record: &str, crossref: &str) -> bool {
    let ends = |text: &str| -> (String, Option<String>) {
        match text.split_once('-') {
            Some((first, last)) => (first.to_owned(), Some(last.to_owned())),
            None => (text.to_owned(), None),
        }
    };
    let ((first, last), (other_first, other_last)) = (ends(record), ends(crossref));
    // "1234-42" stands for "1234-1242".
    let same_end = |one: &str, other: &str| one.ends_with(other) || other.ends_with(one);
    first == other_first
        && match (last, other_last) {
            (Some(last), Some(other)) => same_end(&last, &other),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_calls_a_difference() {
        let work = Work::parse(
            r#"{"type":"journal-article","title":["On Graphs &amp; Trees in Nature"],
            "author":[{"given":"Jane A.","family":"Doe"},{"given":"Zoë","family":"Müller"}],
            "container-title":["ACM Transactions on Sensor Networks"],"volume":"151","issue":"4",
            "page":"222-234","issued":{"date-parts":[[2021,7]]},
            "published-online":{"date-parts":[[2021,3,9]]}}"#,
        )
        .unwrap();
        let differs =
            |comparison, value: &str| difference(comparison, &json::quote(value), &work).is_some();
        use Comparison as C;
        for (comparison, same, different) in [
            (
                C::Title,
                vec![
                    "On graphs & trees in nature",
                    "ON GRAPHS &amp; TREES IN NATURE",
                ],
                vec!["Another title altogether here"],
            ),
            (
                C::Authors,
                vec!["J. Doe, Z. Muller", "Doe, Müller", "J. Doe et al."],
                vec!["J. Doe", "J. Roe, Z. Müller"],
            ),
            (
                C::Date,
                vec![
                    "2021-07-01",
                    "2021-07",
                    "2021-01-01",
                    "2021-03-09",
                    "2021-07-15",
                ],
                vec!["2020-07-01", "2021-09-02"],
            ),
            (
                C::JournalName,
                vec![
                    "ACM Trans. Sensor Netw.",
                    "acm transactions on sensor networks",
                ],
                vec!["Nature"],
            ),
            (
                C::Volume,
                vec!["151 4", "151", "151 "],
                vec!["151 1", "34 4"],
            ),
            (
                C::Pages,
                vec!["222 - 234", "222–34", "222", "0", "Article 7"],
                vec!["223-234"],
            ),
        ] {
            for value in same {
                assert!(!differs(comparison, value), "{comparison:?} {value}");
            }
            for value in different {
                assert!(differs(comparison, value), "{comparison:?} {value}");
            }
        }
    }
}
