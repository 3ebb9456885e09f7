//! `crossfill inspect` against the floor "one thread: read each line, parse it to raw values" of the
//! same file in the same run: `cargo bench --bench inspect`.
//!
//! `CROSSFILL_BENCH_RECORDS` (200,000; 1,000,000 for the figure) records of about 3 KB, each of its own
//! work; first without a store, then with one that has all of their works. Prints wall times, records a
//! second, the speed as a part of the floor's, and the most anonymous memory that a run had (Linux).
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a benchmark that can't go on may end anywhere, and prints its figures"
)]

mod measure;
#[path = "measure/records.rs"]
mod records;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const RUNS: usize = 5;

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let count = records::count();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    let (input, works) = (folder.join("records.jsonl"), folder.join("works.jsonl"));
    let bytes = records::make(count, &input, &works);
    println!("{count} records, {:.1} MB", bytes as f64 / 1e6);
    compare("without a store", count, folder);
    crossfill(folder, &["store", "import", "works.jsonl"]);
    compare("with all works in the store", count, folder);
}

/// Floor and program in turn, so that both see the same machine.
fn compare(what: &str, count: usize, folder: &Path) {
    let (mut floors, mut runs, mut most) = (Vec::new(), Vec::new(), 0);
    for _ in 0..RUNS {
        floors.push(floor(&folder.join("records.jsonl")));
        let (time, memory) = crossfill(folder, &["inspect", "records.jsonl"]);
        runs.push(time);
        most = most.max(memory);
    }
    let (floor, run) = (median(&mut floors), median(&mut runs));
    let rate = |time: Duration| count as f64 / time.as_secs_f64();
    println!("{what}");
    println!(
        "  floor, one thread: {:.3} s  {:.0} records/s",
        floor.as_secs_f64(),
        rate(floor)
    );
    println!(
        "  inspect:           {:.3} s  {:.0} records/s",
        run.as_secs_f64(),
        rate(run)
    );
    println!(
        "  of the floor's speed: {:.0} %",
        rate(run) / rate(floor) * 100.0
    );
    println!("  RssAnon at most:   {:.1} MB", most as f64 / 1024.0);
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// One run of the program; wall time, and the most anonymous memory in KiB.
fn crossfill(folder: &Path, args: &[&str]) -> (Duration, u64) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfill"));
    let command = command.current_dir(folder).args(args);
    measure::run(command.args(["--store", "store", "--quiet"]))
}

/// Reads, parses each line to raw values.
fn floor(input: &Path) -> Duration {
    let start = Instant::now();
    let mut input = BufReader::with_capacity(1 << 20, File::open(input).unwrap());
    let (mut line, mut members) = (Vec::new(), 0);
    while input.read_until(b'\n', &mut line).unwrap() > 0 {
        members += records::members(&line);
        line.clear();
    }
    let time = start.elapsed();
    assert!(members > 0);
    time
}
