//! What a person sees: the only user of indicatif, and of the two standard streams.
//!
//! Data goes to standard output, all else to standard error. On a terminal there is a bar, in a log
//! a line every 30 seconds, with `--quiet` nothing but errors. Whatever comes from outside is
//! escaped before it is shown.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use console::{Style, Term};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::MakeWriter;

use super::args::{Color, Common, LogFormat};
use super::exit::Exit;
use super::log;
use super::progress::{State, import_line, import_position};
use crate::event::{Progress, read};
use crate::pipeline::Handle;
use crate::store::ImportProgress;
pub(super) use crate::text::{count, grouped, printable};

/// A line in a log.
const LOG_EVERY: Duration = Duration::from_secs(30);
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// How to show things.
#[derive(Clone)]
pub(super) struct Ui {
    quiet: bool,
    /// All that is said is JSON, one object a line.
    json: bool,
    bar: Option<ProgressBar>,
    colors: bool,
}

impl Ui {
    /// As the options say; messages of the program are shown from now on, above the bar.
    pub(super) fn new(common: &Common) -> Self {
        let (quiet, no_progress) = (common.quiet, common.no_progress);
        let terminal = io::stderr().is_terminal();
        let colors = in_colors(common.color, terminal);
        console::set_colors_enabled_stderr(colors);
        let json = common.log_format == LogFormat::Json;
        log::set_json(json);
        let bar = (terminal && !quiet && !no_progress && !json).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            set_style(&bar, false);
            bar
        });
        let ui = Self {
            quiet,
            json,
            bar,
            colors,
        };
        ui.log_to_stderr(common.verbose);
        ui
    }

    fn log_to_stderr(&self, verbose: u8) {
        let level = match (self.quiet, verbose) {
            (true, _) => "error",
            (false, 0) if self.json => "warn,crossfill::log=info",
            (false, 0) => "warn",
            (false, 1) => "crossfill=debug,warn",
            (false, _) => "trace",
        };
        let filter = tracing_subscriber::EnvFilter::new(level);
        if self.json {
            log::start(filter);
            return;
        }
        let logged = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(Lines(self.bar.clone()))
            .with_ansi(self.colors)
            .with_target(verbose > 1)
            .without_time()
            .try_init();
        // A second run in one process keeps the first one's logger.
        drop(logged);
    }

    /// Says a line, unless it is to be quiet.
    pub(super) fn say(&self, line: &str) {
        match (self.quiet, self.json) {
            (true, _) => {}
            (false, true) => log::say(line),
            (false, false) => self.above_bar(line),
        }
    }

    /// Is all that is said JSON?
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Is nothing said but errors?
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    fn above_bar(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| error_line(line)),
            None => error_line(line),
        }
    }

    /// Something that takes long, without a measure.
    pub(super) fn busy(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
            bar.enable_steady_tick(DRAW_EVERY);
        }
    }

    /// Shows `progress` until the end of the world; drop it to stop.
    pub(super) async fn watch(
        &self,
        progress: &Progress,
        handle: &Handle,
        batch: usize,
        total: Option<u64>,
    ) {
        let start = Instant::now();
        if let Some(bar) = &self.bar {
            bar.disable_steady_tick();
            bar.reset_elapsed();
            if let Some(total) = total {
                bar.set_length(total);
            }
        }
        let (mut said, mut advised) = (Instant::now(), false);
        loop {
            tokio::time::sleep(DRAW_EVERY).await;
            let now = State::now(progress, handle.allowed(), batch, total, start.elapsed());
            if let Some(advice) = now.advice().filter(|_| !advised) {
                advised = true;
                self.say(&advice);
            }
            if let Some(bar) = &self.bar {
                let done = total.map(|total| (progress.fraction(total) * total as f64) as u64);
                let room = set_style(bar, total.is_some());
                bar.set_position(done.unwrap_or_default());
                bar.set_message(now.line(room));
            } else if !self.quiet && said.elapsed() >= LOG_EVERY {
                said = Instant::now();
                match self.json {
                    true => log::progress(&now),
                    false => error_line(&now.line(usize::MAX)),
                }
            }
        }
    }

    /// Shows how an import goes until the end of the world; drop it to stop.
    pub(super) async fn watch_import(&self, progress: &ImportProgress) {
        let start = Instant::now();
        let mut said = Instant::now();
        loop {
            tokio::time::sleep(DRAW_EVERY).await;
            let line = |width| import_line(progress, start.elapsed(), width);
            let (done, total) = import_position(progress);
            if let Some(bar) = &self.bar {
                let room = set_style(bar, true);
                bar.set_length(total.max(1));
                bar.set_position(done);
                bar.set_message(line(room));
            } else if !self.quiet && said.elapsed() >= LOG_EVERY {
                said = Instant::now();
                match self.json {
                    true => log::import(progress),
                    false => error_line(&line(usize::MAX)),
                }
            }
        }
    }

    /// Shows that values are counted.
    pub(super) fn counting(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            set_style(bar, true);
            bar.set_length(total.max(1));
            bar.set_position(done);
            bar.set_message(format!("{} of {} values", grouped(done), grouped(total)));
        }
    }

    /// Shows how much of the inputs is read.
    pub(super) fn reading(&self, progress: &Progress, total: Option<u64>) {
        if let Some(bar) = &self.bar {
            set_style(bar, total.is_some());
            bar.set_length(total.unwrap_or_default().max(1));
            bar.set_position(read(&progress.bytes));
            bar.set_message(format!("{} records", grouped(read(&progress.read))));
        }
    }

    /// No bar any more.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Bold, where there are colours.
    pub(super) fn bold(&self, text: &str) -> String {
        Style::new().for_stderr().bold().apply_to(text).to_string()
    }

    /// To be looked at.
    pub(super) fn yellow(&self, text: &str) -> String {
        Style::new()
            .for_stderr()
            .yellow()
            .apply_to(text)
            .to_string()
    }
}

fn in_colors(when: Color, terminal: bool) -> bool {
    match when {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            terminal
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// How a report for a person looks on standard output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Columns.
    pub(super) width: usize,
    pub(super) colors: bool,
}

impl Look {
    /// As the options say; a pipe has no colours and 80 columns.
    pub(super) fn of_stdout(common: &Common) -> Self {
        let (out, terminal) = (Term::stdout(), io::stdout().is_terminal());
        let size = out.size_checked().filter(|_| terminal);
        Self {
            width: size.map_or(80, |(_, columns)| usize::from(columns).max(1)),
            colors: in_colors(common.color, terminal),
        }
    }

    /// The same, but as wide as can be in a pipe: nothing is cut or broken there.
    pub(super) fn whole_in_a_pipe(self) -> Self {
        match io::stdout().is_terminal() {
            true => self,
            false => Self {
                width: usize::MAX,
                ..self
            },
        }
    }

    /// `text` in `style`, where there are colours.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        style.force_styling(self.colors).apply_to(text).to_string()
    }
}

/// Narrower terminals have no bar, only its figure.
const NARROW: usize = 70;

/// Fits the bar to the terminal as it is now. Returns the columns that are left for the message.
fn set_style(bar: &ProgressBar, measured: bool) -> usize {
    let wide = width();
    let (template, taken) = match measured {
        true if wide >= NARROW => ("{spinner} {bar:20} {percent:>3}%  {wide_msg}", 29),
        true => ("{spinner} {percent:>3}%  {wide_msg}", 8),
        false => ("{spinner} {wide_msg}", 2),
    };
    // The templates are valid; the default would do, too.
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    wide.saturating_sub(taken + 1)
}

/// Says what went wrong, and what to do about it; always heard.
pub(super) fn fail(message: &str, hint: Option<&str>) -> Exit {
    if log::is_json() {
        log::error(message, hint);
        return Exit::Failed;
    }
    let style = Style::new().for_stderr().bold();
    let (error, next) = (style.clone().red(), style.cyan());
    error_line(&format!(
        "{} {}",
        error.apply_to("error:"),
        printable(message)
    ));
    if let Some(hint) = hint {
        error_line(&format!("{} {}", next.apply_to("hint:"), printable(hint)));
    }
    Exit::Failed
}

/// Says a line of a command that has nothing else to say.
pub(super) fn tell(line: &str) {
    error_line(line);
}

/// Says that a command waits for somebody to type, if it does.
pub(super) fn tell_typing() {
    if io::stdin().is_terminal() && !log::is_json() {
        error_line("reading what is typed, line by line; Ctrl-D ends it");
    }
}

fn error_line(line: &str) {
    // Standard error is the last resort: if it is gone there is nobody to tell.
    drop(writeln!(io::stderr(), "{line}"));
}

/// Writes data to standard output. If that is not possible, it is time to end, and how: a closed
/// pipe is success.
pub(super) fn print(bytes: &[u8]) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Exit::Done),
        Err(error) => Err(fail(
            &format!("cannot write to standard output: {error}"),
            None,
        )),
    }
}

/// How wide the terminal is.
pub(super) fn width() -> usize {
    usize::from(Term::stderr().size().1)
}

/// Log lines, above the bar.
struct Lines(Option<ProgressBar>);

struct Line(Option<ProgressBar>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;
    fn make_writer(&'a self) -> Line {
        Line(self.0.clone())
    }
}

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match &self.0 {
            Some(bar) => bar.suspend(|| io::stderr().write(line)),
            None => io::stderr().write(line),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
