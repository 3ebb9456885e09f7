//! Titles and abstracts as people read them: JATS, HTML and MathML tags, entities and layout
//! blanks go.
//!
//! The walk is blind to namespaces and does not ask for well-formed input: of real abstracts, some
//! are not. A `<` that begins no tag stays (`p < 0.05`). Entities are decoded after the tags, so
//! that `&lt;` never becomes one; some are escaped twice, as found in the wild.

mod mojibake;
mod walk;

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use walk::Headings;

/// So often are escapes undone: some are escaped twice, and tags may come to light.
const ROUNDS: usize = 3;

/// Plain text of `raw`: no tags, no entities, single blanks, NFC.
pub(super) fn plain(raw: &str) -> Cow<'_, str> {
    let simple = raw
        .bytes()
        .all(|byte| (0x20..0x7f).contains(&byte) && byte != b'<' && byte != b'&');
    if simple && !raw.contains("  ") && raw.trim().len() == raw.len() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(read(raw, Headings::Inline))
}

/// The plain text of an abstract, headings of sections told by a colon, without one that only says
/// that it is an abstract; none if it is a placeholder.
pub(super) fn plain_abstract(raw: &str) -> Option<String> {
    let text = read(raw, Headings::Told);
    let text = without_heading(&text);
    (!is_placeholder(text)).then(|| text.to_owned())
}

fn read(raw: &str, headings: Headings) -> String {
    let mut text = Cow::Borrowed(raw);
    for _ in 0..ROUNDS {
        if text.contains('<') {
            text = Cow::Owned(walk::untag(&text, headings));
        }
        if !text.contains('&') {
            break;
        }
        let decoded = htmlize::unescape(text.as_ref());
        if decoded == text {
            break;
        }
        text = Cow::Owned(decoded.into_owned());
        // Nothing more to undo.
        if !text.contains(['<', '&']) {
            break;
        }
    }
    let text = collapse(&mojibake::mended(&text));
    match is_nfc(&text) {
        true => text,
        false => text.nfc().collect(),
    }
}

/// What says that an abstract is one, in the languages that have many.
const HEADINGS: &[&str] = &[
    "abstract",
    "summary",
    "zusammenfassung",
    "résumé",
    "resumé",
    "resumen",
    "resumo",
    "riassunto",
    "abstrak",
    "аннотация",
    "摘要",
];

/// Does this heading only say that an abstract follows?
fn says_abstract(heading: &str) -> bool {
    let heading = heading.trim().trim_end_matches([':', '.']).trim_end();
    heading.len() <= 40 && HEADINGS.contains(&heading.to_lowercase().as_str())
}

/// Without a word at its beginning that only says that this is an abstract, glued to the first
/// sentence or not.
fn without_heading(text: &str) -> &str {
    let heading = HEADINGS.iter().find_map(|heading| {
        let first = text.get(..heading.len())?;
        (first.to_lowercase() == *heading && first.starts_with(char::is_uppercase)
            || first == *heading && !first.is_ascii())
        .then_some(heading.len())
    });
    let Some(rest) = heading.and_then(|length| text.get(length..)) else {
        return text;
    };
    let told = rest.trim_start().trim_start_matches([':', '.', '—', '–']);
    let sentence = told.trim_start();
    // "Abstract algebra…" is no heading, nor is "Abstracts…": a new sentence follows one.
    match sentence.chars().next() {
        None => sentence,
        Some(c) if !c.is_lowercase() => sentence,
        Some(_) => text,
    }
}

/// What publishers deposit where there is no abstract.
fn is_placeholder(text: &str) -> bool {
    const NONE: &[&str] = &[
        "",
        "abstract",
        "noabstract",
        "noabstractavailable",
        "noabstractisavailable",
        "noabstractisavailableforthisarticle",
        "abstractnotavailable",
        "notavailable",
        "na",
        "nil",
        "none",
        "null",
    ];
    // A longer text is an abstract, whatever it says.
    let bare = text.chars().filter(|c| c.is_alphanumeric()).take(40);
    let bare: String = bare.flat_map(char::to_lowercase).collect();
    NONE.contains(&bare.as_str())
}

/// Single blanks, none around; no control characters, and nothing that has no width, unless a script
/// needs it between its letters.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
            continue;
        }
        let kept = match c {
            '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => false,
            // Persian, Indic scripts and emoji are written with these.
            '\u{200c}' | '\u{200d}' => {
                let beside =
                    |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace());
                beside(out.chars().next_back()) && beside(chars.peek().copied())
            }
            c => !c.is_control(),
        };
        if kept {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests;
