//! Texts made comparable: case, accents, markup, entities and punctuation do not make a difference.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::markup::plain;

/// The letters and digits of `text`, folded, words separated by one blank.
pub(super) fn words(text: &str) -> String {
    let text = plain(text);
    if text.is_ascii() {
        return ascii_words(&text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || is_mark(c) {
            fold(c, chars.peek().copied(), &mut out);
        } else if !out.is_empty() && !out.ends_with(' ') && c != '\'' && c != '’' {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A mark that changes the letter before it.
pub(super) fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

/// Adds a letter or digit in lower case, without accents, and in Latin script where another one is
/// Greek or Cyrillic. What follows it decides whether a Greek letter is a name or part of a word.
/// In other scripts marks stay: "ガラス" is glass, and "カラス" a crow.
pub(super) fn fold(c: char, next: Option<char>, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    // Before it is taken apart: "й" is a letter of its own.
    let lower = c.to_lowercase().next();
    if let Some(text) = lower.and_then(latin)
        && lower != Some('μ')
    {
        out.push_str(text);
        return;
    }
    for c in std::iter::once(c).nfkd().flat_map(char::to_lowercase) {
        if is_combining_mark(c) {
            // What has become Latin does without, and so do Hebrew and Arabic, where vowels are
            // marks that few write.
            let vowel = matches!(c, '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{652}' | '\u{670}');
            if !vowel && out.ends_with(|base| !is_latin(base) && base != ' ') {
                out.push(c);
            }
            continue;
        }
        // `5 μm` is typed `5 um`.
        if c == 'μ'
            && next
                .is_some_and(|next| matches!(next, 'm' | 'g' | 'l' | 's' | 'M' | 'G' | 'L' | 'S'))
        {
            out.push('u');
            continue;
        }
        match latin(c) {
            Some(text) => out.push_str(text),
            None if c.is_alphanumeric() => out.push(c),
            None => {}
        }
    }
}

/// Is this folded letter Latin? Greek and Cyrillic ones are, by then.
pub(super) fn is_latin(c: char) -> bool {
    c < '\u{370}'
}

fn latin(c: char) -> Option<&'static str> {
    const GREEK: [&str; 25] = [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
        "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon",
        "phi", "chi", "psi", "omega",
    ];
    const CYRILLIC: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s",
        "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
    ];
    let nth = |table: &[&'static str], first: char| {
        let at = u32::from(c).checked_sub(u32::from(first))?;
        table.get(usize::try_from(at).ok()?).copied()
    };
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        'і' => "i",
        'є' => "ye",
        'ґ' => "g",
        'ё' => "e",
        'α'..='ω' => nth(&GREEK, 'α')?,
        'а'..='я' => nth(&CYRILLIC, 'а')?,
        _ => return None,
    })
}

/// The same for ASCII, byte by byte.
fn ascii_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            if blank && !out.is_empty() {
                out.push(' ');
            }
            out.push(char::from(byte.to_ascii_lowercase()));
            blank = false;
        } else {
            blank |= byte != b'\'';
        }
    }
    out
}

/// Titles that many works have: made of nothing but such words and numbers.
pub(super) fn is_generic<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    const LONGEST: usize = 80;
    let mut length = 0;
    for word in words {
        length += word.len() + 1;
        let generic =
            GENERIC.binary_search(&word).is_ok() || word.bytes().all(|byte| byte.is_ascii_digit());
        if !generic || length > LONGEST + 1 {
            return false;
        }
    }
    true
}

/// Does a word of this title, as it is written, say that it is not generic? Builds nothing; `false`
/// says nothing.
pub(super) fn is_specific(title: &str) -> bool {
    // Of markup, not all words are the title's.
    let plain = match memchr::memchr2(b'<', b'&', title.as_bytes()) {
        Some(at) => title.get(..at).unwrap_or_default(),
        None => title,
    };
    let whole = match plain.len() < title.len() {
        true => plain.rsplit_once(' ').unwrap_or_default().0,
        false => plain,
    };
    whole.split_ascii_whitespace().any(|word| {
        let lower = || word.bytes().map(|byte| byte.to_ascii_lowercase());
        word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && GENERIC
                .binary_search_by(|generic| generic.bytes().cmp(lower()))
                .is_err()
    })
}

/// In alphabetical order.
#[rustfmt::skip]
const GENERIC: &[&str] = &[
    "a", "abbreviations", "abstract", "abstracts", "acknowledgement", "acknowledgements",
    "acknowledgment", "acknowledgments", "addendum", "advertisement", "advertising", "afterword",
    "agenda", "and", "announcement", "announcements", "annual", "answers", "appendix", "april",
    "article", "articles", "august", "author", "authors", "autumn", "avant", "back", "bibliography",
    "biographies", "board", "book", "books", "buchbesprechung", "buchbesprechungen", "calendar",
    "chronicle", "colophon", "comment", "commentary", "comments", "committee", "communication",
    "communications", "comptes", "conclusion", "conclusiones", "conclusions", "content", "contents",
    "contributor", "contributors", "copyright", "corrected", "correction", "corrections",
    "correspondence", "corrigenda", "corrigendum", "cover", "current", "danksagung", "das", "de",
    "december", "dedication", "der", "des", "discussion", "du", "e", "echos", "edito", "editor",
    "editorial", "editoriale", "editorials", "editors", "einfuhrung", "einleitung", "el",
    "epilogue", "errata", "erratum", "et", "events", "executive", "exlibris", "fe", "february",
    "figures", "for", "foreword", "forthcoming", "from", "front", "geleitwort", "glossary", "guest",
    "guide", "highlights", "i", "ii", "iii", "impressum", "in", "index",
    "information", "inhalt",
    "inhaltsverzeichnis", "inleiding", "inside", "instructions", "introducao", "introduccion",
    "introduction", "introductory", "introduktion", "issue", "issues", "iv", "january", "journal",
    "july", "june", "keyword", "la", "le", "les", "leserbriefe", "letter", "letters", "lettre",
    "lettres", "libros", "list", "listing", "literature", "los", "march", "masthead", "matter",
    "may", "medical", "meeting", "meetings", "memoriam", "message", "minor", "minutes",
    "miscellany", "nachruf", "nachrufe", "nachwort", "new", "news", "newsletter", "no", "note",
    "notes", "notice", "notices", "november", "number", "o", "obituaries", "obituary", "october",
    "of", "on", "ot", "our", "page", "pages", "preamble", "predislovie", "preface", "prefacio",
    "prefazione", "presentacion", "presentation", "presentazione", "president", "proceedings",
    "prologue", "propos", "publication", "publications", "published", "queries", "questions",
    "quiz", "received", "recensies", "recensioni", "recenzii", "redactioneel", "redaktsii",
    "referees", "reference", "references", "remarks", "remerciements", "rendus", "reply", "report",
    "reports", "resena", "resenas", "resenhas", "response", "retraction", "review", "reviewers",
    "reviews", "rezension", "rezensionen", "s", "september",
    "sommaire", "special", "spring", "subject",
    "sumario", "summaries", "summary", "summer", "supplement", "table", "tables", "thanks", "the",
    "this", "title", "to", "toc", "und", "untitled", "v", "vol", "volume", "voorwoord", "vorwort",
    "vstup", "vvedenie", "welcome", "winter", "withdrawn", "y", "zum", "zur",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_words() {
        assert_eq!(
            words("Zürich: &amp; the <i>E. coli</i>—story"),
            "zurich the e coli story"
        );
        assert_eq!(words("Müller's"), words("Mu\u{308}ller’s"));
        assert_eq!(words("…"), "");
        assert_eq!(words(" A-b  c's. "), "a b cs");
        assert_eq!(
            words("TNFα und Łódź, Straße Ærø"),
            "tnfalpha und lodz strasse aero"
        );
        assert_eq!(words("40 µm and μ-opioid"), "40 um and mu opioid");
        assert_eq!(words("Чайковский Щука"), "chaykovskiy shchuka");
        assert_eq!(words("40 ΜM and ΜΜ"), "40 um and mumu");
        assert_eq!(words("H₂O and CO<sub>2</sub>"), "h2o and co2");
        assert_eq!(words("e\u{301} α\u{301} и\u{301} \u{301}"), "e alpha i");
        assert_eq!(words("がラｶﾞ"), words("か\u{3099}ラカ\u{3099}"));
        assert_ne!(words("ガラス"), words("カラス"));
        assert_ne!(words("किताब"), words("कताब"));
        assert_eq!(words("كِتَاب"), words("كتاب"));
    }

    #[test]
    fn generic_titles() {
        assert!(GENERIC.is_sorted());
        for title in [
            "Editorial",
            "ÉDITORIAL",
            "Book review(s)",
            "Table of Contents",
            "Vorwort",
            "От редакции",
            "Letters to the Editor",
            "Volume 12, Issue 3: Index",
            "Index to volume 12, January 2001 to December 2001",
            "<i class=\"of heat\">Editorial</i>",
            "Edito<b>rial</b>",
            "Comptes rendus",
            "",
        ] {
            assert!(is_generic(words(title).split(' ')), "{title}");
            assert!(!is_specific(title), "{title}");
        }
        for title in [
            "Editorial: what is new in cells",
            "Soil Ecology",
            "Review of thrips",
            "Soil & <b>stones</b>",
        ] {
            assert!(!is_generic(words(title).split(' ')), "{title}");
            assert!(is_specific(title), "{title}");
        }
    }
}
