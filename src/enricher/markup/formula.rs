//! Formulas on one line: what MathML and TeX say, as one would type it.

use super::open::Open;
use super::tag::Tag;

/// The fences of a `mfenced`, and what separates its parts.
pub(super) fn fences(tag: &Tag<'_>) -> [String; 3] {
    // What is longer is no fence; and it would be written again for each part.
    let of = |name, default: &str| {
        let value = tag.attribute(name).map(str::trim);
        value
            .filter(|value| value.len() <= 16)
            .unwrap_or(default)
            .to_owned()
    };
    // One separator for all: others are next to unknown.
    let separators = of("separators", ",");
    let separator = match separators.starts_with('&') {
        true => separators,
        false => separators.chars().take(1).collect(),
    };
    [of("open", "("), separator, of("close", ")")]
}

/// A child named `name` begins in `parent`.
pub(super) fn before_child(parent: &mut Open, name: &str) {
    match (&parent.fences, parent.children) {
        (Some([open, ..]), 0) => parent.text.push_str(open),
        (Some([_, separator, _]), _) => parent.text.push_str(separator),
        (None, _) => {}
    }
    // What follows stands before the base, as 153 in ¹⁵³Tb.
    if name == "mprescripts" {
        parent.split = parent.text.len();
    }
}

/// A child ended in `parent`.
pub(super) fn after_child(parent: &mut Open) {
    parent.children += 1;
    if parent.children > 1 {
        return;
    }
    match parent.name {
        "mfrac" => {
            parent.text = term(std::mem::take(&mut parent.text));
            parent.text.push('/');
            parent.split = parent.text.len();
        }
        "mroot" => parent.split = parent.text.len(),
        "msub" | "msup" | "msubsup" | "mmultiscripts" => parent.index |= parent.text.is_empty(),
        _ => {}
    }
}

/// `open` ends: its text becomes what it stands for.
pub(super) fn end(open: &mut Open) {
    match open.name {
        "mfrac" => {
            let under = open.text.split_off(open.split.min(open.text.len()));
            open.text.push_str(&term(under));
        }
        "msqrt" => open.text = format!("√{}", term(std::mem::take(&mut open.text))),
        // The index of a root is written before it.
        "mroot" => {
            let index = open.text.split_off(open.split.min(open.text.len()));
            open.text = format!("{index}√{}", term(std::mem::take(&mut open.text)));
        }
        "mmultiscripts" if open.split > 0 => {
            let before = open.text.split_off(open.split.min(open.text.len()));
            open.text.insert_str(0, &before);
        }
        "mtr" | "mtd" | "mspace" => open.text.push(' '),
        "math" | "mtable" => open.text = open.text.trim().to_owned(),
        _ => {}
    }
    if let Some([before, _, after]) = &open.fences {
        if open.children == 0 {
            open.text.insert_str(0, before);
        }
        open.text.push_str(after);
    }
}

/// In brackets, if it is more than one term.
fn term(text: String) -> String {
    let signs = |c: char| matches!(c, '+' | '-' | '−' | '±' | '/' | ' ' | '=' | '⋅' | '·' | '×');
    match text.trim_start_matches(['-', '−']).contains(signs) {
        true => format!("({text})"),
        false => text,
    }
}

/// What a whole TeX document, as some publishers deposit for each formula, sets.
pub(super) fn document(tex: &str) -> &str {
    let inner = match tex.split_once("\\begin{document}") {
        Some((_, inner)) => inner
            .split_once("\\end{document}")
            .map_or(inner, |(inner, _)| inner),
        None => tex,
    };
    inner.trim()
}

/// `text` with formulas in TeX where they belong. No text is lost, wherever that is.
pub(super) fn with_tex(text: &str, tex: &[(usize, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, tex) in tex {
        let at = text.len().min(*at);
        if let Some(before) = text.get(from..at) {
            out.push_str(before);
            from = at;
        }
        out.push_str(tex);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}
