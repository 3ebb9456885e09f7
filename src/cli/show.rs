//! `crossfill show`: one work or one record, with all that a run would make of it. Data on standard
//! output: a page for a person, or the work as Crossref gave it.

mod text;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::args::{Common, plus_token};
use super::exit::Exit;
use super::failure;
use super::signals::Signals;
use super::store;
use super::ui::{self, Look, Ui};
use crate::config::{ConfigError, File, Overrides, Settings};
use crate::crossref::{Client, ClientOptions};
use crate::doi::Doi;
use crate::enricher::Identity;
use crate::event::{Progress, read};
use crate::pipeline::RunError;
use crate::resolution::Why;
use crate::resolver;
use crate::show::{
    self, FindError, Options, Place, Requests, ShowError, Shown, Step, Subject, Target, TargetError,
};
use crate::store::{Ages, Store};
use crate::text::printable_json;

/// How often it is told what is waited for.
const TICK: Duration = Duration::from_millis(500);

/// Options of `show`.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// A DOI or a link to one; or a file and a line of it, such as seeds/001.txt:9, in any format that
    /// a run reads: the record that stands there
    #[arg(value_name = "DOI|FILE:LINE")]
    target: PathBuf,

    /// Print the work as Crossref gave it, without references: one JSON line
    #[arg(long)]
    raw: bool,

    /// Ask nobody: take what the store knows, whatever its age
    #[arg(long)]
    offline: bool,

    /// Which keys the record has: auto, scholar or crossref; of a DOI: whose fields to show
    #[arg(long, value_name = "NAME", env = "CROSSFILL_PROFILE")]
    profile: Option<String>,

    /// Your e-mail address: Crossref's polite pool
    #[arg(long, value_name = "ADDRESS", env = "CROSSFILL_MAILTO")]
    mailto: Option<String>,

    /// The REST API to ask
    #[arg(long, value_name = "URL", env = "CROSSFILL_BASE_URL")]
    base_url: Option<String>,

    /// How long a work is taken from the store, such as 30d; 0 asks anew
    #[arg(long, value_name = "TIME", env = "CROSSFILL_MAX_AGE")]
    max_age: Option<String>,

    /// The key of the note in the record
    #[arg(long, value_name = "KEY", env = "CROSSFILL_NOTE")]
    note: Option<String>,

    #[command(flatten)]
    common: Common,
}

/// All that there is to show.
struct Report {
    shown: Shown,
    /// Where the record stands; `None` if only a DOI was named.
    place: Option<Place>,
    /// The requests of a run that has no answer, if it has a DOI to ask for.
    requests: Option<Requests>,
    /// Requests that were sent just now; `None` if nobody was asked.
    sent: Option<u64>,
    /// The note's key.
    note: Option<String>,
    /// DOIs in a list request at most.
    batch: usize,
    now: u64,
    /// Show all, however long.
    whole: bool,
}

/// Runs the command.
pub(super) fn show(args: Show) -> Exit {
    let (ui, look) = (Ui::new(&args.common), Look::of_stdout(&args.common));
    let raw = args.raw;
    let report = report(args, &ui);
    ui.end();
    match report {
        Ok(report) if raw => raw_work(&report),
        Ok(report) => {
            let text = text::page(&report, look.whole_in_a_pipe());
            match (ui::print(text.as_bytes()), report.shown.why) {
                (Err(exit), _) => exit,
                (Ok(()), None | Some(Why::Offline | Why::Limit)) => Exit::Done,
                (Ok(()), Some(Why::Unavailable | Why::Refused | Why::TooLarge)) => Exit::Unanswered,
            }
        }
        Err(exit) => exit,
    }
}

fn report(args: Show, ui: &Ui) -> Result<Report, Exit> {
    let whole = args.common.verbose > 0;
    let target = Target::parse(&args.target).map_err(|error| no_target(&error))?;
    let settings = settings(args).map_err(|error| failure::config(&error))?;
    let (subject, mapping) = match &target {
        Target::Doi(written) => (Subject::bare(written), settings.mapping.clone().adding()),
        Target::Record { source, line } => {
            let subject = show::find(source, *line, settings.max_record);
            let subject = subject.map_err(no_record)?;
            (subject, settings.mapping.clone())
        }
    };
    let options = Options {
        mapping: &mapping,
        ages: settings.ages(),
        offline: settings.offline,
    };
    let store = store::open_existing(&settings.store, ui).map_err(stopped)?;
    let mut store = store.map(Arc::new);
    let (mut asked, mut sent) = (None, None);
    let shown = loop {
        let step = show::show(&subject, &options, store.as_deref(), asked);
        match step.map_err(unshown)? {
            Step::Shown(shown) => break *shown,
            Step::Ask(doi) => {
                let open = match store.take() {
                    Some(open) => open,
                    None => Arc::new(store::open(&settings.store, ui).map_err(stopped)?),
                };
                let progress = Arc::new(Progress::default());
                asked = Some(ask(&doi, &settings, options.ages, &open, &progress, ui)?);
                sent = Some(read(&progress.lists) + read(&progress.singles));
                store = Some(open);
            }
        }
    };
    let requests = match &shown.identity {
        Identity::Doi { doi, .. } => Some(requests(&settings, doi)?),
        Identity::Invalid | Identity::None => None,
    };
    Ok(Report {
        shown,
        place: subject.place,
        requests,
        sent,
        note: mapping.note,
        batch: settings.batch,
        now: crate::now(),
        whole,
    })
}

fn settings(args: Show) -> Result<Settings, ConfigError> {
    let (file, folder) = File::find(args.common.config.as_deref())?;
    let over = Overrides {
        // What a run would read is of no interest here, and need not be there.
        inputs: vec!["-".into()],
        store: args.common.store,
        offline: args.offline,
        profile: args.profile,
        mailto: args.mailto,
        base_url: args.base_url,
        max_age: args.max_age,
        note: args.note,
        token: plus_token(),
        ..Overrides::default()
    };
    Settings::new(file, &folder, over)
}

/// The addresses that a run asks. Nothing is asked here, so that no budget is needed.
fn requests(settings: &Settings, doi: &Doi) -> Result<Requests, Exit> {
    let options = ClientOptions {
        budget: None,
        ..settings.client.clone()
    };
    let client = Client::new(&options).map_err(stopped)?;
    Ok(Requests::of(&client, doi))
}

/// Asks Crossref as a run does; tells why there is no answer, if so.
fn ask(
    doi: &Doi,
    settings: &Settings,
    ages: Ages,
    store: &Arc<Store>,
    progress: &Arc<Progress>,
    ui: &Ui,
) -> Result<Option<Why>, Exit> {
    let files = !settings.data_files.is_empty();
    let brought_in = store.read().and_then(|reading| reading.has_data_files());
    if files && !brought_in.map_err(stopped)? {
        ui.say("asking Crossref: the `data_files` of the configuration are not in the store yet; a run brings them in first");
    }
    let client = Client::new(&settings.client).map_err(stopped)?;
    let asking = format!("asking {}", client.host());
    ui.busy(&asking);
    let options = resolver::Options {
        batch: settings.batch,
        max_outage: settings.max_outage,
        ages,
        jitter: fastrand::f64,
        max_requests: None,
        max_time: None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| ui::fail(&format!("cannot start: {error}"), None))?;
    let answered = runtime.block_on(async {
        let mut signals = Signals::new()
            .map_err(|error| ui::fail(&format!("cannot wait for signals: {error}"), None))?;
        let (store, shared) = (Arc::clone(store), Arc::clone(progress));
        let mut answered = std::pin::pin!(show::ask(doi, store, client, options, shared));
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                answered = &mut answered => {
                    ui.end();
                    return answered.map_err(|stop| stopped(RunError::Stopped(stop)));
                }
                () = signals.next() => {
                    ui.end();
                    ui::fail("interrupted", None);
                    return Err(Exit::Interrupted);
                }
                _ = tick.tick() => ui.busy(&match progress.pause() {
                    Some((why, _)) => format!("waiting: {}", ui::printable(&why)),
                    None => asking.clone(),
                }),
            }
        }
    });
    runtime.shutdown_background();
    answered
}

/// Prints the work as the store has it.
fn raw_work(report: &Report) -> Exit {
    let shown = &report.shown;
    if let Some(work) = &shown.work {
        let work = match std::io::stdout().is_terminal() {
            true => printable_json(work),
            false => work.clone(),
        };
        let printed = ui::print((work + "\n").as_bytes());
        return printed.err().unwrap_or(Exit::Done);
    }
    let (what, hint) = text::no_work(shown);
    match ui::fail(&format!("no work to print: {what}"), hint) {
        _ if matches!(shown.why, Some(why) if why != Why::Offline) => Exit::Unanswered,
        exit => exit,
    }
}

/// As a run ends that could not go on.
fn stopped(error: impl Into<RunError>) -> Exit {
    failure::failed(&error.into(), None)
}

fn unshown(error: ShowError) -> Exit {
    match error {
        ShowError::Store(error) => stopped(error),
        ShowError::Record(error) => ui::fail(&error.to_string(), None),
    }
}

fn no_target(error: &TargetError) -> Exit {
    let hint = match error {
        TargetError::Source(error) => return failure::source(error),
        TargetError::Folder(_) => "name a file in it, and a line: FILE:LINE",
        TargetError::Line { .. } => "name it like this: FILE:LINE",
        TargetError::Neither { .. } => {
            "`crossfill show 10.5555/12345678`, or `crossfill show FILE:LINE`"
        }
    };
    ui::fail(&error.to_string(), Some(hint))
}

fn no_record(error: FindError) -> Exit {
    let hint = match &error {
        FindError::Several { file, line } => Some(format!(
            "say which one by a line of it, such as {}:{line}",
            ui::printable(file)
        )),
        FindError::Empty(_) | FindError::NoRecord { .. } => {
            Some("`crossfill inspect FILE` tells what is in it".to_owned())
        }
        FindError::Reject { .. } => {
            Some("a run puts it aside, with this reason, and goes on".to_owned())
        }
        FindError::Read(error) => return failure::read(error),
    };
    ui::fail(&error.to_string(), hint.as_deref())
}
