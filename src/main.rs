//! The `crossfill` command: parse, run, exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    crossfill::cli::main()
}
