//! A whole warm run (all works in the store) against the floor "one thread: read, parse to raw
//! values, write" of the same file in the same run: `cargo bench --bench warm`.
//!
//! With `CROSSFILL_BENCH_FOLDER` the files stay in that folder, to look at.
//!
//! `CROSSFILL_BENCH_RECORDS` (200,000) records of about 3 KB, each of its own work. Prints wall
//! times, records a second, the ratio, and the most anonymous memory that a run had (Linux).
//!
//! Both write a new file. To replace an old one takes a while more, for there are file systems that
//! give room back to the disk while the program waits; a run that does so is timed besides.
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
use std::io::{BufRead, BufReader, BufWriter, Write};
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
    let made = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let kept = std::env::var_os("CROSSFILL_BENCH_FOLDER").map(std::path::PathBuf::from);
    let folder = kept.as_deref().unwrap_or(made.path());
    let input = folder.join("records.jsonl");
    let bytes = records::make(count, &input, &folder.join("works.jsonl"));
    println!("{count} records, {:.1} MB", bytes as f64 / 1e6);

    let (import, _) = run(folder, &["--limit", "0"]);
    std::fs::remove_file(folder.join("out.jsonl")).unwrap();
    println!(
        "first run, with the import of {count} works: {:.2} s",
        import.as_secs_f64()
    );
    let (mut floors, mut runs, mut replacing) = (Vec::new(), Vec::new(), Vec::new());
    let mut most = 0;
    for _ in 0..RUNS {
        let (plain, enriched) = (folder.join("floor.jsonl"), folder.join("out.jsonl"));
        floors.push(floor(&input, &plain));
        std::fs::remove_file(&plain).unwrap();
        for times in [&mut runs, &mut replacing] {
            let (time, memory) = run(folder, &[]);
            times.push(time);
            most = most.max(memory);
            // What it left to be written must not burden what follows.
            File::open(&enriched).unwrap().sync_all().unwrap();
        }
        std::fs::remove_file(&enriched).unwrap();
    }
    let (floor, run) = (median(&mut floors), median(&mut runs));
    println!(
        "floor, one thread:  {:.3} s  {:.0} records/s",
        floor.as_secs_f64(),
        count as f64 / floor.as_secs_f64()
    );
    println!(
        "warm run:           {:.3} s  {:.0} records/s",
        run.as_secs_f64(),
        count as f64 / run.as_secs_f64()
    );
    let replacing = median(&mut replacing);
    println!(
        "over an old output: {:.3} s  {:.0} records/s",
        replacing.as_secs_f64(),
        count as f64 / replacing.as_secs_f64()
    );
    println!(
        "ratio:              {:.2}",
        run.as_secs_f64() / floor.as_secs_f64()
    );
    println!("RssAnon at most:    {:.1} MB", most as f64 / 1024.0);
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// One run of the program; wall time, and the most anonymous memory in KiB.
fn run(folder: &Path, more: &[&str]) -> (Duration, u64) {
    let config = folder.join("config.toml");
    std::fs::write(
        &config,
        "input = [\"records.jsonl\"]\noutput = \"out.jsonl\"\nstore = \"store\"\ndata_files = [\"works.jsonl\"]\noffline = true\nfail_on = []\n",
    )
    .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfill"));
    measure::run(
        command
            .arg("--config")
            .arg(&config)
            .arg("--quiet")
            .args(more),
    )
}

/// Reads, parses each line to raw values, writes it as it was.
fn floor(input: &Path, output: &Path) -> Duration {
    let start = Instant::now();
    let mut input = BufReader::with_capacity(1 << 20, File::open(input).unwrap());
    let mut output = BufWriter::with_capacity(1 << 20, File::create(output).unwrap());
    let (mut line, mut members) = (Vec::new(), 0);
    while input.read_until(b'\n', &mut line).unwrap() > 0 {
        members += records::members(&line);
        output.write_all(&line).unwrap();
        line.clear();
    }
    output.flush().unwrap();
    let time = start.elapsed();
    assert!(members > 0);
    // Not part of the floor; but what it left to be written must not burden the run that follows.
    output.get_ref().sync_all().unwrap();
    time
}
