//! Runs without a person: the metrics that they leave, and the units that start them.

use std::time::Duration;

use crate::resolve::{script, works};
use crate::resume::{ended, input, signal, until_seen};
use crate::util::fake::Fault;
use crate::util::{Dir, Fake, MAILTO};

const METRICS: [&str; 2] = ["--metrics", "run.prom"];

/// The value of a metric, with its label if it has one.
fn value(dir: &Dir, name: &str) -> Option<f64> {
    let text = dir.read("run.prom");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

fn last_success(dir: &Dir) -> Option<f64> {
    value(dir, "crossfill_last_success_timestamp_seconds")
}

#[test]
fn a_run_that_is_done_and_one_that_is_refused_are_both_told() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(250, |n| n == 3)));
    dir.write("in.jsonl", input(250) + "nonsense\n");
    dir.ask(&fake, &METRICS).code(0);
    for (name, wanted) in [
        ("crossfill_run_exit_code", 0.0),
        ("crossfill_run_records{status=\"enriched\"}", 249.0),
        ("crossfill_run_records{status=\"not_found\"}", 1.0),
        ("crossfill_run_records{status=\"mismatch\"}", 0.0),
        ("crossfill_run_fields_filled{field=\"volume\"}", 249.0),
        ("crossfill_run_rejects", 1.0),
        ("crossfill_run_requests{kind=\"list\"}", 3.0),
        ("crossfill_run_dois_answered", 250.0),
    ] {
        assert_eq!(value(&dir, name), Some(wanted), "{}", dir.read("run.prom"));
    }
    let start = value(&dir, "crossfill_run_start_time_seconds").unwrap();
    let success = last_success(&dir).unwrap();
    assert!(start > 1.7e9 && success >= start, "{start} {success}");

    // Refused: its own figures, and the success of the run before.
    let mut closed = script(works(250, |_| false));
    closed.fault = Some(Box::new(|_| Some(Fault::Status(403, "blocked", vec![]))));
    let closed = Fake::start(closed);
    let url = closed.url();
    let afresh = ["in.jsonl", "-o", "out.jsonl", "--store", "another"];
    let asking = ["--base-url", &url, "--mailto", MAILTO];
    dir.run(&[&afresh[..], &asking, &METRICS].concat()).code(4);
    assert_eq!(value(&dir, "crossfill_run_exit_code"), Some(4.0));
    assert_eq!(value(&dir, "crossfill_run_dois_answered"), Some(0.0));
    assert_eq!(last_success(&dir), Some(success));
    assert!(!dir.exists("run.prom.part"));
}

#[test]
fn a_run_that_could_not_begin_is_told() {
    let dir = Dir::new();
    dir.write("config.toml", "inputt = [\"in.jsonl\"]\n");
    dir.run(&METRICS).code(1).says("did you mean `input`");
    assert_eq!(value(&dir, "crossfill_run_exit_code"), Some(1.0));
    assert_eq!(last_success(&dir), None);
    let records = value(&dir, "crossfill_run_records{status=\"unresolved\"}");
    assert_eq!(records, Some(0.0));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_is_told() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(600));
    let mut slow = script(works(600, |_| false));
    (slow.list_limit, slow.latency) = (10, Duration::from_millis(100));
    let fake = Fake::start(slow);
    let mut child = dir.start_with(&fake, &METRICS);
    until_seen(&fake, 2, &mut child);
    signal(&child, "-TERM");
    let (said, code) = ended(child);
    assert_eq!(code, Some(130), "{said}");
    assert_eq!(value(&dir, "crossfill_run_exit_code"), Some(130.0));
    assert!(value(&dir, "crossfill_run_requests{kind=\"list\"}") >= Some(2.0));
}

#[test]
fn metrics_that_cannot_be_written_are_found_before_the_work() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(1, |_| false)));
    dir.write("in.jsonl", input(1));
    dir.write("folder/x", "");
    for (path, said) in [
        ("nowhere/run.prom", "cannot write `nowhere/run.prom`: "),
        ("folder", "cannot write `folder`: it is no file"),
        ("in.jsonl", "something else than metrics is in it"),
    ] {
        dir.ask(&fake, &["--metrics", path])
            .code(1)
            .says(said)
            .says("hint: --metrics names a file of its own");
        assert!(!dir.exists("out.jsonl"), "{path}");
    }
    assert_eq!(fake.seen().len(), 0);
    assert_eq!(dir.read("in.jsonl"), input(1));
    dir.ask(&fake, &["--metrics", "run.prom", "--dry-run"])
        .code(2);
}

#[test]
fn metrics_that_cannot_be_written_in_the_end_stay_whole() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(100));
    let old = "# HELP crossfill_run_exit_code Old.\ncrossfill_run_exit_code 0\n";
    dir.write("run.prom", old);
    let mut slow = script(works(100, |_| false));
    slow.latency = Duration::from_millis(200);
    let fake = Fake::start(slow);
    let mut child = dir.start_with(&fake, &METRICS);
    until_seen(&fake, 1, &mut child);
    // In the way of the part file.
    dir.write("run.prom.part/x", "");
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write `"), "{said}");
    assert_eq!(dir.read("run.prom"), old);
    assert_eq!(dir.records("out.jsonl").len(), 100, "the output is there");
}
