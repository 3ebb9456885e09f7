//! Flags: as clap says it, with examples of ours.

use insta::assert_snapshot;

use super::{folder, hidden, told};

#[test]
fn flags_and_their_values() {
    let dir = folder();
    assert_snapshot!(told(&dir, &["in.jsonl", "--mailo", "jane@library.edu"]), @r"
    exit 2
    error: unexpected argument '--mailo' found

      tip: a similar argument exists: '--mailto'

    Usage: crossfill --mailto <ADDRESS> <INPUT>...

    For more information, try '--help'.
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--max-time", "soon"]), @r"
    exit 2
    error: invalid value 'soon' for '--max-time <TIME>': not a time; write it like `30d`, `12h` or `90min`

    For more information, try '--help'.
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--max-requests", "many"]), @r"
    exit 2
    error: invalid value 'many' for '--max-requests <N>': invalid digit found in string

    For more information, try '--help'.
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--color", "pink"]), @r"
    exit 2
    error: invalid value 'pink' for '--color <WHEN>'
      [possible values: auto, always, never]

    For more information, try '--help'.
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--mailto", "you@example.org"]), @r"
    exit 1
    error: mailto = `you@example.org`: this is an example; Crossref needs your own address, to reach you if something goes wrong: give it, or leave it out
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--profile", "crosref"]), @r"
    exit 1
    error: profile = `crosref`: did you mean `crossref`? It is one of auto, scholar, crossref
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--base-url", "crossref.org"]), @r"
    exit 1
    error: base_url = `crossref.org`: relative URL without a base; write it like `https://api.crossref.org`
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--max-age", "30"]), @r"
    exit 1
    error: max_age = `30`: its unit is missing; write it like `30d`, `12h` or `90min`
    ");
    assert_snapshot!(told(&dir, &["store", "impor"]), @r"
    exit 2
    error: unrecognized subcommand 'impor'

      tip: some similar subcommands exist: 'export', 'import'

    Usage: crossfill store <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(told(&dir, &["store", "prune", "--older-than", "a year"]), @r"
    exit 2
    error: invalid value 'a year' for '--older-than <TIME>': not a time; write it like `30d`, `12h` or `90min`

    For more information, try '--help'.
    ");
}

/// The same for programs.
#[test]
fn errors_as_json() {
    let dir = folder();
    let said = told(
        &dir,
        &["in.jsonl", "--config", "seed", "--log-format", "json"],
    );
    assert_snapshot!(hidden(&said, "\"timestamp\":\"", "\"", "[TIME]"), @r#"
    exit 1
    {"timestamp":"[TIME]","level":"ERROR","message":"cannot read `seed`: No such file or directory (os error 2)","event":"error","hint":"did you mean `seeds/`?"}
    "#);
}
