//! A file that goes to disk while it is written.
//!
//! What a system keeps in memory until the end must all be written then, while nothing else is done:
//! with a file of a gigabyte one waits for seconds.

use std::fs::File;
use std::io::{self, Write};
use std::thread::JoinHandle;

/// So much is written before the disk is asked to begin; small files never ask.
const STEP: u64 = 64 << 20;

/// The file, and what is under way.
pub(super) struct Early {
    file: File,
    /// Bytes since the disk was asked last.
    pending: u64,
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl Early {
    pub(super) fn new(file: File) -> Self {
        Self {
            file,
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
        self.syncing = Some(sync.spawn(move || file.sync_data())?);
        Ok(())
    }
}

impl Write for Early {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
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
