//! Why nobody is asked any more.

use std::time::Duration;

use thiserror::Error;

use crate::store::StoreError;

/// Why nobody is asked any more.
#[derive(Debug, Error)]
pub enum Stop {
    /// Nothing ever answered.
    #[error("cannot reach {host}: {reason}")]
    NoNetwork {
        /// Who was asked.
        host: String,
        /// What happened.
        reason: String,
    },
    /// It answered once, and has not for too long.
    #[error("{host} has given no usable answer for {}: {reason}", humantime::format_duration(Duration::from_secs(.time.as_secs())))]
    Outage {
        /// Who was asked.
        host: String,
        /// For how long.
        time: Duration,
        /// The last thing that happened.
        reason: String,
    },
    /// Crossref does not want us.
    #[error("{host} refuses to answer ({reason})")]
    Refused {
        /// Who was asked.
        host: String,
        /// What it said.
        reason: String,
    },
    /// Answers can't be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bug of ours.
    #[error("the resolver failed: this is a bug, please report it with what is said above")]
    Broken,
    /// The user wants to stop.
    #[error("interrupted")]
    Interrupted,
}
