//! Fills the holes in bibliographic records from public [Crossref](https://www.crossref.org) data.
//!
//! Records are JSON objects that are kept as they were written; what is missing in them is spliced
//! in from the Crossref work of their DOI, if that is the same work. This is the library below the
//! program of the same name: it does all that the program does, and prints nothing.
//!
//! # A record and a work
//!
//! [`enrich`] is pure: a [`Record`], the [`Work`] of its DOI and a [`Profile`] (which keys records have)
//! in; what is to be spliced in, and what became of the record, out.
//!
//! ```
//! use crossfill::{Profile, Record, Work, enrich};
//!
//! let record = Record::parse(r#"{"doi": "10.5555/12345678", "title": "Toward a Unified Theory", "pages": ""}"#)?;
//! let work = Work::parse(r#"{"DOI":"10.5555/12345678","title":["Toward a Unified Theory"],"page":"1-3","volume":"5"}"#)?;
//! let enriched = enrich(&record, &work, &Profile::crossref().adding(false));
//!
//! let mut line = Vec::new();
//! record.write(&enriched.patch, None, &mut line);
//! assert_eq!(line, br#"{"doi": "10.5555/12345678", "title": "Toward a Unified Theory", "pages": "1-3"}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Another work fills nothing, and says why:
//!
//! ```
//! use crossfill::{Profile, Record, Status, Work, enrich};
//!
//! let record = Record::parse(r#"{"doi":"10.5555/12345678","title":"Mixing of Brass","pages":null}"#)?;
//! let work = Work::parse(r#"{"DOI":"10.5555/12345678","title":["Toward a Unified Theory"],"page":"1-3"}"#)?;
//! let enriched = enrich(&record, &work, &Profile::crossref());
//!
//! assert_eq!(enriched.status, Status::Mismatch);
//! assert!(enriched.patch.is_empty() && enriched.evidence.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Your own fields, sources and policies are [`FieldRule`]s that a [`Mapping`] takes; `docs/fields.md` has
//! the facts that there are.
//!
//! # DOIs
//!
//! [`Doi::parse`] takes a DOI, [`Doi::find`] digs one out of whatever a record holds.
//!
//! # Whole inputs
//!
//! A [`Pipeline`] goes from inputs to an output, asks Crossref for what its [`Store`] lacks, within the
//! limits that Crossref sets, and keeps all answers: a run that was stopped goes on from there when it is
//! started again. [`config::Settings`] has all that can be set, with its default.
//!
//! ```no_run
//! use std::{path::Path, sync::Arc};
//! use crossfill::config::{self, Overrides, Settings};
//! use crossfill::{Options, Pipeline, Progress, Store};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let over = Overrides {
//!     inputs: vec!["records.jsonl.gz".into()],
//!     output: Some("enriched.jsonl".into()),
//!     mailto: Some("you@your.org".into()),
//!     ..Overrides::default()
//! };
//! let settings = Settings::new(config::File::default(), Path::new(""), over)?;
//! let store = Arc::new(Store::open(&settings.store)?);
//! let progress = Arc::new(Progress::default());
//! let tally = Pipeline::new(Options::from(&settings), store, progress)?.run().await?;
//! println!("{} records, {} values filled", tally.records, tally.values());
//! # Ok(())
//! # }
//! ```
//!
//! - [`Pipeline::between`] goes from a reader of yours to a writer of yours.
//! - [`Progress`] may be looked at by another task while it goes on; [`Pipeline::handle`] stops it.
//! - [`RunReport`] is `OUT.run.json`, which the program leaves beside its output.
//!
//! # What it does not do
//!
//! It does not search for a DOI by title, and does not parse reference strings. It changes no value that a
//! record has, unless a field's [`Policy`] says so.

mod buffers;
pub mod cli;
pub mod config;
mod crossref;
mod doi;
mod enricher;
mod event;
#[cfg(test)]
#[path = "../tests/it/util/fake.rs"]
mod fake;
mod inspect;
mod json;
mod pipeline;
mod reader;
mod record;
mod report;
mod resolution;
mod resolver;
mod show;
mod source;
mod store;
mod text;
mod work;
mod writer;

use std::time::{SystemTime, UNIX_EPOCH};

pub use crossref::{Client, ClientError, ClientOptions, Token};
pub use doi::{Doi, DoiError};
#[doc(hidden)]
pub use enricher::read_markup;
pub use enricher::{
    Enriched, FieldRule, Mapping, Policy, Profile, ProfileChoice, RuleError, Status, enrich,
};
pub use event::{FieldTally, ProfileTally, Progress, Tally};
pub use pipeline::{Handle, Options, Pipeline, RunError};
pub use reader::ReadError;
pub use record::{Patch, Record, RecordError, Slot};
pub use report::{
    Counts, Coverage, Difference, FieldCoverage, Files, Mismatch, Named, PageError, Phases,
    RecordPlace, ReportError, Requests, Retraction, RunReport, Sample,
};
pub use resolver::Stop;
pub use source::SourceError;
pub use store::{
    Ages, Answer, Damage, ImportProgress, Imported, Info, Pruned, Store, StoreError, Subset,
};
pub use work::{Date, Work};
pub use writer::WriteError;

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}
