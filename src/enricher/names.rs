//! Names of people in a string: who comes first, and which spellings are one.

use std::borrow::Cow;

use super::markup::plain;
use super::normal::words;

/// Words between the last two of a list. In lower case, but for "AND": Et is a name. So is Ramón y
/// Cajal.
const ANDS: &[&str] = &["and", "AND", "&", "und", "et", "och", "og", "en"];

/// The pieces of a list that are parted by "and" or a sign for it.
pub(super) fn parted_by_and(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    for word in text.split(' ') {
        let end = at + word.len();
        // "et al." parts nothing.
        let is_and = ANDS.contains(&word) && !text.get(end..).is_some_and(is_rest);
        if is_and && let Some(piece) = text.get(from..at) {
            pieces.push(piece);
            from = end;
        }
        at = end + 1;
    }
    pieces.extend(text.get(from..));
    pieces.retain(|piece| piece.contains(char::is_alphanumeric));
    pieces
}

fn is_rest(behind: &str) -> bool {
    let behind = behind.trim_start().to_ascii_lowercase();
    ["al", "others", "colleagues", "coll"]
        .iter()
        .any(|word| behind.starts_with(word) && behind.len() <= word.len() + 1)
}

/// The family name of the first of the authors in a string such as `Jane Doe, John Roe`,
/// `Doe, Jane; Roe, John`, `Jane Doe and John Roe` or `J. Doe;J. Roe`.
pub(super) fn first_family(authors: &str) -> Option<String> {
    let authors = plain(authors);
    let (first, by_comma) = match authors.split_once(';') {
        Some((first, _)) => (first, first.contains(',')),
        None => (authors.split(',').next().unwrap_or_default(), false),
    };
    let first = first.split(" et al").next().unwrap_or_default();
    let first = parted_by_and(first).first().copied().unwrap_or_default();
    let name = words(if by_comma {
        first.split(',').next().unwrap_or_default()
    } else {
        first
    });
    let mut parts: Vec<&str> = name.split(' ').filter(|part| !part.is_empty()).collect();
    while parts.len() > 1 && matches!(parts.last(), Some(&("jr" | "sr" | "ii" | "iii" | "iv"))) {
        parts.pop();
    }
    if by_comma {
        return (!parts.is_empty()).then(|| parts.join(" "));
    }
    // "Doe J A" and "Doe JA": initials come last.
    let written: Vec<&str> = first.split_whitespace().collect();
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    let initials = |text: &str| (1..=3).contains(&letters(text)) && is_upper(text);
    let behind = written.iter().skip(1).rev();
    let trailing = behind.take_while(|part| initials(part)).count();
    if let (Some(first), Some(last)) = (written.first(), written.last())
        && trailing > 0
        && letters(first) > 1
        && !first.ends_with('.')
        && letters(first) >= letters(last)
    {
        let family = words(&written[..written.len() - trailing].join(" "));
        return (!family.is_empty()).then_some(family);
    }
    parts.last().map(|part| (*part).to_owned())
}

/// Does what stands for a name say that there is none? In capitals only: there are people called Na.
pub(super) fn is_nobody(name: &str) -> bool {
    matches!(name, "NA" | "N/A" | "n/a" | "et al" | "et al.")
}

/// Capitals only. Scripts without case have none: 张三 is a name.
pub(super) fn is_upper(text: &str) -> bool {
    text.contains(char::is_uppercase) && !text.contains(char::is_lowercase)
}

/// Parts of names: accents are lost and umlauts spelt out.
pub(super) fn same_name(one: &str, two: &str) -> bool {
    one == two || one.len() >= 4 && two.len() >= 4 && same_spelling(one, two)
}

/// Are two folded words one, but for umlauts that are spelt out?
pub(super) fn same_spelling(one: &str, two: &str) -> bool {
    short_spelling(one).eq(short_spelling(two))
}

/// A folded part of a name so spelt that same names are equal: `muller` for `mueller`.
pub(super) fn spelling(name: &str) -> Cow<'_, str> {
    if name.len() < 4 || ["ae", "oe", "ue"].iter().all(|two| !name.contains(two)) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(short_spelling(name).collect())
}

/// Umlauts as one letter.
fn short_spelling(name: &str) -> impl Iterator<Item = char> {
    let mut before = ' ';
    name.chars().filter(move |c| {
        let spelt_out = *c == 'e' && matches!(before, 'a' | 'o' | 'u');
        before = *c;
        !spelt_out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_families() {
        let family = |text| first_family(text).unwrap_or_default();
        for (text, expected) in [
            ("Gregory Kulacki", "kulacki"),
            ("Yuexin Gao;Min Xue", "gao"),
            ("K. Shah,&nbsp;J. Roe", "shah"),
            ("Doe, Jane; Roe, John", "doe"),
            ("Martin Luther King Jr., X", "king"),
            ("DOE J., ROE K.", "doe"),
            ("van der Berg JA, Roe K", "van der berg"),
            ("JA Doe", "doe"),
            ("", ""),
            // An entity ends in a semicolon, which parts nobody.
            ("M&uuml;ller J, Roe K", "muller"),
            ("Roe &amp; M&uuml;ller", "roe"),
            // 10.1053/j.gastro.2022.09.026
            ("Catherine Williamson and Norah Terrault", "williamson"),
            ("C. Williamson & N. Terrault", "williamson"),
            ("J. Doe und K. Roe", "doe"),
            ("J. Doe et K. Roe", "doe"),
            ("Doe, Jane and Roe, John", "doe"),
            ("J. Doe et al.", "doe"),
            ("王伟, 张三", "王伟"),
        ] {
            assert_eq!(family(text), expected, "{text}");
        }
    }

    #[test]
    fn and_parts_a_list() {
        for (text, expected) in [
            ("J. Doe and K. Roe", &["J. Doe ", " K. Roe"][..]),
            ("J. Doe et al.", &["J. Doe et al."]),
            ("J. Doe and others", &["J. Doe and others"]),
            ("Y E Anderson", &["Y E Anderson"]),
            (" and ", &[]),
        ] {
            assert_eq!(parted_by_and(text), expected, "{text}");
        }
    }

    #[test]
    fn umlauts_are_spelt_out_or_lost() {
        for (same, one, two) in [
            (true, "mueller", "muller"),
            (true, "soerensen", "sorensen"),
            (false, "moe", "mo"),
            (false, "voelkerson", "voelker"),
        ] {
            assert_eq!(same_name(one, two), same, "{one} {two}");
            assert_eq!(spelling(one) == spelling(two), same, "{one} {two}");
        }
    }
}
