//! Records get the right answers for the fewest requests, however the service behaves.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::util::fake::{Fault, Route, Script, work};
use crate::util::{Dir, Fake, MAILTO, next_second, status, usual};

/// The DOI of work `n`.
pub fn doi(n: usize) -> String {
    format!("10.5555/cf.{n:04}")
}

/// Works 0 to `count`, without those that are `absent`.
pub fn works(count: usize, absent: impl Fn(usize) -> bool) -> HashMap<String, String> {
    let known = (0..count).filter(|n| !absent(*n));
    known
        .map(|n| (doi(n), work(&doi(n), &format!("The title of work {n}"), n)))
        .collect()
}

/// A server that is fast enough for a test.
pub fn script(works: HashMap<String, String>) -> Script {
    Script {
        works,
        list_limit: 50,
        single_limit: 100,
        concurrency: 3,
        ..Script::default()
    }
}

#[test]
fn two_thousand_records_take_twenty_lists_and_a_single_for_each_absent_doi() {
    let dir = Dir::new();
    let absent = |n: usize| n % 97 == 5;
    let fake = Fake::start(script(works(2_000, absent)));
    let mut input = String::new();
    for n in 0..2_000 {
        input += &format!(
            "{{\"doi\":\"10.5555/CF.{n:04}\",\"title\":\"The title of work {n}\", \"IF\": 0.5000,\"big\":1E400,\"odd\":\"\\u0000\\ud800\",\"volume\":null,\"nested\":{{\"a\" : [1,2.50]}},\"n\":{n}}}\n"
        );
    }
    dir.write("in.jsonl", &input);
    dir.ask(&fake, &[]).code(0);

    let output = dir.read("out.jsonl");
    let absents = (0..2_000).filter(|n| absent(*n)).count();
    assert_eq!(output.lines().count(), 2_000);
    for (n, (line, before)) in output.lines().zip(input.lines()).enumerate() {
        // Every member, in order, byte for byte, but the one that was missing.
        let start = before
            .trim_end_matches('}')
            .replace("\"volume\":null", "\"volume\":");
        let (head, tail) = start.split_once("\"volume\":").unwrap();
        assert!(line.starts_with(head), "{line}");
        if absent(n) {
            assert!(
                line.starts_with(before.trim_end_matches('}'))
                    && line.ends_with(&format!(
                        "\"_crossfill\":{{\"status\":\"not_found\",\"doi\":\"{}\"}}}}",
                        doi(n)
                    )),
                "{line}"
            );
        } else {
            assert!(line.contains(tail), "{line}");
            assert!(line.contains("\"status\":\"enriched\""), "{line}");
        }
    }
    assert_eq!(fake.lists(), 20);
    assert_eq!(fake.singles(), absents);
    assert_eq!(
        fake.seen()
            .iter()
            .filter(|seen| seen.route == Route::Agency)
            .count(),
        0
    );
    assert!(fake.asked_twice().is_empty());
    assert!(fake.max_in_flight() <= 3);

    // A warm run asks nobody and says the same.
    let before = fake.seen().len();
    dir.ask(&fake, &[]).code(0);
    assert_eq!(dir.read("out.jsonl"), output);
    assert_eq!(fake.seen().len(), before);
}

#[test]
fn the_pool_is_told_who_asks_and_for_what() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(3, |_| false)));
    dir.write("in.jsonl", "{\"doi\":\"10.5555/cf.0001\"}\n");
    dir.ask(&fake, &[]).code(0);
    let seen = fake.seen();
    let agent = &seen[0].user_agent;
    assert!(
        agent.starts_with("crossfill/") && agent.contains(&format!("mailto:{MAILTO}")),
        "{agent}"
    );
    assert!(
        seen[0].target.contains("&select=DOI,"),
        "{}",
        seen[0].target
    );
    assert!(!seen[0].target.contains("reference,"), "{}", seen[0].target);
}

#[test]
fn every_kind_of_fate() {
    let dir = Dir::new();
    let mut script = script(works(4, |_| false));
    script.aliases.insert("10.5555/old".into(), doi(1));
    script
        .agencies
        .insert("10.5281".into(), ("datacite".into(), "DataCite".into()));
    script.works.insert(
        "10.5555/a,b".into(),
        work("10.5555/a,b", "A DOI with a comma", 7),
    );
    let sici = "10.1002/(sici)1099-0771(199806)11:2<107::aid-bdm292>3.0.co;2-y";
    script
        .works
        .insert(sici.into(), work(sici, "An old kind of DOI", 8));
    let retracted = work("10.5555/gone", "A work that is no more", 9);
    let retracted = retracted.replacen(
        '{',
        r#"{"updated-by":[{"DOI":"10.5555/notice","type":"retraction","source":"publisher","updated":{"date-parts":[[2023,1,2]]}}],"#,
        1,
    );
    script.works.insert("10.5555/gone".into(), retracted);
    let fake = Fake::start(script);
    let lines = [
        ("enriched", r#"{"doi":"10.5555/cf.0000"}"#),
        ("enriched", r#"{"doi":"https://doi.org/10.5555/OLD"}"#),
        ("enriched", r#"{"doi":"10.5555/a,b"}"#),
        (
            "enriched",
            r#"{"doi":"10.1002/(SICI)1099-0771(199806)11:2<107::AID-BDM292>3.0.CO;2-Y"}"#,
        ),
        ("other_agency", r#"{"doi":"10.5281/zenodo.1"}"#),
        ("other_agency", r#"{"doi":"10.5281/zenodo.2"}"#),
        ("other_agency", r#"{"doi":"10.5281/zenodo.3"}"#),
        ("not_found", r#"{"doi":"10.5555/nobody"}"#),
        (
            "mismatch",
            r#"{"doi":"10.5555/cf.0002","title":"Something that is altogether different"}"#,
        ),
        ("no_doi", r#"{"title":"x","url":"https://library.edu/x"}"#),
        ("invalid_doi", r#"{"doi":"10.5555"}"#),
        ("enriched", r#"{"doi":"10.5555/cf.0000","again":true}"#),
        ("enriched", r#"{"doi":"10.5555/gone"}"#),
    ];
    let input: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
    dir.write("in.jsonl", &input);
    dir.ask(&fake, &[])
        .code(0)
        .says("leads to another work")
        .says("1 record of a retracted work → out.review.jsonl");
    let records = dir.records("out.jsonl");
    for ((expected, line), record) in lines.iter().zip(&records) {
        assert_eq!(status(record), *expected, "{line}\n{record}");
    }
    let note = |n: usize| &records[n]["_crossfill"];
    assert_eq!(note(1)["alias_of"], doi(1));
    assert_eq!(note(1)["doi"], "10.5555/old");
    assert_eq!(note(4)["agency"], "DataCite");
    assert_eq!(note(8)["evidence"]["title"], "differs");
    assert!(
        records[8].get("volume").is_none(),
        "nothing is filled from another work"
    );
    let review = dir.records("out.review.jsonl");
    assert_eq!(review.len(), 2);
    assert_eq!(review[0]["evidence"]["title"], "differs");
    assert!(review[0].get("retracted").is_none());
    assert_eq!(review[0]["line"], 9);
    assert_eq!(review[0]["work"]["DOI"], doi(2));
    let retraction = serde_json::json!({"type": "retraction", "notice": "10.5555/notice",
        "date": "2023-01-02", "source": "publisher"});
    assert_eq!(review[1]["line"], 13);
    assert_eq!(review[1]["retracted"], retraction);
    assert_eq!(review[1]["work"]["DOI"], "10.5555/gone");
    assert_eq!(note(12)["retracted"], retraction);

    // One list; the comma, the alias and its target, one of the foreign prefix, the unknown.
    assert_eq!(fake.lists(), 1);
    let seen = fake.seen();
    let agency = seen
        .iter()
        .filter(|seen| seen.route == Route::Agency)
        .count();
    assert_eq!(agency, 1, "the agency of a prefix is asked once");
    let foreign = |seen: &&crate::util::fake::Seen| {
        seen.route == Route::Single && seen.target.contains("zenodo")
    };
    assert_eq!(
        seen.iter().filter(foreign).count(),
        1,
        "the others wait for the verdict"
    );
    // All of this is remembered.
    let before = fake.seen().len();
    let output = dir.read("out.jsonl");
    dir.ask(&fake, &[]).code(0);
    assert_eq!((fake.seen().len(), dir.read("out.jsonl")), (before, output));
}

#[test]
fn a_bad_request_is_halved_until_the_guilty_doi_stands_alone() {
    let dir = Dir::new();
    let mut script = script(works(40, |_| false));
    script.fault = Some(Box::new(|seen| {
        let guilty = seen.dois.iter().any(|doi| doi == "10.5555/cf.0017");
        (guilty && seen.route == Route::List)
            .then(|| Fault::Status(400, "{\"status\":\"failed\"}", vec![]))
    }));
    let fake = Fake::start(script);
    let input: String = (0..40)
        .map(|n| format!("{{\"doi\":\"{}\"}}\n", doi(n)))
        .collect();
    dir.write("in.jsonl", input);
    dir.ask(&fake, &[]).code(0);
    assert!(
        dir.records("out.jsonl")
            .iter()
            .all(|record| status(record) == "enriched")
    );
    assert_eq!(fake.singles(), 1, "the guilty one is asked singly");
}

#[test]
fn a_service_that_never_answers_leaves_records_unresolved() {
    let dir = Dir::new();
    let mut script = script(works(2, |_| false));
    // Works 0 is answered; a batch with 1 in it is refused for good.
    script.fault = Some(Box::new(|seen| {
        let refused = seen.dois.iter().any(|doi| doi == "10.5555/cf.0001");
        refused.then(|| Fault::Status(451, "", vec![]))
    }));
    let fake = Fake::start(script);
    dir.write(
        "in.jsonl",
        "{\"doi\":\"10.5555/cf.0000\"}\n{\"doi\":\"10.5555/cf.0001\",\"x\":1}\n",
    );
    dir.ask(&fake, &["--batch", "1"])
        .code(3)
        .says("1 record unresolved: run the same command again");
    let records = dir.records("out.jsonl");
    assert_eq!(status(&records[0]), "enriched");
    assert_eq!(records[1]["_crossfill"]["why"], "refused");
    fake.set(|script| script.fault = None);
    dir.ask(&fake, &[]).code(0);
    assert_eq!(status(&dir.records("out.jsonl")[1]), "enriched");
}

#[test]
fn a_refusal_stops_the_run_and_leaves_the_target() {
    for code in [401, 403] {
        let dir = Dir::new();
        let mut script = script(works(2, |_| false));
        script.fault = Some(Box::new(move |_| {
            Some(Fault::Status(code, "blocked \u{1b}[31m", vec![]))
        }));
        let fake = Fake::start(script);
        dir.write("in.jsonl", "{\"doi\":\"10.5555/cf.0000\"}\n");
        dir.write("out.jsonl", "what was there\n");
        let run = dir.ask(&fake, &[]).code(4).says("refuses to answer");
        // Nothing was written: no file is named that is not there.
        assert!(!run.err.contains(".part"), "{}", run.told());
        assert!(!run.err.contains('\u{1b}'), "{}", run.told());
        assert_eq!(dir.read("out.jsonl"), "what was there\n");
        assert_eq!(fake.seen().len(), 1, "nobody asks twice after that");
    }
}

#[test]
fn no_network_is_said_once_and_soon() {
    let dir = Dir::new();
    dir.write(
        "in.jsonl",
        "{\"doi\":\"10.5555/cf.0000\"}\n{\"doi\":\"10.5555/cf.0001\"}\n",
    );
    // Nobody listens there any more.
    let url = Fake::start(Script::default()).url();
    let start = Instant::now();
    let run = dir.run(&usual(&url)).code(4).says("--offline");
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(run.err.matches("cannot reach").count(), 1, "{}", run.told());
    assert!(!dir.exists("out.jsonl"));
}

#[test]
fn the_first_n_records_only() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(10, |_| false)));
    let input: String = (0..10)
        .map(|n| format!("{{\"doi\":\"{}\"}}\n", doi(n)))
        .collect();
    dir.write("in.jsonl", input);
    dir.ask(&fake, &["--limit", "4"]).code(3);
    let records = dir.records("out.jsonl");
    let expected = ["enriched"; 4].into_iter().chain(["unresolved"; 6]);
    assert!(records.iter().map(status).eq(expected));
    assert_eq!(records[9]["_crossfill"]["why"], "limit");
    assert_eq!(fake.seen()[0].dois.len(), 4);
}

#[test]
fn old_works_are_used_when_asking_fails_and_asked_again_when_not() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(1, |_| false)));
    dir.write("in.jsonl", "{\"doi\":\"10.5555/cf.0000\"}\n");
    dir.ask(&fake, &[]).code(0);
    next_second();
    dir.ask(&fake, &["--max-age", "0s"]).code(0);
    assert_eq!(fake.lists(), 2);
    next_second();
    fake.set(|script| script.fault = Some(Box::new(|_| Some(Fault::Status(410, "", vec![])))));
    dir.ask(&fake, &["--max-age", "0s"])
        .code(0)
        .says("from old works");
    assert_eq!(status(&dir.records("out.jsonl")[0]), "enriched");
}

#[test]
fn limits_are_kept_from_the_first_request_on() {
    let dir = Dir::new();
    let mut script = script(works(900, |n| n % 60 == 1));
    (script.list_limit, script.single_limit) = (3, 10);
    script.enforce = true;
    let fake = Fake::start(script);
    let input: String = (0..900)
        .map(|n| format!("{{\"doi\":\"{}\"}}\n", doi(n)))
        .collect();
    dir.write("in.jsonl", input);
    dir.ask(&fake, &[]).code(0);
    assert_eq!(fake.too_many(), 0);
    assert_eq!(fake.lists(), 9);
    let run: Value = serde_json::from_str(&dir.read("out.run.json")).unwrap();
    assert_eq!(run["requests"]["list"], 9);
    assert_eq!(run["statuses"]["not_found"], 15);
}

#[test]
fn more_records_than_the_window_holds_get_through() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(450, |_| false)));
    let filler = "x".repeat(100_000);
    let mut input: String = (0..449)
        .map(|n| format!("{{\"doi\":\"{}\",\"x\":\"{filler}\"}}\n", doi(n)))
        .collect();
    // And one that is larger than the window itself.
    input += &format!(
        "{{\"doi\":\"{}\",\"x\":\"{}\"}}\n",
        doi(449),
        "y".repeat(40_000_000)
    );
    dir.write("in.jsonl", &input);
    dir.ask(&fake, &[]).code(0).says("450 records");
    assert_eq!(dir.read("out.jsonl").lines().count(), 450);
    assert!(fake.asked_twice().is_empty());
}

#[test]
fn the_verdict_on_a_prefix_outlives_the_run() {
    let script = || {
        let mut script = script(HashMap::new());
        // Nobody knows the first one; the agency of the others would be another.
        script
            .agencies
            .insert("10.5281".into(), ("datacite".into(), "DataCite".into()));
        script.fault = Some(Box::new(|seen| {
            let typo = seen.route == Route::Agency && seen.target.contains("typo");
            typo.then(|| Fault::Status(404, "Resource not found.", vec![]))
        }));
        script
    };
    let lines = "{\"doi\":\"10.5281/typo\"}\n{\"doi\":\"10.5281/zenodo.1\"}\n{\"doi\":\"10.5281/zenodo.2\"}\n";
    let at_once = Dir::new();
    at_once.write("in.jsonl", lines);
    at_once.ask(&Fake::start(script()), &[]).code(0);
    // The same in two runs, as after a kill.
    let dir = Dir::new();
    let fake = Fake::start(script());
    dir.write("in.jsonl", lines.lines().next().unwrap());
    dir.ask(&fake, &[]).code(0);
    dir.write("in.jsonl", lines);
    dir.ask(&fake, &[]).code(0);
    assert_eq!(dir.read("out.jsonl"), at_once.read("out.jsonl"));
}

#[test]
fn an_agency_that_can_not_be_asked_costs_no_answer() {
    let dir = Dir::new();
    let mut script = script(HashMap::new());
    script.fault = Some(Box::new(|seen| {
        (seen.route == Route::Agency).then(|| Fault::Status(451, "", vec![]))
    }));
    let fake = Fake::start(script);
    dir.write(
        "in.jsonl",
        "{\"doi\":\"10.5281/a\"}\n{\"doi\":\"10.5281/b\"}\n",
    );
    dir.ask(&fake, &[]).code(0);
    assert!(
        dir.records("out.jsonl")
            .iter()
            .all(|record| status(record) == "not_found")
    );
    let agency = fake
        .seen()
        .iter()
        .filter(|seen| seen.route == Route::Agency)
        .count();
    assert_eq!(agency, 1);
}

/// Short records that become long lines, all known, behind one that waits for its answer.
#[cfg(target_os = "linux")]
#[test]
fn lines_that_wait_for_their_turn_take_little_memory() {
    let dir = Dir::new();
    let words = "A rather long abstract that says the same over and over again. ".repeat(400);
    let mut data = String::new();
    for n in 0..1_000 {
        let mut work: Value = serde_json::from_str(&work(&doi(n), "A title", n)).unwrap();
        work["abstract"] = format!("<p>{n}: {words}</p>").into();
        data += &format!("{work}\n");
    }
    dir.write("works.jsonl", data);
    dir.write("config.toml", "data_files = [\"works.jsonl\"]\n");
    let mut script = script(HashMap::new());
    script.latency = Duration::from_secs(4);
    let fake = Fake::start(script);
    // 5,000 lines of some 25 KB.
    let mut input = "{\"doi\":\"10.5281/late\"}\n".to_owned();
    for n in 0..5_000 {
        input += &format!("{{\"doi\":\"{}\"}}\n", doi(n % 1_000));
    }
    dir.write("in.jsonl", input);
    let mut run = dir.start(&fake);
    let status = format!("/proc/{}/status", run.id());
    let mut most = 0;
    while run.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let anon = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = anon.and_then(|anon| anon.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(kilobytes.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(run.wait().unwrap().success());
    let output = dir.read("out.jsonl");
    assert_eq!(output.lines().count(), 5_001);
    assert!(output.len() > 120_000_000, "{}", output.len());
    assert!(most > 1_000 && most < 90_000, "{most} kB");
}
