//! What is said of a record and its answer, in words.

use std::time::{Duration, UNIX_EPOCH};

use super::fields;
use crate::cli::show::Report;
use crate::cli::ui::{count, printable};
use crate::doi::{Doi, DoiError};
use crate::enricher::Status;
use crate::json::{self, Object};
use crate::resolution::Why;
use crate::show::{Shown, Stored};

/// Why there is no work, and what to do about it.
pub(in crate::cli::show) fn no_work(shown: &Shown) -> (String, Option<&'static str>) {
    let status = shown.enriched.status;
    match (status, shown.why) {
        (Status::NotFound, _) => ("Crossref does not know this DOI".to_owned(), None),
        (Status::OtherAgency, _) => {
            let agency = printable(shown.agency.as_deref().unwrap_or("another agency"));
            let what = format!("the DOI is registered with {agency}, not with Crossref");
            (what, None)
        }
        (Status::NoDoi, _) => ("the record has no DOI".to_owned(), None),
        (Status::InvalidDoi, _) => (invalid(shown), Some("`crossfill doi` tells what is a DOI")),
        (Status::Skipped, _) => (
            "nothing is missing that Crossref could fill, so that a run does not ask (`skip_complete`)"
                .to_owned(),
            None,
        ),
        (_, Some(Why::Offline)) => (
            "the store does not have it, and nobody is asked (`offline`)".to_owned(),
            Some("leave --offline out to ask Crossref, or bring in a data file: crossfill store import"),
        ),
        (_, Some(Why::Refused)) => (
            "the service refuses to answer for this DOI".to_owned(),
            Some("look at the DOI: perhaps it is none; -v tells what was said"),
        ),
        (_, Some(Why::TooLarge)) => (
            "the answer is larger than any answer may be".to_owned(),
            Some("-v tells more"),
        ),
        _ => (
            "no answer, however often it was asked".to_owned(),
            Some("try again later; -v tells what was said"),
        ),
    }
}

fn invalid(shown: &Shown) -> String {
    let Some((field, raw)) = &shown.stated else {
        return "what stands there is no DOI".to_owned();
    };
    let text = json::string(raw);
    let why = match Doi::find(text.as_deref().unwrap_or(raw)) {
        Ok(_) | Err(DoiError::NotFound) => String::new(),
        Err(why) => format!(" ({why})"),
    };
    let (field, value) = (printable(field), fields::value(raw));
    format!("`{field}` holds no DOI{why}: {value}")
}

/// The status, and what it counts.
pub(super) fn fate(shown: &Shown) -> String {
    let enriched = &shown.enriched;
    let (filled, differs) = (enriched.filled.len() as u64, enriched.differs.len() as u64);
    let earlier = shown
        .fields
        .iter()
        .filter(|field| field.is_of_earlier_run());
    let earlier = earlier.count() as u64;
    let mut said = Vec::new();
    if filled > 0 {
        said.push(format!("{} filled", count(filled, "field")));
    }
    if earlier > 0 {
        said.push(format!("{} filled earlier", count(earlier, "field")));
    }
    if differs > 0 {
        said.push(format!(
            "{differs} {}",
            if differs == 1 { "differs" } else { "differ" }
        ));
    }
    match enriched.status {
        Status::Mismatch if enriched.doubt => {
            said.push("the DOI may lead to another work: nothing is filled".to_owned());
        }
        Status::Mismatch => {
            said.push("the DOI leads to another work: nothing is filled".to_owned())
        }
        Status::Complete => said.push("nothing to add".to_owned()),
        _ => {}
    }
    if enriched.retracted.is_some() {
        said.push("the work is retracted".to_owned());
    }
    let status = enriched.status.as_str();
    match said.is_empty() {
        true => status.to_owned(),
        false => format!("{status}: {}", said.join(", ")),
    }
}
/// Where the answer is from, and how old.
pub(super) fn answered(stored: &Stored, report: &Report) -> String {
    let from = match stored.imported {
        true => "a data file, brought in",
        false => "Crossref's API,",
    };
    let (day, age) = (
        date(stored.asked),
        ago(report.now.saturating_sub(stored.asked)),
    );
    let again = match (report.sent.is_some(), stored.fresh) {
        (true, true) => String::new(),
        (true, false) => "; too old, but no newer answer came".to_owned(),
        (false, true) => format!("; a run asks again after {}", date(stored.until)),
        (false, false) => "; too old: a run asks again".to_owned(),
    };
    format!("from {from} {day} ({age}){again}")
}

/// The day of a time in seconds since 1970.
pub(super) fn date(seconds: u64) -> String {
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    // What humantime can't write is no time of ours.
    let time = time.filter(|_| seconds < 253_402_300_800);
    let time = time.map(|time| humantime::format_rfc3339_seconds(time).to_string());
    time.and_then(|time| Some(time.split_once('T')?.0.to_owned()))
        .unwrap_or_else(|| "never".to_owned())
}

pub(super) fn ago(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{} ago", count(number, unit))
}

/// `retraction of 2023-01-02, says the publisher: notice 10.…`.
pub(super) fn retraction(raw: &str) -> Option<String> {
    let object = Object::parse(raw).ok()?;
    let part = |key| {
        let text = json::string(object.get(key)?)?;
        Some(printable(&text))
    };
    let mut text = part("type")?;
    if let Some(date) = part("date") {
        text += &format!(" of {date}");
    }
    if let Some(source) = part("source") {
        text += &format!(", says {source}");
    }
    if let Some(notice) = part("notice") {
        text += &format!(": notice {notice}");
    }
    Some(text)
}
