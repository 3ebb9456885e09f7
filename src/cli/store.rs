//! The story of `crossfill store …`, and of importing data files wherever that happens.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::args::{Common, StoreCommand};
use super::exit::Exit;
use super::failure;
use super::signals::Signals;
use super::ui::{self, Ui, count, grouped};
use crate::config::{File, Settings};
use crate::doi::Doi;
use crate::source::{self, Source};
use crate::store::{ImportProgress, Imported, Info, Store, StoreError, Subset};
use crate::work::Date;
use crate::writer::{Place, Target};

/// `crossfill store …`.
pub(super) fn store(command: StoreCommand) -> Exit {
    let common = command.common();
    let ui = Ui::new(common);
    let path = match store_path(common) {
        Ok(path) => path,
        Err(exit) => return exit,
    };
    let make = matches!(command, StoreCommand::Import { .. });
    if !make && !path.join("data.mdb").exists() {
        let message = format!("there is no store in `{}`", path.display());
        let hint = "name one with --store; `crossfill run` and `crossfill store import` make one";
        return ui::fail(&message, Some(hint));
    }
    let store = match open(&path, &ui) {
        Ok(store) => store,
        Err(error) => return failure::store(&error),
    };
    match command {
        StoreCommand::Info { .. } => info(&store, &ui),
        StoreCommand::Export { dois, output, .. } => export(&store, &dois, output.as_deref(), &ui),
        StoreCommand::Prune { older_than, .. } => prune(store, older_than, &ui),
        StoreCommand::Import {
            paths,
            only_dois,
            since,
            ..
        } => match subset(only_dois.as_deref(), since.as_deref()) {
            Ok(subset) => import(store, &paths, &subset, &ui),
            Err(exit) => exit,
        },
    }
}

/// So long it may take to open a store before somebody wonders.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens the store; what it waits for is told: one process at a time writes to it.
pub(super) fn open(path: &Path, ui: &Ui) -> Result<Store, StoreError> {
    let (opened, waiting) = mpsc::channel::<()>();
    let (name, ui) = (path.display().to_string(), ui.clone());
    std::thread::spawn(move || {
        if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let name = ui::printable(&name);
            ui.say(&format!(
                "waiting for the store `{name}`: another process may be writing to it; Ctrl-C gives up"
            ));
        }
    });
    let store = Store::open(path);
    drop(opened);
    store
}

/// Opens the store, if there is one: none is made.
pub(super) fn open_existing(path: &Path, ui: &Ui) -> Result<Option<Store>, StoreError> {
    let is_none = !path.exists() || (path.is_dir() && !path.join("data.mdb").exists());
    // What can't be looked at is told by opening it.
    let is_hidden = path.join("data.mdb").try_exists().is_err();
    match is_none && !is_hidden {
        true => Ok(None),
        false => open(path, ui).map(Some),
    }
}

fn store_path(common: &Common) -> Result<PathBuf, Exit> {
    let path = match &common.store {
        Some(path) => Ok(path.clone()),
        None => File::find(common.config.as_deref())
            .and_then(|(file, folder)| Settings::store_of(None, file.store.as_deref(), &folder)),
    };
    path.map_err(|error| failure::config(&error))
}

fn subset(only: Option<&Path>, since: Option<&str>) -> Result<Subset, Exit> {
    let mut subset = Subset::default();
    if let Some(since) = since {
        // Where a record's odd date is read as far as it goes, a person is told.
        let date = Date::parse(since).filter(|date| date.to_string() == since);
        let Some(part) = date.and_then(|date| subset.clone().since(date)) else {
            let message = format!("`{since}` is no date after 1970");
            ui::fail(&message, Some("write it like 2026-03-01"));
            return Err(Exit::Usage);
        };
        subset = part;
    }
    if let Some(path) = only {
        let dois = dois_in(path).map_err(|error| failure::unreadable(path, &error))?;
        if dois.is_empty() {
            let message = format!("there is no DOI in `{}`", path.display());
            return Err(ui::fail(
                &message,
                Some("write one a line, like 10.5555/12345678"),
            ));
        }
        subset = subset.only(dois);
    }
    Ok(subset)
}

/// The DOI of each line that has one.
fn dois_in(path: &Path) -> std::io::Result<Vec<Doi>> {
    let source = Source::File {
        path: path.to_owned(),
        named: true,
    };
    let mut input = BufReader::new(source::open(&source, &Arc::default())?);
    let (mut dois, mut line) = (Vec::new(), Vec::new());
    // No DOI needs a longer line.
    while input.by_ref().take(64 << 10).read_until(b'\n', &mut line)? > 0 {
        dois.extend(Doi::find(&String::from_utf8_lossy(&line)).ok());
        line.clear();
    }
    Ok(dois)
}

fn import(store: Store, paths: &[PathBuf], subset: &Subset, ui: &Ui) -> Exit {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return ui::fail(&format!("cannot start: {error}"), None),
    };
    let start = Instant::now();
    let store = Arc::new(store);
    let outcome = runtime.block_on(async {
        let mut signals = Signals::new()?;
        Ok::<_, std::io::Error>(bring_in(&store, paths, subset, ui, &mut signals).await)
    });
    // After a second interrupt the import's thread is not waited for.
    runtime.shutdown_background();
    ui.end();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return ui::fail(&format!("cannot wait for signals: {error}"), None),
    };
    let imported = match outcome {
        Ok(Some(imported)) => imported,
        Ok(None) => return interrupted(),
        Err(error) => return failure::store(&error),
    };
    let mut line = format!("brought in {}", works(imported.works));
    if imported.older > 0 {
        line += &format!(", {} were newer in the store", grouped(imported.older));
    }
    line += &format!(" from {}", count(imported.files, "file"));
    if imported.known > 0 {
        line += &format!("; {} in already", grouped(imported.known));
    }
    let seconds = start.elapsed().as_secs_f64();
    ui.say(&format!("{line} ({seconds:.1} s)"));
    tell_damage(&imported, ui);
    if imported.damages > 0 {
        Exit::DoneBut
    } else {
        Exit::Done
    }
}

/// How an import ends that was interrupted.
fn interrupted() -> Exit {
    ui::fail(
        "interrupted",
        Some("the same command goes on from here: what was brought in is in the store"),
    );
    Exit::Interrupted
}

/// Says what could not be read.
pub(super) fn tell_damage(imported: &Imported, ui: &Ui) {
    for damage in &imported.damaged {
        let line = format!("damaged: {}: {}", damage.place, damage.reason);
        ui.say(&ui::printable(&line));
    }
    let more = imported.damages - imported.damaged.len() as u64;
    if more > 0 {
        ui.say(&format!("and {} more that can't be read", grouped(more)));
    }
}

/// Brings data files in, with a bar; `None` if it was interrupted.
pub(super) async fn bring_in(
    store: &Arc<Store>,
    paths: &[PathBuf],
    subset: &Subset,
    ui: &Ui,
    signals: &mut Signals,
) -> Result<Option<Imported>, StoreError> {
    let progress = Arc::new(ImportProgress::default());
    let (store, paths, subset, shown, now) = (
        Arc::clone(store),
        paths.to_owned(),
        subset.clone(),
        Arc::clone(&progress),
        crate::now(),
    );
    let mut importing =
        tokio::task::spawn_blocking(move || store.import(&paths, &subset, now, &shown));
    let mut watching = std::pin::pin!(ui.watch_import(&progress));
    let mut interrupts = 0;
    let outcome = loop {
        tokio::select! {
            outcome = &mut importing => break outcome,
            () = &mut watching => {}
            () = signals.next() => {
                interrupts += 1;
                if interrupts > 1 {
                    return Ok(None);
                }
                ui.say("stopping: what is whole is kept; once more stops at once");
                progress.stop();
            }
        }
    };
    let imported = outcome.unwrap_or(Err(StoreError::Broken))?;
    Ok((interrupts == 0).then_some(imported))
}

fn info(store: &Store, ui: &Ui) -> Exit {
    let counted = store.info(crate::now(), &mut |done, total| {
        ui.counting(done, total);
        true
    });
    ui.end();
    match counted {
        Ok(info) => {
            let text = describe(store.path(), &info);
            ui::print(text.as_bytes()).err().unwrap_or(Exit::Done)
        }
        Err(error) => failure::store(&error),
    }
}

fn describe(path: &Path, info: &Info) -> String {
    let size = bytesize::ByteSize(info.bytes).display().si();
    let mut rows = vec![
        ("store", ui::printable(&path.display().to_string())),
        ("format", info.format.to_string()),
        ("size", size.to_string()),
        ("works", grouped(info.asked + info.imported)),
        ("  asked", grouped(info.asked)),
        ("  imported", grouped(info.imported)),
        ("not found", grouped(info.not_found)),
        ("aliases", grouped(info.aliases)),
        ("prefixes", grouped(info.prefixes)),
        ("data files", grouped(info.data_files)),
        ("damaged", grouped(info.damaged)),
    ];
    for (days, number) in &info.ages {
        let name = match days {
            1 => "under a day",
            7 => "under 7 days",
            30 => "under 30 days",
            365 => "under a year",
            _ => "older",
        };
        rows.push((name, grouped(*number)));
    }
    rows.iter()
        .map(|(name, value)| format!("{name:14} {value}\n"))
        .collect()
}

fn export(store: &Store, dois: &[String], output: Option<&Path>, ui: &Ui) -> Exit {
    let mut asked = Vec::new();
    for text in dois {
        match Doi::find(text) {
            Ok(doi) => asked.push(doi),
            Err(why) => {
                let hint = "write it like 10.5555/12345678";
                ui::fail(&format!("`{text}` is no DOI: {why}"), Some(hint));
                return Exit::Usage;
            }
        }
    }
    let place = Place::of(output.unwrap_or(Path::new("-")));
    let mut target = match Target::open(&place) {
        Ok(target) => target,
        Err(error) => return failure::write(&error),
    };
    let (mut written, mut line) = (Ok(()), String::new());
    let absent = store.export(&asked, &mut |json| {
        line.clear();
        line.push_str(json);
        line.push('\n');
        written = target.write(line.as_bytes());
        written.is_ok()
    });
    let absent = match (written.and_then(|()| target.finish()), absent) {
        (Err(error), _) => return failure::write(&error),
        (_, Err(error)) => return failure::store(&error),
        (Ok(()), Ok(absent)) => absent,
    };
    for doi in &absent {
        ui.say(&format!(
            "not in the store: {}",
            ui::printable(doi.as_str())
        ));
    }
    if absent.is_empty() {
        Exit::Done
    } else {
        ui.say("a run whose input has these DOIs asks Crossref for them");
        Exit::DoneBut
    }
}

fn prune(store: Store, older_than: Option<Duration>, ui: &Ui) -> Exit {
    ui.busy("looking for what is old or damaged");
    let before = older_than.map(|age| crate::now().saturating_sub(age.as_secs()));
    let pruned = store.prune(before);
    ui.end();
    match pruned {
        Ok(pruned) => {
            let si = |bytes| bytesize::ByteSize(bytes).display().si();
            let size = match pruned.in_use {
                true => {
                    "its file stays as large as it is, because another process has the store open"
                        .to_owned()
                }
                false => format!("{} → {}", si(pruned.before), si(pruned.after)),
            };
            ui.say(&format!(
                "removed {}; {size}",
                count(pruned.removed, "value")
            ));
            Exit::Done
        }
        Err(error) => failure::store(&error),
    }
}

fn works(number: u64) -> String {
    count(number, "work")
}
