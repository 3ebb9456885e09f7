//! Nothing is lost: every record leaves once, in order, with every value as it was written; and
//! running on an output changes nothing.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::util::Dir;

/// JSON text of all kinds, as people and programs write it.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("\"\"".to_owned()),
        Just("0.5000".to_owned()),
        Just("-0.0".to_owned()),
        Just("1E400".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        Just("\"\\ud800\\u0000\"".to_owned()),
        Just("\"a\\/b\"".to_owned()),
        "[a-zé<&\u{a0} ]{0,12}".prop_map(|text| format!("\"{text}\"")),
        any::<i64>().prop_map(|n| n.to_string()),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|all| format!("[{}]", all.join(", "))),
            prop::collection::vec(("[a-c]", inner), 0..3).prop_map(|all| {
                let members: Vec<String> = all
                    .iter()
                    .map(|(key, value)| format!("\"{key}\" :{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn record() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        "[a-z]{1,3}",
        Just("title".into()),
        Just("volume".into()),
        Just("journal".into()),
        Just("d\\u006fi".into()),
        Just("authors".into())
    ];
    let doi = prop_oneof![
        (0..9_usize).prop_map(|n| format!("\"doi\":\"10.5555/W.{n}\"")),
        Just("\"doi\":\"10.5555/unknown\"".to_owned()),
        Just("\"doi\":\"nonsense\"".to_owned()),
        Just("\"x\":1".to_owned()),
    ];
    (doi, prop::collection::vec((key, value()), 0..6)).prop_map(|(doi, members)| {
        let members: String = members
            .iter()
            .map(|(key, value)| format!(",\"{key}\":{value}"))
            .collect();
        format!("{{{doi}{members}}}")
    })
}

/// The raw text of each member, in order.
fn members(text: &str) -> Vec<(String, String)> {
    use serde_json::value::RawValue;
    struct Members;
    impl<'de> serde::de::Visitor<'de> for Members {
        type Value = Vec<(String, String)>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                members.push((key.get().to_owned(), value.get().to_owned()));
            }
            Ok(members)
        }
    }
    let mut parser = serde_json::Deserializer::from_str(text);
    serde::de::Deserializer::deserialize_map(&mut parser, Members).unwrap()
}

fn says_nothing(raw: &str) -> bool {
    match serde_json::from_str::<Value>(raw) {
        Ok(Value::Null) => true,
        Ok(Value::String(text)) => text.trim().is_empty(),
        Ok(Value::Array(all)) => all.is_empty(),
        Ok(Value::Object(all)) => all.is_empty(),
        _ => false,
    }
}

#[test]
fn any_records_in_any_profile() {
    let dir = Dir::new();
    let works: String = (0..9).map(|n| {
        let body = format!("\"DOI\":\"10.5555/w.{n}\",\"type\":\"journal-article\",\"title\":[\"Work {n}\"],\"volume\":\"{n}\",\"issue\":\"2\",\"author\":[{{\"given\":\"A\",\"family\":\"B\"}}],\"container-title\":[\"J\"],\"is-referenced-by-count\":3");
        format!("{{{body}}}\n")
    }).collect();
    dir.write("works.jsonl", works);
    dir.write(
        "config.toml",
        "store=\"store\"\ndata_files=[\"works.jsonl\"]\noffline=true\n",
    );
    let mut runner = TestRunner::new(Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    });
    let cases = (
        prop::collection::vec(record(), 0..12),
        prop::sample::select(vec!["auto", "scholar", "crossref"]),
    );
    runner
        .run(&cases, |(records, profile)| {
            let input: String = records.iter().map(|record| format!("{record}\n")).collect();
            dir.write("in.jsonl", &input);
            dir.run(&["in.jsonl", "-o", "out.jsonl", "--profile", profile])
                .code(0);
            let output = dir.read("out.jsonl");
            prop_assert_eq!(output.lines().count(), records.len());
            for (before, after) in input.lines().zip(output.lines()) {
                let (old, new) = (members(before), members(after));
                prop_assert!(new.len() > old.len(), "{}\n{}", before, after);
                let last = |key: &str| old.iter().rposition(|(other, _)| other == key);
                for (at, ((key, value), (new_key, new_value))) in old.iter().zip(&new).enumerate() {
                    prop_assert_eq!(key, new_key);
                    // Only the last of duplicates is the value, and only if it says nothing is it filled;
                    // an object may be filled inside.
                    let may_be_filled =
                        last(key) == Some(at) && (says_nothing(value) || value.starts_with('{'));
                    prop_assert!(value == new_value || may_be_filled, "{}\n{}", before, after);
                }
                prop_assert_eq!(
                    new.last().map(|(key, _)| key.as_str()),
                    Some("\"_crossfill\"")
                );
            }
            // On its own output: the same bytes.
            dir.run(&["out.jsonl", "-o", "again.jsonl", "--profile", profile])
                .code(0);
            prop_assert_eq!(dir.read("again.jsonl"), output);
            Ok(())
        })
        .unwrap();
}

#[test]
fn pretty_records_become_a_line_and_keep_their_tokens() {
    let dir = Dir::new();
    dir.write(
        "in.json",
        "{\r\n  \"a\" : 0.50,\r\n  \"b\": [\r\n    1 ]\r\n}\n",
    );
    dir.run(&[
        "in.json",
        "-o",
        "out.jsonl",
        "--store",
        "s",
        "--offline",
        "--note",
        "",
    ])
    .code(0);
    assert_eq!(
        dir.read("out.jsonl"),
        "{  \"a\" : 0.50,  \"b\": [    1 ]}\n"
    );
}

#[test]
fn a_foreign_note_is_left_alone_and_counted() {
    let dir = Dir::new();
    dir.write("in.jsonl", "{\"_crossfill\":\"mine\",\"a\":1}\n");
    dir.run(&["in.jsonl", "-o", "out.jsonl", "--store", "s", "--offline"])
        .code(0)
        .says("foreign `_crossfill`");
    assert_eq!(dir.read("out.jsonl"), "{\"_crossfill\":\"mine\",\"a\":1}\n");
}

#[test]
fn a_run_without_an_answer_leaves_the_old_note() {
    let dir = Dir::new();
    let line = "{\"doi\":\"10.5555/x\",\"_crossfill\":{\"status\":\"enriched\", \"filled\":[\"volume\"]},\"a\":1}\n";
    dir.write("in.jsonl", line);
    dir.run(&["in.jsonl", "-o", "out.jsonl", "--store", "s", "--offline"])
        .code(0);
    assert_eq!(dir.read("out.jsonl"), line);
}

#[test]
fn what_is_skipped_keeps_its_note() {
    let dir = Dir::new();
    dir.write("works.jsonl", "{\"DOI\":\"10.5555/x\",\"title\":[\"A title of its own\"],\"volume\":\"7\",\"type\":\"journal-article\"}\n");
    dir.write("config.toml", "store=\"s\"\ndata_files=[\"works.jsonl\"]\noffline=true\nskip_complete=true\nprofile=\"scholar\"\n");
    dir.write("in.jsonl", "{\"doi\":\"10.5555/x\",\"title\":\"\",\"journal\":{\"volume\":\"8\"}}\n{\"doi\":\"10.5555/x\"}\n");
    dir.run(&["in.jsonl", "-o", "1.jsonl"]).code(0);
    dir.run(&["1.jsonl", "-o", "2.jsonl"]).code(0);
    assert_eq!(dir.read("1.jsonl"), dir.read("2.jsonl"));
    assert!(
        dir.read("2.jsonl")
            .contains("\"differs\":{\"journal.volume\":\"7\"}")
    );
    assert!(dir.read("2.jsonl").contains("\"status\":\"skipped\""));
}
