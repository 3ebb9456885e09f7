//! A file that goes to disk while it is written.
//!
//! What a system keeps in memory until the end must all be written then, while nothing else is done:
//! with a file of a gigabyte one waits for seconds.

use std::fs::File;
use std::io::{self, Write};
use std::thread::JoinHandle;

/// So much is written before the disk is asked to begin; small files never ask.
const STEP: u64 = 64 << 20;

/// So much of a file's end stays in the system's memory for whoever reads it next; what is on disk
/// before it makes room.
const CACHED: u64 = 512 << 20;

/// The file, and what is under way.
pub(super) struct Early {
    file: File,
    written: u64,
    /// Bytes since the disk was asked last.
    pending: u64,
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl Early {
    pub(super) fn new(file: File) -> Self {
        Self {
            file,
            written: 0,
            pending: 0,
            syncing: None,
        }
    }

    /// A failure is told once only, to whoever asked: it must not be lost with the thread.
    fn wait(&mut self) -> io::Result<()> {
        match self.syncing.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("syncing failed")),
            None => Ok(()),
        }
    }

    fn step(&mut self) -> io::Result<()> {
        if self
            .syncing
            .as_ref()
            .is_some_and(|syncing| !syncing.is_finished())
        {
            return Ok(());
        }
        self.wait()?;
        self.pending = 0;
        let file = self.file.try_clone()?;
        let sync = std::thread::Builder::new().name("sync".to_owned());
        let old = self.written.saturating_sub(CACHED);
        self.syncing = Some(sync.spawn(move || {
            file.sync_data()?;
            make_room(&file, old);
            Ok(())
        })?);
        Ok(())
    }
}

/// The first `count` bytes of `file`, which are on disk, need not be kept in memory: an output of many
/// gigabytes would drive out all else that is there, the store first.
#[cfg(target_os = "linux")]
fn make_room(file: &File, count: u64) {
    if let Some(count) = std::num::NonZeroU64::new(count) {
        // Where that is not done nothing is lost.
        rustix::fs::fadvise(file, 0, Some(count), rustix::fs::Advice::DontNeed).ok();
    }
}

#[cfg(not(target_os = "linux"))]
fn make_room(_: &File, _: u64) {}

impl Write for Early {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.written += written as u64;
        self.pending += written as u64;
        if self.pending >= STEP {
            self.step()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wait()?;
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_room_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut early = Early::new(File::create(&path).unwrap());
        let bytes: Vec<u8> = (0..3 << 20).map(|at| (at % 251) as u8).collect();
        early.write_all(&bytes).unwrap();
        early.step().unwrap();
        early.flush().unwrap();
        make_room(&early.file, bytes.len() as u64);
        early.write_all(b"more").unwrap();
        early.flush().unwrap();
        let read = std::fs::read(&path).unwrap();
        assert!(read.strip_prefix(bytes.as_slice()) == Some(b"more"));
    }
}
