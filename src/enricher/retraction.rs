//! Is a work retracted? As Crossref's API has it since 2025-01-29, with publishers' and Retraction
//! Watch's statements.

use std::borrow::Cow;

use crate::json::{self, Object, ObjectWriter};
use crate::work::{self, Date, Work};

/// A statement that a work is retracted, withdrawn or removed.
struct Statement<'a> {
    kind: &'static str,
    /// The DOI of the notice.
    notice: Option<Cow<'a, str>>,
    date: Option<Date>,
    source: Option<Cow<'a, str>>,
}

impl<'a> Statement<'a> {
    /// None for other updates: corrections, concerns, new versions, and what retracts but a part.
    fn read(update: &Object<'a>) -> Option<Self> {
        let text = |key| update.get(key).and_then(json::string);
        Some(Self {
            kind: kind(&text("type")?)?,
            notice: text("DOI"),
            date: update.get("updated").and_then(work::date_of),
            source: text("source"),
        })
    }

    /// While all were publishers', none had a source.
    fn is_publishers(&self) -> bool {
        self.source
            .as_deref()
            .is_none_or(|source| source == "publisher")
    }

    fn names(&self, doi: &str) -> bool {
        let notice = self.notice.as_deref();
        notice.is_some_and(|notice| notice.eq_ignore_ascii_case(doi))
    }
}

/// Crossref's word for it; some publishers misspell it.
fn kind(word: &str) -> Option<&'static str> {
    let is = |other: &str| word.trim().eq_ignore_ascii_case(other);
    let words = [
        ("retraction", "retraction"),
        ("retration", "retraction"),
        ("withdrawal", "withdrawal"),
        ("removal", "removal"),
    ];
    let mut words = words.into_iter();
    words.find_map(|(written, kind)| is(written).then_some(kind))
}

/// The `retracted` member for a work that is: a statement points at it from elsewhere
/// (`updated-by`), or its own `update-to` points at itself. A notice points at another work and is
/// not retracted.
pub(super) fn retraction(work: &Work<'_>) -> Option<String> {
    let read = |key| {
        let updates = work.list(key).into_iter();
        updates.filter_map(|update| Statement::read(&update))
    };
    let mut found: Vec<Statement<'_>> = read("updated-by").collect();
    if work.raw("update-to").is_some()
        && let Some(own) = work.string("DOI")
    {
        found.extend(read("update-to").filter(|statement| statement.names(&own)));
    }
    // The publisher's own word first: the same event may be told twice.
    let publishers = found.iter().find(|statement| statement.is_publishers());
    let best = publishers.or(found.first())?;
    let mut out = ObjectWriter::new();
    out.string("type", best.kind);
    if let Some(notice) = &best.notice {
        out.string("notice", &notice.to_ascii_lowercase());
    }
    // What one leaves out, another statement of the same notice may know.
    let twins = found.iter().filter(|other| match &best.notice {
        Some(notice) => other.names(notice),
        None => other.notice.is_none(),
    });
    let mut dates = twins.filter_map(|other| other.date);
    if let Some(date) = best.date.or_else(|| dates.next()) {
        out.string("date", &date.to_string());
    }
    if let Some(source) = &best.source {
        out.string("source", source);
    }
    Some(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_retractions_notices_and_other_updates() {
        for (work, told) in [
            // Retraction Watch's word alone.
            (
                r#"{"DOI":"10.1021/am300292v","updated-by":[{"DOI":"10.1021/acsami.9b11759",
                "type":"retraction","source":"retraction-watch",
                "updated":{"date-parts":[[2019,7,26]]},"record-id":"20946"}]}"#,
                r#"{"type":"retraction","notice":"10.1021/acsami.9b11759","date":"2019-07-26","source":"retraction-watch"}"#,
            ),
            // A correction, then a retraction.
            (
                r#"{"DOI":"10.1016/s0140-6736(97)11096-0","updated-by":[
                {"DOI":"10.1016/s0140-6736(04)15715-2","type":"correction","source":"retraction-watch",
                "updated":{"date-parts":[[2004,3,6]]}},
                {"DOI":"10.1016/s0140-6736(10)60175-4","type":"retraction","source":"retraction-watch",
                "updated":{"date-parts":[[2010,2,6]]}}]}"#,
                r#"{"type":"retraction","notice":"10.1016/s0140-6736(10)60175-4","date":"2010-02-06","source":"retraction-watch"}"#,
            ),
            // Its notice.
            (
                r#"{"DOI":"10.1016/s0140-6736(10)60175-4","update-to":[
                {"DOI":"10.1016/s0140-6736(97)11096-0","type":"retraction","source":"retraction-watch"}]}"#,
                "",
            ),
            // What others say of it counts whatever is missing.
            (
                r#"{"update-to":[{"type":"correction"}],"updated-by":[{"type":"removal"}]}"#,
                r#"{"type":"removal"}"#,
            ),
            // Publishers who point from the article to itself, with and without a source.
            (
                r#"{"DOI":"10.1016/j.micpro.2020.103768","update-to":[{"DOI":"10.1016/J.MICPRO.2020.103768",
                "type":"retraction","source":"publisher","updated":{"date-parts":[[2021,3,1]]}}]}"#,
                r#"{"type":"retraction","notice":"10.1016/j.micpro.2020.103768","date":"2021-03-01","source":"publisher"}"#,
            ),
            (
                r#"{"DOI":"10.1016/j.brainres.2022.148038","update-to":[{"DOI":"10.1016/j.brainres.2022.148038",
                "type":"Retraction","updated":{"date-parts":[[2022,10,15]]}}]}"#,
                r#"{"type":"retraction","notice":"10.1016/j.brainres.2022.148038","date":"2022-10-15"}"#,
            ),
            (
                r#"{"DOI":"10.1038/s41586-020-2012-7","updated-by":[{"DOI":"10.1038/s41586-020-2951-z",
                "type":"addendum","source":"publisher","updated":{"date-parts":[[2020,11,17]]}}]}"#,
                "",
            ),
            (
                r#"{"DOI":"10.1371/journal.ppat.1006930","update-to":[{"DOI":"10.1371/journal.ppat.1006930",
                "type":"new_version"}],"updated-by":[{"DOI":"10.1371/journal.ppat.1006930","type":"new_version"}]}"#,
                "",
            ),
        ] {
            let work = Work::parse(work).unwrap();
            assert_eq!(
                retraction(&work).unwrap_or_default(),
                told,
                "{}",
                work.text()
            );
        }
    }

    #[test]
    fn one_event_that_is_told_twice_is_the_publishers() {
        let told = |updates: &str| {
            let work = format!(r#"{{"DOI":"10.1177/1758835920922055","updated-by":[{updates}]}}"#);
            retraction(&Work::parse(&work).unwrap()).unwrap_or_default()
        };
        let watch = r#"{"DOI":"10.5555/N","type":"retraction","source":"retraction-watch","updated":{"date-parts":[[2023,1,1]]}}"#;
        let publisher = r#"{"DOI":"10.5555/n","type":"retraction","source":"publisher"}"#;
        let withdrawal = r#"{"DOI":"10.5555/m","type":"withdrawal","source":"publisher"}"#;
        let both = r#"{"type":"retraction","notice":"10.5555/n","date":"2023-01-01","source":"publisher"}"#;
        assert_eq!(told(&[watch, publisher].join(",")), both);
        assert_eq!(told(&[publisher, watch, withdrawal].join(",")), both);
        // Another notice's date is not this one's.
        assert_eq!(
            told(&[watch, withdrawal].join(",")),
            r#"{"type":"withdrawal","notice":"10.5555/m","source":"publisher"}"#
        );
    }

    #[test]
    fn kinds_of_updates() {
        for (word, expected) in [
            ("retraction", Some("retraction")),
            ("Retraction", Some("retraction")),
            ("retration", Some("retraction")),
            (" WITHDRAWAL ", Some("withdrawal")),
            ("removal", Some("removal")),
            // A part of a work is not the work.
            ("partial_retraction", None),
            ("expression_of_concern", None),
            ("correction", None),
            ("corrigendum", None),
            ("erratum", None),
            ("new_version", None),
            ("", None),
        ] {
            assert_eq!(kind(word), expected, "{word}");
        }
    }
}
