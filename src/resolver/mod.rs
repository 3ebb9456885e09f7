//! The second stage: DOIs into answers, from the store or from Crossref.
//!
//! [`Resolver::resolve`] queues what the store lacks. Two loops take from the queues, one for lists
//! and one for single requests, each when the limiter lets the next request out; so a batch holds
//! all that waits at that moment, whoever asked for it. An answer is committed to the store, then
//! delivered. Never sees a file format.

mod ask;
mod batch;
mod limits;
mod lists;
mod lookup;
mod pending;
mod prefixes;
mod singles;
mod stop;

use std::collections::HashMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::crossref::{Client, Health, Jitter, MAX_TARGET, Permit, Route, Tries, rest};
use crate::doi::Doi;
use crate::event::{Progress, count};
use crate::resolution::Why;
use crate::store::{Ages, Answer, Decoder, Store};
use batch::Sizes;
use limits::Limits;
pub(crate) use lookup::{Found, Known, Use, find, look_up};
pub(crate) use pending::goes_singly;
use pending::{Pending, Single};
use prefixes::{Gate, Prefixes};
pub use stop::Stop;

/// How much longer a batch that is not full waits for company.
const COMPANY: Duration = Duration::from_millis(50);

/// So many DOIs that are registered elsewhere are kept at once.
const FOREIGN: usize = 1_000;

/// Settings of the resolver.
pub(crate) struct Options {
    /// DOIs in a list request at most.
    pub(crate) batch: usize,
    /// How long an outage may last.
    pub(crate) max_outage: Duration,
    /// Ages, and when this run began.
    pub(crate) ages: Ages,
    /// What makes waits random.
    pub(crate) jitter: Jitter,
    /// Requests of this run at most.
    pub(crate) max_requests: Option<u64>,
    /// How long this run may ask.
    pub(crate) max_time: Option<Duration>,
}

/// Asks Crossref for what the store lacks.
pub(crate) struct Resolver {
    client: Client,
    store: Arc<Store>,
    ages: Ages,
    jitter: Jitter,
    pending: Pending,
    prefixes: Prefixes,
    sizes: Sizes,
    limits: Limits,
    health: Mutex<Health>,
    /// Whoever has it asks whether the service is there again.
    probing: tokio::sync::Mutex<()>,
    stop: watch::Sender<Option<Arc<Stop>>>,
    progress: Arc<Progress>,
}

impl Resolver {
    pub(crate) fn new(
        client: Client,
        store: Arc<Store>,
        options: Options,
        progress: Arc<Progress>,
    ) -> Self {
        let room = MAX_TARGET.saturating_sub(client.list_overhead());
        Self {
            client,
            store,
            ages: options.ages,
            jitter: options.jitter,
            pending: Pending::default(),
            prefixes: Prefixes::default(),
            sizes: Sizes::new(options.batch, room),
            limits: Limits::new(options.max_requests, options.max_time),
            probing: tokio::sync::Mutex::default(),
            health: Mutex::new(Health::new(options.max_outage, options.jitter)),
            stop: watch::Sender::new(None),
            progress,
        }
    }

    /// Waits until each of `dois` is answered, which then is in the store, or has failed, which is
    /// told.
    ///
    /// # Errors
    /// If nobody is asked any more.
    pub(crate) async fn resolve(&self, dois: &[Doi]) -> Result<HashMap<Doi, Why>, Arc<Stop>> {
        let mut deliveries = self.pending.ask(dois);
        let mut failures = HashMap::new();
        for _ in dois {
            self.show_waiting();
            tokio::select! {
                biased;
                delivery = deliveries.recv() => {
                    if let Some((doi, Some(why))) = delivery {
                        failures.insert(doi, why);
                    }
                }
                stop = self.stopped() => return Err(stop),
            }
        }
        self.show_waiting();
        Ok(failures)
    }

    /// Asks nobody any more. What is in flight is still waited for, and kept.
    pub(crate) fn stop(&self, why: Stop) {
        self.stop.send_if_modified(|stop| {
            let first = stop.is_none();
            if first {
                *stop = Some(Arc::new(why));
            }
            first
        });
    }

    /// Requests a second that are allowed now: lists and singles.
    pub(crate) fn allowed(&self) -> (f64, f64) {
        let limiter = &self.client.limiter;
        (limiter.allowed(Route::List), limiter.allowed(Route::Single))
    }

    /// Sends requests until it is stopped, and then until all answers have arrived.
    pub(crate) async fn run(self: Arc<Self>) {
        let this = Arc::clone(&self);
        self.guard(async move {
            let timed = async {
                tokio::select! {
                    _ = this.stopped() => {}
                    () = this.limits.run() => {}
                }
            };
            tokio::join!(this.run_lists(), this.run_singles(), timed);
        })
        .await;
    }

    /// A bug must end the run: whoever waits for an answer would wait for ever.
    async fn guard(self: Arc<Self>, asking: impl Future<Output = ()> + Send) {
        if AssertUnwindSafe(asking).catch_unwind().await.is_err() {
            self.stop(Stop::Broken);
        }
    }

    async fn run_lists(self: &Arc<Self>) {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = self.stopped() => break,
                (batch, permit) = self.next_batch() => {
                    let this = Arc::clone(self);
                    let tries = Tries::default();
                    let asking = async move { this.ask_batch(batch, tries, Some(permit)).await };
                    open.spawn(Arc::clone(self).guard(asking));
                }
            }
            while open.try_join_next().is_some() {}
        }
        while open.join_next().await.is_some() {}
    }

    async fn run_singles(self: &Arc<Self>) {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = self.stopped() => break,
                (single, permit) = self.next_single() => {
                    let this = Arc::clone(self);
                    let asking = async move { this.ask_single(single, permit).await };
                    open.spawn(Arc::clone(self).guard(asking));
                }
            }
            while open.try_join_next().is_some() {}
        }
        while open.join_next().await.is_some() {}
    }

    /// Waits until nobody is asked any more.
    pub(crate) async fn stopped(&self) -> Arc<Stop> {
        let mut stop = self.stop.subscribe();
        // The sender is ours: it can't be gone.
        let stopped = stop
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|stop| stop.clone());
        stopped.unwrap_or_else(|| Arc::new(Stop::Interrupted))
    }

    fn show_waiting(&self) {
        let (waiting, singly) = self.pending.len();
        let progress = &self.progress;
        progress.waiting.store(waiting as u64, Ordering::Relaxed);
        progress
            .waiting_singly
            .store(singly as u64, Ordering::Relaxed);
    }

    async fn next_batch(&self) -> (Vec<Doi>, Permit) {
        loop {
            self.pending.for_list().await;
            if self.pending.is_short_of(self.sizes.count()) {
                rest(COMPANY).await;
            }
            let permit = tokio::select! {
                biased;
                () = self.limits.reached() => {
                    self.give_up(&self.pending.take_batch(usize::MAX, usize::MAX, |_| 1), Why::Limit);
                    continue;
                }
                permit = self.client.limiter.acquire(Route::List) => permit,
            };
            let (count, room) = (self.sizes.count(), self.sizes.room());
            let mut batch = self.pending.take_batch(count, room, Client::list_cost);
            batch.retain(|doi| !self.came_meanwhile(doi));
            if !batch.is_empty() {
                return (batch, permit);
            }
        }
    }

    /// The next DOI that may be asked singly. Those of a prefix that is known to be registered
    /// elsewhere are answered without asking.
    async fn next_single(&self) -> (Single, Permit) {
        let mut foreign = Vec::new();
        loop {
            if foreign.len() >= FOREIGN || !self.pending.has_single() {
                self.keep_foreign(&mut foreign).await;
            }
            self.pending.for_single().await;
            let Some(single) = self.pending.take_single() else {
                continue;
            };
            let doi = &single.doi;
            if self.came_meanwhile(doi) {
                continue;
            }
            // Its batch was cut off before it was looked at: a list is the cheaper way.
            if single
                .missed
                .is_some_and(|missed| self.sizes.was_cut(missed))
            {
                self.pending.ask_again([single.doi]);
                continue;
            }
            match self.gate(&single) {
                Gate::Ask => {
                    self.keep_foreign(&mut foreign).await;
                    tokio::select! {
                        biased;
                        () = self.limits.reached() => self.skip(single),
                        permit = self.client.limiter.acquire(Route::Single) => return (single, permit),
                    }
                }
                Gate::Wait => {}
                Gate::Foreign => foreign.push(single.doi),
            }
        }
    }

    /// It is not asked for in this run, and its prefix is as unknown as before.
    fn skip(&self, single: Single) {
        self.give_up(std::slice::from_ref(&single.doi), Why::Limit);
        self.release(self.prefixes.undecided(single.doi.prefix()));
    }

    /// What is registered elsewhere is not at Crossref; nobody needs to be asked.
    async fn keep_foreign(&self, foreign: &mut Vec<Doi>) {
        let dois = std::mem::take(foreign);
        if !dois.is_empty() {
            let answers = dois.iter().cloned().map(Answer::NotFound);
            self.keep(answers.collect(), &dois).await;
        }
    }

    /// Was `doi` answered between the look-up of who asks and now, by whomever? Then it is delivered.
    fn came_meanwhile(&self, doi: &Doi) -> bool {
        let known = self.store.read().and_then(|reading| {
            Ok(match look_up(&reading, doi, &self.ages, Use::Fresh)? {
                Known::Nothing => false,
                // A damaged value must be asked for again.
                Known::Work { packed, .. } => Decoder::new().work(packed).is_some(),
                Known::NotFound | Known::Agency(_) => true,
            })
        });
        let known = known.unwrap_or(false);
        if known {
            self.pending.deliver(doi, None);
        }
        known
    }

    fn gate(&self, single: &Single) -> Gate {
        let prefix = single.doi.prefix();
        self.prefixes.gate(single, || {
            let known = self.store.read().and_then(|reading| {
                // A work says more than what its agency was once.
                if reading.has_work_of(prefix)? {
                    return Ok(Some(true));
                }
                Ok(match reading.agency(prefix)? {
                    Some((asked, agency)) if self.ages.is_prefix_fresh(asked) => {
                        Some(agency.is_empty())
                    }
                    _ => None,
                })
            });
            // A store that can't be read stops the run where it is written.
            known.unwrap_or_default()
        })
    }

    fn release(&self, waiting: Vec<Single>) {
        if !waiting.is_empty() {
            self.pending.ask_singly(waiting);
        }
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits `answers`, then tells who waits for `dois`.
    async fn keep(&self, answers: Vec<Answer>, dois: &[Doi]) {
        let (store, now) = (Arc::clone(&self.store), crate::now());
        let kept = tokio::task::spawn_blocking(move || store.commit(&answers, now)).await;
        match kept {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return self.stop(Stop::Store(error)),
            Err(_) => return self.stop(Stop::Broken),
        }
        for doi in dois {
            count(&self.progress.answered);
            self.pending.deliver(doi, None);
        }
    }

    fn give_up(&self, dois: &[Doi], why: Why) {
        for doi in dois {
            self.pending.deliver(doi, Some(why));
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

#[cfg(test)]
mod scenarios;
