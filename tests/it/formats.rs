//! Every input that is documented is read, streamed, and what can't be read is told with its place.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use base64::Engine;
use serde_json::Value;

use crate::util::{Dir, status};

/// Records of an offline run over `files`, without their notes.
fn read(dir: &Dir, inputs: &[&str]) -> Vec<String> {
    let mut args = inputs.to_vec();
    args.extend([
        "-o",
        "out.jsonl",
        "--store",
        "store",
        "--offline",
        "--note",
        "",
    ]);
    dir.run(&args).code(0);
    dir.read("out.jsonl").lines().map(str::to_owned).collect()
}

fn rejects(dir: &Dir) -> Vec<(u64, u64, String)> {
    let lines = dir.records("out.rejects.jsonl");
    let place = |line: &Value| {
        (
            line["line"].as_u64().unwrap(),
            line["offset"].as_u64().unwrap(),
        )
    };
    lines
        .iter()
        .map(|line| {
            let ((line_number, offset), reason) = (place(line), line["reason"].as_str().unwrap());
            (line_number, offset, reason.to_owned())
        })
        .collect()
}

#[test]
fn each_format_is_told_by_its_content() {
    for (name, content, expected) in [
        (
            "a.jsonl",
            "{\"a\":1}\n\n  {\"a\":2}  \r\n{\"a\":3}",
            vec!["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"],
        ),
        ("bom.json", "\u{feff}{\"a\":1}\n", vec!["{\"a\":1}"]),
        (
            "array",
            " [ {\"a\":1},\n{\"a\":2} , \"10.5555/x\"]\n",
            vec!["{\"a\":1}", "{\"a\":2}", "{\"doi\":\"10.5555/x\"}"],
        ),
        ("empty-array", "[]", vec![]),
        (
            "sequence",
            "{\n \"a\": [\n  {\"b\":1}\n ]\n}{\"a\":2} {\"a\":3}",
            vec!["{ \"a\": [  {\"b\":1} ]}", "{\"a\":2}", "{\"a\":3}"],
        ),
        (
            "page",
            "A journal\n\nTitle {not a record}\n{\"title\":\"{x}\"}\nCited: 0\n  { \"title\": 2 } and more\n{\n\"title\": 3\n}\nText",
            vec!["{\"title\":\"{x}\"}", "{ \"title\": 2 }", "{\"title\": 3}"],
        ),
        (
            "page-2",
            "{\"title\":1}{\"title\":2}\nCited: 0\n",
            vec!["{\"title\":1}", "{\"title\":2}"],
        ),
        (
            "dois",
            "10.5555/A\n\nhttps://doi.org/10.5555/b\nnonsense\n",
            vec![
                "{\"doi\":\"10.5555/A\"}",
                "{\"doi\":\"https://doi.org/10.5555/b\"}",
                "{\"doi\":\"nonsense\"}",
            ],
        ),
        (
            "t.csv",
            "Title,DOI\r\n\"a, \"\"b\"\"\nc\",10.5555/x\r\nd,\r\n",
            vec![
                "{\"Title\":\"a, \\\"b\\\"\\nc\",\"DOI\":\"10.5555/x\"}",
                "{\"Title\":\"d\",\"DOI\":\"\"}",
            ],
        ),
        (
            "t.tsv",
            "doi\ttitle\n10.5555/x\ta\n",
            vec!["{\"doi\":\"10.5555/x\",\"title\":\"a\"}"],
        ),
        ("empty", "", vec![]),
        ("blank", " \n\n", vec![]),
    ] {
        let dir = Dir::new();
        dir.write(name, content);
        assert_eq!(read(&dir, &[name]), expected, "{name}");
        assert!(
            !dir.exists("out.rejects.jsonl"),
            "{name}: {}",
            dir.read("out.rejects.jsonl")
        );
        // The same as a stream, where there is no name to help (and lines need no help).
        let run = dir
            .run_with(
                &["-", "--store", "store", "--offline", "--note", ""],
                content.as_bytes(),
            )
            .code(0);
        assert_eq!(
            run.out.lines().collect::<Vec<_>>(),
            expected,
            "{name} from a pipe"
        );
    }
}

#[test]
fn what_is_no_record_is_rejected_with_its_place() {
    for (name, content, records, expected) in [
        (
            "a.jsonl",
            "{\"a\":1}\nnonsense\n[1]\n{\"a\":2",
            1,
            vec![
                (2, 8, "an unknown word"),
                (3, 17, "no object"),
                (4, 21, "it ends within an object"),
            ],
        ),
        (
            "page",
            "Text\n{\"title\":\"cut\nMore text\n{\"title\":1}\n{\"title\": nope}\n{\"a\":{\n{\"title\":2}\nend",
            2,
            vec![
                (2, 5, "line ends inside"),
                (5, 41, "unexpected `o`"),
                (6, 57, "unexpected `{`"),
            ],
        ),
        (
            "array",
            "[{\"a\":1},\n{\"a\":}\n,{\"a\":2}, 7, \"x\"\n",
            2,
            vec![
                (2, 10, "unexpected `}`"),
                (3, 27, "no object"),
                (3, 30, "no object"),
                (4, 34, "ends inside the array"),
            ],
        ),
        (
            "sequence",
            "{\"a\":1} null 5\n{\"a\":2}\n{\"oops\"} {\"a\":3}\n",
            2,
            vec![
                (1, 8, "no object"),
                (1, 13, "no object"),
                (3, 23, "unexpected `}`"),
            ],
        ),
        (
            "t.csv",
            "doi,title\n10.5555/x\n10.5555/y,a,b\n10.5555/z,ok\n",
            1,
            vec![(2, 10, "1 fields"), (3, 20, "3 fields")],
        ),
    ] {
        let dir = Dir::new();
        dir.write(name, content);
        assert_eq!(read(&dir, &[name]).len(), records, "{name}");
        let told = rejects(&dir);
        assert_eq!(told.len(), expected.len(), "{name}: {told:?}");
        for ((line, offset, word), told) in expected.iter().zip(&told) {
            assert_eq!((*line, *offset), (told.0, told.1), "{name}: {told:?}");
            assert!(told.2.contains(word), "{name}: {told:?}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_kept_in_base64() {
    let dir = Dir::new();
    dir.write("a.jsonl", b"{\"a\":\"\xff\"}\n{\"a\":1}\n");
    assert_eq!(read(&dir, &["a.jsonl"]), ["{\"a\":1}"]);
    let reject = &dir.records("out.rejects.jsonl")[0];
    let raw =
        base64::engine::general_purpose::STANDARD.decode(reject["raw_base64"].as_str().unwrap());
    assert_eq!(raw.unwrap(), b"{\"a\":\"\xff\"}");
    assert!(
        reject["reason"]
            .as_str()
            .unwrap()
            .contains("not UTF-8 at byte 6"),
        "{reject}"
    );
}

#[test]
fn large_and_deep_records() {
    let dir = Dir::new();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let long = format!("{{\"a\":\"{}\",\"b\":0.5000}}", "x".repeat(20_000_000));
    let too_long = format!("{{\"a\":\"{}\"}}", "y".repeat(100_000_000));
    for name in ["a.jsonl", "sequence"] {
        dir.write(name, format!("{deep}\n{too_long}\n{long}\n"));
        assert_eq!(read(&dir, &[name]), [deep.clone(), long.clone()], "{name}");
        let reject = &dir.records("out.rejects.jsonl")[0];
        assert_eq!(reject["line"], 2);
        assert!(reject["reason"].as_str().unwrap().contains("max_record"));
        assert_eq!(reject["raw"].as_str().unwrap().len(), 4096);
    }
    // Nor does it matter what the depth is of, as long as the record fits.
    dir.write(
        "b.jsonl",
        format!("{}\n{{\"a\":1}}\n", "{\"a\":".repeat(1_000_000)),
    );
    assert_eq!(read(&dir, &["b.jsonl"]), ["{\"a\":1}"]);
}

#[test]
fn compressed_by_content_whatever_the_name() {
    let dir = Dir::new();
    let (one, two) = ("{\"a\":1}\n", "{\"a\":2}\n");
    let gzip = |text: &str| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
    let xz = |text: &str| {
        let mut out = liblzma::write::XzEncoder::new(Vec::new(), 1);
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    let bzip2 = |text: &str| {
        let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    for (name, pack) in [
        ("g", &gzip as &dyn Fn(&str) -> Vec<u8>),
        ("z", &zstd),
        ("x", &xz),
        ("b", &bzip2),
    ] {
        let name = format!("{name}.jsonl");
        dir.write(&name, [pack(one), pack(two)].concat());
        assert_eq!(read(&dir, &[&name]), [one.trim(), two.trim()], "{name}");
    }
    // Cut in the middle: nothing silently lost.
    let whole = gzip(&one.repeat(10_000));
    dir.write("cut.jsonl.gz", &whole[..whole.len() / 2]);
    dir.write("out.jsonl", "what was there");
    let run = dir.run(&[
        "cut.jsonl.gz",
        "-o",
        "out.jsonl",
        "--store",
        "store",
        "--offline",
    ]);
    run.code(1).says("cut.jsonl.gz");
    assert_eq!(dir.read("out.jsonl"), "what was there");
}

#[test]
fn folders_patterns_and_strangers_among_them() {
    let dir = Dir::new();
    dir.write("d/b.jsonl", "{\"n\":2}\n");
    dir.write("d/a/z.txt", "text\n{\"n\":1}\n");
    dir.write("d/.hidden.jsonl", "{\"n\":0}\n");
    dir.write("d/readme.md", "# Nothing of ours\n");
    dir.write("d/c.csv", "doi,n\n10.5555/x,3\n");
    assert_eq!(
        read(&dir, &["d"]),
        [
            "{\"n\":1}",
            "{\"n\":2}",
            "{\"doi\":\"10.5555/x\",\"n\":\"3\"}"
        ]
    );
    let told = rejects(&dir);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].2.contains("cannot tell what this file is"),
        "{told:?}"
    );
    assert_eq!(
        read(&dir, &["d/*.jsonl", "d/a"]),
        ["{\"n\":2}", "{\"n\":1}"]
    );
    // Named, it is a mistake that is told before any work starts.
    let run = dir.run(&[
        "d/b.jsonl",
        "d/readme.md",
        "-o",
        "new.jsonl",
        "--store",
        "s",
        "--offline",
    ]);
    run.code(1).says("cannot tell what `d/readme.md` is");
    assert!(!dir.exists("new.jsonl") && !dir.exists("new.jsonl.part"));
}

#[test]
fn a_slow_pipe_gets_its_records_out_as_they_come() {
    let dir = Dir::new();
    let mut command: Command = dir.command(&["-", "--store", "store", "--offline"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for n in 0..3 {
        // The next line is only written when this one came back: a program that waits for more
        // would wait for ever.
        writeln!(stdin, "{{\"n\":{n}}}").unwrap();
        stdin.flush().unwrap();
        let line = lines.next().unwrap().unwrap();
        assert!(line.starts_with(&format!("{{\"n\":{n},")), "{line}");
    }
    // A page's text may come late: then it was a page all along.
    writeln!(stdin, "Cited: 0\n{{\"n\":3}}").unwrap();
    assert!(lines.next().unwrap().unwrap().starts_with("{\"n\":3,"));
    drop(stdin);
    assert!(lines.next().is_none());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_csv_row_is_filled_and_read_again() {
    let dir = Dir::new();
    dir.write(
        "works.jsonl",
        "{\"DOI\":\"10.5555/x\",\"title\":[\"A title\"],\"volume\":\"7\"}\n",
    );
    dir.write("config.toml", "input=[\"t.csv\"]\noutput=\"out.jsonl\"\nstore=\"store\"\ndata_files=[\"works.jsonl\"]\noffline=true\n");
    dir.write("t.csv", "DOI,volume\n10.5555/X,\n");
    dir.run(&[]).code(0);
    let record = &dir.records("out.jsonl")[0];
    assert_eq!(status(record), "enriched");
    assert_eq!(record["volume"], "7");
    assert_eq!(record["title"], "A title");
    assert_eq!(record["DOI"], "10.5555/X");
}

#[test]
fn cells_stay_as_they_are() {
    let dir = Dir::new();
    dir.write(
        "t.tsv",
        "doi\tvol\tnote\n10.5555/x\t5\t\n\t\t\n\n10.5555/y\t6\t z \r\n",
    );
    let expected = [
        "{\"doi\":\"10.5555/x\",\"vol\":\"5\",\"note\":\"\"}",
        "{\"doi\":\"\",\"vol\":\"\",\"note\":\"\"}",
        "{\"doi\":\"10.5555/y\",\"vol\":\"6\",\"note\":\" z \"}",
    ];
    assert_eq!(read(&dir, &["t.tsv"]), expected);
    assert!(!dir.exists("out.rejects.jsonl"));
}

#[test]
fn a_bad_element_keeps_all_that_it_takes_along() {
    let dir = Dir::new();
    let rest: String = (0..20_000).map(|n| format!(",{{\"n\":{n}}}")).collect();
    let bad = format!("{{\"a\":tru}}{rest}]");
    dir.write("array", format!("[{{\"a\":1}},{bad}"));
    assert_eq!(read(&dir, &["array"]), ["{\"a\":1}"]);
    let told = dir.records("out.rejects.jsonl");
    assert_eq!(told[0]["raw"], bad, "nothing is lost");
    assert!(
        told[1]["reason"]
            .as_str()
            .unwrap()
            .contains("ends inside the array"),
        "{}",
        told[1]
    );
    // A page's text that is no JSON flips a slow pipe; a value that is none is a reject all the same.
    let run = dir
        .run_with(
            &["-", "--store", "s", "--offline"],
            b"{\"a\":1}\n5 \"10.5555/d\"\n",
        )
        .code(0);
    assert_eq!(run.out.lines().count(), 2, "{}", run.told());
    run.says("a JSON value, but no object");
}

#[test]
fn blanks_before_anything_else_do_not_count() {
    for content in [
        "{\"a\":1}",
        "[{\"a\":1}]",
        "10.5555/x\n",
        "doi,a\n10.5555/x,1\n",
    ] {
        let dir = Dir::new();
        dir.write(
            "in",
            format!("\u{feff}{}{content}", "\n \r\n".repeat(100_000)),
        );
        assert_eq!(read(&dir, &["in"]).len(), 1, "{content}");
    }
    let dir = Dir::new();
    dir.write("in", format!("{}x", "\n".repeat(70_000)));
    dir.run(&["in", "--store", "s", "--offline"])
        .code(1)
        .says("begins with \"x\"");
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_an_input_like_any_other() {
    let dir = Dir::new();
    let pipe = dir.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let writing = std::thread::spawn(move || std::fs::write(pipe, "{\"a\":1}\n"));
    assert_eq!(read(&dir, &["pipe"]), ["{\"a\":1}"]);
    writing.join().unwrap().unwrap();
}
