//! What is known of a run once it is over: `OUT.run.json`, which the closing summary, the metrics and
//! the HTML report are made from. Consumes what [`crate::event`] counted; nothing here runs anything.

mod collect;
mod counts;
mod html;
mod metrics;
mod read;

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::writer::{self, WriteError};

pub use crate::event::{Difference, Mismatch, Named, Phases, RecordPlace, Retraction, Sample};
pub(crate) use collect::Ended;
pub use counts::Counts;
pub use html::PageError;
pub(crate) use metrics::MetricsFile;
pub use read::ReportError;

/// The version of the format of `OUT.run.json`. It grows when something that was there goes or changes
/// its meaning; what is new alone does not change it.
pub(crate) const FORMAT: u32 = 1;

/// All that is known of a run once it is over, as `OUT.run.json` has it. What a file lacks is as in
/// [`RunReport::default`]; what it has beyond is left aside.
///
/// ```
/// use crossfill::RunReport;
///
/// let text = r#"{"format":1,"records":3,"statuses":{"enriched":2,"not_found":1}}"#;
/// let report: RunReport = serde_json::from_str(text)?;
/// assert_eq!((report.records, report.rejects), (3, 0));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunReport {
    /// The version of this format, 1.
    pub format: u32,
    /// The version of crossfill.
    pub version: String,
    /// When the run began: RFC 3339, UTC.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// How it ended: 0, or 3 if something that `fail_on` names occurred.
    pub exit_code: u8,
    /// Why it ended early; only in logs, for a run that ended early leaves no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Nothing was written.
    pub dry_run: bool,
    /// Records read, rejects not included.
    pub records: u64,
    /// Records by their fate, all nine, in the order of the README.
    pub statuses: Counts,
    /// How often each field was filled.
    pub filled: Counts,
    /// How often each field differs from what Crossref has.
    pub differs: Counts,
    /// Each profile that a record was of, with each of its fields.
    pub coverage: Vec<Coverage>,
    /// Parts of the input that are no records.
    pub rejects: u64,
    /// Records whose work is retracted.
    pub retracted: u64,
    /// Records filled from a work older than its age allows, because nobody answered.
    pub stale: u64,
    /// Records without an answer because the run was offline.
    pub offline: u64,
    /// Records without an answer because a limit of the run was reached.
    pub limited: u64,
    /// Records that hold somebody else's value under the note's key.
    pub foreign_notes: u64,
    /// Bytes read of the inputs, as they are on disk.
    pub bytes_read: u64,
    /// What Crossref was asked.
    pub requests: Requests,
    /// How long each part of the run was at work. They overlap: the sum may be more than `seconds`.
    pub phases: Phases,
    /// How it went, over time.
    pub timeline: Vec<Sample>,
    /// The journals (or other containers) of most records.
    pub journals: Vec<Named>,
    /// The publishers of most records.
    pub publishers: Vec<Named>,
    /// Records whose DOI leads to another work: the first 500, the others in the review file.
    pub mismatches: Vec<Mismatch>,
    /// Records of retracted works: the first 500.
    pub retractions: Vec<Retraction>,
    /// Values that differ from what Crossref has: the first 500.
    pub differences: Vec<Difference>,
    /// The files of the run.
    pub files: Files,
    /// The settings, without secrets.
    pub settings: serde_json::Value,
}

impl RunReport {
    /// Of a run that has not begun to work yet; `now` in seconds since 1970.
    pub(crate) fn begun(now: u64) -> Self {
        let started = UNIX_EPOCH + Duration::from_secs(now);
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: humantime::format_rfc3339_seconds(started).to_string(),
            ..Self::default()
        }
    }

    /// Records without an answer though somebody was to be asked.
    pub(crate) fn unanswered(&self) -> u64 {
        let unresolved = self.statuses.get("unresolved");
        unresolved.saturating_sub(self.offline.saturating_add(self.limited))
    }

    /// Writes it as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<(), WriteError> {
        // All its keys are texts: there is nothing in it that JSON can't say.
        let mut text = serde_json::to_vec(self).unwrap_or_default();
        text.push(b'\n');
        writer::replace(path, &text)
    }
}

/// How complete the records of one profile are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Coverage {
    /// `scholar` or `crossref`.
    pub profile: String,
    /// Records of it.
    pub records: u64,
    /// Its fields, in the order of its table.
    pub fields: Vec<FieldCoverage>,
}

/// How many records have a field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldCoverage {
    /// The field's path, dotted.
    pub name: String,
    /// Records that had a value when they came.
    pub before: u64,
    /// Records that have one now.
    pub after: u64,
    /// Records in which this run set it; more than `after - before` if values were renewed.
    pub filled: u64,
    /// Records whose own value differs from what Crossref has.
    pub differs: u64,
}

/// What Crossref was asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requests {
    /// List requests, each for up to 100 DOIs.
    pub list: u64,
    /// Single requests, `/agency` included.
    pub single: u64,
    /// Requests of both kinds that were sent again.
    pub again: u64,
    /// DOIs that were answered.
    pub dois_answered: u64,
    /// Works in answers that nobody asked for, or without a DOI.
    pub works_dropped: u64,
    /// The service looks at so many DOIs of a list only; 0: at all.
    pub lists_cut_to: u64,
}

/// The files of a run; those that it did not write are absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Files {
    /// The output.
    pub output: String,
    /// What could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejects: Option<String>,
    /// Records to look at: mismatches and retractions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// This report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}
