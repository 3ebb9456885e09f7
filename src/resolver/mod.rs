//! The second stage: DOIs into answers, from the store or from Crossref.
//!
//! [`Resolver::resolve`] queues what the store lacks. Two loops take from the queues, one for lists
//! and one for single requests, each when the limiter lets the next request out; so a batch holds
//! all that waits at that moment, whoever asked for it. An answer is committed to the store, then
//! delivered. Never sees a file format.

mod lookup;
mod pending;
mod prefixes;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::crossref::{
    Backoff, Client, Failure, MAX_TARGET, Permit, Route, Single, Verdict, rest, verdict,
};
use crate::doi::Doi;
use crate::event::{Progress, count};
use crate::resolution::Why;
use crate::store::{Ages, Answer, Decoder, Store, StoreError};
pub(crate) use lookup::{Known, Use, look_up};
use pending::Pending;
use prefixes::{Gate, Prefixes};

/// How much longer a batch that is not full waits for company.
const COMPANY: Duration = Duration::from_millis(50);

/// If nothing ever answered, so much of an outage is enough to know that there is no network. It
/// is to be told within ten seconds, and the first request waits for its token.
const NO_NETWORK: Duration = Duration::from_secs(8);

/// Why nobody is asked any more.
#[derive(Debug, Error)]
pub enum Stop {
    /// Nothing ever answered.
    #[error("cannot reach {host}: {reason}")]
    NoNetwork {
        /// Who was asked.
        host: String,
        /// What happened.
        reason: String,
    },
    /// It answered once, and has not for too long.
    #[error("{host} has given no usable answer for {}: {reason}", humantime::format_duration(Duration::from_secs(.time.as_secs())))]
    Outage {
        /// Who was asked.
        host: String,
        /// For how long.
        time: Duration,
        /// The last thing that happened.
        reason: String,
    },
    /// Crossref does not want us.
    #[error("{host} refuses to answer ({reason})")]
    Refused {
        /// Who was asked.
        host: String,
        /// What it said.
        reason: String,
    },
    /// Answers can't be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The user wants to stop.
    #[error("interrupted")]
    Interrupted,
}

/// Settings of the resolver.
pub(crate) struct Options {
    /// DOIs in a list request at most.
    pub(crate) batch: usize,
    /// How long an outage may last.
    pub(crate) max_outage: Duration,
    /// Ages, and when this run began.
    pub(crate) ages: Ages,
}

/// Asks Crossref for what the store lacks.
pub(crate) struct Resolver {
    client: Client,
    store: Arc<Store>,
    options: Options,
    pending: Pending,
    prefixes: Prefixes,
    outage: Mutex<Outage>,
    stop: watch::Sender<Option<Arc<Stop>>>,
    progress: Arc<Progress>,
}

/// When did it last work?
#[derive(Default)]
struct Outage {
    ever_answered: bool,
    /// The first failure since the last answer, and how many there were.
    since: Option<Instant>,
    failures: u32,
}

/// So many failures in a row are needed to speak of an outage: one bad request is none.
const MANY: u32 = 20;

/// Who registers the DOIs of a prefix, as far as this run goes on.
enum Registrar {
    Crossref,
    Other,
}

/// Why a request gave nothing.
enum Unanswered {
    Why(Why),
    Split,
    Stopped,
}

impl Resolver {
    pub(crate) fn new(
        client: Client,
        store: Arc<Store>,
        options: Options,
        progress: Arc<Progress>,
    ) -> Self {
        Self {
            client,
            store,
            options,
            pending: Pending::default(),
            prefixes: Prefixes::default(),
            outage: Mutex::default(),
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
        tokio::join!(self.run_lists(), self.run_singles());
    }

    async fn run_lists(self: &Arc<Self>) {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = self.stopped() => break,
                (batch, permit) = self.next_batch() => {
                    let this = Arc::clone(self);
                    open.spawn(async move { this.ask_batch(batch, Some(permit)).await });
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
                (doi, permit) = self.next_single() => {
                    let this = Arc::clone(self);
                    open.spawn(async move { this.ask_single(doi, permit).await });
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
            let permit = self.client.limiter.acquire(Route::List).await;
            if self.pending.is_short_of(self.options.batch) {
                rest(COMPANY).await;
            }
            let room = MAX_TARGET.saturating_sub(self.client.list_overhead());
            let mut batch = self
                .pending
                .take_batch(self.options.batch, room, Client::list_cost);
            batch.retain(|doi| !self.came_meanwhile(doi));
            if !batch.is_empty() {
                return (batch, permit);
            }
        }
    }

    /// The next DOI that may be asked singly. Those of a prefix that is known to be registered
    /// elsewhere are answered without asking.
    async fn next_single(&self) -> (Doi, Permit) {
        loop {
            self.pending.for_single().await;
            let Some(doi) = self.pending.take_single() else {
                continue;
            };
            if self.came_meanwhile(&doi) {
                continue;
            }
            match self.gate(&doi) {
                Gate::Ask => return (doi, self.client.limiter.acquire(Route::Single).await),
                Gate::Wait => {}
                Gate::Foreign => {
                    self.keep(vec![Answer::NotFound(doi.clone())], &[doi]).await;
                }
            }
        }
    }

    /// Was `doi` answered between the look-up of who asks and now, by whomever? Then it is delivered.
    fn came_meanwhile(&self, doi: &Doi) -> bool {
        let known = self.store.read().and_then(|reading| {
            Ok(
                match look_up(&reading, doi, &self.options.ages, Use::Fresh)? {
                    Known::Nothing => false,
                    // A damaged value must be asked for again.
                    Known::Work { packed, .. } => Decoder::new().work(packed).is_some(),
                    Known::NotFound | Known::Agency(_) => true,
                },
            )
        });
        let known = known.unwrap_or(false);
        if known {
            self.pending.deliver(doi, None);
        }
        known
    }

    fn gate(&self, doi: &Doi) -> Gate {
        self.prefixes.gate(doi, || {
            let known =
                self.store
                    .read()
                    .and_then(|reading| match reading.agency(doi.prefix())? {
                        Some((asked, agency)) if self.options.ages.is_prefix_fresh(asked) => {
                            Ok(Some(agency.is_empty()))
                        }
                        _ => Ok(reading.has_work_of(doi.prefix())?.then_some(true)),
                    });
            // A store that can't be read stops the run where it is written.
            known.unwrap_or_default()
        })
    }

    async fn ask_batch(&self, batch: Vec<Doi>, permit: Option<Permit>) {
        let counter = &self.progress.lists;
        let asked = self
            .ask(Route::List, counter, permit, || self.client.list(&batch))
            .await;
        match asked {
            Ok(answers) => {
                let mut found = Vec::new();
                for answer in &answers {
                    match answer {
                        Answer::Work { doi, .. } | Answer::Alias { doi, .. } => {
                            found.push(doi.clone());
                            self.release(self.prefixes.gave_a_work(doi.prefix()));
                        }
                        Answer::NotFound(_) | Answer::Agency { .. } => {}
                    }
                }
                let (found, absent) = batch
                    .into_iter()
                    .partition::<Vec<_>, _>(|doi| found.contains(doi));
                self.keep(answers, &found).await;
                // Not in a list is not yet unknown: aliases, for one, never are.
                self.pending.ask_singly(absent);
            }
            Err(Unanswered::Split | Unanswered::Why(Why::TooLarge)) if batch.len() > 1 => {
                let (left, right) = batch.split_at(batch.len() / 2);
                for half in [left, right] {
                    Box::pin(self.ask_batch(half.to_vec(), None)).await;
                }
            }
            Err(Unanswered::Split) => self.pending.ask_singly(batch),
            Err(Unanswered::Why(why)) => self.give_up(&batch, why),
            Err(Unanswered::Stopped) => {}
        }
    }

    async fn ask_single(&self, doi: Doi, permit: Permit) {
        let prefix = doi.prefix().to_owned();
        let counter = &self.progress.singles;
        let mut answers = Vec::new();
        // The verdict on the prefix, if there was one: it counts when it is in the store, or others
        // of the prefix could be written without their agency.
        let mut verdict = None;
        let asked = self
            .ask(Route::Single, counter, Some(permit), || {
                self.client.single(&doi)
            })
            .await;
        let outcome = match asked {
            Ok(Single::Found(answer)) => {
                if let Answer::Work { doi: prime, .. } = &answer
                    && *prime != doi
                {
                    let prime = prime.clone();
                    answers.push(Answer::Alias {
                        doi: doi.clone(),
                        prime,
                    });
                }
                answers.push(answer);
                self.release(self.prefixes.gave_a_work(&prefix));
                Ok(())
            }
            Ok(Single::Moved(prime)) => self.follow(&doi, prime, &mut answers).await,
            Ok(Single::NotFound) => {
                answers.push(Answer::NotFound(doi.clone()));
                self.ask_agency(&doi, &mut answers, &mut verdict).await
            }
            Err(failed) => Err(failed),
        };
        match outcome {
            Ok(()) => self.keep(answers, std::slice::from_ref(&doi)).await,
            Err(Unanswered::Split) => self.give_up(&[doi], Why::Refused),
            Err(Unanswered::Why(why)) => self.give_up(&[doi], why),
            Err(Unanswered::Stopped) => {}
        }
        match verdict {
            Some(Registrar::Other) => self.release(self.prefixes.is_foreign(&prefix)),
            Some(Registrar::Crossref) => self.release(self.prefixes.gave_a_work(&prefix)),
            None => {}
        }
        self.release(self.prefixes.undecided(&prefix));
    }

    /// Asks for the work that `doi` is an alias of.
    async fn follow(
        &self,
        doi: &Doi,
        prime: Doi,
        answers: &mut Vec<Answer>,
    ) -> Result<(), Unanswered> {
        // It may have come already, for another alias or for itself.
        if self.came_meanwhile(&prime) {
            answers.push(Answer::Alias {
                doi: doi.clone(),
                prime,
            });
            return Ok(());
        }
        let counter = &self.progress.singles;
        match self
            .ask(Route::Single, counter, None, || self.client.single(&prime))
            .await?
        {
            Single::Found(answer) => {
                self.release(self.prefixes.gave_a_work(doi.prefix()));
                answers.push(Answer::Alias {
                    doi: doi.clone(),
                    prime,
                });
                answers.push(answer);
            }
            Single::NotFound => answers.push(Answer::NotFound(doi.clone())),
            // A redirect of a redirect: refused rather than followed round and round.
            Single::Moved(_) => return Err(Unanswered::Why(Why::Refused)),
        }
        Ok(())
    }

    /// Once for a prefix that has never given a work: whose is it?
    async fn ask_agency(
        &self,
        doi: &Doi,
        answers: &mut Vec<Answer>,
        verdict: &mut Option<Registrar>,
    ) -> Result<(), Unanswered> {
        if !self.prefixes.wants_agency(doi.prefix()) {
            return Ok(());
        }
        let counter = &self.progress.singles;
        let asked = self
            .ask(Route::Single, counter, None, || self.client.agency(doi))
            .await;
        let agency = match asked {
            Ok(agency) => agency,
            Err(Unanswered::Stopped) => return Err(Unanswered::Stopped),
            // The DOI is unknown all the same. Not kept: another run may ask again.
            Err(_) => {
                *verdict = Some(Registrar::Crossref);
                return Ok(());
            }
        };
        let foreign = agency.filter(|agency| !agency.id.eq_ignore_ascii_case("crossref"));
        *verdict = Some(match &foreign {
            Some(_) => Registrar::Other,
            None => Registrar::Crossref,
        });
        answers.push(Answer::Agency {
            prefix: doi.prefix().to_owned(),
            agency: foreign.map_or(String::new(), |agency| agency.label.unwrap_or(agency.id)),
        });
        Ok(())
    }

    fn release(&self, waiting: Vec<Doi>) {
        if !waiting.is_empty() {
            self.pending.ask_singly(waiting);
        }
    }

    /// One request, until it is answered or given up. All tries, of whatever layer, count.
    async fn ask<T, F>(
        &self,
        route: Route,
        counter: &AtomicU64,
        mut permit: Option<Permit>,
        attempt: impl Fn() -> F,
    ) -> Result<T, Unanswered>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut backoff = Backoff::default();
        loop {
            let held = match permit.take() {
                Some(permit) => permit,
                None => tokio::select! {
                    biased;
                    _ = self.stopped() => return Err(Unanswered::Stopped),
                    permit = self.client.limiter.acquire(route) => permit,
                },
            };
            count(counter);
            let start = Instant::now();
            let answer = attempt().await;
            drop(held);
            let failure = match answer {
                Ok(answer) => {
                    *self.outage() = Outage {
                        ever_answered: true,
                        ..Outage::default()
                    };
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            tracing::debug!(%failure, tries = backoff.tries() + 1, "no answer");
            let asked_for = match verdict(&failure) {
                Verdict::Retry(wait) => wait,
                Verdict::Split => return Err(Unanswered::Split),
                Verdict::Refused => return Err(Unanswered::Why(Why::Refused)),
                Verdict::TooLarge => return Err(Unanswered::Why(Why::TooLarge)),
                Verdict::Stop => {
                    let (host, reason) = (self.client.host().to_owned(), failure.to_string());
                    self.stop(Stop::Refused { host, reason });
                    return Err(Unanswered::Stopped);
                }
            };
            let Some(wait) = backoff.next(asked_for) else {
                tracing::warn!("no answer after {} tries: {failure}", backoff.tries());
                return Err(Unanswered::Why(Why::Unavailable));
            };
            if let Some(stop) = self.judge_outage(&failure, start, wait) {
                self.stop(stop);
                return Err(Unanswered::Stopped);
            }
            if asked_for.is_some() || matches!(failure, Failure::Status { code: 429, .. }) {
                self.client.limiter.pause(wait);
            }
            count(&self.progress.retries);
            self.progress
                .set_pause(failure.to_string(), std::time::Instant::now() + wait);
            tokio::select! {
                biased;
                _ = self.stopped() => return Err(Unanswered::Stopped),
                () = rest(wait) => {}
            }
        }
    }

    fn outage(&self) -> std::sync::MutexGuard<'_, Outage> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has it failed for so long that it is time to stop? `start`: of this attempt.
    fn judge_outage(&self, failure: &Failure, start: Instant, wait: Duration) -> Option<Stop> {
        let mut outage = self.outage();
        let connected = !matches!(failure, Failure::Connect(_));
        // Any status is a sign of life, if not of health.
        outage.ever_answered |= connected;
        let since = *outage.since.get_or_insert(start);
        let host = self.client.host().to_owned();
        let reason = failure.to_string();
        if !outage.ever_answered {
            // The next try would be over too late to be told in time.
            let next = wait + start.elapsed();
            return (since.elapsed() + next >= NO_NETWORK)
                .then_some(Stop::NoNetwork { host, reason });
        }
        outage.failures += 1;
        let (time, gone) = (since.elapsed(), !connected || outage.failures >= MANY);
        (gone && time >= self.options.max_outage).then_some(Stop::Outage { host, time, reason })
    }

    /// Commits `answers`, then tells who waits for `dois`.
    async fn keep(&self, answers: Vec<Answer>, dois: &[Doi]) {
        let (store, now) = (Arc::clone(&self.store), crate::now());
        let kept = tokio::task::spawn_blocking(move || store.commit(&answers, now)).await;
        match kept {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return self.stop(Stop::Store(error)),
            Err(_) => return self.stop(Stop::Interrupted),
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
