//! The page of a run: one HTML file that needs nothing else, made from what is known of the run alone.
//!
//! The template only lays out; [`view`] prepares all that it shows. Whatever it prints is escaped, and
//! none of it gets into the script or the styles, which the page's own policy pins by their hashes.

mod chart;
mod lines;
mod notable;
mod view;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, escape_formatter};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::RunReport;
use crate::text::printable;
use view::View;

const TEMPLATE: &str = include_str!("page.html.j2");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Why there is no page: a mistake in this program.
#[derive(Debug, Error)]
#[error("cannot make the page: {0}")]
pub struct PageError(#[from] minijinja::Error);

impl RunReport {
    /// A page for people: one HTML file that loads nothing, and the same for the same report.
    ///
    /// # Errors
    /// None that a report could bring about.
    pub fn html(&self) -> Result<String, PageError> {
        let mut page = Environment::new();
        page.set_auto_escape_callback(|_| AutoEscape::Html);
        page.set_undefined_behavior(UndefinedBehavior::Strict);
        page.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()?,
        );
        page.set_formatter(|out, state, value| match value.kind() {
            ValueKind::String if !value.is_safe() => {
                let text = printable(value.as_str().unwrap_or_default());
                escape_formatter(out, state, &text.into())
            }
            _ => escape_formatter(out, state, value),
        });
        let values = context! {
            run => Value::from(Serde(View::of(self))),
            policy => policy(),
            style => Value::from_safe_string(STYLE.to_owned()),
            script => Value::from_safe_string(SCRIPT.to_owned()),
        };
        Ok(page.render_str(TEMPLATE, values)?)
    }
}

/// What the browser lets the page do: show itself, and run its own script.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

#[cfg(test)]
mod tests;
