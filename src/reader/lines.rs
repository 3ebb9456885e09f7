//! JSON Lines and lists of DOIs: an item a line.

use super::item::Kind;
use super::{Cut, Splitter};

/// What the lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    Json,
    Dois,
}

/// Each non-blank line is an item.
pub(super) struct LineSplitter {
    lines: Lines,
    /// How much of the line at the front was searched for its end.
    searched: usize,
    /// In a line that was too long, and that was told.
    skipping: bool,
}

impl LineSplitter {
    pub(super) fn new(lines: Lines) -> Self {
        Self {
            lines,
            searched: 0,
            skipping: false,
        }
    }
}

impl Splitter for LineSplitter {
    fn split(&mut self, cut: &mut Cut<'_>) {
        while !cut.is_full() {
            if self.searched == 0 && !self.skipping {
                let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
                cut.advance(cut.rest().iter().take_while(blank).count());
            }
            let rest = cut.rest();
            let searched = self.searched.min(rest.len());
            let end = memchr::memchr(b'\n', &rest[searched..]).map(|at| searched + at);
            let line = match end {
                Some(end) => &rest[..end],
                None if self.skipping => {
                    cut.advance(rest.len());
                    return;
                }
                None if cut.last => rest,
                None if rest.trim_ascii_end().len() > cut.max_record => {
                    // Told now, so that the rest of it need not be kept.
                    cut.item(rest.len(), Kind::TooLong);
                    (self.skipping, self.searched) = (true, 0);
                    return;
                }
                None => {
                    self.searched = rest.len();
                    return;
                }
            };
            self.searched = 0;
            let trimmed = line.trim_ascii();
            if !trimmed.is_empty() && !self.skipping {
                let blanks = line.len() - line.trim_ascii_start().len();
                cut.advance_in_line(blanks);
                let kind = match self.lines {
                    Lines::Json => Kind::Json,
                    Lines::Dois => Kind::Line,
                };
                cut.mark(trimmed.len(), kind);
                cut.advance_in_line(line.len() - blanks);
            } else {
                cut.advance_in_line(line.len());
            }
            self.skipping = false;
            if end.is_none() {
                return;
            }
            cut.advance(1);
        }
    }
}
