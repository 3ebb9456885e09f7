//! Crossref's REST API: requests and their answers, the limits that it sets, and what to do when an
//! answer is none. Used by the resolver only.

mod client;
mod failure;
mod health;
mod ledger;
mod limit;
mod message;
mod options;
mod retry;
mod transport;

pub use client::Client;
pub(crate) use client::{List, MAX_TARGET, Single, list_cost, list_room, selects};
pub(crate) use failure::Failure;
pub(crate) use health::{Health, Probe};
pub(crate) use limit::{Allowed, PLUS, Permit, Pool, Route, rest};
pub(crate) use options::base_of;
pub use options::{ClientError, ClientOptions, Token};
pub(crate) use retry::{Jitter, RetryAfter, Tries, Verdict, verdict};
#[cfg(test)]
pub(crate) use {
    failure::Stage,
    ledger::Wall,
    transport::{Reply, Transport},
};
