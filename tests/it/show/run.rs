//! What is shown is what a run does: what it asks, and what it writes.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crossfill::{Record, Slot};
use serde_json::Value;

use super::{asking, known, line};
use crate::resolve::{script, works};
use crate::util::fake::{Fault, Route};
use crate::util::{Dir, Fake, Run, next_second, repository};

#[test]
fn crossref_is_asked_once_with_the_requests_that_are_shown() {
    let dir = Dir::new();
    dir.write("config.toml", "");
    let mut script = script(works(3, |_| false));
    let datacite = ("datacite".to_owned(), "DataCite".to_owned());
    script.agencies.insert("10.6666".to_owned(), datacite);
    let fake = Fake::start(script);
    let url = fake.url();
    let first = asking(&dir, &url, &["10.5555/CF.0001"]).code(0);
    assert!(
        first.out.contains("Requests  1 request, just now"),
        "{}",
        first.told()
    );
    assert!(first.out.contains("(just now)"), "{}", first.told());
    let second = asking(&dir, &url, &["10.5555/cf.0001"]).code(0);
    assert!(
        second.out.contains("none: the store has the answer"),
        "{}",
        second.told()
    );
    assert_eq!(fake.seen().len(), 1);

    // One that is unknown takes all three.
    let third = asking(&dir, &url, &["10.5555/cf.0099"]).code(0);
    assert!(
        third.out.contains("Crossref does not know this DOI"),
        "{}",
        third.told()
    );
    let seen = fake.seen();
    let asked = |run: &Run, at: usize| {
        let mut urls = run.out.lines().filter(|line| line.contains("http://"));
        urls.nth(at).map(|line| line.trim().to_owned())
    };
    let sent = |at: usize| Some(format!("{url}{}", seen[at].target));
    assert_eq!(asked(&first, 0), sent(0));
    assert_eq!((asked(&third, 0), asked(&third, 1)), (sent(1), sent(2)));
    let routes: Vec<_> = seen.iter().map(|seen| seen.route).collect();
    assert_eq!(routes, [Route::List, Route::List, Route::Single]);

    // Nor are lists for what can't be in one.
    let comma = asking(&dir, &url, &["10.6666/a,b"]).code(0);
    let seen = fake.seen();
    let told = "registered with DataCite";
    assert!(comma.out.contains(told), "{}", comma.told());
    let urls = comma.out.lines().filter(|line| line.contains("http://"));
    let urls: Vec<_> = urls.map(|line| line.trim().to_owned()).collect();
    let sent: Vec<_> = seen[3..]
        .iter()
        .map(|seen| format!("{url}{}", seen.target))
        .collect();
    assert_eq!(urls, sent);
    // Ages are counted in seconds.
    next_second();
    let again = asking(&dir, &url, &["10.5555/cf.0001", "--max-age", "0"]).code(0);
    assert!(again.out.contains("just now"));
    assert_eq!(fake.seen().len(), seen.len() + 1);
    next_second();
    let old = known(&dir, &["10.5555/cf.0001", "--max-age", "0"]).code(0);
    assert!(
        old.out.contains("too old: a run asks again"),
        "{}",
        old.told()
    );
    assert!(old.out.contains("Requests  none now"), "{}", old.told());
    assert_eq!(fake.seen().len(), seen.len() + 1);

    // An old answer is better than none, and told as such; where there is none, that is told.
    fake.set(|script| script.fault = Some(Box::new(|_| Some(Fault::Status(400, "no", vec![])))));
    let old = asking(&dir, &url, &["10.5555/cf.0001", "--max-age", "0"]).code(0);
    assert!(
        old.out.contains("too old, but no newer answer came"),
        "{}",
        old.told()
    );
    let none = asking(&dir, &url, &["10.5555/cf.0002"]).code(4);
    assert!(
        none.out
            .contains("the service refuses to answer for this DOI"),
        "{}",
        none.told()
    );
}

#[test]
fn a_service_that_refuses_is_told_as_a_run_tells_it() {
    let dir = Dir::new();
    dir.write("config.toml", "");
    let mut refusing = script(works(1, |_| false));
    refusing.fault = Some(Box::new(|_| Some(Fault::Status(403, "no", vec![]))));
    let fake = Fake::start(refusing);
    let run = asking(&dir, &fake.url(), &["10.5555/cf.0000"]).code(4);
    assert_eq!(run.out, "");
    run.says("refuses to answer").says("hint: ");
}

#[test]
fn an_interrupt_ends_the_wait() {
    let dir = Dir::new();
    let mut stalling = script(works(1, |_| false));
    stalling.fault = Some(Box::new(|_| Some(Fault::Stall)));
    let fake = Fake::start(stalling);
    let url = fake.url();
    let mut command = dir.command(&[
        "show",
        "10.5555/cf.0000",
        "--store",
        "s",
        "--base-url",
        &url,
    ]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while fake.seen().is_empty() {
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.unwrap().success());
    let run = Run::new(&["show"], child.wait_with_output().unwrap()).code(130);
    assert_eq!(run.out, "");
    run.says("interrupted");
}

/// As `show` shows a value, given as JSON.
fn shown(raw: &str) -> String {
    let text = match serde_json::from_str(raw).unwrap() {
        Value::String(text)
            if !text.is_empty()
                && text.trim() == text
                && serde_json::from_str::<Value>(&text).is_err() =>
        {
            text
        }
        _ => raw.to_owned(),
    };
    text.replace('\u{1b}', "\\u{1b}")
}

#[test]
fn what_is_shown_is_what_a_run_writes() {
    let dir = Dir::new();
    let seeds = repository("seeds");
    let data = repository("tests/data/crossref");
    let (seeds, data) = (seeds.to_str().unwrap(), data.to_str().unwrap());
    dir.write(
        "config.toml",
        "[fields]\nmy_type = \"type\"\n\"journal.issn\" = \"/ISSN/0\"\n",
    );
    let usual = ["--store", "store", "--config", "config.toml"];
    dir.run(&["store", "import", data, "--store", "store"])
        .code(0);
    dir.run(&[&["run", seeds, "-o", "out.jsonl", "--offline"], &usual[..]].concat())
        .code(0);

    // Where each record stands: `inspect` tells of no line, so that all lines of the seeds are tried.
    let mut places = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(seeds)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read(&file).unwrap();
        for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let is_page = file.extension().unwrap() == "txt" && !file.ends_with("dois.txt");
            let begins = line.trim_ascii_start().starts_with(b"{\"");
            if !line.trim_ascii().is_empty() && (begins || !is_page) {
                places.push(format!("{}:{}", file.display(), at + 1));
            }
        }
    }
    let output = dir.read("out.jsonl");
    let mut records = output.lines();
    let (mut filled, mut statuses, mut last) = (0, BTreeSet::new(), String::new());
    for place in &places {
        let run = known(&dir, &[place]);
        if run.code == Some(1) {
            // A header, or a reject.
            continue;
        }
        let run = run.code(0);
        let first = run.out.lines().next().unwrap().to_owned();
        if std::mem::replace(&mut last, first.clone()) == first {
            // A further line of the same record.
            continue;
        }
        let written = records.next();
        let written = Record::parse(written.unwrap_or_else(|| panic!("no record for {place}")));
        let written = written.unwrap();
        let note = written.get("_crossfill").unwrap();
        let mut lines = run
            .out
            .lines()
            .skip_while(|line| !line.starts_with("Note "));
        assert_eq!(lines.nth(1).unwrap().trim(), note, "{}", run.told());
        let note: Value = serde_json::from_str(note).unwrap();
        statuses.insert(note["status"].to_string());
        let names = note["filled"].as_array().cloned().unwrap_or_default();
        for name in &names {
            let name = name.as_str().unwrap();
            let path: Vec<_> = name.split('.').collect();
            let Slot::Value(value) = written.slot(&path) else {
                panic!("{name} of {place}: {}", written.text());
            };
            let told = line(&run, "+", name).unwrap_or_else(|| panic!("{name}\n{}", run.told()));
            let (told, _) = told.rsplit_once("  ← ").unwrap();
            assert_eq!(told, shown(value), "{name} of {place}");
            filled += 1;
        }
        let pluses = run.out.lines().filter(|line| line.starts_with("+ "));
        assert_eq!(pluses.count(), names.len(), "{}", run.told());
    }
    assert_eq!(records.next(), None, "records that were not shown");
    assert!(filled > 500, "{filled} fields");
    assert!(statuses.len() > 4, "{statuses:?}");
}
