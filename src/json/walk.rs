//! Where JSON values begin and end: one pass that checks all and builds nothing.
//!
//! It takes only what `serde_json` takes, in the same way (a test compares them), several times
//! faster. It need not take all of it: what it refuses, be it wrong or merely very deep, is given to
//! `serde_json`, which decides, and says what is wrong.

/// Deeper values are left to `serde_json`.
const DEPTH: u32 = 64;

/// Calls `member` with each key (without quotes, is it escaped) and value of `text`, one object.
pub(super) fn members<'a>(
    text: &'a str,
    mut member: impl FnMut(&'a str, bool, &'a str),
) -> Option<()> {
    let bytes = text.as_bytes();
    let end = object(text, blanks(bytes, 0), &mut member)?;
    ends(bytes, end)
}

/// The same for the object that begins at `at`; its end.
pub(super) fn object<'a>(
    text: &'a str,
    at: usize,
    member: &mut impl FnMut(&'a str, bool, &'a str),
) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = opened(bytes, at, b'{')?;
    if bytes.get(at) == Some(&b'}') {
        return Some(at + 1);
    }
    loop {
        let (key_end, escaped) = string(bytes, at)?;
        let start = colon(bytes, key_end)?;
        let end = value(bytes, start)?;
        member(
            text.get(at + 1..key_end - 1)?,
            escaped,
            text.get(start..end)?,
        );
        at = blanks(bytes, end);
        match bytes.get(at)? {
            b',' => at = blanks(bytes, at + 1),
            b'}' => return Some(at + 1),
            _ => return None,
        }
    }
}

/// Calls `element` with each element of `text`, one array.
pub(super) fn elements<'a>(text: &'a str, mut element: impl FnMut(&'a str)) -> Option<()> {
    each(text, |at| {
        let end = value(text.as_bytes(), at)?;
        element(text.get(at..end)?);
        Some(end)
    })
}

/// Calls `read` with where each element of `text`, one array, begins; it says where it ends.
pub(super) fn each(text: &str, mut read: impl FnMut(usize) -> Option<usize>) -> Option<()> {
    let bytes = text.as_bytes();
    let mut at = opened(bytes, blanks(bytes, 0), b'[')?;
    if bytes.get(at) == Some(&b']') {
        return ends(bytes, at + 1);
    }
    loop {
        let end = read(at)?;
        at = blanks(bytes, end);
        match bytes.get(at)? {
            b',' => at = blanks(bytes, at + 1),
            b']' => return ends(bytes, at + 1),
            _ => return None,
        }
    }
}

/// What follows the bracket at `at`.
fn opened(bytes: &[u8], at: usize, bracket: u8) -> Option<usize> {
    (bytes.get(at) == Some(&bracket)).then(|| blanks(bytes, at + 1))
}

/// Nothing but blanks from here on?
fn ends(bytes: &[u8], at: usize) -> Option<()> {
    (blanks(bytes, at) == bytes.len()).then_some(())
}

/// The end of the value that begins at `at`.
pub(super) fn value(bytes: &[u8], mut at: usize) -> Option<usize> {
    // A bit for each open bracket, the innermost last: is it an object's?
    let (mut objects, mut depth) = (0_u64, 0);
    loop {
        match bytes.get(at)? {
            b'"' => at = string(bytes, at)?.0,
            b'-' | b'0'..=b'9' => at = number(bytes, at)?,
            b'n' => at = word(bytes, at, b"null")?,
            b't' => at = word(bytes, at, b"true")?,
            b'f' => at = word(bytes, at, b"false")?,
            bracket @ (b'{' | b'[') => {
                let object = *bracket == b'{';
                at = blanks(bytes, at + 1);
                match bytes.get(at)? {
                    b'}' if object => at += 1,
                    b']' if !object => at += 1,
                    _ if depth == DEPTH => return None,
                    _ => {
                        (objects, depth) = (objects << 1 | u64::from(object), depth + 1);
                        if object {
                            at = colon(bytes, string(bytes, at)?.0)?;
                        }
                        continue;
                    }
                }
            }
            _ => return None,
        }
        // A value ends here, and perhaps what it is in.
        loop {
            if depth == 0 {
                return Some(at);
            }
            let object = objects & 1 == 1;
            at = blanks(bytes, at);
            match bytes.get(at)? {
                b',' => {
                    at = blanks(bytes, at + 1);
                    if object {
                        at = colon(bytes, string(bytes, at)?.0)?;
                    }
                    break;
                }
                b'}' if object => {}
                b']' if !object => {}
                _ => return None,
            }
            (objects, depth, at) = (objects >> 1, depth - 1, at + 1);
        }
    }
}

/// The beginning of the value behind a colon.
#[inline]
fn colon(bytes: &[u8], at: usize) -> Option<usize> {
    // Hardly anybody writes blanks here.
    match bytes.get(at..)? {
        [b':', next, ..] if *next > b' ' => return Some(at + 1),
        _ => {}
    }
    let at = blanks(bytes, at);
    (bytes.get(at) == Some(&b':')).then(|| blanks(bytes, at + 1))
}

#[inline]
fn blanks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

#[inline]
fn word<const N: usize>(bytes: &[u8], at: usize, word: &[u8; N]) -> Option<usize> {
    (bytes.get(at..)?.first_chunk() == Some(word)).then_some(at + N)
}

fn number(bytes: &[u8], mut at: usize) -> Option<usize> {
    let digits = |from: usize| -> Option<usize> {
        let mut to = from;
        while let Some(b'0'..=b'9') = bytes.get(to) {
            to += 1;
        }
        (to > from).then_some(to)
    };
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    let whole = digits(at)?;
    if bytes.get(at) == Some(&b'0') && whole > at + 1 {
        return None;
    }
    at = whole;
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        at = digits(at)?;
    }
    Some(at)
}

/// The end of the string whose quote is at `at`, and whether it has escapes.
#[inline]
fn string(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    // Most strings are short.
    let end = match eight(bytes, at + 1) {
        Some(8) => match eight(bytes, at + 9) {
            Some(8) => ordinary(bytes, at + 17),
            Some(count) => at + 9 + count,
            None => ordinary(bytes, at + 9),
        },
        Some(count) => at + 1 + count,
        None => ordinary(bytes, at + 1),
    };
    match bytes.get(end) {
        Some(b'"') => Some((end + 1, false)),
        _ => Some((escaped(bytes, end)?, true)),
    }
}

/// The end of a string that has an escape at `at`.
#[inline(never)]
fn escaped(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => {}
            _ => return None,
        }
        at += match bytes.get(at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' => {
                let digits = bytes.get(at + 2..at + 6)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(6)?
            }
            _ => return None,
        };
        at = ordinary(bytes, at);
    }
}

/// Where, from `at` on, a string does not just go on: a quote, a backslash, a control character.
#[inline(never)]
fn ordinary(bytes: &[u8], mut at: usize) -> usize {
    // Blocks are for long texts. What stops becomes 0, in operations on bytes alone: a loop of such
    // compiles to vector instructions.
    let stop = |byte: u8| {
        let control = byte.saturating_sub(0x1f);
        control.min(byte ^ b'"').min(byte ^ b'\\')
    };
    let long = at + 64;
    loop {
        match eight(bytes, at) {
            Some(8) => at += 8,
            Some(count) => return at + count,
            None => break,
        }
        while at > long
            && let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<32>)
            && block.iter().map(|byte| stop(*byte)).fold(1, u8::min) > 0
        {
            at += block.len();
        }
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| stop(**byte) > 0).count()
}

/// How many of the eight bytes at `at` come before one that stops a string; `None` if there are no
/// eight.
#[inline]
fn eight(bytes: &[u8], at: usize) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    let word = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    // The high bit of each byte that is 0, or less than 0x20; perhaps of bytes behind such a one.
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let found = (quote.wrapping_sub(ONES) & !quote)
        | (backslash.wrapping_sub(ONES) & !backslash)
        | (word.wrapping_sub(ONES * 0x20) & !word);
    Some((found & (ONES * 0x80)).trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    fn walked(text: &str) -> Option<Vec<&str>> {
        let mut found = Vec::new();
        elements(text, |element| found.push(element)).map(|()| found)
    }

    fn parsed(text: &str) -> Option<Vec<&str>> {
        let values = serde_json::from_str::<Vec<&RawValue>>(text).ok()?;
        Some(values.into_iter().map(RawValue::get).collect())
    }

    #[test]
    fn takes_what_serde_json_takes() {
        let long = "x".repeat(100);
        for value in [
            "0",
            "-0",
            "01",
            "-",
            "1.",
            ".5",
            "1.50",
            "1e5",
            "1E+05",
            "1e",
            "1e-",
            "0.0e0",
            "+1",
            "null",
            "nul",
            "nullx",
            "true",
            "false",
            "True",
            "\"\"",
            "\"",
            "\"a\\\"b\"",
            "\"\\u00e9\"",
            "\"\\u00g9\"",
            "\"\\ud800\"",
            "\"\\u12\"",
            "\"\\x\"",
            "\"\t\"",
            "\"\u{7f}é…\u{10ffff}\"",
            "{}",
            "{ }",
            "[ ]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{\"a\":1}",
            "{\"a\":1,}",
            "{\"a\" : [ {} , null ] , \"a\":{\"b\":[]}}",
            "{a:1}",
            "{1:1}",
            "[}",
            "{]",
            "[{]}",
            "{\"a\"}",
            "{\"a\",1}",
            "\u{b}1",
            "\u{a0}1",
        ] {
            for text in [
                format!("[{value}]"),
                format!(" [ {value} , {value}\n]\r\t"),
                format!("[{value}"),
                format!("[{value}]]"),
                format!("[\"{long}\",{value}]"),
                value.to_owned(),
            ] {
                assert_eq!(walked(&text), parsed(&text), "{text}");
            }
        }
        for length in 0..80 {
            for stop in ["\"", "\\", "\u{1f}", "\u{0}", "\\n", "é", "\u{a0}"] {
                let text = format!(
                    "[\"{}{stop}{}\"]",
                    "x".repeat(length),
                    "y".repeat(length / 2)
                );
                assert_eq!(walked(&text), parsed(&text), "{text}");
            }
        }
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(walked(&deep(60)).is_some());
        assert!(walked(&deep(100)).is_none());
    }

    proptest! {
        #[test]
        fn never_takes_what_serde_json_does_not(
            text in "\\[([\\[\\]{},: ]|\"[a\\\\\"u0-9é]{0,12}\"|[0-9.eE+-]{1,4}|null|true){0,12}\\]",
        ) {
            prop_assert_eq!(walked(&text), parsed(&text));
        }

        #[test]
        fn strings_of_any_kind(text in any::<String>(), raw in "[ -~\\t\\\\\"é]{0,60}") {
            for text in [format!("[{}]", crate::json::quote(&text)), format!("[\"{raw}\"]")] {
                prop_assert_eq!(walked(&text), parsed(&text));
            }
        }
    }
}
