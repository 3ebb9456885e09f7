//! Disks that are full, folders that go, inputs that change: a clear error and what to do next, exit 1,
//! the old target intact, and what was answered kept.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::crash::{asked, kept};
use crate::resolve::{script, works};
use crate::resume::{input, until_seen};
use crate::util::fake::Script;
use crate::util::{Dir, Fake, Run, usual};

/// Said of a run that ended in the middle.
const GOES_ON: &str = "the same command goes on from here: what was answered is in the store";

/// A server that takes its time, for a run that shall be met in the middle.
fn slow(count: usize) -> Script {
    let mut slow = script(works(count, |_| false));
    (slow.list_limit, slow.latency) = (10, Duration::from_millis(100));
    slow
}

/// The run again, undisturbed: it ends well and asks for nothing that was answered.
#[track_caller]
fn goes_on(dir: &Dir, fake: &Fake, count: usize) {
    dir.ask(fake, &[]).code(0);
    assert_eq!(dir.records("out.jsonl").len(), count);
    let twice = fake.asked_twice();
    assert!(twice.is_empty(), "answered, and asked again: {twice:?}");
    assert!(!dir.exists("out.jsonl.part"));
}

fn end(child: Child) -> Run {
    Run::new(&["…"], child.wait_with_output().unwrap())
}

/// The usual run with another output.
fn into<'a>(url: &'a str, output: &'a str) -> Vec<&'a str> {
    let mut args = usual(url);
    args[2] = output;
    args
}

/// Records of about 5 kB.
fn long_input(count: usize) -> String {
    let filler = "x".repeat(5_000);
    let lines = (0..count)
        .map(|n| format!("{{\"doi\":\"10.5555/cf.{n:04}\",\"n\":{n},\"filler\":\"{filler}\"}}\n"));
    lines.collect()
}

#[cfg(unix)]
#[test]
fn no_room_for_the_output() {
    let dir = Dir::new();
    dir.write("in.jsonl", long_input(600));
    dir.write("out.jsonl", "old\n");
    let fake = Fake::start(script(works(600, |_| false)));
    // Blocks of 512 bytes: room for the store, and for half of the output.
    dir.run_under("ulimit -f 4096", &usual(&fake.url()))
        .code(1)
        .says("cannot write `out.jsonl.part`: File too large")
        .says("make room, or name another output with -o")
        .says(GOES_ON)
        .says("what was written so far is in `out.jsonl.part`");
    assert_eq!(dir.read("out.jsonl"), "old\n");
    goes_on(&dir, &fake, 600);
}

#[cfg(target_os = "linux")]
#[test]
fn no_room_on_a_device() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(10));
    let fake = Fake::start(script(works(10, |_| false)));
    dir.run(&into(&fake.url(), "/dev/full"))
        .code(1)
        .says("cannot write `/dev/full`: No space left on device")
        .says("make room");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = dir.command(&into(&fake.url(), "-"));
    let output = command.stdout(full).output().unwrap();
    Run::new(&["> /dev/full"], output)
        .code(1)
        .says("cannot write `standard output`: No space left on device");
    goes_on(&dir, &fake, 10);
}

#[cfg(unix)]
#[test]
fn no_room_for_the_store() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(1_000));
    let fake = Fake::start(script(works(3_000, |_| false)));
    dir.ask(&fake, &[]).code(0);
    let before = std::fs::metadata(dir.path("store/data.mdb")).unwrap().len();
    let lists = fake.lists();
    dir.write("in.jsonl", input(3_000));
    dir.write("out.jsonl", "old\n");
    let limit = format!("ulimit -f {}", before / 512 + 64);
    dir.run_under(&limit, &usual(&fake.url()))
        .code(1)
        .says("the store `store` ")
        .says("make room, or name another `store`")
        .says(GOES_ON);
    assert!(fake.lists() < lists + 20, "it went on asking");
    assert_eq!(dir.read("out.jsonl"), "old\n");
    // What could not be kept was answered all the same: that is asked again, and nothing else.
    let lost = asked(&fake) - kept(&dir);
    assert!(lost > 0);
    dir.ask(&fake, &[]).code(0);
    assert_eq!(dir.records("out.jsonl").len(), 3_000);
    assert_eq!(asked(&fake), 3_000 + lost);
}

#[cfg(unix)]
#[test]
fn folders_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new();
    dir.write("in.jsonl", input(10));
    dir.write("closed/out.jsonl", "old\n");
    let closed = dir.path("closed");
    let mode = |mode| std::fs::set_permissions(&closed, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o555);
    // The superuser may write everywhere.
    if std::fs::write(closed.join("probe"), "").is_ok() {
        mode(0o755);
        println!("skipped: this user may write into a read-only folder");
        return;
    }
    let args = ["in.jsonl", "--offline", "--store", "store"];
    dir.run(&[&args[..], &["-o", "closed/out.jsonl"]].concat())
        .code(1)
        .says("cannot write `closed/out.jsonl.part`: Permission denied")
        .says("name another output with -o, or allow writing there");
    dir.run(&["in.jsonl", "--offline", "--store", "closed/store"])
        .code(1)
        .says("cannot use the store folder `closed/store`: Permission denied")
        .says("name another `store`, or allow writing there");
    mode(0o755);
    assert_eq!(dir.read("closed/out.jsonl"), "old\n");
}

/// In the middle of a run into `folder/out.jsonl`, something happens to it.
fn meanwhile(dir: &Dir, fake: &Fake, what: impl FnOnce()) -> Run {
    let url = fake.url();
    let mut command = dir.command(&into(&url, "folder/out.jsonl"));
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    until_seen(fake, 2, &mut child);
    what();
    end(child)
}

#[cfg(unix)]
#[test]
fn an_output_folder_that_goes() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(400));
    dir.write("folder/out.jsonl", "old\n");
    let fake = Fake::start(slow(400));
    meanwhile(&dir, &fake, || {
        std::fs::remove_dir_all(dir.path("folder")).unwrap()
    })
    .code(1)
    .says("`folder` was removed while it was written to")
    .says(GOES_ON);
    assert!(!dir.exists("folder"));
    goes_on(&dir, &fake, 400);
}

#[cfg(unix)]
#[test]
fn a_part_file_that_goes() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(400));
    dir.write("folder/out.jsonl", "old\n");
    let fake = Fake::start(slow(400));
    let part = dir.path("folder/out.jsonl.part");
    meanwhile(&dir, &fake, || {
        // Something else in its place must not become the output.
        std::fs::remove_file(&part).unwrap();
        std::fs::write(&part, "not ours\n").unwrap();
    })
    .code(1)
    .says("`folder/out.jsonl.part` was removed while it was written to");
    assert_eq!(dir.read("folder/out.jsonl"), "old\n");
    goes_on(&dir, &fake, 400);
}

/// A run over an input that is larger than what is read in advance, which changes when the first
/// records are asked for.
fn reading(dir: &Dir, fake: &Fake, what: impl FnOnce()) -> Run {
    let mut child = dir.start(fake);
    until_seen(fake, 1, &mut child);
    what();
    end(child)
}

/// 80 MB: more than the window between reader and writer. Only the first records have a DOI to ask.
fn large_input(dir: &Dir) -> u64 {
    let filler = "x".repeat(20_000);
    let mut text = input(100);
    for n in 0..4_000 {
        text.push_str(&format!("{{\"n\":{n},\"filler\":\"{filler}\"}}\n"));
    }
    dir.write("in.jsonl", &text);
    text.len() as u64
}

#[test]
fn an_input_that_shrinks() {
    let dir = Dir::new();
    let size = large_input(&dir);
    dir.write("out.jsonl", "old\n");
    let mut script = slow(100);
    script.latency = Duration::from_secs(1);
    let fake = Fake::start(script);
    reading(&dir, &fake, || {
        let file = OpenOptions::new().write(true).open(dir.path("in.jsonl"));
        file.unwrap().set_len(size - 10_000_000).unwrap();
    })
    .code(1)
    .says("cannot read `in.jsonl` after byte")
    .says(&format!("it became shorter meanwhile: it had {size} bytes"))
    .says(GOES_ON);
    assert_eq!(dir.read("out.jsonl"), "old\n");
    // As it is now it can be read; the record that was cut in two is a reject.
    dir.ask(&fake, &[])
        .code(0)
        .says("1 record could not be read");
    assert!(fake.asked_twice().is_empty());
}

#[test]
fn an_input_that_grows() {
    let dir = Dir::new();
    large_input(&dir);
    let mut script = slow(100);
    script.latency = Duration::from_secs(1);
    let fake = Fake::start(script);
    reading(&dir, &fake, || {
        let file = OpenOptions::new().append(true).open(dir.path("in.jsonl"));
        file.unwrap().write_all(b"{\"n\":-1}\n").unwrap();
    })
    .code(0)
    .says("`in.jsonl` was changed while it was read");
    let last = dir.records("out.jsonl").pop().unwrap();
    assert_eq!(last["n"], -1, "what is there is taken");
    assert!(!dir.exists("out.rejects.jsonl"));
}

#[test]
fn a_store_that_was_cut_in_half() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(1_000));
    dir.write("out.jsonl", "old\n");
    let fake = Fake::start(script(works(1_000, |_| false)));
    dir.run(&into(&fake.url(), "other.jsonl")).code(0);
    let data = OpenOptions::new()
        .write(true)
        .open(dir.path("store/data.mdb"))
        .unwrap();
    data.set_len(data.metadata().unwrap().len() / 2).unwrap();
    dir.ask(&fake, &[])
        .code(1)
        .says("the store `store` was cut short")
        .says("hint: remove the store");
    assert_eq!(dir.read("out.jsonl"), "old\n");
    std::fs::remove_dir_all(dir.path("store")).unwrap();
    dir.ask(&fake, &[]).code(0);
}

/// Two runs with different targets share the store, and each other's answers.
#[test]
fn two_runs_at_once_share_one_store() {
    let count = 1_000;
    let dir = Dir::new();
    dir.write("in.jsonl", input(count));
    let mut slow = script(works(count, |_| false));
    (slow.list_limit, slow.latency) = (5, Duration::from_millis(20));
    slow.enforce = true;
    let fake = Fake::start(slow);
    let url = fake.url();
    let start = |out: &str| {
        let mut command = dir.command(&into(&url, out));
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let (one, two) = (start("one.jsonl"), start("two.jsonl"));
    end(one).code(0);
    end(two).code(0);
    assert_eq!(dir.records("one.jsonl").len(), count);
    assert_eq!(dir.read("one.jsonl"), dir.read("two.jsonl"));
    assert_eq!(fake.too_many(), 0, "one budget for both");
    // Seldom, at this rate, a list of one run is on its way when the other sends its own.
    let lists = fake.lists();
    println!(
        "{lists} lists, {} DOIs asked twice",
        fake.asked_twice().len()
    );
    assert!(lists < 20, "{lists} lists: nothing was shared");
    let before = fake.seen().len();
    dir.ask(&fake, &[]).code(0);
    assert_eq!(fake.seen().len(), before, "all of it was kept");
}
