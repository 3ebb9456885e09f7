//! The containers that data files come in, told by their content: one work a line, an object whose
//! `items` are the works, and a tar of either. Finds where works begin and end; reading them is others'.

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use flate2::bufread::MultiGzDecoder;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::source::{self, Source};

/// Works travel in pieces of so many bytes: a few dozen works, so that little memory is in use at once.
const CHUNK: usize = 256 << 10;

/// Containers are told from this much.
const HEAD: usize = 4 << 10;

/// A work is at most this long (the largest known one has 12 MB).
const MAX_WORK: usize = 256 << 20;

/// Works as they are written, one behind the other.
#[derive(Default)]
pub(super) struct Chunk {
    text: Vec<u8>,
    /// Where each ends, and which line or item it is.
    works: Vec<(usize, u64)>,
}

impl Chunk {
    fn new() -> Self {
        Self {
            text: Vec::with_capacity(CHUNK + CHUNK / 4),
            works: Vec::new(),
        }
    }

    /// The works, each with its line or number.
    pub(super) fn works(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut start = 0;
        self.works.iter().map(move |(end, number)| {
            let work = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            (*number, work)
        })
    }
}

/// Who takes what is read.
pub(super) trait Sink {
    /// A unit begins, a file or the member of a tar; `false`: it is not wanted.
    fn begin(&mut self, member: Option<&str>) -> bool;
    /// Works of the unit; `false`: no more of them.
    fn works(&mut self, chunk: Chunk) -> bool;
    /// The unit ends, cleanly or not.
    fn end(&mut self, damage: Option<String>);
}

/// Reads `source`. What is wrong with it as a whole is returned, with a unit it goes to its end.
pub(super) fn file(
    source: &Source,
    bytes: &Arc<AtomicU64>,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    let input = source::open(source, bytes).map_err(|error| error.to_string())?;
    let mut input = BufReader::with_capacity(256 << 10, input);
    let head = match head(&mut input) {
        Ok(head) => head,
        Err(error) => return Err(error.to_string()),
    };
    let is_tar = head.get(257..262) == Some(b"ustar");
    let mut whole = Cursor::new(head).chain(input);
    if is_tar {
        return tar(whole, sink);
    }
    if sink.begin(None) {
        let read = works(&mut whole, sink);
        sink.end(read.err());
    }
    Ok(())
}

fn head(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    input.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn tar(input: impl Read, sink: &mut dyn Sink) -> Result<(), String> {
    let mut archive = tar::Archive::new(input);
    let entries = archive.entries().map_err(|error| error.to_string())?;
    for entry in entries {
        let entry = entry.map_err(|error| format!("the rest of the tar: {error}"))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let hidden = name
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with('.'));
        if !entry.header().entry_type().is_file() || hidden || !sink.begin(Some(&name)) {
            continue;
        }
        let mut entry = BufReader::with_capacity(256 << 10, entry);
        let read = match entry.fill_buf() {
            Ok([0x1f, 0x8b, ..]) => works(&mut BufReader::new(MultiGzDecoder::new(entry)), sink),
            Ok(_) => works(&mut entry, sink),
            Err(error) => Err(error.to_string()),
        };
        sink.end(read.err());
    }
    Ok(())
}

fn works(input: &mut impl BufRead, sink: &mut dyn Sink) -> Result<(), String> {
    let head = head(input).map_err(|error| error.to_string())?;
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let text = start.trim_ascii_start();
    // One line of many may be damaged; but a text that stands beside data files, or a picture, is none.
    let has_work = |line: &[u8]| line.trim_ascii_start().starts_with(b"{");
    if !text.is_empty() && !text.split(|byte| *byte == b'\n').any(has_work) {
        return Err("no works, one a line, nor an object with `items`".to_owned());
    }
    let first = text.strip_prefix(b"{");
    let is_items = first.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"items\""));
    let skipped = head.len() - start.len();
    let mut whole = Cursor::new(head);
    whole.set_position(skipped as u64);
    let whole = whole.chain(input);
    if is_items {
        items(whole, sink)
    } else {
        lines(whole, sink)
    }
}

fn lines(mut input: impl Read, sink: &mut dyn Sink) -> Result<(), String> {
    let (mut chunk, mut line, mut last) = (Chunk::new(), 0, false);
    while !last {
        // Up to a chunk, and as much more as the line that crosses its end takes.
        let mut end = None;
        while end.is_none() {
            let before = chunk.text.len();
            if before > MAX_WORK {
                return Err(format!("line {}: longer than any work", line + 1));
            }
            let room = CHUNK.max(before + CHUNK / 4) - before;
            let read = input
                .by_ref()
                .take(room as u64)
                .read_to_end(&mut chunk.text);
            last = read.map_err(|error| error.to_string())? < room;
            let new = chunk.text.get(before..).unwrap_or_default();
            end = match last {
                true => Some(chunk.text.len()),
                false => memchr::memrchr(b'\n', new).map(|at| before + at + 1),
            };
        }
        let length = end.unwrap_or_default();
        let mut next = Chunk::new();
        next.text
            .extend_from_slice(chunk.text.get(length..).unwrap_or_default());
        chunk.text.truncate(length);
        for at in memchr::memchr_iter(b'\n', &chunk.text) {
            line += 1;
            chunk.works.push((at + 1, line));
        }
        if chunk.works.last().map_or(0, |work| work.0) < length {
            line += 1;
            chunk.works.push((length, line));
        }
        let full = std::mem::replace(&mut chunk, next);
        if !sink.works(full) {
            break;
        }
    }
    Ok(())
}

fn items(input: impl Read, sink: &mut dyn Sink) -> Result<(), String> {
    let mut parser =
        serde_json::Deserializer::from_reader(BufReader::with_capacity(256 << 10, input));
    let mut taker = Taker {
        sink,
        chunk: Chunk::new(),
        number: 0,
        more: true,
    };
    let read = parser.deserialize_map(Items(&mut taker));
    let (chunk, more) = (std::mem::take(&mut taker.chunk), taker.more);
    if !more {
        return Ok(());
    }
    // To the very end: a flipped byte is noticed only there.
    read.and_then(|()| parser.end())
        .map_err(|error| error.to_string())?;
    sink.works(chunk);
    Ok(())
}

struct Taker<'s> {
    sink: &'s mut dyn Sink,
    chunk: Chunk,
    number: u64,
    more: bool,
}

impl Taker<'_> {
    fn take(&mut self, work: &RawValue) {
        self.number += 1;
        self.chunk.text.extend_from_slice(work.get().as_bytes());
        self.chunk.works.push((self.chunk.text.len(), self.number));
        if self.chunk.text.len() >= CHUNK {
            let full = std::mem::replace(&mut self.chunk, Chunk::new());
            self.more = self.sink.works(full);
        }
    }
}

/// `{"items": [work, …]}`, and whatever other members.
struct Items<'t, 's>(&'t mut Taker<'s>);

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with items")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "items" {
                map.next_value_seed(List(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct List<'t, 's>(&'t mut Taker<'s>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of works")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(work) = list.next_element::<Box<RawValue>>()? {
            self.0.take(&work);
            if !self.0.more {
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
