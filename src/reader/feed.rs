//! Bytes of one input as blocks. What may pause, or must be decompressed, is read by a thread of its
//! own, so that the reader can notice a pause, and has something else to do meanwhile.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::source::{self, Opened, Source};

const BLOCK: usize = 256 << 10;
const AHEAD: usize = 2;

/// What came next.
pub(crate) enum Next<'a> {
    Block(&'a [u8]),
    /// Nothing within the time that was allowed.
    Pause,
    End,
}

/// The blocks of one input.
pub(crate) struct Feed {
    from: From,
    /// The block that was lent last.
    lent: Vec<u8>,
}

/// Where the blocks come from.
enum From {
    /// A file, which never pauses.
    File(Box<dyn Read + Send>),
    Thread {
        blocks: Receiver<io::Result<Vec<u8>>>,
        /// Where a block goes when it is done with, to be filled again.
        done: SyncSender<Vec<u8>>,
    },
}

impl Feed {
    /// Opens `source` and begins to read it. `bytes` counts what comes off the disk.
    pub(crate) fn start(source: &Source, bytes: &Arc<AtomicU64>) -> io::Result<Self> {
        // A pipe may have to be waited for already when it is opened.
        let opened = match source.len() {
            Some(_) => Some(source::opened(source, bytes)?),
            None => None,
        };
        let lent = Vec::new();
        if let Some(Opened {
            reader,
            plain: true,
        }) = opened
        {
            let from = From::File(reader);
            return Ok(Self { from, lent });
        }
        let (source, bytes) = (source.clone(), Arc::clone(bytes));
        let (sender, blocks) = sync_channel(AHEAD);
        let (done, used) = sync_channel(AHEAD + 2);
        let open = move || match opened {
            Some(opened) => Ok(opened.reader),
            None => source::open(&source, &bytes),
        };
        std::thread::Builder::new()
            .name("input".into())
            .spawn(move || match open() {
                Ok(mut input) => pump(&mut input, &sender, &used),
                Err(error) => drop(sender.send(Err(error))),
            })?;
        let from = From::Thread { blocks, done };
        Ok(Self { from, lent })
    }

    /// The next block; with `patience`, or [`Next::Pause`] after that time.
    pub(crate) fn next(&mut self, patience: Option<Duration>) -> io::Result<Next<'_>> {
        let (blocks, done) = match &mut self.from {
            From::File(file) => {
                self.lent.resize(BLOCK, 0);
                let count = read(file, &mut self.lent)?;
                return Ok(match count {
                    0 => Next::End,
                    _ => Next::Block(&self.lent[..count]),
                });
            }
            From::Thread { blocks, done } => (blocks, done),
        };
        let received = match patience {
            Some(patience) => match blocks.recv_timeout(patience) {
                Err(RecvTimeoutError::Timeout) => return Ok(Next::Pause),
                Err(RecvTimeoutError::Disconnected) => None,
                Ok(block) => Some(block),
            },
            None => blocks.recv().ok(),
        };
        let Some(block) = received.transpose()? else {
            return Ok(Next::End);
        };
        // What the thread has no use for (it has ended, or made others) is simply freed.
        drop(done.try_send(std::mem::replace(&mut self.lent, block)));
        Ok(Next::Block(&self.lent))
    }
}

fn read(input: &mut dyn Read, block: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// Ends at the end of the input, at an error, or when nobody listens any more.
fn pump(input: &mut dyn Read, sender: &SyncSender<io::Result<Vec<u8>>>, used: &Receiver<Vec<u8>>) {
    loop {
        let mut block = used.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        match read(input, &mut block) {
            Ok(0) => return,
            Ok(count) => {
                block.truncate(count);
                // A trickle must not cost a whole block for each line that waits.
                if count < BLOCK / 4 {
                    block.shrink_to_fit();
                }
                if sender.send(Ok(block)).is_err() {
                    return;
                }
            }
            Err(error) => {
                // If nobody listens the error is of no interest either.
                drop(sender.send(Err(error)));
                return;
            }
        }
    }
}
