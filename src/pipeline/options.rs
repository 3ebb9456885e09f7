//! What a run needs to know, and how it may end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::config::Settings;
use crate::crossref::{ClientError, ClientOptions};
use crate::enricher::Mapping;
use crate::reader::ReadError;
use crate::resolver::Stop;
use crate::source::SourceError;
use crate::store::{Ages, StoreError};
use crate::writer::WriteError;

/// All that a run needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// Files, folders, patterns, `-`.
    pub inputs: Vec<PathBuf>,
    /// A file, or `-`.
    pub output: PathBuf,
    /// The largest record, in bytes.
    pub max_record: usize,
    /// The profiles, the note, where DOIs stand.
    pub mapping: Mapping,
    /// How long answers are fresh, and when this run began.
    pub ages: Ages,
    /// Ask nobody.
    pub offline: bool,
    /// Only the first so many records are asked for.
    pub limit: Option<u64>,
    /// Where and as whom to ask.
    pub client: ClientOptions,
    /// DOIs in a list request at most.
    pub batch: usize,
    /// How long an outage may last.
    pub max_outage: Duration,
    /// Requests at most; what is not asked for by then has no answer in this run.
    pub max_requests: Option<u64>,
    /// How long to ask at most.
    pub max_time: Option<Duration>,
    /// Write nothing; all else is done.
    pub dry_run: bool,
    /// An input without a record is an error, and leaves the output as it was.
    pub require_input: bool,
}

impl From<&Settings> for Options {
    /// For a run that begins now.
    fn from(settings: &Settings) -> Self {
        Self {
            inputs: settings.inputs.clone(),
            output: settings.output.clone(),
            max_record: settings.max_record,
            mapping: settings.mapping.clone(),
            ages: settings.ages(),
            offline: settings.offline,
            limit: settings.limit,
            client: settings.client.clone(),
            batch: settings.batch,
            max_outage: settings.max_outage,
            max_requests: settings.max_requests,
            max_time: settings.max_time,
            dry_run: settings.dry_run,
            require_input: settings.require_input,
        }
    }
}

/// Why a run ended early.
#[derive(Debug, Error)]
pub enum RunError {
    /// The inputs can't be used.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// An input can't be read to its end.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The output can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The store can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There can't be a client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is no record, and there should be.
    #[error("no record in the input{}", if *rejects > 0 { format!(", only what could not be read ({rejects})") } else { String::new() })]
    Empty {
        /// Parts of the input that are no records.
        rejects: u64,
    },
    /// Nobody may be asked any more.
    #[error("{0}")]
    Stopped(Arc<Stop>),
    /// A stage panicked.
    #[error("a stage of the pipeline failed: {0}")]
    Broken(String),
}
