//! From `OUT.run.json` back to what is known of the run.

use serde::Deserialize;
use thiserror::Error;

use super::{FORMAT, RunReport};

/// Why a text is no report of a run.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A later version of crossfill has written it.
    #[error("it is in format {format}, and this version of crossfill reads formats up to {FORMAT}")]
    Newer {
        /// The format that it is in.
        format: u64,
    },
    /// Something else than an object with a `format`.
    #[error("it is not the JSON file of a run")]
    Other,
    /// A value in it is not what it should be, or it ends too early.
    #[error("it is damaged: {0}")]
    Damaged(serde_json::Error),
}

impl RunReport {
    /// Reads what a run has left as `OUT.run.json`. What an older version did not write is as in
    /// [`RunReport::default`].
    ///
    /// # Errors
    /// If it is something else, damaged, or of a later format.
    pub fn parse(text: &str) -> Result<Self, ReportError> {
        #[derive(Deserialize)]
        struct Format {
            format: u64,
        }
        // Lists would be taken for an object's values in their order.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(ReportError::Other);
        }
        // What is cut must not be taken for something else.
        let format = match serde_json::from_str::<Format>(text) {
            Ok(Format { format: 0 }) => return Err(ReportError::Other),
            Ok(Format { format }) => format,
            Err(error) if error.is_eof() && text.starts_with("{\"format\":") => {
                return Err(ReportError::Damaged(error));
            }
            Err(_) => return Err(ReportError::Other),
        };
        if format > u64::from(FORMAT) {
            return Err(ReportError::Newer { format });
        }
        serde_json::from_str(text).map_err(ReportError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        RunReport::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let report = RunReport {
            format: FORMAT,
            records: 7,
            statuses: [("enriched", 7)].into_iter().collect(),
            ..RunReport::default()
        };
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(RunReport::parse(&text).unwrap(), report);
        assert_eq!(
            RunReport::parse("{\"format\":1,\"new\":[]}")
                .unwrap()
                .records,
            0
        );

        let other = "it is not the JSON file of a run";
        for text in [
            "",
            "x",
            "[]",
            "[1]",
            "{}",
            "{\"format\":0}",
            "{\"format\":\"a\"}",
            "{\"format\":1} {}",
        ] {
            assert_eq!(said(text), other, "{text}");
        }
        assert!(said("{\"format\":2,\"records\":{}}").contains("in format 2"));
        assert!(said("{\"format\":1,\"records\":\"x\"}").contains("damaged: invalid type"));
        assert!(said(&text[..text.len() / 2]).contains("damaged: EOF"));
    }
}
