//! The command line: what was typed, the story of each command, what a person sees, the exit code.

mod args;
#[cfg(test)]
mod docs;
mod exit;
mod failure;
mod guard;
mod inspect;
mod log;
mod man;
mod nearby;
mod page;
mod progress;
mod report;
mod run;
mod show;
mod signals;
mod store;
mod summary;
mod ui;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};
use exit::Exit;

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes, and go to standard output.
            let code = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            return match error.print() {
                Ok(()) => code.into(),
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => code.into(),
                Err(_) => Exit::Failed.into(),
            };
        }
    };
    let exit = match cli.command {
        None => run::run(cli.run),
        Some(Command::Run(run)) => run::run(*run),
        Some(Command::Inspect(inspect)) => inspect::inspect(*inspect),
        Some(Command::Report(report)) => report::report(&report),
        Some(Command::Show(show)) => show::show(*show),
        Some(Command::Doi { text }) => run::doi(&text),
        Some(Command::Store(command)) => store::store(command),
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "crossfill", &mut text);
            printed(&text)
        }
        Some(Command::Man { command, out: None }) => man::print(&command),
        Some(Command::Man {
            out: Some(folder), ..
        }) => man::write(&folder),
    };
    exit.into()
}

fn printed(text: &[u8]) -> Exit {
    ui::print(text).err().unwrap_or(Exit::Done)
}
