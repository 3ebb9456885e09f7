//! What a person sees: messages with what to do next, exit codes, streams that behave.

use std::process::Stdio;

use crate::resolve::{script, works};
use crate::util::{Dir, Fake};

#[test]
fn mistakes_are_told_before_any_work_starts() {
    let dir = Dir::new();
    dir.write("in.jsonl", "{\"a\":1}\n");
    dir.write("folder/.keep", "");
    dir.write("bad.toml", "input = [\"in.jsonl\"]\noutptu = \"x\"\n");
    dir.write("example.toml", "[crossref]\nmailto = \"you@example.org\"\n");
    for (args, code, said) in [
        (&["nowhere.jsonl"][..], 1, "cannot read `nowhere.jsonl`"),
        (&["folder"], 1, "no input file in `folder`"),
        (&["*.nothing"], 1, "no input file"),
        (
            &["in.jsonl", "-o", "in.jsonl"],
            1,
            "belongs to the output, is one of the inputs",
        ),
        (&["in.jsonl", "-o", "folder"], 1, "cannot write `folder`"),
        (&["in.jsonl", "-o", "in.jsonl/x"], 1, "cannot write"),
        (
            &["--config", "bad.toml"],
            1,
            "bad.toml:2: unknown key `outptu`; did you mean `output`?",
        ),
        (
            &["--config", "example.toml", "in.jsonl"],
            1,
            "this is an example",
        ),
        (
            &["--config", "nothing.toml"],
            1,
            "cannot read `nothing.toml`",
        ),
        (
            &["in.jsonl", "--mailto", "nobody"],
            1,
            "not an e-mail address",
        ),
        (
            &["in.jsonl", "--profile", "scolar"],
            1,
            "did you mean `scholar`?",
        ),
        (
            &["in.jsonl", "--base-url", "http://api.crossref.org"],
            1,
            "only `https://` is used",
        ),
        (&[], 1, "nothing to read"),
        (&["--no-such-flag"], 2, "--no-such-flag"),
    ] {
        dir.run(args).code(code).says(said);
    }
    assert!(!dir.exists("folder.part"));
}

#[test]
fn data_goes_to_standard_output_and_all_else_to_standard_error() {
    let dir = Dir::new();
    dir.write("in.jsonl", "{\"a\":1}\nnonsense\n");
    let run = dir
        .run(&["in.jsonl", "--store", "s", "--offline"])
        .code(0)
        .says("1 record in");
    assert_eq!(
        run.out,
        "{\"a\":1,\"_crossfill\":{\"status\":\"no_doi\"}}\n"
    );
    // There is no file for rejects beside a stream: they are told.
    assert!(
        run.err.contains("in.jsonl:2: not a record"),
        "{}",
        run.told()
    );
    let quiet = dir
        .run(&["in.jsonl", "--store", "s", "--offline", "-q"])
        .code(0);
    assert_eq!(quiet.err, "");
    assert!(
        !run.err.contains('\u{1b}'),
        "no colours in a pipe: {:?}",
        run.err
    );
    dir.run(&[
        "in.jsonl",
        "-o",
        "o.jsonl",
        "--store",
        "s",
        "--offline",
        "--fail-on",
        "rejects",
    ])
    .code(3);
    assert_eq!(
        dir.read("o.jsonl").lines().count(),
        1,
        "exit 3 replaces the target"
    );
}

#[test]
fn a_closed_pipe_is_success() {
    let dir = Dir::new();
    dir.write("in.jsonl", "{\"a\":1}\n".repeat(200_000));
    let mut child = dir
        .command(&["in.jsonl", "--store", "s", "--offline", "-q"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn dois_are_recognised_one_line_each() {
    let dir = Dir::new();
    let run = dir
        .run(&["doi", "https://doi.org/10.5555/ABC", "no DOI here"])
        .code(0);
    assert_eq!(
        run.out,
        "{\"input\":\"https://doi.org/10.5555/ABC\",\"doi\":\"10.5555/abc\"}\n{\"input\":\"no DOI here\",\"doi\":null,\"why\":\"no DOI found\"}\n"
    );
    let run = dir
        .run_with(&["doi"], b"doi:10.5555/x.\r\n\n\xff 10.5555/y\n")
        .code(0);
    let lines: Vec<serde_json::Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[0]["doi"].as_str(), lines[1]["doi"].as_str()),
        (Some("10.5555/x"), Some("10.5555/y"))
    );
}

#[test]
fn help_version_completions_and_manual() {
    let dir = Dir::new();
    assert!(
        dir.run(&["--help"])
            .code(0)
            .out
            .contains("Exit codes: 0 done")
    );
    assert!(
        dir.run(&["--version"])
            .code(0)
            .out
            .starts_with("crossfill ")
    );
    assert!(
        dir.run(&["completions", "bash"])
            .code(0)
            .out
            .contains("_crossfill")
    );
}

#[test]
fn each_command_has_a_manual_page() {
    let dir = Dir::new();
    dir.run(&["man", "--out", "man/man1"]).code(0);
    let main = dir.run(&["man"]).code(0).out;
    assert_eq!(dir.read("man/man1/crossfill.1"), main);
    assert!(main.contains("Exit codes: 0 done") && !main.contains("EXTRA"));
    // Each page that the main one and that of the store point to is there.
    let store = dir.read("man/man1/crossfill-store.1");
    let mut names: Vec<String> = (main + &store)
        .lines()
        .filter_map(|line| Some(line.strip_suffix("(1)")?.replace('\\', "")))
        .collect();
    names.sort();
    for name in &names {
        let page = dir.read(&format!("man/man1/{name}.1"));
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"));
        let command: Vec<&str> = name.split('-').skip(1).collect();
        let printed = dir.run(&[&["man"], &command[..]].concat()).code(0);
        assert_eq!(printed.out, page, "{name}");
    }
    assert!(
        names.contains(&"crossfill-store-import".to_owned()),
        "{names:?}"
    );
    let written = std::fs::read_dir(dir.path("man/man1")).unwrap().count();
    assert_eq!(written, names.len() + 1);

    dir.run(&["man", "stor"])
        .code(2)
        .says("`crossfill stor` has no page")
        .says("crossfill store import");
    dir.write("file", "");
    dir.run(&["man", "--out", "file"])
        .code(1)
        .says("cannot write pages to `file`");
}

#[test]
fn without_an_address_the_public_pool_is_used_and_that_is_said() {
    let dir = Dir::new();
    let mut script = script(works(1, |_| false));
    script.public = (50, 50, 1);
    let fake = Fake::start(script);
    dir.write("in.jsonl", "{\"doi\":\"10.5555/cf.0000\"}\n");
    let url = fake.url();
    dir.run(&[
        "in.jsonl",
        "-o",
        "o.jsonl",
        "--store",
        "s",
        "--base-url",
        &url,
    ])
    .code(0)
    .says("public pool");
    assert!(
        !fake.seen()[0].user_agent.contains("mailto"),
        "{}",
        fake.seen()[0].user_agent
    );
    assert!(
        !fake.seen()[0].target.contains("mailto"),
        "{}",
        fake.seen()[0].target
    );
}

#[test]
fn a_token_is_sent_and_never_shown() {
    let dir = Dir::new();
    let secret = "s3cret-t0ken-of-mine";
    dir.write("token", format!("{secret}\n"));
    dir.write("config.toml", "[crossref]\ntoken_file = \"token\"\n");
    let fake = Fake::start(script(works(1, |_| false)));
    dir.write("in.jsonl", "{\"doi\":\"10.5555/cf.0000\"}\n");
    let url = fake.url();
    let run = dir
        .run(&[
            "in.jsonl",
            "-o",
            "o.jsonl",
            "--store",
            "s",
            "--base-url",
            &url,
            "-vv",
        ])
        .code(0);
    let sent = fake.seen()[0].headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("crossref-plus-api-token") && value == &format!("Bearer {secret}")
    });
    assert!(sent, "{:?}", fake.seen()[0].headers);
    assert!(!run.told().contains(secret), "{}", run.told());
    assert!(!dir.read("o.run.json").contains(secret));
}

#[test]
fn no_file_of_the_output_may_be_an_input() {
    let dir = Dir::new();
    for name in [
        "j.jsonl",
        "j.jsonl.part",
        "j.rejects.jsonl",
        "j.review.jsonl",
        "j.run.json",
    ] {
        let dir = Dir::new();
        dir.write(name, "{\"a\":1}\n");
        dir.run(&[name, "-o", "j.jsonl", "--store", "s", "--offline"])
            .code(1)
            .says("one of the inputs");
        assert_eq!(dir.read(name), "{\"a\":1}\n");
    }
    dir.write("in.jsonl", "{\"a\":1}\n");
    dir.run(&["in.jsonl", "--note", "volume"])
        .code(1)
        .says("the name of a field");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_stream_a_stream() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = Dir::new();
    dir.write("in.jsonl", "{\"a\":1}\n");
    let target = dir.write("target.jsonl", "old\n");
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600)).unwrap();
    symlink("target.jsonl", dir.path("link.jsonl")).unwrap();
    dir.run(&["in.jsonl", "-o", "link.jsonl", "--store", "s", "--offline"])
        .code(0);
    assert!(
        dir.path("link.jsonl")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
    assert!(dir.read("target.jsonl").starts_with("{\"a\":1,"));
    assert_eq!(
        target.metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
    let run = dir
        .run(&["in.jsonl", "-o", "/dev/stdout", "--store", "s", "--offline"])
        .code(0);
    assert!(run.out.starts_with("{\"a\":1,"), "{}", run.told());
}

#[test]
fn recognising_dois_ends_when_nobody_reads() {
    let dir = Dir::new();
    let mut child = dir
        .command(&["doi"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    drop(child.stdout.take());
    // Writes until the program has gone: it would never end otherwise.
    while std::io::Write::write_all(&mut stdin, b"10.5555/x\n").is_ok() {}
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_output_that_is_appended_to_the_input_is_refused() {
    let dir = Dir::new();
    let input = "{\"doi\":\"10.5555/x\"}\n";
    dir.write("in.jsonl", input);
    let path = dir.path("in.jsonl");
    let file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let args = ["in.jsonl", "--offline", "--store", "st"];
    let output = dir.command(&args).stdout(file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("is one of the inputs"), "{said}");
    assert_eq!(dir.read("in.jsonl"), input);
}
