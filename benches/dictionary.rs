//! Makes the store's dictionary, and measures what it is good for:
//! `cargo bench --bench dictionary -- WORKS.jsonl.gz [DICTIONARY]`.
//!
//! WORKS are Crossref works, one a line, as in its public data file; a few thousand of many
//! publishers do. From every second one, without references and without its abstract, so that only
//! bibliographic facts get in, a dictionary is trained; DICTIONARY, if given, is written. The other
//! half shows bytes and time a work, with the dictionary and without.
//!
//! Values name the dictionary that they need. A new one is a new format of the store: the old one
//! must stay beside it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that can't go on may end anywhere, and prints its figures"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::Instant;

use serde_json::value::RawValue;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Bytes of a dictionary.
const SIZE: usize = 64 << 10;

const LEVEL: i32 = 1;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    // `cargo test --benches` only wants to know that it builds.
    let Some(works) = arguments.next() else {
        return;
    };
    let input = BufReader::new(flate2::read::MultiGzDecoder::new(
        File::open(&works).unwrap(),
    ));
    let (mut samples, mut others) = (Vec::new(), Vec::new());
    for (number, line) in input.lines().enumerate() {
        let line = line.unwrap();
        let mut members: BTreeMap<&str, &RawValue> = serde_json::from_str(&line).unwrap();
        members.remove("reference");
        if number % 2 == 0 {
            members.remove("abstract");
        }
        // The API has its own order of keys, data files that of the alphabet.
        let mut members: Vec<_> = members.into_iter().collect();
        if number % 4 < 2 {
            members.sort_by_key(|(_, value)| value.get().as_ptr());
        }
        let members = members
            .iter()
            .map(|(key, value)| format!("\"{key}\":{value}"));
        let work = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        let works = if number % 2 == 0 {
            &mut samples
        } else {
            &mut others
        };
        works.push(work.into_bytes());
    }
    let dictionary = zstd::dict::from_samples(&samples, SIZE).unwrap();
    let id = u32::from_le_bytes(dictionary[4..8].try_into().unwrap());
    println!(
        "{} works, dictionary {id:#x} of {} bytes",
        samples.len(),
        dictionary.len()
    );
    if let Some(path) = arguments.next() {
        std::fs::write(path, &dictionary).unwrap();
    }
    let bytes: usize = others.iter().map(Vec::len).sum();
    println!(
        "plain:            {:6.0} bytes a work",
        bytes as f64 / others.len() as f64
    );
    let (into, from) = (
        EncoderDictionary::copy(&dictionary, LEVEL),
        DecoderDictionary::copy(&dictionary),
    );
    measure(
        "zstd",
        &others,
        Compressor::new(LEVEL).unwrap(),
        Decompressor::new().unwrap(),
    );
    measure(
        "with dictionary",
        &others,
        Compressor::with_prepared_dictionary(&into).unwrap(),
        Decompressor::with_prepared_dictionary(&from).unwrap(),
    );
}

fn measure(
    name: &str,
    works: &[Vec<u8>],
    mut compressor: Compressor<'_>,
    mut decompressor: Decompressor<'_>,
) {
    let start = Instant::now();
    let packed: Vec<_> = works
        .iter()
        .map(|work| compressor.compress(work).unwrap())
        .collect();
    let packing = start.elapsed().as_secs_f64();
    let bytes: usize = packed.iter().map(Vec::len).sum();
    let mut out = Vec::with_capacity(16 << 20);
    let start = Instant::now();
    for packed in &packed {
        out.clear();
        decompressor.decompress_to_buffer(packed, &mut out).unwrap();
    }
    let unpacking = start.elapsed().as_secs_f64();
    let count = works.len() as f64;
    println!(
        "{:17} {:6.0} bytes a work  {:8.0} works/s in  {:8.0} works/s out",
        format!("{name}:"),
        bytes as f64 / count,
        count / packing,
        count / unpacking
    );
}
