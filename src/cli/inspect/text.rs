//! The report for a person: what is there, what is missing, what a run would cost, and what to look at.

mod draw;
mod fields;
mod run;

use console::{Style, truncate_str};

use super::Report;
use crate::cli::ui::{Look, grouped, printable};
use crate::inspect::{Agency, Doubtful, Place};
use draw::{Page, count, estimated, share, shown_place, size};

/// So many examples of a kind are shown.
const SHOWN: usize = 10;

/// Repeated DOIs may be meant.
const REPEATS: usize = 3;

/// Rejects are told with their reasons, which say the same, mostly.
const REJECTS: usize = 5;

/// The page.
pub(super) fn page(report: &Report, look: Look) -> String {
    let mut page = Page::new(look);
    page.records(report);
    if report.findings.sums.records > 0 {
        page.dois(report);
        page.fields(report);
        page.store(report);
        page.cost(report);
    }
    page.text
}

impl Page {
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
            &format!("  {}", self.dim("no records; a run puts them aside")),
        );
        let first = sums.first_rejects.items.iter().take(REJECTS);
        for (at, reason) in first {
            let place = shown_place(at, self.look.width.saturating_sub(12));
            self.line(&format!("  {place}"));
            self.wrapped(&format!("    {}", printable(reason)), Style::new().yellow());
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
        let width = self.look.width.saturating_sub(54).clamp(0, 24);
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
            let share = share(number, sums.records);
            let line = format!("  {name:<9}{:>12} {share:>7}  {bar}", grouped(number));
            let what = if number > 0 { what } else { "" };
            self.line(format!("{line}  {what}").trim_end());
        }
        let distinct = estimated(census.distinct, census.exact);
        let mut line = format!("  {:<9}{distinct:>12}", "distinct");
        if census.repeated > 0 {
            let many = if census.repeated == 1 { "is" } else { "are" };
            let repeated = estimated(census.repeated, census.exact);
            line += &format!("  {repeated} {many} in several records");
        }
        self.line(&line);
        self.repeats(report);
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

    fn repeats(&mut self, report: &Report) {
        let room = self.look.width.saturating_sub(24) / 2;
        for repeat in report.findings.repeats.iter().take(REPEATS) {
            let doi = self.dim(&printable(repeat.doi.as_str()));
            let (one, other) = (
                shown_place(&repeat.one, room),
                shown_place(&repeat.other, room),
            );
            self.line(&format!("    {one} and {other}  {doi}"));
        }
    }

    fn doubtful(&mut self, at: &Place, doubtful: &Doubtful) {
        let room = self.look.width / 2;
        let place = format!("{} {}", shown_place(at, room), printable(&doubtful.field));
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
        let more = if all.others > 0 { "more than " } else { "" };
        self.heading("Prefixes", &format!("  {more}{}", grouped(number)));
        let mut shown = 0;
        for (prefix, records, agency) in &report.prefixes {
            shown += records;
            let agency = match agency {
                Agency::Crossref => "Crossref: the store has works of it".to_owned(),
                Agency::Told(name) => format!("{}: Crossref says so", printable(name)),
                Agency::Likely(name) => format!("likely {name}"),
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
}
