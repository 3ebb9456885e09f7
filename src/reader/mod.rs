//! The first stage: inputs as chunks of raw records, each with its place.
//!
//! A format's [`Splitter`] only finds where records begin and end; making a record of the bytes is
//! [`Chunk::record`]'s part and happens on all cores. Talks to `source` below it, and to the
//! pipeline through a bounded channel.

mod feed;
mod item;
mod lines;
mod scan;
mod sniff;
mod table;
mod values;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use thiserror::Error;

use crate::buffers;
use crate::source::Source;
use feed::{Feed, Next};
use item::Kind;
pub(crate) use item::{Chunk, Item, not_json};
use sniff::Verdict;

/// A chunk ends at this many bytes, at this many records, or when its input pauses this long.
const CHUNK_BYTES: usize = 1 << 20;
const CHUNK_RECORDS: usize = 1_000;
const PAUSE: Duration = Duration::from_millis(50);

/// A chunk, and what was read with it of the next one.
const BUFFER: usize = CHUNK_BYTES + (512 << 10);

/// Formats are told from this much of an input.
const HEAD: usize = 64 << 10;

/// Why an input can't be read (to its end).
#[derive(Debug, Error)]
pub enum ReadError {
    /// The operating system, or a decoder, says no.
    #[error("cannot read `{input}` after byte {offset} (line {line}): {source}")]
    Io {
        /// The input.
        input: String,
        /// How far it was read (decompressed).
        offset: u64,
        /// The line there.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// Content that is none of the formats.
    #[error("cannot tell what `{input}` is: {seen}")]
    Format {
        /// The input.
        input: String,
        /// What stands there instead.
        seen: String,
        /// What to do.
        advice: &'static str,
    },
}

/// Cuts items off the front of an input's bytes.
trait Splitter: Send {
    /// Takes all the items that are complete in `cut`, and what lies between them; leaves the rest
    /// for the next call, which begins with it.
    fn split(&mut self, cut: &mut Cut<'_>);
}

/// The bytes that a [`Splitter`] works on, and the items that it found.
struct Cut<'a> {
    bytes: &'a [u8],
    /// All before this is done with.
    at: usize,
    /// Nothing comes after `bytes`.
    last: bool,
    max_record: usize,
    /// Line (from 1) and offset of `bytes[at]` in the input.
    line: u64,
    offset: u64,
    /// Where `bytes` begins in the chunk.
    base: usize,
    items: &'a mut Vec<Item>,
}

impl<'a> Cut<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Is the chunk complete?
    fn is_full(&self) -> bool {
        self.items.len() >= CHUNK_RECORDS || self.base + self.at >= CHUNK_BYTES
    }

    /// Leaves `count` bytes behind.
    fn advance(&mut self, count: usize) {
        let passed = self.rest().get(..count).unwrap_or(self.rest());
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.advance_in_line(passed.len());
    }

    /// The same for bytes that are known to hold no line break.
    fn advance_in_line(&mut self, count: usize) {
        let count = count.min(self.rest().len());
        self.offset += count as u64;
        self.at += count;
    }

    /// Leaves the blanks here behind, line breaks included.
    fn skip_blanks(&mut self) {
        let rest = self.rest();
        let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
        self.advance(blanks.count());
    }

    /// The next `count` bytes are an item.
    fn item(&mut self, count: usize, kind: Kind) {
        self.mark(count, kind);
        self.advance(count);
    }

    /// The next `count` bytes will be passed, and are an item.
    fn mark(&mut self, count: usize, kind: Kind) {
        let start = self.base + self.at;
        let kind = match kind {
            Kind::Bad(_) => kind,
            _ if count > self.max_record => Kind::TooLong,
            _ => kind,
        };
        let shown = match kind {
            Kind::TooLong => count.min(item::SHOWN),
            _ => count,
        };
        self.items.push(Item {
            span: start..start + shown,
            line: self.line,
            offset: self.offset,
            kind,
        });
    }
}

/// Reads all of `sources` in order and hands each chunk to `give`, which says whether to go on.
/// `bytes` counts what comes off the disk.
///
/// # Errors
/// If an input can't be read to its end, or a named one is in no known format. (A file of a folder
/// that is in none becomes one reject.)
pub(crate) fn read(
    sources: &[Source],
    max_record: usize,
    bytes: &Arc<AtomicU64>,
    give: &mut dyn FnMut(Chunk) -> bool,
) -> Result<(), ReadError> {
    for source in sources {
        if !Input::new(source, max_record).read(bytes, give)? {
            break;
        }
    }
    Ok(())
}

/// Tells whether `source`, a file that the user named, is in a known format, before any work starts.
/// Pipes and devices are let through: looking would consume them.
///
/// # Errors
/// If it can't be read or is in no known format.
pub(crate) fn check(source: &Source) -> Result<(), ReadError> {
    if source.len().is_none() || !matches!(source, Source::File { named: true, .. }) {
        return Ok(());
    }
    let mut input = Input::new(source, HEAD);
    let mut feed = Feed::start(source, &Arc::default()).map_err(|error| input.failed(error))?;
    let mut head = Vec::new();
    input.sniff(&mut feed, &mut head).map(drop)
}

/// One input on its way through.
struct Input<'a> {
    source: &'a Source,
    name: Arc<str>,
    max_record: usize,
    line: u64,
    offset: u64,
}

impl<'a> Input<'a> {
    fn new(source: &'a Source, max_record: usize) -> Self {
        Self {
            source,
            name: source.name().into(),
            max_record,
            line: 1,
            offset: 0,
        }
    }

    fn failed(&self, source: io::Error) -> ReadError {
        ReadError::Io {
            input: self.name.to_string(),
            offset: self.offset,
            line: self.line,
            source,
        }
    }

    /// Reads into `head` until the format is certain; blanks before anything else are passed over.
    /// `None`: there is nothing but blanks.
    fn sniff(
        &mut self,
        feed: &mut Feed,
        head: &mut Vec<u8>,
    ) -> Result<Option<Box<dyn Splitter>>, ReadError> {
        let mut last = false;
        // A slow pipe that has not said enough may take as long as it likes.
        let mut patience = None;
        loop {
            let next = feed.next(patience).map_err(|error| self.failed(error))?;
            let pause = matches!(next, Next::Pause);
            match next {
                Next::Block(block) => head.extend_from_slice(block),
                Next::End => last = true,
                Next::Pause => {}
            }
            self.pass_blanks(head);
            let whole = last || head.len() >= HEAD;
            patience = (!head.is_empty() && !pause).then_some(PAUSE);
            if !(whole || pause) {
                continue;
            }
            match sniff::sniff(&head[..head.len().min(HEAD)], whole, &self.name) {
                Verdict::Format(splitter) => return Ok(Some(splitter)),
                Verdict::Empty if whole => return Ok(None),
                Verdict::Unknown(seen, advice) if whole => {
                    return Err(ReadError::Format {
                        input: self.name.to_string(),
                        seen,
                        advice,
                    });
                }
                Verdict::Empty | Verdict::Unknown(..) => {}
            }
        }
    }

    fn pass_blanks(&mut self, head: &mut Vec<u8>) {
        let mut blanks = 0;
        if self.offset == 0 && head.starts_with(b"\xef\xbb\xbf") {
            blanks = 3;
        }
        blanks += head[blanks..].len() - head[blanks..].trim_ascii_start().len();
        self.line += memchr::memchr_iter(b'\n', &head[..blanks]).count() as u64;
        self.offset += blanks as u64;
        head.drain(..blanks);
    }

    /// False if the receiver has had enough.
    fn read(
        mut self,
        bytes: &Arc<AtomicU64>,
        give: &mut dyn FnMut(Chunk) -> bool,
    ) -> Result<bool, ReadError> {
        let mut feed = Feed::start(self.source, bytes).map_err(|error| self.failed(error))?;
        let mut text = buffers::take(BUFFER);
        let mut items = Vec::new();
        let mut splitter = match self.sniff(&mut feed, &mut text) {
            Ok(None) => return Ok(true),
            Ok(Some(splitter)) => splitter,
            // Found in a folder among others: told, kept apart, and no reason to stop.
            Err(ReadError::Format { seen, .. })
                if matches!(self.source, Source::File { named: false, .. }) =>
            {
                text.truncate(item::SHOWN);
                items.push(Item {
                    span: 0..text.len(),
                    line: self.line,
                    offset: self.offset,
                    kind: Kind::Bad(format!("cannot tell what this file is: {seen}").into()),
                });
                return Ok(give(self.chunk(text, items)));
            }
            Err(error) => return Err(error),
        };
        let (mut done, mut last) = (0, false);
        loop {
            let mut cut = Cut {
                bytes: &text[done..],
                at: 0,
                last,
                max_record: self.max_record,
                line: self.line,
                offset: self.offset,
                base: done,
                items: &mut items,
            };
            splitter.split(&mut cut);
            let full = cut.is_full();
            (done, self.line, self.offset) = (done + cut.at, cut.line, cut.offset);
            let ended = last && done == text.len();
            let mut pause = false;
            if !full && !last {
                let patience = (!items.is_empty()).then_some(PAUSE);
                match feed.next(patience).map_err(|error| self.failed(error))? {
                    Next::Block(block) => {
                        if items.is_empty() && done > 0 {
                            text.drain(..done);
                            done = 0;
                        }
                        text.extend_from_slice(block);
                    }
                    Next::Pause => pause = true,
                    Next::End => last = true,
                }
            }
            if full || pause || ended {
                if items.is_empty() {
                    text.drain(..done);
                } else {
                    // Small chunks of a slow pipe must not hold large buffers while they wait.
                    let (rest, small) = (&text[done..], done < CHUNK_BYTES / 4);
                    let mut next = if small {
                        Vec::new()
                    } else {
                        buffers::take(BUFFER)
                    };
                    next.extend_from_slice(rest);
                    text.truncate(done);
                    if small {
                        text.shrink_to_fit();
                    }
                    let text = std::mem::replace(&mut text, next);
                    let chunk = self.chunk(text, std::mem::take(&mut items));
                    if !give(chunk) {
                        return Ok(false);
                    }
                }
                done = 0;
                if ended {
                    return Ok(true);
                }
            }
        }
    }

    fn chunk(&self, text: Vec<u8>, items: Vec<Item>) -> Chunk {
        Chunk {
            source: Arc::clone(&self.name),
            text,
            items,
        }
    }
}

#[cfg(test)]
mod tests;
