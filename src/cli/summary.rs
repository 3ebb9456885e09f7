//! The end of a run, for a person: what came of it, field by field, what took the time, what to do next.

use super::ui::{Ui, count, grouped, printable};
use crate::config::Settings;
use crate::report::{Coverage, FieldCoverage, RunReport};
use crate::text::share;

/// Runs that are shorter than this, in seconds, need no word on what took the time.
const LONG: f64 = 5.0;

/// Says what came of the run.
pub(super) fn show(ui: &Ui, settings: &Settings, report: &RunReport) {
    ui.say(&headline(ui, report));
    if let Some(line) = requests(report) {
        ui.say(&format!("  {line}"));
    }
    if let Some(line) = slowest(report) {
        ui.say(&format!("  {line}"));
    }
    for (status, number) in report.statuses.iter().filter(|(_, number)| *number > 0) {
        let part = share(number, report.records);
        ui.say(&format!(
            "  {status:<13} {:>12}  {part:>6}",
            grouped(number)
        ));
    }
    for profile in &report.coverage {
        fields(ui, profile, report.coverage.len() > 1);
    }
    for line in advice(settings, report) {
        ui.say(&ui.yellow(&line));
    }
}

fn headline(ui: &Ui, report: &RunReport) -> String {
    let rate = match report.seconds >= 0.05 {
        true => {
            let rate = report.records as f64 / report.seconds;
            format!(" ({}/s)", grouped(rate as u64))
        }
        false => String::new(),
    };
    let whither = match report.dry_run {
        true => "; a dry run: nothing was written".to_owned(),
        false => format!(" → {}", printable(&report.files.output)),
    };
    let records = ui.bold(&count(report.records, "record"));
    format!("{records} in {:.1} s{rate}{whither}", report.seconds)
}

fn requests(report: &RunReport) -> Option<String> {
    let asked = &report.requests;
    if asked.list + asked.single == 0 {
        return None;
    }
    let again = match asked.again {
        0 => String::new(),
        again => format!(", {} of them again", grouped(again)),
    };
    Some(format!(
        "{} answered in {} and {}{again}",
        count(asked.dois_answered, "DOI"),
        count(asked.list, "list request"),
        count(asked.single, "single one"),
    ))
}

/// What took most of the time, if it took long.
fn slowest(report: &RunReport) -> Option<String> {
    let phases = report.phases.all();
    let (name, seconds) = phases
        .into_iter()
        .max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let what = match name {
        "opening" => "opening the store and the inputs",
        "importing" => "bringing data files in",
        "reading" => "reading the input",
        "enriching" => "comparing and filling",
        "asking" => "waiting for Crossref's answers",
        _ => "writing the output",
    };
    (report.seconds >= LONG).then(|| format!("slowest: {what}, {seconds:.1} s"))
}

/// Each field in which something happened: how many records had it, how many have it now.
fn fields(ui: &Ui, profile: &Coverage, named: bool) {
    let touched = |field: &&FieldCoverage| field.filled + field.differs > 0;
    let rows: Vec<&FieldCoverage> = profile.fields.iter().filter(touched).collect();
    let Some(wide) = rows.iter().map(|field| field.name.chars().count()).max() else {
        return;
    };
    let wide = wide.max(10);
    let of = match named {
        true => format!("{} ({})", profile.profile, grouped(profile.records)),
        false => "field".to_owned(),
    };
    let head = format!(
        "{of:<wide$}  {:>10}  {:>17}  {:>9}",
        "filled", "before → after", "differs"
    );
    ui.say(&ui.bold(head.trim_end()));
    let all = profile.records;
    for field in rows {
        let number = |number: u64| match number {
            0 => String::new(),
            number => grouped(number),
        };
        let change = match field.after > field.before {
            true => format!("{} → {}", share(field.before, all), share(field.after, all)),
            false => share(field.before, all),
        };
        let line = format!(
            "{:<wide$}  {:>10}  {change:>17}  {:>9}",
            field.name,
            number(field.filled),
            number(field.differs)
        );
        ui.say(&printable(line.trim_end()));
    }
}

/// What to look at, and what to do.
fn advice(settings: &Settings, report: &RunReport) -> Vec<String> {
    let place = |path: &Option<String>| match path {
        Some(path) => format!(" → {}", printable(path)),
        None => String::new(),
    };
    let (rejects, review) = (place(&report.files.rejects), place(&report.files.review));
    let mismatches = report.statuses.get("mismatch");
    let lead = if mismatches == 1 { "leads" } else { "lead" };
    let key = settings.mapping.note.as_deref().unwrap_or_default();
    let lines: [(u64, &str, String); 7] = [
        (
            report.rejects,
            "record",
            format!("could not be read{rejects}"),
        ),
        (
            mismatches,
            "DOI",
            format!("{lead} to another work, or may, and nothing was filled{review}"),
        ),
        (
            report.retracted,
            "record",
            format!("of a retracted work{review}"),
        ),
        (
            report.foreign_notes,
            "record",
            format!("with a foreign `{}`, left alone", printable(key)),
        ),
        (
            report.stale,
            "record",
            "filled from old works: asking failed".to_owned(),
        ),
        (
            report.unanswered(),
            "record",
            "unresolved: run the same command again".to_owned(),
        ),
        (
            report.limited,
            "record",
            match report.requests.list + report.requests.single > 0
                && report.requests.dois_answered == 0
            {
                true => "not answered, and a limit was reached: nothing came back, so check the network; `crossfill show DOI` says what is wrong".to_owned(),
                false => {
                    "not asked for, a limit was reached: the same command goes on from there".to_owned()
                }
            },
        ),
    ];
    let told = lines.into_iter().filter(|(number, ..)| *number > 0);
    let mut lines: Vec<String> = told
        .map(|(number, what, rest)| format!("{} {rest}", count(number, what)))
        .collect();
    lines.extend(service(report));
    if report.offline > 0 {
        lines.push(format!(
            "{} not in the store: run without --offline to ask Crossref",
            count(report.offline, "record")
        ));
    }
    lines
}

/// What is odd about the service's answers.
fn service(report: &RunReport) -> Vec<String> {
    let mut odd = Vec::new();
    match report.requests.lists_cut_to {
        0 => {}
        size => odd.push(format!(
            "the service looks at {size} DOIs of a request only: set `batch = {size}` to spare it the others"
        )),
    }
    match report.requests.works_dropped {
        0 => {}
        number => odd.push(format!(
            "{} in answers that nobody asked for, or without a DOI: dropped",
            count(number, "work")
        )),
    }
    odd
}
