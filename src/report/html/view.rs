//! All that the page shows, ready to be laid out: no arithmetic is left for the template.

use serde::Serialize;
use serde_json::Value;

use super::chart::{Charts, told_seconds};
use super::notable::{self, DifferenceRow, MismatchRow, RetractionRow, Rows};
use crate::report::{Coverage, FieldCoverage, Named, RunReport};
use crate::text::{count, grouped, share};

/// So many inputs are named in the heading; the settings have all.
const INPUTS: usize = 3;

/// The page.
#[derive(Debug, Serialize)]
pub(super) struct View {
    title: String,
    inputs: String,
    /// Where to; none of a dry run.
    output: Option<String>,
    started: String,
    started_told: String,
    took: String,
    version: String,
    verdict: Verdict,
    figures: Vec<Figure>,
    coverage: Vec<Profile>,
    statuses: Vec<Line>,
    charts: Option<Charts>,
    phases: Vec<Line>,
    requests: Vec<Line>,
    journals: Vec<Line>,
    publishers: Vec<Line>,
    retractions: Rows<RetractionRow>,
    mismatches: Rows<MismatchRow>,
    differences: Rows<DifferenceRow>,
    rejects: Option<String>,
    settings: Vec<[String; 2]>,
    files: Vec<[String; 2]>,
    format: u32,
}

/// How it ended.
#[derive(Debug, Serialize)]
struct Verdict {
    /// `good`, or `look` if a person should.
    kind: &'static str,
    text: String,
}

/// A number that a person wants first.
#[derive(Debug, Serialize)]
struct Figure {
    number: String,
    label: &'static str,
    note: String,
    /// Where the page says more.
    link: &'static str,
    kind: &'static str,
}

/// A name with a number, a bar and what else there is to say.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    number: String,
    part: String,
    /// Of 100.
    width: String,
    note: String,
}

/// How complete the records of a profile are.
#[derive(Debug, Serialize)]
struct Profile {
    name: String,
    records: String,
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: String,
    before: String,
    after: String,
    filled: String,
    differs: String,
    /// Of 100: what was there, and what came.
    before_width: String,
    filled_width: String,
}

impl View {
    pub(super) fn of(report: &RunReport) -> Self {
        let inputs = inputs(&report.settings);
        let inputs = inputs.unwrap_or_else(|| report.files.output.clone());
        Self {
            title: format!("{inputs} · a run of crossfill"),
            inputs,
            output: (!report.dry_run).then(|| report.files.output.clone()),
            started: report.started.clone(),
            started_told: report.started.replace('T', " ").replace('Z', " UTC"),
            took: told_seconds(report.seconds),
            version: report.version.clone(),
            verdict: verdict(report),
            figures: figures(report),
            coverage: report.coverage.iter().map(profile).collect(),
            statuses: statuses(report),
            charts: Charts::of(&report.timeline).filter(|charts| !charts.charts.is_empty()),
            phases: phases(report),
            requests: requests(report),
            journals: report.journals.iter().map(named).collect(),
            publishers: report.publishers.iter().map(named).collect(),
            retractions: notable::retractions(report),
            mismatches: notable::mismatches(report),
            differences: notable::differences(report),
            rejects: notable::rejects(report),
            settings: settings(&report.settings),
            files: files(report),
            format: report.format,
        }
    }
}

/// What was read, as the settings have it.
fn inputs(settings: &Value) -> Option<String> {
    let all = settings.get("input")?.as_array()?;
    let named = all.iter().take(INPUTS).map(notable::text);
    let named = named.collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(INPUTS) {
        _ if named.is_empty() => None,
        0 => Some(named),
        more => Some(format!("{named} and {} more", grouped(more as u64))),
    }
}

fn values(report: &RunReport) -> u64 {
    report.filled.total()
}

/// Records without an answer though somebody was to be asked.
fn unanswered(report: &RunReport) -> u64 {
    let unresolved = report.statuses.get("unresolved");
    unresolved.saturating_sub(report.offline.saturating_add(report.limited))
}

/// The run in a sentence or two.
fn verdict(report: &RunReport) -> Verdict {
    let enriched = report.statuses.get("enriched");
    let mut text = match (report.records, &report.error) {
        (_, Some(error)) => format!("It ended early: {error}."),
        (0, None) => "There was no record in the input.".to_owned(),
        (records, None) => format!(
            "{} of {} {} a value from Crossref; this run filled {}.",
            grouped(enriched),
            count(records, "record"),
            if records == 1 { "has" } else { "have" },
            count(values(report), "value"),
        ),
    };
    if report.dry_run {
        text += " It was a dry run: nothing was written.";
    }
    let mut look = report.error.is_some();
    for (number, what) in [
        (unanswered(report), "no answer: run the same command again"),
        (
            report.limited,
            "not asked for, for a limit of the run was reached: the same command goes on from there",
        ),
        (
            report.offline,
            "not in the store: run without --offline to ask Crossref",
        ),
    ] {
        if number > 0 {
            look = true;
            let verb = match (what.starts_with("no "), number) {
                (true, 1) => "has",
                (true, _) => "have",
                (false, 1) => "was",
                (false, _) => "were",
            };
            text += &format!(" {} {verb} {what}.", count(number, "record"));
        }
    }
    if report.exit_code != 0 {
        look = true;
        text += &format!(" Exit code {}.", report.exit_code);
    }
    Verdict {
        kind: if look { "look" } else { "good" },
        text,
    }
}

fn figures(report: &RunReport) -> Vec<Figure> {
    let status = |name| report.statuses.get(name);
    let part = |number| share(number, report.records);
    let rate = match report.seconds >= 0.05 {
        true => format!(
            "{} a second",
            grouped((report.records as f64 / report.seconds) as u64)
        ),
        false => String::new(),
    };
    let asked = report.requests.list.saturating_add(report.requests.single);
    let answered = count(report.requests.dois_answered, "DOI") + " answered";
    let figures = [
        (report.records, "records", rate, "statuses", false),
        (
            status("enriched"),
            "enriched",
            part(status("enriched")),
            "statuses",
            false,
        ),
        (
            values(report),
            "values filled",
            String::new(),
            "coverage",
            false,
        ),
        (
            report.differs.total(),
            "values differ",
            "from what Crossref has".to_owned(),
            "differences",
            true,
        ),
        (
            status("mismatch"),
            "another work",
            "nothing was filled".to_owned(),
            "mismatches",
            true,
        ),
        (
            report.retracted,
            "of retracted works",
            part(report.retracted),
            "retractions",
            true,
        ),
        (
            status("unresolved"),
            "unresolved",
            part(status("unresolved")),
            "statuses",
            true,
        ),
        (
            report.rejects,
            "rejects",
            "no records".to_owned(),
            "rejects",
            true,
        ),
        (asked, "requests", answered, "requests", false),
    ];
    let figures = figures
        .into_iter()
        .map(|(number, label, note, link, look)| Figure {
            number: grouped(number),
            label,
            note,
            link,
            kind: match (number, look) {
                (0, _) => "none",
                (_, true) => "look",
                (_, false) => "plain",
            },
        });
    figures.collect()
}

fn profile(coverage: &Coverage) -> Profile {
    let all = coverage.records;
    let field = |field: &FieldCoverage| {
        let (before, after) = (width(field.before, all), width(field.after, all));
        Field {
            name: field.name.clone(),
            before: share(field.before, all),
            after: share(field.after, all),
            filled: unless_none(field.filled),
            differs: unless_none(field.differs),
            before_width: shown(before),
            filled_width: shown((after - before).max(0.0)),
        }
    };
    Profile {
        name: coverage.profile.clone(),
        records: count(all, "record"),
        fields: coverage.fields.iter().map(field).collect(),
    }
}

fn unless_none(number: u64) -> String {
    match number {
        0 => String::new(),
        number => grouped(number),
    }
}

/// A part as so many of 100.
fn width(part: u64, all: u64) -> f64 {
    (part as f64 / all.max(1) as f64 * 100.0).min(100.0)
}

fn shown(width: f64) -> String {
    format!("{width:.2}")
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

fn statuses(report: &RunReport) -> Vec<Line> {
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

fn phases(report: &RunReport) -> Vec<Line> {
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
fn requests(report: &RunReport) -> Vec<Line> {
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
fn named(named: &Named) -> Line {
    Line {
        name: named.name.clone(),
        number: grouped(named.records),
        part: grouped(named.enriched),
        width: shown(width(named.enriched, named.records)),
        note: grouped(named.values),
    }
}

fn settings(settings: &Value) -> Vec<[String; 2]> {
    let members = settings.as_object().into_iter().flatten();
    let told = members.map(|(key, value)| [key.clone(), told_setting(value)]);
    told.collect()
}

fn told_setting(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::Array(values) if values.is_empty() => "—".to_owned(),
        Value::Array(values) => values
            .iter()
            .map(told_setting)
            .collect::<Vec<_>>()
            .join(", "),
        other => notable::text(other),
    }
}

fn files(report: &RunReport) -> Vec<[String; 2]> {
    let files = &report.files;
    let output = Some(&files.output).filter(|_| !report.dry_run);
    let all = [
        ("output", output),
        ("rejects", files.rejects.as_ref()),
        ("to review", files.review.as_ref()),
        ("the run's figures", files.run.as_ref()),
    ];
    let written = all
        .into_iter()
        .filter_map(|(what, path)| Some((what, path?)));
    let told = written.map(|(what, path)| [what.to_owned(), path.clone()]);
    told.collect()
}
