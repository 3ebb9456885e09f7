//! How an error ends the program: what happened, where, and what to do next. All commands end here.

use std::io;
use std::path::Path;

use super::exit::Exit;
use super::ui;
use crate::config::ConfigError;
use crate::inspect::InspectError;
use crate::pipeline::RunError;
use crate::reader::ReadError;
use crate::resolver::Stop;
use crate::store::{StoreError, is_full};
use crate::writer::WriteError;

/// The settings can't be used.
pub(super) fn config(error: &ConfigError) -> Exit {
    ui::fail(&error.to_string(), None)
}

/// The store can't be used.
pub(super) fn store(error: &StoreError) -> Exit {
    ui::fail(&error.to_string(), error.hint())
}

/// The inputs can't be looked at.
pub(super) fn inspect(error: &InspectError) -> Exit {
    match error {
        InspectError::Store(error) => store(error),
        InspectError::Read(_) | InspectError::Broken => ui::fail(&error.to_string(), None),
    }
}

/// Says what ended a run, and what to do.
pub(super) fn failed(error: &RunError, part: Option<&Path>) -> Exit {
    let exit = Exit::of(error);
    if exit == Exit::Done {
        return exit;
    }
    let part = part
        .filter(|part| part.exists())
        .map(|part| format!("; what was written so far is in `{}`", part.display()));
    let part = ui::printable(&part.unwrap_or_default());
    let again =
        format!("the same command goes on from here: what was answered is in the store{part}");
    let hint = match error {
        RunError::Stopped(stop) => match stop.as_ref() {
            Stop::NoNetwork { .. } => Some(format!(
                "check the network, or use --offline to take only what the store knows{part}"
            )),
            Stop::Refused { .. } => Some(format!(
                "do not repeat this at once: check `mailto` and the token, and write to support@crossref.org if it stays; {again}"
            )),
            Stop::Outage { host, .. } if host.ends_with("crossref.org") => {
                Some(format!("see https://status.crossref.org; later, {again}"))
            }
            Stop::Outage { .. } => Some(format!("later, {again}")),
            Stop::Interrupted | Stop::Broken => Some(again),
            Stop::Store(error) => error.hint().map(|hint| format!("{hint}; {again}")),
        },
        RunError::Store(error) => error.hint().map(str::to_owned),
        RunError::Read(ReadError::Io { .. }) => Some(again),
        RunError::Write(WriteError::Io { source, .. }) => disk_hint(source, &again),
        RunError::Write(WriteError::Removed { .. }) => {
            Some(format!("leave it there until the run is over; {again}"))
        }
        RunError::Write(WriteError::Held { .. }) => {
            Some("wait for it, stop it, or write to another output".to_owned())
        }
        RunError::Write(WriteError::Taken { .. }) => {
            Some("name another file with --report".to_owned())
        }
        RunError::Write(WriteError::Input { .. }) => Some("name another output with -o".to_owned()),
        _ => None,
    };
    ui::fail(&error.to_string(), hint.as_deref());
    exit
}

/// What to do if the output can't be written.
fn disk_hint(error: &io::Error, again: &str) -> Option<String> {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match error.kind() {
        _ if is_full(error) => Some(format!(
            "make room, or name another output with -o; {again}"
        )),
        PermissionDenied | ReadOnlyFilesystem => {
            Some("name another output with -o, or allow writing there".to_owned())
        }
        _ => None,
    }
}
