//! Keys and values on their way into the store: packed one behind the other, sorted when it counts.

use crate::store::value;

/// Keys with their values.
#[derive(Default)]
pub(super) struct Rows {
    bytes: Vec<u8>,
    index: Vec<Row>,
}

#[derive(Clone, Copy)]
struct Row {
    at: usize,
    key: u16,
    value: u32,
}

impl Rows {
    /// Adds a row whose value is what `write` appends.
    pub(super) fn add(
        &mut self,
        key: &[u8],
        write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(key);
        write(&mut self.bytes)?;
        let value = self.bytes.len() - at - key.len();
        // Keys are at most 511 bytes, values as large as a line of a data file.
        if let (Ok(key), Ok(value)) = (u16::try_from(key.len()), u32::try_from(value)) {
            self.index.push(Row { at, key, value });
        }
        Ok(())
    }

    pub(super) fn append(&mut self, other: &Self) {
        let base = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        let moved = other.index.iter().map(|row| Row {
            at: base + row.at,
            ..*row
        });
        self.index.extend(moved);
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.index.len() * size_of::<Row>()
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    fn row(&self, row: Row) -> (&[u8], &[u8]) {
        let bytes = self.bytes.get(row.at..).unwrap_or_default();
        let (key, rest) = bytes.split_at_checked(row.key.into()).unwrap_or_default();
        (key, rest.get(..row.value as usize).unwrap_or_default())
    }

    /// By key; of one key, the one that was indexed last comes last.
    pub(super) fn sort(&mut self) {
        let mut index = std::mem::take(&mut self.index);
        let sorted = index.is_sorted_by(|a, b| self.row(*a).0 < self.row(*b).0);
        if !sorted {
            index.sort_by(|a, b| {
                let ((a, a_value), (b, b_value)) = (self.row(*a), self.row(*b));
                let indexed = |value| value::indexed_in(value);
                a.cmp(b)
                    .then_with(|| indexed(a_value).cmp(&indexed(b_value)))
            });
        }
        self.index = index;
    }

    /// The first and the last key of sorted rows.
    pub(super) fn ends(&self) -> Option<(&[u8], &[u8])> {
        let (first, last) = (*self.index.first()?, *self.index.last()?);
        Some((self.row(first).0, self.row(last).0))
    }

    /// Sorted rows, of each key the last.
    pub(super) fn latest(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let rows = self.index.iter().enumerate().map(|(at, row)| {
            let (key, value) = self.row(*row);
            let next = self.index.get(at + 1).map(|row| self.row(*row).0);
            (key, value, next == Some(key))
        });
        rows.filter(|(_, _, again)| !again)
            .map(|(key, value, _)| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_rows_have_each_key_once() {
        let mut rows = Rows::default();
        let put = |rows: &mut Rows, key: &str, value: &str| {
            rows.add(key.as_bytes(), |out| {
                out.extend_from_slice(value.as_bytes());
                Ok(())
            })
            .unwrap();
        };
        for (key, value) in [("b", "1"), ("a", "2"), ("b", "3")] {
            put(&mut rows, key, value);
        }
        let mut all = Rows::default();
        put(&mut all, "c", "0");
        all.append(&rows);
        all.sort();
        assert_eq!(all.ends(), Some((&b"a"[..], &b"c"[..])));
        let latest: Vec<_> = all.latest().collect();
        assert_eq!(latest, [(&b"a"[..], &b"2"[..]), (b"b", b"3"), (b"c", b"0")]);
    }
}
