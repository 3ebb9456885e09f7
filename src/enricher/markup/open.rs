//! An element that is open, and its text so far.

use super::formula;
use super::names::Kind;
use super::tag::Tag;

#[derive(Debug)]
pub(super) struct Open {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) text: String,
    /// How many elements in it ended.
    pub(super) children: usize,
    /// Where the text of its first child ends, or that of its prescripts begins.
    pub(super) split: usize,
    /// The fences of a `mfenced`, and what stands between its parts.
    pub(super) fences: Option<[String; 3]>,
    /// Formulas in TeX that MathML beside them may say as well, and where they belong.
    pub(super) tex: Vec<(usize, String)>,
    /// Is there MathML in it that says something?
    pub(super) math: bool,
    /// Does it begin with an index that belongs to what stands before it, as in `Mn<math>₂</math>`?
    pub(super) index: bool,
}

impl Open {
    pub(super) fn new(tag: &Tag<'_>) -> Self {
        Self {
            name: tag.name,
            kind: tag.kind,
            text: String::new(),
            children: 0,
            split: 0,
            fences: (tag.name == "mfenced").then(|| formula::fences(tag)),
            tex: Vec::new(),
            math: false,
            index: false,
        }
    }
}
