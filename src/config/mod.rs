//! Settings: what the file says, what flags and environment say, and what holds in the end.
//!
//! [`File`] is what was written, every key optional. [`Settings`] is made once from it and the
//! overrides, checked, with every default in one place; nothing else reads a configuration.

mod fields;
mod file;
mod origin;
mod overrides;
mod settings;

use std::path::PathBuf;

use thiserror::Error;

pub use file::{Add, Crossref, Enrich, File};
pub use overrides::Overrides;
pub(crate) use settings::time;
pub use settings::{FailOn, Settings};

/// Why settings don't hold.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file that can't be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that says something that can't be.
    #[error("{}:{line}: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong, and what was meant, perhaps.
        reason: String,
    },
    /// A value that can't be.
    #[error("{key} = `{value}`: {reason}")]
    Value {
        /// The key or flag.
        key: String,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing to read or write was named.
    #[error("{0}")]
    Missing(&'static str),
}

/// The defaults: the only place where they stand. The documented `config.toml` is held to them by a
/// test.
pub mod defaults {
    /// `max_record`
    pub const MAX_RECORD: &str = "64 MiB";
    /// `[crossref] base_url`
    pub const BASE_URL: &str = "https://api.crossref.org";
    /// `[crossref] batch`
    pub const BATCH: usize = 100;
    /// `[crossref] pace`
    pub const PACE: f64 = 0.95;
    /// `[crossref] max_age`
    pub const MAX_AGE: &str = "30d";
    /// `[crossref] max_age_missing`
    pub const MAX_AGE_MISSING: &str = "7d";
    /// `[crossref] max_age_imported`
    pub const MAX_AGE_IMPORTED: &str = "400d";
    /// `[crossref] max_outage`
    pub const MAX_OUTAGE: &str = "10m";
    /// `fail_on`
    pub const FAIL_ON: &[&str] = &["unresolved"];
    /// `[enrich] note`
    pub const NOTE: &str = crate::enricher::NOTE;
    /// `doi_fields`
    pub const DOI_FIELDS: &[&str] = &crate::enricher::DOI_FIELDS;
    /// `[enrich] dates`
    pub const DATES: &str = "partial";
    /// `profile`
    pub const PROFILE: &str = "auto";
}

/// The known word that looks most like `word`, if one does.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(word, name), name));
    let best = scored.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(score, _)| *score > 0.7).map(|(_, name)| name)
}

enum UserFolder {
    Config,
    Cache,
}

fn user_folder(which: UserFolder) -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(match which {
        UserFolder::Config => folders.config_dir().join("crossfill"),
        UserFolder::Cache => folders.cache_dir().join("crossfill"),
    })
}

#[cfg(test)]
mod tests;
