//! One work, one record: all that there is to say of it, wherever it stands.

mod run;

use std::collections::HashMap;
use std::io::Write;

use crate::resolve::{doi, works};
use crate::util::fake::work;
use crate::util::{Dir, MAILTO, Run};

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
