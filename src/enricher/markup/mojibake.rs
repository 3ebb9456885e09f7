//! UTF-8 that was read as Latin-1 or Windows-1252 on its way to Crossref: mended where that is
//! certain, as in 10.1057/9780230391116.0016.

use std::borrow::Cow;

/// The bytes `80` to `9f` in Windows-1252, where they are characters.
const WINDOWS: [(char, u8); 27] = [
    ('€', 0x80),
    ('‚', 0x82),
    ('ƒ', 0x83),
    ('„', 0x84),
    ('…', 0x85),
    ('†', 0x86),
    ('‡', 0x87),
    ('ˆ', 0x88),
    ('‰', 0x89),
    ('Š', 0x8a),
    ('‹', 0x8b),
    ('Œ', 0x8c),
    ('Ž', 0x8e),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
    ('˜', 0x98),
    ('™', 0x99),
    ('š', 0x9a),
    ('›', 0x9b),
    ('œ', 0x9c),
    ('ž', 0x9e),
    ('Ÿ', 0x9f),
];

/// The byte that was read as this character, if it is none of ASCII.
fn byte(c: char) -> Option<u8> {
    match u8::try_from(c) {
        Ok(byte) => (byte >= 0x80).then_some(byte),
        Err(_) => WINDOWS
            .iter()
            .find(|(own, _)| *own == c)
            .map(|(_, byte)| *byte),
    }
}

/// `text`, with what is certainly misread as it was meant.
pub(super) fn mended(text: &str) -> Cow<'_, str> {
    // Each misread character begins with the first byte of one.
    if !text.contains(|c| ('\u{c3}'..='\u{f4}').contains(&c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match misread(rest, out.chars().next_back()) {
            Some((meant, length)) => {
                out.push(meant);
                rest = &rest[length..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    match out == text {
        true => Cow::Borrowed(text),
        false => Cow::Owned(out),
    }
}

/// The character that the beginning of `text` was meant to be, and how much of it that is.
fn misread(text: &str, before: Option<char>) -> Option<(char, usize)> {
    let first = byte(text.chars().next()?)?;
    let count = match first {
        0xc3..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let (mut bytes, mut length, mut control) = ([0; 4], 0, false);
    let mut chars = text.chars();
    for slot in bytes.get_mut(..count)? {
        let c = chars.next()?;
        *slot = byte(c)?;
        length += c.len_utf8();
        control |= c.is_control();
    }
    let meant = std::str::from_utf8(bytes.get(..count)?).ok()?;
    let meant = meant.chars().next()?;
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    // C1 controls stand for nothing else; `â€` begins dashes and quotes; and in the midst of a word
    // there is no place for `Ã£` but where `ã` was meant.
    let certain = control
        || matches!(meant, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203a}' | '€' | '™')
        || count == 2
            && first <= 0xc5
            && meant.is_alphabetic()
            && (letter(before) || letter(chars.next()));
    (certain && !meant.is_control()).then_some((meant, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_certainly_misread_is_mended() {
        for (raw, meant) in [
            // Authors of 10.1111/j.1574-6941.1993.tb00013.x and …1994.tb00253.x
            ("MarrÃ£o", "Marrão"),
            ("VerÃ\u{ad}ssimo", "Veríssimo"),
            ("Christian LÃ¼ck", "Christian Lück"),
            ("itâ\u{80}\u{99}s", "it’s"),
            ("itâ€™s â€“ fine", "it’s – fine"),
            ("Å\u{81}ódź", "Łódź"),
            ("ÐÑ\u{80}", "Ðр"),
            // As they should be.
            ("SÃO PAULO", "SÃO PAULO"),
            ("Ã £5", "Ã £5"),
            ("Müller café naïve", "Müller café naïve"),
            ("PAYSÂ»", "PAYSÂ»"),
            ("â", "â"),
            ("", ""),
        ] {
            assert_eq!(mended(raw), meant, "{raw}");
        }
    }
}
