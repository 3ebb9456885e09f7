//! Large buffers, used again: chunks on their way in and lines on their way out.
//!
//! Buffers of a megabyte that one thread makes and another frees fragment the heap; a run over
//! millions of records would hold twice the memory of one over thousands. What comes back here is
//! lent again instead.

use std::sync::{Mutex, PoisonError};

/// So many are kept for later.
const KEPT: usize = 6;

/// Larger ones (a huge record) are not worth keeping.
const LARGEST: usize = 4 << 20;

static FREE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// An empty buffer with room for `size` bytes.
pub(crate) fn take(size: usize) -> Vec<u8> {
    let kept = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut buffer = kept.unwrap_or_default();
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
    if free.len() < KEPT {
        free.push(buffer);
    }
}
