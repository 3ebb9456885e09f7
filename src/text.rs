//! Numbers and texts as a person reads them, on a terminal and on a page.

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

/// `1 record`, `2,000 records`.
pub(crate) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number))
}

/// A part in percent. What is not quite all is never 100 %, what is not quite nothing never 0 %.
pub(crate) fn share(part: u64, all: u64) -> String {
    let percent = part as f64 / all.max(1) as f64 * 100.0;
    match percent {
        _ if part == 0 => "0 %".to_owned(),
        _ if part == all => "100 %".to_owned(),
        percent => format!("{:.1} %", percent.clamp(0.1, 99.9)),
    }
}

/// Text from outside, without what a terminal or a browser would obey.
pub(crate) fn printable(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_obeyed() {
        assert_eq!(
            printable("a\u{1b}[31mb\nc\u{202e}é"),
            "a\\u{1b}[31mb\\nc\\u{202e}é"
        );
    }

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(
            (count(1, "DOI"), count(0, "DOI")),
            ("1 DOI".to_owned(), "0 DOIs".to_owned())
        );
        let shares = [(0, 5), (1, 100_000), (99_999, 100_000), (5, 5), (0, 0)];
        let shares = shares.map(|(part, all)| share(part, all));
        assert_eq!(shares, ["0 %", "0.1 %", "99.9 %", "100 %", "0 %"]);
    }
}
