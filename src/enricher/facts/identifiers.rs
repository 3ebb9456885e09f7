//! Identifiers that carry a check digit: ISSN, ISBN, ORCID. One whose check digit is wrong names
//! something else, or nothing, and is not told.

use std::borrow::Cow;

/// The digits of an identifier, `X` being ten; none if there are not `N` of them, or if there is
/// more than the hyphens and blanks that people write between them.
fn digits<const N: usize>(text: &str) -> Option<[u32; N]> {
    let mut digits = [0; N];
    let mut count = 0;
    for c in text.chars() {
        let digit = match c {
            '0'..='9' => c.to_digit(10)?,
            'X' | 'x' if count == N - 1 => 10,
            '-' | ' ' | '\u{a0}' | '\u{2010}'..='\u{2015}' => continue,
            _ => return None,
        };
        *digits.get_mut(count)? = digit;
        count += 1;
    }
    (count == N).then_some(digits)
}

/// ISO 2108 and ISO 3297: weights from the number of digits down to 1.
fn checks_by_11(digits: &[u32]) -> bool {
    let weights = (1..).zip(digits.iter().rev());
    weights
        .map(|(weight, digit)| weight * digit)
        .sum::<u32>()
        .is_multiple_of(11)
}

/// What EAN-13 adds up to: weights 1 and 3 by turns.
fn sum_by_10(digits: &[u32]) -> u32 {
    let weights = [1, 3].into_iter().cycle();
    let products = digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| digit * weight);
    products.sum()
}

/// What follows a word that says what it is: `ISSN 1234-5679`.
fn without_word<'a>(text: &'a str, word: &str) -> &'a str {
    let text = text.trim();
    match text.get(..word.len()) {
        Some(start) if start.eq_ignore_ascii_case(word) => text
            .get(word.len()..)
            .unwrap_or(text)
            .trim_start_matches([':', ' ']),
        _ => text,
    }
}

/// `1234-567X`.
pub(super) fn issn(text: &str) -> Option<Cow<'_, str>> {
    let text = without_word(text, "ISSN");
    let digits = digits::<8>(text)?;
    // All zeros add up, too.
    if !checks_by_11(&digits) || digits == [0; 8] {
        return None;
    }
    let usual = |(at, byte): (usize, u8)| (byte == b'-') == (at == 4) && byte != b'x';
    if text.len() == 9 && text.bytes().enumerate().all(usual) {
        return Some(Cow::Borrowed(text));
    }
    let (head, tail) = digits.split_at(4);
    Some([&written(head), "-", &written(tail)].concat().into())
}

/// Thirteen digits. Works of 2015 have `http://id.crossref.org/isbn/978…`.
pub(super) fn isbn(text: &str) -> Option<Cow<'_, str>> {
    let text = text.rsplit('/').next().unwrap_or(text);
    let text = without_word(text, "ISBN");
    if let Some(digits) = digits::<13>(text) {
        let book = matches!(digits, [9, 7, 8 | 9, ..]);
        if !book || !sum_by_10(&digits).is_multiple_of(10) {
            return None;
        }
        return Some(match text.len() {
            13 => Cow::Borrowed(text),
            _ => written(&digits).into(),
        });
    }
    let digits = digits::<10>(text)?;
    if !checks_by_11(&digits) || digits == [0; 10] {
        return None;
    }
    let mut long = vec![9, 7, 8];
    long.extend(digits.iter().take(9));
    long.push((10 - sum_by_10(&long) % 10) % 10);
    Some(written(&long).into())
}

/// `https://orcid.org/0000-0002-1825-0097`. Its check digit is ISO 7064 11-2.
pub(super) fn orcid(text: &str) -> Option<String> {
    let id = text.trim().trim_end_matches('/');
    let id = id.rsplit('/').next().unwrap_or(id);
    let digits = digits::<16>(id)?;
    let (check, base) = digits.split_last()?;
    let total = base.iter().fold(0, |total, digit| (total + digit) * 2 % 11);
    if (12 - total) % 11 != *check {
        return None;
    }
    let mut out = String::with_capacity(37);
    out.push_str("https://orcid.org/");
    for (at, group) in digits.chunks(4).enumerate() {
        if at > 0 {
            out.push('-');
        }
        out.push_str(&written(group));
    }
    Some(out)
}

fn written(digits: &[u32]) -> String {
    let digit = |digit: &u32| char::from_digit(*digit, 10).unwrap_or('X');
    digits.iter().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identifiers_have_right_check_digits() {
        let is = |read: fn(&str) -> Option<Cow<'_, str>>, cases: &[(&str, &str)]| {
            for (text, expected) in cases {
                let read = read(text);
                assert_eq!(read.as_deref().unwrap_or_default(), *expected, "{text}");
            }
        };
        is(
            issn,
            &[
                ("0264-3561", "0264-3561"),
                ("2041-210X", "2041-210X"),
                ("2041-210x", "2041-210X"),
                ("2041210X", "2041-210X"),
                (" ISSN: 0264\u{2013}3561 ", "0264-3561"),
                // 10.50505/200509221618, 10.1007/bf00293751, 10.1130/g38665.1
                ("1234-5678", ""),
                ("0000-0000", ""),
                ("    0091-7613 ", "0091-7613"),
                ("badissn", ""),
                ("0264-356", ""),
                ("0264-35611", ""),
                ("X264-3561", ""),
                ("", ""),
            ],
        );
        is(
            isbn,
            &[
                ("9781461466253", "9781461466253"),
                ("978-3-16-148410-0", "9783161484100"),
                ("ISBN 978 3 16 148410 0", "9783161484100"),
                ("http://id.crossref.org/isbn/9781461466253", "9781461466253"),
                // 10.1029/ar035, 10.1109/infvis.2005.1532150, 10.2307/jj.130880.4
                ("0875901816", "9780875901817"),
                ("078039464X", "9780780394643"),
                ("149683755x", "9781496837554"),
                ("9781461466254", ""),
                ("0875901817", ""),
                ("0000000000", ""),
                ("0000000000000", ""),
                ("97814614662531", ""),
                ("", ""),
            ],
        );
        for (text, expected) in [
            (
                "http://orcid.org/0000-0002-1825-0097",
                "0000-0002-1825-0097",
            ),
            (
                "https://orcid.org/0000-0003-1477-304X/",
                "0000-0003-1477-304X",
            ),
            ("0000-0003-1477-304x", "0000-0003-1477-304X"),
            ("000000031477304X", "0000-0003-1477-304X"),
            ("https://orcid.org/0000-0002-1825-0098", ""),
            // 10.5555/12345678
            ("http://orcid.org/0000-0000-0000-0000", ""),
            ("https://orcid.org/", ""),
        ] {
            let expected = (!expected.is_empty()).then(|| format!("https://orcid.org/{expected}"));
            assert_eq!(orcid(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_wrong_digit_is_seen(digits in "[0-9]{4}-[0-9]{4}", book in "978[0-9]{10}") {
            let valid = (0..=9).filter(|last| issn(&format!("{}{last}", &digits[..8])).is_some());
            prop_assert!(valid.count() <= 1);
            let valid = (0..=9).filter(|last| isbn(&format!("{}{last}", &book[..12])).is_some());
            prop_assert_eq!(valid.count(), 1);
        }
    }
}
