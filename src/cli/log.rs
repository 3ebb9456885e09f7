//! `--log-format json`: all that is said as one JSON object a line, with the names of `docs/log.md`,
//! which are stable. Written by the same library as all other log lines.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_subscriber::EnvFilter;

use super::progress::State;
use crate::event::read;
use crate::report::RunReport;
use crate::store::ImportProgress;

/// What is said in the program's own voice.
const TARGET: &str = "crossfill::log";

/// One process has one standard error: errors that have no [`super::ui::Ui`] at hand must know, too.
static JSON: AtomicBool = AtomicBool::new(false);

pub(super) fn set_json(json: bool) {
    JSON.store(json, Ordering::Relaxed);
}

pub(super) fn is_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// From now on log lines are JSON.
pub(super) fn start(filter: EnvFilter) {
    let started = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .try_init();
    // A second run in one process keeps the first one's logger.
    drop(started);
}

/// Something worth knowing.
pub(super) fn say(message: &str) {
    tracing::info!(target: TARGET, event = "message", "{message}");
}

/// What went wrong, and what to do about it.
pub(super) fn error(message: &str, hint: Option<&str>) {
    match hint {
        Some(hint) => tracing::error!(target: TARGET, event = "error", hint, "{message}"),
        None => tracing::error!(target: TARGET, event = "error", "{message}"),
    }
}

/// How a run goes.
pub(super) fn progress(now: &State) {
    let (paused_for, paused_why) = match &now.pause {
        Some((why, seconds)) => (*seconds, why.as_str()),
        None => (0, ""),
    };
    tracing::info!(
        target: TARGET,
        event = "progress",
        records = now.records,
        enriched = now.enriched,
        not_found = now.not_found,
        waiting = now.waiting,
        answered = now.answered,
        from_store = now.from_store,
        records_per_second = now.rates.records,
        answered_per_second = now.rates.answered,
        lists_per_second = now.rates.lists,
        lists_allowed = now.allowed.0,
        singles_per_second = now.rates.singles,
        singles_allowed = now.allowed.1,
        seconds_left = now.left.map(|left| left.as_secs()),
        paused_for,
        paused_why,
    );
}

/// How an import goes.
pub(super) fn import(progress: &ImportProgress) {
    tracing::info!(
        target: TARGET,
        event = "import",
        files = read(&progress.files),
        files_total = read(&progress.total_files),
        bytes = read(&progress.bytes),
        bytes_total = read(&progress.total_bytes),
        works = read(&progress.works),
        works_put = read(&progress.put),
        sorting = progress.is_sorting(),
    );
}

/// What came of a run: the figures of `OUT.run.json`, where the rest is.
pub(super) fn summary(report: &RunReport) {
    let status = |name: &str| report.statuses.get(name);
    tracing::info!(
        target: TARGET,
        event = "summary",
        exit_code = report.exit_code,
        error = report.error,
        seconds = report.seconds,
        dry_run = report.dry_run,
        output = report.files.output,
        records = report.records,
        enriched = status("enriched"),
        complete = status("complete"),
        skipped = status("skipped"),
        not_found = status("not_found"),
        other_agency = status("other_agency"),
        no_doi = status("no_doi"),
        invalid_doi = status("invalid_doi"),
        mismatch = status("mismatch"),
        unresolved = status("unresolved"),
        values_filled = report.filled.total(),
        values_differ = report.differs.total(),
        rejects = report.rejects,
        retracted = report.retracted,
        stale = report.stale,
        limited = report.limited,
        lists = report.requests.list,
        singles = report.requests.single,
        again = report.requests.again,
        answered = report.requests.dois_answered,
    );
}
