//! Where in a configuration file something stands, so that a mistake is told with its line.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::ConfigError;

/// A file, and what it says.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    path: PathBuf,
    text: String,
}

/// A key with its tables, dotted, and its place and its value's.
struct Entry {
    name: String,
    key: Range<usize>,
    value: Range<usize>,
}

impl Origin {
    pub(super) fn new(text: &str, path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The error with the line that it is about. One about a flag's value stays as it is.
    pub(super) fn locate(&self, error: ConfigError) -> ConfigError {
        match &error {
            ConfigError::Value { key, value, .. } => match self.line(key, value) {
                Some(line) => self.invalid(line, error.to_string()),
                None => error,
            },
            _ => error,
        }
    }

    /// The error of what stands at `at`.
    pub(super) fn at(&self, at: usize, reason: String) -> ConfigError {
        self.invalid(self.line_of(at), reason)
    }

    /// The key, dotted, and the value that stand at `at`, if any do; `None` if the file is no TOML.
    pub(super) fn said_at(&self, at: usize) -> Option<Option<(String, String)>> {
        let table = DeTable::parse(&self.text).ok()?;
        let mut entries = Vec::new();
        flatten(table.get_ref(), "", &mut entries);
        // Entries of a table come before the table.
        let entry = entries
            .into_iter()
            .find(|entry| entry.value.contains(&at) || entry.key.contains(&at));
        Some(entry.map(|entry| {
            let value = self.text.get(entry.value).unwrap_or_default();
            let value = value.lines().next().unwrap_or_default().trim_end();
            (entry.name, value.to_owned())
        }))
    }

    fn invalid(&self, line: usize, reason: String) -> ConfigError {
        ConfigError::Invalid {
            path: self.path.clone(),
            line,
            reason,
        }
    }

    fn line_of(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    fn line(&self, key: &str, value: &str) -> Option<usize> {
        let table = DeTable::parse(&self.text).ok()?;
        let mut entries = Vec::new();
        flatten(table.get_ref(), "", &mut entries);
        // A key that nobody knows is told as what its table says.
        let unknown = |entry: &&Entry| {
            let more = entry.name.strip_prefix(key);
            more.and_then(|more| more.strip_prefix('.')) == Some(value)
        };
        // `max_age` stands in a table that the error does not name.
        let named = |entry: &&Entry| {
            let table = entry.name.strip_suffix(key);
            let says = self.text.get(entry.value.clone());
            table.is_some_and(|table| table.is_empty() || table.ends_with('.'))
                && says.is_some_and(|says| says.contains(value))
        };
        let mut entries = entries.iter();
        let found = entries.clone().find(unknown);
        let found = found.or_else(|| entries.find(named))?;
        Some(self.line_of(found.key.start))
    }
}

fn flatten(table: &DeTable<'_>, parent: &str, entries: &mut Vec<Entry>) {
    for (key, value) in table {
        let name = match parent {
            "" => key.get_ref().to_string(),
            parent => format!("{parent}.{}", key.get_ref()),
        };
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(inner, &name, entries);
        }
        entries.push(Entry {
            name,
            key: key.span(),
            value: value.span(),
        });
    }
}
