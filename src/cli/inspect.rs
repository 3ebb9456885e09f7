//! `crossfill inspect`: what is in the inputs and what a run would cost. Data on standard output: a
//! report for a person, or one JSON object.

mod json;
mod text;

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{Common, plus_token};
use super::exit::Exit;
use super::failure;
use super::ui::{self, Look, Ui};
use crate::config::{ConfigError, File, Overrides, Settings};
use crate::crossref::list_room;
use crate::event::Progress;
use crate::inspect::{self, Agency, Asking, Cost, Findings, InspectError, Output, agency};
use crate::reader;
use crate::source::{Source, expand};
use crate::store::{Store, StoreError};

/// So many prefixes are shown.
const PREFIXES: usize = 10;

/// Options of `inspect`.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// Files, folders, patterns, or - for standard input, as for a run [else the config's `input`]
    #[arg(value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Print one JSON object, for programs
    #[arg(long)]
    json: bool,

    /// Which keys records have: auto, scholar or crossref
    #[arg(long, value_name = "NAME", env = "CROSSFILL_PROFILE")]
    profile: Option<String>,

    /// The address that a run would give
    #[arg(long, value_name = "ADDRESS", env = "CROSSFILL_MAILTO")]
    mailto: Option<String>,

    /// DOIs in a request at most
    #[arg(long, value_name = "N", env = "CROSSFILL_BATCH")]
    batch: Option<usize>,

    /// How long a work is taken from the store, such as 30d
    #[arg(long, value_name = "TIME", env = "CROSSFILL_MAX_AGE")]
    max_age: Option<String>,

    #[command(flatten)]
    common: Common,
}

/// All that there is to show.
struct Report {
    settings: Settings,
    inputs: usize,
    /// Bytes read of them.
    bytes: u64,
    findings: Findings,
    /// Is there a store?
    store: bool,
    /// There are data files that a run would bring in first, and nothing was imported yet.
    data_files_ahead: bool,
    /// The prefixes that most records have: name, records, whose it is.
    prefixes: Vec<(String, u64, Agency)>,
    cost: Cost,
    output: Output,
}

impl Report {
    /// The pool that a run would be in.
    fn yours(&self) -> &'static str {
        let client = &self.settings.client;
        match (&client.token, &client.mailto) {
            (Some(_), _) => "plus",
            (None, Some(_)) => "polite",
            (None, None) => "public",
        }
    }

    /// Is that more than should be asked for?
    fn is_much(&self) -> bool {
        self.cost.lists + self.cost.singles > super::progress::MANY_REQUESTS
    }
}

/// Runs the command.
pub(super) fn inspect(args: Inspect) -> Exit {
    let (ui, look) = (Ui::new(&args.common), Look::of_stdout(&args.common));
    let json = args.json;
    let settings = match settings(args) {
        Ok(settings) => settings,
        Err(error) => return failure::config(&error),
    };
    let sources = match expand(&settings.inputs) {
        Ok(sources) => sources,
        Err(error) => return failure::source(&error),
    };
    if let Some(error) = sources
        .iter()
        .find_map(|source| reader::check(source).err())
    {
        return failure::read(&error);
    }
    let report = report(settings, &sources, &ui);
    ui.end();
    let text = match report {
        Ok(report) if json => json::object(&report) + "\n",
        Ok(report) => text::page(&report, look),
        Err(error) => return failure::inspect(&error),
    };
    ui::print(text.as_bytes()).err().unwrap_or(Exit::Done)
}

fn settings(args: Inspect) -> Result<Settings, ConfigError> {
    let (file, folder) = File::find(args.common.config.as_deref())?;
    let over = Overrides {
        inputs: args.inputs,
        store: args.common.store,
        profile: args.profile,
        mailto: args.mailto,
        batch: args.batch,
        max_age: args.max_age,
        token: plus_token(),
        ..Overrides::default()
    };
    Settings::new(file, &folder, over)
}

fn report(settings: Settings, sources: &[Source], ui: &Ui) -> Result<Report, InspectError> {
    let store = super::store::open_existing(&settings.store, ui)?;
    let ages = settings.ages();
    let options = inspect::Options {
        sources,
        max_record: settings.max_record,
        mapping: settings.mapping.clone(),
        ages,
        offline: settings.offline,
        store: store.as_ref(),
    };
    let (progress, total) = (Progress::default(), sources.iter().map(Source::len).sum());
    let findings = inspect::inspect(options, &progress, &mut || ui.reading(&progress, total))?;
    let asking = Asking {
        batch: settings.batch,
        room: list_room(&settings.client),
        pace: settings.client.pace,
        offline: settings.offline,
    };
    let cost = Cost::of(&findings.census, &findings.sums, asking);
    let folder = settings.output.parent().unwrap_or(Path::new(""));
    let output = Output::of(&findings.sums, &settings.mapping, &cost, folder);
    let reading = store.as_ref().map(Store::read).transpose()?;
    let imported = match &reading {
        Some(reading) => reading.has_data_files()?,
        None => false,
    };
    let mut most: Vec<_> = findings.sums.prefixes.named.iter().collect();
    most.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
    let most = most.into_iter().take(PREFIXES);
    let prefixes = most.map(|(prefix, count)| {
        let agency = agency(reading.as_ref(), &ages, prefix)?;
        Ok((prefix.to_string(), *count, agency))
    });
    let prefixes = prefixes.collect::<Result<Vec<_>, StoreError>>()?;
    drop(reading);
    Ok(Report {
        inputs: sources.len(),
        bytes: crate::event::read(&progress.bytes),
        store: store.is_some(),
        data_files_ahead: !settings.data_files.is_empty() && !imported,
        findings,
        prefixes,
        cost,
        output,
        settings,
    })
}
