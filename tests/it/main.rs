//! The program as a whole: one file for each promise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    missing_docs,
    reason = "a test that can't go on fails, which is what it is for"
)]

mod cli;
mod crash;
mod documents;
mod faults;
mod fields;
mod formats;
mod inspect;
mod limits;
mod lossless;
mod messages;
mod nightly;
mod oddities;
mod report;
mod repository;
mod resolve;
mod resume;
mod runs;
mod show;
mod statuses;
mod store;
mod util;
