//! What is known of a run once it is over: `OUT.run.json`, which the closing summary, the metrics and
//! the HTML report are made from. Consumes what [`crate::event`] counted; nothing here runs anything.

mod counts;

use serde::{Deserialize, Serialize};

pub use counts::Counts;

/// The version of the format of `OUT.run.json`. It grows when something that was there goes or changes
/// its meaning; what is new alone does not change it.
pub const FORMAT: u32 = 1;

/// All that is known of a run once it is over, as `OUT.run.json` has it. What a file lacks is as in
/// [`RunReport::default`]; what it has beyond is left aside.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunReport {
    /// [`FORMAT`] of the writer.
    pub format: u32,
    /// The version of crossfill.
    pub version: String,
    /// When the run began: RFC 3339, UTC.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// How it ended: 0, or 3 if something that `fail_on` names occurred.
    pub exit_code: u8,
    /// Why it ended early; only in metrics and logs, for a run that ended early leaves no file.
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

/// Seconds that each part of a run was at work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Phases {
    /// Opening the store, looking at the inputs.
    pub opening: f64,
    /// Bringing data files in.
    pub importing: f64,
    /// Reading and unpacking the inputs.
    pub reading: f64,
    /// Looking up, comparing, filling: summed over all cores, divided by their number.
    pub enriching: f64,
    /// Records waited for Crossref's answers.
    pub asking: f64,
    /// Packing and writing the output.
    pub writing: f64,
}

/// How far a run was at some moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sample {
    /// Seconds since its start.
    pub at: f64,
    /// Records done with by then.
    pub records: u64,
    /// DOIs answered by Crossref by then.
    pub answered: u64,
    /// Requests sent by then.
    pub requests: u64,
    /// DOIs that waited for an answer then.
    pub waiting: u64,
    /// Nobody was asked then, because of an error or a limit of the service.
    pub paused: bool,
}

/// A journal or a publisher.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// As Crossref has it.
    pub name: String,
    /// Records whose work is of it.
    pub records: u64,
    /// Records in which something was filled.
    pub enriched: u64,
    /// Values filled in them.
    pub values: u64,
}

/// A record whose DOI leads to another work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mismatch {
    /// Where the record was.
    #[serde(flatten)]
    pub place: RecordPlace,
    /// The record's title.
    pub record: String,
    /// Crossref's title.
    pub crossref: String,
    /// Possibly, not evidently.
    pub doubt: bool,
    /// What was compared (`title`, `first_author`, `year`, `first_page`), and what came of it:
    /// `agrees`, `differs`, `unknown`.
    pub evidence: serde_json::Value,
}

/// A record of a retracted work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retraction {
    /// Where the record was.
    #[serde(flatten)]
    pub place: RecordPlace,
    /// Crossref's title.
    pub title: String,
    /// `type`, `notice` (a DOI), `date`, `source`; what is not known is absent.
    pub retracted: serde_json::Value,
}

/// A value that differs from what Crossref has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Difference {
    /// Where the record was.
    #[serde(flatten)]
    pub place: RecordPlace,
    /// The field's path, dotted.
    pub field: String,
    /// What the record has.
    pub record: serde_json::Value,
    /// What Crossref has.
    pub crossref: serde_json::Value,
}

/// Where a record was, and its DOI.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordPlace {
    /// The input.
    pub file: String,
    /// Where it begins in it, from 1.
    pub line: u64,
    /// Its DOI.
    pub doi: String,
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
