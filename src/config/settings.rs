//! The settings that hold: merged, checked, complete.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{
    Add, ConfigError, File, Overrides, UserFolder, defaults, fields, nearest, user_folder,
};
use crate::crossref::{self, ClientError, ClientOptions, Token};
use crate::enricher::{Mapping, Profile, ProfileChoice, path_of};
use crate::store::Ages;

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

/// Records must be indexed and held whole.
const MAX_MAX_RECORD: u64 = 1 << 30;

fn bad<T>(key: &str, value: &str, reason: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Value {
        key: key.to_owned(),
        value: value.to_owned(),
        reason: reason.into(),
    })
}

pub(super) fn one_of<T>(
    key: &str,
    value: &str,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, ConfigError> {
    match parse(value) {
        Some(parsed) => Ok(parsed),
        None => {
            let hint = nearest(value, known.iter().copied());
            let hint = hint
                .map(|name| format!("did you mean `{name}`? It is one of "))
                .unwrap_or_else(|| "it is one of ".to_owned());
            bad(key, value, hint + &known.join(", "))
        }
    }
}

fn duration(key: &'static str, value: &str) -> Result<Duration, ConfigError> {
    time(value).or_else(|reason| bad(key, value, reason))
}

/// Reads a time.
///
/// # Errors
/// What is wrong with it, with examples.
pub(crate) fn time(value: &str) -> Result<Duration, String> {
    use humantime::DurationError;
    let what = match humantime::parse_duration(value) {
        Ok(duration) => return Ok(duration),
        Err(_) if value == "0" => return Ok(Duration::ZERO),
        Err(DurationError::UnknownUnit { unit, .. }) if unit.is_empty() => {
            "its unit is missing".to_owned()
        }
        Err(DurationError::UnknownUnit { unit, .. }) => format!("`{unit}` is no unit of time"),
        Err(DurationError::NumberOverflow) => "it is too long".to_owned(),
        Err(_) => "not a time".to_owned(),
    };
    Err(format!("{what}; write it like `30d`, `12h` or `90min`"))
}

impl Settings {
    /// How long answers are fresh, for what begins now.
    pub(crate) fn ages(&self) -> Ages {
        Ages {
            now: crate::now(),
            works: self.max_age,
            missing: self.max_age_missing,
            imported: self.max_age_imported,
            whole: self.client.whole,
        }
    }

    /// Where the store is: `over` wins over `named` in the file, whose relative paths go from `folder`.
    pub(crate) fn store_of(
        over: Option<PathBuf>,
        named: Option<&Path>,
        folder: &Path,
    ) -> Result<PathBuf, ConfigError> {
        match (over, named) {
            (Some(store), _) => Ok(store),
            (None, Some(store)) => Ok(folder.join(store)),
            (None, None) => user_folder(UserFolder::Cache)
                .map(|cache| cache.join("store"))
                .ok_or(ConfigError::Missing(
                    "there is no folder for caches here: name one for the store with `store` or --store",
                )),
        }
    }

    /// Merges and checks. `folder`: relative paths of `file` go from there.
    ///
    /// # Errors
    /// If a value can't be, or if nothing to read or write is named.
    pub fn new(file: File, folder: &Path, over: Overrides) -> Result<Self, ConfigError> {
        let origin = file.origin.clone();
        Self::merged(file, folder, over).map_err(|error| match origin {
            Some(origin) => origin.locate(error),
            None => error,
        })
    }

    fn merged(file: File, folder: &Path, over: Overrides) -> Result<Self, ConfigError> {
        let (inputs, output) = places(&file, folder, &over)?;
        let store = Self::store_of(over.store, file.store.as_deref(), folder)?;
        let max_record = file.max_record.as_deref().unwrap_or(defaults::MAX_RECORD);
        let max_record = match max_record.parse::<bytesize::ByteSize>() {
            Ok(size) if (1..=MAX_MAX_RECORD).contains(&size.as_u64()) => size.as_u64(),
            Ok(_) => {
                return bad(
                    "max_record",
                    max_record,
                    "write a size from `1 B` to `1 GiB`",
                );
            }
            Err(_) => {
                return bad(
                    "max_record",
                    max_record,
                    "not a size; write it like `64 MiB`",
                );
            }
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
            return bad(
                "batch",
                &batch.to_string(),
                "write a whole number from 1 to 1000",
            );
        }
        let pace = crossref.pace.unwrap_or(defaults::PACE);
        if !(pace > 0.0 && pace <= 1.0) {
            return bad(
                "pace",
                &pace.to_string(),
                "write a number above 0 and up to 1",
            );
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
            (None, Some(named)) => {
                let fault = match std::fs::read_to_string(folder.join(&named)) {
                    Ok(text) if !text.trim().is_empty() => Ok(Token::new(&text)),
                    Ok(_) => Err("there is no token in it".to_owned()),
                    Err(error) => Err(format!("cannot read it: {error}")),
                };
                let token = fault.or_else(|fault| {
                    let advice = "put the token there, alone, or leave `token_file` out";
                    let named = named.display().to_string();
                    bad("token_file", &named, format!("{fault}; {advice}"))
                });
                Some(token?)
            }
            (None, None) => None,
        };
        let profile = over.profile.or(file.profile);
        let mut mapping = mapping(
            profile.as_deref(),
            over.note.or(file.enrich.note),
            file.enrich.add,
            file.enrich.dates.as_deref(),
            file.doi_fields.as_deref(),
            file.skip_complete.unwrap_or(false),
        )?;
        fields::apply(&mut mapping, &file.fields)?;
        let base_url = over.base_url.or(crossref.base_url);
        let base_url = base_url.unwrap_or_else(|| defaults::BASE_URL.to_owned());
        if let Err(ClientError::BaseUrl { url, reason }) = crossref::base_of(&base_url) {
            return bad("base_url", &url, reason);
        }
        let offline = over.offline || file.offline.unwrap_or(false);
        // Who asks nobody needs no budget.
        let budget = user_folder(UserFolder::Cache).filter(|_| !offline);
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
            offline,
            max_record: usize::try_from(max_record).unwrap_or(usize::MAX),
            client: ClientOptions {
                whole: mapping.needs_more(crossref::selects),
                base_url,
                mailto,
                token,
                pace,
                budget: budget.map(|folder| folder.join("limits")),
            },
            mapping,
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
            limit: over.limit,
            max_time: over.max_time,
            max_requests: over.max_requests,
            dry_run: over.dry_run,
            require_input: over.require_input,
            report: over.report,
        })
    }
}

/// Inputs or an output on the command line replace both of the file's.
pub(super) fn places(
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
                    "nothing to read: name an input, as in `crossfill in.jsonl -o out.jsonl` (`-` is standard input), or set `input` in config.toml",
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
            return bad("add", &word, "write `\"profile\"`, `true` or `false`");
        }
        Some(Add::Always(add)) => (scholar, crossref) = (scholar.adding(add), crossref.adding(add)),
    }
    let note = note.unwrap_or_else(|| defaults::NOTE.to_owned());
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
pub(super) fn unfit_address(address: &str) -> Option<&'static str> {
    const NO_ADDRESS: &str =
        "not an e-mail address: give your own, or leave it out (the rate is a third then)";
    let Some((local, domain)) = address.split_once('@') else {
        return Some(NO_ADDRESS);
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
        return Some(NO_ADDRESS);
    }
    let domain = domain.to_ascii_lowercase();
    let reserved = ["example", "invalid", "test", "localhost"];
    let example = labels
        .last()
        .is_some_and(|last| reserved.contains(&last.to_ascii_lowercase().as_str()))
        || [
            "example.com",
            "example.org",
            "example.net",
            "example.edu",
            "your.org",
        ]
        .iter()
        .any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
    example.then_some(
        "this is an example; Crossref needs your own address, to reach you if something goes wrong: give it, or leave it out",
    )
}
