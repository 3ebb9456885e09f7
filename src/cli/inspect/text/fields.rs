//! What records have of each field.

use console::{Alignment, Style, pad_str, truncate_str};

use super::draw::{Page, count, pad_left, shown_place};
use crate::cli::inspect::Report;
use crate::cli::ui::{grouped, printable};
use crate::enricher::Column;
use crate::inspect::{FieldSums, Odd, ProfileSums, type_of, wanted};
use crate::json::quote;

impl Page {
    pub(super) fn fields(&mut self, report: &Report) {
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
            self.table(&columns, sums, profile.adds());
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

    fn table(&mut self, columns: &[Column], sums: &ProfileSums, adds: bool) {
        let (some, none): (Vec<_>, Vec<_>) = columns
            .iter()
            .zip(&sums.fields)
            .partition(|(_, field)| field.present > 0);
        let name = some.iter().map(|(column, _)| column.name.len()).max();
        let name = name.unwrap_or_default().clamp(5, 24);
        let digits = grouped(sums.records).len().max(7);
        // Two blanks before each column.
        let (width, cell) = (self.look.width, digits + 2);
        // Numbers are never cut: on a narrow terminal there are fewer.
        let numbers = (width.saturating_sub(2 + name) / cell).clamp(1, 3);
        let name = name.min(width.saturating_sub(2 + numbers * cell)).max(4);
        let bar = width.saturating_sub(2 + name + 3 * cell + 2).min(24);
        let (bar, gap) = if bar < 6 { (0, 0) } else { (bar, 2) };
        let row = |cells: [String; 3]| cells[3 - numbers..].join("  ");
        let head = ["present", "missing", "odd"].map(|head| pad_left(head, digits));
        let head = format!("  {:name$}{:gap$}{:bar$}  {}", "", "", "", row(head));
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
            let own = printable(column.name);
            let own = pad_str(&own, name, Alignment::Left, Some("…"));
            let number = |number: u64| match number {
                0 => pad_left("-", digits),
                number => pad_left(&grouped(number), digits),
            };
            let style = match field.odd() {
                0 => Style::new().dim(),
                _ => Style::new().yellow(),
            };
            let cells = row([
                number(field.present),
                number(field.missing()),
                self.look.paint(style, &number(odd)),
            ]);
            self.line(&format!("  {own}{:gap$}{drawn}  {cells}", ""));
        }
        if !none.is_empty() {
            let names: Vec<_> = none
                .iter()
                .map(|(column, _)| printable(column.name))
                .collect();
            let what = match adds {
                true => "no record has these, a run adds what Crossref knows",
                false => "no record has",
            };
            self.wrapped(&format!("  {what}: {}", names.join(", ")), Style::new());
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
                    format!(
                        "a {} where a {} belongs",
                        type_of(value),
                        wanted(column.kind)
                    )
                }
            };
            let why = self.look.paint(Style::new().yellow(), &why);
            let place = self.dim(&shown_place(at, self.look.width / 3));
            self.line(&format!("  {:<16}  {why}  {place}", printable(column.name)));
            if !value.is_empty() {
                let value = printable(value);
                let value = truncate_str(&value, self.look.width.saturating_sub(24), "…");
                self.line(&format!("    {:<7}{value}", "found"));
            }
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

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::*;
    use crate::cli::ui::Look;
    use crate::enricher::Mapping;
    use crate::inspect::Sums;

    fn table(width: usize) -> String {
        let mapping = Mapping::default();
        let mut sums = Sums::new(&mapping).profiles[0].clone();
        sums.records = 1_234_567;
        for (at, field) in sums.fields.iter_mut().enumerate() {
            field.present = if at % 3 == 0 { 0 } else { 1_000_000 };
            field.absent = sums.records - field.present;
            field.types = at as u64;
        }
        let mut page = Page::new(Look {
            width,
            colors: false,
        });
        page.table(&mapping.scholar.columns(), &sums, false);
        page.text
    }

    #[test]
    fn tables_fit_terminals() {
        for width in [20, 40, 60, 80, 120] {
            let table = table(width);
            assert_eq!(table.contains('█'), width >= 60, "{table}");
            // Words that are longer than the terminal is wide are cut, and that is told.
            let wide = |line: &&str| measure_text_width(line) > width;
            assert_eq!(table.lines().find(wide), None, "{width}");
        }
        let table = table(40);
        assert!(
            table.contains("  authors            234,567          1\n"),
            "{table}"
        );
    }
}
