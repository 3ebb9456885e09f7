//! Importing data files against the sum of its parts, each measured in the same run with all cores:
//! `cargo bench --bench import`.
//!
//! `CROSSFILL_BENCH_WORKS` (1,000,000) synthetic works of about 6 KB, most of it references, 5,000 a
//! `.jsonl.gz`, sorted by DOI as in Crossref's public data file; then the same works unsorted. The parts
//! are done here with the crates alone: gunzip, project (parse to raw values, leave references out),
//! compress (zstd 1 with the store's dictionary), append (LMDB). With `CROSSFILL_BENCH_FOLDER` the files
//! stay in that folder. With `CROSSFILL_BENCH_LIKE` (a file of real works, one a line, plain or `.gz`) the
//! works are those, over and over, each with a DOI of its own.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    unsafe_code,
    reason = "a benchmark that can't go on may end anywhere, and prints its figures"
)]

mod measure;

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use heed::types::Bytes;
use heed::{CommitOrAbort, EnvOpenOptions, PutFlags};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zstd::bulk::Compressor;
use zstd::dict::EncoderDictionary;

/// Works a file.
const FILE: usize = 5_000;

static DICTIONARY: &[u8] = include_bytes!("../src/store/works.dict");

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let works: usize = std::env::var("CROSSFILL_BENCH_WORKS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(1_000_000);
    let made = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let kept = std::env::var_os("CROSSFILL_BENCH_FOLDER").map(PathBuf::from);
    let folder = kept.as_deref().unwrap_or(made.path());
    let like = std::env::var_os("CROSSFILL_BENCH_LIKE").map(|path| templates(Path::new(&path)));
    let work = |n: usize| match &like {
        Some(like) => like[n % like.len()].replace("{n}", &format!("{n:09}")),
        None => work(n),
    };
    let sorted = make(works, &folder.join("sorted"), work);
    // A permutation: the factor shares no divisor with the modulus.
    let factor = (works / 2..)
        .find(|factor| gcd(*factor, works) == 1)
        .unwrap();
    let unsorted = make(works, &folder.join("unsorted"), |n| {
        work((n as u128 * factor as u128 % works as u128) as usize)
    });
    let packed: u64 = sorted
        .iter()
        .map(|path| path.metadata().unwrap().len())
        .sum();

    let (gunzip, bytes) = gunzip(&sorted);
    println!(
        "{works} works, {:.2} GB in {} files of {:.2} GB",
        bytes as f64 / 1e9,
        sorted.len(),
        packed as f64 / 1e9
    );
    let (project, compress, append) = parts(works, &sorted, folder);
    let parts = gunzip + project + compress + append;
    println!(
        "parts: gunzip {gunzip:.2} s, project {project:.2} s, compress {compress:.2} s, append {append:.2} s: {parts:.2} s"
    );
    for (name, sorted_files) in [("sorted", true), ("unsorted", false)] {
        let files = if sorted_files { &sorted } else { &unsorted };
        let store = folder.join(format!("store-{name}"));
        let _ = std::fs::remove_dir_all(&store);
        let (time, memory) = import(files[0].parent().unwrap(), &store);
        let size = store.join("data.mdb").metadata().unwrap().len();
        println!(
            "{name}: {time:.2} s, {:.0} works/s, {:.0} % of the parts' speed, {:.0} % of gunzip alone; RssAnon {:.0} MB, store {:.2} GB",
            works as f64 / time,
            100.0 * parts / time,
            100.0 * gunzip / time,
            memory as f64 / 1024.0,
            size as f64 / 1e9
        );
        let all = 180e6 / works as f64;
        println!(
            "{name}, 180 M works: {:.1} h, {:.0} GB",
            time * all / 3600.0,
            size as f64 * all / 1e9
        );
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Does `work` with each item, on all cores.
fn on_all_cores<T: Sync>(items: &[T], work: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    work(at, item);
                }
            });
        }
    });
}

/// Real works, with `{n}` for the number in their DOI.
fn templates(path: &Path) -> Vec<String> {
    let file = BufReader::new(File::open(path).unwrap());
    let input: Box<dyn Read> = match path.extension().is_some_and(|own| own == "gz") {
        true => Box::new(MultiGzDecoder::new(file)),
        false => Box::new(file),
    };
    let lines = BufReader::new(input).lines().map(Result::unwrap);
    lines
        .filter(|line| !line.contains("{n}"))
        .map(|line| {
            let own = members(&line);
            let rest = own.iter().filter(|(key, _)| key != "DOI");
            let rest: String = rest
                .map(|(key, value)| format!(",\"{key}\":{value}"))
                .collect();
            format!("{{\"DOI\":\"10.5555/bench.{{n}}\"{rest}}}")
        })
        .collect()
}

/// Files of works, if they are not there yet; the `n`-th work is `work(n)`.
fn make(works: usize, folder: &Path, work: impl Fn(usize) -> String + Sync) -> Vec<PathBuf> {
    std::fs::create_dir_all(folder).unwrap();
    let count = works.div_ceil(FILE);
    let paths: Vec<PathBuf> = (0..count)
        .map(|file| folder.join(format!("{file}.jsonl.gz")))
        .collect();
    on_all_cores(&paths, |file, path| {
        if path.exists() {
            return;
        }
        let mut out = GzEncoder::new(File::create(path).unwrap(), Compression::default());
        for n in file * FILE..works.min((file + 1) * FILE) {
            writeln!(out, "{}", work(n)).unwrap();
        }
        out.finish().unwrap();
    });
    paths
}

/// The vocabulary: 8,192 words of syllables.
static VOCABULARY: LazyLock<Vec<String>> = LazyLock::new(|| {
    const SYLLABLES: [&str; 64] = [
        "an", "ti", "co", "re", "de", "in", "ter", "pro", "al", "is", "mo", "lo", "gy", "ent",
        "ar", "sur", "the", "ro", "po", "ly", "me", "tal", "ic", "ra", "di", "os", "con", "fer",
        "en", "ce", "ber", "vi", "sta", "nu", "cle", "per", "for", "ma", "ge", "ne", "tic", "he",
        "mi", "pa", "th", "ol", "ut", "or", "es", "ba", "li", "si", "do", "qu", "ex", "tra", "ve",
        "su", "lar", "ium", "on", "ver", "gra", "ph",
    ];
    let word = |n: u64| {
        let hash = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let syllable = |at: u64| SYLLABLES[(hash >> (6 * at + 4)) as usize % 64];
        (0..2 + (hash >> 62) % 3).map(syllable).collect()
    };
    (0..8_192).map(word).collect()
});

/// Words, some of them frequent and most of them rare, as in a language: so a work has its own text,
/// is as large packed as real ones are (a fifth), and takes as long to unpack.
fn words(seed: u64, count: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    for _ in 0..count {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        if !text.is_empty() {
            text.push(' ');
        }
        let uniform = state >> 40;
        let skewed = (((uniform * uniform) >> 24) * uniform) >> 24;
        text.push_str(&VOCABULARY[(skewed >> 11) as usize]);
    }
    text
}

fn work(n: usize) -> String {
    let seed = n as u64;
    let references: Vec<String> = (0..17)
        .map(|at| {
            let doi = (seed * 31 + at * 7_919) % 9_999_999;
            let own = seed * 29 + at;
            let cited = own.wrapping_mul(2_654_435_761) >> 7;
            format!(
                r#"{{"key":"10.5555/bench.{n:09}-BIB{at}","doi-asserted-by":"publisher","first-page":"{page}","DOI":"10.{prefix}/{code}.{doi:07}","article-title":"{title}","volume":"{volume}","author":"{author}","year":"{year}","journal-title":"{journal}"}}"#,
                page = cited % 2_000,
                prefix = 1_000 + cited / 8 % 300,
                code = words(cited % 997, 1),
                title = words(own, 3),
                volume = cited % 120,
                author = words(own * 3, 1),
                year = 1950 + doi % 70,
                journal = words(cited % 499, 3),
            )
        })
        .collect();
    format!(
        r#"{{"DOI":"10.5555/bench.{n:09}","ISSN":["2575-1654"],"URL":"https://doi.org/10.5555/bench.{n:09}","author":[{{"ORCID":"https://orcid.org/0000-0002-{a:04}-{b:04}","affiliation":[{{"name":"University of {place}"}}],"family":"{family}","given":"{given}","sequence":"first"}},{{"affiliation":[],"family":"{family2}","given":"R.","sequence":"additional"}}],"container-title":["Journal of {place}"],"content-domain":{{"crossmark-restriction":false,"domain":[]}},"created":{{"date-parts":[[2021,7,3]],"date-time":"2021-07-03T04:{m:02}:11Z","timestamp":16252850{m:02}000}},"deposited":{{"date-parts":[[2021,7,3]],"date-time":"2021-07-03T04:{m:02}:12Z","timestamp":16252851{m:02}000}},"indexed":{{"date-parts":[[2026,5,4]],"date-time":"2026-05-04T14:38:{m:02}Z","timestamp":17779055{m:02}519}},"is-referenced-by-count":{i},"issn-type":[{{"type":"electronic","value":"2575-1654"}}],"issue":"{i}","issued":{{"date-parts":[[2021,7,3]]}},"language":"en","license":[{{"URL":"https://creativecommons.org/licenses/by/4.0/","content-version":"vor","delay-in-days":0,"start":{{"date-parts":[[2021,7,3]],"date-time":"2021-07-03T00:00:00Z","timestamp":1625270400000}}}}],"link":[{{"URL":"https://subjects.example/{n}.pdf","content-type":"application/pdf","content-version":"vor","intended-application":"text-mining"}}],"member":"17","page":"{n}-{last}","prefix":"10.5555","published":{{"date-parts":[[2021,7,3]]}},"published-online":{{"date-parts":[[2021,7,3]]}},"publisher":"Society of {place}","reference":[{references}],"reference-count":17,"references-count":17,"relation":{{}},"resource":{{"primary":{{"URL":"https://subjects.example/{n}"}}}},"score":0.0,"short-container-title":["J. Subj."],"short-title":[],"source":"Crossref","subject":[],"subtitle":[],"title":["{title}"],"type":"journal-article","volume":"{v}"}}"#,
        a = n % 9_973,
        b = n % 9_967,
        m = n % 60,
        i = n % 12,
        v = n % 50,
        last = n + 9,
        place = words(seed % 4_001, 3),
        family = words(seed * 3 + 1, 1),
        given = words(seed * 5 + 2, 2),
        family2 = words(seed * 7 + 3, 1),
        title = words(seed, 11),
        references = references.join(","),
    )
}

/// Seconds, and bytes that came out.
fn gunzip(files: &[PathBuf]) -> (f64, usize) {
    let bytes = AtomicUsize::new(0);
    let start = Instant::now();
    on_all_cores(files, |_, path| {
        let mut input = MultiGzDecoder::new(BufReader::with_capacity(
            64 << 10,
            File::open(path).unwrap(),
        ));
        let mut block = vec![0; 256 << 10];
        loop {
            match input.read(&mut block).unwrap() {
                0 => break,
                count => bytes.fetch_add(count, Ordering::Relaxed),
            };
        }
    });
    (start.elapsed().as_secs_f64(), bytes.into_inner())
}

/// Seconds that all works take to be projected, compressed and appended, measured with a part of them.
fn parts(works: usize, files: &[PathBuf], folder: &Path) -> (f64, f64, f64) {
    let mut lines = Vec::new();
    for path in files.iter().take(12) {
        let input = MultiGzDecoder::new(BufReader::new(File::open(path).unwrap()));
        lines.extend(BufReader::new(input).lines().map(Result::unwrap));
    }
    let times = works as f64 / lines.len() as f64;
    let pieces: Vec<&[String]> = lines.chunks(500).collect();
    let projected: Vec<Mutex<Vec<String>>> = pieces.iter().map(|_| Mutex::default()).collect();
    let start = Instant::now();
    on_all_cores(&pieces, |at, lines| {
        *projected[at].lock().unwrap() = lines.iter().map(|line| project(line)).collect();
    });
    let project = start.elapsed().as_secs_f64() * times;
    let dictionary = EncoderDictionary::copy(DICTIONARY, 1);
    let packed: Vec<Mutex<Vec<Vec<u8>>>> = pieces.iter().map(|_| Mutex::default()).collect();
    let start = Instant::now();
    on_all_cores(&pieces, |at, _| {
        let mut compressor = Compressor::with_prepared_dictionary(&dictionary).unwrap();
        compressor.include_checksum(true).unwrap();
        let projected = projected[at].lock().unwrap();
        let compressed = projected
            .iter()
            .map(|work| compressor.compress(work.as_bytes()).unwrap());
        *packed[at].lock().unwrap() = compressed.collect();
    });
    let compress = start.elapsed().as_secs_f64() * times;
    let packed: Vec<Vec<u8>> = packed
        .into_iter()
        .flat_map(|piece| piece.into_inner().unwrap())
        .collect();
    (
        project,
        compress,
        append(&packed, &folder.join("append")) * times,
    )
}

/// The members of an object, with their values as they are written.
fn members(line: &str) -> Vec<(Cow<'_, str>, &RawValue)> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::with_capacity(40);
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    let mut parser = serde_json::Deserializer::from_str(line);
    parser.deserialize_map(Members).unwrap()
}

fn project(line: &str) -> String {
    let mut out = String::with_capacity(4 << 10);
    for (key, value) in members(line) {
        if key != "reference" {
            out.push(if out.is_empty() { '{' } else { ',' });
            out.push('"');
            out.push_str(&key);
            out.push_str("\":");
            out.push_str(value.get());
        }
    }
    out.push('}');
    out
}

fn append(values: &[Vec<u8>], folder: &Path) -> f64 {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).unwrap();
    // SAFETY: nobody else knows the folder.
    let env = unsafe {
        EnvOpenOptions::new()
            .map_size(1 << 36)
            .max_dbs(1)
            .open(folder)
    }
    .unwrap();
    let txn = env.write_txn().unwrap();
    let table = env
        .create_databases_and_commit(txn, |opener, txn| {
            let table = opener.create_database::<Bytes, Bytes>(txn, Some("works"))?;
            Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(table))
        })
        .unwrap()
        .unwrap_commit();
    let start = Instant::now();
    for (at, values) in values.chunks(20_000).enumerate() {
        let mut txn = env.write_txn().unwrap();
        for (n, value) in values.iter().enumerate() {
            let key = format!("10.5555/bench.{:09}", at * 20_000 + n);
            table
                .put_with_flags(&mut txn, PutFlags::APPEND, key.as_bytes(), value)
                .unwrap();
        }
        txn.commit().unwrap();
    }
    start.elapsed().as_secs_f64()
}

/// Seconds, and the most anonymous memory in KiB.
fn import(data: &Path, store: &Path) -> (f64, u64) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossfill"));
    command.args(["store", "import", "--quiet", "--store"]);
    let (time, memory) = measure::run(command.args([store, data]));
    (time.as_secs_f64(), memory)
}
