//! JSON values one after another: a sequence, an array, or records among the text of a page (a seed
//! document).

use std::borrow::Cow;

use super::item::Kind;
use super::scan::{Scan, Scanner};
use super::{Cut, HEAD, Splitter};

/// What stands around the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Blanks.
    Blanks {
        /// A page's text may still show up within the input's head: then it is a seed document.
        /// (A slow pipe had to be judged by its first lines.)
        undecided: bool,
    },
    /// `[`, commas, `]`.
    Array(Array),
    /// Lines of text, which are neither records nor rejects.
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Array {
    Before,
    Inside,
    After,
}

/// Finds the ends of JSON values by reading them.
pub(super) struct ValueSplitter {
    around: Around,
    scanner: Scanner,
    /// How much of the value at the front the scanner has seen.
    scanned: usize,
    state: State,
    /// What is wrong with a [`State::Bad`].
    reason: Cow<'static, str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between values.
    Between,
    /// In a value.
    Value,
    /// In a value that was too long, and that was told.
    LongValue,
    /// In something that is no value from its byte `at` on: up to the end of the line.
    Bad { at: usize },
    /// In text, or behind something that was told: up to the end of the line.
    Line,
}

impl ValueSplitter {
    pub(super) fn new(around: Around) -> Self {
        Self {
            around,
            scanner: Scanner::default(),
            scanned: 0,
            state: State::Between,
            reason: Cow::Borrowed(""),
        }
    }

    /// Between values: finds where the next one begins. False: more bytes are needed.
    fn find(&mut self, cut: &mut Cut<'_>) -> bool {
        cut.skip_blanks();
        let rest = cut.rest();
        let Some(&first) = rest.first() else {
            return false;
        };
        match self.around {
            Around::Blanks { .. } => self.begin(),
            Around::Array(Array::Before) => {
                // The format was told by this byte.
                self.around = Around::Array(Array::Inside);
                cut.advance(1);
            }
            Around::Array(Array::Inside) => match first {
                b',' => cut.advance(1),
                b']' => {
                    self.around = Around::Array(Array::After);
                    cut.advance(1);
                }
                _ => self.begin(),
            },
            Around::Array(Array::After) => {
                self.reason = "text after the end of the array".into();
                self.scanned = 0;
                self.state = State::Bad { at: 0 };
            }
            Around::Text => match begins_record(rest) {
                Some(true) => self.begin(),
                None if !cut.last && rest.len() < HEAD => return false,
                _ => self.state = State::Line,
            },
        }
        true
    }

    fn begin(&mut self) {
        self.scanner.reset();
        self.scanned = 0;
        self.state = State::Value;
    }

    /// In a value: goes on to its end. False: more bytes are needed.
    fn value(&mut self, cut: &mut Cut<'_>) -> bool {
        let rest = cut.rest();
        let told = self.state == State::LongValue;
        match self
            .scanner
            .feed(rest.get(self.scanned..).unwrap_or_default())
        {
            Scan::End(count) => {
                let len = self.scanned + count;
                if told {
                    cut.advance(len);
                } else {
                    cut.item(len, Kind::Json);
                }
                self.state = State::Between;
                true
            }
            Scan::Bad(at) => {
                let bad = self.scanned + at;
                if told {
                    cut.advance(bad);
                    self.state = State::Line;
                    return true;
                }
                let page = self.around == Around::Blanks { undecided: true }
                    && rest.first() != Some(&b'{')
                    && cut.offset < HEAD as u64;
                if page {
                    self.around = Around::Text;
                    self.state = State::Line;
                } else {
                    self.reason = reason(rest, bad);
                    self.scanned = bad;
                    self.state = State::Bad { at: bad };
                }
                true
            }
            Scan::More if cut.last => {
                if self.scanner.whole_at_end() {
                    cut.item(rest.len(), Kind::Json);
                } else if told {
                    cut.advance(rest.len());
                } else {
                    cut.item(
                        rest.len(),
                        Kind::Bad("the input ends inside this value".into()),
                    );
                }
                self.state = State::Between;
                true
            }
            Scan::More if told || rest.len() > cut.max_record => {
                // What the scanner has seen need not be kept.
                if told {
                    cut.advance(rest.len());
                } else {
                    cut.item(rest.len(), Kind::TooLong);
                }
                self.scanned = 0;
                self.state = State::LongValue;
                false
            }
            Scan::More => {
                self.scanned = rest.len();
                false
            }
        }
    }

    /// In something that is no value: tells it, whole, when its line ends. False: more bytes are
    /// needed.
    fn bad(&mut self, cut: &mut Cut<'_>, at: usize) -> bool {
        let rest = cut.rest();
        let known = cut.last || line_end(rest, self.scanned).is_some();
        if !known && rest.len() <= cut.max_record {
            self.scanned = rest.len().max(at);
            return false;
        }
        let reason = std::mem::take(&mut self.reason);
        let count = unreadable(rest, at);
        // What is longer than any record is shown like a record that is.
        let kind = if count > cut.max_record {
            Kind::TooLong
        } else {
            Kind::Bad(reason)
        };
        cut.item(count, kind);
        self.state = State::Line;
        true
    }
}

fn reason(rest: &[u8], bad: usize) -> Cow<'static, str> {
    match rest.get(bad) {
        Some(b'\n' | b'\r') => "the line ends inside a JSON value".into(),
        Some(byte) if byte.is_ascii_graphic() => {
            format!("not JSON: unexpected `{}` at its byte {bad}", *byte as char).into()
        }
        Some(byte) => format!("not JSON: unexpected byte 0x{byte:02x} at its byte {bad}").into(),
        None => "not JSON".into(),
    }
}

impl Splitter for ValueSplitter {
    fn split(&mut self, cut: &mut Cut<'_>) {
        while !cut.is_full() {
            let goes_on = match self.state {
                State::Between => self.find(cut),
                State::Value | State::LongValue => self.value(cut),
                State::Bad { at } => self.bad(cut, at),
                State::Line => match line_end(cut.rest(), 0) {
                    Some(end) => {
                        cut.advance(end);
                        self.state = State::Between;
                        true
                    }
                    None => {
                        cut.advance(cut.rest().len());
                        false
                    }
                },
            };
            if !goes_on {
                break;
            }
        }
        let ended = cut.last && cut.rest().is_empty();
        if ended && self.around == Around::Array(Array::Inside) {
            self.around = Around::Array(Array::After);
            cut.item(0, Kind::Bad("the input ends inside the array".into()));
        }
    }
}

/// Where the line break at or after `from` stands.
fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr(b'\n', bytes.get(from..)?).map(|at| from + at)
}

/// A record of a seed document begins with `{` and `"`, blanks aside. `None`: can't be told yet.
fn begins_record(rest: &[u8]) -> Option<bool> {
    let Some(inner) = rest.strip_prefix(b"{") else {
        return Some(false);
    };
    let next = inner.iter().find(|byte| !byte.is_ascii_whitespace())?;
    Some(matches!(next, b'"'))
}

/// How long the value is that stops being one at `bad`: up to the end of that line, or only to the
/// line before, if the line of `bad` had nothing of it. (Reading must not go on inside the value,
/// and must not swallow the record after it.)
fn unreadable(rest: &[u8], bad: usize) -> usize {
    let head = rest.get(..bad).unwrap_or(rest);
    if let Some(start) = memchr::memrchr(b'\n', head)
        && head[start..].trim_ascii().is_empty()
        && rest.get(bad).is_some_and(|byte| *byte != b'\n')
    {
        return head[..start].trim_ascii_end().len();
    }
    let end = line_end(rest, bad).unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest).trim_ascii_end().len()
}
