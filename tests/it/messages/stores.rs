//! Stores that are none, that are too new, or not there; and what goes in and out.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use insta::assert_snapshot;

use crate::store::{opened, set_format};

use super::{folder, offline, told};

#[test]
fn what_is_no_store() {
    let dir = folder();
    dir.write("old/data.mdb", "this is no database, and never was");
    assert_snapshot!(told(&dir, &["in.jsonl", "--offline", "--store", "in.jsonl"]), @r"
    exit 1
    error: cannot use the store folder `in.jsonl`: it is a file
    hint: name a folder for it with `store` or --store
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--offline", "--store", "in.jsonl/store"]), @r"
    exit 1
    error: cannot use the store folder `in.jsonl/store`: a part of its path is a file
    hint: name a folder for it with `store` or --store
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--offline", "--store", "old"]), @r"
    exit 1
    error: `old` is not a store: its `data.mdb` is something else, or damaged
    hint: if it never was one, name another folder with `store` or --store; if it was, remove it: what it held is asked or imported again
    ");
    assert_snapshot!(told(&dir, &["store", "info", "--store", "old"]), @r"
    exit 1
    error: `old` is not a store: its `data.mdb` is something else, or damaged
    hint: if it never was one, name another folder with `store` or --store; if it was, remove it: what it held is asked or imported again
    ");
    assert_snapshot!(told(&dir, &["store", "info", "--store", "nothing"]), @r"
    exit 1
    error: there is no store in `nothing`
    hint: name one with --store; `crossfill run` and `crossfill store import` make one
    ");
    assert_snapshot!(told(&dir, &["inspect", "in.jsonl", "--store", "old"]), @r"
    exit 1
    error: `old` is not a store: its `data.mdb` is something else, or damaged
    hint: if it never was one, name another folder with `store` or --store; if it was, remove it: what it held is asked or imported again
    ");
}

#[test]
fn stores_that_a_newer_version_wrote() {
    let dir = folder();
    dir.run(&["in.jsonl", "--offline", "--store", "store"])
        .code(0);
    set_format(&dir, 9);
    assert_snapshot!(offline(&dir, &["in.jsonl"]), @r"
    exit 1
    error: the store `store` has format 9, this version knows 2
    hint: use a newer crossfill, or name another store with `store` or --store
    ");
    assert_snapshot!(told(&dir, &["store", "info", "--store", "store"]), @r"
    exit 1
    error: the store `store` has format 9, this version knows 2
    hint: use a newer crossfill, or name another store with `store` or --store
    ");
}

#[test]
fn a_store_to_which_another_process_writes() {
    let dir = folder();
    dir.run(&["in.jsonl", "--offline", "--store", "store"])
        .code(0);
    let env = opened(&dir);
    let mut told = String::new();
    for args in [&["in.jsonl", "--offline"][..], &["store", "info"]] {
        let writing = env.write_txn().unwrap();
        let mut command = dir.command(&[args, &["--store", "store"]].concat());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut told).unwrap();
        writing.abort();
        std::io::copy(&mut stderr, &mut std::io::sink()).unwrap();
        assert!(child.wait().unwrap().success(), "it goes on");
    }
    assert_snapshot!(told, @r"
    waiting for the store `store`: another process may be writing to it; Ctrl-C gives up
    waiting for the store `store`: another process may be writing to it; Ctrl-C gives up
    ");
}

#[test]
fn stores_that_are_damaged() {
    let dir = folder();
    dir.run(&["in.jsonl", "--offline", "--store", "store"])
        .code(0);
    let file = std::fs::read(dir.path("store/data.mdb")).unwrap();
    // Its two heads are left, which say that there are more pages.
    dir.write("store/data.mdb", &file[..2 * 4096]);
    assert_snapshot!(offline(&dir, &["in.jsonl"]), @r"
    exit 1
    error: the store `store` is damaged: MDB_CORRUPTED: Located page was wrong type
    hint: remove the store (what it held is asked or imported again), or name another one with `store` or --store
    ");
}

#[test]
fn imports() {
    let dir = folder();
    dir.write("no-dois.txt", "none\n");
    assert_snapshot!(told(&dir, &["store", "import", "seed", "--store", "store"]), @r"
    exit 1
    error: cannot read `seed`: No such file or directory (os error 2)
    hint: did you mean `seeds/`?
    ");
    assert_snapshot!(told(&dir, &["store", "import", "empty", "--store", "store"]), @r"
    exit 1
    error: no input file in `empty`
    hint: name a file or another folder; hidden files, whose names begin with a dot, are left out
    ");
    assert_snapshot!(told(&dir, &["store", "import", "seeds", "--only-dois", "doi.txt", "--store", "store"]), @r"
    exit 1
    error: cannot read `doi.txt`: No such file or directory (os error 2)
    hint: did you mean `no-dois.txt`?
    ");
    assert_snapshot!(told(&dir, &["store", "import", "seeds", "--only-dois", "no-dois.txt", "--store", "store"]), @r"
    exit 1
    error: there is no DOI in `no-dois.txt`
    hint: write one a line, like 10.5555/12345678
    ");
    assert_snapshot!(told(&dir, &["store", "import", "seeds", "--since", "yesterday", "--store", "store"]), @r"
    exit 2
    error: `yesterday` is no date after 1970
    hint: write it like 2026-03-01
    ");
    assert_snapshot!(super::hidden(&told(&dir, &["store", "import", "in.jsonl", "--store", "store"]), "file (", " s)", "[TIME]"), @r"
    exit 3
    brought in 0 works from 1 file ([TIME] s)
    damaged: in.jsonl:1: a work without a valid DOI
    ");
}

#[test]
fn exports() {
    let dir = folder();
    dir.run(&["in.jsonl", "--offline", "--store", "store"])
        .code(0);
    assert_snapshot!(told(&dir, &["store", "export", "--doi", "nonsense", "--store", "store"]), @r"
    exit 2
    error: `nonsense` is no DOI: no DOI found
    hint: write it like 10.5555/12345678
    ");
    assert_snapshot!(told(&dir, &["store", "export", "--doi", "10.5555/12345678", "--store", "store"]), @r"
    exit 3
    not in the store: 10.5555/12345678
    a run whose input has these DOIs asks Crossref for them
    ");
    assert_snapshot!(told(&dir, &["store", "export", "-o", "seeds", "--store", "store"]), @r"
    exit 1
    error: cannot write `seeds`: is a directory
    hint: it is a folder: name a file in it, such as `seeds/out.jsonl`
    ");
}
