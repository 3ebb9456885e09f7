//! The story of each command.

use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::args::{Run, plus_token};
use super::exit::Exit;
use super::failure::{self, failed};
use super::guard;
use super::log;
use super::report as page;
use super::signals::Signals;
use super::store;
use super::summary;
use super::ui::{self, Ui};
use crate::config::{ConfigError, FailOn, File, Settings};
use crate::doi::Doi;
use crate::enricher::Status;
use crate::event::{Phase, Progress, Tally};
use crate::json::ObjectWriter;
use crate::pipeline::{Options, Pipeline, RunError};
use crate::report::{Ended, Files, MetricsFile, RunReport};
use crate::resolver::Stop;
use crate::store::Subset;
use crate::writer::WriteError;

/// `crossfill run`.
pub(super) fn run(mut args: Run) -> Exit {
    let ui = Ui::new(&args.common);
    let metrics = args.metrics.take();
    let mut metrics = match metrics.map(|path| MetricsFile::open(&path)).transpose() {
        Ok(metrics) => metrics,
        Err(error) => return no_metrics(&error),
    };
    let mut report = RunReport::begun(crate::now());
    let exit = work(args, &ui, &mut report, &mut metrics);
    report.exit_code = exit.code();
    match metrics.map(|file| file.write(&report)) {
        None | Some(Ok(())) => exit,
        // What ended the run says more.
        Some(Err(error)) => match (no_metrics(&error), exit) {
            (failed, Exit::Done | Exit::DoneBut) => failed,
            _ => exit,
        },
    }
}

/// Says why the run can't be told of.
fn no_metrics(error: &WriteError) -> Exit {
    let hint = "--metrics names a file of its own, in a folder where it may be written";
    ui::fail(&error.to_string(), Some(hint))
}

/// The run itself; what is known of it goes into `report`. No metrics are left to write if their file is
/// something else's.
fn work(mut args: Run, ui: &Ui, report: &mut RunReport, metrics: &mut Option<MetricsFile>) -> Exit {
    args.token = plus_token();
    let from_stdin = args.inputs.is_empty() && args.output.is_some();
    if from_stdin && io::stdin().is_terminal() {
        return ui::fail(
            "-o alone reads standard input, which is a terminal",
            Some("name an input before -o, or leave -o out to take both from config.toml"),
        );
    }
    let settings = match settings(args) {
        Ok(settings) => settings,
        Err(error) => return failure::config(&error),
    };
    if let Err(error) = guard::check(&settings, metrics.as_ref().map(MetricsFile::path)) {
        // It is nothing that metrics could be written to.
        *metrics = None;
        return failure::write(&error);
    }
    if settings.inputs.iter().any(|path| path.as_os_str() == "-") {
        ui::tell_typing();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return ui::fail(&format!("cannot start: {error}"), None),
    };
    let exit = runtime.block_on(enrich(settings, ui, report));
    // A thread may still wait for an input that never ends.
    runtime.shutdown_background();
    exit
}

fn settings(args: Run) -> Result<Settings, ConfigError> {
    let (file, folder) = File::find(args.common.config.as_deref())?;
    Settings::new(file, &folder, args.overrides())
}

async fn enrich(settings: Settings, ui: &Ui, report: &mut RunReport) -> Exit {
    let start = Instant::now();
    let now = crate::now();
    let progress = Arc::new(Progress::default());
    let mut files = Files::default();
    let outcome = whole_run(&settings, &progress, &mut files, ui).await;
    ui.end();
    let (exit, error) = match &outcome {
        Ok(()) => (verdict(&settings, &progress.tally()), None),
        Err((error, part)) => (failed(error, part.as_deref()), Some(error.to_string())),
    };
    let ended = Ended {
        settings: &settings,
        progress: &progress,
        files: &files,
        started: now,
        took: start.elapsed(),
        exit_code: exit.code(),
        error,
    };
    *report = ended.report();
    leave(report, &settings, outcome.is_ok(), ui)
        .err()
        .unwrap_or(exit)
}

/// Tells and writes what is known of a run that is over.
fn leave(report: &RunReport, settings: &Settings, done: bool, ui: &Ui) -> Result<(), Exit> {
    if ui.is_json() && !ui.is_quiet() {
        log::summary(report);
    } else if done {
        summary::show(ui, settings, report);
    }
    let unwritten = |error| failed(&RunError::Write(error), None);
    if let Some(path) = report.files.run.as_ref().filter(|_| done) {
        report.write(Path::new(path)).map_err(unwritten)?;
    }
    match settings.report.as_ref().filter(|_| done) {
        Some(path) => page::beside(report, path, ui),
        None => Ok(()),
    }
}

/// From the first look at the settings to the last line; with what ended it early, the part file.
async fn whole_run(
    settings: &Settings,
    progress: &Arc<Progress>,
    files: &mut Files,
    ui: &Ui,
) -> Result<(), (RunError, Option<PathBuf>)> {
    // Before anything that takes time: a signal that comes early must be heard, too.
    let mut signals = Signals::new().map_err(|error| {
        let message = format!("cannot wait for signals: {error}");
        (RunError::Broken(message), None)
    })?;
    let prepared = prepare(settings, progress, ui, &mut signals).await;
    let pipeline = match prepared {
        Ok(Some(pipeline)) => pipeline,
        // Nobody was asked yet: there is nothing to wait for.
        Ok(None) => return Err((RunError::Stopped(Arc::new(Stop::Interrupted)), None)),
        Err(error) => return Err((error, None)),
    };
    let path = |name| pipeline.beside(name).map(|path| path.display().to_string());
    *files = Files {
        output: pipeline.output_name(),
        rejects: path("rejects.jsonl"),
        review: path("review.jsonl"),
        run: path("run.json"),
    };
    let (part, handle, total) = (pipeline.part(), pipeline.handle(), pipeline.total_bytes());
    let mut running = std::pin::pin!(pipeline.run());
    let mut watching = std::pin::pin!(ui.watch(progress, &handle, settings.batch, total));
    let mut interrupts = 0;
    loop {
        tokio::select! {
            outcome = &mut running => return outcome.map(drop).map_err(|error| (error, part)),
            () = &mut watching => {}
            () = signals.next() => {
                interrupts += 1;
                if interrupts > 1 {
                    return Err((RunError::Stopped(Arc::new(Stop::Interrupted)), part));
                }
                ui.say("stopping: what was asked for is still waited for; once more stops at once");
                handle.interrupt();
            }
        }
    }
}

/// All that can go wrong before any work starts; `None` if it was interrupted.
async fn prepare(
    settings: &Settings,
    progress: &Arc<Progress>,
    ui: &Ui,
    signals: &mut Signals,
) -> Result<Option<Pipeline>, RunError> {
    let options = Options::from(settings);
    let (path, shared) = (settings.store.clone(), Arc::clone(progress));
    let page = settings.report.clone();
    let (start, teller) = (Instant::now(), ui.clone());
    let opening = blocking(move || {
        let store = Arc::new(store::open(&path, &teller)?);
        let pipeline = Pipeline::new(options, Arc::clone(&store), shared)?;
        if let Some(page) = &page {
            pipeline.refuse(page)?;
        }
        Ok((store, pipeline))
    });
    let (store, pipeline) = tokio::select! {
        opened = opening => opened?,
        () = signals.next() => return Ok(None),
    };
    progress.spent(Phase::Opening, start.elapsed());
    if !settings.data_files.is_empty() {
        let start = Instant::now();
        let (paths, all) = (&settings.data_files, Subset::default());
        let Some(imported) = store::bring_in(&store, paths, &all, ui, signals).await? else {
            return Ok(None);
        };
        progress.spent(Phase::Importing, start.elapsed());
        store::tell_damage(&imported, ui);
        if imported.works > 0 {
            let works = ui::grouped(imported.works);
            ui.say(&format!(
                "brought {works} works from data files into the store"
            ));
        }
    }
    if !settings.offline && settings.client.mailto.is_none() && settings.client.token.is_none() {
        ui.say("no address given: Crossref's public pool, 1 list request a second; with your `mailto` it is 3");
    }
    Ok(Some(pipeline))
}

/// Does what may wait for a disk or for another run, so that signals are heard meanwhile.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RunError> + Send + 'static,
) -> Result<T, RunError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(RunError::Broken(error.to_string())))
}

/// How a run ends that was done.
fn verdict(settings: &Settings, tally: &Tally) -> Exit {
    let occurred = |what: &FailOn| match what {
        FailOn::Unresolved => tally.status(Status::Unresolved) > tally.offline,
        FailOn::Rejects => tally.rejects > 0,
        FailOn::Mismatch => tally.status(Status::Mismatch) > 0,
        FailOn::NotFound => tally.status(Status::NotFound) > 0,
    };
    match settings.fail_on.iter().any(occurred) {
        true => Exit::DoneBut,
        false => Exit::Done,
    }
}

/// `crossfill doi`.
pub(super) fn doi(texts: &[String]) -> Exit {
    let recognised = match texts {
        [] => {
            ui::tell_typing();
            doi_lines(&mut io::stdin().lock())
        }
        texts => texts.iter().try_for_each(|text| recognise(text)),
    };
    recognised.err().unwrap_or(Exit::Done)
}

fn doi_lines(input: &mut dyn BufRead) -> Result<(), Exit> {
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) => return Ok(()),
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end_matches(['\n', '\r']);
                if !text.trim().is_empty() {
                    recognise(text)?;
                }
            }
            Err(error) => {
                return Err(ui::fail(
                    &format!("cannot read standard input: {error}"),
                    Some("name the texts as arguments, or give it a file: crossfill doi < FILE"),
                ));
            }
        }
    }
}

fn recognise(text: &str) -> Result<(), Exit> {
    let mut out = ObjectWriter::new();
    out.string("input", text);
    match Doi::find(text) {
        Ok(doi) => out.string("doi", doi.as_str()),
        Err(why) => out.raw("doi", "null").string("why", &why.to_string()),
    };
    ui::print((out.finish() + "\n").as_bytes())
}
