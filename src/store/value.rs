//! The bytes of a stored value.
//!
//! `kind flags codec times_absent | asked (u64, seconds) | length of DOI (u16) | DOI | rest`, numbers
//! little-endian. The DOI is in the value because a long one's key is a hash, and because a value
//! that got under a wrong key must not answer. The rest of a work is its JSON, compressed by
//! `codec`; of an alias it is the prime DOI.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::doi::Doi;

const WORK: u8 = 1;
const NOT_FOUND: u8 = 2;
const ALIAS: u8 = 3;

const WHOLE: u8 = 1;
const IMPORTED: u8 = 2;

const CODEC_ZSTD: u8 = 1;

const HEADER: usize = 14;

/// LMDB's keys have at most 511 bytes; longer DOIs keep this much of themselves and a hash.
const PLAIN_KEY: usize = 400;

/// No stored work is larger: a damaged length must not ask for all the memory there is.
const MAX_WORK: usize = 256 << 20;

/// The key of a DOI.
pub(super) fn key(doi: &Doi) -> Cow<'_, [u8]> {
    key_of(doi.as_str())
}

/// The key of a DOI or a prefix.
pub(super) fn key_of(text: &str) -> Cow<'_, [u8]> {
    let bytes = text.as_bytes();
    match bytes.get(..PLAIN_KEY) {
        None => Cow::Borrowed(bytes),
        Some(start) => {
            let mut key = start.to_vec();
            key.extend_from_slice(&Sha256::digest(bytes));
            Cow::Owned(key)
        }
    }
}

/// What is stored of a DOI.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// When Crossref said so, in seconds since 1970.
    pub(crate) asked: u64,
    /// From a data file, not from the API.
    pub(crate) imported: bool,
    pub(crate) held: Held<'a>,
}

/// What was answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held<'a> {
    /// A work, still compressed.
    Work { packed: &'a [u8] },
    /// Crossref did not know the DOI, this many times in a row.
    NotFound { times: u8 },
    /// Another name of this DOI.
    Alias { prime: &'a str },
}

/// Reads a value of `doi`.
pub(super) fn read<'a>(bytes: &'a [u8], doi: &Doi) -> Option<Entry<'a>> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let [kind, flags, codec, times, numbers @ ..] = header;
    let (asked, length) = numbers.split_first_chunk::<8>()?;
    let length = u16::from_le_bytes(length.try_into().ok()?);
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    if name != doi.as_str().as_bytes() {
        return None;
    }
    let held = match (*kind, *codec) {
        (WORK, CODEC_ZSTD) => Held::Work { packed: rest },
        (NOT_FOUND, _) => Held::NotFound { times: *times },
        (ALIAS, _) => Held::Alias {
            prime: std::str::from_utf8(rest).ok()?,
        },
        _ => return None,
    };
    Some(Entry {
        asked: u64::from_le_bytes(*asked),
        imported: flags & IMPORTED != 0,
        held,
    })
}

/// Is this value a work?
pub(super) fn is_work(bytes: &[u8]) -> bool {
    bytes.first() == Some(&WORK)
}

/// How often the DOI of this value was absent.
pub(super) fn times_absent(bytes: &[u8]) -> u8 {
    match bytes {
        [NOT_FOUND, _, _, times, ..] => *times,
        _ => 0,
    }
}

fn header(out: &mut Vec<u8>, start: [u8; 4], asked: u64, doi: &Doi) {
    out.extend_from_slice(&start);
    out.extend_from_slice(&asked.to_le_bytes());
    let name = doi.as_str().as_bytes();
    out.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(name);
}

pub(super) fn not_found(doi: &Doi, times: u8, asked: u64) -> Vec<u8> {
    let mut out = Vec::new();
    header(&mut out, [NOT_FOUND, 0, 0, times], asked, doi);
    out
}

pub(super) fn alias(doi: &Doi, prime: &Doi, asked: u64) -> Vec<u8> {
    let mut out = Vec::new();
    header(&mut out, [ALIAS, 0, 0, 0], asked, doi);
    out.extend_from_slice(prime.as_str().as_bytes());
    out
}

/// Makes the values of works; keeps its compressor's memory between them.
pub(crate) struct Encoder(zstd::bulk::Compressor<'static>);

impl Encoder {
    pub(crate) fn new() -> std::io::Result<Self> {
        // Level 3 of zstd: measured, the knee between size and speed.
        let mut compressor = zstd::bulk::Compressor::new(3)?;
        // A flipped bit must not become a work.
        compressor.include_checksum(true)?;
        Ok(Self(compressor))
    }

    pub(crate) fn work(
        &mut self,
        doi: &Doi,
        json: &str,
        whole: bool,
        imported: bool,
        asked: u64,
    ) -> std::io::Result<Vec<u8>> {
        let flags = if whole { WHOLE } else { 0 } | if imported { IMPORTED } else { 0 };
        let packed = self.0.compress(json.as_bytes())?;
        let mut out = Vec::with_capacity(HEADER + doi.as_str().len() + packed.len());
        header(&mut out, [WORK, flags, CODEC_ZSTD, 0], asked, doi);
        out.extend_from_slice(&packed);
        Ok(out)
    }
}

/// Unpacks works; keeps its memory between them.
pub(crate) struct Decoder {
    unpacker: Option<zstd::bulk::Decompressor<'static>>,
    text: Vec<u8>,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self {
            unpacker: zstd::bulk::Decompressor::new().ok(),
            text: Vec::new(),
        }
    }

    /// The JSON of a stored work; `None` if the value is damaged.
    pub(crate) fn work(&mut self, packed: &[u8]) -> Option<&str> {
        let size = zstd::bulk::Decompressor::upper_bound(packed)?;
        if size > MAX_WORK {
            return None;
        }
        self.text.clear();
        // One huge work must not be paid for ever after.
        self.text.shrink_to(1 << 20);
        self.text.reserve(size);
        let unpacker = self.unpacker.as_mut()?;
        unpacker.decompress_to_buffer(packed, &mut self.text).ok()?;
        std::str::from_utf8(&self.text)
            .ok()
            .filter(|json| json.starts_with('{'))
    }
}
