//! Titles and abstracts as people read them: JATS, HTML and MathML tags, entities and layout
//! blanks go.
//!
//! The walk is blind to namespaces and does not ask for well-formed input: of real abstracts, some
//! are not. A `<` that begins no tag stays (`p < 0.05`). Entities are decoded after the tags, so
//! that `&lt;` never becomes one; some are escaped twice, as found in the wild.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Tags that stand for a break between words or lines. All others join what they separate, as
/// `CO<sub>2</sub>` must.
const BREAKS: &[&str] = &[
    "p",
    "title",
    "sec",
    "list",
    "list-item",
    "div",
    "br",
    "break",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "label",
    "table",
    "tr",
    "td",
    "disp-formula",
    "abstract",
    "head",
];

/// Tags whose content repeats what stands beside it, in another notation.
const REPEATS: &[&str] = &["tex-math", "annotation"];

/// Plain text of `raw`: no tags, no entities, single blanks, NFC.
pub(super) fn plain(raw: &str) -> Cow<'_, str> {
    let simple = raw
        .bytes()
        .all(|byte| (0x20..0x7f).contains(&byte) && byte != b'<' && byte != b'&');
    if simple && !raw.contains("  ") && raw.trim().len() == raw.len() {
        return Cow::Borrowed(raw);
    }
    let text = if raw.contains('<') {
        Cow::Owned(untag(raw))
    } else {
        Cow::Borrowed(raw)
    };
    let text = unescape(&text);
    // Double escapes brought tags to light.
    let text = if text.contains('<') {
        unescape(&untag(&text)).into_owned()
    } else {
        text.into_owned()
    };
    let text = collapse(&text);
    Cow::Owned(if is_nfc(&text) {
        text
    } else {
        text.nfc().collect()
    })
}

/// The plain text of an abstract, without a heading that only says so; none if it is a placeholder.
pub(super) fn plain_abstract(raw: &str) -> Option<String> {
    let text = plain(raw);
    let mut text = text.as_ref();
    for heading in ["Abstract", "ABSTRACT", "Summary", "SUMMARY"] {
        if let Some(rest) = text.strip_prefix(heading) {
            let rest = rest.trim_start_matches([':', '.']);
            // "Abstract algebra…" is no heading; a heading is followed by a new sentence.
            let rest = rest.trim_start();
            if rest.chars().next().is_some_and(|c| !c.is_lowercase()) {
                text = rest;
            }
            break;
        }
    }
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let none = [
        "",
        "abstract",
        "noabstract",
        "noabstractavailable",
        "na",
        "none",
        "null",
    ];
    (!none.contains(&bare.to_lowercase().as_str())).then(|| text.to_owned())
}

/// A tag at the start of `text`: its length, its name without namespace, does it close.
fn tag(text: &str) -> Option<(usize, &str, bool)> {
    let inner = text.strip_prefix('<')?;
    if inner.starts_with("!--") {
        return inner.find("-->").map(|end| (end + 4, "", false));
    }
    if inner.starts_with("![CDATA[") {
        return Some(("<![CDATA[".len(), "", false));
    }
    let (inner, closes) = inner
        .strip_prefix('/')
        .map_or((inner, false), |rest| (rest, true));
    let inner = inner.strip_prefix('?').unwrap_or(inner);
    let name_end =
        inner.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_')))?;
    let name = &inner[..name_end];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let rest = &inner[name_end..];
    // `a<b and c>d` is no tag: after its name one has a blank and attributes, or ends.
    let end = rest.find(['<', '>'])?;
    let attributes = rest[..end].trim_end_matches(['/', '?']).trim();
    if !rest[end..].starts_with('>') || !(attributes.is_empty() || attributes.contains('=')) {
        return None;
    }
    let length = text.len() - rest.len() + end + 1;
    Some((length, name.rsplit(':').next().unwrap_or(name), closes))
}

fn untag(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    // What the content of a repeat began with, and its name.
    let mut repeat: Option<(usize, String)> = None;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some((length, name, closes)) = tag(rest) else {
            out.push('<');
            rest = &rest[1..];
            continue;
        };
        let name = name.to_ascii_lowercase();
        if BREAKS.contains(&name.as_str()) {
            out.push(' ');
        }
        match &repeat {
            None if !closes && REPEATS.contains(&name.as_str()) => {
                let alone = !raw.contains("math>") || raw.matches(":math").count() == 0;
                if !alone && !rest[..length].ends_with("/>") {
                    repeat = Some((out.len(), name));
                }
            }
            Some((start, open)) if closes && *open == name => {
                out.truncate(*start);
                repeat = None;
            }
            _ => {}
        }
        rest = &rest[length..];
    }
    out.push_str(rest);
    out.replace("]]>", "")
}

fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let once = htmlize::unescape(text);
    // `&amp;lt;` and the like; a bare `&` in a name is left alone by the decoder.
    match once.contains('&') && once.as_ref() != text {
        true => Cow::Owned(htmlize::unescape(once.as_ref()).into_owned()),
        false => once,
    }
}

/// Single blanks, none around; no control characters and soft hyphens.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !c.is_control() && c != '\u{ad}' {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles() {
        for (raw, expected) in [
            ("A plain title", "A plain title"),
            ("CO<sub>2</sub> and <i>E. coli</i>", "CO2 and E. coli"),
            ("Trends &amp; more", "Trends & more"),
            ("&amp;lt;sup&amp;gt;13&amp;lt;/sup&amp;gt;C", "13C"),
            ("p < 0.05 and 0.01 < x > 0.8", "p < 0.05 and 0.01 < x > 0.8"),
            ("  two\n   lines ", "two lines"),
            ("<scp>DNA</scp> repair", "DNA repair"),
            (
                "<mml:math xmlns:mml=\"x\"><mml:mi>n</mml:mi></mml:math>-type",
                "n-type",
            ),
            ("R&D at AT&T", "R&D at AT&T"),
            ("e\u{301}tude", "étude"),
        ] {
            assert_eq!(plain(raw), expected, "{raw}");
        }
    }

    #[test]
    fn abstracts() {
        for (raw, expected) in [
            (
                "<jats:title>Abstract</jats:title><jats:p>We show.</jats:p>",
                Some("We show."),
            ),
            ("<p>One.</p><p>Two.</p>", Some("One. Two.")),
            ("<jats:p />", None),
            ("No abstract available.", None),
            ("Abstract algebra is fun.", Some("Abstract algebra is fun.")),
            (
                "ABSTRACT The current strategy",
                Some("The current strategy"),
            ),
        ] {
            assert_eq!(plain_abstract(raw).as_deref(), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_plain_text_stays(raw in any::<String>(), words in "[a-zé ]{0,30}") {
            let _ = plain(&raw);
            let once = plain(&words).into_owned();
            prop_assert_eq!(plain(&once), once.as_str());
        }
    }
}
