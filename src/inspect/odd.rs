//! Values that are there and are odd: of another type than what would be filled, words that say
//! nothing, dates that are none.

use crate::enricher::Kind;
use crate::json;
use crate::work::Date;

/// Words that people and programs write where they have nothing.
pub(crate) const WORDS: [&str; 14] = [
    "n/a",
    "null",
    "none",
    "-",
    "unknown",
    "undefined",
    "nan",
    "tbd",
    "?",
    "n.a.",
    "#n/a",
    "--",
    "not available",
    "no data",
];

/// What is odd about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    /// One of [`WORDS`].
    Word(usize),
    /// Another JSON type.
    Type,
    /// A date that can't be read.
    Date,
}

/// What is odd about the value `raw`, if anything, where `kind` is expected.
pub(super) fn odd(kind: Kind, raw: &str) -> Option<Odd> {
    let is_text = raw.starts_with('"');
    // No word is longer; with quotes, and blanks around it.
    if is_text
        && raw.len() < 24
        && let Some(word) = word(raw)
    {
        return Some(Odd::Word(word));
    }
    let first = raw.as_bytes().first().copied().unwrap_or_default();
    let fits = match kind {
        Kind::Any => true,
        Kind::Text => is_text,
        Kind::Number => first == b'-' || first.is_ascii_digit(),
        Kind::Flag => matches!(raw, "true" | "false"),
        Kind::List => first == b'[',
        Kind::Date => {
            if is_text && json::string(raw).is_none_or(|text| Date::parse(&text).is_none()) {
                return Some(Odd::Date);
            }
            is_text
        }
    };
    (!fits).then_some(Odd::Type)
}

fn word(raw: &str) -> Option<usize> {
    let text = json::string(raw)?;
    let text = text.trim();
    WORDS
        .iter()
        .position(|word| text.eq_ignore_ascii_case(word))
}

/// The type of a JSON value, as people call it.
pub(crate) fn type_of(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "text",
        Some(b'[') => "list",
        Some(b'{') => "object",
        Some(b't' | b'f') => "true or false",
        _ => "number",
    }
}

/// What is expected, in the same words.
pub(crate) fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Date => "date",
        Kind::Number => "number",
        Kind::Flag => "true or false",
        Kind::List => "list",
        Kind::Any => "value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_values() {
        for (kind, raw, expected) in [
            (Kind::Text, r#""Journal of Odd Values""#, None),
            (Kind::Text, r#"" N/A ""#, Some(Odd::Word(0))),
            (Kind::List, r#""None""#, Some(Odd::Word(2))),
            (Kind::Text, r#""Nonesuch""#, None),
            (Kind::Text, "12", Some(Odd::Type)),
            (Kind::Number, "-1.5e3", None),
            (Kind::Number, r#""12""#, Some(Odd::Type)),
            (Kind::Flag, "false", None),
            (Kind::Flag, r#""false""#, Some(Odd::Type)),
            (Kind::List, r#"["1234-5679"]"#, None),
            (Kind::List, r#""Doe, Jane""#, Some(Odd::Type)),
            (Kind::Date, r#""2021-07""#, None),
            (Kind::Date, r#""July 2021""#, Some(Odd::Date)),
            (Kind::Date, r#""\ud800""#, Some(Odd::Date)),
            (Kind::Date, "2021", Some(Odd::Type)),
            (Kind::Any, "{\"a\":1}", None),
        ] {
            assert_eq!(odd(kind, raw), expected, "{raw}");
        }
    }
}
