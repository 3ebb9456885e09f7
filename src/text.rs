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

/// Does it turn the direction of text, or break a line?
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text from outside, without what a terminal or a browser would obey.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// JSON on one line, its meaning unchanged, without what a terminal would obey.
pub(crate) fn printable_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // All of these are in the basic plane, and within strings.
            c if (c.is_control() && !c.is_ascii_whitespace()) || turns(c) => {
                out += &format!("\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
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
            printable("a\u{1b}[31mb\nc\u{202e}é\u{200f}\u{2028}"),
            "a\\u{1b}[31mb\\nc\\u{202e}é\\u{200f}\\u{2028}"
        );
    }

    #[test]
    fn json_keeps_its_meaning() {
        let json = "{\"a\":\"\u{9b}31m\u{7f}\u{202e}é\"}";
        let shown = printable_json(json);
        assert_eq!(shown, "{\"a\":\"\\u009b31m\\u007f\\u202eé\"}");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&shown), read(json));
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
