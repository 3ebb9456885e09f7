//! The report for a person: what is there, what is missing, what a run would cost, and what to look at.

use console::{Style, measure_text_width, pad_str, truncate_str};

use super::Report;
use crate::cli::ui::{Look, grouped, printable};
use crate::enricher::Column;
use crate::inspect::{
    Agency, Doubtful, FieldSums, Known, Odd, Place, ProfileSums, type_of, wanted,
};
use crate::json::quote;

/// So many examples of a kind are shown.
const SHOWN: usize = 10;

/// Rejects are told with their reasons, which say the same, mostly.
const REJECTS: usize = 5;

/// The page.
pub(super) fn page(report: &Report, look: Look) -> String {
    let mut page = Page {
        look,
        text: String::new(),
    };
    page.records(report);
    if report.findings.sums.records > 0 {
        page.dois(report);
        page.fields(report);
        page.store(report);
        page.cost(report);
    }
    page.text
}

struct Page {
    look: Look,
    text: String,
}

/// A part of a whole: how much of a bar, and in which style.
type Part = (u64, char, Style);

impl Page {
    /// Adds a line, cut to the terminal's width.
    fn line(&mut self, line: &str) {
        self.text += &truncate_str(line, self.look.width, "…");
        self.text.push('\n');
    }

    /// Adds text, broken between words where the terminal ends; what follows is indented like it.
    fn wrapped(&mut self, text: &str, style: Style) {
        let indent = text.len() - text.trim_start().len();
        let mut line = " ".repeat(indent);
        for word in text.split_whitespace() {
            let used = measure_text_width(&line);
            if used > indent && used + 1 + measure_text_width(word) > self.look.width {
                let full = std::mem::replace(&mut line, " ".repeat(indent));
                self.line(&self.look.paint(style.clone(), &full));
            }
            if measure_text_width(&line) > indent {
                line.push(' ');
            }
            line += word;
        }
        self.line(&self.look.paint(style, &line));
    }

    fn heading(&mut self, name: &str, rest: &str) {
        let name = self.look.paint(Style::new().bold(), name);
        self.text.push('\n');
        self.line(&format!("{name}{rest}"));
    }

    fn dim(&self, text: &str) -> String {
        self.look.paint(Style::new().dim(), text)
    }

    /// A bar of `width` cells; parts that are there have a cell at least.
    fn bar(&self, width: usize, whole: u64, parts: &[Part]) -> String {
        let mut out = String::new();
        let mut left = width;
        let cells = |part: u64| (part as f64 / whole.max(1) as f64 * width as f64).round() as usize;
        for (at, (part, mark, style)) in parts.iter().enumerate() {
            let others = parts.iter().skip(at + 1);
            let reserved = others.filter(|(part, ..)| *part > 0).count();
            let least = usize::from(*part > 0);
            let last = at + 1 == parts.len();
            let wanted = if last { left } else { cells(*part).max(least) };
            let count = wanted
                .min(left.saturating_sub(reserved))
                .max(least.min(left));
            let count = if *part == 0 && !last { 0 } else { count };
            let marks = String::from(*mark).repeat(count);
            out += &self.look.paint(style.clone(), &marks);
            left -= count.min(left);
        }
        out
    }

    fn records(&mut self, report: &Report) {
        let sums = &report.findings.sums;
        let records = self
            .look
            .paint(Style::new().bold(), &count(sums.records, "record"));
        let (inputs, bytes) = (report.inputs as u64, size(report.bytes));
        self.line(&format!("{records} in {}, {bytes}", count(inputs, "input")));
        if sums.records == 0 && sums.rejects == 0 {
            self.wrapped("nothing there that is a record", Style::new().yellow());
        }
        if sums.rejects == 0 {
            return;
        }
        self.heading(
            "Rejects",
            &format!(
                "  {}",
                self.dim("what could not be read as a record; a run puts them aside")
            ),
        );
        let first = sums.first_rejects.items.iter().take(REJECTS);
        for (at, reason) in first {
            let line = format!("  {}  {}", shown_place(at), printable(reason));
            self.line(&line);
        }
        self.more(sums.rejects, REJECTS);
    }

    /// How many were not shown.
    fn more(&mut self, all: u64, shown: usize) {
        let rest = all.saturating_sub(shown as u64);
        if rest > 0 {
            let line = self.dim(&format!("  and {} more", grouped(rest)));
            self.line(&line);
        }
    }

    fn dois(&mut self, report: &Report) {
        let (sums, census) = (&report.findings.sums, &report.findings.census);
        self.heading("DOIs", "");
        let (valid, none, invalid) = (sums.valid, sums.no_doi, sums.invalid);
        let width = self.look.width.saturating_sub(40).clamp(0, 30);
        for (name, number, style, what) in [
            ("valid", valid, Style::new().green(), ""),
            ("none", none, Style::new(), ""),
            (
                "invalid",
                invalid,
                Style::new().yellow(),
                "it can't be a DOI",
            ),
        ] {
            let bar = self.bar(
                width,
                sums.records,
                &[
                    (number, '█', style),
                    (sums.records - number, '·', Style::new().dim()),
                ],
            );
            let percent = percent(number, sums.records);
            let line = format!("  {name:<9}{:>12} {percent:>6}  {bar}", grouped(number));
            let what = if number > 0 { what } else { "" };
            self.line(format!("{line}  {what}").trim_end());
        }
        let about = if census.exact { "" } else { "about " };
        let distinct = format!("{about}{}", grouped(census.distinct));
        let mut line = format!("  {:<9}{distinct:>12}", "distinct");
        if census.repeated > 0 {
            let many = if census.repeated == 1 { "is" } else { "are" };
            let repeated = grouped(census.repeated);
            line += &format!("  {about}{repeated} of them {many} in more than one record");
        }
        self.line(&line);
        if sums.doubtful() > 0 {
            self.heading(
                "DOIs to look at",
                &format!("  {}", grouped(sums.doubtful())),
            );
            let first = sums.first_doubts.items.iter().take(SHOWN);
            for (at, doubtful) in first {
                self.doubtful(at, doubtful);
            }
            self.more(sums.doubtful(), SHOWN);
        }
        self.prefixes(report);
    }

    fn doubtful(&mut self, at: &Place, doubtful: &Doubtful) {
        let place = format!("{} {}", shown_place(at), printable(&doubtful.field));
        let told = self
            .look
            .paint(Style::new().yellow(), &doubtful.doubt.told());
        self.line(&format!("  {place}  {told}"));
        let half = self.look.width.saturating_sub(24).max(20);
        let found = printable(&doubtful.found);
        let found = truncate_str(&found, half, "…");
        self.line(&format!("    {:<7}{found}", "found"));
        if let Some(asked) = &doubtful.asked {
            self.line(&format!("    {:<7}{}", "asked", printable(asked)));
        }
        if let Some(meant) = &doubtful.meant {
            self.line(&format!("    {:<7}{}", "meant?", printable(meant)));
        }
    }

    fn prefixes(&mut self, report: &Report) {
        if report.prefixes.is_empty() {
            return;
        }
        let all = &report.findings.sums.prefixes;
        let number = all.named.len() as u64;
        self.heading("Prefixes", &format!("  {}", grouped(number)));
        let mut shown = 0;
        for (prefix, records, agency) in &report.prefixes {
            shown += records;
            let agency = match agency {
                Agency::Crossref => "Crossref: the store has works of it".to_owned(),
                Agency::Told(name) => format!("{}: Crossref says so", printable(name)),
                Agency::Likely(name) => format!("{name}, as is well known: not at Crossref"),
                Agency::Unknown => self.dim("not known yet"),
            };
            let prefix = printable(prefix);
            self.line(&format!("  {prefix:<12}{:>9}  {agency}", grouped(*records)));
        }
        let others = report.findings.sums.valid - shown;
        if others > 0 {
            self.line(&format!("  {:<12}{:>9}", "others", grouped(others)));
        }
    }

    fn fields(&mut self, report: &Report) {
        let profiles = report.settings.mapping.profiles();
        let sums = &report.findings.sums.profiles;
        for ((name, profile), sums) in profiles.into_iter().zip(sums) {
            if sums.records == 0 {
                continue;
            }
            let columns = profile.columns();
            self.heading(
                "Fields",
                &format!("  of {} of profile {name}", count(sums.records, "record")),
            );
            self.table(&columns, sums);
            let absent: u64 = sums.fields.iter().map(|field| field.absent).sum();
            if absent > 0 && !profile.adds() {
                self.wrapped(
                    "  A key that a record does not have is missing, too, but is not added (`add` in [enrich]).",
                    Style::new().dim(),
                );
            }
            self.odd(&columns, sums);
        }
    }

    fn table(&mut self, columns: &[Column], sums: &ProfileSums) {
        let (some, none): (Vec<_>, Vec<_>) = columns
            .iter()
            .zip(&sums.fields)
            .partition(|(_, field)| field.present > 0);
        let name = some.iter().map(|(column, _)| column.name.len()).max();
        let name = name.unwrap_or_default().clamp(5, 24);
        let digits = grouped(sums.records).len().max(7);
        // Two blanks before each column.
        let numbers = name + 3 * (digits + 2) + 2;
        let bar = self.look.width.saturating_sub(numbers + 2).min(24);
        let bar = if bar < 6 { 0 } else { bar };
        let gap = if bar > 0 { 2 } else { 0 };
        let head = format!(
            "  {:<name$}{:bar$}{:gap$}  {:>digits$}  {:>digits$}  {:>digits$}",
            "", "", "", "present", "missing", "odd",
        );
        let head = self.dim(&head);
        self.line(&head);
        for (column, field) in some {
            let odd = field.odd();
            let parts = [
                (field.present - odd, '█', Style::new().green()),
                (odd, '▒', Style::new().yellow()),
                (field.missing(), '·', Style::new().dim()),
            ];
            let drawn = self.bar(bar, sums.records, &parts);
            let own = pad_str(column.name, name, console::Alignment::Left, Some("…"));
            let number = |number: u64| match number {
                0 => String::from("-"),
                number => grouped(number),
            };
            let odd = pad_left(&number(odd), digits);
            let odd = match field.odd() {
                0 => self.dim(&odd),
                _ => self.look.paint(Style::new().yellow(), &odd),
            };
            let missing = pad_left(&number(field.missing()), digits);
            let present = pad_left(&number(field.present), digits);
            let line = format!("  {own}{:gap$}{drawn}  {present}  {missing}  {odd}", "");
            self.line(&line);
        }
        if !none.is_empty() {
            let names: Vec<_> = none.iter().map(|(column, _)| column.name).collect();
            self.wrapped(
                &format!("  no record has: {}", names.join(", ")),
                Style::new(),
            );
        }
    }

    fn odd(&mut self, columns: &[Column], sums: &ProfileSums) {
        let both = || columns.iter().zip(&sums.fields);
        if sums.fields.iter().all(|field| field.odd() == 0) {
            return;
        }
        self.heading(
            "Odd values",
            &format!("  {}", self.dim("the first of each field")),
        );
        for (column, field) in both() {
            let Some((at, (odd, value))) = field.first_odd.items.first() else {
                continue;
            };
            let why = match odd {
                Odd::Word(_) => "says nothing".to_owned(),
                Odd::Date => "no date that can be read".to_owned(),
                Odd::Type if value.is_empty() => "stands in the way of it".to_owned(),
                Odd::Type => {
                    format!("a {}, no {}", type_of(value), wanted(column.kind))
                }
            };
            let why = self.look.paint(Style::new().yellow(), &why);
            let value = truncate_str(&printable(value), 24, "…").into_owned();
            let value = if value.is_empty() {
                value
            } else {
                value + "  "
            };
            self.line(&format!(
                "  {}  {value}{why}  {}",
                column.name,
                self.dim(&shown_place(at))
            ));
        }
        let with_words: Vec<_> = both().filter(|(_, field)| field.which != 0).collect();
        if with_words.is_empty() {
            return;
        }
        let line = self.dim("  To fill these words, too, say so in config.toml:");
        self.line(&line);
        // To be copied: neither cut nor broken.
        self.text += "    [fields]\n";
        for (column, field) in with_words {
            self.text += &rule(column, field);
        }
    }

    fn store(&mut self, report: &Report) {
        let census = &report.findings.census;
        let path = printable(&report.settings.store.display().to_string());
        if !report.store {
            self.heading(
                "Store",
                &format!("  no store yet in {path}: nothing is known"),
            );
        } else {
            self.heading("Store", &format!("  {path}"));
            let about = if census.exact { "" } else { "about " };
            for (known, what) in [
                (Known::Work, "have a work"),
                (Known::Alias, "have a work, by its other name"),
                (Known::Stale, "have a work that is old: asked again"),
                (Known::Absent, "are not known to Crossref"),
                (
                    Known::StaleAbsent,
                    "were not known to Crossref, long ago: asked again",
                ),
                (Known::Elsewhere, "are registered elsewhere"),
                (Known::Nothing, "are not in it"),
            ] {
                let number = census.of(known);
                if number > 0 {
                    let number = format!("{about}{}", grouped(number));
                    self.line(&format!("  {number:>12}  {what}"));
                }
            }
            let of = format!("  of {about}{} distinct DOIs", grouped(census.distinct));
            let of = self.dim(&of);
            self.line(&of);
        }
        if report.data_files_ahead && !report.settings.offline {
            self.wrapped(
                "  A run first brings in the `data_files` of the configuration; it asks for less then.",
                Style::new().yellow(),
            );
        }
    }

    fn cost(&mut self, report: &Report) {
        let (cost, census) = (&report.cost, &report.findings.census);
        let skipped = report.findings.sums.skipped;
        self.heading("A run", "");
        if skipped > 0 {
            let records = count(skipped, "record");
            self.line(&format!("  {records} miss nothing and are not asked for"));
        }
        if report.settings.offline {
            self.line("  asks nobody: `offline` is set");
        } else if cost.ask == 0 {
            self.line("  asks for nothing: the store knows all that is needed");
        } else {
            let about = if census.exact { "" } else { "about " };
            self.wrapped(
                &format!(
                    "  asks for {about}{}: {} and about {}",
                    count(cost.ask, "DOI"),
                    count(cost.lists, "list request"),
                    count(cost.singles, "single one"),
                ),
                Style::new(),
            );
            let yours = report.yours();
            for pool in &cost.pools {
                let own = pool.name == yours;
                let mark = if own { "▸" } else { " " };
                let time = duration(pool.seconds);
                let rates = format!(
                    "{} lists, {} singles/s",
                    pool.allowed.lists, pool.allowed.singles
                );
                let what = match pool.name {
                    "public" => "without an address",
                    "polite" => "with `mailto`",
                    _ => "with a token",
                };
                let line = format!("  {mark} {:<7} {time:<16} {rates:<25} {what}", pool.name);
                let style = if own {
                    Style::new().bold()
                } else {
                    Style::new()
                };
                let line = self.look.paint(style, line.trim_end());
                self.line(&line);
            }
            let share = format!("{:.1} %", cost.absent_share * 100.0);
            let from = match cost.share_is_known {
                true => format!(
                    "as the store knows of these, {share} of the DOIs are unknown to Crossref"
                ),
                false => format!("assumed: {share} of the DOIs are unknown to Crossref"),
            };
            self.wrapped(
                &format!("  At least that long: what the limits allow. Singles are {from}; each is asked once more."),
                Style::new().dim(),
            );
            if report.is_much() {
                self.wrapped(
                    "  That is much to ask for: with Crossref's public data file (`data_files`) most need not be asked.",
                    Style::new().yellow(),
                );
            }
        }
        self.output(report);
    }

    fn output(&mut self, report: &Report) {
        let (output, path) = (&report.output, &report.settings.output);
        let place = match path.as_os_str() == "-" {
            true => "standard output".to_owned(),
            false => printable(&path.display().to_string()),
        };
        let compressed = path
            .extension()
            .is_some_and(|end| end == "gz" || end == "zst");
        let before = if compressed {
            " before compression"
        } else {
            ""
        };
        let free = output
            .free
            .map(|free| format!("; {} free there", size(free)));
        let free = free.unwrap_or_default();
        let mut line = format!(
            "  writes about {}{before} to {place}{free}",
            size(output.bytes)
        );
        if output.store > 0 {
            line += &format!("; the store grows by up to {}", size(output.store));
        }
        self.wrapped(&line, Style::new());
        if output.fits() == Some(false) && !compressed {
            self.wrapped(
                "  It will not fit: name another output, or one that ends in .zst.",
                Style::new().red().bold(),
            );
        }
    }
}

/// What makes words count as missing.
fn rule(column: &Column, field: &FieldSums) -> String {
    let words: Vec<String> = field.words().map(quote).collect();
    let name = match column.name.contains('.') {
        true => quote(column.name),
        false => column.name.to_owned(),
    };
    format!("    {name} = {{ missing = [{}] }}\n", words.join(", "))
}

fn shown_place(at: &Place) -> String {
    format!("{}:{}", printable(&at.source), at.line)
}

fn pad_left(text: &str, width: usize) -> String {
    format!("{text:>width$}")
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number))
}

fn percent(part: u64, whole: u64) -> String {
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    // All but one are not all.
    if part < whole && percent > 99.9 {
        return "99.9 %".to_owned();
    }
    format!("{percent:.1} %")
}

fn size(bytes: u64) -> String {
    bytesize::ByteSize(bytes).display().si().to_string()
}

/// A time in two units at most.
fn duration(seconds: f64) -> String {
    let whole = seconds.ceil() as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60);
    match whole {
        0..=1 => "a second".to_owned(),
        2..60 => format!("{whole} s"),
        60..3_600 => format!("{} min", whole.div_ceil(60)),
        3_600..86_400 => format!("{hours} h {minutes} min"),
        _ => format!("{} {hours} h", count(days, "day")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(width: usize, parts: [u64; 3]) -> String {
        let page = Page {
            look: Look {
                width: 80,
                colors: false,
            },
            text: String::new(),
        };
        let marks = ['█', '▒', '·'];
        let whole = parts.iter().sum();
        let parts: Vec<Part> = parts
            .into_iter()
            .zip(marks)
            .map(|(part, mark)| (part, mark, Style::new()))
            .collect();
        page.bar(width, whole, &parts)
    }

    #[test]
    fn bars_are_as_wide_as_they_should_be_and_hide_nothing() {
        assert_eq!(bar(10, [5, 0, 5]), "█████·····");
        assert_eq!(bar(10, [1_000_000, 1, 0]), "█████████▒");
        assert_eq!(bar(10, [1, 1, 1_000_000]), "█▒········");
        assert_eq!(bar(10, [1_000_000, 1, 1]), "████████▒·");
        assert_eq!(bar(10, [0, 0, 3]), "··········");
        assert_eq!(bar(10, [3, 0, 0]), "██████████");
        assert_eq!(bar(0, [1, 1, 1]), "");
    }

    #[test]
    fn times_and_parts_are_short() {
        for (seconds, text) in [
            (0.2, "a second"),
            (59.0, "59 s"),
            (61.0, "2 min"),
            (7_260.0, "2 h 1 min"),
            (90_000.0, "1 day 1 h"),
            (600_000.0, "6 days 22 h"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(percent(999_999, 1_000_000), "99.9 %");
        assert_eq!(percent(3, 3), "100.0 %");
    }
}
