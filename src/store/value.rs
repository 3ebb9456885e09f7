//! The bytes of a stored value.
//!
//! `kind flags codec times_absent | asked (u64, seconds) | length of DOI (u16) | DOI | rest`, numbers
//! little-endian. The DOI is in the value because a long one's key is a hash, and because a value
//! that got under a wrong key must not answer. The rest of a work is when Crossref indexed it (u64,
//! milliseconds; 0 if it does not say) and its JSON, compressed by `codec`; of an alias it is the prime
//! DOI. A compressed work names the dictionary that it needs.

use std::borrow::Cow;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::doi::Doi;
use crate::work::Work;

/// What works have in common, so that each need not say it again: half the bytes. Made by
/// `benches/dictionary.rs` from bibliographic facts.
static DICTIONARY: &[u8] = include_bytes!("works.dict");

/// Level 1 of zstd: with the dictionary, level 3 makes works 6 % smaller (516 bytes for 547), and takes
/// half as long again.
static INTO: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, 1));
static FROM: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

const WORK: u8 = 1;
const NOT_FOUND: u8 = 2;
const ALIAS: u8 = 3;

const WHOLE: u8 = 1;
const IMPORTED: u8 = 2;

/// Of format 1: no dictionary, no time of indexing.
const CODEC_ZSTD: u8 = 1;
const CODEC_DICTIONARY: u8 = 2;

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
    /// Is it the whole work (else only the selectable fields)?
    pub(crate) whole: bool,
    /// When Crossref indexed the work, in milliseconds since 1970; 0 if that is not known.
    pub(crate) indexed: u64,
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
    let (name, entry) = read_any(bytes)?;
    (name == doi.as_str()).then_some(entry)
}

/// Reads a value: whose it is, and what it says.
pub(super) fn read_any(bytes: &[u8]) -> Option<(&str, Entry<'_>)> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let [kind, flags, codec, times, numbers @ ..] = header;
    let (asked, length) = numbers.split_first_chunk::<8>()?;
    let length = u16::from_le_bytes(length.try_into().ok()?);
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    let mut indexed = 0;
    let held = match (*kind, *codec) {
        (WORK, CODEC_ZSTD) => Held::Work { packed: rest },
        (WORK, CODEC_DICTIONARY) => {
            let (time, packed) = rest.split_first_chunk::<8>()?;
            indexed = u64::from_le_bytes(*time);
            Held::Work { packed }
        }
        (NOT_FOUND, _) => Held::NotFound { times: *times },
        (ALIAS, _) => Held::Alias {
            prime: std::str::from_utf8(rest).ok()?,
        },
        _ => return None,
    };
    let entry = Entry {
        asked: u64::from_le_bytes(*asked),
        imported: flags & IMPORTED != 0,
        whole: flags & WHOLE != 0,
        indexed,
        held,
    };
    Some((std::str::from_utf8(name).ok()?, entry))
}

/// When the work of this value was indexed; 0 if it is none, or if that is not known.
pub(super) fn indexed_in(bytes: &[u8]) -> u64 {
    read_any(bytes).map_or(0, |(_, entry)| entry.indexed)
}

/// Does `value`, a work from a data file, take the place of `held`? What Crossref indexed last wins;
/// of the same time the file, so that its works are as fresh as it is.
pub(super) fn wins(value: &[u8], held: &[u8]) -> bool {
    let (Some((doi, new)), Some((held_doi, held))) = (read_any(value), read_any(held)) else {
        return true;
    };
    if doi != held_doi {
        return true;
    }
    match held.held {
        Held::NotFound { .. } => true,
        Held::Alias { .. } => new.indexed > held.asked.saturating_mul(1_000),
        // Format 1 did not keep the time: the answer is newer than what was indexed before it came.
        Held::Work { .. } if held.indexed == 0 && !held.imported => {
            new.indexed > held.asked.saturating_mul(1_000)
        }
        Held::Work { .. } => new.indexed >= held.indexed,
    }
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

/// When Crossref indexed `work`, in milliseconds since 1970; 0 if it does not say.
pub(super) fn indexed(work: &Work<'_>) -> u64 {
    let indexed = work.nested("indexed");
    let time = indexed.and_then(|indexed| indexed.get("timestamp")?.parse().ok());
    time.unwrap_or_default()
}

/// Makes the values of works; keeps its compressor's memory between them.
pub(crate) struct Encoder {
    compressor: Compressor<'static>,
    packed: Vec<u8>,
}

/// What there is to say of a work besides its JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    /// Is it the whole work (else only the selectable fields)?
    pub(crate) whole: bool,
    /// From a data file, not from the API.
    pub(crate) imported: bool,
    /// When Crossref indexed it, in milliseconds since 1970.
    pub(crate) indexed: u64,
    /// When Crossref said so, in seconds since 1970.
    pub(crate) asked: u64,
}

impl Encoder {
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut compressor = Compressor::with_prepared_dictionary(&INTO)?;
        // A flipped bit must not become a work.
        compressor.include_checksum(true)?;
        Ok(Self {
            compressor,
            packed: Vec::new(),
        })
    }

    /// Appends the value of a work to `out`.
    pub(crate) fn work(
        &mut self,
        doi: &Doi,
        json: &str,
        about: About,
        out: &mut Vec<u8>,
    ) -> std::io::Result<()> {
        let whole = if about.whole { WHOLE } else { 0 };
        let flags = whole | if about.imported { IMPORTED } else { 0 };
        header(out, [WORK, flags, CODEC_DICTIONARY, 0], about.asked, doi);
        out.extend_from_slice(&about.indexed.to_le_bytes());
        self.packed.clear();
        self.packed
            .reserve(zstd::zstd_safe::compress_bound(json.len()));
        self.compressor
            .compress_to_buffer(json.as_bytes(), &mut self.packed)?;
        out.extend_from_slice(&self.packed);
        Ok(())
    }
}

/// Unpacks works; keeps its memory between them.
pub(crate) struct Decoder {
    unpacker: Option<Decompressor<'static>>,
    text: Vec<u8>,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self {
            unpacker: Decompressor::with_prepared_dictionary(&FROM).ok(),
            text: Vec::new(),
        }
    }

    /// The JSON of a stored work; `None` if the value is damaged.
    pub(crate) fn work(&mut self, packed: &[u8]) -> Option<&str> {
        let size = Decompressor::upper_bound(packed)?;
        if size > MAX_WORK {
            return None;
        }
        self.text.clear();
        // One huge work must not be paid for ever after.
        self.text.shrink_to(1 << 20);
        self.text.reserve(size);
        let unpacker = self.unpacker.as_mut()?;
        unpacker.decompress_to_buffer(packed, &mut self.text).ok()?;
        simdutf8::basic::from_utf8(&self.text)
            .ok()
            .filter(|json| json.starts_with('{'))
    }
}
