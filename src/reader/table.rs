//! Tables with a DOI column (CSV, TSV): a row leaves as an object of its columns.

use std::borrow::Cow;
use std::sync::Arc;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::item::Kind;
use super::{Cut, Splitter};
use crate::json::ObjectWriter;

/// A table's header.
#[derive(Debug)]
pub(super) struct Columns {
    delimiter: u8,
    names: Vec<String>,
}

impl Columns {
    /// The header in `line`, if it has a column that is named `doi` (in any case).
    pub(super) fn find(line: &[u8]) -> Option<Self> {
        [b'\t', b',', b';'].into_iter().find_map(|delimiter| {
            let names = fields(delimiter, line)?;
            let doi = |name: &String| name.trim().eq_ignore_ascii_case("doi");
            let found = names.iter().any(doi) && (names.len() > 1 || delimiter == b';');
            found.then_some(Self { delimiter, names })
        })
    }

    /// The JSON object of a row.
    pub(super) fn object(&self, row: &[u8]) -> Result<String, Cow<'static, str>> {
        let Some(values) = fields(self.delimiter, row) else {
            return Err("not UTF-8".into());
        };
        if values.len() != self.names.len() {
            let (found, wanted) = (values.len(), self.names.len());
            return Err(format!("{found} fields where the header has {wanted}").into());
        }
        let mut out = ObjectWriter::new();
        for (name, value) in self.names.iter().zip(&values) {
            out.string(name.trim(), value);
        }
        Ok(out.finish())
    }
}

fn reader(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// The fields of one row; `None` if they are not UTF-8.
fn fields(delimiter: u8, row: &[u8]) -> Option<Vec<String>> {
    let mut reader = reader(delimiter);
    // No field is longer than the row, and there are no more fields than bytes and one.
    let mut text = vec![0; row.len() + 1];
    let mut ends = vec![0; row.len() + 2];
    let (_, read, written, mut count) = reader.read_record(row, &mut text, &mut ends);
    let rest = row.get(read..).unwrap_or_default();
    if count == 0 || rest.is_empty() {
        // An empty input is how the end is told.
        let (text, ends) = (text.get_mut(written..)?, ends.get_mut(count..)?);
        count += reader.read_record(&[], text, ends).3;
    }
    let text = std::str::from_utf8(&text).ok()?;
    let mut start = 0;
    let mut out = Vec::with_capacity(count);
    for &end in ends.get(..count)? {
        out.push(text.get(start..end)?.to_owned());
        start = end;
    }
    Some(out)
}

/// Finds the ends of rows.
pub(super) struct RowSplitter {
    columns: Arc<Columns>,
    reader: Reader,
    /// How much of the row at the front the parser has seen.
    seen: usize,
    header: bool,
    /// In a row that was too long, and that was told.
    skipping: bool,
}

impl RowSplitter {
    pub(super) fn new(columns: Columns) -> Self {
        Self {
            reader: reader(columns.delimiter),
            columns: Arc::new(columns),
            seen: 0,
            header: true,
            skipping: false,
        }
    }

    fn row(&mut self, cut: &mut Cut<'_>, len: usize) {
        let row = cut.rest().get(..len).unwrap_or_default();
        let blanks = row.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let blanks = blanks.count();
        cut.advance(blanks);
        let row = &row[blanks..];
        let ends = row
            .iter()
            .rev()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let row = &row[..row.len() - ends.count()];
        if self.header || self.skipping || row.is_empty() {
            cut.advance(row.len());
        } else {
            cut.item(row.len(), Kind::Row(Arc::clone(&self.columns)));
        }
        cut.advance(len - blanks - row.len());
        (self.header, self.skipping, self.seen) = (false, false, 0);
    }
}

impl Splitter for RowSplitter {
    fn split(&mut self, cut: &mut Cut<'_>) {
        // Only the ends of rows are of interest here.
        let (mut text, mut ends) = ([0; 4096], [0; 256]);
        while !cut.is_full() {
            let rest = cut.rest();
            let input = rest.get(self.seen..).unwrap_or_default();
            if input.is_empty() && !cut.last {
                return;
            }
            let (result, read, _, _) = self.reader.read_record(input, &mut text, &mut ends);
            self.seen += read;
            match result {
                ReadRecordResult::Record => self.row(cut, self.seen),
                ReadRecordResult::End => {
                    self.row(cut, rest.len());
                    return;
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {}
                ReadRecordResult::InputEmpty => {
                    if self.seen > cut.max_record && !cut.last {
                        if self.skipping {
                            cut.advance(self.seen);
                        } else {
                            cut.item(self.seen, Kind::TooLong);
                        }
                        (self.skipping, self.seen) = (true, 0);
                    }
                }
            }
        }
    }
}
