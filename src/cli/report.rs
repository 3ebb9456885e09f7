//! `crossfill report`: the page of a run that is over, from what it left as `OUT.run.json`; and where
//! pages go.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::failure;
use super::guard;
use super::ui::{self, Ui};
use crate::report::{ReportError, RunReport};
use crate::writer::{Place, Target, WriteError};

/// Options of `report`.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The figures of a run, which it left beside its output
    #[arg(value_name = "OUT.run.json")]
    run: PathBuf,

    /// Where to write; - is standard output [OUT.report.html]
    #[arg(short, long, value_name = "OUT.html")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn report(args: &Report) -> Exit {
    let run = args.run.as_path();
    let name = run.display();
    let output = args.output.clone().unwrap_or_else(|| page_of(run));
    let text = match read(run) {
        Ok(text) => text,
        Err(error) => {
            let hint = "a run leaves it beside its output: OUT.run.json beside OUT.jsonl";
            return ui::fail(&format!("cannot read `{name}`: {error}"), Some(hint));
        }
    };
    let report = match RunReport::parse(&text) {
        Ok(report) => report,
        Err(error) => {
            let hint = hint(&error, run);
            return ui::fail(&format!("`{name}`: {error}"), Some(&hint));
        }
    };
    if same_file::is_same_file(run, &output).unwrap_or(false) {
        let hint = "name another file with -o";
        return ui::fail(
            &format!("`{name}` is what the page is made from"),
            Some(hint),
        );
    }
    if let Err(error) = guard::may_be_page(&output) {
        return failure::write(&error);
    }
    match write(&report, &output) {
        Ok(Place::Stdout) => Exit::Done,
        Ok(place) => {
            ui::tell(&format!("report → {}", ui::printable(&place.name())));
            Exit::Done
        }
        Err(PutError::Write(WriteError::Closed)) => Exit::Done,
        Err(error) => ui::fail(&error.to_string(), Some("name another file with -o")),
    }
}

/// The figures of a run are a few megabytes at most; what is longer is cut, and is none.
fn read(path: &Path) -> io::Result<String> {
    const LONGEST: u64 = 64 << 20;
    let mut text = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum PutError {
    #[error(transparent)]
    Page(#[from] crate::report::PageError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes the page of a run, whole or not at all.
fn write(report: &RunReport, path: &Path) -> Result<Place, PutError> {
    let page = report.html()?;
    let place = Place::of(path);
    let mut target = Target::open(&place)?;
    target.write(page.as_bytes())?;
    target.finish()?;
    Ok(place)
}

/// Writes the page of a run that has just ended.
pub(super) fn beside(report: &RunReport, path: &Path, ui: &Ui) -> Result<(), Exit> {
    let hint = match &report.files.run {
        Some(run) => format!(
            "all else is written; `crossfill report {} -o OUT.html` makes the page elsewhere",
            ui::printable(run)
        ),
        None => "name another file with --report".to_owned(),
    };
    match write(report, path) {
        Ok(place) => ui.say(&format!("report → {}", ui::printable(&place.name()))),
        // Whoever reads it has had enough.
        Err(PutError::Write(WriteError::Closed)) => {}
        Err(error) => return Err(ui::fail(&error.to_string(), Some(&hint))),
    }
    Ok(())
}

/// `OUT.report.html` for `OUT.run.json`.
fn page_of(run: &Path) -> PathBuf {
    let name = run.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".json").unwrap_or(&name);
    let stem = stem.strip_suffix(".run").unwrap_or(stem);
    run.with_file_name(format!("{stem}.report.html"))
}

/// What to do about a file that is no report.
fn hint(error: &ReportError, path: &Path) -> String {
    let beside = Place::of(path).beside("run.json");
    match (error, beside.filter(|path| path.exists())) {
        (ReportError::Newer { .. }, _) => {
            "update crossfill, or make the page with the version that made the run".to_owned()
        }
        (ReportError::Damaged(_), _) => "run again: every run writes the file anew".to_owned(),
        (ReportError::Other, Some(beside)) => {
            format!(
                "did you mean `{}`?",
                ui::printable(&beside.display().to_string())
            )
        }
        (ReportError::Other, None) => {
            "name the OUT.run.json that a run leaves beside its output".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lie_beside_the_figures() {
        for (run, page) in [
            ("a/out.run.json", "a/out.report.html"),
            ("figures.json", "figures.report.html"),
            ("out", "out.report.html"),
        ] {
            assert_eq!(page_of(Path::new(run)), Path::new(page));
        }
    }
}
