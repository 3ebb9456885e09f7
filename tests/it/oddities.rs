//! The oddities of Crossref's data that `tests/data/oddities.jsonl` lists: members of real works, each
//! with what both profiles make of it. Abstracts are our own words in the markup of the work.

use serde_json::{Map, Value, json};

use crate::util::Dir;

/// A record of scholar's keys with nothing in it but its DOI.
fn empty_of_scholar(doi: &Value) -> Value {
    let mut record = json!({"doi": doi, "journal": {"name": null, "volume": "", "pages": ""}});
    for key in [
        "title",
        "authors",
        "abstract",
        "url",
        "DOIUrl",
        "PeriodicalName",
        "publicationDate",
        "EPubDate",
        "publicationTypes",
        "citationCount",
        "openAccessPdf",
        "isOpenAccess",
        "fieldsOfStudy",
    ] {
        record[key] = Value::Null;
    }
    record
}

fn lines<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    values.map(|value| format!("{value}\n")).collect()
}

#[test]
fn each_oddity_becomes_what_a_person_reads() {
    let listed = include_str!("../data/oddities.jsonl");
    let listed: Vec<Value> = listed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(listed.len() > 80);
    let dir = Dir::new();
    dir.write("config.toml", "");
    dir.write("works.jsonl", lines(listed.iter().map(|odd| &odd["work"])));
    dir.run(&["store", "import", "works.jsonl", "--store", "store"])
        .code(0);
    let wrong: Vec<String> = ["crossref", "scholar"]
        .into_iter()
        .flat_map(|profile| {
            let records = listed.iter().map(|odd| match profile {
                "scholar" => empty_of_scholar(&odd["work"]["DOI"]),
                _ => json!({"doi": odd["work"]["DOI"]}),
            });
            let records: Vec<Value> = records.collect();
            dir.write("in.jsonl", lines(records.iter()));
            let args = ["in.jsonl", "-o", "out.jsonl", "--config", "config.toml"];
            dir.run(&[&args[..], &["--store", "store", "--offline"]].concat())
                .code(0);
            let written = dir.records("out.jsonl");
            assert_eq!(written.len(), listed.len());
            let pairs = listed.iter().zip(written);
            pairs
                .flat_map(move |(odd, record)| differences(profile, odd, &record))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(profile: &str, odd: &Value, record: &Value) -> Vec<String> {
    let expected: &Map<String, Value> = odd[profile].as_object().unwrap();
    let mut wrong: Vec<String> = expected
        .iter()
        .filter(|(key, value)| {
            record.get(key) != Some(value) && !(value.is_null() && record.get(key).is_none())
        })
        .map(|(key, value)| format!("{key} should be {value}"))
        .collect();
    let retracted = &record["_crossfill"]["retracted"];
    if *retracted != odd["retracted"] {
        wrong.push(format!("retracted is {retracted}"));
    }
    let told = |what| {
        format!(
            "{} ({}): {what}: {record}",
            odd["work"]["DOI"], odd["oddity"]
        )
    };
    wrong.into_iter().map(told).collect()
}
