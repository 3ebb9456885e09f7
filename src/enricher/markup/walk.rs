//! Tags out of a text: one pass, whatever the text is.

/// What becomes of headings of sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Headings {
    /// They are text as any other.
    Inline,
    /// A colon tells them from what follows, and one that only says "Abstract" goes.
    Told,
}

/// Tags that stand for a break between words or lines. All others join what they separate, as
/// `CO<sub>2</sub>` must.
const BREAKS: &[&str] = &[
    "abstract",
    "article-title",
    "blockquote",
    "br",
    "break",
    "caption",
    "col",
    "dd",
    "def",
    "def-item",
    "def-list",
    "disp-formula",
    "disp-quote",
    "div",
    "dl",
    "dt",
    "fig",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "label",
    "li",
    "list",
    "list-item",
    "ol",
    "p",
    "para",
    "sec",
    "section",
    "subtitle",
    "table",
    "table-wrap",
    "tbody",
    "td",
    "term",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "trans-abstract",
    "ul",
];

/// Tags without a meaning for the text, in JATS, HTML and MathML. What has none of these names, nor a
/// namespace, is text in angle brackets.
const JOINS: &[&str] = &[
    "a",
    "alternatives",
    "annotation",
    "annotation-xml",
    "abbr",
    "b",
    "big",
    "bold",
    "body",
    "center",
    "chem-struct",
    "cite",
    "code",
    "dfn",
    "email",
    "em",
    "ext-link",
    "fixed-case",
    "fn",
    "font",
    "graphic",
    "hi",
    "html",
    "i",
    "img",
    "inf",
    "inline-formula",
    "inline-graphic",
    "inline-supplementary-material",
    "institution",
    "ital",
    "italic",
    "kbd",
    "maction",
    "maligngroup",
    "malignmark",
    "math",
    "menclose",
    "merror",
    "mfenced",
    "mfrac",
    "mglyph",
    "mi",
    "milestone-end",
    "milestone-start",
    "mmultiscripts",
    "mn",
    "mo",
    "monospace",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "named-content",
    "overline",
    "private-char",
    "pre",
    "rm",
    "roman",
    "ruby",
    "samp",
    "sans-serif",
    "sc",
    "scp",
    "semantics",
    "small",
    "smallcaps",
    "span",
    "strike",
    "strong",
    "styled-content",
    "sub",
    "sup",
    "tex-math",
    "tt",
    "u",
    "underline",
    "uri",
    "var",
    "wbr",
    "xref",
];

/// In these TeX may stand beside MathML.
const BOTH: &[&str] = &["alternatives", "inline-formula", "disp-formula"];

/// Elements in one another that are kept account of; more are no formula that a person wrote.
const DEEPEST: usize = 64;

/// A tag at the start of `text`.
struct Tag<'a> {
    length: usize,
    /// Without its namespace, in lower case; empty for comments and the like.
    name: Name,
    closes: bool,
    /// Opens and closes at once.
    empty: bool,
    /// What stands for it.
    text: &'a str,
}

/// A name of a known tag, or of any in a namespace.
type Name = &'static str;

/// A tag in a namespace that no list has.
const OTHER: Name = "*";

fn known(name: &str) -> Option<Name> {
    let lists = BREAKS.iter().chain(JOINS);
    lists
        .copied()
        .find(|known| known.eq_ignore_ascii_case(name))
}

/// What is no tag for lack of its end: looked for once.
#[derive(Default)]
struct Unended {
    comment: bool,
    cdata: bool,
    instruction: bool,
}

impl Unended {
    fn tag<'a>(&mut self, text: &'a str) -> Option<Tag<'a>> {
        let special = |length, text| Tag {
            length,
            name: "",
            closes: false,
            empty: true,
            text,
        };
        for (start, end, missing) in [
            ("<!--", "-->", &mut self.comment),
            ("<![CDATA[", "]]>", &mut self.cdata),
            ("<?", "?>", &mut self.instruction),
        ] {
            let Some(inner) = text.strip_prefix(start).filter(|_| !*missing) else {
                continue;
            };
            match inner.find(end) {
                Some(at) => {
                    let length = start.len() + at + end.len();
                    let kept = if start == "<![CDATA[" {
                        &inner[..at]
                    } else {
                        ""
                    };
                    return Some(special(length, kept));
                }
                None => *missing = true,
            }
        }
        tag(text)
    }
}

fn tag(text: &str) -> Option<Tag<'_>> {
    let inner = text.strip_prefix('<')?;
    let (inner, closes) = match inner.strip_prefix('/') {
        Some(rest) => (rest, true),
        None => (inner, false),
    };
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_');
    let end = inner.find(|c: char| !of_name(c))?;
    let (name, rest) = inner.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = match name.rsplit_once(':') {
        Some((_, local)) if !local.is_empty() => known(local).unwrap_or(OTHER),
        Some(_) => return None,
        None => known(name)?,
    };
    // `a<b and c>d` is no tag: after its name one has attributes, or ends.
    let end = rest.find(['<', '>'])?;
    let (inside, after) = rest.split_at(end);
    let attributes = inside.trim_end_matches('/').trim();
    let spaced = inside.starts_with(|c: char| c.is_whitespace() || c == '/') || inside.is_empty();
    if !(after.starts_with('>') && spaced && (attributes.is_empty() || attributes.contains('='))) {
        return None;
    }
    Some(Tag {
        length: text.len() - after.len() + 1,
        name,
        closes,
        empty: inside.ends_with('/'),
        text: "",
    })
}

/// An element that is open.
struct Open {
    name: Name,
    /// Where its text begins.
    start: usize,
    /// Its children that ended so far.
    children: usize,
    /// Where TeX in it lies, and whether MathML says the same.
    tex: Vec<(usize, usize)>,
    math: bool,
}

/// The text without its tags.
pub(super) fn untag(raw: &str, headings: Headings) -> String {
    let mut walk = Walk {
        out: String::with_capacity(raw.len()),
        open: Vec::new(),
        headings,
    };
    let (mut rest, mut unended) = (raw, Unended::default());
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let (text, tail) = rest.split_at(at);
        walk.text(text);
        match unended.tag(tail) {
            None => {
                walk.out.push('<');
                rest = &tail[1..];
            }
            Some(tag) => {
                walk.tag(&tag);
                rest = &tail[tag.length..];
            }
        }
    }
    walk.text(rest);
    walk.out
}

struct Walk {
    out: String,
    open: Vec<Open>,
    headings: Headings,
}

impl Walk {
    fn within(&self, name: &str) -> bool {
        self.open.iter().any(|open| open.name == name)
    }

    fn text(&mut self, text: &str) {
        // In a formula blanks are layout.
        let written = self.open.last().is_some_and(|open| open.name == "mtext");
        match !written && self.within("math") {
            true => self.out.push_str(text.trim()),
            false => self.out.push_str(text),
        }
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        if BREAKS.contains(&tag.name) || tag.name == "mspace" {
            self.out.push(' ');
        }
        self.out.push_str(tag.text);
        match (tag.closes, tag.empty || tag.name.is_empty()) {
            (true, _) => self.close(tag.name),
            (false, true) => self.child(),
            (false, false) if self.open.len() < DEEPEST => self.open.push(Open {
                name: tag.name,
                start: self.out.len(),
                children: 0,
                tex: Vec::new(),
                math: false,
            }),
            (false, false) => {}
        }
    }

    /// Closes the innermost element of this name, and those in it that were left open.
    fn close(&mut self, name: Name) {
        let Some(at) = self.open.iter().rposition(|open| open.name == name) else {
            return;
        };
        // Tags that do not match do not cross a paragraph.
        while self.open.len() > at {
            let Some(open) = self.open.pop() else { return };
            self.ended(&open);
            self.child();
        }
    }

    /// An element ended within the innermost open one.
    fn child(&mut self) {
        let Some(parent) = self.open.last_mut() else {
            return;
        };
        parent.children += 1;
        if parent.name == "mfrac" && parent.children == 1 {
            wrap(&mut self.out, parent.start);
            self.out.push('/');
            parent.start = self.out.len();
        }
    }

    fn ended(&mut self, open: &Open) {
        let text = self.out.get(open.start..).unwrap_or_default();
        match open.name {
            "mfrac" => wrap(&mut self.out, open.start),
            "math" => {
                if let Some(both) = self.both() {
                    both.math = true;
                }
            }
            // MathML's own copy in another notation.
            "annotation" | "annotation-xml" => self.out.truncate(open.start),
            "tex-math" => {
                if let Some(formula) = document(text).map(str::to_owned) {
                    self.out.truncate(open.start);
                    self.out.push_str(&formula);
                }
                let end = self.out.len();
                if let Some(both) = self.both() {
                    both.tex.push((open.start, end));
                }
            }
            name if BOTH.contains(&name) && open.math => {
                for (start, end) in open.tex.iter().rev() {
                    self.out.replace_range(start..end, "");
                }
            }
            name if BOTH.contains(&name) => {
                // What is in it may stand beside what is around it.
                if let Some(both) = self.both() {
                    both.tex.extend_from_slice(&open.tex);
                }
            }
            "title" if self.headings == Headings::Told => {
                let heading = text.trim();
                if self.out[..open.start].trim().is_empty() && super::says_abstract(heading) {
                    self.out.clear();
                } else if heading.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']'))
                {
                    let end = self.out.trim_end().len();
                    self.out.truncate(end);
                    self.out.push_str(": ");
                }
            }
            _ => {}
        }
    }

    /// The innermost element in which TeX may stand beside MathML.
    fn both(&mut self) -> Option<&mut Open> {
        let mut open = self.open.iter_mut().rev();
        open.find(|open| BOTH.contains(&open.name))
    }
}

/// A part of a fraction in brackets, if it is more than one term.
fn wrap(out: &mut String, start: usize) {
    let text = out.get(start..).unwrap_or_default();
    let terms = |c: char| matches!(c, '+' | '-' | '−' | '±' | '/' | ' ' | '=');
    if text.trim_start_matches(['-', '−']).contains(terms) {
        out.insert(start, '(');
        out.push(')');
    }
}

/// What a whole TeX document, as some publishers deposit for each formula, sets.
fn document(tex: &str) -> Option<&str> {
    let (_, inner) = tex.split_once("\\begin{document}")?;
    Some(
        inner
            .split_once("\\end{document}")
            .map_or(inner, |(inner, _)| inner)
            .trim(),
    )
}
