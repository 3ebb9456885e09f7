//! The ways in which a request gives no answer.

use std::fmt;

use super::retry::RetryAfter;

/// No answer is larger, unpacked.
pub(crate) const MAX_BODY: usize = 64 << 20;

/// How far a connection got that did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Dns,
    Tcp,
    /// TLS, or a proxy between.
    Tls,
}

/// An attempt that gave no answer. Each kind is a row of the retry matrix
/// ([`verdict`](super::retry::verdict)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody there.
    Connect(Stage, String),
    /// Took too long.
    Timeout,
    /// The connection ended before an answer began.
    Reset(String),
    /// It ended within the answer.
    Cut(String),
    /// The answer can't be unpacked.
    Packing(String),
    /// It is no JSON.
    Json(String),
    /// A page for people, where an answer belongs.
    Html,
    /// Nothing, with a status that promises something.
    Empty,
    /// JSON, but not what this request gives.
    Shape(String),
    /// The work of a DOI that was not asked for.
    Foreign,
    /// A body over the cap.
    TooLarge,
    /// A status that is no answer.
    Status {
        code: u16,
        retry_after: Option<RetryAfter>,
        /// The start of what the server said, or where it wants us to go.
        said: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(Stage::Dns, reason) => write!(f, "its address was not found: {reason}"),
            Self::Connect(Stage::Tcp, reason) => write!(f, "no connection: {reason}"),
            Self::Connect(Stage::Tls, reason) => write!(f, "no secure connection: {reason}"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Reset(reason) => write!(f, "the connection broke: {reason}"),
            Self::Cut(reason) => write!(f, "the answer was cut off: {reason}"),
            Self::Packing(reason) => write!(f, "an answer that can't be unpacked: {reason}"),
            Self::Json(reason) => write!(f, "an answer that is no JSON: {reason}"),
            Self::Html => f.write_str("a page of HTML instead of an answer"),
            Self::Empty => f.write_str("an empty answer"),
            Self::Shape(reason) => write!(f, "JSON of another shape: {reason}"),
            Self::Foreign => f.write_str("another work than the one that was asked for"),
            Self::TooLarge => write!(f, "an answer over {} MiB", MAX_BODY >> 20),
            Self::Status { code, said, .. } if said.is_empty() => write!(f, "HTTP {code}"),
            Self::Status { code, said, .. } => write!(f, "HTTP {code}: {said}"),
        }
    }
}
