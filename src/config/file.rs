//! A configuration file, as written.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::origin::Origin;
use super::{ConfigError, UserFolder, nearest, user_folder};

/// A configuration file, as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Files, folders, patterns.
    pub input: Option<Vec<PathBuf>>,
    /// A file, or `-`.
    pub output: Option<PathBuf>,
    /// `auto`, `scholar` or `crossref`.
    pub profile: Option<String>,
    /// The folder of the store.
    pub store: Option<PathBuf>,
    /// Crossref data files that are brought into the store on first use.
    pub data_files: Option<Vec<PathBuf>>,
    /// Ask nobody.
    pub offline: Option<bool>,
    /// Do not ask for records that miss nothing.
    pub skip_complete: Option<bool>,
    /// What makes a run that was done end with exit code 3.
    pub fail_on: Option<Vec<String>>,
    /// The largest record.
    pub max_record: Option<String>,
    /// Where a record's DOI may stand, best first.
    pub doi_fields: Option<Vec<String>>,
    /// Where and how to ask.
    pub crossref: Crossref,
    /// How records are filled.
    pub enrich: Enrich,
    /// What fills which field, and when: the user's word over the profiles'.
    pub fields: toml::Table,
    /// Where all that stands, for messages.
    #[serde(skip)]
    pub(super) origin: Option<Origin>,
}

/// The table `[enrich]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Enrich {
    /// The note's key; empty leaves it out.
    pub note: Option<String>,
    /// Add keys that a record does not have: `profile`, `true` or `false`.
    pub add: Option<Add>,
    /// `partial`: as precise as known; `full`: whole days only.
    pub dates: Option<String>,
}

/// `add = "profile" | true | false`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "write `\"profile\"`, `true` or `false`")]
pub enum Add {
    /// Yes or no for all profiles.
    Always(bool),
    /// By its word.
    Word(String),
}

/// The table `[crossref]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crossref {
    /// The REST API.
    pub base_url: Option<String>,
    /// The user's address, for the polite pool.
    pub mailto: Option<String>,
    /// A file that holds a Plus token.
    pub token_file: Option<PathBuf>,
    /// DOIs in a list request at most.
    pub batch: Option<usize>,
    /// How much of the allowed rate is used.
    pub pace: Option<f64>,
    /// How long a work is fresh.
    pub max_age: Option<String>,
    /// How long an absence is fresh, the first time.
    pub max_age_missing: Option<String>,
    /// How long an imported work is fresh.
    pub max_age_imported: Option<String>,
    /// How long an outage may last.
    pub max_outage: Option<String>,
}

impl File {
    /// The configuration that holds: `given`, else `./config.toml`, else the user's; and the folder
    /// from which its relative paths go. Without any, all defaults.
    ///
    /// # Errors
    /// If it can't be read or says something unknown.
    pub fn find(given: Option<&Path>) -> Result<(Self, PathBuf), ConfigError> {
        if let Some(path) = given {
            return Self::read(path);
        }
        let own = Path::new("config.toml");
        if own.is_file() {
            return Self::read(own);
        }
        if let Some(path) = user_folder(UserFolder::Config).map(|folder| folder.join("config.toml"))
            && path.is_file()
        {
            return Self::read(&path);
        }
        Ok((Self::default(), PathBuf::new()))
    }

    fn read(path: &Path) -> Result<(Self, PathBuf), ConfigError> {
        let bytes = std::fs::read(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes().get(..good).unwrap_or_default());
            Origin::new(&text, path).at(good, "not UTF-8: save the file as UTF-8".to_owned())
        })?;
        let file = Self::parse(&text, path)?;
        Ok((file, path.parent().unwrap_or(Path::new("")).to_owned()))
    }

    /// Reads the text of a configuration file; `path` is for messages.
    ///
    /// # Errors
    /// If it is no TOML, or has a key or a type of value that is unknown.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let origin = Origin::new(text, path);
        match toml::from_str::<Self>(text) {
            Ok(file) => Ok(Self {
                origin: Some(origin),
                ..file
            }),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                let message = error.message();
                let reason = match (origin.said_at(at), unknown_key(message)) {
                    (None, _) => format!(
                        "not TOML: {message}; write `key = \"text\"`, `key = 3` or `key = true`"
                    ),
                    (Some(_), Some((key, known))) => unknown(key, &known),
                    (Some(said), None) => said.map_or_else(
                        || message.to_owned(),
                        |(key, value)| format!("{key} = `{value}`: {}", wanted(message)),
                    ),
                };
                Err(origin.at(at, reason))
            }
        }
    }
}

/// The key that serde does not know, and those that it knows at this place.
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut names = rest.split('`').skip(1).step_by(2);
    Some((names.next()?, names.collect()))
}

/// What was meant by a key that is unknown where it stands.
fn unknown(key: &str, known: &[&str]) -> String {
    let at_the_top = toml::Table::from_iter([(key.to_owned(), toml::Value::Boolean(false))]);
    let knows = |message: Option<String>| message.is_none_or(|it| unknown_key(&it).is_none());
    fn fault<T: serde::de::DeserializeOwned>(table: &toml::Table) -> Option<String> {
        let error = table.clone().try_into::<T>().err();
        error.map(|error| error.message().to_owned())
    }
    // A key of another table is more than one that looks like it.
    let place = if knows(fault::<Crossref>(&at_the_top)) {
        Some("in the table `[crossref]`")
    } else if knows(fault::<Enrich>(&at_the_top)) {
        Some("in the table `[enrich]`")
    } else if knows(fault::<File>(&at_the_top)) {
        Some("at the top, before all tables")
    } else {
        None
    };
    let hint = match (place, nearest(key, known.iter().copied())) {
        (Some(place), _) => format!("it belongs {place}"),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!("there are {}", known.join(", ")),
    };
    format!("unknown key `{key}`; {hint}")
}

/// What belongs where serde met another type.
fn wanted(message: &str) -> &str {
    let expected = message.rsplit("expected ").next().unwrap_or(message);
    match expected {
        "a boolean" => "write `true` or `false`",
        "a string" | "path string" => "write a text in quotes",
        "a sequence" => "write a list, like `[\"one\", \"two\"]`",
        "usize" | "u64" => "write a whole number that is not negative",
        "f64" => "write a number, like `0.5`",
        "a map" => "write a table",
        it if it.starts_with("struct ") => "write a table",
        _ => message,
    }
}
