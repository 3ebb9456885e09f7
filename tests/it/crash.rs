//! Killed at any instant, again and again: what was committed is never asked for again, the target is
//! the old one or the whole new one, and the end is the same as without a kill.

use std::time::{Duration, Instant, UNIX_EPOCH};

use heed::CommitOrAbort;
use heed::types::Bytes;

use crate::resolve::{script, works};
use crate::resume::{input, until_seen};
use crate::util::fake::{Route, Script};
use crate::util::{Dir, Fake};

const RECORDS: usize = 4_000;
const BATCH: usize = 50;
const KILLS: usize = 20;

/// Lists that may be in flight at once, and those whose answers may be on their way to the disk.
const OPEN: usize = 3 + 3;

/// Random instants that can be had again: `CRASH_SEED=… cargo test`.
fn rng() -> fastrand::Rng {
    let given = std::env::var("CRASH_SEED").ok();
    let seed = given.map_or_else(
        || UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64,
        |seed| seed.parse().unwrap(),
    );
    println!("CRASH_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

/// A list takes 50 ms, so that a kill meets it on its way.
fn server() -> Script {
    let mut script = script(works(RECORDS, |_| false));
    (script.list_limit, script.latency) = (30, Duration::from_millis(30));
    script
}

/// How many answers are on disk, as whoever opens the store after the crash finds it.
pub(crate) fn kept(dir: &Dir) -> usize {
    let store = dir.path("store");
    if !store.join("data.mdb").exists() {
        return 0;
    }
    let mut options = heed::EnvOpenOptions::new();
    options.map_size(1 << 30).max_dbs(8);
    #[allow(unsafe_code, reason = "heed marks opening a memory map as unsafe")]
    // SAFETY: the program, the only one that writes there, is dead.
    let env = unsafe { options.open(store) }.unwrap();
    let opened = env.open_databases_and_commit(env.read_txn().unwrap(), |opener, txn| {
        let works = opener.open_database::<Bytes, Bytes>(txn, Some("works"))?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(works))
    });
    let works = opened.unwrap().unwrap_commit();
    let txn = env.read_txn().unwrap();
    works.map_or(0, |works| works.len(&txn).unwrap() as usize)
}

/// DOIs asked for, each as often as it was.
pub(crate) fn asked(fake: &Fake) -> usize {
    let seen = fake.seen();
    assert!(seen.iter().all(|seen| seen.route == Route::List));
    seen.iter().map(|seen| seen.dois.len()).sum()
}

#[test]
fn killed_twenty_times_it_asks_again_only_for_what_was_in_flight() {
    let args = ["--batch", "50"];
    let undisturbed = Dir::new();
    undisturbed.write("in.jsonl", input(RECORDS));
    undisturbed.ask(&Fake::start(server()), &args).code(0);
    let whole = undisturbed.read("out.jsonl");

    let (mut rng, start) = (rng(), Instant::now());
    let dir = Dir::new();
    dir.write("in.jsonl", input(RECORDS));
    dir.write("out.jsonl", "old\n");
    let fake = Fake::start(server());
    let (mut lost, mut before) = (Vec::new(), 0);
    for kill in 0..KILLS {
        let (lists, all) = (fake.lists(), asked(&fake));
        let mut child = dir.start_with(&fake, &args);
        // While it starts; or with lists on their way, answers on theirs to the disk, or neither.
        let delay = match rng.bool() {
            true => rng.u64(..150),
            false => {
                until_seen(&fake, lists + rng.usize(1..4), &mut child);
                rng.u64(..60)
            }
        };
        std::thread::sleep(Duration::from_millis(delay));
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before kill {kill}"
        );
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(dir.read("out.jsonl"), "old\n");
        let kept = kept(&dir);
        lost.push(asked(&fake) - all - (kept - before));
        before = kept;
    }
    dir.ask(&fake, &args).code(0);
    let again: usize = lost.iter().sum();
    println!(
        "asked again after {KILLS} kills: {again} DOIs ({lost:?}), {} lists, {:?}",
        fake.lists(),
        start.elapsed()
    );
    assert_eq!(dir.read("out.jsonl"), whole);
    assert!(!dir.exists("out.jsonl.part"));
    // Each DOI once, and once more for each answer that a kill has cost: what was kept is not asked.
    assert_eq!(asked(&fake), RECORDS + again);
    assert_eq!(kept(&dir), RECORDS);
    for lost in lost {
        assert!(lost <= OPEN * BATCH, "one kill has cost {lost} answers");
    }
}

#[test]
fn killed_while_it_writes_the_target_is_the_old_one_or_the_whole_new_one() {
    let mut rng = rng();
    let dir = Dir::new();
    dir.write("in.jsonl", input(RECORDS / 4));
    let mut fast = server();
    (fast.list_limit, fast.latency) = (100, Duration::ZERO);
    let fake = Fake::start(fast);
    dir.ask(&fake, &[]).code(0);
    let whole = dir.read("out.jsonl");
    let (requests, start) = (fake.seen().len(), Instant::now());
    dir.ask(&fake, &[]).code(0);
    let took = start.elapsed();
    let mut finished = 0;
    for _ in 0..KILLS {
        dir.write("out.jsonl", "old\n");
        let mut child = dir.start(&fake);
        // Anywhere; or when the first lines are written, and soon the output moves to its place.
        if rng.bool() {
            std::thread::sleep(took.mul_f64(rng.f64()));
        } else {
            let written = || {
                dir.path("out.jsonl.part")
                    .metadata()
                    .map_or(0, |meta| meta.len())
            };
            while written() == 0 && child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_micros(rng.u64(..20_000)));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let out = dir.read("out.jsonl");
        finished += usize::from(out == whole);
        assert!(out == whole || out == "old\n", "{} bytes", out.len());
    }
    println!("{finished} of {KILLS} outputs were in their place");
    dir.ask(&fake, &[]).code(0);
    assert_eq!(dir.read("out.jsonl"), whole);
    assert!(!dir.exists("out.jsonl.part"));
    assert_eq!(fake.seen().len(), requests, "nobody was asked again");
}
