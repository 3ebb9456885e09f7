//! `docs/config.md`, made from the table of settings and from the command line itself:
//! `CROSSFILL_WRITE_DOCS=1 cargo test config_md`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Arg, CommandFactory};

use super::args::Cli;
use crate::config::{ConfigError, File, Overrides, Settings, defaults};

/// A key of the configuration.
struct Setting {
    /// Its table, empty for the keys before any.
    table: &'static str,
    key: &'static str,
    /// What it may be.
    values: &'static str,
    /// Its default, as it is written in the file; empty if there is none that a file could say.
    default: String,
    means: &'static str,
}

/// A text as TOML writes it.
fn text(value: &str) -> String {
    format!("{value:?}")
}

/// All of them, in the order of `config.toml`.
fn settings() -> Vec<Setting> {
    let row = |table, key, values, default: &str, means| Setting {
        table,
        key,
        values,
        default: default.to_owned(),
        means,
    };
    let fail_on = format!("{:?}", defaults::FAIL_ON);
    let doi_fields = format!("{:?}", defaults::DOI_FIELDS);
    vec![
        row(
            "",
            "input",
            "list of texts",
            "",
            "Files, folders (read whole, in the order of their paths, without hidden files), patterns, or `-` for standard input. An INPUT or `-o` on the command line replaces both this and `output`.",
        ),
        row(
            "",
            "output",
            "text",
            "\"-\"",
            "Where to write. `.gz` and `.zst` compress; `-` is standard output.",
        ),
        row(
            "",
            "profile",
            "`auto`, `scholar`, `crossref`",
            &text(defaults::PROFILE),
            "Which keys records have: see [fields.md](fields.md). `auto` decides record by record.",
        ),
        row(
            "",
            "store",
            "text",
            "",
            "The folder of the works store; left out, it is `crossfill/store` in your cache folder. Runs share it.",
        ),
        row(
            "",
            "data_files",
            "list of texts",
            "[]",
            "Crossref data files, or folders of them. Before each run, what is new in them is brought into the store: see [data-file.md](data-file.md).",
        ),
        row(
            "",
            "offline",
            "`true`, `false`",
            "false",
            "Ask nobody: take what the store knows, whatever its age.",
        ),
        row(
            "",
            "skip_complete",
            "`true`, `false`",
            "false",
            "Do not ask for records that miss nothing which Crossref could fill. They are not checked either: no differences, no retractions.",
        ),
        row(
            "",
            "fail_on",
            "list of `unresolved`, `rejects`, `mismatch`, `not_found`",
            &fail_on,
            "What makes a run that was done end with exit code 3. `unresolved` does not count offline.",
        ),
        row(
            "",
            "max_record",
            "size, to `\"1 GiB\"`",
            &text(defaults::MAX_RECORD),
            "A longer record is rejected, with its place and its first 4 KiB.",
        ),
        row(
            "",
            "doi_fields",
            "list of texts",
            &doi_fields,
            "Where a record's DOI may stand, best first; dots go into objects. A table needs a column `doi` all the same.",
        ),
        row(
            "crossref",
            "base_url",
            "text",
            &text(defaults::BASE_URL),
            "The REST API: HTTPS, unless it is on this machine.",
        ),
        row(
            "crossref",
            "mailto",
            "text",
            "",
            "Your own e-mail address, which goes with each request: Crossref's polite pool, three times the rate, and they can reach you before they block you. An example address is refused.",
        ),
        row(
            "crossref",
            "token_file",
            "text",
            "",
            "A file with a Crossref Plus token; or the environment's `CROSSREF_PLUS_API_TOKEN`, which wins. It appears in no file and no message.",
        ),
        row(
            "crossref",
            "batch",
            "1 to 1000",
            &defaults::BATCH.to_string(),
            "DOIs in a list request at most. Crossref's own limit is about 100.",
        ),
        row(
            "crossref",
            "pace",
            "above 0, to 1",
            &defaults::PACE.to_string(),
            "How much of the rate that Crossref allows is used.",
        ),
        row(
            "crossref",
            "max_age",
            "time",
            &text(defaults::MAX_AGE),
            "How long a work that was asked for is taken from the store (a quarter more or less, by its DOI, so that not all are due in one night).",
        ),
        row(
            "crossref",
            "max_age_missing",
            "time",
            &text(defaults::MAX_AGE_MISSING),
            "How long a DOI that Crossref does not know is not asked for again; the second time 30 days, then 180.",
        ),
        row(
            "crossref",
            "max_age_imported",
            "time",
            &text(defaults::MAX_AGE_IMPORTED),
            "How long a work from a data file is taken from the store.",
        ),
        row(
            "crossref",
            "max_outage",
            "time",
            &text(defaults::MAX_OUTAGE),
            "How long an outage may last before the run ends with exit code 4; ten seconds if nothing ever answered.",
        ),
        row(
            "enrich",
            "note",
            "text",
            &text(defaults::NOTE),
            "The key of the note in each record: see [statuses.md](statuses.md). `\"\"` leaves the note out.",
        ),
        row(
            "enrich",
            "add",
            "`\"profile\"`, `true`, `false`",
            "\"profile\"",
            "Whether keys are added that a record does not have; by itself `crossref` adds them and `scholar` does not.",
        ),
        row(
            "enrich",
            "dates",
            "`partial`, `full`",
            &text(defaults::DATES),
            "`full` fills whole days only; `partial` also a year, or a year and a month.",
        ),
    ]
}

/// The option of the command line that says the same.
fn option(setting: &Setting) -> Option<Arg> {
    let run = Cli::command();
    let found = run
        .get_arguments()
        .find(|arg| arg.get_id().as_str() == setting.key);
    found.filter(|arg| arg.get_long().is_some()).cloned()
}

fn flag(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default();
    let value = match arg.get_action().takes_values() {
        true => values
            .iter()
            .map(|value| format!(" {value}"))
            .collect::<String>(),
        false => String::new(),
    };
    let long = arg.get_long().unwrap_or_default();
    match arg.get_short() {
        Some(short) => format!("`-{short}`, `--{long}{value}`"),
        None => format!("`--{long}{value}`"),
    }
}

fn variable(arg: &Arg) -> String {
    let name = arg.get_env().map(|name| name.to_string_lossy());
    name.map(|name| format!("`{name}`")).unwrap_or_default()
}

fn page() -> String {
    let mut out = String::from(HEAD);
    let mut table = None;
    for setting in settings() {
        if table != Some(setting.table) {
            let title = match setting.table {
                "" => "Before any table".to_owned(),
                table => format!("`[{table}]`"),
            };
            write!(out, "\n\n## {title}\n").unwrap();
            table = Some(setting.table);
        }
        let (key, means) = (setting.key, setting.means);
        write!(out, "\n- **`{key}`**: {}. {means}", setting.values).unwrap();
        if !setting.default.is_empty() {
            write!(out, " Default: `{}`.", setting.default).unwrap();
        }
        if let Some(arg) = option(&setting) {
            let variable = Some(variable(&arg)).filter(|name| !name.is_empty());
            let variable = variable.map(|name| format!(", {name}")).unwrap_or_default();
            write!(out, " Also {}{variable}.", flag(&arg)).unwrap();
        }
    }
    out.push('\n');
    out.push_str(FIELDS);
    let keys: Vec<&str> = settings().iter().map(|setting| setting.key).collect();
    for arg in Cli::command().get_arguments() {
        let named = arg.get_long().is_some() && arg.get_id() != "help" && arg.get_id() != "version";
        if named && !keys.contains(&arg.get_id().as_str()) {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            writeln!(out, "| {} | {} | {help} |", flag(arg), variable(arg)).unwrap();
        }
    }
    out
}

const HEAD: &str = "# Settings

<!-- Made from the table of settings in src/cli/docs.rs by its test; change it there. -->

A flag wins over the environment, which wins over the file, which wins over the default.

**The file** is the one that `--config FILE` (or `CROSSFILL_CONFIG`) names, else `config.toml` in the current
folder, else `crossfill/config.toml` in your configuration folder (`~/.config` on Linux). One of them is read,
never two. Relative paths in it go from its own folder. An unknown key is an error that names the nearest
known one. The [config.toml](../config.toml) of this repository has every key with its default.

**Times** are written like `30d`, `12h`, `10m` or `1d 6h`; **sizes** like `64 MiB`.";

const FIELDS: &str = "
## `[fields]`

What fills which field, and when: your own word over the profiles'. [fields.md](fields.md) has it with all that
can be said.

## Only on the command line

| option | environment | |
|---|---|---|
";

#[test]
fn config_md_is_made_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    if std::env::var_os("CROSSFILL_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page());
}

/// The names that a table of the file may have, as its reader tells them.
fn names(table: &str) -> Vec<String> {
    let text = match table {
        "" => "? = 1".replace('?', "no_such_key"),
        table => format!("[{table}]\nno_such_key = 1"),
    };
    let error = toml::from_str::<File>(&text).unwrap_err();
    let known = error.message().split('`').skip(3).step_by(2);
    known.map(str::to_owned).collect()
}

#[test]
fn the_table_has_every_key_of_the_file_and_no_other() {
    for table in ["", "crossref", "enrich"] {
        let rows = settings();
        let rows = rows.iter().filter(|setting| setting.table == table);
        let mut rows: Vec<&str> = rows.map(|setting| setting.key).collect();
        if table.is_empty() {
            rows.extend(["crossref", "enrich", "fields"]);
        }
        let mut known = names(table);
        known.sort_unstable();
        rows.sort_unstable();
        assert_eq!(rows, known, "[{table}]");
    }
}

#[test]
fn the_table_says_the_defaults_that_hold() {
    let read = |text: &str| -> Result<String, ConfigError> {
        let over = Overrides {
            inputs: vec![PathBuf::from("in")],
            store: Some("store".into()),
            ..Overrides::default()
        };
        let file = File::parse(text, Path::new("config.toml"))?;
        // Where it was read from is no setting.
        Ok(format!("{:?}", Settings::new(file, Path::new(""), over)?))
    };
    let default = read("").unwrap();
    for setting in settings() {
        let table = match setting.table {
            "" => String::new(),
            table => format!("[{table}]\n"),
        };
        if !setting.default.is_empty() {
            let text = format!("{table}{} = {}", setting.key, setting.default);
            assert_eq!(read(&text).unwrap(), default, "{text}");
        }
    }
}

#[test]
fn the_documented_file_has_every_key() {
    // If only as a comment. That what it says are the defaults is a test of the configuration's.
    let text = include_str!("../../config.toml");
    for setting in settings() {
        let stands = |line: &str| {
            let key = line.trim_start_matches("# ").split('=').next();
            key.map(str::trim) == Some(setting.key)
        };
        assert!(text.lines().any(stands), "{}", setting.key);
    }
}
