//! Stopping is free: killed or interrupted at any instant, the same command ends with the same
//! bytes and asks for nothing that was answered.

use std::collections::HashSet;
use std::io::Read;
use std::time::{Duration, Instant};

use crate::resolve::{script, works};
use crate::util::{Dir, Fake, status};

fn input(count: usize) -> String {
    (0..count)
        .map(|n| format!("{{\"doi\":\"10.5555/cf.{n:04}\",\"n\":{n}}}\n"))
        .collect()
}

/// Waits until the server has seen so many requests, or the program has ended.
fn until_seen(fake: &Fake, count: usize, child: &mut std::process::Child) {
    let start = Instant::now();
    while fake.seen().len() < count && child.try_wait().unwrap().is_none() {
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
#[test]
fn interrupted_it_says_how_to_go_on() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(600));
    dir.write("out.jsonl", "old\n");
    let mut slow = script(works(600, |_| false));
    (slow.list_limit, slow.latency) = (10, Duration::from_millis(100));
    let fake = Fake::start(slow);
    let mut child = dir.start(&fake);
    until_seen(&fake, 2, &mut child);
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(
        said.contains("the same command goes on from here"),
        "{said}"
    );
    assert_eq!(dir.read("out.jsonl"), "old\n");
    // What was in flight was waited for and kept.
    dir.ask(&fake, &[]).code(0);
    assert!(fake.asked_twice().is_empty(), "{:?}", fake.asked_twice());
    assert!(
        dir.records("out.jsonl")
            .iter()
            .all(|record| status(record) == "enriched")
    );
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
    let run = dir.ask(&fake, &[]).code(1).says("another run");
    if cfg!(target_os = "linux") {
        assert!(
            run.err.contains(&format!("process {}", child.id())),
            "{}",
            run.told()
        );
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(dir.records("out.jsonl").len(), 300);
}
