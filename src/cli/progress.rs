//! How a run or an import goes, in one line: for a bar, for a log, and as fields for programs.

use std::time::{Duration, Instant};

use indicatif::HumanDuration;

use super::ui::{grouped, printable};
use crate::enricher::Status;
use crate::event::{Progress, Rates, read};
use crate::store::ImportProgress;
use crate::text;

/// More requests than this are better not sent: Crossref gives its data away as a file.
pub(super) const MANY_REQUESTS: u64 = 20_000;

/// A run at some moment.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) records: u64,
    pub(super) enriched: u64,
    pub(super) not_found: u64,
    /// DOIs that wait for an answer.
    pub(super) waiting: u64,
    pub(super) answered: u64,
    /// The part of the records with a DOI that nobody had to be asked for, 0 to 1.
    pub(super) from_store: Option<f64>,
    pub(super) rates: Rates,
    /// Lists and singles a second that are allowed.
    pub(super) allowed: (f64, f64),
    pub(super) left: Option<Duration>,
    /// Why nobody is asked, and for how many seconds yet.
    pub(super) pause: Option<(String, u64)>,
    /// Requests that the rest will take.
    pub(super) ahead: Option<u64>,
}

impl State {
    /// What is now. `batch`: DOIs in a list at most; `total`: the bytes of all inputs, if known.
    pub(super) fn now(
        progress: &Progress,
        allowed: (f64, f64),
        batch: usize,
        total: Option<u64>,
        elapsed: Duration,
    ) -> Self {
        let rates = progress.look(elapsed);
        let (waiting, answered) = (read(&progress.waiting), read(&progress.answered));
        let ahead = total.and_then(|total| Ahead::of(progress, batch, total));
        let (records, enriched, not_found, with_doi) = progress.with_tally(|tally| {
            let none = [Status::NoDoi, Status::InvalidDoi, Status::Skipped];
            let without: u64 = none.into_iter().map(|status| tally.status(status)).sum();
            (
                tally.records,
                tally.status(Status::Enriched),
                tally.status(Status::NotFound) + tally.status(Status::OtherAgency),
                tally.records - without,
            )
        });
        Self {
            records,
            enriched,
            not_found,
            waiting,
            answered,
            from_store: (with_doi > 0 && waiting + answered > 0)
                .then(|| 1.0 - (answered as f64 / with_doi as f64).min(1.0)),
            left: left(progress, ahead, allowed, rates, total).filter(|_| elapsed.as_secs() >= 2),
            rates,
            allowed,
            pause: progress.pause().map(|(why, until)| {
                let left = until.saturating_duration_since(Instant::now());
                (why, left.as_secs() + 1)
            }),
            ahead: ahead.map(|ahead| (ahead.lists + ahead.singles) as u64),
        }
    }

    /// In a line of at most `width` columns; what matters most comes first, what has no room is left
    /// out whole.
    pub(super) fn line(&self, width: usize) -> String {
        // The first records are done with when a whole chunk is answered: that may take a while.
        let mut parts = vec![match (self.records, self.answered) {
            (0, 1..) => format!("{} DOIs answered", grouped(self.answered)),
            (records, _) => format!("{} records", grouped(records)),
        }];
        if let Some((why, seconds)) = &self.pause {
            parts.push(format!("waiting {seconds} s: {}", printable(why)));
        }
        if let Some(left) = self.left {
            parts.push(format!("{} left", HumanDuration(left)));
        }
        if self.waiting > 0 {
            parts.push(count(self.waiting, "DOI", "to ask"));
            parts.push(format!("{:.0} DOIs/s", self.rates.answered));
        } else {
            parts.push(format!("{}/s", grouped(self.rates.records as u64)));
        }
        parts.push(format!("{} enriched", grouped(self.enriched)));
        if self.not_found > 0 {
            parts.push(format!("{} not found", grouped(self.not_found)));
        }
        if self.answered + self.waiting > 0 {
            parts.push(format!(
                "{:.1} of {:.1} lists/s",
                self.rates.lists, self.allowed.0
            ));
            parts.push(format!(
                "{:.1} of {:.1} singles/s",
                self.rates.singles, self.allowed.1
            ));
        }
        if let Some(share) = self.from_store {
            parts.push(format!("{:.0} % from the store", share * 100.0));
        }
        fit(&parts, width)
    }

    /// What to say, once, of a run that asks for more than anybody should.
    pub(super) fn advice(&self) -> Option<String> {
        let ahead = self.ahead.filter(|ahead| *ahead > MANY_REQUESTS)?;
        Some(format!(
            "about {} requests ahead: with Crossref's public data file (`data_files`) most need not be asked",
            grouped(ahead)
        ))
    }
}

/// Parts, joined, as many of the first ones as fit; a part that does not fit does not hide the next.
fn fit(parts: &[String], width: usize) -> String {
    let mut line = String::new();
    for part in parts {
        let joint = if line.is_empty() { "" } else { " · " };
        let wide = console::measure_text_width(&line) + joint.chars().count();
        if line.is_empty() || wide + console::measure_text_width(part) <= width {
            line += joint;
            line += part;
        }
    }
    console::truncate_str(&line, width, "…").into_owned()
}

fn count(number: u64, what: &str, more: &str) -> String {
    format!("{} {more}", text::count(number, what))
}

/// Requests that the rest of the input will take, if it goes on as it began.
#[derive(Debug, Clone, Copy)]
struct Ahead {
    lists: f64,
    singles: f64,
}

impl Ahead {
    fn of(progress: &Progress, batch: usize, total: u64) -> Option<Self> {
        let (items, bytes) = (read(&progress.read) as f64, read(&progress.bytes) as f64);
        if items < 1.0 || bytes < 1.0 {
            return None;
        }
        let (waiting, answered) = (
            read(&progress.waiting) as f64,
            read(&progress.answered) as f64,
        );
        let singly = read(&progress.waiting_singly) as f64;
        // As many of what was not read yet must be asked as of what was.
        let unread = items * (total as f64 / bytes - 1.0).max(0.0);
        let to_ask = unread * ((waiting + answered) / items).min(1.0);
        let singles = read(&progress.singles) as f64;
        let per_list = match read(&progress.cut_to) {
            0 => batch as f64,
            cut_to => (cut_to as f64).min(batch as f64),
        };
        let share = if answered > 0.0 {
            (singles / answered).min(2.0)
        } else {
            0.0
        };
        Some(Self {
            lists: ((waiting - singly).max(0.0) + to_ask) / per_list,
            singles: singly + to_ask * share,
        })
    }
}

/// The time that is left: of what must be asked, by what may be asked; of all else, by how fast it went.
fn left(
    progress: &Progress,
    ahead: Option<Ahead>,
    allowed: (f64, f64),
    rates: Rates,
    total: Option<u64>,
) -> Option<Duration> {
    let (ahead, total) = (ahead?, total?);
    let asking = (ahead.lists / allowed.0.max(0.001)).max(ahead.singles / allowed.1.max(0.001));
    let pause = progress.pause().map_or(0.0, |(_, until)| {
        until
            .saturating_duration_since(Instant::now())
            .as_secs_f64()
    });
    let unread = total.saturating_sub(read(&progress.bytes)) as f64;
    // While answers are waited for, reading waits, too: its rate says nothing then.
    let reading = match read(&progress.waiting) {
        0 if rates.bytes > 0.0 => unread / rates.bytes,
        _ => 0.0,
    };
    let seconds = (asking + pause).max(reading);
    (seconds >= 0.5).then(|| Duration::from_secs_f64(seconds.min(1e9)))
}

/// How an import goes, in a line.
pub(super) fn import_line(progress: &ImportProgress, elapsed: Duration, width: usize) -> String {
    if progress.is_waiting() {
        return fit(
            &["another import has this store: waiting for it".to_owned()],
            width,
        );
    }
    let seconds = elapsed.as_secs_f64().max(0.001);
    let (bytes, total) = (read(&progress.bytes), read(&progress.total_bytes));
    let works = read(&progress.works);
    let mut parts = Vec::new();
    if progress.is_sorting() {
        let put = read(&progress.put);
        parts.push(format!(
            "sorted in: {} of {} works",
            grouped(put.min(works)),
            grouped(works)
        ));
    } else {
        parts.push(format!(
            "{} of {} files",
            grouped(read(&progress.files)),
            grouped(read(&progress.total_files))
        ));
        let rate = bytes as f64 / seconds;
        if seconds > 2.0 && bytes > 0 && total > bytes {
            let left = Duration::from_secs_f64((total - bytes) as f64 / rate);
            parts.push(format!("{} left", HumanDuration(left)));
        }
        parts.push(format!("{} works", grouped(works)));
        parts.push(format!("{:.1} MB/s", rate / 1e6));
    }
    fit(&parts, width)
}

/// How far an import is: done, of how much.
pub(super) fn import_position(progress: &ImportProgress) -> (u64, u64) {
    if progress.is_sorting() {
        let works = read(&progress.works);
        return (read(&progress.put).min(works), works);
    }
    (read(&progress.bytes), read(&progress.total_bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    fn state(progress: &Progress, total: Option<u64>) -> State {
        State::now(progress, (3.0, 10.0), 100, total, Duration::from_secs(9))
    }

    #[test]
    fn the_line_says_what_it_waits_for_and_how_long() {
        let progress = Progress::default();
        let line = || state(&progress, None).line(200);
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
    fn the_time_left_is_that_of_the_budget() {
        let progress = Progress::default();
        progress.bytes.store(100, Ordering::Relaxed);
        progress.read.store(1_000, Ordering::Relaxed);
        progress.waiting.store(500, Ordering::Relaxed);
        progress.answered.store(400, Ordering::Relaxed);
        // 900 of 1,000 must be asked; of 9,000 to come 8,100. At 100 a list: 5 and 81 lists.
        let now = state(&progress, Some(1_000));
        assert_eq!(now.ahead, Some(86));
        assert_eq!(
            now.left.map(|left| left.as_secs()),
            Some(28),
            "86 lists, 3 a second"
        );
        // One in ten was asked singly, too, and 300 wait for it: 300 + 810 at 10 a second.
        progress.singles.store(40, Ordering::Relaxed);
        progress.waiting_singly.store(300, Ordering::Relaxed);
        let now = state(&progress, Some(1_000));
        assert_eq!(now.left.map(|left| left.as_secs()), Some(111));
        assert!(now.advice().is_none());
        let far = state(&progress, Some(1_000_000));
        assert!(
            far.advice()
                .is_some_and(|text| text.contains("requests ahead"))
        );
        assert_eq!(
            state(&progress, None).left,
            None,
            "nobody knows how much there is"
        );
    }

    #[test]
    fn an_import_tells_its_files_and_then_what_is_sorted_in() {
        let progress = ImportProgress::default();
        for (counter, number) in [
            (&*progress.bytes, 30_000_000),
            (&progress.total_bytes, 90_000_000),
            (&progress.files, 1),
            (&progress.total_files, 3),
            (&progress.works, 5_000),
            (&progress.put, 1_250),
        ] {
            counter.store(number, Ordering::Relaxed);
        }
        let line = |width| import_line(&progress, Duration::from_secs(10), width);
        let whole = "1 of 3 files · 20 seconds left · 5,000 works · 3.0 MB/s";
        assert_eq!(line(100), whole);
        assert_eq!(line(34), "1 of 3 files · 20 seconds left");
        assert_eq!(import_position(&progress), (30_000_000, 90_000_000));
        progress.set_sorting();
        assert_eq!(line(100), "sorted in: 1,250 of 5,000 works");
        assert_eq!(import_position(&progress), (1_250, 5_000));
    }

    #[test]
    fn what_has_no_room_is_left_out_whole() {
        let now = State {
            records: 1_234_567,
            enriched: 900_000,
            left: Some(Duration::from_secs(90)),
            ..State::default()
        };
        assert_eq!(
            now.line(80),
            "1,234,567 records · 2 minutes left · 0/s · 900,000 enriched"
        );
        assert_eq!(now.line(30), "1,234,567 records · 0/s");
        assert_eq!(now.line(10), "1,234,567…");
        let pause = Some(("图书馆 says no".to_owned(), 3));
        let now = State { pause, ..now };
        for width in 5..100 {
            let line = now.line(width);
            assert!(
                console::measure_text_width(&line) <= width,
                "{width}: {line}"
            );
        }
    }
}
