use super::*;
use proptest::prelude::*;

fn written(text: &str, sets: &[(&[&str], &str)], note: Option<(&str, &str)>) -> String {
    let record = Record::parse(text).unwrap();
    let mut patch = Patch::default();
    for (path, value) in sets {
        patch.set(path, (*value).to_owned());
    }
    let mut out = Vec::new();
    record.write(&patch, note, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn values_are_spliced_and_the_rest_stays() {
    assert_eq!(
        written(
            r#"{"a":0.5000, "j":{"v":"", "p" : 1E400},"a":null}"#,
            &[(&["a"], "1"), (&["j", "v"], "\"4 1\"")],
            None
        ),
        r#"{"a":0.5000, "j":{"v":"4 1", "p" : 1E400},"a":1}"#
    );
}

#[test]
fn keys_are_added_in_order_before_the_note() {
    let sets: &[(&[&str], &str)] = &[(&["x"], "1"), (&["y", "z"], "2"), (&["y", "w"], "3")];
    let note = Some(("_n", "{}"));
    for (text, expected) in [
        (r#"{"a":1}"#, r#"{"a":1,"x":1,"y":{"z":2,"w":3},"_n":{}}"#),
        ("{}", r#"{"x":1,"y":{"z":2,"w":3},"_n":{}}"#),
        ("{ }", r#"{"x":1,"y":{"z":2,"w":3},"_n":{} }"#),
        (r#"{"_n":0}"#, r#"{"x":1,"y":{"z":2,"w":3},"_n":{}}"#),
        (
            r#"{"a":1,"_n":0}"#,
            r#"{"a":1,"x":1,"y":{"z":2,"w":3},"_n":{}}"#,
        ),
        (
            r#"{"_n":0,"a":1}"#,
            r#"{"_n":{},"a":1,"x":1,"y":{"z":2,"w":3}}"#,
        ),
        (r#"{"y":null}"#, r#"{"y":{"z":2,"w":3},"x":1,"_n":{}}"#),
        (r#"{"y":{}}"#, r#"{"y":{"z":2,"w":3},"x":1,"_n":{}}"#),
        (
            r#"{"y":{"q":0}}"#,
            r#"{"y":{"q":0,"z":2,"w":3},"x":1,"_n":{}}"#,
        ),
        (r#"{"y":7}"#, r#"{"y":7,"x":1,"_n":{}}"#),
    ] {
        assert_eq!(written(text, sets, note), expected, "{text}");
    }
}

#[test]
fn line_breaks_between_tokens_go() {
    assert_eq!(
        written(
            "{\r\n  \"a\": \"x\\ny\",\n  \"b\": null\n}",
            &[(&["b"], "2")],
            None
        ),
        "{  \"a\": \"x\\ny\",  \"b\": 2}"
    );
}

#[test]
fn slots() {
    let record =
        Record::parse(r#"{"a":{"b":"x","c":" "},"n":null,"e":{},"s":"x","l":[1]}"#).unwrap();
    assert_eq!(record.slot(&["a", "b"]), Slot::Value("\"x\""));
    assert_eq!(record.slot(&["a", "c"]), Slot::Missing);
    assert_eq!(record.slot(&["a", "d"]), Slot::Absent);
    assert_eq!(record.slot(&["n"]), Slot::Missing);
    assert_eq!(record.slot(&["n", "x"]), Slot::Hollow);
    assert_eq!(record.slot(&["e", "x"]), Slot::Hollow);
    assert_eq!(record.slot(&["s", "x"]), Slot::Blocked);
    assert_eq!(record.slot(&["l", "x"]), Slot::Blocked);
    assert_eq!(record.slot(&["q", "x"]), Slot::Absent);
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("1E400".to_owned()),
        Just("0.5000".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"\\u0000 \"".to_owned()),
        any::<String>().prop_map(|text| json::quote(&text)),
        any::<i128>().prop_map(|n| n.to_string()),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(json::array),
            prop::collection::vec(("[a-d]", inner), 0..4).prop_map(|members| {
                let mut out = json::ObjectWriter::new();
                for (key, value) in &members {
                    out.raw(key, value);
                }
                out.finish()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn every_untouched_value_keeps_its_bytes(
        members in prop::collection::vec(("[a-h]", value()), 0..8),
        paths in prop::collection::vec(prop::collection::vec("[a-h]", 1..3), 0..5),
    ) {
        let mut text = json::ObjectWriter::new();
        for (key, value) in &members {
            text.raw(key, value);
        }
        let text = text.finish();
        let record = Record::parse(&text).unwrap();
        let mut patch = Patch::default();
        for path in &paths {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            patch.set(&path, "\"set\"".into());
        }
        let mut out = Vec::new();
        record.write(&patch, Some(("_note", "{}")), &mut out);
        let out = String::from_utf8(out).unwrap();
        let after = Record::parse(&out).unwrap();
        let touched: Vec<&str> = paths.iter().map(|path| path[0].as_str()).collect();
        let before = record.object().members();
        for (old, new) in before.iter().zip(after.object().members()) {
            prop_assert_eq!(old.name(), new.name());
            if !touched.contains(&old.name().as_ref()) {
                prop_assert_eq!(old.value, new.value);
            }
        }
        prop_assert!(after.object().members().len() > before.len());
        prop_assert_eq!(after.get("_note"), Some("{}"));
        // Nothing to do leaves every byte.
        let mut same = Vec::new();
        record.write(&Patch::default(), None, &mut same);
        prop_assert_eq!(same, text.as_bytes());
    }
}
