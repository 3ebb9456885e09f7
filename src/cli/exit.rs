//! Exit codes, as the README lists them.

use std::process::ExitCode;

use crate::pipeline::RunError;
use crate::resolver::Stop;
use crate::writer::WriteError;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// All done.
    Done,
    /// It can't go on: input, output, store or settings.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// Done, but something that `fail_on` names occurred.
    DoneBut,
    /// The service refused, or is down: run again.
    Unanswered,
    /// Interrupted: run again.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::DoneBut => 3,
            Self::Unanswered => 4,
            Self::Interrupted => 130,
        }
    }

    /// How a run ends that ended early.
    pub(super) fn of(error: &RunError) -> Self {
        match error {
            // Whoever reads the output has had enough: `| head`.
            RunError::Write(WriteError::Closed) => Self::Done,
            RunError::Source(_)
            | RunError::Read(_)
            | RunError::Write(_)
            | RunError::Store(_)
            | RunError::Client(_)
            | RunError::Empty { .. }
            | RunError::Broken(_) => Self::Failed,
            RunError::Stopped(stop) => match stop.as_ref() {
                Stop::Interrupted => Self::Interrupted,
                Stop::Store(_) | Stop::Broken => Self::Failed,
                Stop::NoNetwork { .. } | Stop::Outage { .. } | Stop::Refused { .. } => {
                    Self::Unanswered
                }
            },
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_each_code() {
        let page = include_str!("../../docs/exit-codes.md");
        let all = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::DoneBut,
            Exit::Unanswered,
            Exit::Interrupted,
        ];
        let told: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## ")?.split(':').next())
            .collect();
        assert_eq!(told, all.map(|exit| exit.code().to_string()));
        for exit in all {
            // A new one must be in the list above: this does not compile without it.
            match exit {
                Exit::Done
                | Exit::Failed
                | Exit::Usage
                | Exit::DoneBut
                | Exit::Unanswered
                | Exit::Interrupted => {}
            }
            let row = format!("\n| [{}](#", exit.code());
            assert!(page.contains(&row), "{row}");
        }
    }
}
