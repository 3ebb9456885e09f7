//! How much a run may ask: so many requests, for so long. Once either is used up nothing more is asked,
//! what is in flight still arrives, and what waits is told that there is no answer in this run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// What a run may ask.
#[derive(Debug)]
pub(super) struct Limits {
    time: Option<Duration>,
    left: AtomicU64,
    reached: watch::Sender<bool>,
}

impl Limits {
    pub(super) fn new(requests: Option<u64>, time: Option<Duration>) -> Self {
        Self {
            time,
            left: AtomicU64::new(requests.unwrap_or(u64::MAX)),
            reached: watch::Sender::new(requests == Some(0)),
        }
    }

    /// Takes one of the requests that are left, if any.
    pub(super) fn take(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        let order = Ordering::Relaxed;
        match self.left.fetch_update(order, order, less) {
            _ if self.is_reached() => false,
            Ok(left) => {
                if left == 1 {
                    self.reached.send_replace(true);
                }
                true
            }
            Err(_) => false,
        }
    }

    pub(super) fn is_reached(&self) -> bool {
        *self.reached.borrow()
    }

    /// Waits until a limit is reached.
    pub(super) async fn reached(&self) {
        let mut reached = self.reached.subscribe();
        // The sender is ours: it can't be gone.
        if reached.wait_for(|reached| *reached).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until the time is up, and says so.
    pub(super) async fn run(&self) {
        match self.time {
            Some(time) => {
                tokio::time::sleep(time).await;
                self.reached.send_replace(true);
            }
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_and_time_are_counted() {
        let limits = Limits::new(Some(2), None);
        assert!(limits.take() && !limits.is_reached());
        assert!(limits.take(), "the last one");
        assert!(limits.is_reached() && !limits.take());
        limits.reached().await;
        assert!(!Limits::new(Some(0), None).take());

        let limits = Limits::new(None, Some(Duration::from_secs(5)));
        let start = tokio::time::Instant::now();
        tokio::select! {
            () = limits.run() => {}
            () = limits.reached() => {}
        }
        assert_eq!(start.elapsed(), Duration::from_secs(5));
        assert!(!limits.take());
        assert!(Limits::new(None, None).take());
    }
}
