//! Where DOIs stand that more than one record has: the first few, with two places each.

use std::collections::HashMap;

use super::distinct::Put;
use super::sums::{EXAMPLES, Place};
use crate::doi::Doi;

/// So many first places are remembered: what is repeated after them is only counted.
const PLACES: usize = 50_000;

/// A DOI of two records.
#[derive(Debug, Clone)]
pub(crate) struct Repeat {
    hash: u64,
    pub(crate) doi: Doi,
    pub(crate) one: Place,
    pub(crate) other: Place,
}

/// The first of them.
#[derive(Default)]
pub(super) struct Repeats {
    places: HashMap<u64, Place>,
    pub(super) first: Vec<Repeat>,
}

impl Repeats {
    /// A record at `place` has `doi`, and that is what became of it. Chunks come in any order: the earlier
    /// place is the first one.
    pub(super) fn add(&mut self, hash: u64, doi: &Doi, put: Put, place: impl FnOnce() -> Place) {
        match put {
            Put::New if self.places.len() < PLACES => {
                self.places.insert(hash, place());
            }
            Put::Again => {
                if let Some(one) = self.places.get_mut(&hash) {
                    let mut other = place();
                    if other < *one {
                        std::mem::swap(one, &mut other);
                    }
                    let one = one.clone();
                    self.note(hash, doi, one, other);
                }
            }
            Put::New | Put::Left => {}
        }
    }

    fn note(&mut self, hash: u64, doi: &Doi, one: Place, other: Place) {
        match self.first.iter_mut().find(|known| known.hash == hash) {
            Some(known) => {
                known.other = match known.one > one {
                    // What was the first place is the second one now.
                    true => std::mem::replace(&mut known.one, one),
                    false => std::cmp::min(&known.other, &other).clone(),
                };
            }
            None => {
                let last = self.first.last();
                if self.first.len() >= EXAMPLES && last.is_some_and(|last| last.one < one) {
                    return;
                }
                self.first.push(Repeat {
                    hash,
                    doi: doi.clone(),
                    one,
                    other,
                });
            }
        }
        self.first.sort_by(|one, other| one.one.cmp(&other.one));
        self.first.truncate(EXAMPLES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_places_whatever_the_order() {
        let doi = Doi::parse("10.1118/1.4829521").unwrap();
        let place = |line| Place {
            chunk: line,
            at: 0,
            source: "a".into(),
            line,
        };
        for lines in [
            [1, 2, 3],
            [3, 2, 1],
            [2, 3, 1],
            [3, 1, 2],
            [1, 3, 2],
            [2, 1, 3],
        ] {
            let mut repeats = Repeats::default();
            for (at, line) in lines.into_iter().enumerate() {
                let put = if at == 0 { Put::New } else { Put::Again };
                repeats.add(7, &doi, put, || place(line));
            }
            let [repeat] = repeats.first.as_slice() else {
                panic!("{:?}", repeats.first)
            };
            assert_eq!((repeat.one.line, repeat.other.line), (1, 2), "{lines:?}");
        }
    }
}
