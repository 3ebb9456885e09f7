use super::*;
use proptest::prelude::*;

#[test]
fn the_last_duplicate_is_the_value_and_keys_may_be_escaped() {
    let object = Object::parse(r#"{"a":1,"\u0061":0.50,"b":{"x":[]}}"#).unwrap();
    assert_eq!(object.get("a"), Some("0.50"));
    assert_eq!(object.get("b"), Some(r#"{"x":[]}"#));
    assert_eq!(object.get("c"), None);
}

#[test]
fn objects_are_found_in_one_pass_as_in_two() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for raw in [
        "[]",
        "[ ]",
        "{}",
        "7",
        "[{}]",
        r#"[{"a":1},7,"{",null,[{"b":2}], { "a" : {"c":[]} , "\u0061":2 } ]"#,
        r#"[{"a":1},{"a":1]"#,
        r#"[{"a":1},{"a"}]"#,
        r#"[{"a":1}]]"#,
        &format!(r#"[{{"a":1}},{{"b":{deep}}},{deep}]"#),
    ] {
        let shown = |object: &Object<'_>| {
            let members = object.members().iter();
            let members = members.map(|member| (member.key.to_owned(), member.value.to_owned()));
            let a = object.get("a").map(str::to_owned);
            (object.text().to_owned(), members.collect::<Vec<_>>(), a)
        };
        let twice = elements(raw)
            .into_iter()
            .filter_map(|raw| Object::parse(raw).ok());
        assert_eq!(
            objects(raw).iter().map(shown).collect::<Vec<_>>(),
            twice.map(|object| shown(&object)).collect::<Vec<_>>(),
            "{raw}"
        );
    }
}

#[test]
fn what_json_allows_is_taken() {
    for text in [
        r#"{"\ud800":"\udc00"}"#,
        r#"{"n":1E400,"m":123456789012345678901234567890}"#,
        r#"{"z":"\u0000"}"#,
        "{ \"a\" : [ 1 ,\n2 ] }",
    ] {
        assert!(Object::parse(text).is_ok(), "{text}");
    }
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    assert!(Object::parse(&deep).is_ok());
}

#[test]
fn missing_values() {
    for raw in [
        "null",
        "\"\"",
        "\" \"",
        "\"\\n\\t\"",
        "[]",
        "{ }",
        "\"\u{a0}\"",
    ] {
        assert!(is_missing(raw), "{raw}");
    }
    for raw in [
        "0",
        "false",
        "\"0\"",
        "[null]",
        "\"\\ud800\"",
        "{\"a\":1}",
        "\"é\"",
    ] {
        assert!(!is_missing(raw), "{raw}");
    }
}

#[test]
fn what_a_terminal_would_obey_is_escaped() {
    assert_eq!(
        quote("a\u{1b}[m\u{9b}31m\u{7f}\u{202e}é \u{a0}…\u{2066}\n"),
        "\"a\\u001b[m\\u009b31m\\u007f\\u202eé \u{a0}…\\u2066\\n\""
    );
}

proptest! {
    #[test]
    fn quoting_is_read_back(text in any::<String>()) {
        let quoted = quote(&text);
        prop_assert_eq!(string(&quoted).map(Cow::into_owned), Some(text.clone()));
        prop_assert_eq!(serde_json::from_str::<String>(&quoted).ok(), Some(text));
    }
}
