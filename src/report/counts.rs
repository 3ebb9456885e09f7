//! Numbers by name, in an order that means something; in JSON an object.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Numbers by name, in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(Vec<(String, u64)>);

impl Counts {
    /// Name and number, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, number)| (name.as_str(), *number))
    }

    /// The number of `name`, 0 if it has none.
    pub fn get(&self, name: &str) -> u64 {
        let found = self.iter().find(|(own, _)| *own == name);
        found.map_or(0, |(_, number)| number)
    }

    /// The sum.
    pub fn total(&self) -> u64 {
        // Whoever wrote a file may have written anything.
        self.iter()
            .fold(0, |sum, (_, number)| sum.saturating_add(number))
    }
}

impl<S: Into<String>> FromIterator<(S, u64)> for Counts {
    fn from_iter<I: IntoIterator<Item = (S, u64)>>(numbers: I) -> Self {
        let named = numbers.into_iter();
        Self(named.map(|(name, number)| (name.into(), number)).collect())
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Counts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of numbers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Counts, A::Error> {
                let mut counts = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    counts.push(entry);
                }
                Ok(Counts(counts))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_survives() {
        let counts: Counts = [("b", 2), ("a", 1)].into_iter().collect();
        let json = serde_json::to_string(&counts).unwrap_or_default();
        assert_eq!(json, r#"{"b":2,"a":1}"#);
        let again = serde_json::from_str::<Counts>(&json).ok();
        assert_eq!(again.as_ref(), Some(&counts));
        assert_eq!(
            (counts.get("a"), counts.get("c"), counts.total()),
            (1, 0, 3)
        );
    }
}
