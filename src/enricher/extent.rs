//! Pages as they are compared: labels, dashes, leading zeros and the letter of electronic pages are
//! no difference.

use super::markup::plain;

/// One page, or a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: String,
    /// Empty, if only the first page is said.
    pub(super) last: String,
}

/// What stands before pages, the longer word first.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "pages", "page", "pág", "págs", "seiten", "seite", "pgs", "pg", "pp", "ss", "str", "p", "s",
];

/// Words before an article's number, which stands in the place of pages.
#[rustfmt::skip]
const ARTICLES: &[&str] = &["article number", "article no", "article", "art. no", "art no", "art"];

/// The pages that a text says: one or more ranges, without the label.
pub(super) fn ranges(text: &str) -> Vec<Range> {
    let text = bare(text);
    let parts = text.split([',', ';', '&', '+']).map(range);
    parts.filter(|range| !range.first.is_empty()).collect()
}

/// Where it begins: the first page, and the last one of its range. None, if no page is said.
pub(super) fn first_range(text: &str) -> Option<Range> {
    let text = plain(text);
    let text = text.trim();
    let article = ARTICLES.iter().find_map(|word| without(text, word));
    let found = ranges(article.unwrap_or(text)).into_iter().next()?;
    found
        .first
        .contains(|c: char| c.is_alphanumeric() && c != '0')
        .then_some(found)
}

/// Are these the same pages, as far as both are said?
pub(super) fn agree(one: &[Range], other: &[Range]) -> bool {
    // Of `1-3, 10-12`, many have only `1-3`.
    !one.is_empty() && one.iter().zip(other).all(|(one, other)| one.agrees(other))
}

impl Range {
    fn agrees(&self, other: &Self) -> bool {
        // "1234-42" stands for "1234-1242".
        self.first == other.first
            && (self.last.is_empty()
                || other.last.is_empty()
                || self.last.ends_with(&other.last)
                || other.last.ends_with(&self.last))
    }
}

/// A hyphen, a dash or a minus, of any width.
pub(super) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// In small letters, without blanks and label, dashes as one hyphen.
pub(super) fn bare(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len());
    let text = text.trim();
    let text = LABELS
        .iter()
        .find_map(|label| without(text, label))
        .unwrap_or(text);
    for c in text.chars() {
        match c {
            c if is_dash(c) => {
                if !out.ends_with('-') {
                    out.push('-');
                }
            }
            c if c.is_whitespace() => {}
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// What stands behind the label, if it is one: "S12" and "PPAR" are none.
fn without<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let start = text.get(..label.len())?;
    let rest = text.get(label.len()..)?;
    let bare = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':'));
    let parted = bare.len() < rest.len();
    let number = bare.starts_with(|c: char| c.is_ascii_digit()) && label.starts_with(['p', 'a']);
    (start.eq_ignore_ascii_case(label) && (parted || number) && !bare.is_empty()).then_some(bare)
}

fn range(text: &str) -> Range {
    let (first, last) = text.split_once('-').unwrap_or((text, ""));
    let page = |text: &str| {
        let text = text.trim_matches(|c: char| !c.is_alphanumeric());
        // Electronic pages are cited with and without their letter.
        let number = text.strip_prefix('e').unwrap_or(text);
        let digit = number.starts_with(|c: char| c.is_ascii_digit());
        let number = if digit { number } else { text };
        number.trim_start_matches('0').to_owned()
    };
    Range {
        first: page(first),
        last: page(last),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pages_agree_however_they_are_written() {
        for (same, one, other) in [
            (true, "222-234", "222\u{2212}234"),
            (true, "222-234", "Pages 222 \u{2013} 234"),
            (true, "222-234", "pp. 222--34"),
            (true, "222-234", "222\u{fe58}234"),
            (true, "222-234", "222\u{fe63}234"),
            (true, "222-234", "222\u{ff0d}234"),
            (true, "222-234", "222&ndash;234"),
            (true, "222-234", "S. 222-234"),
            (true, "222-234", "str. 222\u{2010}234"),
            (true, "222-234", "p222"),
            (true, "222-234", "e222"),
            (true, "222-234", "0222-0234"),
            (true, "E898-903", "e898-e903"),
            (true, "ix-xx", "p. IX"),
            (true, "1-3, 7-11", "1-3"),
            (true, "1-3, 7-11", "1-3;7-11"),
            // 10.1001/amaguidesnewsletters.2006.marapr01
            (true, "7, 12", "7,12"),
            (false, "1-3, 7-11", "1-3, 7-12"),
            (false, "222-234", "223-234"),
            (false, "222-234", "222-235"),
            (false, "S12-S14", "12-14"),
            (false, "222-234", ""),
        ] {
            let (left, right) = (ranges(one), ranges(other));
            assert_eq!(agree(&right, &left), same, "{one} {other}");
        }
    }

    #[test]
    fn the_first_page_may_be_an_article() {
        for (text, first, last) in [
            ("Article 104324", "104324", ""),
            ("Art. no. 7", "7", ""),
            ("pp. 1 - 14", "1", "14"),
            ("Pages 222-234", "222", "234"),
            ("222\u{2212}234", "222", "234"),
            ("S12", "s12", ""),
        ] {
            let range = first_range(text).unwrap();
            assert_eq!((&*range.first, &*range.last), (first, last), "{text}");
        }
        for none in ["", "0", "-", "0-0"] {
            assert_eq!(first_range(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,12}", page in "[0-9eisp .,–-]{0,12}") {
            for text in [text, page] {
                first_range(&text);
                let all = ranges(&text);
                prop_assert!(all.is_empty() || agree(&all, &all));
            }
        }
    }
}
