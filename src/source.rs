//! Inputs as bytes: which files there are, and each opened and decompressed by its content.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Standard input, `-`.
    Stdin,
    /// A program's own.
    Given(Given),
    /// A file, pipe or device.
    File {
        /// Where it is.
        path: PathBuf,
        /// Named by the user, and not found in a folder or by a pattern.
        named: bool,
    },
}

impl Source {
    /// What messages, rejects and positions call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::Given(_) => "input".to_owned(),
            Self::File { path, .. } => path.display().to_string(),
        }
    }

    /// Bytes on disk, for progress; `None` for what has no size.
    pub(crate) fn len(&self) -> Option<u64> {
        match self {
            Self::Stdin | Self::Given(_) => None,
            Self::File { path, .. } => {
                let meta = path.metadata().ok()?;
                meta.is_file().then_some(meta.len())
            }
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Stdin => Ok(Box::new(io::stdin())),
            Self::Given(given) => given.take(),
            Self::File { path, .. } => {
                let file = File::open(path)?;
                let before = file.metadata()?;
                Ok(match before.is_file() {
                    true => Box::new(Watched {
                        name: self.name(),
                        read: 0,
                        before,
                        file,
                    }),
                    false => Box::new(file),
                })
            }
        }
    }
}

/// A reader that somebody else made; it is read once.
#[derive(Clone)]
pub(crate) struct Given(Arc<Mutex<Option<Box<dyn Read + Send>>>>);

impl Given {
    pub(crate) fn new(reader: impl Read + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::new(reader)))))
    }

    fn take(&self) -> io::Result<Box<dyn Read + Send>> {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given
            .take()
            .ok_or_else(|| io::Error::other("it was read before"))
    }
}

impl PartialEq for Given {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Given {}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Given(…)")
    }
}

/// Why the inputs can't be used.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A path that can't be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A pattern that is none.
    #[error("`{pattern}` is not a valid pattern: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// Nothing to read.
    #[error("no input file in {}", listed(.0))]
    Empty(Vec<PathBuf>),
}

fn listed(paths: &[PathBuf]) -> String {
    let names = paths.iter().map(|path| format!("`{}`", path.display()));
    names.collect::<Vec<_>>().join(", ")
}

/// The files that `inputs` (files, folders, patterns, `-`) stand for, in order: as given, folders
/// and patterns sorted by path, hidden files in folders left out.
///
/// # Errors
/// If one can't be read, or if there is none at all.
pub(crate) fn expand(inputs: &[PathBuf]) -> Result<Vec<Source>, SourceError> {
    let mut sources = Vec::new();
    for input in inputs {
        let unreadable = |source: io::Error| SourceError::Unreadable {
            path: input.clone(),
            source,
        };
        let text = input.to_string_lossy();
        if text == "-" {
            sources.push(Source::Stdin);
        } else if input.is_dir() {
            folder(input, &mut sources)?;
        } else if input.exists() || !text.contains(['*', '?', '[']) {
            // Opening a pipe would be more than looking at it.
            if input.metadata().map_err(unreadable)?.is_file() {
                File::open(input).map_err(unreadable)?;
            }
            sources.push(Source::File {
                path: input.clone(),
                named: true,
            });
        } else {
            pattern(&text, &mut sources)?;
        }
    }
    if sources.is_empty() {
        return Err(SourceError::Empty(inputs.to_vec()));
    }
    Ok(sources)
}

fn folder(root: &Path, sources: &mut Vec<Source>) -> Result<(), SourceError> {
    let hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let walk = walkdir::WalkDir::new(root)
        .follow_links(true)
        .sort_by_file_name();
    for entry in walk.into_iter().filter_entry(|entry| !hidden(entry)) {
        let entry = entry.map_err(|error| SourceError::Unreadable {
            path: error.path().unwrap_or(root).to_owned(),
            source: error.into(),
        })?;
        if entry.file_type().is_file() {
            sources.push(Source::File {
                path: entry.into_path(),
                named: false,
            });
        }
    }
    Ok(())
}

fn pattern(pattern: &str, sources: &mut Vec<Source>) -> Result<(), SourceError> {
    // As in a shell: hidden files are not meant.
    let options = glob::MatchOptions {
        require_literal_leading_dot: true,
        ..glob::MatchOptions::new()
    };
    let paths = glob::glob_with(pattern, options).map_err(|error| SourceError::Pattern {
        pattern: pattern.to_owned(),
        reason: format!("{} at its character {}", error.msg, error.pos + 1),
    })?;
    for path in paths {
        let path = path.map_err(|error| SourceError::Unreadable {
            path: error.path().to_owned(),
            source: error.into(),
        })?;
        if path.is_dir() {
            folder(&path, sources)?;
        } else {
            sources.push(Source::File { path, named: false });
        }
    }
    Ok(())
}

/// A regular file that should not change while it is read. One that grows is read as far as it goes;
/// of one that shrinks records would be lost.
struct Watched {
    file: File,
    name: String,
    /// Bytes read so far.
    read: u64,
    /// As it was when it was opened.
    before: Metadata,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read += count as u64;
        if count == 0 && !buffer.is_empty() {
            self.ended()?;
        }
        Ok(count)
    }
}

impl Watched {
    fn ended(&self) -> io::Result<()> {
        let (now, size) = (self.file.metadata()?, self.before.len());
        // Both, because files of the kernel's own have sizes that say nothing.
        if self.read < size && now.len() < size {
            let read = self.read;
            return Err(io::Error::other(format!(
                "it became shorter meanwhile: it had {size} bytes, of which {read} could be read"
            )));
        }
        if now.modified().ok() != self.before.modified().ok() {
            tracing::warn!(
                "`{}` was changed while it was read: if not just appended to, run again",
                self.name
            );
        }
        Ok(())
    }
}

/// Counts the bytes that come off the disk, before they are decompressed.
struct Counted {
    inner: Box<dyn Read + Send>,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Opens `source`, decompressed if its first bytes say that it is gzip (of any number of members),
/// zstd, xz or bzip2. `bytes` counts what is read of it.
pub(crate) fn open(source: &Source, bytes: &Arc<AtomicU64>) -> io::Result<Box<dyn Read + Send>> {
    Ok(opened(source, bytes)?.reader)
}

/// An input that is open.
pub(crate) struct Opened {
    pub(crate) reader: Box<dyn Read + Send>,
    /// Is it not compressed?
    pub(crate) plain: bool,
}

/// As [`open`] does.
pub(crate) fn opened(source: &Source, bytes: &Arc<AtomicU64>) -> io::Result<Opened> {
    let counted = Counted {
        inner: source.open()?,
        bytes: Arc::clone(bytes),
    };
    let mut plain = BufReader::with_capacity(64 << 10, counted);
    // A pipe may give its first bytes one by one; the longest magic number has six.
    let mut head = Vec::with_capacity(6);
    while head.len() < 6 {
        let mut byte = [0];
        match plain.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => head.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        // Ordinary text is told by its first byte: a slow pipe need not give six.
        if !matches!(head.as_slice(), [0x1f | 0x28 | 0xfd | b'B', ..]) {
            break;
        }
    }
    let magic = head.clone();
    decompress(&magic, io::Cursor::new(head).chain(plain))
}

fn decompress(magic: &[u8], whole: impl BufRead + Send + 'static) -> io::Result<Opened> {
    let reader: Box<dyn Read + Send> = match magic {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::Decoder::with_buffer(whole)?),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => {
            Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(whole))
        }
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Box::new(bzip2::bufread::MultiBzDecoder::new(whole)),
        _ => {
            let (reader, plain) = (Box::new(whole), true);
            return Ok(Opened { reader, plain });
        }
    };
    let plain = false;
    Ok(Opened { reader, plain })
}
