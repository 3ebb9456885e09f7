//! Lines, bars and numbers as they are shown.

use console::Style;

pub(super) use crate::cli::page::{Page, shortened};
use crate::inspect::Place;
pub(super) use crate::text::{count, share};
use crate::text::{grouped, printable};

/// A part of a whole: how much of a bar, and in which style.
pub(super) type Part = (u64, char, Style);

impl Page {
    /// A bar of `width` cells; parts that are there have a cell at least.
    pub(super) fn bar(&self, width: usize, whole: u64, parts: &[Part]) -> String {
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
}

/// A place; of long paths the end, which tells more.
pub(super) fn shown_place(at: &Place, width: usize) -> String {
    format!("{}:{}", shortened(&printable(&at.source), width), at.line)
}

pub(super) fn pad_left(text: &str, width: usize) -> String {
    format!("{text:>width$}")
}

/// A number, exact or not: what is estimated has no more digits than are true.
pub(super) fn estimated(number: u64, exact: bool) -> String {
    if exact {
        return grouped(number);
    }
    let unit = 10_u64.pow(number.max(1).ilog10().saturating_sub(2));
    format!("about {}", grouped((number + unit / 2) / unit * unit))
}

pub(super) fn size(bytes: u64) -> String {
    bytesize::ByteSize(bytes).display().si().to_string()
}

/// A time in two units at most.
pub(super) fn duration(seconds: f64) -> String {
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
    use crate::cli::ui::Look;

    fn bar(width: usize, parts: [u64; 3]) -> String {
        let page = Page::new(Look {
            width: 80,
            colors: false,
        });
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
        assert_eq!(estimated(7_994_384, true), "7,994,384");
        assert_eq!(estimated(7_994_384, false), "about 7,990,000");
        assert_eq!(estimated(7, false), "about 7");
    }
}
