//! What a person may want to look at, as rows: mismatches, retractions, differences.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use crate::doi::Doi;
use crate::report::{Difference, Mismatch, RecordPlace, Retraction, RunReport};
use crate::text::{count, grouped};

/// What a DOI may have in the path of a link.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~')
    .remove(b'(')
    .remove(b')')
    .remove(b':')
    .remove(b';');

/// Rows, and what is not among them.
#[derive(Debug, Serialize)]
pub(super) struct Rows<T> {
    rows: Vec<T>,
    /// How many there are, in all.
    count: String,
    /// These are not all: how many are shown, and where the others are.
    note: Option<String>,
}

impl<T> Rows<T> {
    fn of(rows: Vec<T>, all: u64, elsewhere: &str) -> Self {
        let shown = rows.len() as u64;
        let note = (all > shown).then(|| {
            format!(
                "These are the first {} of {}. {elsewhere}",
                grouped(shown),
                grouped(all)
            )
        });
        Self {
            count: grouped(all.max(shown)),
            rows,
            note,
        }
    }
}

/// Where a record was.
#[derive(Debug, Serialize)]
pub(super) struct Where {
    file: String,
    line: String,
    doi: Link,
}

impl Where {
    fn of(place: &RecordPlace) -> Self {
        Self {
            file: place.file.clone(),
            line: place.line.to_string(),
            doi: Link::of(&place.doi),
        }
    }
}

/// A DOI, and where it leads.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    text: String,
    /// Only for what is a DOI.
    href: Option<String>,
}

impl Link {
    pub(super) fn of(text: &str) -> Self {
        let doi = Doi::parse(text).ok();
        let href = doi.map(|doi| {
            format!(
                "https://doi.org/{}",
                utf8_percent_encode(doi.as_str(), PATH)
            )
        });
        Self {
            text: text.to_owned(),
            href,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct MismatchRow {
    at: Where,
    record: String,
    crossref: String,
    doubt: bool,
    evidence: Vec<Evidence>,
}

/// What was compared, and what came of it.
#[derive(Debug, Serialize)]
struct Evidence {
    what: String,
    outcome: String,
    /// `agrees`, `differs` or `unknown`, for its looks.
    kind: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct RetractionRow {
    at: Where,
    title: String,
    kind: String,
    date: String,
    source: String,
    notice: Option<Link>,
}

#[derive(Debug, Serialize)]
pub(super) struct DifferenceRow {
    at: Where,
    field: String,
    record: Marked,
    crossref: Marked,
}

/// A value, with what differs in it.
#[derive(Debug, Serialize)]
struct Marked {
    before: String,
    marked: String,
    after: String,
}

pub(super) fn mismatches(report: &RunReport) -> Rows<MismatchRow> {
    let rows = report.mismatches.iter().map(|own: &Mismatch| MismatchRow {
        at: Where::of(&own.place),
        record: own.record.clone(),
        crossref: own.crossref.clone(),
        doubt: own.doubt,
        evidence: evidence(&own.evidence),
    });
    let elsewhere = in_review(report);
    Rows::of(rows.collect(), report.statuses.get("mismatch"), &elsewhere)
}

fn evidence(told: &Value) -> Vec<Evidence> {
    // What says most comes first.
    let order = ["title", "first_author", "year", "first_page"];
    let mut members: Vec<_> = told.as_object().into_iter().flatten().collect();
    members.sort_by_key(|(what, _)| {
        order
            .iter()
            .position(|own| own == what)
            .unwrap_or(order.len())
    });
    let evidence = members.into_iter().map(|(what, outcome)| {
        let outcome = text(outcome);
        Evidence {
            what: what.replace('_', " "),
            kind: match outcome.as_str() {
                "agrees" => "agrees",
                "differs" => "differs",
                _ => "unknown",
            },
            outcome,
        }
    });
    evidence.collect()
}

pub(super) fn retractions(report: &RunReport) -> Rows<RetractionRow> {
    let rows = report.retractions.iter().map(|own: &Retraction| {
        let said = |key: &str| own.retracted.get(key).map(text).unwrap_or_default();
        RetractionRow {
            at: Where::of(&own.place),
            title: own.title.clone(),
            kind: said("type").replace('_', " "),
            date: said("date"),
            source: said("source"),
            notice: own.retracted.get("notice").map(|doi| Link::of(&text(doi))),
        }
    });
    Rows::of(rows.collect(), report.retracted, &in_review(report))
}

pub(super) fn differences(report: &RunReport) -> Rows<DifferenceRow> {
    let rows = report.differences.iter().map(|own: &Difference| {
        let (record, crossref) = marked(&text(&own.record), &text(&own.crossref));
        DifferenceRow {
            at: Where::of(&own.place),
            field: own.field.clone(),
            record,
            crossref,
        }
    });
    let elsewhere = match report.dry_run {
        true => "A run that is no dry run leaves all of them in its output.".to_owned(),
        false => format!(
            "All of them are in {}: each record's note has its own.",
            report.files.output
        ),
    };
    Rows::of(rows.collect(), report.differs.total(), &elsewhere)
}

/// Where the mismatches and retractions are that are not shown.
fn in_review(report: &RunReport) -> String {
    match &report.files.review {
        Some(path) => format!("All of them are in {path}, with the works."),
        None if report.dry_run => {
            "A run that is no dry run leaves all of them in its review file.".to_owned()
        }
        None => "The others are told in the notes of the output.".to_owned(),
    }
}

/// A value as a person reads it: a text as it is, anything else as JSON.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Two values, with the words that differ: what both begin and end with is not among them.
fn marked(one: &str, other: &str) -> (Marked, Marked) {
    let words =
        |text: &str| -> Vec<String> { text.split_inclusive(' ').map(str::to_owned).collect() };
    let (one, other) = (words(one), words(other));
    let alike = |pairs: &mut dyn Iterator<Item = (&String, &String)>| {
        pairs.take_while(|(one, other)| one == other).count()
    };
    let head = alike(&mut one.iter().zip(&other));
    let rest = one.len().min(other.len()) - head;
    let tail = alike(&mut one.iter().rev().zip(other.iter().rev()).take(rest));
    let mark = |words: &[String]| Marked {
        before: words[..head].concat(),
        marked: words[head..words.len() - tail].concat(),
        after: words[words.len() - tail..].concat(),
    };
    (mark(&one), mark(&other))
}

/// What could not be read, and where it is.
pub(super) fn rejects(report: &RunReport) -> Option<String> {
    let told = match (&report.files.rejects, report.dry_run) {
        _ if report.rejects == 0 => return None,
        (Some(path), _) => format!("with place and reason in {path}"),
        (None, true) => "a run that is no dry run puts them into a file of their own".to_owned(),
        (None, false) => "told on standard error while it ran".to_owned(),
    };
    let parts = count(report.rejects, "part");
    let are = match report.rejects {
        1 => "is no record",
        _ => "are no records",
    };
    Some(format!("{parts} of the input {are}: {told}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dois_are_links_and_none_leads_elsewhere() {
        for (doi, href) in [
            ("10.1000/182", "https://doi.org/10.1000/182"),
            (
                "10.1002/(SICI)1096-8644(199608)100:4<503::AID-AJPA4>3.0.CO;2-K",
                "https://doi.org/10.1002/(sici)1096-8644(199608)100:4%3C503::aid-ajpa4%3E3.0.co;2-k",
            ),
            (
                "10.1000/a?b#c%\"'é",
                "https://doi.org/10.1000/a%3Fb%23c%25%22%27%C3%A9",
            ),
        ] {
            assert_eq!(Link::of(doi).href.as_deref(), Some(href));
        }
        for text in [
            "javascript:alert(1)",
            "//evil.example/10.1000/182",
            "",
            "10.1000/a b",
        ] {
            assert_eq!(Link::of(text).href, None, "{text}");
        }
    }

    #[test]
    fn the_words_that_differ_are_marked() {
        let of = |one, other| {
            let (one, other) = marked(one, other);
            [one, other].map(|own| [own.before, own.marked, own.after].join("|"))
        };
        assert_eq!(of("34 1", "24 3"), ["|34 1|", "|24 3|"]);
        assert_eq!(
            of("On the sea", "On a blue sea"),
            ["On |the |sea", "On |a blue |sea"]
        );
        assert_eq!(of("a a", "a a a"), ["a ||a", "a |a |a"]);
        assert_eq!(of("", "x"), ["||", "|x|"]);
        assert_eq!(of("same", "same"), ["same||", "same||"]);
    }
}
