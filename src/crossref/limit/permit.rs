//! The right to send a request, from the moment that it may go until its answer is read.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::{Route, SETUP, Shared, lock, nanos};

/// The right to send one request now, and to have it open.
pub(crate) struct Permit {
    opening: Opening,
    arrived: AtomicBool,
    since: Instant,
    /// Its lock, where processes share the budget.
    slot: Option<File>,
}

/// Told when the request of a permit has to set up a connection.
#[derive(Clone)]
pub(crate) struct Opening {
    shared: Arc<Shared>,
    route: Route,
    began: Arc<AtomicBool>,
}

impl Opening {
    /// A connection is being set up: when the request arrives is anybody's guess.
    pub(crate) fn begin(&self) {
        if !self.began.swap(true, Ordering::Relaxed) {
            let shared = &self.shared;
            lock(&shared.state).lanes[self.route.index()].opening += 1;
            let until = shared.wall.now() + nanos(SETUP);
            shared.ledger.free_from(self.route, until);
        }
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.began.load(Ordering::Relaxed)
    }
}

impl Permit {
    pub(super) fn new(shared: Arc<Shared>, route: Route, slot: Option<File>) -> Self {
        Self {
            opening: Opening {
                shared,
                route,
                began: Arc::default(),
            },
            arrived: AtomicBool::new(false),
            since: Instant::now(),
            slot,
        }
    }

    pub(crate) fn opening(&self) -> Opening {
        self.opening.clone()
    }

    /// The head of the answer is here: takes over what it allows.
    pub(crate) fn arrived(&self, headers: &HeaderMap) {
        if !self.arrived.swap(true, Ordering::Relaxed) {
            self.settle(Some(self.since.elapsed()));
        }
        self.opening.shared.learn(self.opening.route, headers);
    }

    fn settle(&self, took: Option<Duration>) {
        let Opening { shared, route, .. } = &self.opening;
        shared.settle(*route, self.opening.has_begun(), self.since, took);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Opening { shared, route, .. } = &self.opening;
        if !self.arrived.load(Ordering::Relaxed) {
            self.settle(None);
        }
        // Before anybody is told that there is one more.
        drop(self.slot.take());
        let lane = &mut lock(&shared.state).lanes[route.index()];
        lane.open -= 1;
        let took = self.since.elapsed();
        lane.usual = match lane.usual {
            Duration::ZERO => took,
            usual => usual.mul_f64(0.8) + took.mul_f64(0.2),
        };
        shared.changed.notify_waiters();
    }
}
