//! A batch of DOIs: what its answer says of each.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use super::Resolver;
use super::ask::Unanswered;
use super::batch::Missed;
use super::pending::Single;
use crate::crossref::{Client, List, Permit, Route, Tries};
use crate::doi::Doi;
use crate::resolution::Why;
use crate::store::Answer;

impl Resolver {
    /// Asks for `batch`. `tries`: those that its DOIs have had already, in larger batches.
    pub(super) async fn ask_batch(
        &self,
        batch: Vec<Doi>,
        mut tries: Tries,
        permit: Option<Permit>,
    ) {
        let (client, dois) = (&self.client, &batch);
        let asked = self
            .ask(Route::List, &mut tries, permit, |permit| async move {
                client.list(dois, &permit).await
            })
            .await;
        let bytes: usize = batch.iter().map(Client::list_cost).sum();
        match asked {
            Ok(list) => {
                self.sizes.answered(bytes);
                self.take_list(batch, list).await;
            }
            // Of what was tried in vain each part is tried once: something in it may be what the
            // service can't answer, and its neighbours can't help that.
            Err(Unanswered::Split | Unanswered::Why(Why::TooLarge | Why::Unavailable))
                if batch.len() > 1 =>
            {
                self.halve(&batch, &tries).await;
            }
            Err(Unanswered::Why(Why::Refused)) if batch.len() > 1 && !self.sizes.refused() => {
                self.halve(&batch, &tries).await;
            }
            Err(Unanswered::Shorter) if batch.len() > 1 => {
                self.sizes.too_long(bytes);
                self.pending.ask_again(batch);
            }
            Err(
                Unanswered::Split
                | Unanswered::Shorter
                | Unanswered::Why(Why::Unavailable | Why::Refused),
            ) => {
                let singles = batch.into_iter().map(|doi| Single {
                    tries: tries.singly(),
                    ..doi.into()
                });
                self.pending.ask_singly(singles);
            }
            Err(Unanswered::Why(why)) => self.give_up(&batch, why),
            Err(Unanswered::Stopped) => {}
        }
    }

    async fn halve(&self, batch: &[Doi], tries: &Tries) {
        let (left, right) = batch.split_at(batch.len() / 2);
        let half = |half: &[Doi]| Box::pin(self.ask_batch(half.to_vec(), tries.clone(), None));
        tokio::join!(half(left), half(right));
    }

    async fn take_list(&self, batch: Vec<Doi>, list: List) {
        self.progress
            .dropped
            .fetch_add(list.dropped, Ordering::Relaxed);
        let mut found = HashSet::new();
        let mut prefixes = HashSet::new();
        for answer in &list.answers {
            if let Answer::Work { doi, .. } | Answer::Alias { doi, .. } = answer {
                found.insert(doi.clone());
                if prefixes.insert(doi.prefix()) {
                    self.release(self.prefixes.gave_a_work(doi.prefix()));
                }
            }
        }
        let asked = batch.len();
        let seen = batch.iter().rposition(|doi| found.contains(doi));
        let seen = seen.map_or(0, |last| last + 1);
        let (mut answered, mut absent) = (Vec::new(), Vec::new());
        for (at, doi) in batch.into_iter().enumerate() {
            if found.contains(&doi) {
                answered.push(doi);
                continue;
            }
            absent.push(Single {
                missed: Some(Missed { at, asked, seen }),
                ..doi.into()
            });
        }
        self.keep(list.answers, &answered).await;
        if list.short && !answered.is_empty() && !absent.is_empty() {
            // It says so itself: there are more than it gave.
            if let Some(size) = self.sizes.cut_to(answered.len()) {
                self.tell_cut(size);
            }
            let absent = absent.into_iter().map(|single| single.doi);
            self.pending.ask_again(absent);
        } else {
            // Not in a list is not yet unknown: aliases, for one, never are.
            self.pending.ask_singly(absent);
        }
    }

    /// The service looks at so many DOIs of a list only.
    pub(super) fn tell_cut(&self, size: usize) {
        self.progress.cut_to.store(size as u64, Ordering::Relaxed);
        tracing::debug!("lists are cut off after {size} DOIs");
    }
}
