//! `--metrics FILE`: the last run in Prometheus' text format, for a textfile collector. One table has
//! every name with its help; `docs/metrics.md` is held to it by a test.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::{Counts, RunReport};
use crate::enricher::Status;
use crate::writer::{self, WriteError};

/// A metrics file has some kilobytes; more of it is not looked at.
const LONGEST: u64 = 1 << 20;

/// The one figure that outlives the run that it is of.
const LAST_SUCCESS: &str = "crossfill_last_success_timestamp_seconds";

/// A figure of a run, or one for each value of a label. All are gauges: they tell of the last run,
/// and do not add up.
struct Metric {
    name: &'static str,
    label: Option<&'static str>,
    help: &'static str,
    values: fn(&RunReport) -> Vec<(String, f64)>,
}

/// All but [`LAST_SUCCESS`], in the order of the file.
const METRICS: [Metric; 18] = [
    Metric {
        name: "crossfill_build_info",
        label: Some("version"),
        help: "The version that wrote this file; always 1.",
        values: |run| vec![(run.version.clone(), 1.0)],
    },
    Metric {
        name: "crossfill_run_start_time_seconds",
        label: None,
        help: "When the last run began, in seconds since 1970.",
        values: |run| started(run).map(one).unwrap_or_default(),
    },
    Metric {
        name: "crossfill_run_duration_seconds",
        label: None,
        help: "How long the last run took.",
        values: |run| one(run.seconds),
    },
    Metric {
        name: "crossfill_run_exit_code",
        label: None,
        help: "How the last run ended: 0 done, 1 could not go on, 3 done but something in fail_on \
               occurred, 4 the service refused or was down, 130 interrupted.",
        values: |run| one(f64::from(run.exit_code)),
    },
    Metric {
        name: "crossfill_run_records",
        label: Some("status"),
        help: "Records of the last run by their fate.",
        values: |run| {
            let statuses = Status::ALL.iter().map(|status| status.as_str());
            statuses
                .map(|name| (name.to_owned(), number(run.statuses.get(name))))
                .collect()
        },
    },
    Metric {
        name: "crossfill_run_fields_filled",
        label: Some("field"),
        help: "Values that the last run filled; a field without any is absent.",
        values: |run| named(&run.filled),
    },
    Metric {
        name: "crossfill_run_fields_differing",
        label: Some("field"),
        help: "Values that differ from what Crossref has; a field without any is absent.",
        values: |run| named(&run.differs),
    },
    Metric {
        name: "crossfill_run_rejects",
        label: None,
        help: "Parts of the input that are no records.",
        values: |run| one(number(run.rejects)),
    },
    Metric {
        name: "crossfill_run_retracted_records",
        label: None,
        help: "Records whose work is retracted.",
        values: |run| one(number(run.retracted)),
    },
    Metric {
        name: "crossfill_run_stale_records",
        label: None,
        help: "Records filled from a work older than max_age allows, because asking failed.",
        values: |run| one(number(run.stale)),
    },
    Metric {
        name: "crossfill_run_offline_records",
        label: None,
        help: "Unresolved records that were not asked for because the run was offline.",
        values: |run| one(number(run.offline)),
    },
    Metric {
        name: "crossfill_run_limited_records",
        label: None,
        help: "Unresolved records that were not asked for because a limit of the run was reached.",
        values: |run| one(number(run.limited)),
    },
    Metric {
        name: "crossfill_run_requests",
        label: Some("kind"),
        help: "Requests that the last run sent: list, of up to 100 DOIs each, and single.",
        values: |run| {
            let asked = &run.requests;
            vec![
                ("list".to_owned(), number(asked.list)),
                ("single".to_owned(), number(asked.single)),
            ]
        },
    },
    Metric {
        name: "crossfill_run_requests_again",
        label: None,
        help: "Those of the requests that repeated one that had failed.",
        values: |run| one(number(run.requests.again)),
    },
    Metric {
        name: "crossfill_run_dois_answered",
        label: None,
        help: "DOIs that Crossref answered.",
        values: |run| one(number(run.requests.dois_answered)),
    },
    Metric {
        name: "crossfill_run_works_dropped",
        label: None,
        help: "Works in answers that nobody asked for, or without a DOI.",
        values: |run| one(number(run.requests.works_dropped)),
    },
    Metric {
        name: "crossfill_run_phase_seconds",
        label: Some("phase"),
        help: "How long each part of the last run was at work; they overlap.",
        values: |run| {
            let phases = run.phases.all().into_iter();
            phases
                .map(|(name, seconds)| (name.to_owned(), seconds))
                .collect()
        },
    },
    Metric {
        name: "crossfill_run_read_bytes",
        label: None,
        help: "Bytes read of the inputs, as they are on disk.",
        values: |run| one(number(run.bytes_read)),
    },
];

/// It is not of this run alone.
const SUCCESS: Metric = Metric {
    name: LAST_SUCCESS,
    label: None,
    help: "When a run was last done (exit code 0 or 3), in seconds since 1970; kept when a later run \
           fails.",
    values: |_| Vec::new(),
};

fn one(value: f64) -> Vec<(String, f64)> {
    vec![(String::new(), value)]
}

/// Prometheus knows floats only; counts of this program stay far below where they get coarse.
fn number(count: u64) -> f64 {
    count as f64
}

fn named(counts: &Counts) -> Vec<(String, f64)> {
    let counts = counts.iter();
    counts
        .map(|(name, count)| (name.to_owned(), number(count)))
        .collect()
}

/// Seconds since 1970.
fn started(run: &RunReport) -> Option<f64> {
    let time = humantime::parse_rfc3339(&run.started).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64())
}

/// A file of metrics, which holds the last run only.
pub(crate) struct MetricsFile {
    path: PathBuf,
}

impl MetricsFile {
    /// Looks whether it can be written, before a run that may take hours, and whether what is there
    /// is nobody else's.
    ///
    /// # Errors
    /// If not.
    pub(crate) fn open(path: &Path) -> Result<Self, WriteError> {
        let failed = |source| WriteError::Io {
            path: path.to_owned(),
            source,
        };
        if path.as_os_str() == "-" || (path.exists() && !path.is_file()) {
            return Err(failed(io::Error::other("it is no file")));
        }
        if path.exists() {
            let earlier = read(path).map_err(failed)?;
            if !is_metrics(&earlier) {
                return Err(WriteError::Kept {
                    path: path.to_owned(),
                    kept: "no metrics of a run",
                });
            }
        }
        writer::probe(path)?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts this run in the place of the earlier one.
    ///
    /// # Errors
    /// If it can't be written; the file stays as it was then.
    pub(crate) fn write(&self, run: &RunReport) -> Result<(), WriteError> {
        let earlier = read(&self.path).unwrap_or_default();
        // Files of several jobs are collected together: the file's name tells their figures apart.
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy();
        writer::replace(&self.path, text(run, &name, &earlier).as_bytes())
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    let file = OpenOptions::new().read(true).open(path)?;
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// May it be replaced? What a crash of the machine left may: nothing, or zeros.
fn is_metrics(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c == '\0' || c.is_whitespace());
    text.is_empty() || text.starts_with("# HELP crossfill_") || text.starts_with("crossfill_")
}

/// When a run was last done, by an earlier file. What is not over yet can't have been done.
fn last_success(earlier: &str, now: f64) -> Option<f64> {
    let time = earlier.lines().find_map(|line| {
        let value = line.strip_prefix(LAST_SUCCESS)?;
        value.trim().rsplit(' ').next()?.parse().ok()
    });
    time.filter(|time: &f64| *time > 0.0 && *time <= now)
}

/// The file: this run, by this name, and of the earlier file only when a run was last done.
fn text(run: &RunReport, name: &str, earlier: &str) -> String {
    let mut out = String::new();
    let done = matches!(run.exit_code, 0 | 3);
    let ended = started(run).map(|start| (start + run.seconds).round());
    let success = ended
        .filter(|_| done)
        .or_else(|| last_success(earlier, ended?));
    for metric in &METRICS {
        let values = (metric.values)(run);
        family(&mut out, metric, name, &values);
    }
    let success = success.map(one).unwrap_or_default();
    family(&mut out, &SUCCESS, name, &success);
    out
}

/// A metric with its values; one without any is left out.
fn family(out: &mut String, metric: &Metric, run: &str, values: &[(String, f64)]) {
    if values.is_empty() {
        return;
    }
    let (name, help, run) = (metric.name, metric.help, escaped(run));
    // Writing to a text can't fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (of, value) in values {
        let of = match metric.label {
            Some(label) => format!(",{label}=\"{}\"", escaped(of)),
            None => String::new(),
        };
        let _ = writeln!(out, "{name}{{run=\"{run}\"{of}}} {value}");
    }
}

/// A label's value, as the format wants it; fields' names are the user's.
fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\");
    value.replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(exit_code: u8) -> RunReport {
        RunReport {
            version: "1.2.3".to_owned(),
            started: "2026-11-26T01:30:00Z".to_owned(),
            seconds: 90.25,
            exit_code,
            statuses: [("enriched", 2)].into_iter().collect(),
            filled: [("a\\b\"c\nd", 7)].into_iter().collect(),
            ..RunReport::default()
        }
    }

    #[test]
    fn a_run_is_told_with_every_status_and_its_labels_escaped() {
        let text = text(&run(0), "a \"job\"", "");
        for line in [
            "# TYPE crossfill_run_records gauge",
            "crossfill_build_info{run=\"a \\\"job\\\"\",version=\"1.2.3\"} 1",
            "crossfill_run_start_time_seconds{run=\"a \\\"job\\\"\"} 1795656600",
            "crossfill_run_duration_seconds{run=\"a \\\"job\\\"\"} 90.25",
            "crossfill_run_records{run=\"a \\\"job\\\"\",status=\"enriched\"} 2",
            "crossfill_run_records{run=\"a \\\"job\\\"\",status=\"unresolved\"} 0",
            "crossfill_run_fields_filled{run=\"a \\\"job\\\"\",field=\"a\\\\b\\\"c\\nd\"} 7",
            "crossfill_last_success_timestamp_seconds{run=\"a \\\"job\\\"\"} 1795656690",
        ] {
            assert!(text.lines().any(|own| own == line), "{line}\n{text}");
        }
        assert!(!text.contains("fields_differing"), "nothing differs");
    }

    #[test]
    fn the_last_success_outlives_failures_and_whatever_is_in_the_file() {
        let line = |text: &str| {
            let own = text.lines().find(|line| line.starts_with(LAST_SUCCESS));
            own.map(str::to_owned)
        };
        let first = text(&run(3), "x y", "");
        let kept = line(&first);
        assert!(kept.is_some());
        let second = text(&run(4), "x y", &first);
        assert_eq!(
            (line(&second), line(&text(&run(130), "x y", &second))),
            (kept.clone(), kept)
        );
        for odd in [
            "",
            "crossfill",
            LAST_SUCCESS,
            &format!("{LAST_SUCCESS} NaN"),
            "\0\u{fffd}",
        ] {
            assert_eq!(line(&text(&run(1), "x y", odd)), None, "{odd:?}");
        }
    }

    #[test]
    fn what_is_not_metrics_is_not_replaced() {
        for own in [
            "",
            "\0\0\0",
            "\n# HELP crossfill_build_info x",
            "crossfill_run_exit_code 0",
        ] {
            assert!(is_metrics(own), "{own:?}");
        }
        for other in [
            "{\"doi\":1}",
            "doi,title",
            "#!/bin/sh",
            "# my notes",
            "# HELP x",
        ] {
            assert!(!is_metrics(other), "{other:?}");
        }
    }

    #[test]
    fn the_page_has_each_name_with_its_help() {
        let page = include_str!("../../docs/metrics.md");
        let rows: Vec<String> = METRICS
            .iter()
            .chain([&SUCCESS])
            .map(|metric| (metric.name, metric.label, metric.help))
            .map(|(name, label, help)| match label {
                Some(label) => format!("| `{name}` | `{label}` | {help} |"),
                None => format!("| `{name}` | | {help} |"),
            })
            .collect();
        let told: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        assert_eq!(
            told,
            rows,
            "docs/metrics.md should have\n{}",
            rows.join("\n")
        );
        for metric in &METRICS {
            assert!(metric.name.starts_with("crossfill_") && metric.help.ends_with('.'));
        }
    }
}
