use super::*;
use crate::report::{Difference, RecordPlace, Sample};

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

#[test]
fn a_run_that_took_its_time_is_drawn() {
    let sample = |at: u32| Sample {
        at: f64::from(at),
        records: u64::from(at) * 10,
        answered: u64::from(at) * 5,
        requests: u64::from(at),
        waiting: 100,
        paused: at == 2,
    };
    let report = RunReport {
        timeline: (0..5).map(sample).collect(),
        requests: crate::report::Requests {
            list: 4,
            ..Default::default()
        },
        ..RunReport::default()
    };
    let page = report.html().unwrap();
    assert_eq!(page.matches("<path class=\"area\"").count(), 4);
    assert_eq!(page.matches("<rect class=\"pause\"").count(), 4);
    assert!(page.contains("nobody was asked, because of an error"));
    assert!(page.contains("10 on average, 10 at most"));
}

#[test]
fn numbers_that_cannot_be_do_no_harm() {
    let most = u64::MAX;
    let json = serde_json::json!({
        "format": 1, "seconds": 1e300, "records": 1, "offline": most, "limited": most,
        "statuses": {"enriched": most, "unresolved": most}, "filled": {"a": most, "b": most},
        "differs": {"a": most, "b": most}, "retracted": most, "rejects": most,
        "coverage": [{"records": 1, "fields": [{"before": most, "after": 1}]}],
        "requests": {"list": most, "single": most}, "phases": {"asking": 1e308, "reading": -1.0},
        "timeline": [{"at": -1e308}, {"at": 0, "records": most}, {"at": 1e308, "waiting": most}],
        "journals": [{"name": "x", "records": 1, "enriched": most}],
    });
    let report: RunReport = serde_json::from_value(json).unwrap();
    assert!(report.html().is_ok());
}
