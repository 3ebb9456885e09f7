//! What benchmarks of the whole program share.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs `command` to its end: wall time, and the most anonymous memory in KiB (Linux).
pub fn run(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let (status, mut most) = (format!("/proc/{}/status", child.id()), 0);
    let done = loop {
        if let Some(done) = child.try_wait().unwrap() {
            break done;
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let anonymous = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = anonymous.and_then(|line| line.split_whitespace().next()?.parse().ok());
        most = most.max(kib.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(done.success(), "{done}");
    (start.elapsed(), most)
}
