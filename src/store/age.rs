//! How long an answer is fresh. What is not fresh is asked again, and used all the same if nobody
//! answers.

use std::time::Duration;

use super::{Entry, Held};
use crate::doi::Doi;

/// The ages up to which answers are taken from the store.
#[derive(Debug, Clone, Copy)]
pub struct Ages {
    /// When this run began, in seconds since 1970. Answers of this run are fresh whatever the ages.
    pub now: u64,
    /// Works that the API gave.
    pub works: Duration,
    /// DOIs that Crossref did not know, the first time; later they wait longer.
    pub missing: Duration,
    /// Works from a data file.
    pub imported: Duration,
    /// Only whole works will do: those that hold no more than most runs need are asked for again.
    pub whole: bool,
}

impl Ages {
    /// Need `doi` not be asked again?
    pub(crate) fn is_fresh(&self, entry: &Entry<'_>, doi: &Doi) -> bool {
        if self.whole && !entry.whole && matches!(entry.held, Held::Work { .. }) {
            return false;
        }
        self.is_recent(entry.asked, self.age_of(entry, doi))
    }

    /// How long an answer is fresh, from when it was given.
    pub(crate) fn age_of(&self, entry: &Entry<'_>, doi: &Doi) -> Duration {
        match entry.held {
            Held::Work { .. } | Held::Alias { .. } if entry.imported => self.imported,
            Held::Work { .. } | Held::Alias { .. } => spread(self.works, doi),
            // 7, 30, then 180 days by default: what was absent for long stays so, mostly.
            Held::NotFound { times: 0 | 1 } => self.missing,
            Held::NotFound { times: 2 } => self.missing.mul_f64(30.0 / 7.0),
            Held::NotFound { .. } => self.missing.mul_f64(180.0 / 7.0),
        }
    }

    /// The same for what is known of a prefix.
    pub(crate) fn is_prefix_fresh(&self, asked: u64) -> bool {
        self.is_recent(asked, self.imported)
    }

    fn is_recent(&self, asked: u64, age: Duration) -> bool {
        asked >= self.now || Duration::from_secs(self.now - asked) < age
    }
}

/// `age` and up to a quarter more or less, the same for a DOI every time, so that what came in one
/// night need not be asked again in one night.
fn spread(age: Duration, doi: &Doi) -> Duration {
    // FNV-1a: stable across versions and machines, which the standard library's hasher is not.
    let hash = doi
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let fraction = f64::from(u16::try_from(hash >> 48).unwrap_or_default()) / 65_536.0;
    age.mul_f64(0.75 + fraction / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    #[test]
    fn ages() {
        let day = |days| Duration::from_secs(days * DAY);
        let ages = Ages {
            now: 1_000 * DAY,
            works: day(30),
            missing: day(7),
            imported: day(400),
            whole: false,
        };
        let doi = Doi::parse("10.5555/12345678").unwrap();
        let fresh = |held, imported, days_old: u64| {
            let asked = ages.now - days_old * DAY;
            ages.is_fresh(
                &Entry {
                    asked,
                    imported,
                    whole: false,
                    indexed: 0,
                    held,
                },
                &doi,
            )
        };
        let work = Held::Work { packed: &[] };
        assert!(fresh(work, false, 22) && !fresh(work, false, 38));
        assert!(fresh(work, true, 399) && !fresh(work, true, 400));
        assert!(fresh(Held::NotFound { times: 1 }, false, 6));
        assert!(!fresh(Held::NotFound { times: 1 }, false, 7));
        assert!(fresh(Held::NotFound { times: 2 }, false, 29));
        assert!(fresh(Held::NotFound { times: 9 }, false, 179));
        assert!(!fresh(Held::NotFound { times: 9 }, false, 181));
        let at_once = Ages {
            works: Duration::ZERO,
            ..ages
        };
        let entry = |asked| Entry {
            asked,
            imported: false,
            whole: false,
            indexed: 0,
            held: work,
        };
        let whole = Ages {
            whole: true,
            ..at_once
        };
        let all = Entry {
            whole: true,
            ..entry(ages.now)
        };
        assert!(whole.is_fresh(&all, &doi) && !whole.is_fresh(&entry(ages.now), &doi));
        assert!(!at_once.is_fresh(&entry(ages.now - 1), &doi));
        assert!(at_once.is_fresh(&entry(ages.now), &doi));
    }
}
