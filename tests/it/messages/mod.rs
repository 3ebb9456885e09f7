//! What a person reads when something can't be done: the whole of it, so that its wording is looked
//! at whenever it changes. Each says what happened, where, and what to do next.

mod config;
mod flags;
mod inputs;
mod network;
mod outputs;
mod stores;

use crate::util::{Dir, Run};

/// A folder with one record, an empty folder and one with an input.
fn folder() -> Dir {
    let dir = Dir::new();
    dir.write(
        "in.jsonl",
        "{\"doi\":\"10.5555/12345678\",\"title\":null}\n",
    );
    dir.write("seeds/a.jsonl", "{\"doi\":\"10.5555/12345678\"}\n");
    dir.write("empty/.hidden", "");
    dir
}

/// The exit code and standard error, without what differs from run to run.
fn shown(dir: &Dir, run: &Run) -> String {
    let folder = dir.path("").canonicalize().unwrap();
    let given = dir.path("");
    let mut err = run.err.clone();
    for folder in [folder, given] {
        let name = folder.display().to_string();
        err = err.replace(name.trim_end_matches('/'), "[DIR]");
    }
    format!("exit {}\n{err}", run.code.unwrap_or(-1))
}

/// What `crossfill ARGS` says.
fn told(dir: &Dir, args: &[&str]) -> String {
    shown(dir, &dir.run(args))
}

/// What a run says that asks nobody.
fn offline(dir: &Dir, args: &[&str]) -> String {
    told(dir, &[args, &["--offline", "--store", "store"]].concat())
}

/// `text` with [`name`] for what stands between `from` and `to`.
fn hidden(text: &str, from: &str, to: &str, name: &str) -> String {
    let Some((before, rest)) = text.split_once(from) else {
        return text.to_owned();
    };
    let (_, after) = rest.split_once(to).unwrap_or_default();
    format!("{before}{from}{name}{to}{after}")
}
