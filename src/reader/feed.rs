//! Bytes of one input as blocks, read and decompressed by a thread of their own, so that the reader
//! can notice that an input pauses.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::source::{self, Source};

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
    blocks: Receiver<io::Result<Vec<u8>>>,
    /// The block that was lent last.
    lent: Vec<u8>,
    /// Where it goes when it is done with, to be filled again.
    done: SyncSender<Vec<u8>>,
}

impl Feed {
    /// Opens `source` and begins to read it. `bytes` counts what comes off the disk.
    pub(crate) fn start(source: &Source, bytes: &Arc<AtomicU64>) -> io::Result<Self> {
        let (source, bytes) = (source.clone(), Arc::clone(bytes));
        let (sender, blocks) = sync_channel(AHEAD);
        let (done, used) = sync_channel(AHEAD + 2);
        std::thread::Builder::new()
            .name("input".into())
            .spawn(move || match source::open(&source, &bytes) {
                Ok(mut input) => pump(&mut input, &sender, &used),
                Err(error) => drop(sender.send(Err(error))),
            })?;
        Ok(Self {
            blocks,
            lent: Vec::new(),
            done,
        })
    }

    /// The next block; with `patience`, or [`Next::Pause`] after that time.
    pub(crate) fn next(&mut self, patience: Option<Duration>) -> io::Result<Next<'_>> {
        let received = match patience {
            Some(patience) => match self.blocks.recv_timeout(patience) {
                Err(RecvTimeoutError::Timeout) => return Ok(Next::Pause),
                Err(RecvTimeoutError::Disconnected) => None,
                Ok(block) => Some(block),
            },
            None => self.blocks.recv().ok(),
        };
        let Some(block) = received.transpose()? else {
            return Ok(Next::End);
        };
        // What the thread has no use for (it has ended, or made others) is simply freed.
        drop(self.done.try_send(std::mem::replace(&mut self.lent, block)));
        Ok(Next::Block(&self.lent))
    }
}

/// Ends at the end of the input, at an error, or when nobody listens any more.
fn pump(input: &mut dyn Read, sender: &SyncSender<io::Result<Vec<u8>>>, used: &Receiver<Vec<u8>>) {
    loop {
        let mut block = used.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        match input.read(&mut block) {
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
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                // If nobody listens the error is of no interest either.
                drop(sender.send(Err(error)));
                return;
            }
        }
    }
}
