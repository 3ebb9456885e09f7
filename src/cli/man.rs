//! `crossfill man`: a manual page for each command, as git has them.

use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};

use super::args::Cli;
use super::exit::Exit;
use super::{printed, ui};
use crate::writer;

/// The name of its file, such as `crossfill-run.1`, and its text.
type Page = (String, String);

/// Prints the page of a command; of none, the main one.
pub(super) fn print(command: &[String]) -> Exit {
    let pages = match pages() {
        Ok(pages) => pages,
        Err(error) => return ui::fail(&error.to_string(), None),
    };
    let name = ["crossfill".to_owned()];
    let wanted = [&name[..], command].concat().join("-") + ".1";
    if let Some((_, text)) = pages.iter().find(|(name, _)| *name == wanted) {
        return printed(text.as_bytes());
    }
    let known: Vec<String> = pages
        .iter()
        .map(|(name, _)| name.trim_end_matches(".1").replace('-', " "))
        .collect();
    ui::fail(
        &format!("`crossfill {}` has no page", command.join(" ")),
        Some(&format!("these have: {}", known.join(", "))),
    );
    Exit::Usage
}

/// Writes all pages into a folder, which is made if it is not there.
pub(super) fn write(folder: &Path) -> Exit {
    let written = || -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        for (name, text) in pages()? {
            writer::replace(&folder.join(name), text.as_bytes())?;
        }
        Ok(())
    };
    match written() {
        Ok(()) => Exit::Done,
        Err(error) => {
            let folder = folder.display();
            ui::fail(&format!("cannot write pages to `{folder}`: {error}"), None)
        }
    }
}

/// All pages, those of commands within commands after their own.
fn pages() -> io::Result<Vec<Page>> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    collect(&root, &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, pages: &mut Vec<Page>) -> io::Result<()> {
    let page = clap_mangen::Man::new(command.clone())
        .source(concat!("crossfill ", env!("CARGO_PKG_VERSION")))
        .manual("crossfill manual");
    let mut text = Vec::new();
    page.render(&mut text)?;
    let text = String::from_utf8_lossy(&text).replace(".SH EXTRA\n", ".SH NOTES\n");
    pages.push((page.get_filename(), text));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        collect(sub, pages)?;
    }
    Ok(())
}
