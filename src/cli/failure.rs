//! How an error ends the program: what happened, where, and what to do next. All commands end here.

use std::io::{self, ErrorKind};
use std::path::Path;

use clap::CommandFactory;

use super::args::Cli;
use super::exit::Exit;
use super::nearby::nearby;
use super::ui;
use crate::config::{ConfigError, nearest};
use crate::crossref::ClientError;
use crate::inspect::InspectError;
use crate::pipeline::RunError;
use crate::reader::ReadError;
use crate::resolver::Stop;
use crate::source::SourceError;
use crate::store::{StoreError, is_full};
use crate::writer::WriteError;

const BUG: &str = "this is a bug: please report it, with all that was said";
const OTHER_OUTPUT: &str = "name another output with -o, or allow writing there";

/// The settings can't be used. (Most of these errors say what was meant in their own line.)
pub(super) fn config(error: &ConfigError) -> Exit {
    let hint = match error {
        ConfigError::Unreadable { path, source } => unread(path, source),
        ConfigError::Invalid { .. } | ConfigError::Value { .. } | ConfigError::Missing(_) => None,
    };
    ui::fail(&error.to_string(), hint.as_deref())
}

/// A file that was named can't be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Exit {
    let message = format!("cannot read `{}`: {error}", path.display());
    ui::fail(&message, unread(path, error).as_deref())
}

/// The inputs can't be used.
pub(super) fn source(error: &SourceError) -> Exit {
    ui::fail(&error.to_string(), no_source(error).as_deref())
}

/// An input can't be read, before a run or without one.
pub(super) fn read(error: &ReadError) -> Exit {
    ui::fail(&error.to_string(), no_input(error, None).as_deref())
}

/// An output can't be written, which is no run's.
pub(super) fn write(error: &WriteError) -> Exit {
    match error {
        WriteError::Closed => Exit::Done,
        error => ui::fail(&error.to_string(), no_output(error, None).as_deref()),
    }
}

/// The store can't be used.
pub(super) fn store(error: &StoreError) -> Exit {
    ui::fail(&error.to_string(), no_store(error).as_deref())
}

/// The inputs can't be looked at.
pub(super) fn inspect(error: &InspectError) -> Exit {
    match error {
        InspectError::Store(error) => store(error),
        InspectError::Read(error) => read(error),
        InspectError::Broken => ui::fail(&error.to_string(), Some(BUG)),
    }
}

/// Says what ended a run, and what to do.
pub(super) fn failed(error: &RunError, part: Option<&Path>) -> Exit {
    let exit = Exit::of(error);
    if exit == Exit::Done {
        return exit;
    }
    let part = part
        // An empty one is about to go, with the thread that would have written it.
        .filter(|part| part.metadata().is_ok_and(|meta| meta.len() > 0))
        .map(|part| format!("; what was written so far is in `{}`", part.display()));
    let part = part.unwrap_or_default();
    let again =
        format!("the same command goes on from here: what was answered is in the store{part}");
    let hint = match error {
        RunError::Stopped(stop) => Some(stopped(stop, &again, &part)),
        // A run imports nothing else.
        RunError::Store(StoreError::Import(error)) => {
            let hint = no_source(error).map(|hint| format!("; {hint}"));
            let hint = hint.unwrap_or_default();
            Some(format!("it stands in `data_files` of the configuration{hint}"))
        }
        RunError::Store(error) => no_store(error),
        RunError::Source(error) => no_source(error),
        RunError::Read(error) => no_input(error, Some(&again)),
        RunError::Write(error) => no_output(error, Some(&again)),
        RunError::Client(ClientError::Token) => Some(
            "CROSSREF_PLUS_API_TOKEN, or the file of `token_file`, should hold the token alone, on one line".to_owned(),
        ),
        RunError::Client(ClientError::Setup(_)) => {
            Some(proxy().unwrap_or_else(|| "check this system's certificates".to_owned()))
        }
        RunError::Client(ClientError::BaseUrl { .. }) => None,
        RunError::Empty { rejects: 0 } => Some(
            "check what should have filled it; without --require-input an empty input is no error"
                .to_owned(),
        ),
        RunError::Empty { .. } => {
            Some("`crossfill inspect` with the same input says why".to_owned())
        }
        RunError::Broken(_) => Some(BUG.to_owned()),
    };
    ui::fail(&error.to_string(), hint.as_deref());
    exit
}

/// What to do if nobody is asked any more.
fn stopped(stop: &Stop, again: &str, part: &str) -> String {
    let crossref = |host: &str| host.ends_with("crossref.org");
    match stop {
        Stop::NoNetwork { host, .. } => {
            let network = match (proxy(), crossref(host)) {
                (Some(proxy), _) => proxy,
                (None, true) => "check the network".to_owned(),
                (None, false) => "check the network and `base_url`".to_owned(),
            };
            format!("{network}, or use --offline to take only what the store knows{part}")
        }
        Stop::Refused { host, .. } if crossref(host) => format!(
            "do not repeat this at once: check `mailto` and the token, and write to support@crossref.org if it stays; {again}"
        ),
        Stop::Refused { .. } => format!(
            "do not repeat this at once: check `base_url`, `mailto` and the token, and ask who runs that server; {again}"
        ),
        Stop::Outage { host, .. } if crossref(host) => {
            format!("see https://status.crossref.org; later, {again}")
        }
        Stop::Outage { .. } => format!("later, {again}"),
        Stop::Interrupted => again.to_owned(),
        Stop::Broken => format!("{BUG}; {again}"),
        Stop::Store(error) => match no_store(error) {
            Some(hint) => format!("{hint}; {again}"),
            None => again.to_owned(),
        },
    }
}

/// The proxy that requests go through, which may be what fails.
fn proxy() -> Option<String> {
    let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let name = names.into_iter().find(set)?;
    Some(format!("check the network and the proxy that {name} names"))
}

/// What to do if a file that was named can't be read.
fn unread(path: &Path, error: &io::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => nearby(path),
        ErrorKind::PermissionDenied => Some("ask its owner to let you read it".to_owned()),
        ErrorKind::IsADirectory => Some("it is a folder: name a file in it".to_owned()),
        _ => Some("check the disk, or copy the file and try again".to_owned()),
    }
}

/// What to do if there is nothing to read.
fn no_source(error: &SourceError) -> Option<String> {
    match error {
        SourceError::Unreadable { path, source } => {
            let hint = unread(path, source);
            match (command(path), hint) {
                (Some(command), Some(hint)) if source.kind() == ErrorKind::NotFound => Some(
                    format!("did you mean the command `crossfill {command}`? Else: {hint}"),
                ),
                (_, hint) => hint,
            }
        }
        SourceError::Pattern { .. } => {
            Some("`*`, `?` and `[…]` have a meaning in patterns; write `[[]` for the `[` of a name".to_owned())
        }
        SourceError::Empty(paths) => match paths.as_slice() {
            [path] if !path.is_dir() => nearby(path),
            _ => Some(
                "name a file or another folder; hidden files, whose names begin with a dot, are left out".to_owned(),
            ),
        },
    }
}

/// The command that was meant, if an input looks like one that was mistyped: what is no command is
/// taken for an input.
fn command(path: &Path) -> Option<String> {
    let cli = Cli::command();
    let names: Vec<_> = cli.get_subcommands().map(|it| it.get_name()).collect();
    let word = path.to_str()?;
    nearest(word, names)
        .filter(|name| strsim::jaro_winkler(word, name) > 0.85)
        .map(str::to_owned)
}

/// What to do if an input can't be read to its end. `again`: how to go on with a run.
fn no_input(error: &ReadError, again: Option<&str>) -> Option<String> {
    match error {
        ReadError::Io { source, .. } => {
            let what = match source.kind() {
                ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput => {
                    "the file is damaged or was cut short: get it again"
                }
                ErrorKind::PermissionDenied => "ask its owner to let you read it",
                _ => "make sure that the file is whole and stays as it is",
            };
            Some(match again {
                Some(again) => format!("{what}; then {again}"),
                None => what.to_owned(),
            })
        }
        ReadError::Format { advice, .. } => Some((*advice).to_owned()),
    }
}

/// What to do if an output can't be written. `again`: how to go on with a run.
fn no_output(error: &WriteError, again: Option<&str>) -> Option<String> {
    let go_on = again.map(|again| format!("; {again}")).unwrap_or_default();
    Some(match error {
        WriteError::Io { path, source } => match source.kind() {
            _ if is_full(source) => {
                format!("make room, or name another output with -o{go_on}")
            }
            ErrorKind::IsADirectory => format!(
                "it is a folder: name a file in it, such as `{}`",
                path.join("out.jsonl").display()
            ),
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                "a folder of that path is a file: name another output with -o".to_owned()
            }
            ErrorKind::NotFound => {
                "its folder can't be made there: name another output with -o".to_owned()
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => OTHER_OUTPUT.to_owned(),
            _ => format!("check the disk, or name another output with -o{go_on}"),
        },
        WriteError::Removed { .. } => format!("leave it there until it is whole{go_on}"),
        WriteError::Held { .. } => "wait for it, stop it, or write to another output".to_owned(),
        WriteError::Input { .. } => "name another output with -o".to_owned(),
        WriteError::Taken { .. } => {
            "all files of a run need names of their own, outside the store".to_owned()
        }
        WriteError::Kept { .. } => "name another file".to_owned(),
        WriteError::Closed => return None,
    })
}

/// What to do if the store can't be used.
fn no_store(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Import(error) => no_source(error),
        StoreError::Broken => Some(BUG.to_owned()),
        error => error.hint().map(str::to_owned),
    }
}
