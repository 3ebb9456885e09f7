//! Tags out of a text, in one pass, whatever the text is.
//!
//! Elements whose text depends on all that is in them (formulas, headings) collect it in a buffer
//! of their own; when they end it goes to what is around them. So nothing that was written before
//! is looked at again, and a text that no person wrote takes its length and no more.

use super::formula;
use super::joints::{
    begins_word, ends_word, is_close, is_genitive, is_hyphenated, is_layout, is_line, is_open,
    without_layout,
};
use super::names::Kind;
use super::open::Open;
use super::runs::{Gaps, Run};
use super::tag::{Piece, Tag, Tags};

/// What becomes of headings of sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Headings {
    /// They are text as any other.
    Inline,
    /// A colon tells them from what follows, and one that only says "Abstract" goes.
    Told,
}

/// Elements in one another that are kept account of; more are no formula that a person wrote.
const DEEPEST: usize = 64;

/// What the last piece was, as far as it tells how the next one joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Other,
    Tag,
    /// A formula to which a word is not to be glued.
    Formula,
}

/// A line break, and blanks beside it.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Where it begins in the innermost text.
    at: usize,
    /// Does it stand after an opening bracket and the like?
    open: bool,
}

/// The text without its tags, which may have been escaped.
pub(super) fn untag(raw: &str, headings: Headings, escaped: bool) -> String {
    let mut walk = Walk {
        out: String::with_capacity(raw.len()),
        open: Vec::new(),
        deeper: 0,
        headings,
        escaped,
        said: false,
        heading: false,
        last: Last::Other,
        layout: None,
    };
    let (mut rest, mut tags) = (raw, Tags::default());
    // What is missing after a run, and how much of the text is left there.
    let mut gap = ("", 0);
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let (text, tail) = rest.split_at(at);
        walk.text(text);
        rest = match tags.piece(tail) {
            Piece::Tag(tag) => {
                let after = tail.get(tag.length..).unwrap_or_default();
                if let Some(run) = Run::new(&tag, after) {
                    gap = (walk.run(&run), run.after.len());
                }
                walk.tag(&tag);
                if gap.1 == after.len() {
                    walk.push(gap.0);
                }
                Some(after)
            }
            Piece::Text(text, length) => {
                walk.text(text);
                tail.get(length..)
            }
            Piece::Sign => {
                walk.text("<");
                tail.get(1..)
            }
        }
        .unwrap_or_default();
    }
    walk.text(rest);
    walk.end_all();
    walk.out
}

struct Walk {
    out: String,
    open: Vec<Open>,
    /// Elements that opened beyond the deepest.
    deeper: usize,
    headings: Headings,
    /// Were the tags escaped?
    escaped: bool,
    /// Is there any text yet?
    said: bool,
    /// Was the last of it a heading, so that a colon is due before more?
    heading: bool,
    last: Last,
    /// The line break that the text so far ends with.
    layout: Option<Layout>,
}

impl Walk {
    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let last = std::mem::replace(&mut self.last, Last::Other);
        let pending = self.layout.take();
        match self.open.last() {
            // In a formula blanks are layout, but for words in it.
            Some(open) if open.kind == Kind::Math => {
                let words = matches!(open.name, "mtext" | "ms") && !is_layout(text);
                self.push(if words { text } else { text.trim() });
            }
            Some(open) if open.kind == Kind::Formula && is_layout(text) => {
                self.push(text);
                self.last = last;
            }
            _ => self.words(text, last, pending),
        }
    }

    /// Text that is no part of a formula. Where each tag stands on a line of its own, as some
    /// publishers write them, blanks beside tags may be layout only.
    fn words(&mut self, text: &str, last: Last, pending: Option<Layout>) {
        let mut text = text;
        let rest = text.trim_start();
        let before = text.get(..text.len() - rest.len()).unwrap_or_default();
        let tagged = last != Last::Other;
        let broken = is_line(before) || before.is_empty() && pending.is_some();
        if tagged && broken && is_close(rest) {
            if let Some(layout) = pending {
                self.top().truncate(layout.at);
            }
            text = rest;
        } else if tagged
            && (is_line(before) && is_open(self.top())
                || is_genitive(rest)
                || self.escaped && before == " " && is_hyphenated(rest))
        {
            text = rest;
        } else if last == Last::Formula && begins_word(text) {
            self.push(" ");
        }
        let end = text.trim_end();
        let open = is_open(if end.is_empty() { self.top() } else { end });
        self.push(text);
        let after = text.get(end.len()..).unwrap_or_default();
        let at = self.top().len() - after.len();
        self.layout = match (is_line(after), pending) {
            (false, _) => None,
            (true, Some(pending)) if end.is_empty() => Some(pending),
            (true, _) => Some(Layout { at, open }),
        };
    }

    fn top(&mut self) -> &mut String {
        self.open
            .last_mut()
            .map_or(&mut self.out, |open| &mut open.text)
    }

    fn push(&mut self, text: &str) {
        if self.open.is_empty() && !text.trim().is_empty() {
            self.said = true;
            if std::mem::take(&mut self.heading) {
                let end = self.out.trim_end().len();
                self.out.truncate(end);
                let told = text.trim_start().starts_with(':');
                self.out.push_str(if told { "" } else { ": " });
            }
        }
        self.top().push_str(text);
    }

    /// A run begins: puts a blank before it, if one is missing, and tells what is missing after it.
    fn run(&mut self, run: &Run<'_>) -> &'static str {
        if self.open.last().is_some_and(|open| open.kind == Kind::Math) {
            return "";
        }
        let told = self.headings == Headings::Told && self.open.is_empty();
        let before = self.top();
        let heading = told.then(|| run.gaps_of_heading(before)).flatten();
        let Gaps { before, after } = heading.unwrap_or_else(|| run.gaps(before));
        if before {
            self.push(" ");
        }
        after
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        let within = self.open.last().is_some_and(|open| open.kind == Kind::Math);
        match tag.kind {
            Kind::Break => {
                // A colon tells a subtitle from the title.
                if tag.name == "subtitle" && !tag.closes && self.said {
                    self.heading |= !tells_itself(&self.out);
                }
                self.apart();
            }
            Kind::Block => {
                self.end_all();
                self.apart();
            }
            Kind::Heading => {
                self.end_all();
                self.apart();
                if self.headings == Headings::Told {
                    self.element(tag);
                }
            }
            Kind::Formula if tag.name == "disp-formula" => {
                self.apart();
                self.element(tag);
            }
            Kind::Math | Kind::Formula | Kind::Tex => self.element(tag),
            Kind::Annotation if within || tag.closes => self.element(tag),
            Kind::Annotation | Kind::Inline => {
                let index = !tag.closes && tag.name.starts_with("su");
                self.close_up(index);
                if self.last == Last::Other {
                    self.last = Last::Tag;
                }
            }
        }
    }

    /// A blank, as what follows is another line.
    fn apart(&mut self) {
        self.top().push(' ');
        self.last = Last::Other;
        self.layout = None;
    }

    /// A tag that begins or ends no line: what was written close to it comes close again, and so
    /// does an index, unless it may be one of what follows, as in `of <sup>13</sup>C`.
    fn close_up(&mut self, index: bool) {
        let Some(layout) = self.layout else { return };
        let before = self.top().get(..layout.at).unwrap_or_default();
        if layout.open || index && !before.is_empty() && !ends_word(before) {
            self.top().truncate(layout.at);
            self.layout = None;
        }
    }

    fn element(&mut self, tag: &Tag<'_>) {
        match (tag.closes, tag.empty) {
            (true, _) => self.close(tag.name),
            (false, true) => {
                self.begin(tag);
                self.end();
            }
            (false, false) if self.open.len() < DEEPEST => self.begin(tag),
            (false, false) => self.deeper += 1,
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) {
        self.close_up(false);
        self.layout = None;
        if let Some(parent) = self.open.last_mut() {
            formula::before_child(parent, tag.name);
        }
        self.open.push(Open::new(tag));
    }

    /// Closes the innermost element of this name, and those in it that were left open.
    fn close(&mut self, name: &str) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            while self.open.len() > at {
                self.end();
            }
        }
    }

    /// Tags that do not match do not cross a paragraph.
    fn end_all(&mut self) {
        self.deeper = 0;
        while !self.open.is_empty() {
            self.end();
        }
    }

    /// The innermost element ends: its text goes to what is around it.
    fn end(&mut self) {
        let Some(mut open) = self.open.pop() else {
            return;
        };
        self.layout = None;
        match open.kind {
            Kind::Heading => self.heading(&open.text),
            Kind::Annotation => self.ended(&open, |parent, open| {
                // Another notation of what stands before it.
                if parent.trim().is_empty() {
                    parent.push_str(open);
                }
            }),
            Kind::Tex => {
                let tex = formula::document(&open.text).to_owned();
                match self
                    .open
                    .last_mut()
                    .filter(|parent| parent.kind == Kind::Formula)
                {
                    Some(parent) => parent.tex.push((parent.text.len(), tex)),
                    None => self.push(&tex),
                }
            }
            Kind::Formula => {
                let around = self
                    .open
                    .last_mut()
                    .filter(|parent| parent.kind == Kind::Formula);
                match around {
                    // What is in it may stand beside what is around it.
                    Some(parent) if !open.math => {
                        let (start, (layout, kept)) =
                            (parent.text.len(), without_layout(&open.text));
                        let tex = open.tex.drain(..).map(|(at, tex)| {
                            let at = at.saturating_sub(layout).min(kept.len());
                            (start + at, tex)
                        });
                        parent.tex.extend(tex);
                    }
                    _ if open.math => open.tex.clear(),
                    _ => open.text = formula::with_tex(&open.text, &open.tex),
                }
                if open.math {
                    open.text = open.text.trim().to_owned();
                    self.formula(&open);
                } else {
                    self.push(without_layout(&open.text).1);
                }
                if open.name == "disp-formula" {
                    self.apart();
                }
            }
            _ => {
                formula::end(&mut open);
                match self.open.last().map(|parent| parent.kind) {
                    Some(Kind::Math) => self.ended(&open, String::push_str),
                    _ => self.formula(&open),
                }
            }
        }
    }

    /// A part of a formula ended within another.
    fn ended(&mut self, open: &Open, add: impl Fn(&mut String, &str)) {
        let Some(parent) = self.open.last_mut() else {
            return;
        };
        parent.index |= parent.text.is_empty() && open.index;
        add(&mut parent.text, &open.text);
        formula::after_child(parent);
    }

    /// A whole formula ended. Many publishers leave no blank between it and the words beside it.
    fn formula(&mut self, open: &Open) {
        if open.text.is_empty() {
            return;
        }
        let around = self.open.last_mut();
        if let Some(parent) = around.filter(|parent| parent.kind == Kind::Formula) {
            parent.math = true;
            parent.index |= parent.text.is_empty() && open.index;
            parent.text.push_str(&open.text);
            return;
        }
        let begins = |c: char| {
            !matches!(
                c,
                '°' | '′' | '″' | ')' | ']' | ',' | '.' | ';' | ':' | '%' | '/'
            )
        };
        // A part of a formula alone is one of a word, as far as one knows.
        let whole = open.kind == Kind::Formula || open.name == "math";
        if whole && !open.index && open.text.starts_with(begins) && ends_word(self.top()) {
            self.push(" ");
        }
        self.push(&open.text);
        // `μm` is a unit.
        self.last = match open.text.as_str() {
            "μ" | "µ" => Last::Tag,
            _ if !whole => Last::Tag,
            _ => Last::Formula,
        };
    }

    fn heading(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() || !self.said && super::abstracts::says_abstract(text) {
            return;
        }
        self.push(text);
        self.heading = !tells_itself(text);
        self.apart();
    }
}

/// Does it end with a sign that tells it from what follows?
fn tells_itself(text: &str) -> bool {
    text.trim_end().ends_with(|c: char| {
        super::abstracts::ends_sentence(c) || matches!(c, '-' | '–' | '—' | ',')
    })
}
