//! The names of tags in JATS, HTML and MathML, and what each means for the text.

/// What a tag means for the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing: it joins what it separates, as `CO<sub>2</sub>` must.
    Inline,
    /// A break between words or lines.
    Break,
    /// A break that also ends whatever was left open before it.
    Block,
    /// The heading of a section.
    Heading,
    /// Part of a formula in MathML.
    Math,
    /// The same formula in another notation, within MathML.
    Annotation,
    /// In these TeX may stand beside MathML.
    Formula,
    /// A formula in TeX.
    Tex,
}

/// The name and meaning of a known tag, whatever its case. Names that are also everyday words
/// (`name`, `source`, `year`) are left out: in a namespace any name is a tag anyway, and without
/// one they are as likely a word in angle brackets.
pub(super) fn known(name: &str) -> Option<(&'static str, Kind)> {
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let at = KNOWN.binary_search_by(|(known, _)| known.as_bytes().cmp(lower));
    at.ok().and_then(|at| KNOWN.get(at)).copied()
}

/// No known name has more bytes.
const LONGEST: usize = 29;

/// Sorted, to be searched by halves.
#[rustfmt::skip]
const KNOWN: &[(&str, Kind)] = {
    use Kind::{Annotation, Block, Break, Formula, Heading, Inline, Math, Tex};
    &[
        ("a", Inline), ("abbr", Inline), ("abstract", Block), ("acronym", Inline),
        ("alternatives", Formula), ("annotation", Annotation), ("annotation-xml", Annotation),
        ("article-title", Block), ("b", Inline), ("bf", Inline), ("bi", Inline), ("big", Inline),
        ("blockquote", Block), ("body", Inline), ("bold", Inline), ("boxed-text", Block),
        ("br", Break), ("break", Break), ("caption", Break), ("center", Inline),
        ("chem-struct", Inline), ("cite", Inline), ("code", Inline), ("col", Break),
        ("colgroup", Break), ("dd", Block), ("def", Block), ("def-item", Block),
        ("def-list", Block), ("del", Inline), ("dfn", Inline), ("disp-formula", Formula),
        ("disp-quote", Block), ("div", Block), ("dl", Block), ("dt", Block), ("em", Inline),
        ("email", Inline), ("emphasis", Inline), ("ext-link", Inline), ("fig", Block),
        ("figcaption", Block), ("figure", Block), ("fixed-case", Inline), ("fn", Inline),
        ("fn-group", Block), ("font", Inline), ("given-names", Inline), ("graphic", Inline),
        ("h1", Heading), ("h2", Heading), ("h3", Heading), ("h4", Heading), ("h5", Heading),
        ("h6", Heading), ("head", Block), ("hi", Inline), ("hr", Break), ("html", Inline),
        ("i", Inline), ("img", Inline), ("inf", Inline), ("inline-figure", Inline),
        ("inline-formula", Formula), ("inline-graphic", Inline),
        ("inline-supplementary-material", Inline), ("ins", Inline), ("institution", Inline),
        ("it", Inline), ("ital", Inline), ("italic", Inline), ("kbd", Inline),
        ("kwd-group", Block), ("label", Break), ("li", Block), ("list", Block),
        ("list-item", Block), ("maction", Math), ("maligngroup", Math), ("malignmark", Math),
        ("math", Math), ("menclose", Math), ("merror", Math), ("mfenced", Math), ("mfrac", Math),
        ("mglyph", Math), ("mi", Math), ("milestone-end", Inline), ("milestone-start", Inline),
        ("mixed-citation", Inline), ("mmultiscripts", Math), ("mn", Math), ("mo", Math),
        ("monospace", Inline), ("mover", Math), ("mpadded", Math), ("mphantom", Math),
        ("mprescripts", Math), ("mroot", Math), ("mrow", Math), ("ms", Math), ("mspace", Math),
        ("msqrt", Math), ("mstyle", Math), ("msub", Math), ("msubsup", Math), ("msup", Math),
        ("mtable", Math), ("mtd", Math), ("mtext", Math), ("mtr", Math), ("munder", Math),
        ("munderover", Math), ("named-content", Inline), ("nobr", Inline), ("none", Math),
        ("object-id", Inline), ("ol", Block), ("overline", Inline), ("p", Block), ("para", Block),
        ("person-group", Inline), ("pre", Inline), ("private-char", Inline), ("q", Inline),
        ("related-article", Inline), ("related-object", Inline), ("rm", Inline),
        ("roman", Inline), ("ruby", Inline), ("samp", Inline), ("sans-serif", Inline),
        ("sc", Inline), ("scp", Inline), ("sec", Block), ("section", Block), ("semantics", Math),
        ("small", Inline), ("smallcaps", Inline), ("span", Inline), ("strike", Inline),
        ("string-name", Inline), ("strong", Inline), ("styled-content", Inline), ("sub", Inline),
        ("subscript", Inline), ("subtitle", Break), ("sup", Inline), ("superscript", Inline),
        ("supplementary-material", Block), ("table", Block), ("table-wrap", Block),
        ("tbody", Block), ("td", Block), ("term", Block), ("tex-math", Tex), ("tfoot", Block),
        ("th", Block), ("thead", Block), ("title", Heading), ("tr", Block),
        ("trans-abstract", Block), ("tt", Inline), ("u", Inline), ("ul", Block),
        ("ulink", Inline), ("underline", Inline), ("uri", Inline), ("var", Inline),
        ("verse-group", Block), ("verse-line", Break), ("wbr", Inline), ("xref", Inline),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_fit() {
        assert!(KNOWN.is_sorted_by(|one, next| one.0 < next.0));
        assert_eq!(
            KNOWN.iter().map(|(name, _)| name.len()).max(),
            Some(LONGEST)
        );
        assert_eq!(known("SUB"), Some(("sub", Kind::Inline)));
        assert_eq!(known("sic"), None);
        assert_eq!(known(&"a".repeat(99)), None);
    }
}
