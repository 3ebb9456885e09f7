//! Ctrl-c, SIGTERM and SIGHUP: one way to say "enough".

use std::io;
#[cfg(unix)]
use std::task::Poll;

/// What asks the program to end: ctrl-c, SIGTERM, and SIGHUP unless `nohup` has it ignored. Heard from
/// when this is made; none is lost between two looks.
pub(super) struct Signals {
    #[cfg(unix)]
    streams: Vec<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Must be called within the runtime.
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        if !is_ignored(SignalKind::hangup()) {
            kinds.push(SignalKind::hangup());
        }
        // A limit on file sizes ends a program by default. Caught, it is an error of the write.
        drop(signal(SignalKind::from_raw(libc::SIGXFSZ))?);
        let streams = kinds.into_iter().map(signal).collect::<io::Result<_>>()?;
        Ok(Self { streams })
    }

    /// Waits for the next one. A signal that comes while nobody waits is kept.
    pub(super) async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let came = |stream: &mut tokio::signal::unix::Signal| {
                matches!(stream.poll_recv(context), Poll::Ready(Some(())))
            };
            match self.streams.iter_mut().any(came) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    pub(super) async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}

/// Was the program started with this signal ignored? Told by the system on Linux only.
#[cfg(unix)]
fn is_ignored(kind: tokio::signal::unix::SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| {
        let mask = line.strip_prefix("SigIgn:")?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    // The first bit is signal 1.
    mask.unwrap_or_default() >> (kind.as_raw_value() - 1) & 1 == 1
}
