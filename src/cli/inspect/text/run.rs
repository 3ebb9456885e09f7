//! What the store knows, and what a run would cost.

use console::Style;

use super::draw::{Page, count, duration, estimated, shortened, size};
use crate::cli::inspect::Report;
use crate::cli::ui::{grouped, printable};
use crate::inspect::Known;

impl Page {
    pub(super) fn store(&mut self, report: &Report) {
        let census = &report.findings.census;
        let path = printable(&report.settings.store.display().to_string());
        if !report.store {
            self.heading("Store", "  none yet: nothing is known");
            self.line(&format!(
                "  {}",
                shortened(&path, self.look.width.saturating_sub(2))
            ));
        } else {
            self.heading("Store", &format!("  {path}"));
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
                    let number = estimated(number, census.exact);
                    self.line(&format!("  {number:>12}  {what}"));
                }
            }
            let distinct = estimated(census.distinct, census.exact);
            let of = format!("  of {distinct} distinct DOIs");
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

    pub(super) fn cost(&mut self, report: &Report) {
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
            let some = |number: u64, what: &str| {
                let plural = if number == 1 { "" } else { "s" };
                format!("{} {what}{plural}", estimated(number, census.exact))
            };
            let most = grouped(report.settings.batch as u64);
            self.wrapped(
                &format!(
                    "  asks for {}: {} (of up to {most} DOIs each) and about {}",
                    some(cost.ask, "DOI"),
                    some(cost.lists, "list request"),
                    count(cost.singles, "single one"),
                ),
                Style::new(),
            );
            let yours = report.yours();
            let head = format!(
                "    {:<7} {:<12} {:<18} {}",
                "pool", "at least", "", "lists + singles"
            );
            let head = self.dim(&head);
            self.line(&head);
            for pool in &cost.pools {
                let own = pool.name == yours;
                let mark = if own { "▸" } else { " " };
                let time = duration(pool.seconds);
                let (lists, singles) = (pool.allowed.lists, pool.allowed.singles);
                let rates = format!("{lists} + {singles}/s");
                let what = match pool.name {
                    "public" => "without an address",
                    "polite" => "with `mailto`",
                    _ => "with a token",
                };
                let line = format!("  {mark} {:<7} {time:<12} {what:<18} {rates}", pool.name);
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
                true => format!("{share}, as among those that the store knows"),
                false => format!("{share} is assumed"),
            };
            self.wrapped(
                &format!("  Times are what the limits allow; slow answers take longer. DOIs that Crossref does not know are asked once more, alone: {from}."),
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
        let (place, there) = match path.as_os_str() == "-" {
            true => ("standard output".to_owned(), "in this folder"),
            false => (printable(&path.display().to_string()), "there"),
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
            .map(|free| format!(" ({} are free {there})", size(free)));
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
