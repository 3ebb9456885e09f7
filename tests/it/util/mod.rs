//! A temporary folder and the program in it; a failure prints all that happened.

pub mod browser;
pub mod fake;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub use fake::Fake;
use serde_json::Value;

/// An address that is nobody's example; it only ever goes to a server on this machine.
pub const MAILTO: &str = "tests@crossfill.dev";

/// Lets programs that are started from now on hear SIGHUP, also if the tests run under `nohup`: what is
/// ignored here is ignored there, what is caught is not.
#[cfg(unix)]
pub fn catch_hangups() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().unwrap();
    let _within = runtime.enter();
    drop(signal(SignalKind::hangup()).unwrap());
}

/// A folder of one test, gone when the test is over.
pub struct Dir {
    folder: tempfile::TempDir,
}

impl Dir {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The records of a JSON Lines file.
    pub fn records(&self, name: &str) -> Vec<Value> {
        self.read(name)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The program, in this folder, with nothing of the user's around it.
    pub fn command(&self, args: &[&str]) -> Command {
        self.clean(env!("CARGO_BIN_EXE_crossfill"), args)
    }

    /// The same, started by a shell that first does `prelude`, such as to set a limit.
    pub fn command_under(&self, prelude: &str, args: &[&str]) -> Command {
        let script = format!("{prelude}; exec \"$0\" \"$@\"");
        let shell = ["-c", &script, env!("CARGO_BIN_EXE_crossfill")];
        self.clean("sh", &[&shell[..], args].concat())
    }

    fn clean(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).args(args);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let of_others = name.to_ascii_lowercase().ends_with("_proxy");
            if name.starts_with("CROSSFILL_") || name.starts_with("CROSSREF_") || of_others {
                command.env_remove(name);
            }
        }
        command
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("XDG_CONFIG_HOME", self.path("user-config"))
            .stdin(Stdio::null());
        command
    }

    /// Runs to the end.
    pub fn run(&self, args: &[&str]) -> Run {
        Run::new(args, self.command(args).output().unwrap())
    }

    /// Runs to the end, under a shell's `prelude`.
    pub fn run_under(&self, prelude: &str, args: &[&str]) -> Run {
        Run::new(args, self.command_under(prelude, args).output().unwrap())
    }

    /// Runs with something on standard input.
    pub fn run_with(&self, args: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writing = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writing.join().unwrap();
        Run::new(args, output)
    }

    /// The usual run against a fake: `in.jsonl` into `out.jsonl`.
    pub fn ask(&self, fake: &Fake, more: &[&str]) -> Run {
        let url = fake.url();
        self.run(&[&usual(&url), more].concat())
    }

    /// The same, started only.
    pub fn start(&self, fake: &Fake) -> Child {
        self.start_with(fake, &[])
    }

    pub fn start_with(&self, fake: &Fake, more: &[&str]) -> Child {
        let url = fake.url();
        let mut command = self.command(&[&usual(&url), more].concat());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }
}

/// `in.jsonl` into `out.jsonl`, asking `url` as a polite user.
pub fn usual(url: &str) -> Vec<&str> {
    let mut args = public(url);
    args.extend(["--mailto", MAILTO]);
    args
}

/// The same without an address.
pub fn public(url: &str) -> Vec<&str> {
    vec![
        "in.jsonl",
        "-o",
        "out.jsonl",
        "--store",
        "store",
        "--base-url",
        url,
    ]
}

/// What a run printed, and how it ended.
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    command: String,
}

impl Run {
    pub fn new(args: &[&str], output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            command: args.join(" "),
        }
    }

    /// Panics, with all that is known, unless it ended so.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.told());
        self
    }

    /// Panics, with all that is known, unless standard error has this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no {text:?} in\n{}", self.told());
        self
    }

    pub fn told(&self) -> String {
        let mut told = String::new();
        let code = self.code;
        write!(
            told,
            "crossfill {}\nexit {code:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.out, self.err
        )
        .unwrap();
        told
    }
}

/// Every key of a value; of the objects under `but` only their own.
pub fn keys(value: &Value, but: &[&str], found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                found.insert(key.clone());
                if !(value.is_object() && but.contains(&key.as_str())) {
                    keys(value, but, found);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, but, found)),
        _ => {}
    }
}

/// `note.status` of a record.
pub fn status(record: &Value) -> &str {
    record["_crossfill"]["status"].as_str().unwrap_or("none")
}

/// A file that this repository has.
pub fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Waits until the clock shows another second: ages are counted in them.
pub fn next_second() {
    let second = || std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let now = second();
    while second() == now {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
