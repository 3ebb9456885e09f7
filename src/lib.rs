//! Fills the holes in bibliographic records from public Crossref data.
//!
//! Records are JSON objects that are kept as they were written; what is missing in them is spliced
//! in from the Crossref work of their DOI, if that is the same work. The pieces:
//!
//! - [`Record`], [`Work`] and [`enrich`]: one record and one work, no I/O.
//! - [`Doi`]: recognises DOIs in all the forms in which they are written.
//! - [`Store`]: what Crossref answered, on disk.
//! - [`Pipeline`]: whole inputs, from reader to writer, politely asking Crossref in between.
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
mod source;
mod store;
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
    Counts, Coverage, Difference, FieldCoverage, Files, Mismatch, Named, Phases, RecordPlace,
    Requests, Retraction, RunReport, Sample,
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
