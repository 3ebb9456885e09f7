//! Names with numbers, one a line: statuses, phases, requests, journals and publishers.

use serde::Serialize;

use super::chart::told_seconds;
use crate::report::{Named, RunReport};
use crate::text::{grouped, share};

/// A name with a number, a bar and what else there is to say.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    name: String,
    number: String,
    part: String,
    /// Of 100.
    width: String,
    note: String,
}

/// What each status means, as the README has it.
fn meaning(status: &str) -> &'static str {
    match status {
        "enriched" => "something was filled, now or in an earlier run",
        "complete" => "Crossref has nothing to add",
        "skipped" => "nothing was missing, nobody was asked",
        "not_found" => "Crossref does not know the DOI",
        "other_agency" => "the DOI is registered elsewhere",
        "no_doi" => "there is no DOI",
        "invalid_doi" => "what is there can't be a DOI",
        "mismatch" => "the DOI leads to another work: nothing was filled",
        "unresolved" => "no answer",
        _ => "",
    }
}

pub(super) fn statuses(report: &RunReport) -> Vec<Line> {
    let lines = report.statuses.iter().map(|(name, number)| {
        let mut note = meaning(name).to_owned();
        if name == "unresolved" {
            for (number, why) in [
                (report.offline, "for the run was offline"),
                (report.limited, "for a limit of the run was reached"),
            ] {
                if number > 0 {
                    note += &format!("; {} {why}", grouped(number));
                }
            }
        }
        Line {
            name: name.to_owned(),
            number: grouped(number),
            part: share(number, report.records),
            width: shown(width(number, report.records)),
            note,
        }
    });
    lines.collect()
}

pub(super) fn phases(report: &RunReport) -> Vec<Line> {
    let phases = report.phases.all();
    let longest = phases.iter().map(|(_, seconds)| *seconds);
    let whole = longest.fold(report.seconds, f64::max);
    let lines = phases.into_iter().map(|(name, seconds)| {
        let part = if whole > 0.0 { seconds / whole } else { 0.0 };
        let note = match name {
            "opening" => "opening the store, looking at the inputs",
            "importing" => "bringing data files in",
            "reading" => "reading and unpacking the inputs",
            "enriching" => "looking up, comparing, filling; over all cores",
            "asking" => "waiting for Crossref's answers",
            _ => "packing and writing the output",
        };
        Line {
            name: name.to_owned(),
            number: told_seconds(seconds),
            part: String::new(),
            width: shown((part * 100.0).clamp(0.0, 100.0)),
            note: note.to_owned(),
        }
    });
    lines.collect()
}

/// What Crossref was asked; nothing if nobody was.
pub(super) fn requests(report: &RunReport) -> Vec<Line> {
    let asked = &report.requests;
    if asked.list == 0 && asked.single == 0 {
        return Vec::new();
    }
    let lines = [
        (asked.list, "list requests", "each for up to 100 DOIs"),
        (
            asked.single,
            "single requests",
            "for one DOI, or its registration agency",
        ),
        (asked.again, "sent again", "of both kinds"),
        (asked.dois_answered, "DOIs answered", ""),
        (
            asked.works_dropped,
            "works dropped",
            "nobody asked for them, or they have no DOI",
        ),
        (
            asked.lists_cut_to,
            "DOIs of a list",
            "are all that the service looks at",
        ),
    ];
    let told = lines.into_iter().enumerate();
    let told = told.filter(|(at, (number, ..))| *at < 4 || *number > 0);
    let lines = told.map(|(_, (number, name, note))| Line {
        name: name.to_owned(),
        number: grouped(number),
        part: String::new(),
        width: String::new(),
        note: note.to_owned(),
    });
    lines.collect()
}

/// A journal or publisher: in how many of its records something was filled.
pub(super) fn named(named: &Named) -> Line {
    Line {
        name: named.name.clone(),
        number: grouped(named.records),
        part: grouped(named.enriched),
        width: shown(width(named.enriched, named.records)),
        note: grouped(named.values),
    }
}

/// A part as so many of 100.
pub(super) fn width(part: u64, all: u64) -> f64 {
    (part as f64 / all.max(1) as f64 * 100.0).min(100.0)
}

pub(super) fn shown(width: f64) -> String {
    format!("{width:.2}")
}
