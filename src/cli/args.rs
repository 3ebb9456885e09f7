//! What was typed: every setting optional, so that the file and the defaults can fill the rest.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::Overrides;

/// Fills the holes in bibliographic records from public Crossref data.
#[derive(Debug, Parser)]
#[command(
    name = "crossfill",
    version,
    about,
    args_conflicts_with_subcommands = true,
    after_help = "\
Exit codes: 0 done · 1 cannot go on · 2 usage · 3 done, but something in --fail-on occurred ·
4 the service refused or is down: run again · 130 interrupted: run again, it goes on from there."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) run: Run,
}

/// What to do; nothing said means `run`.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Enrich records: the main job, and what a bare `crossfill` does
    Run(Box<Run>),
    /// Say what is in the inputs and what a run would cost, without asking anybody
    Inspect(Box<super::inspect::Inspect>),
    /// Make the HTML page of a run that is over: coverage, differences, retractions, times
    Report(super::report::Report),
    /// Show one work, or one record and what a run would make of it, field by field
    Show(Box<super::show::Show>),
    /// Recognise DOIs in arguments, or in lines of standard input; one JSON line each
    Doi {
        /// Texts; without any, the lines of standard input
        text: Vec<String>,
    },
    /// Look after the local works store
    #[command(subcommand)]
    Store(StoreCommand),
    /// Print a completion script
    Completions {
        /// Whose
        shell: Shell,
    },
    /// Print a manual page, or write all of them
    #[command(after_help = "\
`crossfill man | man -l -` shows the main page, `crossfill man store import | man -l -` another one;
`crossfill man --out /usr/local/share/man/man1` puts all where `man crossfill` finds them.")]
    Man {
        /// Of this command, such as `store import` [crossfill itself]
        command: Vec<String>,
        /// Write a page for each command into this folder: crossfill.1, crossfill-run.1, …
        #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
        out: Option<PathBuf>,
    },
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Count what is in it: works, ages, sources, damage
    Info {
        #[command(flatten)]
        common: Common,
    },
    /// Bring in Crossref's public data file, or parts of it; a killed import goes on where it was
    Import {
        /// Files and folders: works one a line, {"items":[…]}, or a tar of either; compressed or not
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// Only the works of the DOIs in this file, one a line
        #[arg(long, value_name = "FILE")]
        only_dois: Option<PathBuf>,
        /// Only works that Crossref indexed on this day or later, such as 2026-03-01
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Write works as JSON Lines, as Crossref gave them but without references
    Export {
        /// Only these; may be repeated [all, in the order of their DOIs]
        #[arg(long = "doi", value_name = "DOI")]
        dois: Vec<String>,
        /// Where to; .gz and .zst compress [standard output]
        #[arg(short, long, value_name = "OUT.jsonl")]
        output: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Remove what is damaged, and make the file as small as it can be
    Prune {
        /// Remove what is older than that, too, such as 400d
        #[arg(long, value_name = "TIME", value_parser = crate::config::time)]
        older_than: Option<Duration>,
        #[command(flatten)]
        common: Common,
    },
}

impl StoreCommand {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::Info { common }
            | Self::Import { common, .. }
            | Self::Export { common, .. }
            | Self::Prune { common, .. } => common,
        }
    }
}

/// What runs and all commands of the store have.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// The folder of the works store
    #[arg(long, value_name = "FOLDER", env = "CROSSFILL_STORE")]
    pub(super) store: Option<PathBuf>,

    /// The configuration [else ./config.toml, else the user's]
    #[arg(long, value_name = "FILE", env = "CROSSFILL_CONFIG")]
    pub(super) config: Option<PathBuf>,

    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,

    /// No progress bar
    #[arg(long)]
    pub(super) no_progress: bool,

    /// How to say things: json is one object a line, for programs
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) log_format: LogFormat,

    /// Say nothing but errors
    #[arg(short, long)]
    pub(super) quiet: bool,

    /// Say more; twice: still more
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(super) verbose: u8,
}

/// Options of a run.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Files, folders, patterns, or - for standard input: JSON Lines, JSON, pages with JSON records
    /// in them, CSV or TSV with a DOI column, lists of DOIs; gzip, zstd, xz or bzip2
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,

    /// Where to write; .gz and .zst compress [without it, and with an INPUT: standard output]
    #[arg(short, long, value_name = "OUT.jsonl")]
    pub(super) output: Option<PathBuf>,

    /// Your e-mail address: Crossref's polite pool, three times the rate
    #[arg(long, value_name = "ADDRESS", env = "CROSSFILL_MAILTO")]
    pub(super) mailto: Option<String>,

    /// The REST API to ask
    #[arg(long, value_name = "URL", env = "CROSSFILL_BASE_URL")]
    pub(super) base_url: Option<String>,

    /// Ask nobody: take what the store knows, whatever its age
    #[arg(long)]
    pub(super) offline: bool,

    /// Which keys records have: auto, scholar or crossref
    #[arg(long, value_name = "NAME", env = "CROSSFILL_PROFILE")]
    pub(super) profile: Option<String>,

    /// DOIs in a request at most
    #[arg(long, value_name = "N", env = "CROSSFILL_BATCH")]
    pub(super) batch: Option<usize>,

    /// How long a work is taken from the store, such as 30d
    #[arg(long, value_name = "TIME", env = "CROSSFILL_MAX_AGE")]
    pub(super) max_age: Option<String>,

    /// The key of the note in each record; "" leaves the note out
    #[arg(long, value_name = "KEY", env = "CROSSFILL_NOTE")]
    pub(super) note: Option<String>,

    /// What makes a run that was done end with exit code 3: unresolved, rejects, mismatch,
    /// not_found; "" for nothing
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        env = "CROSSFILL_FAIL_ON"
    )]
    pub(super) fail_on: Option<Vec<String>>,

    /// Ask for the first N records only; the others leave as they came
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u64>,

    /// Stop asking after so long, such as 3h; what is not answered by then leaves unresolved
    #[arg(long, value_name = "TIME", value_parser = crate::config::time)]
    pub(super) max_time: Option<Duration>,

    /// Send N requests at most; what is not answered by then leaves unresolved
    #[arg(long, value_name = "N")]
    pub(super) max_requests: Option<u64>,

    /// An input without a record is an error
    #[arg(long)]
    pub(super) require_input: bool,

    /// Do everything but write the output: what would be filled, what differs
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Make an HTML page of the run, too: one file that needs nothing else
    #[arg(long, value_name = "OUT.html")]
    pub(super) report: Option<PathBuf>,

    /// Tell of the run in Prometheus' text format, however it ends: for a textfile collector
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(super) metrics: Option<PathBuf>,

    #[command(flatten)]
    pub(super) common: Common,

    /// A Plus token comes from the environment or from a file, never from the command line.
    #[arg(skip)]
    pub(super) token: Option<String>,
}

/// The Plus token of the environment.
pub(super) fn plus_token() -> Option<String> {
    let token = std::env::var("CROSSREF_PLUS_API_TOKEN").ok();
    token.filter(|token| !token.is_empty())
}

/// How to say things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Run {
    /// What wins over the file.
    pub(super) fn overrides(self) -> Overrides {
        Overrides {
            inputs: self.inputs,
            output: self.output,
            mailto: self.mailto,
            token: self.token,
            base_url: self.base_url,
            store: self.common.store,
            offline: self.offline,
            profile: self.profile,
            batch: self.batch,
            max_age: self.max_age,
            note: self.note,
            fail_on: self
                .fail_on
                .map(|words| words.into_iter().filter(|word| !word.is_empty()).collect()),
            limit: self.limit,
            max_time: self.max_time,
            max_requests: self.max_requests,
            dry_run: self.dry_run,
            require_input: self.require_input,
            report: self.report,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
