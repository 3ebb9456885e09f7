//! How many DOIs go into a list request: what the settings and the protocol allow, and less where the
//! service shows that it can't take so many.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A service in trouble is not asked for less than this at once.
const LEAST: usize = 10;

/// A length of URL that is refused, and one that is not, are as close as need be.
const CLOSE: usize = 64;

/// If so many DOIs at the end of a batch were not answered it is no chance that one of them is known.
const TAIL: usize = 3;

/// So many lists refused in a row, and it is not for what is in them.
const REFUSALS: u32 = 8;

/// After so many lists a cut that was seen once is doubted.
const DOUBT: u32 = 20;

/// Sizes of batches, as they are now.
pub(super) struct Sizes(Mutex<Inner>);

struct Inner {
    most: usize,
    /// Less after errors of the service, and more again.
    count: usize,
    /// The service looks at so many only, and does not say so.
    cut: Option<usize>,
    /// It leaves DOIs out at random.
    random: bool,
    /// The last cut that was seen.
    seen: Option<usize>,
    /// Lists that were answered since it was seen; `None`: it was seen twice, and is believed for good.
    since: Option<u32>,
    /// Lists that were refused since one was answered.
    refusals: u32,
    /// Bytes that DOIs may take in a request.
    room: usize,
    refused: Option<usize>,
    accepted: usize,
}

/// Where a DOI stood in a batch that did not show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missed {
    /// Its place, from 0.
    pub(super) at: usize,
    /// DOIs in the batch.
    pub(super) asked: usize,
    /// DOIs up to the last one that was found.
    pub(super) seen: usize,
}

impl Missed {
    /// Did it come after all that the batch showed?
    fn in_tail(self) -> bool {
        self.at >= self.seen
    }
}

impl Sizes {
    pub(super) fn new(most: usize, room: usize) -> Self {
        Self(Mutex::new(Inner {
            most,
            count: most,
            cut: None,
            random: false,
            seen: None,
            since: Some(0),
            refusals: 0,
            room,
            refused: None,
            accepted: 0,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// DOIs in the next batch at most.
    pub(super) fn count(&self) -> usize {
        let inner = self.lock();
        inner.cut.map_or(inner.count, |cut| cut.min(inner.count))
    }

    /// Bytes of DOIs in the next batch at most.
    pub(super) fn room(&self) -> usize {
        self.lock().room
    }

    /// A list with so many bytes of DOIs was answered.
    pub(super) fn answered(&self, bytes: usize) {
        let mut inner = self.lock();
        inner.count = (inner.count + LEAST).min(inner.most);
        inner.refusals = 0;
        inner.doubt_the_cut();
        inner.accepted = inner.accepted.max(bytes);
        inner.judge_room();
    }

    /// The service failed at a list (5xx): it may have been too much for it.
    pub(super) fn failed(&self) {
        let mut inner = self.lock();
        inner.count = (inner.count / 2).max(LEAST.min(inner.most));
    }

    /// A list was refused as such. Are all of them, so that there is no use in halving?
    pub(super) fn refused(&self) -> bool {
        let mut inner = self.lock();
        inner.refusals += 1;
        inner.refusals > REFUSALS
    }

    /// A list with so many bytes of DOIs was too long.
    pub(super) fn too_long(&self, bytes: usize) {
        let mut inner = self.lock();
        inner.refused = Some(inner.refused.map_or(bytes, |refused| refused.min(bytes)));
        // Another day, another server: what was accepted once is no measure then.
        if inner.accepted >= bytes {
            inner.accepted = 0;
        }
        inner.judge_room();
    }

    /// A DOI that a batch did not show is known after all. In its tail: the service cuts batches off.
    /// Elsewhere: it leaves some out at random, and there is nothing to be learnt from tails. Returns
    /// the size of batches that is right, and 0 for any, when that is news.
    pub(super) fn is_known(&self, missed: Missed) -> Option<usize> {
        let mut inner = self.lock();
        if !missed.in_tail() {
            inner.random = true;
            return inner.cut.take().map(|_| 0);
        }
        if inner.random {
            return None;
        }
        // If it showed none, that is no cut; and a short tail may be chance.
        match missed.seen == 0 || missed.asked - missed.seen < TAIL {
            true => None,
            false => inner.cut_to(missed.seen),
        }
    }

    /// The service gives so many works of a list only. Returns the size of batches that is right, when
    /// that is news.
    pub(super) fn cut_to(&self, size: usize) -> Option<usize> {
        self.lock().cut_to(size)
    }

    /// Was a DOI left out because its batch was cut off?
    pub(super) fn was_cut(&self, missed: Missed) -> bool {
        missed.in_tail() && self.lock().cut.is_some_and(|cut| missed.asked > cut)
    }
}

impl Inner {
    fn cut_to(&mut self, size: usize) -> Option<usize> {
        // Few works among many absent DOIs say little.
        let size = size.max(LEAST.min(self.most));
        if self.cut.is_some_and(|cut| cut <= size) {
            return None;
        }
        if self.seen == Some(size) {
            self.since = None;
        }
        (self.cut, self.seen) = (Some(size), Some(size));
        Some(size)
    }

    /// A cut may have been a moment's: after a while larger batches are tried again.
    fn doubt_the_cut(&mut self) {
        let (Some(cut), Some(since)) = (self.cut, self.since) else {
            return;
        };
        self.since = Some(since + 1);
        if since + 1 >= DOUBT {
            self.since = Some(0);
            self.cut = Some(cut * 2).filter(|cut| *cut < self.most);
        }
    }

    /// Between what was accepted and what was refused.
    fn judge_room(&mut self) {
        let Some(refused) = self.refused else {
            return;
        };
        self.room = match refused - self.accepted.min(refused) {
            _ if self.accepted == 0 => refused / 2,
            gap if gap > CLOSE => self.accepted + gap / 2,
            _ => self.accepted,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_service_halve_and_answers_add() {
        let sizes = Sizes::new(100, 3_000);
        sizes.failed();
        assert_eq!(sizes.count(), 50);
        for _ in 0..5 {
            sizes.failed();
        }
        assert_eq!(sizes.count(), 10);
        sizes.answered(100);
        assert_eq!(sizes.count(), 20);
        for _ in 0..20 {
            sizes.answered(100);
        }
        assert_eq!(sizes.count(), 100);
        let few = Sizes::new(4, 3_000);
        few.failed();
        assert_eq!(few.count(), 4);
    }

    #[test]
    fn the_length_that_is_accepted_is_found() {
        let sizes = Sizes::new(100, 3_200);
        let (limit, mut requests) = (800, 0);
        loop {
            let room = sizes.room();
            requests += 1;
            if room > limit {
                sizes.too_long(room);
            } else {
                sizes.answered(room);
            }
            if sizes.room() == room {
                break;
            }
        }
        assert!(
            (800 - CLOSE..=800).contains(&sizes.room()),
            "{}",
            sizes.room()
        );
        assert!(requests < 12, "{requests}");
        // What is shorter than it may be changes nothing.
        let room = sizes.room();
        sizes.answered(10);
        assert_eq!(sizes.room(), room);
    }

    #[test]
    fn a_cut_is_seen_and_doubted_once() {
        let sizes = Sizes::new(100, 3_000);
        let tail = |asked, seen| Missed {
            at: seen,
            asked,
            seen,
        };
        assert_eq!(sizes.is_known(tail(100, 99)), None, "it may be chance");
        assert_eq!(sizes.count(), 100);
        assert_eq!(sizes.is_known(tail(100, 49)), Some(49));
        assert_eq!(sizes.count(), 49);
        assert_eq!(sizes.is_known(tail(100, 49)), None, "known");
        assert!(sizes.was_cut(tail(100, 49)) && !sizes.was_cut(tail(49, 48)));
        // It is doubted once.
        for _ in 0..DOUBT {
            sizes.answered(100);
        }
        assert_eq!(sizes.count(), 98);
        assert_eq!(sizes.is_known(tail(98, 49)), Some(49));
        for _ in 0..5 * DOUBT {
            sizes.answered(100);
        }
        assert_eq!(sizes.count(), 49, "and then believed");
        let inside = Missed {
            at: 7,
            asked: 100,
            seen: 49,
        };
        assert_eq!(sizes.is_known(inside), Some(0), "it is no cut after all");
        assert_eq!(sizes.count(), 100);
        assert_eq!(sizes.is_known(tail(100, 49)), None);
        let few = Sizes::new(100, 3_000);
        assert_eq!(few.is_known(tail(100, 1)), Some(LEAST));
        let none = Sizes::new(100, 3_000);
        assert_eq!(none.is_known(tail(100, 0)), None, "that is no cut");
        assert_eq!(none.is_known(tail(100, 99)), None);
        assert_eq!(none.is_known(tail(100, 97)), Some(97));
    }
}
