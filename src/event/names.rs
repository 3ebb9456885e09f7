//! How many records are of each journal or publisher, in bounded memory.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A journal or a publisher.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// As Crossref has it.
    pub name: String,
    /// Records whose work is of it.
    pub records: u64,
    /// Records in which something was filled.
    pub enriched: u64,
    /// Values filled in them.
    pub values: u64,
}

/// So many names are held; when there are more, the rarer half goes. Crossref has some 25,000 publishers
/// and 130,000 journals, of which a few thousand make up most records: their counts are right.
const MOST: usize = 16_384;

/// Longer names are none.
const LONGEST: usize = 1_000;

/// Numbers by name; names are raw JSON, which is cheap to have, and read once it is over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(HashMap<Box<str>, Numbers>);

#[derive(Debug, Clone, Copy, Default)]
struct Numbers {
    records: u64,
    enriched: u64,
    values: u64,
}

impl Names {
    /// One more record of `name`, in which so many values were filled.
    pub(crate) fn count(&mut self, name: &str, values: usize) {
        if name.len() > LONGEST {
            return;
        }
        let numbers = match self.0.get_mut(name) {
            Some(numbers) => numbers,
            None => self.0.entry(name.into()).or_default(),
        };
        numbers.records += 1;
        numbers.enriched += u64::from(values > 0);
        numbers.values += values as u64;
    }

    pub(super) fn add(&mut self, other: Self) {
        for (name, more) in other.0 {
            let numbers = self.0.entry(name).or_default();
            numbers.records += more.records;
            numbers.enriched += more.enriched;
            numbers.values += more.values;
        }
        if self.0.len() > MOST {
            let half = self.0.len() - MOST / 2;
            let mut numbers: Vec<u64> = self.0.values().map(|own| own.records).collect();
            let (rarer, border, _) = numbers.select_nth_unstable(half);
            // Of those at the border as many stay as there is room for.
            let mut go = half - rarer.iter().filter(|own| *own < border).count();
            let border = *border;
            self.0.retain(|_, own| {
                let ties = own.records == border && go > 0;
                go -= usize::from(ties);
                own.records >= border && !ties
            });
        }
    }

    /// The `most` names of most records, by `read` made from JSON into text.
    pub(crate) fn top(&self, most: usize, read: impl Fn(&str) -> Option<String>) -> Vec<Named> {
        let mut all: Vec<(&str, &Numbers)> =
            self.0.iter().map(|(name, own)| (&**name, own)).collect();
        all.sort_unstable_by(|(one, own), (other, more)| {
            (more.records, one).cmp(&(own.records, other))
        });
        let named = all.into_iter().filter_map(|(name, own)| {
            Some(Named {
                name: read(name)?,
                records: own.records,
                enriched: own.enriched,
                values: own.values,
            })
        });
        named.take(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_most_records_come_first_and_the_rare_ones_go() {
        let mut all = Names::default();
        for round in 0..40 {
            let mut chunk = Names::default();
            for name in 0..1_000 {
                chunk.count(&format!("rare {round} {name}"), 0);
            }
            for _ in 0..3 {
                chunk.count("b", 2);
            }
            chunk.count("a", 0);
            all.add(chunk);
            assert!(all.0.len() <= MOST, "{}", all.0.len());
            assert!(round < 10 || all.0.len() >= MOST / 2, "{}", all.0.len());
        }
        let top = all.top(2, |name| Some(name.to_owned()));
        let told = top
            .iter()
            .map(|own| (&*own.name, own.records, own.enriched, own.values));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("b", 120, 120, 240), ("a", 40, 0, 0)]
        );
        all.count(&"x".repeat(LONGEST + 1), 1);
        assert!(all.0.keys().all(|name| name.len() <= LONGEST));
    }
}
