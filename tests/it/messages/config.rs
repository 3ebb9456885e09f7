//! Mistakes in the configuration: the line, the key, the value, and what was meant.

use insta::assert_snapshot;

use super::{folder, offline};

/// What a run says with `text` as its configuration.
fn configured(text: &str) -> String {
    let dir = folder();
    dir.write("c.toml", text);
    offline(&dir, &["in.jsonl", "--config", "c.toml"])
}

#[test]
fn keys_that_are_unknown() {
    assert_snapshot!(configured("offline = true\nprofil = \"scholar\"\n"), @r"
    exit 1
    error: c.toml:2: unknown key `profil`; did you mean `profile`?
    ");
    assert_snapshot!(configured("# mine\n[crosref]\nbatch = 3\n"), @r"
    exit 1
    error: c.toml:2: unknown key `crosref`; did you mean `crossref`?
    ");
    assert_snapshot!(configured("batch = 3\n"), @r"
    exit 1
    error: c.toml:1: unknown key `batch`; it belongs in the table `[crossref]`
    ");
    assert_snapshot!(configured("[enrich]\nmailto = \"x\"\n"), @r"
    exit 1
    error: c.toml:2: unknown key `mailto`; it belongs in the table `[crossref]`
    ");
    assert_snapshot!(configured("[crossref]\noffline = true\n"), @r"
    exit 1
    error: c.toml:2: unknown key `offline`; it belongs at the top, before all tables
    ");
    assert_snapshot!(configured("[crossref]\nxyzzy = 3\n"), @r"
    exit 1
    error: c.toml:2: unknown key `xyzzy`; there are base_url, mailto, token_file, batch, pace, max_age, max_age_missing, max_age_imported, max_outage
    ");
}

#[test]
fn values_of_another_type() {
    assert_snapshot!(configured("offline = \"no\"\n"), @r#"
    exit 1
    error: c.toml:1: offline = `"no"`: write `true` or `false`
    "#);
    assert_snapshot!(configured("input = \"in.jsonl\"\n"), @r#"
    exit 1
    error: c.toml:1: input = `"in.jsonl"`: write a list, like `["one", "two"]`
    "#);
    assert_snapshot!(configured("store = 3\n"), @r"
    exit 1
    error: c.toml:1: store = `3`: write a text in quotes
    ");
    assert_snapshot!(configured("[crossref]\nbatch = -1\n"), @r"
    exit 1
    error: c.toml:2: crossref.batch = `-1`: write a whole number that is not negative
    ");
    assert_snapshot!(configured("[crossref]\npace = \"fast\"\n"), @r#"
    exit 1
    error: c.toml:2: crossref.pace = `"fast"`: write a number, like `0.5`
    "#);
    assert_snapshot!(configured("[enrich]\nadd = 3\n"), @r#"
    exit 1
    error: c.toml:2: enrich.add = `3`: write `"profile"`, `true` or `false`
    "#);
    assert_snapshot!(configured("crossref = 3\n"), @r"
    exit 1
    error: c.toml:1: crossref = `3`: write a table
    ");
}

#[test]
fn what_is_no_toml() {
    assert_snapshot!(configured("offline = \n"), @r#"
    exit 1
    error: c.toml:1: not TOML: string values must be quoted, expected literal string; write `key = "text"`, `key = 3` or `key = true`
    "#);
    assert_snapshot!(configured("offline = true false\n"), @r#"
    exit 1
    error: c.toml:1: not TOML: string values must be quoted, expected literal string; write `key = "text"`, `key = 3` or `key = true`
    "#);
    assert_snapshot!(configured("[crossref\n"), @r#"
    exit 1
    error: c.toml:1: not TOML: unclosed table, expected `]`; write `key = "text"`, `key = 3` or `key = true`
    "#);
    assert_snapshot!(configured("mailto = jane@library.edu\n"), @r#"
    exit 1
    error: c.toml:1: not TOML: string values must be quoted, expected literal string; write `key = "text"`, `key = 3` or `key = true`
    "#);
}

#[test]
fn words_that_are_unknown() {
    assert_snapshot!(configured("profile = \"scholr\"\n"), @r"
    exit 1
    error: c.toml:1: profile = `scholr`: did you mean `scholar`? It is one of auto, scholar, crossref
    ");
    assert_snapshot!(configured("profile = \"x\"\n"), @r"
    exit 1
    error: c.toml:1: profile = `x`: it is one of auto, scholar, crossref
    ");
    assert_snapshot!(configured("fail_on = [\"rejects\", \"reject\"]\n"), @r"
    exit 1
    error: c.toml:1: fail_on = `reject`: did you mean `rejects`? It is one of unresolved, rejects, mismatch, not_found
    ");
    assert_snapshot!(configured("[enrich]\ndates = \"ful\"\n"), @r"
    exit 1
    error: c.toml:2: dates = `ful`: did you mean `full`? It is one of partial, full
    ");
    assert_snapshot!(configured("[enrich]\nadd = \"all\"\n"), @r#"
    exit 1
    error: c.toml:2: add = `all`: write `"profile"`, `true` or `false`
    "#);
}

#[test]
fn times_and_sizes() {
    assert_snapshot!(configured("max_record = \"big\"\n"), @r"
    exit 1
    error: c.toml:1: max_record = `big`: not a size; write it like `64 MiB`
    ");
    assert_snapshot!(configured("max_record = \"2 GiB\"\n"), @r"
    exit 1
    error: c.toml:1: max_record = `2 GiB`: write a size from `1 B` to `1 GiB`
    ");
    assert_snapshot!(configured("[crossref]\nmax_age = \"soon\"\n"), @r"
    exit 1
    error: c.toml:2: max_age = `soon`: not a time; write it like `30d`, `12h` or `90min`
    ");
    assert_snapshot!(configured("[crossref]\nmax_age = \"30\"\n"), @r"
    exit 1
    error: c.toml:2: max_age = `30`: its unit is missing; write it like `30d`, `12h` or `90min`
    ");
    assert_snapshot!(configured("[crossref]\nmax_outage = \"3 fortnights\"\n"), @r"
    exit 1
    error: c.toml:2: max_outage = `3 fortnights`: `fortnights` is no unit of time; write it like `30d`, `12h` or `90min`
    ");
}

#[test]
fn numbers() {
    assert_snapshot!(configured("[crossref]\npace = 3.0\n"), @r"
    exit 1
    error: c.toml:2: pace = `3`: write a number above 0 and up to 1
    ");
    assert_snapshot!(configured("[crossref]\nbatch = 5000\n"), @r"
    exit 1
    error: c.toml:2: batch = `5000`: write a whole number from 1 to 1000
    ");
}

#[test]
fn addresses() {
    assert_snapshot!(configured("[crossref]\nmailto = \"you@example.org\"\n"), @r"
    exit 1
    error: c.toml:2: mailto = `you@example.org`: this is an example; Crossref needs your own address, to reach you if something goes wrong: give it, or leave it out
    ");
    assert_snapshot!(configured("[crossref]\nmailto = \"me\"\n"), @r"
    exit 1
    error: c.toml:2: mailto = `me`: not an e-mail address: give your own, or leave it out (the rate is a third then)
    ");
}

#[test]
fn servers() {
    assert_snapshot!(configured("[crossref]\nbase_url = \"api.crossref.org\"\n"), @r"
    exit 1
    error: c.toml:2: base_url = `api.crossref.org`: relative URL without a base; write it like `https://api.crossref.org`
    ");
    assert_snapshot!(configured("[crossref]\nbase_url = \"http://api.crossref.org\"\n"), @r"
    exit 1
    error: c.toml:2: base_url = `http://api.crossref.org`: only `https://` is used for another machine, `http://` for this one
    ");
    assert_snapshot!(configured("[crossref]\nbase_url = \"https://\"\n"), @r"
    exit 1
    error: c.toml:2: base_url = `https://`: empty host; write it like `https://api.crossref.org`
    ");
}

#[test]
fn tokens() {
    assert_snapshot!(configured("[crossref]\ntoken_file = \"token\"\n"), @r"
    exit 1
    error: c.toml:2: token_file = `token`: cannot read it: No such file or directory (os error 2); put the token there, alone, or leave `token_file` out
    ");
    assert_snapshot!(configured("[crossref]\ntoken_file = \"empty/.hidden\"\n"), @r"
    exit 1
    error: c.toml:2: token_file = `empty/.hidden`: there is no token in it; put the token there, alone, or leave `token_file` out
    ");
}

#[test]
fn fields() {
    assert_snapshot!(configured("[fields]\nyear = \"publishd\"\n"), @r"
    exit 1
    error: c.toml:2: fields.year = `publishd`: there is no fact `publishd`; did you mean `published`?
    ");
    assert_snapshot!(configured("[fields]\nyear = \"zzz\"\n"), @r"
    exit 1
    error: c.toml:2: fields.year = `zzz`: there is no fact `zzz`; docs/fields.md lists them
    ");
    assert_snapshot!(configured("[fields]\ntitel = { policy = \"own\" }\n"), @r"
    exit 1
    error: c.toml:2: fields = `titel`: no profile has this field; did you mean `title`? Else say what fills it: `from = …`
    ");
    assert_snapshot!(configured("[fields]\ntitle = { polcy = \"own\" }\n"), @r"
    exit 1
    error: c.toml:2: fields.title = `polcy`: unknown key; did you mean `policy`?
    ");
    assert_snapshot!(configured("[fields]\ntitle = { policy = \"refesh\" }\n"), @r"
    exit 1
    error: c.toml:2: fields.title.policy = `refesh`: did you mean `refresh`? It is one of missing, own, refresh, never
    ");
    assert_snapshot!(configured("[fields]\ntitle = 3\n"), @r"
    exit 1
    error: c.toml:2: fields.title = `3`: write a fact's name, or `{ from = …, policy = …, missing = […] }`
    ");
    assert_snapshot!(configured("[fields]\nx = \"/reference/0\"\n"), @r"
    exit 1
    error: c.toml:2: fields.x = `/reference/0`: the references of works are not kept, so nothing can be filled from them
    ");
    assert_snapshot!(configured("[fields]\nx = \"/a~2\"\n"), @r"
    exit 1
    error: c.toml:2: fields.x = `/a~2`: in a pointer, `~` is written `~0`, and `/` in a key `~1`
    ");
    assert_snapshot!(configured("[fields]\n\"a..b\" = \"title\"\n"), @r"
    exit 1
    error: c.toml:2: fields = `a..b`: an empty key between its dots; write it like `journal.volume`
    ");
    assert_snapshot!(configured("[fields]\n_crossfill = \"title\"\n"), @r"
    exit 1
    error: note = `_crossfill`: it is the name of a field, too; give the note another one: `note` in `[enrich]`
    ");
    assert_snapshot!(configured("[fields]\nx = \"title\"\n\"x.y\" = \"title\"\n"), @r"
    exit 1
    error: c.toml:3: fields = `x.y`: the field `x` is in the way, because one of the two holds the other; leave one of them out
    ");
}

#[test]
fn data_files_that_are_not_there() {
    assert_snapshot!(configured("data_files = [\"seed/works.jsonl\"]\n"), @r"
    exit 1
    error: cannot read `seed/works.jsonl`: No such file or directory (os error 2)
    hint: it stands in `data_files` of the configuration; there is no `seed`; did you mean `seeds/`?
    ");
}

#[test]
fn files_that_cannot_be_read() {
    let dir = folder();
    dir.write("config.tom", "");
    dir.write("latin.toml", b"# mine\nstore = \"B\xfccher\"\n");
    assert_snapshot!(offline(&dir, &["in.jsonl", "--config", "config.toml"]), @r"
    exit 1
    error: cannot read `config.toml`: No such file or directory (os error 2)
    hint: did you mean `config.tom`?
    ");
    assert_snapshot!(offline(&dir, &["in.jsonl", "--config", "seeds"]), @r"
    exit 1
    error: cannot read `seeds`: Is a directory (os error 21)
    hint: it is a folder: name a file in it
    ");
    assert_snapshot!(offline(&dir, &["in.jsonl", "--config", "latin.toml"]), @r"
    exit 1
    error: latin.toml:2: not UTF-8: save the file as UTF-8
    ");
}
