//! The end of a run: a table for a person, and `OUT.run.json` for programs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use super::exit::Exit;
use super::ui::{Ui, grouped, printable, width};
use crate::config::Settings;
use crate::enricher::Status;
use crate::event::{Progress, Tally, read};
use crate::json::{self, ObjectWriter};
use crate::writer::WriteError;

/// Which files a run leaves, and when it began.
pub(super) struct Report {
    pub(super) output: String,
    pub(super) rejects: Option<PathBuf>,
    pub(super) review: Option<PathBuf>,
    pub(super) run: Option<PathBuf>,
    /// Seconds since 1970.
    pub(super) started: u64,
}

/// Says what came of the run.
pub(super) fn show(
    ui: &Ui,
    settings: &Settings,
    report: &Report,
    progress: &Progress,
    tally: &Tally,
    took: Duration,
) {
    let seconds = took.as_secs_f64();
    let rate = if seconds >= 0.05 {
        format!(" ({}/s)", grouped((tally.records as f64 / seconds) as u64))
    } else {
        String::new()
    };
    ui.say(&format!(
        "{} in {seconds:.1} s{rate} → {}",
        ui.bold(&count(tally.records, "record")),
        printable(&report.output)
    ));
    let requests = (read(&progress.lists), read(&progress.singles));
    if requests.0 + requests.1 > 0 {
        let retries = read(&progress.retries);
        ui.say(&format!(
            "  {} answered in {} and {}{}",
            count(read(&progress.answered), "DOI"),
            count(requests.0, "list request"),
            count(requests.1, "single one"),
            if retries > 0 {
                format!(", {} of them again", grouped(retries))
            } else {
                String::new()
            },
        ));
    }
    for (status, number) in &tally.statuses {
        ui.say(&format!(
            "  {:<13} {:>12}",
            status.as_str(),
            grouped(*number)
        ));
    }
    fields(ui, "filled", &tally.filled);
    fields(ui, "differs from Crossref", &tally.differs);
    advice(ui, settings, report, progress, tally);
}

/// Counts by field, in as many columns as fit.
fn fields(ui: &Ui, title: &str, counts: &BTreeMap<&'static str, u64>) {
    if counts.is_empty() {
        return;
    }
    ui.say(&ui.bold(title));
    let cells: Vec<String> = counts
        .iter()
        .map(|(name, number)| format!("  {name:<22}{:>10}", grouped(*number)))
        .collect();
    let columns = (width() / 36).clamp(1, 3);
    for row in cells.chunks(columns) {
        ui.say(&row.concat());
    }
}

/// What to look at, and what to do.
fn advice(ui: &Ui, settings: &Settings, report: &Report, progress: &Progress, tally: &Tally) {
    let place = |path: &Option<PathBuf>| match path {
        Some(path) => format!(" → {}", printable(&path.display().to_string())),
        None => String::new(),
    };
    let mut look = Vec::new();
    if tally.rejects > 0 {
        let what = "could not be read";
        look.push(format!(
            "{} {what}{}",
            count(tally.rejects, "record"),
            place(&report.rejects)
        ));
    }
    let mismatches = tally.status(Status::Mismatch);
    if mismatches > 0 {
        let what = "to another work and nothing was filled";
        let lead = if mismatches == 1 { "leads" } else { "lead" };
        look.push(format!(
            "{} {lead} {what}{}",
            count(mismatches, "DOI"),
            place(&report.review)
        ));
    }
    if tally.retracted > 0 {
        look.push(format!(
            "{} of a retracted work{}",
            count(tally.retracted, "record"),
            place(&report.review)
        ));
    }
    if tally.foreign_notes > 0 {
        let key = settings.mapping.note.as_deref().unwrap_or_default();
        let key = printable(key);
        look.push(format!(
            "{} with a foreign `{key}`, left alone",
            count(tally.foreign_notes, "record")
        ));
    }
    if tally.stale > 0 {
        look.push(format!(
            "{} filled from old works: asking failed",
            count(tally.stale, "record")
        ));
    }
    look.extend(service(progress));
    let unresolved = tally.status(Status::Unresolved);
    if unresolved > tally.offline {
        look.push(format!(
            "{} unresolved: run the same command again",
            count(unresolved - tally.offline, "record")
        ));
    }
    if tally.offline > 0 {
        look.push(format!(
            "{} not in the store: run without --offline to ask Crossref",
            count(tally.offline, "record")
        ));
    }
    for line in look {
        ui.say(&ui.yellow(&line));
    }
}

/// What is odd about the service's answers.
fn service(progress: &Progress) -> Vec<String> {
    let mut odd = Vec::new();
    match read(&progress.cut_to) {
        0 => {}
        size => odd.push(format!(
            "the service looks at {size} DOIs of a request only: set `batch = {size}` to spare it the others"
        )),
    }
    match read(&progress.dropped) {
        0 => {}
        number => odd.push(format!(
            "{} in answers that nobody asked for, or without a DOI: dropped",
            count(number, "work")
        )),
    }
    odd
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number))
}

/// Writes `OUT.run.json`: counts, times, and settings without secrets.
pub(super) fn write(
    report: &Report,
    settings: &Settings,
    progress: &Progress,
    tally: &Tally,
    took: Duration,
    exit: Exit,
) -> Result<(), WriteError> {
    let Some(path) = &report.run else {
        return Ok(());
    };
    let number = |number: u64| number.to_string();
    let table = |pairs: Vec<(&str, u64)>| {
        let mut out = ObjectWriter::new();
        for (name, count) in pairs {
            out.raw(name, &number(count));
        }
        out.finish()
    };
    let by_field = |counts: &BTreeMap<&'static str, u64>| {
        table(counts.iter().map(|(name, count)| (*name, *count)).collect())
    };
    let started = UNIX_EPOCH + Duration::from_secs(report.started);
    let mut out = ObjectWriter::new();
    out.string("version", env!("CARGO_PKG_VERSION"))
        .string(
            "started",
            &humantime::format_rfc3339_seconds(started).to_string(),
        )
        .raw("seconds", &format!("{:.3}", took.as_secs_f64()))
        .raw("exit_code", &exit.code().to_string())
        .raw("records", &number(tally.records))
        .raw(
            "statuses",
            &table(
                Status::ALL
                    .iter()
                    .map(|status| (status.as_str(), tally.status(*status)))
                    .collect(),
            ),
        )
        .raw("filled", &by_field(&tally.filled))
        .raw("differs", &by_field(&tally.differs))
        .raw("rejects", &number(tally.rejects))
        .raw("retracted", &number(tally.retracted))
        .raw("stale", &number(tally.stale))
        .raw("foreign_notes", &number(tally.foreign_notes))
        .raw("bytes_read", &number(read(&progress.bytes)))
        .raw(
            "requests",
            &table(vec![
                ("list", read(&progress.lists)),
                ("single", read(&progress.singles)),
                ("again", read(&progress.retries)),
                ("dois_answered", read(&progress.answered)),
                ("works_dropped", read(&progress.dropped)),
                ("lists_cut_to", read(&progress.cut_to)),
            ]),
        );
    let mut held = ObjectWriter::new();
    let paths = |paths: &[PathBuf]| {
        json::array(
            paths
                .iter()
                .map(|path| json::quote(&path.display().to_string())),
        )
    };
    held.raw("input", &paths(&settings.inputs))
        .string("output", &settings.output.display().to_string())
        .string("profile", &settings.mapping.profile.to_string())
        .string("store", &settings.store.display().to_string())
        .raw("data_files", &paths(&settings.data_files))
        .raw("offline", &settings.offline.to_string())
        .raw("skip_complete", &settings.mapping.skip_complete.to_string())
        .string("base_url", &settings.client.base_url)
        .raw("polite", &settings.client.mailto.is_some().to_string())
        .raw("batch", &settings.batch.to_string())
        .string("note", settings.mapping.note.as_deref().unwrap_or_default());
    out.raw("settings", &held.finish());
    let failed = |source| WriteError::Io {
        path: path.clone(),
        source,
    };
    let mut part = path.clone().into_os_string();
    part.push(".part");
    std::fs::write(&part, out.finish() + "\n").map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)?;
    Ok(())
}
