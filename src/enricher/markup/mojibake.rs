//! UTF-8 that was read as Latin-1 or Windows-1252 on its way to Crossref: mended where that is
//! certain, as in 10.1057/9780230391116.0016.

use std::borrow::Cow;

/// The characters of the bytes `80` to `9f` in Windows-1252; a control where it has none.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
    '\u{8f}', //
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The byte that was read as this character, if it is none of ASCII.
fn byte(c: char) -> Option<u8> {
    match u8::try_from(c) {
        Ok(byte) => (byte >= 0x80).then_some(byte),
        Err(_) if !('\u{152}'..='\u{2122}').contains(&c) => None,
        Err(_) => (0x80..)
            .zip(WINDOWS)
            .find(|(_, own)| *own == c)
            .map(|(byte, _)| byte),
    }
}

/// May a misread character begin with this?
pub(super) fn begins(c: char) -> bool {
    ('\u{c2}'..='\u{f4}').contains(&c)
}

/// May a misread character go on with this?
pub(super) fn follows(c: char) -> bool {
    byte(c).is_some_and(|byte| byte < 0xc0)
}

/// `text`, with what is certainly misread as it was meant.
pub(super) fn mended(text: &str) -> Cow<'_, str> {
    // Some were misread twice.
    match once(text) {
        Some(mended) => Cow::Owned(once(&mended).unwrap_or(mended)),
        None => Cow::Borrowed(text),
    }
}

fn once(text: &str) -> Option<String> {
    let control = |c| ('\u{80}'..='\u{9f}').contains(&c) && c != '\u{85}';
    if !text.contains(|c| begins(c) || control(c)) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(first) = rest.chars().next() {
        if let Some((meant, tail)) = run(rest, out.chars().next_back()) {
            out.push_str(&meant);
            rest = tail;
            changed = true;
            continue;
        }
        // A control of this range is a sign of Windows-1252 as well; in a text it means nothing.
        let meant = match control(first) {
            true => WINDOWS.get(first as usize - 0x80).copied().unwrap_or(first),
            false => first,
        };
        changed |= meant != first;
        out.push(meant);
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    changed.then_some(out)
}

/// What the longest beginning of `text` that is misread was meant to be, if that is certain, and
/// what follows it.
fn run(text: &str, before: Option<char>) -> Option<(String, &str)> {
    let (mut meant, mut tail, mut certain) = (String::new(), text, false);
    let mut many = 0;
    while let Some(one) = misread(tail) {
        let next = one.tail.chars().next();
        let last = meant.chars().next_back().or(before);
        // So are neighbours in a script of its own: nobody writes `ÐœÐ¾Ñ` otherwise.
        many += usize::from(one.meant.is_alphabetic() && one.meant > '\u{24f}');
        certain |= one.certain(last, next) || many >= 3 || many == 2 && one.meant > '\u{7ff}';
        meant.push(one.meant);
        tail = one.tail;
        // Far enough: the rest is looked at with what is certain behind it.
        if meant.len() > 64 {
            break;
        }
    }
    certain.then_some((meant, tail))
}

/// A character as it was meant.
struct Misread<'a> {
    meant: char,
    bytes: [char; 4],
    count: usize,
    tail: &'a str,
}

impl Misread<'_> {
    /// Can it be nothing else, between these?
    fn certain(&self, before: Option<char>, next: Option<char>) -> bool {
        let after = |at: usize| self.bytes.get(at).copied().unwrap_or(' ');
        if self
            .bytes
            .iter()
            .take(self.count)
            .any(|c| c.is_control() && *c != '\u{85}')
        {
            return true;
        }
        // `â€` begins dashes and quotes.
        if matches!(self.meant, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203a}' | '€' | '™') {
            return true;
        }
        let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let quote = matches!(
            after(1),
            '‘' | '’' | '“' | '”' | '‹' | '›' | '«' | '»' | '…' | '–' | '—'
        );
        match (self.count, after(0)) {
            // In the midst of a word there is no place for `Ã£` but where `ã` was meant; a letter
            // may end a quotation, or a line.
            (2, 'Ã' | 'Ä' | 'Å') if quote => letter(before) && letter(next),
            (2, 'Ã' | 'Ä' | 'Å') if after(1) == '\u{a0}' => {
                before.is_some_and(char::is_lowercase)
            }
            (2, 'Ã' | 'Ä' | 'Å') => {
                self.meant.is_alphabetic() && (letter(before) || letter(next))
            }
            // Greek in formulas: `Î±`, `Ï‡`.
            (2, 'Î' | 'Ï') => {
                self.meant.is_alphabetic()
                    && !quote
                    && !after(1).is_alphabetic()
                    && after(1) != '\u{a0}'
            }
            _ => false,
        }
    }
}

/// The character that the beginning of `text` was, if it was misread.
fn misread(text: &str) -> Option<Misread<'_>> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let count = match byte(first)? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let (mut encoded, mut bytes) = ([0; 4], [first; 4]);
    *encoded.first_mut()? = byte(first)?;
    for (slot, own) in encoded.get_mut(..count)?.iter_mut().zip(&mut bytes).skip(1) {
        *own = chars.next()?;
        *slot = byte(*own)?;
    }
    let meant = std::str::from_utf8(encoded.get(..count)?)
        .ok()?
        .chars()
        .next()?;
    (!meant.is_control()).then_some(Misread {
        meant,
        bytes,
        count,
        tail: chars.as_str(),
    })
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
            ("ÐœÐ¾Ñ\u{81}ÐºÐ²Ð°", "Москва"),
            ("ä¸\u{ad}å›½", "中国"),
            ("the Ï‡2 and TGF-Î²", "the χ2 and TGF-β"),
            ("voilÃ\u{a0} que", "voilà que"),
            ("SÃƒÂ£o", "São"),
            // Windows-1252 that was read as Latin-1.
            (
                "it\u{92}s \u{93}one\u{94} \u{96} \u{80}5",
                "it’s “one” – €5",
            ),
            // As they should be.
            ("SÃO PAULO", "SÃO PAULO"),
            ("MANHÃ\u{a0}DE", "MANHÃ\u{a0}DE"),
            ("Ã £5", "Ã £5"),
            ("10 Å’s and “Å”", "10 Å’s and “Å”"),
            ("“café”… und mehr", "“café”… und mehr"),
            ("Müller café naïve", "Müller café naïve"),
            ("PAYSÂ»", "PAYSÂ»"),
            ("â", "â"),
            ("", ""),
        ] {
            assert_eq!(mended(raw), meant, "{raw}");
        }
    }
}
