//! Stopping is free: killed or interrupted at any instant, the same command ends with the same
//! bytes and asks for nothing that was answered.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::resolve::{script, works};
use crate::util::{Dir, Fake, status, usual};

pub(crate) fn input(count: usize) -> String {
    (0..count)
        .map(|n| format!("{{\"doi\":\"10.5555/cf.{n:04}\",\"n\":{n}}}\n"))
        .collect()
}

/// Waits until the server has seen so many requests, or the program has ended.
pub(crate) fn until_seen(fake: &Fake, count: usize, child: &mut Child) {
    let start = Instant::now();
    while fake.lists() + fake.singles() < count && child.try_wait().unwrap().is_none() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "the program hangs"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn killed_three_times_it_ends_with_the_same_bytes() {
    let count = 1_200;
    let absent = |n: usize| n % 150 == 3;
    let undisturbed = Dir::new();
    undisturbed.write("in.jsonl", input(count));
    undisturbed
        .ask(&Fake::start(script(works(count, absent))), &[])
        .code(0);

    let dir = Dir::new();
    dir.write("in.jsonl", input(count));
    let mut slow = script(works(count, absent));
    (slow.list_limit, slow.single_limit, slow.latency) = (20, 20, Duration::from_millis(20));
    let fake = Fake::start(slow);
    // Printed, so that a failure can be repeated.
    let seed = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos() as usize;
    println!("seed {seed}");
    // What may be asked again: what was in flight, or on its way to the disk, at a kill.
    let mut unkept: HashSet<String> = HashSet::new();
    for kill in 0..3 {
        let mut child = dir.start(&fake);
        let more = 1 + (seed >> (kill * 4)) % 5;
        until_seen(&fake, fake.seen().len() + more, &mut child);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!dir.exists("out.jsonl"));
        let last = fake.seen().into_iter().rev().take(5);
        unkept.extend(last.flat_map(|seen| seen.dois));
    }
    dir.ask(&fake, &[]).code(0);
    assert_eq!(dir.read("out.jsonl"), undisturbed.read("out.jsonl"));
    assert!(!dir.exists("out.jsonl.part"));
    let again: HashSet<String> = fake.asked_twice().into_iter().collect();
    let more: Vec<_> = again.difference(&unkept).collect();
    assert!(more.is_empty(), "answered, and asked again: {more:?}");
    let before = fake.seen().len();
    dir.ask(&fake, &[]).code(0);
    assert_eq!(fake.seen().len(), before, "a warm run asks nobody");
}

#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let kill = Command::new("kill").args([name, &pid]).status();
    assert!(kill.unwrap().success());
}

/// All that `child` still says, and its exit code.
#[cfg(unix)]
pub fn ended(mut child: Child) -> (String, Option<i32>) {
    let mut said = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    (said, child.wait().unwrap().code())
}

#[cfg(unix)]
#[test]
fn interrupted_it_keeps_what_is_in_flight_and_says_how_to_go_on() {
    crate::util::catch_hangups();
    for name in ["-INT", "-TERM", "-HUP"] {
        let dir = Dir::new();
        dir.write("in.jsonl", input(600));
        dir.write("out.jsonl", "old\n");
        let mut slow = script(works(600, |_| false));
        (slow.list_limit, slow.latency) = (10, Duration::from_millis(100));
        let fake = Fake::start(slow);
        let mut child = dir.start(&fake);
        until_seen(&fake, 2, &mut child);
        signal(&child, name);
        let (said, code) = ended(child);
        assert_eq!(code, Some(130), "{name}: {said}");
        for part in [
            "stopping: ",
            "interrupted",
            "the same command goes on from here",
        ] {
            assert!(said.contains(part), "{name}: {said}");
        }
        assert_eq!(dir.read("out.jsonl"), "old\n");
        assert!(fake.lists() < 6, "{name}: it went on asking");
        // What was in flight was waited for and kept.
        dir.ask(&fake, &[]).code(0);
        assert!(fake.asked_twice().is_empty(), "{:?}", fake.asked_twice());
        let records = dir.records("out.jsonl");
        assert!(records.iter().all(|record| status(record) == "enriched"));
    }
}

#[cfg(unix)]
#[test]
fn the_second_signal_stops_at_once() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(100));
    dir.write("out.jsonl", "old\n");
    let mut stuck = script(works(100, |_| false));
    stuck.latency = Duration::from_secs(60);
    let fake = Fake::start(stuck);
    let mut child = dir.start(&fake);
    until_seen(&fake, 1, &mut child);
    signal(&child, "-TERM");
    // The first one is heard once it is said; until then a second one of its kind would be the same.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("stopping: ") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it says nothing");
    }
    assert!(
        child.try_wait().unwrap().is_none(),
        "an answer is on its way"
    );
    let start = Instant::now();
    signal(&child, "-INT");
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    // The first one alone would wait for ten seconds.
    assert!(start.elapsed() < Duration::from_secs(5), "{said}");
    assert!(
        said.contains("the same command goes on from here"),
        "{said}"
    );
    assert_eq!(dir.read("out.jsonl"), "old\n");
}

#[cfg(target_os = "linux")]
#[test]
fn under_nohup_it_outlives_its_terminal() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(300));
    let mut slow = script(works(300, |_| false));
    (slow.list_limit, slow.latency) = (10, Duration::from_millis(100));
    let fake = Fake::start(slow);
    let mut command = dir.command_under("trap '' HUP", &usual(&fake.url()));
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    until_seen(&fake, 1, &mut child);
    signal(&child, "-HUP");
    let (said, code) = ended(child);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(dir.records("out.jsonl").len(), 300);
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_is_heard_before_the_work_begins() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(10));
    dir.write("out.jsonl", "old\n");
    let args = [
        "in.jsonl",
        "-o",
        "out.jsonl",
        "--offline",
        "--store",
        "store",
    ];
    // Another process is in the middle of a long transaction: the store can't be opened before its end.
    let store = dir.path("store");
    std::fs::create_dir(&store).unwrap();
    #[allow(unsafe_code, reason = "heed marks opening a memory map as unsafe")]
    // SAFETY: nobody cuts the file short.
    let env = unsafe { heed::EnvOpenOptions::new().open(&store) }.unwrap();
    let busy = env.write_txn().unwrap();
    let child = dir.command(&args).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !catches_term(&child) {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it never listens"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    signal(&child, "-TERM");
    let (said, code) = ended(child);
    assert_eq!(code, Some(130), "{said}");
    assert!(!dir.exists("out.jsonl.part"), "it had not begun");
    assert_eq!(dir.read("out.jsonl"), "old\n");
    drop(busy);
    dir.run(&args).code(0);
}

/// Has the program a handler for SIGTERM?
#[cfg(target_os = "linux")]
fn catches_term(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    u64::from_str_radix(mask.unwrap().trim(), 16).unwrap() >> 14 & 1 == 1
}

#[test]
fn an_output_belongs_to_one_run() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(300));
    let mut slow = script(works(300, |_| false));
    (slow.list_limit, slow.latency) = (5, Duration::from_millis(300));
    let fake = Fake::start(slow);
    let mut child = dir.start(&fake);
    until_seen(&fake, 1, &mut child);
    let part = dir.path("out.jsonl.part").metadata().unwrap();
    let run = dir.ask(&fake, &[]).code(1).says("another run");
    let mut who = String::new();
    if cfg!(target_os = "linux") {
        who = format!("process {}", child.id());
    }
    // Not every file system knows when a file was made.
    if let Ok(born) = part.created() {
        let since = humantime::format_rfc3339_seconds(born);
        who += &format!(", since {since}");
    }
    assert!(run.err.contains(&who), "{}", run.told());
    assert!(child.wait().unwrap().success());
    assert_eq!(dir.records("out.jsonl").len(), 300);
}
