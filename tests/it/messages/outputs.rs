//! Outputs that can't be written.

use insta::assert_snapshot;

use crate::resolve::{script, works};
use crate::resume::{ended, input, signal, until_seen};
use crate::util::{Fake, Run};

use super::{folder, hidden, offline, shown, told};

#[test]
fn places_that_cannot_be() {
    let dir = folder();
    assert_snapshot!(offline(&dir, &["in.jsonl", "-o", "in.jsonl"]), @r"
    exit 1
    error: `[DIR]/in.jsonl`, which belongs to the output, is one of the inputs
    hint: name another output with -o
    ");
    assert_snapshot!(offline(&dir, &["in.jsonl", "-o", "seeds"]), @r"
    exit 1
    error: cannot write `seeds`: is a directory
    hint: it is a folder: name a file in it, such as `seeds/out.jsonl`
    ");
    assert_snapshot!(offline(&dir, &["in.jsonl", "-o", "in.jsonl/out.jsonl"]), @r"
    exit 1
    error: cannot write `in.jsonl/out.jsonl.part`: Not a directory (os error 20)
    hint: a folder of that path is a file: name another output with -o
    ");
    assert_snapshot!(offline(&dir, &["in.jsonl", "-o", "/proc/nothing/out.jsonl"]), @r"
    exit 1
    error: cannot write `/proc/nothing/out.jsonl`: No such file or directory (os error 2)
    hint: its folder can't be made there: name another output with -o
    ");
    assert_snapshot!(offline(&dir, &["in.jsonl", "-o", "/dev/full"]), @r"
    exit 1
    error: cannot write `/dev/full`: No space left on device (os error 28)
    hint: make room, or name another output with -o; the same command goes on from here: what was answered is in the store
    ");
}

#[cfg(unix)]
#[test]
fn folders_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder();
    let mode = |mode| {
        std::fs::set_permissions(dir.path("empty"), PermissionsExt::from_mode(mode)).unwrap();
    };
    mode(0o555);
    // The superuser may write everywhere.
    if std::fs::write(dir.path("empty/probe"), "").is_ok() {
        mode(0o755);
        println!("skipped: this user may write into a read-only folder");
        return;
    }
    assert_snapshot!(offline(&dir, &["in.jsonl", "-o", "empty/out.jsonl"]), @r"
    exit 1
    error: cannot write `empty/out.jsonl.part`: Permission denied (os error 13)
    hint: name another output with -o, or allow writing there
    ");
    assert_snapshot!(told(&dir, &["in.jsonl", "--offline", "--store", "empty/store"]), @r"
    exit 1
    error: cannot use the store folder `empty/store`: Permission denied (os error 13)
    hint: name another `store`, or allow writing there
    ");
    mode(0o755);
}

#[cfg(unix)]
#[test]
fn another_run_writes_there() {
    let dir = folder();
    dir.write("in.jsonl", input(10));
    let mut stuck = script(works(10, |_| false));
    stuck.latency = std::time::Duration::from_secs(60);
    let fake = Fake::start(stuck);
    let mut first = dir.start(&fake);
    until_seen(&fake, 1, &mut first);
    let second: Run = dir.ask(&fake, &[]);
    signal(&first, "-KILL");
    ended(first);
    assert_snapshot!(hidden(&shown(&dir, &second), "another run (", ")", "[HOLDER]"), @r"
    exit 1
    error: another run ([HOLDER]) is writing `out.jsonl.part`
    hint: wait for it, stop it, or write to another output
    ");
}
