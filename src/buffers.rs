//! Large buffers, used in turn: chunks on their way in and lines on their way out.
//!
//! Buffers of a megabyte that one thread makes and another frees fragment the heap; a run over
//! millions of records would hold twice the memory of one over thousands. What comes back here is
//! lent again instead, the one that lay longest first, so that a run's memory is what it is from its
//! first dozen chunks on.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// So many are made before one is used again, and so many are kept: all that a run that asks nobody
/// has in its stages at once.
const KEPT: usize = 17;

/// All have room for so much, whatever they are taken for first, and it is touched when they are
/// made: none grows later on, page by page, with the largest chunk that it has met.
const ALIKE: usize = 1_536 << 10;

/// Larger ones (a huge record) are not worth keeping.
const LARGEST: usize = 4 << 20;

static FREE: Mutex<Free> = Mutex::new(Free {
    buffers: VecDeque::new(),
    made: 0,
});

struct Free {
    buffers: VecDeque<Vec<u8>>,
    made: usize,
}

/// An empty buffer with room for `size` bytes.
pub(crate) fn take(size: usize) -> Vec<u8> {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = if free.made < KEPT {
        free.made += 1;
        None
    } else {
        free.buffers.pop_front()
    };
    drop(free);
    let mut buffer = kept.unwrap_or_else(|| {
        // Ones: zeros would be promised, not touched.
        let mut made = vec![1; ALIKE];
        made.clear();
        made
    });
    buffer.reserve(size);
    buffer
}

/// Gives a buffer back.
pub(crate) fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() == 0 || buffer.capacity() > LARGEST {
        return;
    }
    buffer.clear();
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    if free.buffers.len() < KEPT {
        free.buffers.push_back(buffer);
    }
}
