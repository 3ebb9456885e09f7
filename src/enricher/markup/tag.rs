//! What is a tag, and where it ends.

use super::names::{Kind, known};

/// A tag at the start of a text.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    pub(super) length: usize,
    /// Without its namespace, in lower case.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) closes: bool,
    /// Opens and closes at once.
    pub(super) empty: bool,
    pub(super) attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        while let Some((key, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, tail) = after.get(1..)?.split_once(quote)?;
            if key.trim() == name {
                return Some(value);
            }
            rest = tail;
        }
        None
    }
}

/// What a `<` begins.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Tag(Tag<'a>),
    /// Kept as it is: the content of a CDATA section, nothing of a comment or an instruction; and
    /// the length of the whole.
    Text(&'a str, usize),
    /// A `<` as such.
    Sign,
}

/// Looks for tags. It remembers which ends are nowhere to be found, so that a text that is all
/// beginnings takes one pass.
#[derive(Default)]
pub(super) struct Tags {
    missing: [bool; SPECIAL.len()],
}

/// Beginning, end, and is the content text? `<?CDATA …?>` is how some publishers' CDATA sections
/// arrive.
const SPECIAL: [(&str, &str, bool); 4] = [
    ("<!--", "-->", false),
    ("<![CDATA[", "]]>", true),
    ("<?CDATA", "?>", true),
    ("<?", "?>", false),
];

impl Tags {
    /// What the `<` at the start of `text` begins.
    pub(super) fn piece<'a>(&mut self, text: &'a str) -> Piece<'a> {
        for ((start, end, content), missing) in SPECIAL.iter().zip(&mut self.missing) {
            let Some(inner) = text.strip_prefix(start).filter(|_| !*missing) else {
                continue;
            };
            match inner.split_once(end) {
                Some((kept, after)) => {
                    return Piece::Text(if *content { kept } else { "" }, text.len() - after.len());
                }
                None => *missing = true,
            }
        }
        tag(text).map_or(Piece::Sign, Piece::Tag)
    }
}

fn tag(text: &str) -> Option<Tag<'_>> {
    let inner = text.strip_prefix('<')?;
    let (inner, closes) = match inner.strip_prefix('/') {
        Some(rest) => (rest, true),
        None => (inner, false),
    };
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.');
    let (name, rest) = inner.split_at(inner.find(|c: char| !of_name(c))?);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    // A name in a namespace is a tag's, known or not; others are words in angle brackets.
    let (name, kind) = match name.rsplit_once(':') {
        Some((_, local)) if local.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            known(local).unwrap_or(("", Kind::Inline))
        }
        Some(_) => return None,
        None => known(name)?,
    };
    let attributes = rest.get(..end(rest)?)?;
    let void = matches!(
        name,
        "br" | "hr" | "img" | "wbr" | "col" | "none" | "mprescripts" | "mspace"
    );
    Some(Tag {
        length: text.len() - rest.len() + attributes.len() + 1,
        name,
        kind,
        closes,
        empty: void || attributes.ends_with('/'),
        attributes: attributes.trim_end_matches('/'),
    })
}

/// Where the `>` stands that ends a tag, in what follows its name.
fn end(rest: &str) -> Option<usize> {
    if let Some(end) = attributes(rest) {
        return Some(end);
    }
    // Not well-formed. `a<b and c>d` is no tag: after its name one has attributes, or ends.
    let end = rest.find(['<', '>'])?;
    let (inside, after) = rest.split_at(end);
    let written = inside.starts_with(char::is_whitespace) && inside.contains('=');
    (after.starts_with('>') && written).then_some(end)
}

/// The same for well-formed attributes, in whose values a `>` may stand.
fn attributes(rest: &str) -> Option<usize> {
    let mut tail = rest;
    loop {
        let next = tail.trim_start();
        if let Some(after) = next.strip_prefix('/').unwrap_or(next).strip_prefix('>') {
            return Some(rest.len() - after.len() - 1);
        }
        if next.len() == tail.len() {
            return None;
        }
        let (key, value) = next.split_at(next.find(['=', '<', '>', '"', '\''])?);
        if key.trim_end().contains(char::is_whitespace) {
            return None;
        }
        let value = value.strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        tail = value.get(1..)?.split_once(quote)?.1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_tag() {
        for (text, length) in [
            ("<i>x", 3),
            ("</i >x", 5),
            ("<br/>", 5),
            ("<p class=\"a > b\" id='<'>x", 24),
            ("<p class=a>x", 11),
            ("<p class=\"a>x", 12),
            ("<jats:what-ever>x", 16),
            ("<mml:mi\n mathvariant = \"normal\"\n>x", 33),
        ] {
            assert_eq!(tag(text).map(|tag| tag.length), Some(length), "{text}");
        }
        for text in [
            "<",
            "<>",
            "< i>",
            "<i",
            "<5%>",
            "<sic>",
            "<b and c>",
            "<b<i>",
            "<a:>",
            "<a:5>",
            "<jane@library.edu>",
            "<https://doi.org/10.5555/1>",
            "<i\u{e9}>",
        ] {
            assert!(tag(text).is_none(), "{text}");
        }
    }

    #[test]
    fn attributes_by_name() {
        let of = |text| tag(text).and_then(|tag| tag.attribute("open"));
        assert_eq!(of("<mfenced close=']' open=\"[\">"), Some("["));
        assert_eq!(of("<mfenced close=\"open\"/>"), None);
        assert_eq!(of("<mfenced>"), None);
    }
}
