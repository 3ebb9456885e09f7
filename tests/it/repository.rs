//! What the README promises of this repository as it is.

use serde_json::Value;

use crate::util::{Dir, repository};

/// The README's first command, with its output and store in another folder.
fn seeds(dir: &Dir, output: &str) {
    let config = repository("config.toml");
    let seeds = repository("seeds");
    dir.run(&[
        seeds.to_str().unwrap(),
        "-o",
        output,
        "--store",
        "store",
        "--offline",
        "--config",
        config.to_str().unwrap(),
    ])
    .code(0);
}

#[test]
fn the_seeds_are_enriched_offline_from_the_bundled_slice() {
    let dir = Dir::new();
    seeds(&dir, "out.jsonl");
    // Not through a JSON reader: there are numbers among them that most can't read.
    let output = dir.read("out.jsonl");
    let records: Vec<&str> = output.lines().collect();
    let count = |wanted: &str| {
        let note = format!("\"_crossfill\":{{\"status\":\"{wanted}\"");
        records
            .iter()
            .filter(|record| record.contains(&note))
            .count()
    };
    assert!(
        records.len() >= 60 && count("enriched") >= 40,
        "{} of {}",
        count("enriched"),
        records.len()
    );
    assert_eq!(count("mismatch"), 1);
    assert_eq!(count("invalid_doi"), 1);
    let rejects: Vec<Value> = dir.records("out.rejects.jsonl");
    assert_eq!(rejects.len(), 2, "the cut page and the ragged row");
    // The user's own document leaves as it came, but for its note.
    let own = std::fs::read_to_string(repository("seeds/000_4effffe76dd68391.txt")).unwrap();
    let record = own.lines().next().unwrap().strip_suffix('}').unwrap();
    let first = output.lines().next().unwrap();
    assert!(
        first.starts_with(record) && first.contains("\"PeriodicalIF\":0.5000"),
        "{first}"
    );

    // Running on the output changes nothing.
    dir.run(&[
        "out.jsonl",
        "-o",
        "again.jsonl",
        "--store",
        "store",
        "--offline",
    ])
    .code(0);
    assert_eq!(dir.read("again.jsonl"), output);
}

#[test]
fn the_readme_has_the_commands_that_work() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    for command in ["cargo run --release -- --offline", "cargo test"] {
        assert!(readme.contains(command), "{command}");
    }
    let ci = std::fs::read_to_string(repository(".ci/run")).unwrap();
    assert!(ci.contains("cargo test"));
}

#[test]
fn the_container_is_built_from_what_is_there() {
    let containerfile = std::fs::read_to_string(repository("contrib/Containerfile")).unwrap();
    let copied: Vec<&str> = containerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|line| !line.starts_with("--from"))
        .flat_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words[..words.len() - 1].to_vec()
        })
        .collect();
    for name in &copied {
        assert!(repository(name).exists(), "{name}");
    }
    // Without one of these cargo does not begin.
    for name in ["Cargo.toml", "Cargo.lock", "README.md", "src", "benches"] {
        assert!(copied.contains(&name), "{name}");
    }
    // It is not root's, and finds its certificates.
    assert!(containerfile.contains("\nUSER 10001") && containerfile.contains("ca-certificates"));
}
