//! One work, one record: what is shown is what a run does, wherever the record stands.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::process::{Command, Stdio};

use crossfill::{Record, Slot};
use serde_json::Value;

use crate::resolve::{doi, script, works};
use crate::util::fake::{Fault, Route, work};
use crate::util::{Dir, Fake, MAILTO, Run, next_second, repository};

/// `show`, with what the store knows.
fn known(dir: &Dir, args: &[&str]) -> Run {
    let usual = ["--store", "store", "--offline", "--config", "config.toml"];
    dir.run(&[&["show"], args, &usual].concat())
}

/// The same, asking `url`.
fn asking(dir: &Dir, url: &str, args: &[&str]) -> Run {
    let usual = ["--store", "store", "--base-url", url, "--mailto", MAILTO];
    let usual = [&usual[..], &["--config", "config.toml"]].concat();
    dir.run(&[&["show"], args, &usual].concat())
}

/// A folder whose store has works 0 to 9 of the fake.
fn with_store(change: impl FnOnce(&mut HashMap<String, String>)) -> Dir {
    let dir = Dir::new();
    dir.write("config.toml", "");
    let mut works = works(10, |_| false);
    change(&mut works);
    let lines: Vec<_> = works.values().map(String::as_str).collect();
    dir.write("works.jsonl", lines.join("\n"));
    dir.run(&["store", "import", "works.jsonl", "--store", "store"])
        .code(0);
    dir
}

/// The line of the table that begins with this mark and field, without them.
fn line<'a>(run: &'a Run, mark: &str, field: &str) -> Option<&'a str> {
    let table = run
        .out
        .lines()
        .skip_while(|line| !line.starts_with("Fields"));
    table.skip(1).find_map(|line| {
        let rest = line.strip_prefix(mark)?.strip_prefix(' ')?;
        let rest = rest.strip_prefix(field)?.strip_prefix("  ")?;
        Some(rest.trim_start())
    })
}

#[test]
fn a_doi_is_shown_with_each_field_and_where_it_is_from() {
    let dir = with_store(|_| {});
    for named in ["10.5555/CF.0003", "https://doi.org/10.5555/CF.0003"] {
        let run = known(&dir, &[named]).code(0);
        assert_eq!(run.err, "");
        assert!(
            run.out.starts_with("The title of work 3\n"),
            "{}",
            run.told()
        );
        for said in [
            "  in          Annals of Imaginary Results, 4 (4), 40-46\n",
            "  published   1998-04-04 · online 1998-04-04\n",
            "  publisher   Fictive Press\n",
            "  type        journal-article\n",
            "  answer      from a data file, ",
            "Requests  none: the store has the answer\n",
        ] {
            assert!(run.out.contains(said), "no {said:?} in\n{}", run.told());
        }
        let field = |name| line(&run, " ", name);
        assert_eq!(field("doi"), Some("10.5555/CF.0003  ← the DOI"));
        assert_eq!(field("volume"), Some("\"4\"  ← volume"));
        assert_eq!(field("pages"), Some("40-46  ← page"));
        assert_eq!(
            field("citation_count"),
            Some("21  ← is-referenced-by-count")
        );
    }
    let scholar = known(&dir, &["10.5555/cf.0003", "--profile", "scholar"]).code(0);
    assert_eq!(
        line(&scholar, " ", "journal.volume"),
        Some("4 4  ← volume, issue")
    );
}

#[test]
fn raw_is_the_work_as_the_store_has_it() {
    let dir = with_store(|_| {});
    let raw = known(&dir, &["10.5555/cf.0003", "--raw"]).code(0);
    let export = [
        "store",
        "export",
        "--doi",
        "10.5555/cf.0003",
        "--store",
        "store",
    ];
    assert_eq!(raw.out, dir.run(&export).code(0).out);
    assert_eq!(raw.out.lines().count(), 1);
    dir.write("in.jsonl", "{\"doi\":\"10.5555/cf.0003\"}\n{\"a\":1}\n");
    assert_eq!(known(&dir, &["in.jsonl:1", "--raw"]).code(0).out, raw.out);
    let none = known(&dir, &["in.jsonl:2", "--raw"]).code(1);
    assert_eq!(none.out, "");
    none.says("the record has no DOI");
    known(&dir, &["10.5555/cf.0099", "--raw"])
        .code(1)
        .says("leave --offline out");
}

#[test]
fn a_record_is_found_in_all_kinds_of_inputs() {
    let dir = with_store(|_| {});
    let record = |n: usize| format!("{{\"doi\":\"{}\",\"volume\":\"\"}}", doi(n));
    dir.write(
        "page.txt",
        format!(
            "A journal's page\n\n{}\n0 citations\n{}\n",
            record(1),
            record(2)
        ),
    );
    dir.write(
        "table.csv",
        format!("key,DOI\r\na,{}\r\nb,{}\r\n", doi(1), doi(2)),
    );
    dir.write(
        "pretty.json",
        format!(
            "[\n  {{\n    \"doi\": \"{}\",\n    \"volume\": null\n  }},\n  {}\n]\n",
            doi(1),
            record(2)
        ),
    );
    dir.write("dois.txt", format!("{}\n{}\n", doi(1), doi(2)));
    dir.write("one:7", record(2));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    write!(packed, "{}\n{}\n", record(1), record(2)).unwrap();
    dir.write("packed.jsonl.gz", packed.finish().unwrap());
    for (named, title) in [
        ("page.txt:3", "1"),
        ("page.txt:5", "2"),
        ("table.csv:2", "1"),
        ("table.csv:3", "2"),
        // Within a record, and at its ends.
        ("pretty.json:2", "1"),
        ("pretty.json:4", "1"),
        ("pretty.json:5", "1"),
        ("pretty.json:6", "2"),
        ("dois.txt:2", "2"),
        ("packed.jsonl.gz:2", "2"),
        // A file is a file, whatever it is called.
        ("one:7", "2"),
        ("one:7:1", "2"),
    ] {
        let run = known(&dir, &[named]).code(0);
        let title = format!("The title of work {title}\n");
        assert!(run.out.contains(&title), "{}", run.told());
        assert!(line(&run, "+", "volume").is_some(), "{}", run.told());
    }
    let lines = known(&dir, &["pretty.json:4"]).out;
    assert!(lines.starts_with("pretty.json:2-5\n"), "{lines}");
    dir.write("in.json", format!("[{},{}]", record(1), record(2)));
    let run = known(&dir, &["in.json:1"]).code(0);
    assert!(
        run.out.contains("the first on this line; 1 more record"),
        "{}",
        run.told()
    );
    let run = dir.run_with(
        &["show", "-", "--store", "store", "--offline"],
        record(1).as_bytes(),
    );
    assert!(run.code(0).out.starts_with("-:1\n"));
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let dir = with_store(|_| {});
    dir.write(
        "folder/in.jsonl",
        "{\"a\":1}\n\n\n{\"a\":2}\nnonsense\n{\"a\":3}\n",
    );
    dir.write("empty.jsonl", "\n");
    for (named, said) in [
        ("nowhere.jsonl:3", "cannot read `nowhere.jsonl`: "),
        ("nowhere.jsonl", "cannot read `nowhere.jsonl`: "),
        ("folder", "`folder` is a folder"),
        ("folder/in.jsonl", "more than one record"),
        ("folder/in.jsonl", "such as folder/in.jsonl:4"),
        ("folder/in.jsonl:0", "counted from 1"),
        ("folder/in.jsonl:x", "`x` is no line of"),
        ("folder/in.jsonl:2", "the nearest begin at lines 1 and 4"),
        ("folder/in.jsonl:99", "the last begins at line 6"),
        ("folder/in.jsonl:5", "is not a record: not JSON"),
        ("empty.jsonl:1", "nor at any other"),
        ("empty.jsonl", "no record in `empty.jsonl`"),
        ("nonsense", "neither a DOI"),
        ("10/abc", "a shortDOI"),
    ] {
        let run = known(&dir, &[named]).code(1).says(said).says("hint: ");
        assert_eq!(run.out, "");
    }
    let run = known(&dir, &["10.5555/cf.0099"]).code(0);
    assert!(
        run.out.contains("the store does not have it"),
        "{}",
        run.told()
    );
    assert!(
        run.out.contains("/works?filter=doi:10.5555/cf.0099"),
        "{}",
        run.told()
    );
    // Neither a store nor anything else is made by looking.
    let other = Dir::new();
    other
        .run(&["show", "10.5555/cf.0001", "--offline", "--store", "s"])
        .code(0);
    assert!(!other.exists("s"));
}

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
fn another_work_and_a_retraction_are_told() {
    let dir = with_store(|works| {
        let work = works.get_mut(&doi(4)).unwrap();
        *work = work.replacen(
            '{',
            r#"{"updated-by":[{"type":"retraction","DOI":"10.5555/notice","updated":{"date-parts":[[2023,1,2]]},"source":"retraction-watch"}],"#,
            1,
        );
    });
    let other = format!(
        r#"{{"doi":"{}","title":"Something else altogether","year":1901,"authors":"Nobody Known","volume":""}}"#,
        doi(3)
    );
    dir.write("in.jsonl", format!("{other}\n{{\"doi\":\"{}\"}}\n", doi(4)));
    let run = known(&dir, &["in.jsonl:1"]).code(0);
    for said in [
        "mismatch: the DOI",
        "nothing is filled",
        "evidence    title: differs",
        "Crossref: The title of work 3  ← title",
        "· volume",
        r#""status":"mismatch""#,
    ] {
        assert!(run.out.contains(said), "no {said:?} in\n{}", run.told());
    }
    assert_eq!(line(&run, "+", "volume"), None);
    for named in ["in.jsonl:2", "10.5555/cf.0004"] {
        let run = known(&dir, &[named]).code(0);
        let said =
            "retracted   retraction of 2023-01-02, says retraction-watch: notice 10.5555/notice";
        assert!(run.out.contains(said), "{}", run.told());
    }
    let run = known(&dir, &["in.jsonl:2"]);
    assert!(
        run.out.contains(" filled, the work is retracted\n"),
        "{}",
        run.told()
    );
}

#[test]
fn each_fate_of_a_field_is_told_apart() {
    let dir = with_store(|_| {});
    dir.write(
        "config.toml",
        "[fields]\nvolume = { policy = \"never\" }\n\"journal.issn\" = \"/ISSN/0\"\ncitation_count = { policy = \"refresh\" }\n",
    );
    let record = r#"{"doi":"10.5555/cf.0003","title":"The title of work 3","volume":"","journal":7,"issue":"4","citation_count":20,"own":1,"_crossfill":{"status":"enriched","doi":"10.5555/cf.0003","filled":["issue"]}}"#;
    dir.write("in.jsonl", record);
    let run = known(&dir, &["in.jsonl"]).code(0);
    let told = |mark, field| line(&run, mark, field);
    assert_eq!(told("·", "volume"), Some("never filled: policy `never`"));
    assert_eq!(
        told("·", "journal.issn"),
        Some("what should hold it is no object")
    );
    assert_eq!(
        told(" ", "issue"),
        Some("\"4\"  ← issue, by an earlier run")
    );
    assert_eq!(told("-", "citation_count"), Some("20"));
    assert_eq!(
        told("+", "citation_count"),
        Some("21  ← is-referenced-by-count")
    );
    for said in [
        "Crossref: 1234-5679  ← /ISSN/0\n",
        ", 1 field filled earlier\n",
        "  1 other key stays",
    ] {
        assert!(run.out.contains(said), "no {said:?} in\n{}", run.told());
    }

    let record = r#"{"doi":"10.5555/cf.0003","title":"The title of work 3","journal":{"volume":"9 9","pages":null}}"#;
    dir.write("in.jsonl", record);
    let run = known(&dir, &["in.jsonl", "--profile", "scholar"]).code(0);
    let told = |mark, field| line(&run, mark, field);
    assert_eq!(told("!", "journal.volume"), Some("9 9"));
    assert!(
        run.out.contains("Crossref: 4 4  ← volume, issue\n"),
        "{}",
        run.told()
    );
    assert_eq!(told("·", "url"), Some("no such key, and none is added"));
    assert_eq!(told("-", "journal.pages"), Some("null"));
    assert_eq!(told("+", "journal.pages"), Some("40-46  ← page"));

    dir.write("in.jsonl", "{\"doi\":\"10.5555/\"}\n{\"doi\":\"soon\"}\n");
    for (named, said) in [
        (
            "in.jsonl:1",
            "`doi` holds no DOI (nothing after the slash): 10.5555/\n",
        ),
        ("in.jsonl:2", "`doi` holds no DOI: soon\n"),
    ] {
        let run = known(&dir, &[named]).code(0);
        assert!(run.out.contains(said), "{}", run.told());
    }
}

#[cfg(unix)]
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

#[test]
fn colours_only_where_they_are_wanted_and_nothing_from_outside_is_obeyed() {
    let dir = with_store(|works| {
        let title = "Danger \u{1b}[31m\u{202e}\u{7}zone";
        works.insert(doi(3), work(&doi(3), title, 3));
    });
    let hostile = r#"{"doi":"10.5555/cf.0003","title":"Danger \u001b[31m\u202e\u0007zone","volume":"","publisher":"\u001b]0;x\u0007"}"#;
    dir.write("in\u{1b}[1m.jsonl", hostile);
    for named in ["10.5555/cf.0003", "in\u{1b}[1m.jsonl:1"] {
        let run = known(&dir, &[named]).code(0);
        let bad = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert_eq!(run.out.find(bad), None, "{}", run.told());
        let colored = known(&dir, &[named, "--color", "always"]).code(0);
        assert_eq!(console::strip_ansi_codes(&colored.out), run.out);
        assert!(colored.out.contains("\u{1b}[1m"), "{}", colored.told());
    }
    let plain = known(&dir, &["in\u{1b}[1m.jsonl:1"]).out;
    assert!(plain.starts_with("in\\u{1b}[1m.jsonl:1\n"), "{plain}");
    let title = "  title                  Danger \\u{1b}[31m\\u{202e}\\u{7}zone";
    assert!(plain.contains(title), "{plain}");
    let green = known(&dir, &["in\u{1b}[1m.jsonl:1", "--color", "always"]);
    assert!(green.out.contains("\u{1b}[32m+ volume"), "{}", green.told());
    assert!(green.out.contains("\u{1b}[31m- volume"), "{}", green.told());
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
