//! All that the page shows, ready to be laid out: no arithmetic is left for the template.

use serde::Serialize;
use serde_json::Value;

use super::chart::{Charts, told_seconds};
use super::lines::{self, Line, shown, width};
use super::notable::{self, DifferenceRow, MismatchRow, RetractionRow, Rows};
use crate::report::{Coverage, FieldCoverage, RunReport};
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
            statuses: lines::statuses(report),
            charts: Charts::of(&report.timeline).filter(|charts| !charts.charts.is_empty()),
            phases: lines::phases(report),
            requests: lines::requests(report),
            journals: report.journals.iter().map(lines::named).collect(),
            publishers: report.publishers.iter().map(lines::named).collect(),
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
        (report.unanswered(), "no answer: run the same command again"),
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
