//! The external sort of data files that are not sorted: sorted runs on disk, merged at the end.
//!
//! A run is a file that is there only when it is whole, and it says which units are in it; so a run
//! that a killed import left is as good as a new one. `crc32 of the rest | bytes of stamps | stamps |
//! rows`, numbers little-endian; a stamp is two strings, a row a key and a value, with their lengths
//! before them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::unit::Stamp;
use crate::store::value;

/// So many runs of one size are merged into a larger one, so that few files are open at once.
const FAN_IN: usize = if cfg!(test) { 4 } else { 48 };

const BUFFER: usize = 128 << 10;

/// A run on disk.
pub(super) struct Run {
    pub(super) path: PathBuf,
    pub(super) stamps: Vec<Stamp>,
    level: u32,
}

impl Run {
    /// Writes sorted `rows`. The run counts only when it is published.
    pub(super) fn write<'r>(
        folder: &Path,
        stamps: Vec<Stamp>,
        rows: impl Iterator<Item = (&'r [u8], &'r [u8])>,
    ) -> io::Result<Self> {
        let mut writer = RunWriter::begin(folder, 0, &stamps)?;
        for (key, value) in rows {
            writer.row(key, value)?;
        }
        writer.finish(stamps)
    }

    /// Gives the file its name: from now on it outlives this process.
    pub(super) fn publish(mut self) -> io::Result<Self> {
        let part = std::mem::take(&mut self.path);
        self.path = part.with_extension("run");
        std::fs::rename(&part, &self.path)?;
        Ok(self)
    }

    /// Bytes on disk.
    pub(super) fn size(&self) -> u64 {
        self.path.metadata().map_or(0, |meta| meta.len())
    }

    /// The runs that an import left in `folder`; what is not whole goes.
    pub(super) fn left_in(folder: &Path) -> io::Result<Vec<Self>> {
        let mut runs = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("run") => match Self::open(&path) {
                    Ok(run) => runs.push(run),
                    // Cut short by a machine that went down: its units are read again.
                    Err(_) => std::fs::remove_file(&path)?,
                },
                Some("part") => std::fs::remove_file(&path)?,
                _ => {}
            }
        }
        Ok(runs)
    }

    fn open(path: &Path) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(BUFFER, File::open(path)?);
        let sum = u32::from_le_bytes(array(&mut reader)?);
        let mut digest = crc32fast::Hasher::new();
        let mut block = vec![0; BUFFER];
        loop {
            match reader.read(&mut block)? {
                0 => break,
                count => digest.update(block.get(..count).unwrap_or_default()),
            }
        }
        if digest.finalize() != sum {
            return Err(io::ErrorKind::InvalidData.into());
        }
        reader.seek(SeekFrom::Start(4))?;
        let stamps = read_stamps(&mut reader)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let level = name.split('-').next().and_then(|level| level.parse().ok());
        Ok(Self {
            path: path.to_owned(),
            stamps,
            level: level.unwrap_or_default(),
        })
    }

    fn rows(&self) -> io::Result<Reader> {
        let mut input = BufReader::with_capacity(BUFFER, File::open(&self.path)?);
        input.seek(SeekFrom::Start(4))?;
        read_stamps(&mut input)?;
        Ok(Reader { input })
    }
}

struct RunWriter {
    out: BufWriter<File>,
    digest: crc32fast::Hasher,
    path: PathBuf,
    level: u32,
}

impl RunWriter {
    fn begin(folder: &Path, level: u32, stamps: &[Stamp]) -> io::Result<Self> {
        let path = folder.join(format!("{level}-{:016x}.part", fastrand::u64(..)));
        let mut writer = Self {
            out: BufWriter::with_capacity(BUFFER, File::create(&path)?),
            digest: crc32fast::Hasher::new(),
            path,
            level,
        };
        // The sum's place.
        writer.out.write_all(&[0; 4])?;
        let mut bytes = Vec::new();
        for stamp in stamps {
            for text in [&stamp.key, &stamp.state] {
                bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
                bytes.extend_from_slice(text);
            }
        }
        writer.push(&(bytes.len() as u64).to_le_bytes())?;
        writer.push(&bytes)?;
        Ok(writer)
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.out.write_all(bytes)
    }

    fn row(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.push(&(key.len() as u16).to_le_bytes())?;
        self.push(&(value.len() as u32).to_le_bytes())?;
        self.push(key)?;
        self.push(value)
    }

    fn finish(mut self, stamps: Vec<Stamp>) -> io::Result<Run> {
        self.out.seek(SeekFrom::Start(0))?;
        let sum = self.digest.clone().finalize();
        self.out.write_all(&sum.to_le_bytes())?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(Run {
            path: std::mem::take(&mut self.path),
            stamps,
            level: self.level,
        })
    }
}

impl Drop for RunWriter {
    /// On a full disk, what can't be finished must not take the room of others.
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn array<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_stamps(input: &mut impl Read) -> io::Result<Vec<Stamp>> {
    let bytes = u64::from_le_bytes(array(input)?);
    let mut left = input.take(bytes);
    let mut stamps = Vec::new();
    while left.limit() > 0 {
        let mut text = || -> io::Result<Vec<u8>> {
            let length = u32::from_le_bytes(array(&mut left)?);
            let mut text = Vec::new();
            left.by_ref().take(length.into()).read_to_end(&mut text)?;
            Ok(text)
        };
        let (key, state) = (text()?, text()?);
        stamps.push(Stamp { key, state });
    }
    Ok(stamps)
}

struct Reader {
    input: BufReader<File>,
}

impl Reader {
    /// The next row into `row`; `None` at the end.
    fn next(&mut self, mut row: Box<Line>) -> io::Result<Option<Box<Line>>> {
        use std::io::BufRead;
        if self.input.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let key = u16::from_le_bytes(array(&mut self.input)?);
        let value = u32::from_le_bytes(array(&mut self.input)?);
        row.key.resize(key.into(), 0);
        self.input.read_exact(&mut row.key)?;
        row.value.resize(value as usize, 0);
        self.input.read_exact(&mut row.value)?;
        row.indexed = value::indexed_in(&row.value);
        Ok(Some(row))
    }
}

/// A row of one of the runs that are merged; the order of its members is the order of merging.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    key: Vec<u8>,
    indexed: u64,
    run: usize,
    value: Vec<u8>,
}

/// All rows of `runs` by key, of each key the one that was indexed last.
pub(super) fn merge(
    runs: &[Run],
    mut each: impl FnMut(&[u8], &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut readers: Vec<Reader> = runs.iter().map(Run::rows).collect::<io::Result<_>>()?;
    let mut heap = BinaryHeap::with_capacity(readers.len());
    for (run, reader) in readers.iter_mut().enumerate() {
        let row = Box::new(Line {
            run,
            ..Line::default()
        });
        heap.extend(reader.next(row)?.map(Reverse));
    }
    while let Some(Reverse(row)) = heap.pop() {
        let again = heap.peek().is_some_and(|next| next.0.key == row.key);
        if !again {
            each(&row.key, &row.value)?;
        }
        if let Some(reader) = readers.get_mut(row.run) {
            heap.extend(reader.next(row)?.map(Reverse));
        }
    }
    Ok(())
}

/// Merges runs of one size while there are too many of them.
pub(super) fn condense(folder: &Path, runs: &mut Vec<Run>) -> io::Result<()> {
    for level in 0.. {
        let of_level = |run: &Run| run.level == level;
        if runs.iter().filter(|run| of_level(run)).count() < FAN_IN {
            if runs.iter().all(|run| run.level <= level) {
                return Ok(());
            }
            continue;
        }
        let (mut merged, rest) = std::mem::take(runs)
            .into_iter()
            .partition::<Vec<_>, _>(of_level);
        *runs = rest;
        let stamps: Vec<Stamp> = merged
            .iter_mut()
            .flat_map(|run| std::mem::take(&mut run.stamps))
            .collect();
        let mut writer = RunWriter::begin(folder, level + 1, &stamps)?;
        merge(&merged, |key, value| writer.row(key, value))?;
        runs.push(writer.finish(stamps)?.publish()?);
        remove(&merged)?;
    }
    Ok(())
}

/// Removes runs whose rows are elsewhere.
pub(super) fn remove(runs: &[Run]) -> io::Result<()> {
    runs.iter()
        .try_for_each(|run| std::fs::remove_file(&run.path))
}
