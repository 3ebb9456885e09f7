//! Titles and abstracts as people read them: JATS, HTML and MathML tags, entities and layout
//! blanks go.
//!
//! The walk is blind to namespaces and does not ask for well-formed input: of real abstracts, some
//! are not. A `<` that begins no tag stays (`p < 0.05`). Entities are decoded after the tags, so
//! that `&lt;` never becomes one; some are escaped twice, as found in the wild.

mod abstracts;
mod characters;
mod formula;
mod joints;
mod mojibake;
mod names;
mod notes;
mod open;
mod runs;
mod tag;
mod walk;

use std::borrow::Cow;

use htmlize::unescape_attribute;

use walk::Headings;

/// So often are escapes undone: some are escaped twice, and tags may come to light.
const ROUNDS: usize = 3;

/// Plain text of `raw`: no tags, no entities, single blanks, NFC.
pub(super) fn plain(raw: &str) -> Cow<'_, str> {
    match characters::is_plain(raw) {
        true => Cow::Borrowed(raw),
        false => Cow::Owned(read(raw, Headings::Inline)),
    }
}

/// The plain text of a title, without the mark of a note that it ends with.
pub(super) fn plain_title(raw: &str) -> Cow<'_, str> {
    match notes::without_note(raw) {
        Cow::Borrowed(title) => plain(title),
        Cow::Owned(title) => Cow::Owned(plain(&title).into_owned()),
    }
}

/// The plain text of an abstract, headings of sections told by a colon, without one that only says
/// that it is an abstract; none if it is a placeholder.
pub(super) fn plain_abstract(raw: &str) -> Option<String> {
    let text = read(raw, Headings::Told);
    let text = abstracts::without_heading(&text);
    (!abstracts::is_placeholder(text)).then(|| text.to_owned())
}

/// For the fuzz target, which sees what is public only.
#[doc(hidden)]
pub fn read_markup(raw: &str) -> (String, Option<String>) {
    (plain_title(raw).into_owned(), plain_abstract(raw))
}

fn read(raw: &str, headings: Headings) -> String {
    let mut text = Cow::Borrowed(raw);
    for round in 0..=ROUNDS {
        if text.contains('<') {
            text = Cow::Owned(walk::untag(&text, headings, round > 0));
        }
        if round == ROUNDS || !text.contains('&') {
            break;
        }
        // As in attributes, for `Policy&regulation` names no sign; entities without a semicolon
        // end where the word does.
        match unescape_attribute(text.as_ref()) {
            Cow::Borrowed(_) => break,
            Cow::Owned(decoded) => text = Cow::Owned(decoded),
        }
    }
    characters::settled(&mojibake::mended(&text))
}

#[cfg(test)]
mod tests;
