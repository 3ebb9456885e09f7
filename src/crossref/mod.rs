//! Crossref's REST API: requests and their answers, the limits that it sets, and what to do when an
//! answer is none. Used by the resolver only.

mod client;
mod limit;
mod retry;

pub use client::{Client, ClientError, ClientOptions, Token};
pub(crate) use client::{Failure, MAX_TARGET, Single};
pub(crate) use limit::{Permit, Route, rest};
pub(crate) use retry::{Backoff, Verdict, verdict};
