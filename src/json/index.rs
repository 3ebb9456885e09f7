//! Which of an object's members has a key.

/// Where keys are: they are looked up all the time, and most that are looked for are not there.
#[derive(Clone)]
pub(super) struct Index {
    /// For each shelf the last member on it, from 1; 0 is none.
    last: [u8; Self::SHELVES],
    /// For each member the one before it on the same shelf, in the same way.
    before: [u8; Self::ROOM],
}

impl Index {
    const SHELVES: usize = 64;

    /// Works have up to about 60 members. If there are more, nobody looks at shelves.
    pub(super) const ROOM: usize = 96;

    pub(super) fn new() -> Self {
        Self {
            last: [0; Self::SHELVES],
            before: [0; Self::ROOM],
        }
    }

    /// By length, first and last byte.
    fn shelf(key: &str) -> usize {
        let (first, last) = match key.as_bytes() {
            [] => (0, 0),
            [only] => (*only, *only),
            [first, .., last] => (*first, *last),
        };
        let tag = u32::from(first) << 16 | u32::from(last) << 8 | (key.len() as u32 & 0xff);
        (tag.wrapping_mul(0x9e37_79b1) >> 26) as usize
    }

    /// Puts the member after `count` others, whose key this is, on its shelf.
    pub(super) fn push(&mut self, count: usize, key: &str) {
        let last = self.last.get_mut(Self::shelf(key));
        if let (Some(last), Some(before)) = (last, self.before.get_mut(count)) {
            *before = *last;
            *last = count as u8 + 1;
        }
    }

    /// The members of the shelf of `key`, the last first.
    pub(super) fn on_shelf(&self, key: &str) -> impl Iterator<Item = usize> {
        let mut next = self.last.get(Self::shelf(key)).copied().unwrap_or(0);
        std::iter::from_fn(move || {
            let at = usize::from(next).checked_sub(1)?;
            next = self.before.get(at).copied().unwrap_or(0);
            Some(at)
        })
    }
}
