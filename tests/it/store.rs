//! The store as a product: data files brought in whatever happens meanwhile, and given out again.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use heed::CommitOrAbort;
use heed::types::Bytes;

#[cfg(unix)]
use crate::resume::{ended, signal};
use crate::util::{Dir, status};

const STORE: [&str; 2] = ["--store", "store"];

fn work(n: usize) -> String {
    format!(
        r#"{{"DOI":"10.5555/w.{n:06}","indexed":{{"timestamp":{n}}},"title":["Title {n}"],"volume":"{n}","reference":[{{"key":"{n}"}}]}}"#
    )
}

/// `files` files of `each` works in `data`, unsorted across files.
fn data(dir: &Dir, files: usize, each: usize) {
    for file in 0..files {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        for n in 0..each {
            writeln!(out, "{}", work(n * files + (file * 7) % files)).unwrap();
        }
        dir.write(&format!("data/{file}.jsonl.gz"), out.finish().unwrap());
    }
}

fn store<'a>(what: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["store", what], &STORE[..], more].concat()
}

#[test]
fn imported_works_are_there_for_a_run_and_for_export() {
    let dir = Dir::new();
    data(&dir, 4, 50);
    let run = dir.run(&store("import", &["data"])).code(0);
    assert!(
        run.err.contains("brought in 200 works from 4 files"),
        "{}",
        run.told()
    );
    dir.run(&store("import", &["data"]))
        .code(0)
        .says("4 in already");

    dir.write(
        "in.jsonl",
        "{\"doi\":\"10.5555/W.000007\"}\n{\"doi\":\"10.5555/other\"}\n",
    );
    // An address where nobody is: it must not matter.
    let offline = [
        "in.jsonl",
        "-o",
        "out.jsonl",
        "--offline",
        "--base-url",
        "http://127.0.0.1:9",
    ];
    dir.run(&[&offline[..], &STORE[..]].concat()).code(0);
    let records = dir.records("out.jsonl");
    assert_eq!(records[0]["volume"], "7");
    assert_eq!(status(&records[1]), "unresolved");
    assert_eq!(records[1]["_crossfill"]["why"], "offline");

    let all = dir.run(&store("export", &[])).code(0).out;
    assert_eq!(all.lines().count(), 200);
    assert!(all.starts_with(
        r#"{"DOI":"10.5555/w.000000","indexed":{"timestamp":0},"title":["Title 0"],"volume":"0"}"#
    ));
    let some = dir.run(&store(
        "export",
        &[
            "--doi",
            "https://doi.org/10.5555/W.000007",
            "--doi",
            "10.5555/no",
        ],
    ));
    let some = some.code(3).says("not in the store: 10.5555/no");
    assert_eq!(some.out.lines().count(), 1);
    dir.run(&store("export", &["-o", "all.jsonl"])).code(0);
    assert_eq!(dir.read("all.jsonl"), all);

    let info = dir.run(&store("info", &[])).code(0).out;
    for line in [
        "format         2",
        "  imported     200",
        "data files     4",
        "damaged        0",
    ] {
        assert!(info.contains(line), "no {line:?} in\n{info}");
    }
    dir.run(&store("prune", &["--older-than", "1d"]))
        .code(0)
        .says("removed 0 values");
    assert_eq!(dir.run(&store("export", &[])).code(0).out, all);
}

#[test]
fn what_is_not_right_is_said() {
    let dir = Dir::new();
    dir.run(&store("info", &[]))
        .code(1)
        .says("there is no store");
    assert!(!dir.exists("store"), "looking makes none");
    dir.run(&store("import", &["nowhere"]))
        .code(1)
        .says("nowhere");
    dir.write("data/0.jsonl", format!("{}\nnonsense\n", work(1)));
    dir.run(&store("import", &["data"]))
        .code(3)
        .says("0.jsonl:2: ");
    dir.run(&store("import", &["data", "--since", "soon"]))
        .code(2)
        .says("`soon` is no date");
    for day in ["2026-13-01", "2026-02-31", "1969-01-01", "2026-3-1"] {
        dir.run(&store("import", &["data", "--since", day])).code(2);
    }
    dir.write("dois.txt", "nothing\n");
    dir.run(&store("import", &["data", "--only-dois", "dois.txt"]))
        .code(1)
        .says("no DOI");
    dir.write("dois.txt", "https://doi.org/10.5555/W.000003\n\nno DOI\n");
    dir.write("data/1.jsonl", format!("{}\n{}\n", work(2), work(3)));
    dir.run(&store(
        "import",
        &["data/1.jsonl", "--only-dois", "dois.txt"],
    ))
    .code(0)
    .says("brought in 1 work ");
    dir.write("old/data.mdb", "this is no database, and never was");
    let run = dir.run(&["store", "info", "--store", "old"]).code(1);
    run.says("`old` is not a store")
        .says("hint: if it never was one, name another folder");
}

/// What `meta` of the store has as its format.
pub(crate) fn set_format(dir: &Dir, format: u32) {
    let env = opened(dir);
    let opened = env.open_databases_and_commit(env.read_txn().unwrap(), |opener, txn| {
        let meta = opener.open_database::<Bytes, Bytes>(txn, Some("meta"))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(meta.unwrap()))
    });
    let meta = opened.unwrap().unwrap_commit();
    let mut txn = env.write_txn().unwrap();
    meta.put(&mut txn, b"format", &format.to_le_bytes())
        .unwrap();
    txn.commit().unwrap();
}

/// The database of the store, as any process that knows LMDB can open it.
pub(crate) fn opened(dir: &Dir) -> heed::Env {
    let mut options = heed::EnvOpenOptions::new();
    options.map_size(1 << 30).max_dbs(8);
    #[allow(unsafe_code, reason = "heed marks opening a memory map as unsafe")]
    // SAFETY: nobody cuts it short.
    let env = unsafe { options.open(dir.path("store")) };
    env.unwrap()
}

#[test]
fn stores_of_other_versions() {
    let dir = Dir::new();
    data(&dir, 1, 10);
    dir.run(&store("import", &["data"])).code(0);
    set_format(&dir, 1);
    dir.run(&store("info", &[]))
        .code(0)
        .says("had format 1 and has format 2 now");
    let again = dir.run(&store("info", &[])).code(0);
    assert_eq!(again.err, "", "once");
    set_format(&dir, 3);
    dir.run(&store("info", &[]))
        .code(1)
        .says("has format 3, this version knows 2\nhint: use a newer crossfill");
    let mut offline = vec!["data/0.jsonl.gz", "-o", "out.jsonl", "--offline"];
    offline.extend(STORE);
    dir.run(&offline).code(1).says("has format 3");
}

/// An import's transactions are short: a run that asks is not kept out of the store by it.
#[test]
fn a_run_and_an_import_share_the_store() {
    let dir = Dir::new();
    data(&dir, 200, 500);
    let answers = crate::resolve::works(300, |_| false);
    let fake = crate::util::Fake::start(crate::resolve::script(answers));
    dir.write("in.jsonl", crate::resume::input(300));
    let mut importing = dir
        .command(&store("import", &["data", "-q"]))
        .spawn()
        .unwrap();
    dir.ask(&fake, &[]).code(0);
    assert!(importing.wait().unwrap().success());
    let records = dir.records("out.jsonl");
    assert!(records.iter().all(|record| status(record) == "enriched"));
    let all = dir.run(&store("export", &[])).code(0).out;
    assert_eq!(all.lines().count(), 100_300);
    // Two imports take turns.
    data(&dir, 20, 600);
    let mut other = dir
        .command(&store("import", &["data", "-q"]))
        .spawn()
        .unwrap();
    dir.run(&store("import", &["data"])).code(0);
    assert!(other.wait().unwrap().success());
    let info = dir.run(&store("info", &[])).code(0).out;
    assert!(info.contains("damaged        0"), "{info}");
    assert!(!dir.exists("store/import"));
}

/// As an ordinary user a folder can be closed; the superuser may write everywhere.
#[cfg(unix)]
#[test]
fn a_store_that_may_only_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new();
    data(&dir, 1, 10);
    dir.run(&store("import", &["data"])).code(0);
    let mode = |name: &str, mode| {
        std::fs::set_permissions(dir.path(name), PermissionsExt::from_mode(mode)).unwrap();
    };
    for name in ["store/data.mdb", "store/lock.mdb", "store/users.lock"] {
        mode(name, 0o444);
    }
    mode("store", 0o555);
    if std::fs::write(dir.path("store/probe"), "").is_ok() {
        println!("skipped: this user may write into a read-only folder");
        return;
    }
    dir.write("in.jsonl", "{\"doi\":\"10.5555/w.000007\"}\n");
    let offline = ["in.jsonl", "-o", "out.jsonl", "--offline"];
    dir.run(&[&offline[..], &STORE[..]].concat())
        .code(0)
        .says("can only be read");
    assert_eq!(status(&dir.records("out.jsonl")[0]), "enriched");
    dir.run(&store("import", &["data", "--since", "1971-01-01"]))
        .code(1)
        .says("allow writing there");
    dir.run(&store("prune", &[]))
        .code(1)
        .says("allow writing there");
    mode("store", 0o755);
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    let undisturbed = Dir::new();
    data(&undisturbed, 40, 500);
    undisturbed.run(&store("import", &["data"])).code(0);
    let expected = undisturbed.run(&store("export", &[])).code(0).out;
    assert_eq!(expected.lines().count(), 20_000);

    let dir = Dir::new();
    data(&dir, 40, 500);
    // Printed, so that a failure can be repeated.
    let seed = u64::from(std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos());
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut kills, start) = (0, Instant::now());
    for kill in 0..20 {
        let mut child = dir.command(&store("import", &["data"])).spawn().unwrap();
        // Not a wait for anything: a random instant of its life.
        std::thread::sleep(Duration::from_micros(
            random.u64(0..if kill % 4 == 3 { 600_000 } else { 60_000 }),
        ));
        child.kill().unwrap();
        kills += usize::from(child.wait().unwrap().code().is_none());
    }
    println!("{kills} kills in {:?}", start.elapsed());
    assert!(kills > 0, "it was never killed");
    dir.run(&store("import", &["data"])).code(0);
    assert_eq!(dir.run(&store("export", &[])).code(0).out, expected);
    assert!(!dir.exists("store/import"));
    let info = dir.run(&store("info", &[])).code(0).out;
    assert!(info.contains("data files     40\n"), "{info}");
}

#[cfg(unix)]
#[test]
fn an_import_that_is_interrupted_keeps_what_is_whole() {
    crate::util::catch_hangups();
    for name in ["-INT", "-TERM", "-HUP"] {
        let dir = Dir::new();
        data(&dir, 200, 500);
        let mut command = dir.command(&store("import", &["data"]));
        let child = command
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while !dir.exists("store/import") && start.elapsed() < Duration::from_secs(60) {
            std::thread::yield_now();
        }
        signal(&child, name);
        let (said, code) = ended(child);
        assert_eq!(code, Some(130), "{name}: {said}");
        assert!(
            said.contains("the same command goes on from here"),
            "{name}: {said}"
        );
        dir.run(&store("import", &["data"])).code(0);
        let works = dir.run(&store("export", &[])).code(0).out;
        assert_eq!(works.lines().count(), 100_000, "{name}");
    }
}

/// A store on a disk that is full: a limit of the size of files stands for it.
#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_what_is_in_is_kept() {
    let dir = Dir::new();
    data(&dir, 40, 500);
    let program = env!("CARGO_BIN_EXE_crossfill");
    let script =
        format!("trap '' XFSZ; ulimit -f 1500; exec {program} store import data --store store");
    let mut shell = std::process::Command::new("sh");
    let output = shell
        .args(["-c", &script])
        .current_dir(dir.path("."))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("hint: make room"), "{said}");
    dir.run(&store("info", &[])).code(0);
    dir.run(&store("import", &["data"])).code(0);
    assert_eq!(
        dir.run(&store("export", &[])).code(0).out.lines().count(),
        20_000
    );
}
