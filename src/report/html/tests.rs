use super::*;
use crate::report::{Difference, RecordPlace};

/// A report as another program could have written it.
fn hostile(text: &str) -> RunReport {
    let json = serde_json::json!({
        "format": 1, "version": text, "started": text, "records": 1,
        "statuses": {text: 1}, "filled": {text: 1},
        "coverage": [{"profile": text, "records": 1, "fields": [{"name": text, "before": 9, "after": 2}]}],
        "journals": [{"name": text}], "publishers": [{"name": text}],
        "mismatches": [{"file": text, "doi": text, "record": text, "crossref": text, "evidence": {text: text}}],
        "retractions": [{"file": text, "doi": text, "title": text, "retracted": {"type": text, "notice": text}}],
        "differences": [{"file": text, "doi": text, "field": text, "record": text, "crossref": [text]}],
        "files": {"output": text, "rejects": text, "review": text}, "rejects": 1,
        "settings": {"input": [text], text: {text: text}},
    });
    serde_json::from_value(json).unwrap()
}

#[test]
fn nothing_from_outside_becomes_markup() {
    let plain = hostile("x").html().unwrap();
    let marks = |page: &str| ["<", ">", "\"", "'"].map(|mark| page.matches(mark).count());
    for text in [
        "<script>alert(1)</script>",
        "\" onload=\"alert(1)",
        "' onload='alert(1)",
        "--><img src=x onerror=alert(1)>",
        "</title></style></script><script>alert(1)</script>",
        "javascript:alert(1)",
        "{{ policy }}{% raw %}",
        "a\u{202e}b\u{1b}\u{0}\r\n",
    ] {
        let page = hostile(text).html().unwrap();
        assert_eq!(marks(&page), marks(&plain), "{text}");
        assert!(!page.contains("href=\"javascript"), "{text}");
        let obeyed = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n');
        assert!(!page.contains(obeyed), "{text:?}");
    }
}

#[test]
fn an_empty_report_is_a_page() {
    let page = RunReport::default().html().unwrap();
    assert!(page.contains("There was no record in the input."));
    assert!(page.contains("too short for a picture"));
    assert!(!page.contains("id=\"q\""), "nothing to search, no search");
}

#[test]
fn what_is_not_on_the_page_is_somewhere() {
    let difference = Difference {
        place: RecordPlace::default(),
        field: "title".to_owned(),
        ..Difference::default()
    };
    let report = RunReport {
        differences: vec![difference; 500],
        differs: [("title", 1_234)].into_iter().collect(),
        files: super::super::Files {
            output: "out.jsonl".to_owned(),
            ..Default::default()
        },
        ..RunReport::default()
    };
    let page = report.html().unwrap();
    let note = "These are the first 500 of 1,234. All of them are in out.jsonl: each record&#x27;s note has its own.";
    assert!(page.contains(note));
}
