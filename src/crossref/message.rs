//! The envelope of an answer, `{"status":…,"message":…}`, as far as it is read. Works stay text.

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::failure::Failure;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    message: &'a RawValue,
}

/// Of a list request.
#[derive(Deserialize)]
pub(super) struct ListMessage<'a> {
    #[serde(borrow)]
    pub(super) items: Vec<&'a RawValue>,
    #[serde(
        rename = "total-results",
        default,
        deserialize_with = "number_or_nothing"
    )]
    pub(super) total: Option<u64>,
}

/// Of use if it is a number, and no reason to refuse an answer if it is not.
fn number_or_nothing<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let raw: &RawValue = Deserialize::deserialize(from)?;
    Ok(raw.get().parse().ok())
}

/// Of `/agency`.
#[derive(Deserialize)]
pub(super) struct AgencyMessage {
    pub(super) agency: Agency,
}

/// A registration agency.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Agency {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) label: Option<String>,
}

/// The message in an answer's envelope.
pub(super) fn message<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    let unreadable = |error: serde_json::Error| match (body.trim_ascii(), error.classify()) {
        ([], _) => Failure::Empty,
        ([b'<', ..], _) => Failure::Html,
        (_, Category::Data) => Failure::Shape(error.to_string()),
        _ => Failure::Json(error.to_string()),
    };
    let envelope: Envelope<'a> = serde_json::from_slice(body).map_err(unreadable)?;
    serde_json::from_str(envelope.message.get()).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_answers_are_told_apart() {
        let read =
            |body: &str| message::<ListMessage<'_>>(body.as_bytes()).map(|list| list.items.len());
        assert_eq!(
            read(r#"{"status":"ok","message":{"items":[{},{}],"total-results":"2"}}"#),
            Ok(2)
        );
        assert_eq!(read(" "), Err(Failure::Empty));
        assert_eq!(read(" <html>"), Err(Failure::Html));
        assert!(matches!(read("{\"message\":[]"), Err(Failure::Json(_))));
        assert!(matches!(read("{\"message\":[]}"), Err(Failure::Shape(_))));
        assert!(matches!(read("{\"message\":{}}"), Err(Failure::Shape(_))));
        assert!(matches!(read("[]"), Err(Failure::Shape(_))));
        assert!(matches!(read("{\"message\":{}} x"), Err(Failure::Json(_))));
    }
}
