//! A whole warm run (all works in the store) against the floor "one thread: read, parse to raw
//! values, write" of the same file in the same run: `cargo bench --bench warm`.
//!
//! With `CROSSFILL_BENCH_FOLDER` the files stay in that folder, to look at.
//!
//! `CROSSFILL_BENCH_RECORDS` (200,000) records of about 3 KB, each of its own work. Prints wall
//! times, records a second, the ratio, and the most anonymous memory that a run had (Linux).
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a benchmark that can't go on may end anywhere, and prints its figures"
)]

mod measure;

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

const RUNS: usize = 5;

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let records: usize = std::env::var("CROSSFILL_BENCH_RECORDS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(200_000);
    let made = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let kept = std::env::var_os("CROSSFILL_BENCH_FOLDER").map(std::path::PathBuf::from);
    let folder = kept.as_deref().unwrap_or(made.path());
    let input = folder.join("records.jsonl");
    let bytes = make(records, &input, &folder.join("works.jsonl"));
    println!("{records} records, {:.1} MB", bytes as f64 / 1e6);

    let (import, _) = run(folder, &["--limit", "0"]);
    println!(
        "first run, with the import of {records} works: {:.2} s",
        import.as_secs_f64()
    );
    let (mut floors, mut runs, mut most) = (Vec::new(), Vec::new(), 0);
    for _ in 0..RUNS {
        floors.push(floor(&input, &folder.join("floor.jsonl")));
        let (time, memory) = run(folder, &[]);
        runs.push(time);
        most = most.max(memory);
    }
    let (floor, run) = (median(&mut floors), median(&mut runs));
    println!(
        "floor, one thread:  {:.3} s  {:.0} records/s",
        floor.as_secs_f64(),
        records as f64 / floor.as_secs_f64()
    );
    println!(
        "warm run:           {:.3} s  {:.0} records/s",
        run.as_secs_f64(),
        records as f64 / run.as_secs_f64()
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

/// Records in the shape of an aggregator's, and their works.
fn make(records: usize, input: &Path, works: &Path) -> u64 {
    let sentence = "This sentence stands for an abstract and says nothing of its own. ";
    let text = sentence.repeat(32);
    let mut input = BufWriter::new(File::create(input).unwrap());
    let mut works = BufWriter::new(File::create(works).unwrap());
    let mut bytes = 0;
    for n in 0..records {
        let record = format!(
            r#"{{"title":"On the properties of subject number {n} and its neighbours","authors":"Jane A. Doe, Richard Roe","doi":"10.5555/Bench.{n:08}","DOIUrl":null,"url":null,"abstract":"{text}","PeriodicalId":{n},"journal":{{"name":"Journal of Subjects","volume":"{v} ","pages":""}},"PeriodicalIF":0.5000,"publicationDate":"2021-07-03","publicationTypes":"Journal Article","fieldsOfStudy":null,"isOpenAccess":false,"openAccessPdf":"","citationCount":null,"resultStr":null,"platform":"Semanticscholar","paperid":null,"PeriodicalName":null,"FirstCategoryId":"1085","ListUrlMain":null,"RegionNum":0,"RegionCategory":null,"ArticlePicture":[],"TitleCN":null,"AbstractTextCN":null,"PMCID":null,"EPubDate":"","PubModel":"","JCR":"Q4","JCRName":"SUBJECTS","Score":null,"Total":0}}"#,
            v = n % 50,
        );
        bytes += record.len() as u64 + 1;
        writeln!(input, "{record}").unwrap();
        writeln!(
            works,
            r#"{{"indexed":{{"date-parts":[[2026,5,4]],"timestamp":1777905183519}},"publisher":"Society of Subjects","issue":"{i}","license":[{{"start":{{"date-parts":[[2021,7,3]]}},"content-version":"vor","delay-in-days":0,"URL":"https://creativecommons.org/licenses/by/4.0/"}}],"DOI":"10.5555/bench.{n:08}","type":"journal-article","created":{{"date-parts":[[2021,7,3]]}},"page":"{n}-{last}","source":"Crossref","is-referenced-by-count":{i},"title":["On the properties of subject number {n} and its neighbours"],"prefix":"10.5555","volume":"{v}","author":[{{"given":"Jane A.","family":"Doe","sequence":"first","affiliation":[{{"name":"University of Subjects"}}]}},{{"given":"Richard","family":"Roe","sequence":"additional","affiliation":[]}}],"member":"17","published-online":{{"date-parts":[[2021,7,3]]}},"container-title":["Journal of Subjects"],"link":[{{"URL":"https://subjects.example/{n}.pdf","content-type":"application/pdf","content-version":"vor","intended-application":"text-mining"}}],"issued":{{"date-parts":[[2021,7,3]]}},"references-count":31,"URL":"https://doi.org/10.5555/bench.{n:08}","ISSN":["2575-1654"],"issn-type":[{{"value":"2575-1654","type":"electronic"}}]}}"#,
            i = n % 12,
            v = n % 50,
            last = n + 9,
        )
        .unwrap();
    }
    input.flush().unwrap();
    works.flush().unwrap();
    bytes
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
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    let start = Instant::now();
    let mut input = BufReader::with_capacity(1 << 20, File::open(input).unwrap());
    let mut output = BufWriter::with_capacity(1 << 20, File::create(output).unwrap());
    let (mut line, mut members) = (Vec::new(), 0);
    while input.read_until(b'\n', &mut line).unwrap() > 0 {
        let text = std::str::from_utf8(&line).unwrap();
        let mut parser = serde_json::Deserializer::from_str(text);
        members += parser.deserialize_map(Members).unwrap().len();
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
