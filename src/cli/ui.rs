//! What a person sees: the only user of indicatif, and of the two standard streams.
//!
//! Data goes to standard output, all else to standard error. On a terminal there is a bar, in a log
//! a line every 30 seconds, with `--quiet` nothing but errors. Whatever comes from outside is
//! escaped before it is shown.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use console::{Style, Term};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::MakeWriter;

use super::args::{Color, Common};
use super::exit::Exit;
use crate::enricher::Status;
use crate::event::{Progress, read};
use crate::pipeline::Handle;
use crate::store::ImportProgress;

/// A line in a log.
const LOG_EVERY: Duration = Duration::from_secs(30);
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// More requests than this are better not sent: Crossref gives its data away as a file.
const MANY_REQUESTS: u64 = 20_000;

/// How to show things.
#[derive(Clone)]
pub(super) struct Ui {
    quiet: bool,
    bar: Option<ProgressBar>,
    colors: bool,
}

impl Ui {
    /// As the options say; messages of the program are shown from now on, above the bar.
    pub(super) fn new(common: &Common) -> Self {
        let (quiet, no_progress) = (common.quiet, common.no_progress);
        let terminal = io::stderr().is_terminal();
        let colors = match common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        console::set_colors_enabled_stderr(colors);
        let bar = (terminal && !quiet && !no_progress).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(style(false));
            bar
        });
        let ui = Self { quiet, bar, colors };
        ui.log_to_stderr(common.verbose);
        ui
    }

    fn log_to_stderr(&self, verbose: u8) {
        let level = match (self.quiet, verbose) {
            (true, _) => "error",
            (false, 0) => "warn",
            (false, 1) => "crossfill=debug,warn",
            (false, _) => "trace",
        };
        let logged = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::new(level))
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
        if !self.quiet {
            self.above_bar(line);
        }
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
    pub(super) async fn watch(&self, progress: &Progress, handle: &Handle, total: Option<u64>) {
        let start = Instant::now();
        if let Some(bar) = &self.bar {
            bar.disable_steady_tick();
            bar.set_style(style(total.is_some()));
            bar.reset_elapsed();
            if let Some(total) = total {
                bar.set_length(total);
            }
        }
        let (mut said, mut advised) = (Instant::now(), false);
        loop {
            tokio::time::sleep(DRAW_EVERY).await;
            if let Some(ahead) = requests_ahead(progress, total)
                && ahead > MANY_REQUESTS
                && !advised
            {
                advised = true;
                self.say(&format!(
                    "about {} requests ahead: with Crossref's public data file (`data_files`) most need not be asked",
                    grouped(ahead)
                ));
            }
            let line = || state(progress, handle.allowed(), start.elapsed(), total);
            if let Some(bar) = &self.bar {
                let done = total.map(|total| (progress.fraction(total) * total as f64) as u64);
                bar.set_position(done.unwrap_or_default());
                bar.set_message(line());
            } else if !self.quiet && said.elapsed() >= LOG_EVERY {
                said = Instant::now();
                error_line(&line());
            }
        }
    }

    /// Shows how an import goes until the end of the world; drop it to stop.
    pub(super) async fn watch_import(&self, progress: &ImportProgress) {
        let start = Instant::now();
        let mut said = Instant::now();
        loop {
            tokio::time::sleep(DRAW_EVERY).await;
            let line = || import_state(progress, start.elapsed());
            if let Some(bar) = &self.bar {
                bar.set_style(style(true));
                bar.set_length(read(&progress.total_bytes).max(1));
                bar.set_position(read(&progress.bytes));
                bar.set_message(line());
            } else if !self.quiet && said.elapsed() >= LOG_EVERY {
                said = Instant::now();
                error_line(&line());
            }
        }
    }

    /// Shows that values are counted.
    pub(super) fn counting(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_style(style(true));
            bar.set_length(total.max(1));
            bar.set_position(done);
            bar.set_message(format!("{} of {} values", grouped(done), grouped(total)));
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

fn style(measured: bool) -> ProgressStyle {
    let template = if measured {
        "{spinner} {bar:20} {percent:>3}%  {wide_msg}"
    } else {
        "{spinner} {wide_msg}"
    };
    // The templates are valid; the default would do, too.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// How the run goes, in one line; what matters most comes first, for narrow terminals.
fn state(
    progress: &Progress,
    allowed: (f64, f64),
    elapsed: Duration,
    total: Option<u64>,
) -> String {
    let tally = progress.tally();
    let seconds = elapsed.as_secs_f64().max(0.001);
    let per_second = |count: u64| count as f64 / seconds;
    let mut parts = vec![format!("{} records", grouped(tally.records))];
    let (waiting, answered) = (read(&progress.waiting), read(&progress.answered));
    if waiting > 0 {
        let plural = if waiting == 1 { "" } else { "s" };
        parts.push(format!("{} DOI{plural} to ask", grouped(waiting)));
        parts.push(format!("{}/s", grouped(per_second(answered) as u64)));
    } else {
        parts.push(format!("{}/s", grouped(per_second(tally.records) as u64)));
    }
    if let Some(total) = total {
        let done = progress.fraction(total);
        if done > 0.01 && seconds > 2.0 {
            // What is asked one by one takes its time, however fast the rest went.
            let singly = read(&progress.waiting_singly) as f64 / allowed.1;
            let left = Duration::from_secs_f64((seconds * (1.0 - done) / done).max(singly));
            parts.push(format!("{} left", HumanDuration(left)));
        }
    }
    if let Some((why, until)) = progress.pause() {
        let left = until.saturating_duration_since(Instant::now()).as_secs() + 1;
        parts.push(format!("waiting {left} s: {}", printable(&why)));
    }
    parts.push(format!(
        "{} enriched",
        grouped(tally.status(Status::Enriched))
    ));
    if answered + waiting > 0 {
        let (lists, singles) = allowed;
        parts.push(format!(
            "{:.1} of {lists} lists/s, {:.1} of {singles} singles/s",
            per_second(read(&progress.lists)),
            per_second(read(&progress.singles)),
        ));
    }
    parts.join(" · ")
}

/// How an import goes, in one line.
fn import_state(progress: &ImportProgress, elapsed: Duration) -> String {
    if progress.is_waiting() {
        return "another import has this store: waiting for it".to_owned();
    }
    let seconds = elapsed.as_secs_f64().max(0.001);
    let (bytes, total) = (read(&progress.bytes), read(&progress.total_bytes));
    let works = read(&progress.works);
    let mut parts = vec![
        format!(
            "{} of {} files",
            grouped(read(&progress.files)),
            grouped(read(&progress.total_files))
        ),
        format!("{} works", grouped(works)),
    ];
    if progress.is_sorting() {
        let put = grouped(read(&progress.put));
        parts.push(format!("{put} of them in the store"));
    } else {
        let rate = bytes as f64 / seconds;
        parts.push(format!("{:.1} MB/s", rate / 1e6));
        if seconds > 2.0 && bytes > 0 && total > bytes {
            let left = Duration::from_secs_f64((total - bytes) as f64 / rate);
            parts.push(format!("{} left", HumanDuration(left)));
        }
    }
    parts.join(" · ")
}

/// How many requests the rest of the input will take, if it goes on as it began.
fn requests_ahead(progress: &Progress, total: Option<u64>) -> Option<u64> {
    let sent = read(&progress.lists) + read(&progress.singles);
    let done = progress.fraction(total?);
    (sent >= 20 && done > 0.0).then(|| (sent as f64 * (1.0 - done) / done) as u64)
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

/// Text from outside, without what a terminal would obey.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hides = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || hides {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Says what went wrong, and what to do about it; always heard.
pub(super) fn fail(message: &str, hint: Option<&str>) -> Exit {
    error_line(&format!("error: {}", printable(message)));
    if let Some(hint) = hint {
        error_line(&format!("hint: {hint}"));
    }
    Exit::Failed
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn the_bar_says_what_it_waits_for_and_how_long() {
        let progress = Progress::default();
        let line = || state(&progress, (3.0, 10.0), Duration::from_secs(9), None);
        assert!(!line().contains("waiting"));
        let until = Instant::now() + Duration::from_secs(100);
        progress.set_pause("api.crossref.org: HTTP 429\u{1b}[31m".to_owned(), until);
        let line = line();
        assert!(
            line.contains("waiting 100 s: api.crossref.org: HTTP 429\\u{1b}[31m"),
            "{line}"
        );
        progress.set_pause("x".to_owned(), Instant::now());
        assert_eq!(progress.pause(), None, "that is over");
    }

    #[test]
    fn requests_are_estimated_from_what_is_done() {
        let progress = Progress::default();
        progress.bytes.store(100, Ordering::Relaxed);
        progress.read.store(1_000, Ordering::Relaxed);
        progress.lists.store(19, Ordering::Relaxed);
        assert_eq!(requests_ahead(&progress, Some(100_000)), None, "too early");
        progress.lists.store(50, Ordering::Relaxed);
        assert_eq!(requests_ahead(&progress, Some(100_000)), Some(49_950));
        assert_eq!(requests_ahead(&progress, None), None);
        progress.waiting.store(1_000, Ordering::Relaxed);
        assert_eq!(
            requests_ahead(&progress, Some(100_000)),
            None,
            "nothing done"
        );
    }

    #[test]
    fn nothing_from_outside_reaches_the_terminal_unescaped() {
        assert_eq!(
            printable("a\u{1b}[31mb\nc\u{202e}é"),
            "a\\u{1b}[31mb\\nc\\u{202e}é"
        );
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
