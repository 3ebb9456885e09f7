//! DOIs that somebody waits for: each is asked once however many records have it, and forgotten
//! when its answer is delivered.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::batch::Missed;
use crate::crossref::Tries;
use crate::doi::Doi;
use crate::resolution::Why;

/// A DOI of more bytes than this is asked singly.
const LONG: usize = 1_000;

/// Is `doi` never asked for in a list? A comma ends a filter, and there is no way to escape one. A DOI
/// that would fill a request by itself is better off in a path.
pub(crate) fn goes_singly(doi: &Doi) -> bool {
    doi.as_str().contains(',') || doi.as_str().len() > LONG
}

/// A DOI was answered (the answer is in the store), or it was not, and why.
pub(super) type Delivery = (Doi, Option<Why>);

/// A DOI that must be asked by itself.
#[derive(Debug, Clone)]
pub(super) struct Single {
    pub(super) doi: Doi,
    /// Its place in a batch that did not show it.
    pub(super) missed: Option<Missed>,
    /// What its lists have used up.
    pub(super) tries: Tries,
}

impl From<Doi> for Single {
    fn from(doi: Doi) -> Self {
        Self {
            doi,
            missed: None,
            tries: Tries::default(),
        }
    }
}

/// The DOIs in question, and the two queues of those not asked yet.
#[derive(Default)]
pub(super) struct Pending {
    inner: Mutex<Inner>,
    more_lists: Notify,
    more_singles: Notify,
}

#[derive(Default)]
struct Inner {
    /// Unbounded, but never more than the pipeline's window holds.
    waiting: HashMap<Doi, Vec<UnboundedSender<Delivery>>>,
    lists: VecDeque<Doi>,
    singles: VecDeque<Single>,
}

impl Pending {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues `dois`; each is delivered once to the receiver.
    pub(super) fn ask(&self, dois: &[Doi]) -> UnboundedReceiver<Delivery> {
        let (sender, receiver) = unbounded_channel();
        let mut inner = self.lock();
        for doi in dois {
            let waiting = inner.waiting.entry(doi.clone()).or_default();
            let first = waiting.is_empty();
            waiting.push(sender.clone());
            if first {
                match goes_singly(doi) {
                    true => inner.singles.push_back(doi.clone().into()),
                    false => inner.lists.push_back(doi.clone()),
                }
            }
        }
        drop(inner);
        self.more_lists.notify_one();
        self.more_singles.notify_one();
        receiver
    }

    /// DOIs that wait for an answer, and how many of them are queued to be asked singly.
    pub(super) fn len(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.waiting.len(), inner.singles.len())
    }

    /// Queues DOIs to be asked singly.
    pub(super) fn ask_singly(&self, singles: impl IntoIterator<Item = Single>) {
        self.lock().singles.extend(singles);
        self.more_singles.notify_one();
    }

    /// Queues DOIs to be asked in lists once more, before all others.
    pub(super) fn ask_again<I>(&self, dois: I)
    where
        I: IntoIterator<Item = Doi, IntoIter: DoubleEndedIterator>,
    {
        let mut inner = self.lock();
        for doi in dois.into_iter().rev() {
            inner.lists.push_front(doi);
        }
        drop(inner);
        self.more_lists.notify_one();
    }

    /// Tells all who wait for `doi`.
    pub(super) fn deliver(&self, doi: &Doi, why: Option<Why>) {
        let waiting = self.lock().waiting.remove(doi);
        for sender in waiting.unwrap_or_default() {
            // Who has gone needs no answer.
            drop(sender.send((doi.clone(), why)));
        }
    }

    /// Waits until a DOI is there for a batch.
    pub(super) async fn for_list(&self) {
        while self.lock().lists.is_empty() {
            self.more_lists.notified().await;
        }
    }

    /// Waits until a DOI is there to be asked singly.
    pub(super) async fn for_single(&self) {
        while self.lock().singles.is_empty() {
            self.more_singles.notified().await;
        }
    }

    /// Is a DOI there to be asked singly?
    pub(super) fn has_single(&self) -> bool {
        !self.lock().singles.is_empty()
    }

    /// Could a batch be larger than what waits now?
    pub(super) fn is_short_of(&self, count: usize) -> bool {
        self.lock().lists.len() < count
    }

    /// The next batch: up to `count` DOIs whose `cost` fits into `room`, at least one if any waits.
    pub(super) fn take_batch(
        &self,
        count: usize,
        mut room: usize,
        cost: impl Fn(&Doi) -> usize,
    ) -> Vec<Doi> {
        let mut inner = self.lock();
        let mut batch = Vec::new();
        while batch.len() < count {
            let Some(doi) = inner.lists.front() else {
                break;
            };
            let cost = cost(doi);
            if cost > room && !batch.is_empty() {
                break;
            }
            room = room.saturating_sub(cost);
            batch.extend(inner.lists.pop_front());
        }
        batch
    }

    /// The next DOI to be asked singly.
    pub(super) fn take_single(&self) -> Option<Single> {
        self.lock().singles.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doi(text: &str) -> Doi {
        Doi::parse(text).unwrap()
    }

    #[test]
    fn each_doi_is_queued_once_and_told_to_all() {
        let pending = Pending::default();
        let (one, two) = (doi("10.5555/1"), doi("10.5555/2"));
        let mut first = pending.ask(&[one.clone(), two.clone()]);
        let mut second = pending.ask(std::slice::from_ref(&one));
        let batch = pending.take_batch(10, 1000, |_| 1);
        assert_eq!(batch, [one.clone(), two.clone()]);
        pending.deliver(&one, None);
        assert_eq!(first.try_recv().unwrap(), (one.clone(), None));
        assert_eq!(second.try_recv().unwrap(), (one.clone(), None));
        assert_eq!(pending.len(), (1, 0));
        // Forgotten: whoever comes later asks anew (and finds it in the store first).
        drop(pending.ask(&[one]));
        assert_eq!(pending.take_batch(10, 1000, |_| 1).len(), 1);
    }

    #[test]
    fn batches_end_by_count_and_by_bytes_and_commas_go_singly() {
        let pending = Pending::default();
        let dois: Vec<Doi> = (0..5).map(|n| doi(&format!("10.5555/{n}"))).collect();
        let _keep = pending.ask(&dois);
        let _also = pending.ask(&[doi("10.5555/a,b")]);
        assert_eq!(pending.take_batch(2, 1000, |_| 10).len(), 2);
        assert_eq!(pending.take_batch(9, 25, |_| 10).len(), 2);
        assert_eq!(
            pending.take_batch(9, 5, |_| 10).len(),
            1,
            "one too long still goes"
        );
        assert_eq!(pending.take_batch(9, 25, |_| 10).len(), 0);
        assert_eq!(pending.take_single().unwrap().doi, doi("10.5555/a,b"));
        let again = pending.take_batch(9, 25, |_| 10);
        assert_eq!(again, []);
        pending.ask_again(dois[..2].to_vec());
        pending.ask_again(dois[2..3].to_vec());
        let again = pending.take_batch(9, 90, |_| 10);
        assert_eq!(again, [dois[2].clone(), dois[0].clone(), dois[1].clone()]);
    }
}
