//! The table `[fields]`: what fills which field of a record, and when.
//!
//! `name = "fact"`, or `name = { from = …, policy = …, missing = […] }`. A name with dots, quoted or not, is
//! a path: a key a level.

use toml::{Table, Value};

use super::settings::one_of;
use super::{ConfigError, nearest};
use crate::enricher::{FieldRule, Mapping, Policy, RuleError};
use crate::json;

/// Changes `mapping` as `table` says.
///
/// # Errors
/// If it says something unknown; the message has the nearest known name.
pub(super) fn apply(mapping: &mut Mapping, table: &Table) -> Result<(), ConfigError> {
    let mut rules = Vec::new();
    read(mapping, table, "", &mut rules)?;
    for rule in &rules {
        mapping
            .apply(rule)
            .map_err(|error| told(mapping, rule, error))?;
    }
    match &mapping.note {
        Some(note) if mapping.has_key(note) => {
            let reason =
                "it is the name of a field, too; give the note another one: `note` in `[enrich]`";
            Err(wrong("note", note, reason))
        }
        _ => Ok(()),
    }
}

fn wrong(key: &str, value: impl ToString, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        key: key.to_owned(),
        value: value.to_string(),
        reason: reason.into(),
    }
}

fn unknown(place: &str, key: &str) -> ConfigError {
    let hint = match nearest(key, KEYS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", KEYS.join(", ")),
    };
    wrong(place, key, format!("unknown key; {hint}"))
}

const KEYS: [&str; 3] = ["from", "policy", "missing"];

/// Is it a slip of the pen, and not a field within another? Such a field can be named in quotes.
fn is_slip(key: &str) -> bool {
    KEYS.iter()
        .any(|known| strsim::damerau_levenshtein(key, known) == 1)
}

fn read(
    mapping: &Mapping,
    table: &Table,
    parent: &str,
    rules: &mut Vec<FieldRule>,
) -> Result<(), ConfigError> {
    for (key, value) in table {
        let name = match parent {
            "" => key.clone(),
            parent => format!("{parent}.{key}"),
        };
        match value {
            Value::String(from) => rules.push(FieldRule {
                name,
                from: Some(from.clone()),
                ..FieldRule::default()
            }),
            Value::Table(inner) if inner.keys().any(|key| KEYS.contains(&key.as_str())) => {
                rules.push(rule(name, inner)?);
            }
            Value::Table(inner) if mapping.fields().any(|field| field == name) => {
                let key = inner.keys().next().map_or("", String::as_str);
                return Err(unknown(&format!("fields.{name}"), key));
            }
            Value::Table(inner) if inner.keys().any(|key| is_slip(key)) => {
                let key = inner.keys().find(|key| is_slip(key));
                return Err(unknown(
                    &format!("fields.{name}"),
                    key.map_or("", String::as_str),
                ));
            }
            // `journal.issn = …` without quotes.
            Value::Table(inner) => read(mapping, inner, &name, rules)?,
            other => {
                let reason = "write a fact's name, or `{ from = …, policy = …, missing = […] }`";
                return Err(wrong(&format!("fields.{name}"), other, reason));
            }
        }
    }
    Ok(())
}

fn rule(name: String, table: &Table) -> Result<FieldRule, ConfigError> {
    let place = format!("fields.{name}");
    let mut rule = FieldRule {
        name,
        ..FieldRule::default()
    };
    for (key, value) in table {
        let at = format!("{place}.{key}");
        match (key.as_str(), value) {
            ("from", Value::String(from)) => rule.from = Some(from.clone()),
            ("policy", Value::String(word)) => {
                rule.policy = Some(one_of(&at, word, &Policy::NAMES, Policy::parse)?);
            }
            ("missing", Value::Array(forms)) => {
                for form in forms {
                    rule.missing.push(match form {
                        Value::String(text) => json::quote(text),
                        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => form.to_string(),
                        _ => return Err(wrong(&at, form, "only texts, numbers, true and false")),
                    });
                }
            }
            ("missing", _) => return Err(wrong(&at, value, "write a list, like `[\"N/A\", 0]`")),
            ("from" | "policy", _) => return Err(wrong(&at, value, "write a text")),
            _ => return Err(unknown(&place, key)),
        }
    }
    Ok(rule)
}

/// The error, with what was meant, perhaps.
fn told(mapping: &Mapping, rule: &FieldRule, error: RuleError) -> ConfigError {
    let place = format!("fields.{}", rule.name);
    let from = rule.from.as_deref().unwrap_or_default();
    match &error {
        RuleError::Fact(name) => {
            let hint = match nearest(name, Mapping::facts()) {
                Some(near) => format!("{error}; did you mean `{near}`?"),
                None => format!("{error}; docs/fields.md lists them"),
            };
            wrong(&place, name, hint)
        }
        RuleError::Field => {
            let near = nearest(&rule.name, mapping.fields());
            let hint = near.map(|near| format!("did you mean `{near}`? Else "));
            let hint = hint.unwrap_or_default();
            let reason = format!("{error}; {hint}say what fills it: `from = …`");
            wrong("fields", &rule.name, reason)
        }
        RuleError::Pointer(_) => wrong(&place, from, error.to_string()),
        RuleError::Path(_) | RuleError::Nested(_) => wrong("fields", &rule.name, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::File;
    use crate::{ProfileChoice, Record, Work};

    fn mapped(text: &str) -> Result<Mapping, String> {
        let file =
            File::parse(text, Path::new("config.toml")).map_err(|error| error.to_string())?;
        let mut mapping = Mapping {
            profile: ProfileChoice::Scholar,
            ..Mapping::default()
        };
        let applied = apply(&mut mapping, &file.fields);
        applied.map(|()| mapping).map_err(|error| error.to_string())
    }

    #[test]
    fn all_ways_to_write_a_field() {
        let mapping = mapped(
            r#"[fields]
            year = "published"
            journal.issn = "/ISSN/0"
            "journal.publisher" = { from = "publisher" }
            citationCount = { policy = "never" }
            Score = { from = "reference_count", missing = ["n/a", 0, -1.5] }"#,
        );
        let fields: Vec<_> = mapping.unwrap().fields().collect();
        for name in [
            "year",
            "journal.issn",
            "journal.publisher",
            "citationCount",
            "Score",
        ] {
            assert!(fields.contains(&name), "{name}");
        }
    }

    #[test]
    fn mistakes_are_told_with_what_was_meant() {
        for (text, message) in [
            (
                "year = \"publishd\"",
                "fields.year = `publishd`: there is no fact `publishd`; did you mean `published`?",
            ),
            (
                "citatonCount = { policy = \"own\" }",
                "fields = `citatonCount`: no profile has this field; did you mean `citationCount`? Else say what fills it: `from = …`",
            ),
            (
                "title = { policy = \"refesh\" }",
                "fields.title.policy = `refesh`: did you mean `refresh`? It is one of missing, own, refresh, never",
            ),
            (
                "title = { form = \"title\" }",
                "fields.title = `form`: unknown key; did you mean `from`?",
            ),
            (
                "title = { from = \"title\", polcy = \"own\" }",
                "fields.title = `polcy`: unknown key; did you mean `policy`?",
            ),
            // What no profile has could be a field within another.
            (
                "jahr = { form = \"year\" }",
                "fields.jahr = `form`: unknown key; did you mean `from`?",
            ),
            (
                "title = { from = 3 }",
                "fields.title.from = `3`: write a text",
            ),
            (
                "title = { missing = \"x\" }",
                "fields.title.missing = `\"x\"`: write a list, like `[\"N/A\", 0]`",
            ),
            (
                "title = 3",
                "fields.title = `3`: write a fact's name, or `{ from = …, policy = …, missing = […] }`",
            ),
            (
                "refs = \"/reference/0\"",
                "fields.refs = `/reference/0`: the references of works are not kept, so nothing can be filled from them",
            ),
            (
                "x = \"/a~2\"",
                "fields.x = `/a~2`: in a pointer, `~` is written `~0`, and `/` in a key `~1`",
            ),
            (
                "\"a..b\" = \"title\"",
                "fields = `a..b`: an empty key between its dots; write it like `journal.volume`",
            ),
            (
                "_crossfill = \"title\"",
                "note = `_crossfill`: it is the name of a field, too; give the note another one: `note` in `[enrich]`",
            ),
        ] {
            let told = mapped(&format!("[fields]\n{text}")).err();
            assert_eq!(told.as_deref(), Some(message), "{text}");
        }
    }

    #[test]
    fn whole_answers_are_asked_for_only_where_a_field_needs_one() {
        let needs = |text: &str| {
            let mapping = mapped(&format!("[fields]\n{text}")).unwrap();
            mapping.needs_more(crate::crossref::selects)
        };
        assert!(!needs(""));
        assert!(!needs("issn = \"/ISSN/0\""));
        assert!(needs("place = \"/institution/0/name\""));
        assert!(!needs(
            "place = { from = \"/institution/0/name\", policy = \"never\" }"
        ));
    }

    #[test]
    fn a_note_is_no_field() {
        let record = Record::parse(r#"{"doi":"10.5555/12345678","n":null}"#).unwrap();
        let work = Work::parse(r#"{"DOI":"10.5555/12345678","ISSN":["1234-5679"]}"#).unwrap();
        let mapping = mapped("[fields]\nn = \"/ISSN/0\"").unwrap();
        let enriched = crate::enrich(&record, &work, &mapping.scholar);
        assert_eq!(enriched.filled, ["n"]);
    }
}
