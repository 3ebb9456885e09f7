//! Inputs that are not there, can't be read, or are something else.

use insta::assert_snapshot;

use super::{folder, offline, shown, told};

#[test]
fn nothing_to_read() {
    let dir = folder();
    assert_snapshot!(offline(&dir, &[]), @r"
    exit 1
    error: nothing to read: name an input, as in `crossfill in.jsonl -o out.jsonl` (`-` is standard input), or set `input` in config.toml
    ");
    assert_snapshot!(told(&dir, &["inspect", "--store", "store"]), @r"
    exit 1
    error: nothing to read: name an input, as in `crossfill in.jsonl -o out.jsonl` (`-` is standard input), or set `input` in config.toml
    ");
}

#[test]
fn paths_that_are_not_there() {
    let dir = folder();
    assert_snapshot!(offline(&dir, &["seed"]), @r"
    exit 1
    error: cannot read `seed`: No such file or directory (os error 2)
    hint: did you mean `seeds/`?
    ");
    assert_snapshot!(offline(&dir, &["seed/a.jsonl"]), @r"
    exit 1
    error: cannot read `seed/a.jsonl`: No such file or directory (os error 2)
    hint: did you mean `seeds/a.jsonl`?
    ");
    assert_snapshot!(offline(&dir, &["seeds/b.csv"]), @r"
    exit 1
    error: cannot read `seeds/b.csv`: No such file or directory (os error 2)
    hint: in `seeds` there is only `a.jsonl`
    ");
    assert_snapshot!(offline(&dir, &["nothing/at/all.jsonl"]), @r"
    exit 1
    error: cannot read `nothing/at/all.jsonl`: No such file or directory (os error 2)
    hint: there is no folder `nothing`; in this folder there are `empty/`, `in.jsonl`, `seeds/` and `store/`
    ");
    assert_snapshot!(offline(&dir, &["in.jsonl/a.jsonl"]), @r"
    exit 1
    error: cannot read `in.jsonl/a.jsonl`: Not a directory (os error 20)
    hint: `in.jsonl` is a file, not a folder
    ");
    assert_snapshot!(offline(&dir, &["empty/a.jsonl"]), @r"
    exit 1
    error: cannot read `empty/a.jsonl`: No such file or directory (os error 2)
    hint: `empty` is empty
    ");
    assert_snapshot!(offline(&dir, &["*.csv"]), @r"
    exit 1
    error: no input file in `*.csv`
    hint: in this folder there are `empty/`, `in.jsonl`, `seeds/` and `store/`
    ");
    assert_snapshot!(offline(&dir, &["seeds/*.csv"]), @r"
    exit 1
    error: no input file in `seeds/*.csv`
    hint: in `seeds` there is only `a.jsonl`
    ");
    assert_snapshot!(told(&dir, &["inspect", "seed", "--store", "store"]), @r"
    exit 1
    error: cannot read `seed`: No such file or directory (os error 2)
    hint: did you mean `seeds/`?
    ");
}

#[test]
fn a_command_that_was_mistyped() {
    let dir = folder();
    assert_snapshot!(offline(&dir, &["inspct"]), @r"
    exit 1
    error: cannot read `inspct`: No such file or directory (os error 2)
    hint: did you mean the command `crossfill inspect`? Else: in this folder there are `empty/`, `in.jsonl`, `seeds/` and `store/`
    ");
}

#[test]
fn many_names_are_not_all_told() {
    let dir = folder();
    for n in 0..20 {
        dir.write(&format!("many/{n:02}.jsonl"), "");
    }
    assert_snapshot!(offline(&dir, &["many/records.csv"]), @r"
    exit 1
    error: cannot read `many/records.csv`: No such file or directory (os error 2)
    hint: in `many` there are `00.jsonl`, `01.jsonl`, `02.jsonl`, `03.jsonl`, `04.jsonl` and 15 more
    ");
}

#[test]
fn names_that_would_speak_to_the_terminal() {
    let dir = folder();
    dir.write("odd/\u{1b}[31m.jsonl", "");
    assert_snapshot!(offline(&dir, &["odd/red"]), @r"
    exit 1
    error: cannot read `odd/red`: No such file or directory (os error 2)
    hint: in `odd` there is only `\u{1b}[31m.jsonl`
    ");
}

#[test]
fn patterns_and_folders_without_a_file() {
    let dir = folder();
    assert_snapshot!(offline(&dir, &["[a"]), @r"
    exit 1
    error: `[a` is not a valid pattern: invalid range pattern at its character 1
    hint: `*`, `?` and `[…]` have a meaning in patterns; write `[[]` for the `[` of a name
    ");
    assert_snapshot!(offline(&dir, &["empty"]), @r"
    exit 1
    error: no input file in `empty`
    hint: name a file or another folder; hidden files, whose names begin with a dot, are left out
    ");
    assert_snapshot!(offline(&dir, &["empty", "empty"]), @r"
    exit 1
    error: no input file in `empty`, `empty`
    hint: name a file or another folder; hidden files, whose names begin with a dot, are left out
    ");
}

#[test]
fn files_that_are_something_else() {
    let dir = folder();
    dir.write("utf16.csv", b"\xff\xfed\0o\0i\0");
    dir.write("book.xlsx", b"PK\x03\x04\x14\x00");
    dir.write("data.bin", b"\x00\x01\x02\x03");
    dir.write("prose.txt", "Dear colleague,\n");
    dir.write("table.csv", "name,title\nx,y\n");
    assert_snapshot!(offline(&dir, &["utf16.csv"]), @r"
    exit 1
    error: cannot tell what `utf16.csv` is: UTF-16 text
    hint: save it as UTF-8: `iconv -f UTF-16 -t UTF-8 IN > OUT`
    ");
    assert_snapshot!(offline(&dir, &["book.xlsx"]), @r"
    exit 1
    error: cannot tell what `book.xlsx` is: a zip archive, as spreadsheets and documents are
    hint: export a spreadsheet as CSV with a column `doi`; unpack an archive
    ");
    assert_snapshot!(offline(&dir, &["data.bin"]), @r"
    exit 1
    error: cannot tell what `data.bin` is: binary data
    hint: export it as JSON, CSV with a column `doi`, or a list of DOIs; of compressed files gzip, zstd, xz and bzip2 are read
    ");
    assert_snapshot!(offline(&dir, &["prose.txt"]), @r#"
    exit 1
    error: cannot tell what `prose.txt` is: neither JSON, nor a list of DOIs, nor a table with a column `doi`; it begins with "Dear colleague,"
    hint: write a record or a DOI a line; `crossfill doi < FILE` shows the DOIs in its lines
    "#);
    assert_snapshot!(offline(&dir, &["table.csv"]), @r#"
    exit 1
    error: cannot tell what `table.csv` is: neither JSON, nor a list of DOIs, nor a table with a column `doi`; it begins with "name,title"
    hint: call the column that has the DOIs `doi`, in the first line
    "#);
}

#[test]
fn an_archive_that_was_cut_short() {
    let dir = folder();
    dir.write("in.jsonl.gz", b"\x1f\x8b\x08\x00\x00");
    assert_snapshot!(offline(&dir, &["in.jsonl.gz"]), @r"
    exit 1
    error: cannot read `in.jsonl.gz` after byte 0 (line 1): unexpected end of file
    hint: the file is damaged or was cut short: get it again; then the same command goes on from here: what was answered is in the store
    ");
    assert_snapshot!(told(&dir, &["inspect", "in.jsonl.gz", "--store", "store"]), @r"
    exit 1
    error: cannot read `in.jsonl.gz` after byte 0 (line 1): unexpected end of file
    hint: the file is damaged or was cut short: get it again
    ");
}

#[test]
fn inputs_without_a_record() {
    let dir = folder();
    dir.write("none.jsonl", "");
    dir.write("broken.jsonl", "{oops}\n");
    assert_snapshot!(offline(&dir, &["none.jsonl", "-o", "out.jsonl", "--require-input"]), @r"
    exit 1
    error: no record in the input
    hint: check what should have filled it; without --require-input an empty input is no error
    ");
    assert_snapshot!(offline(&dir, &["broken.jsonl", "-o", "out.jsonl", "--require-input"]), @r"
    exit 1
    error: no record in the input, only what could not be read (1)
    hint: `crossfill inspect` with the same input says why
    ");
}

/// Why each part of an input is no record.
#[test]
fn what_is_no_record() {
    let dir = folder();
    let lines = [
        "{oops}",
        "nonsense",
        "[1]",
        "{\"a\":1",
        "{\"a\":\"b",
        "{\"a\":",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1} 2",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":yes}",
    ];
    dir.write("bad.jsonl", lines.join("\n"));
    let run = dir.run(&[
        "bad.jsonl",
        "-o",
        "out.jsonl",
        "--offline",
        "--store",
        "s",
        "-q",
    ]);
    let rejects = dir.records("out.rejects.jsonl");
    let told = rejects.iter().map(|reject| {
        let (raw, reason) = (reject["raw"].as_str(), reject["reason"].as_str());
        format!("{}\n  {}\n", raw.unwrap().escape_debug(), reason.unwrap())
    });
    let told: String = told.collect();
    assert_snapshot!(shown(&dir, &run) + &told, @r#"
    exit 0
    {oops}
      not JSON: a key must be a text in double quotes, at its byte 2
    nonsense
      not JSON: an unknown word (texts stand in double quotes), at its byte 2
    [1]
      a JSON value, but no object, which a record is: `{…}`
    {\"a\":1
      not JSON: it ends within an object, at its byte 6
    {\"a\":\"b
      not JSON: it ends within a text, without its closing quote, at its byte 7
    {\"a\":
      not JSON: it ends where a value belongs, at its byte 5
    {\"a\":1,}
      not JSON: no value after a comma, at its byte 8
    {\"a\":01}
      not JSON: not a number as JSON writes them, at its byte 7
    {\"a\" 1}
      not JSON: `:` is missing, at its byte 6
    {\"a\":1 \"b\":2}
      not JSON: `,` or `}` is missing, at its byte 8
    {\"a\":1} 2
      not JSON: something follows its end, at its byte 9
    {\"a\":\"\\x\"}
      not JSON: an unknown escape in a text: a backslash is written `\\`, at its byte 8
    {\"a\":\"\t\"}
      not JSON: a line break, tab or other control character in a text: write `\n`, `\t`, at its byte 6
    {\"a\":yes}
      not JSON: no value where one belongs (texts stand in double quotes), at its byte 6
    "#);
}

#[test]
fn records_that_are_too_long_or_no_text() {
    let dir = folder();
    dir.write("config.toml", "max_record = \"20 B\"\n");
    let long = "{\"title\":\"longer than that\"}\n";
    dir.write(
        "bad.jsonl",
        [long.as_bytes(), b"{\"a\":\"\xfc\"}\n"].concat(),
    );
    let told = offline(&dir, &["bad.jsonl", "-o", "out.jsonl", "-q"]);
    let reasons = dir.records("out.rejects.jsonl");
    let reasons = reasons.iter().map(|reject| reject["reason"].as_str());
    let reasons: String = reasons.map(|it| format!("{}\n", it.unwrap())).collect();
    assert_snapshot!(told + &reasons, @r"
    exit 0
    longer than `max_record`, which the configuration can raise
    not UTF-8 at byte 35
    ");
}

#[cfg(unix)]
#[test]
fn files_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder();
    let path = dir.write("closed.jsonl", "{}\n");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    // The superuser may read everything.
    if std::fs::read(&path).is_ok() {
        println!("skipped: this user may read what is closed to all");
        return;
    }
    assert_snapshot!(offline(&dir, &["closed.jsonl"]), @r"
    exit 1
    error: cannot read `closed.jsonl`: Permission denied (os error 13)
    hint: ask its owner to let you read it
    ");
    assert_snapshot!(offline(&dir, &["in.jsonl", "--config", "closed.jsonl"]), @r"
    exit 1
    error: cannot read `closed.jsonl`: Permission denied (os error 13)
    hint: ask its owner to let you read it
    ");
}
