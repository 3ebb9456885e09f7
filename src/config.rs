//! Settings: what the file says, what flags and environment say, and what holds in the end.
//!
//! [`File`] is what was written, every key optional. [`Settings`] is made once from it and the
//! overrides, checked, with every default in one place; nothing else reads a configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use crate::crossref::{ClientOptions, Token};
use crate::enricher::{Mapping, Profile, ProfileChoice, path_of};

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
        key: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing to read or write was named.
    #[error("{0}")]
    Missing(&'static str),
}

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
#[serde(untagged)]
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
}

/// What may make a run fail that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Records without an answer (not in an offline run).
    Unresolved,
    /// Inputs' parts that are no records.
    Rejects,
    /// Records whose DOI leads to another work.
    Mismatch,
    /// DOIs that Crossref does not know.
    NotFound,
}

impl FailOn {
    /// The words in the configuration.
    pub const NAMES: [&str; 4] = ["unresolved", "rejects", "mismatch", "not_found"];

    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "unresolved" => Self::Unresolved,
            "rejects" => Self::Rejects,
            "mismatch" => Self::Mismatch,
            "not_found" => Self::NotFound,
            _ => return None,
        })
    }
}

/// The settings that hold.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Files, folders, patterns, `-`.
    pub inputs: Vec<PathBuf>,
    /// A file, or `-`.
    pub output: PathBuf,
    /// The folder of the store.
    pub store: PathBuf,
    /// Crossref data files.
    pub data_files: Vec<PathBuf>,
    /// Ask nobody.
    pub offline: bool,
    /// The largest record, in bytes.
    pub max_record: usize,
    /// How records are read and filled.
    pub mapping: Mapping,
    /// Where and as whom to ask.
    pub client: ClientOptions,
    /// DOIs in a list request at most.
    pub batch: usize,
    /// How long a work is fresh.
    pub max_age: Duration,
    /// How long an absence is fresh, the first time.
    pub max_age_missing: Duration,
    /// How long an imported work is fresh.
    pub max_age_imported: Duration,
    /// How long an outage may last.
    pub max_outage: Duration,
    /// What makes a run that was done fail.
    pub fail_on: Vec<FailOn>,
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
    pub const NOTE: &str = "_crossfill";
    /// `[enrich] dates`
    pub const DATES: &str = "partial";
    /// `profile`
    pub const PROFILE: &str = "auto";
}

/// Records must be indexed and held whole.
const MAX_MAX_RECORD: u64 = 1 << 30;

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
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let file = Self::parse(&text, path)?;
        Ok((file, path.parent().unwrap_or(Path::new("")).to_owned()))
    }

    /// Reads the text of a configuration file; `path` is for messages.
    ///
    /// # Errors
    /// If it is no TOML, or has a key or a type of value that is unknown.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error
                .span()
                .and_then(|span| text.get(..span.start))
                .unwrap_or_default();
            ConfigError::Invalid {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                reason: meant(error.message()),
            }
        })
    }
}

/// Names the nearest known key where serde lists them all.
fn meant(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field ") else {
        return message.to_owned();
    };
    let mut names = rest.split('`').skip(1).step_by(2);
    let Some(unknown) = names.next() else {
        return message.to_owned();
    };
    let hint = nearest(unknown, names).map(|name| format!("; did you mean `{name}`?"));
    format!("unknown key `{unknown}`{}", hint.unwrap_or_default())
}

/// The known word that looks most like `word`, if one does.
fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
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

fn bad<T>(key: &'static str, value: &str, reason: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Value {
        key,
        value: value.to_owned(),
        reason: reason.into(),
    })
}

fn one_of<T>(
    key: &'static str,
    value: &str,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, ConfigError> {
    match parse(value) {
        Some(parsed) => Ok(parsed),
        None => {
            let hint = nearest(value, known.iter().copied());
            let hint = hint
                .map(|name| format!("did you mean `{name}`? "))
                .unwrap_or_default();
            bad(
                key,
                value,
                format!("{hint}it is one of {}", known.join(", ")),
            )
        }
    }
}

fn duration(key: &'static str, value: &str) -> Result<Duration, ConfigError> {
    match humantime::parse_duration(value) {
        Ok(duration) => Ok(duration),
        Err(_) if value == "0" => Ok(Duration::ZERO),
        Err(error) => bad(key, value, format!("{error}; write it like `30d` or `12h`")),
    }
}

impl Settings {
    /// Merges and checks. `folder`: relative paths of `file` go from there.
    ///
    /// # Errors
    /// If a value can't be, or if nothing to read or write is named.
    pub fn new(file: File, folder: &Path, over: Overrides) -> Result<Self, ConfigError> {
        let (inputs, output) = places(&file, folder, &over)?;
        let store = match (over.store, file.store) {
            (Some(store), _) => store,
            (None, Some(store)) => folder.join(store),
            (None, None) => user_folder(UserFolder::Cache)
                .map(|cache| cache.join("store"))
                .ok_or(ConfigError::Missing(
                    "there is no folder for caches here: set `store`",
                ))?,
        };
        let max_record = file.max_record.as_deref().unwrap_or(defaults::MAX_RECORD);
        let max_record = match max_record.parse::<bytesize::ByteSize>() {
            Ok(size) if (1..=MAX_MAX_RECORD).contains(&size.as_u64()) => size.as_u64(),
            Ok(_) => return bad("max_record", max_record, "it is between 1 B and 1 GiB"),
            Err(_) => return bad("max_record", max_record, "write it like `64 MiB`"),
        };
        let fail_on = over.fail_on.or(file.fail_on);
        let fail_on = fail_on.unwrap_or_else(|| {
            defaults::FAIL_ON
                .iter()
                .map(|word| (*word).to_owned())
                .collect()
        });
        let fail_on = fail_on
            .iter()
            .map(|word| one_of("fail_on", word.trim(), &FailOn::NAMES, FailOn::parse));
        let crossref = file.crossref;
        let time = |key, value: Option<String>, default: &str| {
            duration(key, value.as_deref().unwrap_or(default))
        };
        let batch = over.batch.or(crossref.batch).unwrap_or(defaults::BATCH);
        if !(1..=1000).contains(&batch) {
            return bad("batch", &batch.to_string(), "it is between 1 and 1000");
        }
        let pace = crossref.pace.unwrap_or(defaults::PACE);
        if !(pace > 0.0 && pace <= 1.0) {
            return bad("pace", &pace.to_string(), "it is above 0 and at most 1");
        }
        let mailto = over
            .mailto
            .or(crossref.mailto)
            .filter(|mailto| !mailto.is_empty());
        if let Some(reason) = mailto.as_deref().and_then(unfit_address) {
            return bad("mailto", mailto.as_deref().unwrap_or_default(), reason);
        }
        let token = match (over.token, crossref.token_file) {
            (Some(token), _) => Some(Token::new(&token)),
            (None, Some(path)) => {
                let path = folder.join(path);
                let text = std::fs::read_to_string(&path);
                let text = text.map_err(|source| ConfigError::Unreadable { path, source })?;
                Some(Token::new(&text))
            }
            (None, None) => None,
        };
        let profile = over.profile.or(file.profile);
        let base_url = over.base_url.or(crossref.base_url);
        Ok(Self {
            inputs,
            output,
            store,
            data_files: file
                .data_files
                .unwrap_or_default()
                .iter()
                .map(|path| folder.join(path))
                .collect(),
            offline: over.offline || file.offline.unwrap_or(false),
            max_record: usize::try_from(max_record).unwrap_or(usize::MAX),
            mapping: mapping(
                profile.as_deref(),
                over.note.or(file.enrich.note),
                file.enrich.add,
                file.enrich.dates.as_deref(),
                file.doi_fields.as_deref(),
                file.skip_complete.unwrap_or(false),
            )?,
            client: ClientOptions {
                base_url: base_url.unwrap_or_else(|| defaults::BASE_URL.to_owned()),
                mailto,
                token,
                pace,
            },
            batch,
            max_age: time(
                "max_age",
                over.max_age.or(crossref.max_age),
                defaults::MAX_AGE,
            )?,
            max_age_missing: time(
                "max_age_missing",
                crossref.max_age_missing,
                defaults::MAX_AGE_MISSING,
            )?,
            max_age_imported: time(
                "max_age_imported",
                crossref.max_age_imported,
                defaults::MAX_AGE_IMPORTED,
            )?,
            max_outage: time("max_outage", crossref.max_outage, defaults::MAX_OUTAGE)?,
            fail_on: fail_on.collect::<Result<_, _>>()?,
        })
    }
}

/// Inputs or an output on the command line replace both of the file's.
fn places(
    file: &File,
    folder: &Path,
    over: &Overrides,
) -> Result<(Vec<PathBuf>, PathBuf), ConfigError> {
    match (over.inputs.as_slice(), &over.output) {
        ([], None) => {
            let inputs = file
                .input
                .iter()
                .flatten()
                .map(|path| in_folder(folder, path))
                .collect::<Vec<_>>();
            if inputs.is_empty() {
                return Err(ConfigError::Missing(
                    "nothing to read: name an input, or set `input` in config.toml",
                ));
            }
            let output = file.output.as_ref().map(|path| in_folder(folder, path));
            Ok((inputs, output.unwrap_or_else(|| "-".into())))
        }
        ([], Some(output)) => Ok((vec!["-".into()], output.clone())),
        (inputs, output) => Ok((
            inputs.to_vec(),
            output.clone().unwrap_or_else(|| "-".into()),
        )),
    }
}

/// A path from the file's own folder; `-` is no path.
fn in_folder(folder: &Path, path: &Path) -> PathBuf {
    if path.as_os_str() == "-" {
        path.to_owned()
    } else {
        folder.join(path)
    }
}

fn mapping(
    profile: Option<&str>,
    note: Option<String>,
    add: Option<Add>,
    dates: Option<&str>,
    doi_fields: Option<&[String]>,
    skip_complete: bool,
) -> Result<Mapping, ConfigError> {
    let profile = profile.unwrap_or(defaults::PROFILE);
    let profile = one_of(
        "profile",
        profile,
        &ProfileChoice::NAMES,
        ProfileChoice::parse,
    )?;
    let dates = dates.unwrap_or(defaults::DATES);
    let full = one_of("dates", dates, &["partial", "full"], |word| match word {
        "partial" => Some(false),
        "full" => Some(true),
        _ => None,
    })?;
    let (mut scholar, mut crossref) = (Profile::scholar(), Profile::crossref());
    match add {
        None => {}
        Some(Add::Word(word)) if word == "profile" => {}
        Some(Add::Word(word)) => {
            return bad("add", &word, "it is `\"profile\"`, `true` or `false`");
        }
        Some(Add::Always(add)) => (scholar, crossref) = (scholar.adding(add), crossref.adding(add)),
    }
    let note = note.unwrap_or_else(|| defaults::NOTE.to_owned());
    if scholar.has_key(&note) || crossref.has_key(&note) {
        return bad("note", &note, "it is the name of a field");
    }
    let mut mapping = Mapping {
        profile,
        scholar: scholar.with_full_dates(full),
        crossref: crossref.with_full_dates(full),
        note: Some(note).filter(|note| !note.is_empty()),
        skip_complete,
        ..Mapping::default()
    };
    if let Some(fields) = doi_fields {
        mapping.doi_fields = fields.iter().map(|field| path_of(field)).collect();
    }
    Ok(mapping)
}

/// What is wrong with an address, if anything: Crossref wants one that reaches somebody.
fn unfit_address(address: &str) -> Option<&'static str> {
    let Some((local, domain)) = address.split_once('@') else {
        return Some("not an e-mail address");
    };
    let odd = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '@' | '<' | '>' | '"' | ',' | ';' | '(' | ')')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    if local.is_empty()
        || labels.len() < 2
        || labels.iter().any(|label| label.is_empty())
        || local.contains(odd)
        || domain.contains(odd)
        || !address.is_ascii()
    {
        return Some("not an e-mail address");
    }
    let domain = domain.to_ascii_lowercase();
    let reserved = ["example", "invalid", "test", "localhost"];
    let example = labels
        .last()
        .is_some_and(|last| reserved.contains(&last.to_ascii_lowercase().as_str()))
        || ["example.com", "example.org", "example.net", "example.edu"]
            .iter()
            .any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
    example.then_some(
        "this is an example; Crossref needs your own address, to reach you if something goes wrong",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings, ConfigError> {
        let file = File::parse(text, Path::new("config.toml"))?;
        let over = Overrides {
            store: Some("store".into()),
            inputs: vec!["in".into()],
            ..Overrides::default()
        };
        Settings::new(file, Path::new(""), over)
    }

    #[test]
    fn the_documented_file_says_the_defaults() {
        let text = include_str!("../config.toml");
        let documented = settings(text).unwrap();
        let mut default = settings("").unwrap();
        // This repository's own: a bundled slice of data.
        default.data_files = documented.data_files.clone();
        assert_eq!(format!("{documented:?}"), format!("{default:?}"));
        // Every key is there, if only as a comment.
        for key in [
            "input",
            "output",
            "profile",
            "store",
            "data_files",
            "offline",
            "skip_complete",
            "fail_on",
            "max_record",
            "doi_fields",
            "base_url",
            "mailto",
            "token_file",
            "batch",
            "pace",
            "max_age",
            "max_age_missing",
            "max_age_imported",
            "max_outage",
            "note",
            "add",
            "dates",
        ] {
            let stands = |line: &str| {
                line.trim_start_matches("# ")
                    .split('=')
                    .next()
                    .map(str::trim)
                    == Some(key)
            };
            assert!(text.lines().any(stands), "{key}");
        }
    }

    #[test]
    fn mistakes_are_told_with_what_was_meant() {
        let message = |text: &str| settings(text).unwrap_err().to_string();
        assert_eq!(
            message("offline = false\n[crossref]\nmail_to = \"x\"\n"),
            "config.toml:3: unknown key `mail_to`; did you mean `mailto`?"
        );
        assert!(message("batch = 3").starts_with("config.toml:1: unknown key `batch`"));
        assert!(message("offline = \"no\"").starts_with("config.toml:1: "));
        assert!(message("profile = \"scholr\"").contains("did you mean `scholar`?"));
        assert!(message("max_record = \"2 GiB\"").contains("between"));
        assert!(message("fail_on = [\"reject\"]").contains("did you mean `rejects`?"));
        assert!(message("[crossref]\nmax_age = \"soon\"").contains("max_age"));
        assert!(message("[crossref]\npace = 0.0").contains("pace"));
        assert!(message("[crossref]\nbatch = 0").contains("batch"));
    }

    #[test]
    fn addresses() {
        for fit in ["jane@library.edu", "j.d+x@mail.uni-graz.at"] {
            assert_eq!(unfit_address(fit), None, "{fit}");
        }
        for unfit in [
            "you@example.org",
            "me@mail.example.com",
            "me",
            "me@",
            "@uni.edu",
            "a b@uni.edu",
            "me@uni",
            "me@host.test",
            "me@uni..edu",
        ] {
            assert!(unfit_address(unfit).is_some(), "{unfit}");
        }
    }

    #[test]
    fn the_command_line_replaces_input_and_output() {
        let file =
            File::parse("input = [\"a\"]\noutput = \"b\"", Path::new("config.toml")).unwrap();
        let places = |inputs: &[&str], output: Option<&str>| {
            let over = Overrides {
                inputs: inputs.iter().map(PathBuf::from).collect(),
                output: output.map(PathBuf::from),
                ..Overrides::default()
            };
            let (inputs, output) = places(&file, Path::new("f"), &over).unwrap();
            let inputs = inputs
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>();
            (inputs.join(" "), output.display().to_string())
        };
        assert_eq!(places(&[], None), ("f/a".into(), "f/b".into()));
        assert_eq!(places(&["x"], None), ("x".into(), "-".into()));
        assert_eq!(places(&["x"], Some("y")), ("x".into(), "y".into()));
        assert_eq!(places(&[], Some("y")), ("-".into(), "y".into()));
    }
}
