//! From what was counted while it ran to what is known of the run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Counts, Coverage, FieldCoverage, Files, Requests, RunReport};
use crate::config::Settings;
use crate::enricher::{self, Status};
use crate::event::{ProfileTally, Progress, Tally, read};

/// So many journals and publishers are told.
const NAMES: usize = 50;

/// A run that is over.
pub(crate) struct Ended<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) progress: &'a Progress,
    pub(crate) files: &'a Files,
    /// Seconds since 1970.
    pub(crate) started: u64,
    pub(crate) took: Duration,
    pub(crate) exit_code: u8,
    /// Why it ended early.
    pub(crate) error: Option<String>,
}

impl Ended<'_> {
    /// All that is known of it.
    pub(crate) fn report(self) -> RunReport {
        let Self {
            settings,
            progress,
            files,
            started,
            took,
            exit_code,
            error,
        } = self;
        let tally = progress.tally();
        let kept = |path: &Option<String>| path.clone().filter(|path| Path::new(path).exists());
        RunReport {
            seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
            exit_code,
            error,
            dry_run: settings.dry_run,
            records: tally.records,
            statuses: Status::ALL
                .iter()
                .map(|status| (status.as_str(), tally.status(*status)))
                .collect(),
            filled: by_field(&tally, |field| field.filled),
            differs: by_field(&tally, |field| field.differs),
            coverage: tally.profiles.iter().map(coverage).collect(),
            rejects: tally.rejects,
            retracted: tally.retracted,
            stale: tally.stale,
            offline: tally.offline,
            limited: tally.limited,
            foreign_notes: tally.foreign_notes,
            bytes_read: read(&progress.bytes),
            requests: Requests {
                list: read(&progress.lists),
                single: read(&progress.singles),
                again: read(&progress.retries),
                dois_answered: read(&progress.answered),
                works_dropped: read(&progress.dropped),
                lists_cut_to: read(&progress.cut_to),
            },
            phases: progress.phases(),
            timeline: progress.timeline(took),
            journals: tally
                .journals
                .top(NAMES, |raw| enricher::name_of("container-title", raw)),
            publishers: tally
                .publishers
                .top(NAMES, |raw| enricher::name_of("publisher", raw)),
            mismatches: tally.notable.mismatches,
            retractions: tally.notable.retractions,
            differences: tally.notable.differences,
            files: Files {
                output: files.output.clone(),
                rejects: kept(&files.rejects).filter(|_| tally.rejects > 0),
                review: kept(&files.review),
                run: files.run.clone(),
            },
            settings: told(settings),
            ..RunReport::begun(started)
        }
    }
}

/// Numbers by field, over all profiles, in the order of the tables; zeroes left out.
fn by_field(tally: &Tally, number: impl Fn(&crate::event::FieldTally) -> u64) -> Counts {
    let mut sums: Vec<(&str, u64)> = Vec::new();
    for field in tally.profiles.iter().flat_map(|profile| &profile.fields) {
        match sums.iter_mut().find(|(name, _)| *name == field.name) {
            Some((_, sum)) => *sum += number(field),
            None => sums.push((field.name, number(field))),
        }
    }
    sums.into_iter().filter(|(_, sum)| *sum > 0).collect()
}

fn coverage(profile: &ProfileTally) -> Coverage {
    let fields = profile.fields.iter().map(|field| FieldCoverage {
        name: field.name.to_owned(),
        before: field.before,
        after: field.before + field.added,
        filled: field.filled,
        differs: field.differs,
    });
    Coverage {
        profile: profile.name.to_owned(),
        records: profile.records,
        fields: fields.collect(),
    }
}

/// An address without a password, and without a query that may hold a key.
fn public(address: &str) -> String {
    let Ok(mut url) = url::Url::parse(address) else {
        return address.to_owned();
    };
    let secret = url.password().is_some() || !url.username().is_empty() || url.query().is_some();
    if !secret {
        return address.to_owned();
    }
    url.set_query(None);
    // These fail for addresses that can't have any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// The settings, without secrets.
fn told(settings: &Settings) -> Value {
    let paths = |paths: &[PathBuf]| -> Vec<String> {
        let paths = paths.iter().map(|path| path.display().to_string());
        paths.collect()
    };
    json!({
        "input": paths(&settings.inputs),
        "output": settings.output.display().to_string(),
        "profile": settings.mapping.profile.to_string(),
        "store": settings.store.display().to_string(),
        "data_files": paths(&settings.data_files),
        "offline": settings.offline,
        "skip_complete": settings.mapping.skip_complete,
        "base_url": public(&settings.client.base_url),
        "polite": settings.client.mailto.is_some(),
        "batch": settings.batch,
        "pace": settings.client.pace,
        "max_age": humantime::format_duration(settings.max_age).to_string(),
        "max_time": settings.max_time.map(|time| humantime::format_duration(time).to_string()),
        "max_requests": settings.max_requests,
        "limit": settings.limit,
        "note": settings.mapping.note,
    })
}

#[cfg(test)]
mod tests {
    use super::public;

    #[test]
    fn addresses_are_told_without_secrets() {
        for (address, told) in [
            ("https://api.crossref.org", "https://api.crossref.org"),
            ("http://u:pw@[::1]:8/x?key=k#f", "http://[::1]:8/x#f"),
            ("http://u@127.0.0.1:1", "http://127.0.0.1:1/"),
            ("no address", "no address"),
        ] {
            assert_eq!(public(address), told);
        }
    }
}
