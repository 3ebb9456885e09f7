//! `docs/statuses.md`: its examples are what the program does, and it leaves no status out.

use std::collections::HashMap;
use std::io::Read as _;

use crossfill::Status;
use serde_json::Value;

use crate::resolve::script;
use crate::util::fake::Fault;
use crate::util::{Dir, Fake, repository};

/// Refused in the page's example.
const REFUSED: &str = "10.1109/tit.2024.3350518";

fn page() -> String {
    std::fs::read_to_string(repository("docs/statuses.md")).unwrap()
}

/// The works that the repository has, by DOI.
fn real_works() -> HashMap<String, String> {
    let file = std::fs::File::open(repository("tests/data/crossref/0.jsonl.gz")).unwrap();
    let mut text = String::new();
    let mut plain = flate2::read::MultiGzDecoder::new(file);
    plain.read_to_string(&mut text).unwrap();
    let works = text.lines().map(|line| {
        let work: Value = serde_json::from_str(line).unwrap();
        let doi = work["DOI"].as_str().unwrap().to_owned();
        (doi, line.to_owned())
    });
    works.collect()
}

/// Each example: the record as it came, and as it left.
fn examples(page: &str) -> Vec<(String, String)> {
    let blocks = page.split("```json\n").skip(1);
    blocks
        .map(|block| {
            let block = block.split("```").next().unwrap();
            let (before, after) = block.trim_end().split_once('\n').unwrap_or((block, ""));
            (before.trim_end().to_owned(), after.to_owned())
        })
        .collect()
}

#[test]
fn the_examples_are_what_runs_do() {
    let examples = examples(&page());
    let dir = Dir::new();
    let input: String = examples
        .iter()
        .map(|(before, _)| format!("{before}\n"))
        .collect();
    dir.write("in.jsonl", input);
    dir.write("plain.toml", "[enrich]\nadd = false\n");
    dir.write("skip.toml", "skip_complete = true\n[enrich]\nadd = false\n");
    let mut known = script(real_works());
    known.aliases.insert(
        "10.26434/chemrxiv.5406907".to_owned(),
        "10.26434/chemrxiv.5406907.v5".to_owned(),
    );
    known
        .agencies
        .insert("10.5281".into(), ("datacite".into(), "DataCite".into()));
    known.fault = Some(Box::new(|seen| {
        let refused = seen.dois.iter().any(|doi| doi == REFUSED);
        refused.then(|| Fault::Status(451, "", vec![]))
    }));
    let fake = Fake::start(known);
    let mut outputs: Vec<Vec<String>> = Vec::new();
    for (more, code) in [
        (&["--config", "plain.toml", "--store", "a"][..], 3),
        (&["--config", "skip.toml", "--store", "a"], 3),
        (&["--config", "plain.toml", "--store", "b", "--offline"], 0),
        (
            &["--config", "plain.toml", "--store", "c", "--limit", "0"],
            3,
        ),
    ] {
        let url = fake.url();
        let usual = ["in.jsonl", "-o", "out.jsonl", "--base-url", &url];
        let polite = ["--mailto", crate::util::MAILTO];
        dir.run(&[&usual[..], &polite, more].concat()).code(code);
        outputs.push(dir.read("out.jsonl").lines().map(str::to_owned).collect());
    }
    let mut seen: Vec<String> = Vec::new();
    for (n, (before, after)) in examples.iter().enumerate() {
        let left: Vec<&str> = outputs.iter().map(|lines| lines[n].as_str()).collect();
        assert!(
            left.contains(&after.as_str()),
            "{before}\nleaves, by kind of run, as\n{}",
            left.join("\n")
        );
        let after: Value = serde_json::from_str(after).unwrap();
        seen.push(crate::util::status(&after).to_owned());
    }
    for status in Status::ALL {
        let name = status.as_str();
        assert!(seen.iter().any(|seen| seen == name), "no example of {name}");
    }
}

#[test]
fn each_status_has_its_part() {
    let page = page();
    for status in Status::ALL {
        let name = status.as_str();
        assert!(page.contains(&format!("\n## `{name}`\n")), "{name}");
        assert!(page.contains(&format!("| [`{name}`](#{name}) |")), "{name}");
    }
    for why in ["offline", "limit", "unavailable", "refused", "too_large"] {
        assert!(page.contains(&format!("\n| `{why}` |")), "{why}");
    }
}
