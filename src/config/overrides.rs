//! What flags and environment say.

use std::path::PathBuf;
use std::time::Duration;

/// What flags and environment say; each wins over the file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Inputs; they and the output replace both of the file's.
    pub inputs: Vec<PathBuf>,
    /// The output.
    pub output: Option<PathBuf>,
    /// The user's address.
    pub mailto: Option<String>,
    /// A Plus token.
    pub token: Option<String>,
    /// The REST API.
    pub base_url: Option<String>,
    /// The folder of the store.
    pub store: Option<PathBuf>,
    /// Ask nobody.
    pub offline: bool,
    /// `auto`, `scholar` or `crossref`.
    pub profile: Option<String>,
    /// DOIs in a list request at most.
    pub batch: Option<usize>,
    /// How long a work is fresh.
    pub max_age: Option<String>,
    /// The note's key.
    pub note: Option<String>,
    /// What makes a run that was done end with exit code 3.
    pub fail_on: Option<Vec<String>>,
    /// Ask for the first so many records only.
    pub limit: Option<u64>,
    /// Ask for so long only.
    pub max_time: Option<Duration>,
    /// Send so many requests only.
    pub max_requests: Option<u64>,
    /// Write nothing.
    pub dry_run: bool,
    /// An input without a record is an error.
    pub require_input: bool,
    /// Where the page of the run goes.
    pub report: Option<PathBuf>,
}
