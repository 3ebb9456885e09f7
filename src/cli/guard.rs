//! What a run writes beside its output takes nobody's place: not its own output's or store's, and no
//! file's that is something else.

use std::io::Read;
use std::path::Path;

use crate::config::Settings;
use crate::writer::{Place, WriteError, part_of, resolved};

/// Checks the output, the page and the metrics of a run, before there is anything of it.
///
/// # Errors
/// If one of them would be written over something else.
pub(super) fn check(settings: &Settings, metrics: Option<&Path>) -> Result<(), WriteError> {
    let taken = |path: &Path| {
        Err(WriteError::Taken {
            path: path.to_owned(),
        })
    };
    let store = resolved(&settings.store);
    let data = settings.data_files.iter().map(|path| resolved(path));
    let data: Vec<_> = data.collect();
    let output = Place::of(&settings.output).files();
    let output: Vec<_> = output.iter().map(|path| resolved(path)).collect();
    let page = settings.report.as_deref();
    for path in output.iter().map(AsRef::as_ref).chain(page).chain(metrics) {
        let whole = resolved(path);
        // A folder of data files may hold other things, too.
        if whole.starts_with(&store) || data.contains(&whole) {
            return taken(path);
        }
    }
    if let Some(page) = page {
        if output.contains(&resolved(page)) || output.contains(&resolved(&part_of(page))) {
            return taken(page);
        }
        may_be_page(page)?;
    }
    if let Some(metrics) = metrics {
        let whole = resolved(metrics);
        let of_page = page.map(|page| [resolved(page), resolved(&part_of(page))]);
        let mut own = output.iter().chain(of_page.iter().flatten());
        if own.any(|own| *own == whole) {
            return taken(metrics);
        }
    }
    Ok(())
}

/// May a page be written there? Over nothing but a page.
///
/// # Errors
/// If not.
pub(super) fn may_be_page(path: &Path) -> Result<(), WriteError> {
    const MARK: &str = r#"<meta name="generator" content="crossfill"#;
    for file in [path.to_owned(), part_of(path)] {
        // What can't be read, or is a stream, is told when it is written.
        if !file.metadata().is_ok_and(|meta| meta.is_file()) {
            continue;
        }
        let mut head = Vec::new();
        let read =
            std::fs::File::open(&file).and_then(|file| file.take(4096).read_to_end(&mut head));
        let is_page = String::from_utf8_lossy(&head).contains(MARK);
        if read.is_ok() && !head.is_empty() && !is_page {
            let kept = "no page of a run";
            return Err(WriteError::Kept { path: file, kept });
        }
    }
    Ok(())
}
