//! How near a run comes to what Crossref's limits allow, and whether it ever oversteps them: the
//! program against a service on a local port that answers after 250 ms and enforces the limits in a
//! sliding window of a second.
//!
//! `cargo bench --bench polite`. The floor is the time at which the last list could be answered at the
//! earliest, if lists went out at the very limit from the first instant on.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

#[allow(dead_code, unreachable_pub, reason = "the tests' own helpers")]
#[path = "../tests/it/util/mod.rs"]
mod util;

use std::collections::HashMap;
use std::process::Child;
use std::time::{Duration, Instant};

use util::fake::{Fault, Script, spread, work};
use util::{Dir, Fake, MAILTO, status};

const LATENCY: Duration = Duration::from_millis(250);

fn doi(n: usize) -> String {
    format!("10.5555/cf.{n:04}")
}

fn absent(n: usize) -> bool {
    n % 100 == 37
}

fn script(count: usize) -> Script {
    let known = (0..count).filter(|n| !absent(*n));
    Script {
        works: known
            .map(|n| (doi(n), work(&doi(n), &format!("The title of work {n}"), n)))
            .collect::<HashMap<_, _>>(),
        latency: LATENCY,
        enforce: true,
        ..Script::default()
    }
}

fn input(range: std::ops::Range<usize>) -> String {
    range
        .map(|n| format!("{{\"doi\":\"{}\"}}\n", doi(n)))
        .collect()
}

/// Starts a run of `name.jsonl`.
fn start(dir: &Dir, fake: &Fake, name: &str, mailto: Option<&str>) -> Child {
    let (input, output) = (format!("{name}.jsonl"), format!("{name}.out.jsonl"));
    let (store, url) = (format!("{name}.store"), fake.url());
    let mut args = vec![
        &*input,
        "-o",
        &*output,
        "--store",
        &*store,
        "--base-url",
        &*url,
        "-q",
    ];
    args.extend(mailto.iter().flat_map(|address| ["--mailto", address]));
    dir.command(&args).spawn().unwrap()
}

fn check(dir: &Dir, name: &str, range: std::ops::Range<usize>) {
    let records = dir.records(&format!("{name}.out.jsonl"));
    assert_eq!(records.len(), range.len());
    for (n, record) in range.zip(&records) {
        let expected = if absent(n) { "not_found" } else { "enriched" };
        assert_eq!(status(record), expected, "{record}");
    }
}

fn tell(what: &str, fake: &Fake, took: Duration, floor: Option<f64>) {
    let took = took.as_secs_f64();
    let floor = floor.map_or(String::new(), |floor| {
        format!(", floor {floor:.2} s: {:.3} of it", took / floor)
    });
    println!(
        "{what}: {took:.2} s{floor}; {} lists, {} singles, {} x 429, at most {} open",
        fake.lists(),
        fake.singles(),
        fake.too_many(),
        fake.max_in_flight(),
    );
}

fn floor(lists: usize, per_second: f64) -> f64 {
    (lists - 1) as f64 / per_second + LATENCY.as_secs_f64()
}

fn one_run(what: &str, count: usize, mailto: Option<&str>, per_second: f64) {
    let (dir, fake) = (Dir::new(), Fake::start(script(count)));
    dir.write("a.jsonl", input(0..count));
    let start_at = Instant::now();
    let exit = start(&dir, &fake, "a", mailto).wait().unwrap();
    let took = start_at.elapsed();
    assert!(exit.success(), "{exit}");
    check(&dir, "a", 0..count);
    tell(what, &fake, took, Some(floor(count / 100, per_second)));
}

fn two_runs() {
    let (dir, fake) = (Dir::new(), Fake::start(script(6_000)));
    dir.write("a.jsonl", input(0..3_000));
    dir.write("b.jsonl", input(3_000..6_000));
    let start_at = Instant::now();
    let mut runs = ["a", "b"].map(|name| start(&dir, &fake, name, Some(MAILTO)));
    let ends = [0, 1].map(|at| {
        assert!(runs[at].wait().unwrap().success());
        start_at.elapsed().as_secs_f64()
    });
    let took = start_at.elapsed();
    check(&dir, "a", 0..3_000);
    check(&dir, "b", 3_000..6_000);
    tell("two runs, one address", &fake, took, Some(floor(60, 3.0)));
    println!("  they ended after {:.2} and {:.2} s", ends[0], ends[1]);
}

/// `share` percent of the answers are bad ones, of these kinds in turn.
fn faults(what: &str, share: usize, kinds: Vec<Fault>) {
    let (dir, mut script) = (Dir::new(), script(1_500));
    script.fault = Some(spread(share, kinds));
    let fake = Fake::start(script);
    dir.write("a.jsonl", input(0..1_500));
    let start_at = Instant::now();
    let exit = start(&dir, &fake, "a", Some(MAILTO)).wait().unwrap();
    let took = start_at.elapsed();
    assert!(exit.success(), "{exit}");
    check(&dir, "a", 0..1_500);
    tell(what, &fake, took, None);
}

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let only = std::env::args().nth(1).filter(|arg| !arg.starts_with('-'));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    if wanted("polite") {
        one_run("polite, 6,000 DOIs", 6_000, Some(MAILTO), 3.0);
    }
    if wanted("public") {
        one_run("public, 1,000 DOIs", 1_000, None, 1.0);
    }
    if wanted("two") {
        two_runs();
    }
    if wanted("faults") {
        let kinds = vec![
            Fault::Status(429, "", vec![]),
            Fault::Status(500, "oops", vec![]),
            Fault::Status(503, "", vec![]),
            Fault::Reset,
            Fault::Cut,
            Fault::Garbage,
            Fault::Html,
            Fault::Empty,
        ];
        faults("25 % faults of eight kinds, 1,500 DOIs", 25, kinds.clone());
        faults("40 % resets and cuts, 1,500 DOIs", 40, kinds[3..5].to_vec());
    }
}
