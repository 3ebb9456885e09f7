//! Which DOIs are there, each once, in memory that does not grow with the input.
//!
//! A set of hashes, with a few bits of what is known of each. It is exact up to some three million
//! DOIs. Beyond that it keeps every second one, then every fourth and so on, chosen by the hash, so
//! that what it says of them holds, times two, four and so on, for all.

/// The largest table: 32 MiB.
const MOST: usize = 1 << 22;

const USED: u64 = 1;
const REPEATED: u64 = 1 << 1;
const WANTED: u64 = 1 << 2;
const SINGLY: u64 = 1 << 3;
const KNOWN: u32 = 4;
const FLAGS: u64 = 0xff;

/// What the store knows of a DOI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Nothing,
    Work,
    /// The same, by another name of the work.
    Alias,
    /// A work that is too old.
    Stale,
    /// Crossref does not know it.
    Absent,
    /// It did not, but that was long ago.
    StaleAbsent,
    /// Registered with another agency.
    Elsewhere,
}

impl Known {
    const ALL: [Self; 7] = [
        Self::Nothing,
        Self::Work,
        Self::Alias,
        Self::Stale,
        Self::Absent,
        Self::StaleAbsent,
        Self::Elsewhere,
    ];

    /// Must Crossref be asked?
    pub(crate) fn is_asked(self) -> bool {
        matches!(self, Self::Nothing | Self::Stale | Self::StaleAbsent)
    }
}

/// What became of a DOI that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    New,
    Again,
    /// It is not among those that are kept.
    Left,
}

pub(super) struct Distinct {
    slots: Vec<u64>,
    len: usize,
    /// One of two to this is kept.
    halvings: u32,
    most: usize,
}

/// What there is to say in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Census {
    /// Are the numbers exact? Else they are estimates.
    pub(crate) exact: bool,
    pub(crate) distinct: u64,
    /// DOIs that more than one record has.
    pub(crate) repeated: u64,
    /// By what the store knows, in the order of [`Known`].
    pub(crate) known: [u64; 7],
    /// DOIs that a run would ask for.
    pub(crate) ask: u64,
    /// Those of them that can't go into a list.
    pub(crate) ask_singly: u64,
}

impl Census {
    pub(crate) fn of(&self, known: Known) -> u64 {
        self.known[known as usize]
    }
}

impl Distinct {
    pub(super) fn new() -> Self {
        Self::up_to(MOST)
    }

    /// `most` is a power of two.
    fn up_to(most: usize) -> Self {
        Self {
            slots: vec![0; most.min(1 << 12)],
            len: 0,
            halvings: 0,
            most,
        }
    }

    /// Puts the DOI of this hash in. `wanted`: a run would want to know it; `singly`: it can't go into a
    /// list.
    pub(super) fn put(&mut self, hash: u64, wanted: bool, singly: bool) -> Put {
        if !self.keeps(hash) {
            return Put::Left;
        }
        let flags = if wanted { WANTED } else { 0 } | if singly { SINGLY } else { 0 };
        let at = self.find(hash);
        if self.slots[at] != 0 {
            self.slots[at] |= REPEATED | flags;
            return Put::Again;
        }
        self.slots[at] = hash & !FLAGS | USED | flags;
        self.len += 1;
        if self.len > self.slots.len() / 4 * 3 {
            self.make_room();
        }
        Put::New
    }

    /// Notes what the store knows of it.
    pub(super) fn note(&mut self, hash: u64, known: Known) {
        if self.keeps(hash) {
            let at = self.find(hash);
            if self.slots[at] != 0 {
                self.slots[at] |= (known as u64) << KNOWN;
            }
        }
    }

    fn keeps(&self, hash: u64) -> bool {
        hash.leading_zeros() >= self.halvings
    }

    /// Where it stands, or could.
    fn find(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (hash >> 8) as usize & mask;
        while self.slots[at] != 0 && (self.slots[at] ^ hash) & !FLAGS != 0 {
            at = (at + 1) & mask;
        }
        at
    }

    fn make_room(&mut self) {
        let size = self.slots.len();
        if size < self.most {
            let old = std::mem::replace(&mut self.slots, vec![0; size * 2]);
            self.fill(&old);
            return;
        }
        self.halvings += 1;
        let mut kept = std::mem::take(&mut self.slots);
        kept.retain(|slot| *slot != 0 && self.keeps(*slot));
        kept.shrink_to_fit();
        self.slots = vec![0; size];
        self.len = kept.len();
        self.fill(&kept);
    }

    fn fill(&mut self, entries: &[u64]) {
        for entry in entries.iter().filter(|entry| **entry != 0) {
            let at = self.find(*entry);
            self.slots[at] = *entry;
        }
    }

    pub(super) fn census(&self) -> Census {
        let mut out = Census {
            exact: self.halvings == 0,
            ..Census::default()
        };
        for slot in self.slots.iter().filter(|slot| **slot != 0) {
            let known = Known::ALL.get((*slot >> KNOWN) as usize & 7);
            let known = known.copied().unwrap_or(Known::Nothing);
            let ask = *slot & WANTED != 0 && known.is_asked();
            out.distinct += 1;
            out.repeated += u64::from(*slot & REPEATED != 0);
            out.known[known as usize] += 1;
            out.ask += u64::from(ask);
            out.ask_singly += u64::from(ask && *slot & SINGLY != 0);
        }
        let all = [
            &mut out.distinct,
            &mut out.repeated,
            &mut out.ask,
            &mut out.ask_singly,
        ];
        for number in all.into_iter().chain(&mut out.known) {
            *number <<= self.halvings;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u64) -> u64 {
        // SplitMix64.
        let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[test]
    fn exact_while_there_is_room() {
        let mut set = Distinct::up_to(1 << 16);
        for n in 0..40_000 {
            assert_eq!(set.put(hash(n), n % 2 == 0, n % 4 == 0), Put::New);
            set.note(
                hash(n),
                [Known::Nothing, Known::Work, Known::Stale][n as usize % 3],
            );
        }
        for n in 0..10 {
            assert_eq!(set.put(hash(n), true, false), Put::Again);
        }
        let census = set.census();
        assert!(census.exact);
        assert_eq!((census.distinct, census.repeated), (40_000, 10));
        assert_eq!(census.of(Known::Work), 13_333);
        assert_eq!(census.of(Known::Nothing), 13_334);
        // The even ones of two kinds, and of the first ten those odd ones that are not known.
        assert_eq!(census.ask, 13_334 + 3);
        assert_eq!(census.ask_singly, 6_667);
    }

    #[test]
    fn an_estimate_beyond_that() {
        let mut set = Distinct::up_to(1 << 12);
        let many = 100_000;
        for n in 0..many {
            if set.put(hash(n), true, false) == Put::New {
                set.note(
                    hash(n),
                    if n % 4 == 0 {
                        Known::Work
                    } else {
                        Known::Nothing
                    },
                );
            }
        }
        for n in 0..many / 2 {
            set.put(hash(n), true, false);
        }
        assert!(set.slots.len() == 1 << 12 && set.len <= 3 << 10);
        let census = set.census();
        assert!(!census.exact);
        let near = |number: u64, wanted: u64| number.abs_diff(wanted) * 10 < wanted;
        assert!(near(census.distinct, many), "{census:?}");
        assert!(near(census.repeated, many / 2), "{census:?}");
        assert!(near(census.ask, many / 4 * 3), "{census:?}");
    }
}
