//! Characters that are no part of what is read: layout blanks, controls and what has no width.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::joints::is_genitive;
use super::mojibake;

/// Is there nothing to do for this text? Nearly always: so it is asked byte by byte.
pub(super) fn is_plain(text: &str) -> bool {
    let mut before = b' ';
    let mut ascii = true;
    for byte in text.bytes() {
        match byte {
            b' ' if matches!(before, b' ' | b'(' | b'[') => return false,
            0..0x20 | b'<' | b'&' | 0x7f => return false,
            0x80.. => ascii = false,
            _ => {}
        }
        before = byte;
    }
    (before != b' ' || text.is_empty()) && (ascii || is_plain_beyond_ascii(text))
}

fn is_plain_beyond_ascii(text: &str) -> bool {
    let mut simple = true;
    let mut before = ' ';
    for c in text.chars() {
        if !c.is_ascii() {
            // Two in a row may be one that was misread.
            let misread = mojibake::begins(before) && mojibake::follows(c);
            if c.is_whitespace() || c.is_control() || is_invisible(c) || misread {
                return false;
            }
            simple &= c < '\u{300}';
        }
        before = c;
    }
    simple || is_nfc(text)
}

/// Single blanks, none around, nor within brackets at both their ends, or where a genitive went to
/// another line; no control characters, and nothing that has no width, unless a
/// script needs it; NFC.
pub(super) fn settled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    // The direction of a text needs no mark if there is only one.
    let mut directed = None;
    // What would close the bracket that a blank stands after, and where that is.
    let mut bracket = None;
    let mut line = false;
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() {
            line |= c == '\n';
            if !out.is_empty() && !out.ends_with(' ') {
                bracket = match out.chars().next_back() {
                    Some('(') => Some((')', out.len())),
                    Some('[') => Some((']', out.len())),
                    _ => bracket,
                };
                out.push(' ');
            }
            continue;
        }
        match c {
            ')' | ']' => {
                if let Some((close, blank)) = bracket.take()
                    && (c, true) == (close, blank + 1 < out.len())
                    && out.ends_with(' ')
                {
                    out.pop();
                    out.remove(blank);
                }
            }
            '(' | '[' => bracket = None,
            '\'' | '’' if line && text.get(at..).is_some_and(is_genitive) => {
                out.truncate(out.trim_end().len());
            }
            _ => {}
        }
        line = false;
        let kept = match c {
            '\u{200c}' | '\u{200d}' => {
                let before = out.chars().next_back().unwrap_or(' ');
                let joins = chars.peek().is_some_and(|(_, c)| is_joined(*c)) || is_virama(before);
                is_joined(before) && joins
            }
            '\u{200e}'
            | '\u{200f}'
            | '\u{61c}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                *directed.get_or_insert_with(|| text.contains(is_right_to_left))
            }
            c => !c.is_control() && !is_invisible(c),
        };
        if kept {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    match out.is_ascii() || is_nfc(&out) {
        true => out,
        false => out.nfc().collect(),
    }
}

/// Without a width, and without a meaning but for some scripts.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffc}'
    )
}

/// Of a script that is written with joiners and their opposites: Arabic (Persian), those of India
/// and around, Mongolian; and pictures.
fn is_joined(c: char) -> bool {
    matches!(
        c,
        '\u{600}'..='\u{8ff}'
            | '\u{900}'..='\u{109f}'
            | '\u{1780}'..='\u{18af}'
            | '\u{1900}'..='\u{1cff}'
            | '\u{2600}'..='\u{27bf}'
            | '\u{a800}'..='\u{aaff}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe0f}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{11000}'..='\u{11fff}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

/// Kills a vowel; with a joiner after it, at the end of a word too, it makes another letter.
fn is_virama(c: char) -> bool {
    matches!(
        c,
        '\u{94d}'
            | '\u{9cd}'
            | '\u{a4d}'
            | '\u{acd}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d4d}'
            | '\u{dca}'
    )
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::plain;

    #[test]
    fn what_has_no_width() {
        for (raw, expected) in [
            (
                "soft\u{ad}hyphen\u{200b}s\u{feff} and \u{7}bells",
                "softhyphens and bells",
            ),
            ("f\u{2061}(x) a\u{2060}b\u{fffc}", "f(x) ab"),
            ("a\u{200e} b\u{202c}", "a b"),
            ("עברית \u{200e}(A)\u{200f}", "עברית \u{200e}(A)\u{200f}"),
            // Persian, and Latin that was pasted from it.
            (
                "می\u{200c}خواهم a\u{200c}b \u{200d}é\u{200d}é",
                "می\u{200c}خواهم ab éé",
            ),
            // Malayalam, at the end of a word; Devanagari; a family.
            (
                "ന\u{d4d}\u{200d} क\u{94d}\u{200d}ष",
                "ന\u{d4d}\u{200d} क\u{94d}\u{200d}ष",
            ),
            ("👩\u{200d}🔬", "👩\u{200d}🔬"),
            (
                "\u{2003}em\u{2009}and\u{a0}no-break\u{2028}line\u{3000}",
                "em and no-break line",
            ),
        ] {
            assert_eq!(plain(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn what_is_plain_is_lent() {
        for raw in [
            "",
            "A plain title",
            "Études sur l’œuvre – α",
            "模糊测试技术研究",
            "한국어",
            "Việt",
            "می",
            "\u{fffd}",
        ] {
            assert!(matches!(plain(raw), Cow::Borrowed(_)), "{raw}");
        }
        for raw in [
            " a", "a ", "a  b", "a\n", "a\u{a0}", "e\u{301}", "\u{200b}", "Ã©a", "<", "&",
        ] {
            assert!(matches!(plain(raw), Cow::Owned(_)), "{raw}");
        }
    }
}
