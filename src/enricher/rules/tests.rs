use proptest::prelude::*;

use super::*;
use crate::enricher::{Identity, enrich};
use crate::record::Record;
use crate::resolution::Resolution;
use crate::{Doi, ProfileChoice, Status};

const WORK: &str = r#"{"DOI":"10.5555/12345678","type":"journal-article",
    "title":["Toward a Unified Theory of High-Energy Metaphysics"],"volume":"5","issue":"11",
    "publisher":"Psychoceramics &amp; Sons","ISSN":["0264-3561","2041-1723"],
    "institution":[{"name":"Brown <i>University</i>"}],"a/b":{"~c":[1,{"":0.50}]},
    "is-referenced-by-count":7,"issued":{"date-parts":[[2008,8,13]]}}"#;

/// Name, `from`, `policy`, `missing`.
type Rule<'a> = (&'a str, Option<&'a str>, Option<Policy>, &'a [&'a str]);

fn mapping(rules: &[Rule<'_>]) -> Mapping {
    let mut mapping = Mapping {
        profile: ProfileChoice::Scholar,
        ..Mapping::default()
    };
    for (name, from, policy, missing) in rules {
        let rule = FieldRule {
            name: (*name).to_owned(),
            from: from.map(str::to_owned),
            policy: *policy,
            missing: missing.iter().map(|form| (*form).to_owned()).collect(),
        };
        mapping.apply(&rule).unwrap();
    }
    mapping
}

/// The record after a run, with its note.
fn run(mapping: &Mapping, record: &str) -> String {
    run_with(mapping, record, WORK)
}

fn run_with(mapping: &Mapping, record: &str, work: &str) -> String {
    let (record, work) = (Record::parse(record).unwrap(), Work::parse(work).unwrap());
    let enriched = enrich(&record, &work, mapping.profile_of(&record));
    let mut out = Vec::new();
    let note = enriched.note.as_deref().map(|note| ("_crossfill", note));
    record.write(&enriched.patch, note, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn pointers_lead_to_values_as_people_read_them() {
    let mapping = mapping(&[
        ("a", Some("/institution/0/name"), None, &[]),
        ("b", Some("/ISSN"), None, &[]),
        ("c", Some("/ISSN/1"), None, &[]),
        ("d", Some("/a~1b/~0c/1/"), None, &[]),
        ("e", Some("/ISSN/7"), None, &[]),
        ("f", Some("/ISSN/00"), None, &[]),
        ("g", Some("/title/0/x"), None, &[]),
        ("h.i", Some("/publisher"), None, &[]),
    ]);
    let out = run(
        &mapping,
        r#"{"doi":"10.5555/12345678","a":null,"b":null,"c":"","d":null,"e":null,"f":null,"g":null,"h":{"i":""}}"#,
    );
    assert_eq!(
        out,
        r#"{"doi":"10.5555/12345678","a":"Brown University","b":["0264-3561","2041-1723"],"c":"2041-1723","d":0.50,"e":null,"f":null,"g":null,"h":{"i":"Psychoceramics & Sons"},"_crossfill":{"status":"enriched","doi":"10.5555/12345678","filled":["a","b","c","d","h.i"]}}"#
    );
}

#[test]
fn policies() {
    use Policy::{Missing, Never, Own, Refresh};
    let ours = r#","_crossfill":{"status":"enriched","doi":"10.5555/12345678","filled":["citationCount","journal.volume"]}}"#;
    let values = |record: &str, policy| {
        let mapping = mapping(&[
            ("citationCount", None, Some(policy), &[]),
            ("journal.volume", None, Some(policy), &[]),
        ]);
        let out = run(&mapping, record);
        // Running again changes nothing.
        assert_eq!(run(&mapping, &out), out, "{policy:?}");
        let object = Record::parse(&out).unwrap();
        let text = |path: &[&str]| object.string(path).unwrap_or_default().into_owned();
        [text(&["citationCount"]), text(&["journal", "volume"])].join("|")
    };
    for (count, volume, theirs, expected) in [
        // Whose value, and what becomes of it under missing, own, refresh, never.
        ("", "", true, ["7|5 11", "7|5 11", "7|5 11", "|"]),
        ("3", "4 1", true, ["3|4 1", "3|4 1", "7|5 11", "3|4 1"]),
        ("3", "4 1", false, ["3|4 1", "7|5 11", "7|5 11", "3|4 1"]),
        // A count never becomes lower, unless it is ours.
        ("9", "5 11", true, ["9|5 11", "9|5 11", "9|5 11", "9|5 11"]),
        ("9", "5 11", false, ["9|5 11", "7|5 11", "9|5 11", "9|5 11"]),
        // The missing issue is completed, unless nothing may be.
        ("7", "5 ", true, ["7|5 11", "7|5 11", "7|5 11", "7|5 "]),
    ] {
        let end = if theirs { "}" } else { ours };
        let record = format!(
            r#"{{"doi":"10.5555/12345678","citationCount":"{count}","journal":{{"volume":"{volume}"}}{end}"#
        );
        for (policy, expected) in [Missing, Own, Refresh, Never].into_iter().zip(expected) {
            assert_eq!(values(&record, policy), expected, "{policy:?}: {record}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_second_run_gives_the_same_bytes(
        title in prop::sample::select(vec!["", "Toward a unified theory of high-energy metaphysics", "Of other things", "Editorial"]),
        author in prop::sample::select(vec!["", "Josiah Carberry", "Jane Roe"]),
        date in prop::sample::select(vec!["", "2008-08", "2009", "1990-01-01"]),
        pages in prop::sample::select(vec!["", "1-3", "77", "n/a"]),
        volume in prop::sample::select(vec!["", "5 ", "5", "6 1"]),
        generic in any::<bool>(),
        policies in prop::collection::vec(0..4_usize, 6),
        extra in prop::option::of(prop::sample::select(vec!["fieldsOfStudy", "journal", "x.y", "PeriodicalIF", "year"])),
        auto in any::<bool>(),
    ) {
        let names = ["title", "authors", "publicationDate", "journal.pages", "journal.volume", "citationCount"];
        let mut rules: Vec<Rule<'_>> = Vec::new();
        for (name, policy) in names.into_iter().zip(&policies) {
            let policy = Policy::parse(Policy::NAMES[*policy]);
            rules.push((name, None, policy, &[]));
        }
        if auto && let Some(extra) = extra {
            rules.push((extra, Some("publisher"), None, &[]));
        }
        let mut mapping = Mapping::default();
        for (name, from, policy, _) in rules {
            let rule = FieldRule { name: name.into(), from: from.map(Into::into), policy, missing: Vec::new() };
            mapping.apply(&rule).unwrap();
        }
        let work = WORK.replacen('{', r#"{"author":[{"given":"Josiah","family":"Carberry"}],"page":"1-3","#, 1);
        let work = if generic { work.replace("Toward a Unified Theory of High-Energy Metaphysics", "Editorial") } else { work };
        for end in ["", r#","publicationTypes":null"#] {
            let record = format!(
                r#"{{"doi":"10.5555/12345678","title":"{title}","authors":"{author}","publicationDate":"{date}","citationCount":"9","journal":{{"pages":"{pages}","volume":"{volume}"}}{end}}}"#
            );
            let once = run_with(&mapping, &record, &work);
            prop_assert_eq!(run_with(&mapping, &once, &work), once);
        }
    }
}

#[test]
fn what_is_written_otherwise_is_the_same_value() {
    let issn = Source::parse("/ISSN").unwrap();
    for (old, new, renews) in [
        (r#""a\u0062""#, r#""ab""#, false),
        (r#"["a", "b"]"#, r#"["a","b"]"#, false),
        (r#"["a"]"#, r#"["b"]"#, true),
        ("7", "\"7\"", true),
        ("7.0", "8", true),
    ] {
        assert_eq!(
            issn.renews(Policy::Refresh, old, new),
            renews,
            "{old} {new}"
        );
    }
}

#[test]
fn a_users_forms_count_as_missing_in_their_field_only() {
    let forms: &[&str] = &["\"N/A\"", "0", "\"0\""];
    let mapping = mapping(&[("citationCount", None, None, forms)]);
    for (value, filled) in [
        ("\"n/a \"", true),
        ("0", true),
        ("\"0\"", true),
        ("0.0", false),
        ("\"none\"", false),
    ] {
        let record = format!(r#"{{"doi":"10.5555/12345678","citationCount":{value},"url":"N/A"}}"#);
        let out = run(&mapping, &record);
        assert_eq!(out.contains(r#""citationCount":"7""#), filled, "{out}");
        assert!(out.contains(r#""url":"N/A""#), "{out}");
    }
}

#[test]
fn a_rule_changes_the_profiles_that_have_the_field_and_a_new_field_is_in_both() {
    let mapping = mapping(&[
        ("citationCount", Some("reference_count"), None, &[]),
        ("place", Some("publisher"), None, &[]),
    ]);
    let has = |profile: &Profile, name| profile.rows.iter().any(|row| row.name == name);
    assert!(has(&mapping.scholar, "citationCount") && !has(&mapping.crossref, "citationCount"));
    assert!(has(&mapping.scholar, "place") && has(&mapping.crossref, "place"));
}

#[test]
fn a_field_within_another_is_one_of_the_other_profile_or_a_mistake() {
    let mut mapping = Mapping::default();
    let mut apply = |name: &str, from: &str| {
        mapping.apply(&FieldRule {
            name: name.into(),
            from: Some(from.into()),
            ..FieldRule::default()
        })
    };
    // Records of scholar have an object there.
    assert_eq!(apply("journal", "publisher"), Ok(()));
    assert_eq!(apply("x", "title"), Ok(()));
    let nested = |name: &str| Err(RuleError::Nested(name.into()));
    assert_eq!(apply("x.y", "year"), nested("x"));
    assert_eq!(apply("authors.first", "year"), nested("authors"));
    let record = |rest: &str| format!(r#"{{"doi":"10.5555/12345678","journal":null{rest}}}"#);
    let scholar = r#","DOIUrl":null,"citationCount":null,"EPubDate":null"#;
    let out = run(&mapping, &record(scholar));
    assert!(out.contains(r#""journal":{"volume":"5 11"}"#), "{out}");
    let out = run(&mapping, &record(""));
    assert!(
        out.contains(r#""journal":"Psychoceramics & Sons""#),
        "{out}"
    );
}

#[test]
fn a_key_that_was_added_does_not_change_the_profile() {
    let mut mapping = mapping(&[("fieldsOfStudy", Some("/ISSN"), None, &[])]);
    mapping.profile = ProfileChoice::Auto;
    let out = run(
        &mapping,
        r#"{"doi":"10.5555/12345678","citationCount":null,"isOpenAccess":null}"#,
    );
    assert!(
        out.contains(r#""citationCount":null"#) && out.contains("fieldsOfStudy"),
        "{out}"
    );
    assert_eq!(run(&mapping, &out), out);
}

#[test]
fn another_source_of_the_same_kind_is_still_compared_and_evidence_follows_the_fact() {
    let mapping = mapping(&[
        ("title", Some("full_title"), None, &[]),
        ("authors", Some("author_names"), None, &[]),
        ("event", Some("title"), None, &[]),
        ("published", Some("/issued"), None, &[]),
    ]);
    let row = |name: &str| {
        mapping
            .crossref
            .rows
            .iter()
            .position(|row| row.name == name)
            .unwrap()
    };
    let rows = &mapping.crossref.rows;
    assert_eq!(rows[row("title")].comparison, Some(Comparison::Title));
    assert_eq!(rows[row("authors")].comparison, None);
    let evidence = &mapping.crossref.evidence;
    assert_eq!(evidence.titles, [row("title"), row("event")]);
    assert_eq!(evidence.authors, [row("authors")]);
    // A place in a work is of no kind: what records have there still is.
    assert_eq!(evidence.dates, [row("published")]);
}

#[test]
fn what_may_be_renewed_is_not_skipped() {
    let record = r#"{"doi":"10.5555/12345678","citationCount":"3"}"#;
    let ours = r#"{"doi":"10.5555/12345678","citationCount":"3","_crossfill":{"status":"enriched","filled":["citationCount"]}}"#;
    let skipped = |record: &str, policy| {
        let mut mapping = mapping(&[("citationCount", None, Some(policy), &[])]);
        mapping.skip_complete = true;
        mapping.is_skipped(&Record::parse(record).unwrap())
    };
    assert!(skipped(record, Policy::Missing) && skipped(record, Policy::Own));
    assert!(!skipped(record, Policy::Refresh));
    assert!(skipped(ours, Policy::Missing) && !skipped(ours, Policy::Own));
    let hole = r#"{"doi":"10.5555/12345678","citationCount":""}"#;
    assert!(!skipped(hole, Policy::Missing) && skipped(hole, Policy::Never));
}

#[test]
fn fields_of_another_schema_are_evidence_by_what_would_fill_them() {
    let mapping = mapping(&[
        ("dc.title", Some("title"), None, &["\"untitled\""]),
        ("creator", Some("author_names"), None, &[]),
        ("year", Some("published"), None, &[]),
        ("volume", Some("volume"), None, &[]),
    ]);
    let status = |record: &str| {
        let out = run(&mapping, record);
        out.contains(r#""status":"mismatch""#)
    };
    let record = |title: &str, year: u16| {
        format!(
            r#"{{"doi":"10.5555/12345678","dc":{{"title":"{title}"}},"creator":"Jane Roe","year":{year},"volume":null}}"#
        )
    };
    assert!(status(&record(
        "Reinforcement learning in board games",
        2020
    )));
    assert!(!status(&record(
        "Toward a unified theory of high-energy metaphysics",
        2020
    )));
    // Without a title, a year that agrees is enough; one that does not is no proof without an author.
    assert!(!status(&record("Untitled", 2008)) && !status(&record("", 2020)));
}

#[test]
fn a_value_that_was_renewed_is_no_evidence_and_no_difference() {
    let mapping = mapping(&[("title", None, Some(Policy::Refresh), &[])]);
    let record = Record::parse(
        r#"{"doi":"10.5555/12345678","title":"TOWARD A UNIFIED THEORY OF HIGH-ENERGY METAPHYSICS"}"#,
    )
    .unwrap();
    let work = Work::parse(WORK).unwrap();
    let resolution = Resolution::Work {
        work: &work,
        alias_of: None,
    };
    let identity = Identity::Doi {
        doi: Doi::parse("10.5555/12345678").unwrap(),
        written: "10.5555/12345678".into(),
    };
    let enriched = mapping.enrich(&record, &identity, &resolution);
    assert_eq!(enriched.status, Status::Enriched);
    assert_eq!(enriched.filled, ["title"]);
    assert!(enriched.differs.is_empty());
}
