//! Runs that are bounded, tried out, or watched by programs; and what is known of a run afterwards.

use serde_json::Value;

use crate::resolve::{doi, script, works};
use crate::util::{Dir, Fake, repository, status};

fn dois(count: usize) -> String {
    (0..count)
        .map(|n| format!("{{\"doi\":\"{}\"}}\n", doi(n)))
        .collect()
}

/// How many records have this status, and why.
fn count(dir: &Dir, wanted: &str, why: Option<&str>) -> usize {
    let records = dir.records("out.jsonl");
    let is =
        |record: &&Value| status(record) == wanted && record["_crossfill"]["why"].as_str() == why;
    records.iter().filter(is).count()
}

#[test]
fn a_run_that_has_sent_its_requests_leaves_the_rest_for_the_next_one() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(250, |_| false)));
    dir.write("in.jsonl", dois(250));
    dir.ask(&fake, &["--max-requests", "1"])
        .code(3)
        .says("150 records not asked for, a limit was reached");
    assert_eq!((fake.lists(), fake.singles()), (1, 0));
    assert_eq!(count(&dir, "enriched", None), 100);
    assert_eq!(count(&dir, "unresolved", Some("limit")), 150);

    dir.ask(&fake, &["--max-requests", "2"]).code(0);
    assert_eq!(count(&dir, "enriched", None), 250);
    assert_eq!((fake.lists(), fake.asked_twice()), (3, vec![]));
}

#[test]
fn absent_dois_are_not_called_so_when_nobody_may_be_asked_any_more() {
    let dir = Dir::new();
    let mut known = script(works(20, |n| n >= 10));
    known
        .agencies
        .insert(doi(15), ("datacite".to_owned(), "DataCite".to_owned()));
    let fake = Fake::start(known);
    dir.write("in.jsonl", dois(20));
    dir.ask(&fake, &["--max-requests", "3"]).code(3);
    assert_eq!((fake.lists(), fake.singles()), (1, 2));
    assert_eq!(count(&dir, "enriched", None), 10);
    assert_eq!(count(&dir, "not_found", None), 2);
    assert_eq!(count(&dir, "unresolved", Some("limit")), 8);
}

#[test]
fn a_run_without_time_asks_nobody() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(5, |_| false)));
    dir.write("in.jsonl", dois(5));
    dir.ask(&fake, &["--max-time", "0s"]).code(3);
    assert_eq!(count(&dir, "unresolved", Some("limit")), 5);
    assert_eq!(fake.seen().len(), 0);
    // What is answered from the store needs no time.
    dir.ask(&fake, &["--max-time", "1h"]).code(0);
    dir.ask(&fake, &["--max-requests", "0"]).code(0);
    assert_eq!(fake.lists(), 1);
}

#[test]
fn a_dry_run_says_what_would_be_filled_and_writes_nothing() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(3, |n| n == 2)));
    dir.write("in.jsonl", dois(3) + "nonsense\n");
    dir.write("out.jsonl", "old\n");
    let dry = dir
        .ask(&fake, &["--dry-run"])
        .code(0)
        .says("3 records in")
        .says("a dry run: nothing was written")
        .says("0 % → 66.7 %")
        .says("1 record could not be read");
    assert_eq!(dry.out, "");
    assert_eq!(dir.read("out.jsonl"), "old\n");
    let beside = ["out.jsonl.part", "out.run.json", "out.rejects.jsonl"];
    assert!(beside.iter().all(|name| !dir.exists(name)));

    // What was asked for is in the store.
    let asked = fake.seen().len();
    dir.ask(&fake, &[]).code(0);
    assert_eq!(fake.seen().len(), asked);
    assert_eq!(count(&dir, "enriched", None), 2);
}

#[test]
fn an_input_without_a_record_can_be_an_error() {
    let dir = Dir::new();
    let usual = ["in.jsonl", "-o", "out.jsonl", "--store", "s", "--offline"];
    let required = [&usual[..], &["--require-input"]].concat();
    for (input, said) in [
        ("", "no record in the input"),
        ("nonsense\n[1]\n", "only what could not be read (2)"),
    ] {
        dir.write("in.jsonl", input);
        dir.write("out.jsonl", "old\n");
        dir.run(&required).code(1).says(said);
        assert_eq!(dir.read("out.jsonl"), "old\n", "{input:?}");
        dir.run(&usual).code(0);
        assert_eq!(dir.read("out.jsonl"), "", "{input:?}");
    }
    dir.write("in.jsonl", "{\"a\":1}\n");
    dir.run(&required).code(0);
}

#[test]
fn all_that_is_said_can_be_json_with_documented_names() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(3, |n| n == 2)));
    dir.write("in.jsonl", dois(3) + "nonsense\n");
    let page = std::fs::read_to_string(repository("docs/log.md")).unwrap();
    let url = fake.url();
    let mut seen = Vec::new();
    for (args, code) in [
        // The public pool is told.
        (&["in.jsonl", "--store", "s", "--base-url", &url][..], 0),
        (&["nowhere.jsonl"], 1),
    ] {
        let run = dir
            .run(&[args, &["--log-format", "json"]].concat())
            .code(code);
        for line in run.err.lines() {
            let line: serde_json::Map<String, Value> =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", run.told()));
            assert!(line.contains_key("timestamp") && line.contains_key("level"));
            for name in line.keys() {
                assert!(
                    page.contains(&format!("`{name}`")),
                    "{name} is not documented"
                );
            }
            seen.push(
                line.get("event")
                    .map_or("log", |event| event.as_str().unwrap())
                    .to_owned(),
            );
        }
        let quiet = dir.run(&[args, &["--log-format", "json", "-q"]].concat());
        assert_eq!(
            quiet.err.lines().count(),
            usize::from(code == 1),
            "{}",
            quiet.told()
        );
    }
    assert_eq!(seen, ["message", "log", "summary", "error", "summary"]);
}

#[test]
fn a_run_is_known_by_its_fields_its_journals_and_what_to_look_at() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(4, |n| n == 3)));
    let title = |n: usize| format!("The title of work {n}");
    dir.write(
        "in.jsonl",
        format!(
            "{{\"doi\":\"{}\",\"title\":\"{}\",\"volume\":null}}\n\
             {{\"doi\":\"{}\",\"title\":\"{}\",\"pages\":\"900-999\"}}\n\
             {{\"doi\":\"{}\",\"title\":\"On something else entirely\",\"authors\":[{{\"family\":\"Nobody\"}}],\"published\":\"1901\"}}\n\
             {{\"doi\":\"{}\",\"title\":\"x\"}}\n",
            doi(0), title(0), doi(1), title(1), doi(2), doi(3)
        ),
    );
    dir.ask(&fake, &[]).code(0);
    let run: Value = serde_json::from_str(&dir.read("out.run.json")).unwrap();
    assert_eq!((&run["format"], &run["records"]), (&1.into(), &4.into()));
    let coverage = &run["coverage"][0];
    assert_eq!(
        (&coverage["profile"], &coverage["records"]),
        (&"crossref".into(), &4.into())
    );
    let field = |name: &str| {
        let fields = coverage["fields"].as_array().unwrap();
        let field = fields.iter().find(|field| field["name"] == name).unwrap();
        ["before", "after", "filled", "differs"].map(|key| field[key].as_u64().unwrap())
    };
    assert_eq!(field("title"), [4, 4, 0, 0]);
    assert_eq!(field("volume"), [0, 2, 2, 0]);
    assert_eq!(field("pages"), [1, 2, 1, 0]);
    let journals = run["journals"].as_array().unwrap();
    let sum = |key: &str| -> u64 { journals.iter().map(|own| own[key].as_u64().unwrap()).sum() };
    assert_eq!((journals.len(), sum("records"), sum("enriched")), (3, 3, 2));
    assert_eq!(run["publishers"][2]["name"], "Sample Press");
    let mismatch = &run["mismatches"][0];
    assert_eq!(
        (&mismatch["line"], &mismatch["doi"], &mismatch["record"]),
        (
            &3.into(),
            &doi(2).into(),
            &"On something else entirely".into()
        )
    );
    assert_eq!(mismatch["crossref"], title(2));
    assert_eq!(mismatch["evidence"]["title"], "differs");
    let samples = run["timeline"].as_array().unwrap();
    assert_eq!(samples.last().unwrap()["records"], 4);
    assert_eq!(run["files"]["review"], "out.review.jsonl");
    assert!(run["files"]["rejects"].is_null());
    assert!(run["phases"]["asking"].as_f64().unwrap() > 0.0);

    dir.write(
        "in.jsonl",
        format!(
            "{{\"DOIUrl\":\"https://doi.org/{}\",\"publicationDate\":null,\"citationCount\":null,\"title\":\"{}\",\"journal\":{{\"pages\":\"900-999\"}}}}\n",
            doi(1), title(1)
        ),
    );
    dir.ask(&fake, &[]).code(0);
    let run: Value = serde_json::from_str(&dir.read("out.run.json")).unwrap();
    assert_eq!(
        (
            &run["coverage"][0]["profile"],
            &run["differs"]["journal.pages"]
        ),
        (&"scholar".into(), &1.into())
    );
    let difference = &run["differences"][0];
    assert_eq!(
        (
            &difference["line"],
            &difference["field"],
            &difference["record"]
        ),
        (&1.into(), &"journal.pages".into(), &"900-999".into())
    );
}
