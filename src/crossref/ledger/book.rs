//! What the processes of one user tell each other, and the file that it is in.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// One kind of thing that is taken in turn.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// Who had it last.
    pub(super) last: u64,
    /// Who waits for it, and from when on.
    pub(super) wanted_by: u64,
    pub(super) wanted_at: u64,
}

/// What processes tell each other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Book {
    pub(super) free_at: [u64; 2],
    pub(super) paused_until: u64,
    /// Of the two routes, and of open requests.
    pub(super) turns: [Turn; 3],
}

/// The turn of open requests.
pub(super) const OPEN: usize = 2;

impl Book {
    const MAGIC: u64 = u64::from_le_bytes(*b"crossf 1");
    const WORDS: usize = 13;

    fn to_bytes(self) -> Vec<u8> {
        let turns = self
            .turns
            .iter()
            .flat_map(|turn| [turn.last, turn.wanted_by, turn.wanted_at]);
        let head = [
            Self::MAGIC,
            self.free_at[0],
            self.free_at[1],
            self.paused_until,
        ];
        head.into_iter()
            .chain(turns)
            .flat_map(u64::to_le_bytes)
            .collect()
    }

    /// A book that can't be read is an empty one.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (chunks, _) = bytes.as_chunks::<8>();
        let words: Vec<u64> = chunks
            .iter()
            .map(|word| u64::from_le_bytes(*word))
            .collect();
        if words.len() < Self::WORDS || words.first() != Some(&Self::MAGIC) {
            return None;
        }
        let turn = |at: usize| Turn {
            last: words[at],
            wanted_by: words[at + 1],
            wanted_at: words[at + 2],
        };
        Some(Self {
            free_at: [words[1], words[2]],
            paused_until: words[3],
            turns: [turn(4), turn(7), turn(10)],
        })
    }
}

/// What the file says; `None` if it is no book.
pub(super) fn read(mut file: &File) -> Option<Book> {
    let mut bytes = Vec::with_capacity(Book::WORDS * 8);
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(Book::WORDS as u64 * 8)
        .read_to_end(&mut bytes)
        .ok()?;
    Book::from_bytes(&bytes)
}

/// Writes the book over what was there.
pub(super) fn write(mut file: &File, book: &Book) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&book.to_bytes())
}

/// Opens a file that processes lock, and makes it if it is not there.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if path.metadata().is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::other(format!("{} is no file", path.display())));
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_is_read_as_it_was_written_or_not_at_all() {
        let turn = |n| Turn {
            last: n,
            wanted_by: n + 1,
            wanted_at: n + 2,
        };
        let book = Book {
            free_at: [1, 2],
            paused_until: 3,
            turns: [turn(4), turn(7), turn(10)],
        };
        let bytes = book.to_bytes();
        assert_eq!(bytes.len(), Book::WORDS * 8);
        assert_eq!(Book::from_bytes(&bytes), Some(book));
        assert_eq!(Book::from_bytes(&bytes[..90]), None);
        assert_eq!(Book::from_bytes(&[7; 200]), None);
        assert_eq!(Book::from_bytes(b""), None);
    }
}
