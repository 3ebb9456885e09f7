//! The limits of the service are kept, whoever asks and however it changes its mind; and however badly
//! it answers, every record has its fate. Over a real socket; exact instants are asserted in the
//! scenarios of the resolver, where time stands still.

use std::time::Duration;

use serde_json::Value;

use crate::resolve::{doi, script, works};
use crate::util::fake::{Fault, Route, Script, spread, work};
use crate::util::{Dir, Fake, MAILTO, public, status, usual};

fn input(range: std::ops::Range<usize>) -> String {
    range
        .map(|n| format!("{{\"doi\":\"{}\"}}\n", doi(n)))
        .collect()
}

/// Works of which every hundredth is absent.
fn absent(n: usize) -> bool {
    n % 100 == 37
}

/// A service that enforces its limits. The machine may be busy with other tests: a request that is
/// late by a few hundredths of a second is not what these tests are about.
fn strict(count: usize) -> Script {
    Script {
        works: works(count, absent),
        latency: Duration::from_millis(50),
        enforce: true,
        window: Duration::from_millis(900),
        ..Script::default()
    }
}

#[track_caller]
fn check(records: &[Value], range: std::ops::Range<usize>, absent: impl Fn(usize) -> bool) {
    assert_eq!(records.len(), range.len());
    for (n, record) in range.zip(records) {
        let expected = if absent(n) { "not_found" } else { "enriched" };
        assert_eq!(status(record), expected, "{n}: {record}");
    }
}

#[test]
fn a_connection_that_takes_long_bunches_nothing() {
    let dir = Dir::new();
    let fake = Fake::start(Script {
        setup: Duration::from_millis(400),
        ..strict(800)
    });
    dir.write("in.jsonl", input(0..800));
    dir.ask(&fake, &[]).code(0);
    check(&dir.records("out.jsonl"), 0..800, absent);
    assert_eq!((fake.too_many(), fake.lists()), (0, 8));
}

#[test]
fn two_runs_with_one_address_have_one_budget() {
    two_runs(strict(800));
}

#[test]
fn two_runs_over_slow_connections_have_one_budget() {
    two_runs(Script {
        setup: Duration::from_millis(400),
        ..strict(800)
    });
}

fn two_runs(script: Script) {
    let dir = Dir::new();
    let fake = Fake::start(script);
    let start = |name: &str, range| {
        dir.write(&format!("{name}.jsonl"), input(range));
        let (from, to, store) = (
            format!("{name}.jsonl"),
            format!("{name}.out"),
            format!("{name}.store"),
        );
        let url = fake.url();
        let args = [
            &*from,
            "-o",
            &*to,
            "--store",
            &*store,
            "--base-url",
            &*url,
            "--mailto",
            MAILTO,
            "-q",
        ];
        dir.command(&args).spawn().unwrap()
    };
    let mut runs = [start("a", 0..400), start("b", 400..800)];
    for run in &mut runs {
        assert_eq!(run.wait().unwrap().code(), Some(0));
    }
    check(&dir.records("a.out"), 0..400, absent);
    check(&dir.records("b.out"), 400..800, absent);
    assert_eq!((fake.too_many(), fake.lists()), (0, 8));
    // Neither starves: both have had a list before either has had its last.
    let seen = fake.seen();
    let lists: Vec<bool> = seen
        .iter()
        .filter(|seen| seen.route == Route::List)
        .map(|seen| seen.dois[0] < doi(400))
        .collect();
    let first_half = lists[..4].iter().filter(|of_a| **of_a).count();
    assert!((1..=3).contains(&first_half), "{lists:?}");
}

#[test]
fn a_restart_has_no_allowance_of_its_own() {
    let dir = Dir::new();
    let fake = Fake::start(strict(500));
    for n in 0..5 {
        // Five runs of one request each, as fast as they can start.
        dir.write("in.jsonl", input(n * 100..n * 100 + 30));
        dir.ask(&fake, &[]).code(0);
    }
    assert_eq!((fake.too_many(), fake.lists()), (0, 5));
}

#[test]
fn limits_that_are_lowered_cost_a_429_at_most() {
    let dir = Dir::new();
    let fake = Fake::start(Script {
        latency: Duration::from_millis(200),
        ..strict(900)
    });
    dir.write("in.jsonl", input(0..900));
    let mut run = dir.start(&fake);
    while fake.lists() < 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    fake.set(|script| (script.list_limit, script.single_limit, script.concurrency) = (2, 4, 1));
    assert_eq!(run.wait().unwrap().code(), Some(0));
    check(&dir.records("out.jsonl"), 0..900, absent);
    let refused = |lists: bool| {
        let seen = fake.seen();
        let refused = seen.iter().filter(|seen| seen.status == 429);
        refused
            .filter(|seen| (seen.route == Route::List) == lists)
            .count()
    };
    assert!(
        refused(true) <= 1 && refused(false) <= 1,
        "{:?}",
        fake.seen()
    );
}

#[test]
fn no_headers_at_all_change_nothing() {
    let dir = Dir::new();
    let fake = Fake::start(Script {
        headers: false,
        ..strict(300)
    });
    dir.write("in.jsonl", input(0..300));
    dir.ask(&fake, &[]).code(0);
    check(&dir.records("out.jsonl"), 0..300, absent);
    assert_eq!(fake.too_many(), 0);
}

#[test]
fn lists_that_are_cut_off_silently_are_noticed_and_told() {
    let dir = Dir::new();
    let fake = Fake::start(Script {
        max_dois: Some(49),
        ..script(works(400, absent))
    });
    dir.write("in.jsonl", input(0..400));
    dir.ask(&fake, &[])
        .code(0)
        .says("looks at 49 DOIs of a request only")
        .says("`batch = 49`");
    check(&dir.records("out.jsonl"), 0..400, absent);
    assert!(fake.lists() < 20, "{}", fake.lists());
    let run: Value = serde_json::from_str(&dir.read("out.run.json")).unwrap();
    assert_eq!(run["requests"]["lists_cut_to"], 49);
}

#[test]
fn long_urls_that_are_refused_are_shortened() {
    let dir = Dir::new();
    let fake = Fake::start(Script {
        max_uri: 1_499,
        ..script(works(400, absent))
    });
    dir.write("in.jsonl", input(0..400));
    dir.ask(&fake, &[]).code(0);
    check(&dir.records("out.jsonl"), 0..400, absent);
    let singles = (0..400).filter(|n| absent(*n)).count();
    assert_eq!(fake.singles(), singles);
}

/// `share` percent of all answers are bad.
fn with_faults(share: usize, kinds: Vec<Fault>) {
    let dir = Dir::new();
    let fake = Fake::start(Script {
        fault: Some(spread(share, kinds)),
        ..script(works(500, absent))
    });
    dir.write("in.jsonl", input(0..500));
    dir.ask(&fake, &["--batch", "25"]).code(0);
    check(&dir.records("out.jsonl"), 0..500, absent);
}

#[test]
fn a_quarter_of_faults_costs_no_record() {
    let kinds = vec![
        Fault::Status(429, "", vec![("retry-after", "0".into())]),
        Fault::Status(500, "oops", vec![]),
        Fault::Status(503, "", vec![]),
        Fault::Reset,
        Fault::Cut,
        Fault::Garbage,
        Fault::Html,
        Fault::Empty,
    ];
    with_faults(25, kinds);
}

#[test]
fn two_fifths_of_resets_and_cuts_cost_no_record() {
    with_faults(40, vec![Fault::Reset, Fault::Cut]);
}

#[test]
fn a_block_stops_the_run_and_offline_writes_what_is_known() {
    let dir = Dir::new();
    let mut script = script(works(1_000, absent));
    script.latency = Duration::from_millis(50);
    script.fault = Some(Box::new(|seen| {
        (seen.n >= 2).then(|| Fault::Status(403, "blocked", vec![]))
    }));
    let fake = Fake::start(script);
    dir.write("in.jsonl", input(0..1_000));
    dir.write("out.jsonl", "what was there\n");
    dir.ask(&fake, &[])
        .code(4)
        .says("refuses to answer (HTTP 403: blocked)")
        .says("hint: do not repeat this at once");
    assert_eq!(dir.read("out.jsonl"), "what was there\n");
    assert!(fake.seen().len() <= 2 + 5, "{}", fake.seen().len());
    let asked = fake.seen().len();
    dir.ask(&fake, &["--offline"]).code(0);
    assert_eq!(fake.seen().len(), asked);
    let records = dir.records("out.jsonl");
    let known = records.iter().filter(|record| status(record) == "enriched");
    assert!(known.count() >= 99);
    let unknown = records
        .iter()
        .filter(|record| status(record) == "unresolved");
    assert!(
        unknown
            .clone()
            .all(|record| record["_crossfill"]["why"] == "offline")
    );
    assert!(unknown.count() >= 700);
}

#[test]
fn a_foreign_prefix_takes_two_requests_beyond_the_batch() {
    let dir = Dir::new();
    let mut script = script(Default::default());
    script
        .agencies
        .insert("10.5281".into(), ("datacite".into(), "DataCite".into()));
    let fake = Fake::start(script);
    let lines = (0..40).map(|n| format!("{{\"doi\":\"10.5281/zenodo.{n}\"}}\n"));
    dir.write("in.jsonl", lines.collect::<String>());
    dir.ask(&fake, &[]).code(0);
    let records = dir.records("out.jsonl");
    assert!(
        records
            .iter()
            .all(|record| status(record) == "other_agency")
    );
    assert_eq!((fake.lists(), fake.seen().len()), (1, 3));
}

#[test]
fn what_was_not_asked_for_is_dropped_and_told() {
    let dir = Dir::new();
    let mut script = script(works(2, |_| false));
    script.fault = Some(Box::new(|seen| {
        let body =
            r#"{"status":"ok","message":{"items":[{"DOI":"10.5555/other"},{"title":["x"]}]}}"#;
        (seen.route == Route::List).then(|| Fault::Status(200, body, vec![]))
    }));
    let fake = Fake::start(script);
    dir.write("in.jsonl", input(0..2));
    dir.ask(&fake, &[])
        .code(0)
        .says("2 works in answers that nobody asked for, or without a DOI: dropped");
    check(&dir.records("out.jsonl"), 0..2, |_| false);
    let run: Value = serde_json::from_str(&dir.read("out.run.json")).unwrap();
    assert_eq!(run["requests"]["works_dropped"], 2);
}

#[test]
fn an_absurd_wish_to_wait_is_told() {
    let dir = Dir::new();
    let mut script = script(works(1, |_| false));
    script.fault = Some(Box::new(|_| {
        let wish = vec![("retry-after", "31536000".into())];
        Some(Fault::Status(503, "", wish))
    }));
    let fake = Fake::start(script);
    dir.write("in.jsonl", input(0..1));
    let mut run = dir.start(&fake);
    let err = run.stderr.take().unwrap();
    let said = std::io::BufRead::lines(std::io::BufReader::new(err)).find_map(|line| {
        let line = line.unwrap();
        line.contains("asks to wait for longer than 5m")
            .then_some(line)
    });
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(said.is_some_and(|line| line.contains("127.0.0.1")));
}

#[test]
fn a_token_is_sent_and_shown_nowhere() {
    const TOKEN: &str = "s3cret-plus-t0ken";
    let dir = Dir::new();
    let mut script = script(works(3, |_| false));
    // Good answers, bad ones, and the end of all.
    script.fault = Some(Box::new(|seen| match seen.n {
        0 => Some(Fault::Garbage),
        1 => Some(Fault::Cut),
        3.. => Some(Fault::Status(401, "bad token", vec![])),
        _ => None,
    }));
    let fake = Fake::start(script);
    let url = fake.url();
    let args = |output| {
        vec![
            "in.jsonl",
            "-o",
            output,
            "--store",
            "store",
            "--base-url",
            &url,
            "--max-age",
            "0s",
            "-vv",
        ]
    };
    dir.write("in.jsonl", input(0..3));
    let mut told = String::new();
    for (file, code) in [(false, 0), (true, 4)] {
        let mut command = dir.command(&args("out.jsonl"));
        if file {
            dir.write("plus.token", format!(" {TOKEN}\n"));
            dir.write("config.toml", "[crossref]\ntoken_file = \"plus.token\"\n");
            crate::util::next_second();
        } else {
            command.env("CROSSREF_PLUS_API_TOKEN", TOKEN);
        }
        let output = command.output().unwrap();
        told += &String::from_utf8_lossy(&output.stderr);
        told += &String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{told}");
    }
    let seen = fake.seen();
    let sent = seen.iter().filter(|seen| {
        let token = (
            "crossref-plus-api-token".to_owned(),
            format!("Bearer {TOKEN}"),
        );
        seen.headers.contains(&token)
    });
    assert_eq!(sent.count(), seen.len());
    assert!(seen.len() >= 4 && told.contains("asking"), "{told}");
    assert!(!told.contains(TOKEN), "{told}");
    // Nor in any file, or file's name, but the one that it came from.
    for entry in walkdir::WalkDir::new(dir.path(".")) {
        let entry = entry.unwrap();
        assert!(!entry.path().to_string_lossy().contains(TOKEN));
        if entry.file_type().is_file() && entry.file_name() != "plus.token" {
            let bytes = std::fs::read(entry.path()).unwrap();
            let at = memchr::memmem::find(&bytes, TOKEN.as_bytes());
            assert!(at.is_none(), "{}", entry.path().display());
        }
    }
}

#[test]
fn without_an_address_the_public_pool_is_asked_and_that_is_said() {
    let dir = Dir::new();
    let fake = Fake::start(strict(60));
    dir.write("in.jsonl", input(0..60));
    let url = fake.url();
    let args = public(&url);
    let run = dir.run(&args).code(0).says("public pool");
    assert_eq!(run.err.matches("public pool").count(), 1);
    assert!(
        fake.seen()
            .iter()
            .all(|seen| !seen.user_agent.contains("mailto"))
    );
    assert_eq!((fake.too_many(), fake.max_in_flight()), (0, 1));
    for address in [
        "you@example.org",
        "nobody",
        "a@b@c.org",
        "me@localhost",
        "x@sub.example.com",
    ] {
        dir.run(&[&args[..], &["--mailto", address]].concat())
            .code(1)
            .says("mailto")
            .says(address);
    }
}

#[test]
fn a_proxy_is_taken_from_the_usual_variables() {
    let dir = Dir::new();
    let proxy = Fake::start(script(works(2, |_| false)));
    dir.write("in.jsonl", input(0..2));
    // Nobody listens at the address itself.
    let url = Fake::start(Script::default()).url();
    let mut command = dir.command(&usual(&url));
    command.env("http_proxy", proxy.url());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(proxy.lists(), 1);
    check(&dir.records("out.jsonl"), 0..2, |_| false);
}

#[test]
fn an_alias_elsewhere_is_not_followed() {
    let dir = Dir::new();
    let elsewhere = Fake::start(script(works(2, |_| false)));
    let target = format!("{}/works/{}", elsewhere.url(), doi(1));
    let mut script = script(works(1, |_| false));
    script.fault = Some(Box::new(move |seen| {
        let moved = vec![("location", target.clone())];
        (seen.route == Route::Single).then_some(Fault::Status(301, "", moved))
    }));
    script
        .works
        .insert("10.5555/b".into(), work("10.5555/b", "Another", 1));
    let fake = Fake::start(script);
    dir.write(
        "in.jsonl",
        "{\"doi\":\"10.5555/moved\"}\n{\"doi\":\"10.5555/b\"}\n",
    );
    dir.ask(&fake, &[]).code(3);
    let records = dir.records("out.jsonl");
    assert_eq!(records[0]["_crossfill"]["why"], "refused");
    assert_eq!(status(&records[1]), "enriched");
    assert_eq!(elsewhere.seen().len(), 0);
}
