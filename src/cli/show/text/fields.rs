//! What each field of a record has and what it becomes, as a difference that can be read without
//! colours, too.

use console::{Alignment, Style, measure_text_width, pad_str, truncate_str};

use super::{Report, broken};
use crate::cli::page::{Page, folded};
use crate::cli::ui::{count, printable};
use crate::enricher::{Explained, Fate, Left, Status};
use crate::json;

/// A value is cut to no less than this to let its source stand beside it.
const LEAST: usize = 24;

/// One line of the table: its mark, the field, the value, where that is from.
struct Line<'a> {
    mark: &'a str,
    name: &'a str,
    value: String,
    source: String,
    style: Style,
}

pub(super) fn fields(page: &mut Page, report: &Report) {
    let shown = &report.shown;
    let what = match (&report.place, shown.enriched.status) {
        (None, _) => format!(
            "of profile {}, and where each is from",
            shown.enriched.profile
        ),
        (Some(_), Status::Mismatch) => "of the record, and what the other work has".to_owned(),
        (Some(_), _) if shown.work.is_none() => "of the record, which stays as it is".to_owned(),
        (Some(_), _) => "- before  + after  ! differs, and stays".to_owned(),
    };
    let what = page.dim(&what);
    page.heading("Fields", &format!("  {what}"));
    let names = shown.fields.iter();
    let name = names.map(|field| measure_text_width(field.name)).max();
    let name = name.unwrap_or_default().min(22);
    let name = name.min(page.look.width / 3).max(4);
    let mut nothing = Vec::new();
    for field in &shown.fields {
        let lines = lines(field, report);
        if lines.is_empty() {
            nothing.push(printable(field.name));
        }
        for line in &lines {
            put(page, line, name, report.whole);
        }
    }
    if shown.others > 0 && report.place.is_some() {
        let stay = match shown.others {
            1 => "stays as it came",
            _ => "stay as they came",
        };
        let text = format!("  {} {stay}", count(shown.others, "other key"));
        page.wrapped(&text, Style::new().dim());
    }
    if !nothing.is_empty() {
        let what = match (&shown.work, &report.place) {
            (None, _) => "missing",
            (Some(_), None) => "Crossref does not say",
            (Some(_), Some(_)) => "missing, and Crossref does not say",
        };
        let text = format!("  {what}: {}", nothing.join(", "));
        page.wrapped(&text, Style::new().dim());
    }
}

fn put(page: &mut Page, line: &Line<'_>, name: usize, whole: bool) {
    let indent = 2 + name + 2;
    let room = page.look.width.saturating_sub(indent).max(8);
    let source = match line.source.as_str() {
        "" => String::new(),
        source => format!("← {source}"),
    };
    let long = measure_text_width(&line.value);
    let taken = match measure_text_width(&source) {
        0 => 0,
        source => source + 2,
    };
    let beside = room.saturating_sub(taken);
    let cut = |room| vec![truncate_str(&line.value, room, "…").into_owned()];
    let (values, apart) = match whole {
        _ if long <= beside => (vec![line.value.clone()], false),
        true if line.value.starts_with(['[', '{']) => (broken(&line.value, room), true),
        true => (folded(&line.value, room), true),
        false if beside >= LEAST => (cut(beside), false),
        false => (cut(room), true),
    };
    for (at, value) in values.iter().enumerate() {
        let (mark, own) = match at {
            0 => (line.mark, printable(line.name)),
            _ => (" ", String::new()),
        };
        let own = pad_str(&own, name, Alignment::Left, Some("…"));
        let text = format!("{mark} {own}  {value}");
        let text = page.look.paint(line.style.clone(), &text);
        match at == 0 && !apart && !source.is_empty() {
            true => page.line(&format!("{text}  {}", page.dim(&source))),
            false => page.line(&text),
        }
    }
    if apart && !source.is_empty() {
        let source = truncate_str(&source, room, "…");
        let source = page.dim(&source);
        page.line(&format!("{:indent$}{source}", ""));
    }
}

/// The lines of a field; none if nobody has a value.
fn lines<'a>(field: &'a Explained, report: &Report) -> Vec<Line<'a>> {
    let source = || match field.reads.as_slice() {
        [] => "the DOI".to_owned(),
        reads => printable(&reads.join(", ")),
    };
    let line = |mark, name, value: String, source: String, style| Line {
        mark,
        name,
        value,
        source,
        style,
    };
    let before = field.before.as_deref();
    let own = |mark, style| {
        let value = before.map(value).unwrap_or_default();
        line(mark, field.name, value, String::new(), style)
    };
    // What Crossref has, under what the record has.
    let crossref = |style| {
        let value = field.crossref.as_deref().map(value)?;
        let value = format!("Crossref: {value}");
        Some(line(" ", "", value, source(), style))
    };
    let plain = Style::new;
    match &field.fate {
        Fate::Nothing => Vec::new(),
        Fate::Filled(new) if report.place.is_none() => {
            vec![line(" ", field.name, value(new), source(), plain())]
        }
        Fate::Filled(new) => {
            let old = before.map(|_| own("-", plain().red()));
            let new = line("+", field.name, value(new), source(), plain().green());
            old.into_iter().chain([new]).collect()
        }
        Fate::Differs => {
            let lines = [Some(own("!", plain().yellow())), crossref(plain())];
            lines.into_iter().flatten().collect()
        }
        Fate::Kept { .. } if report.place.is_none() => {
            let value = before.map(value).unwrap_or_default();
            vec![line(" ", field.name, value, source(), plain())]
        }
        Fate::Kept { earlier } => {
            let mut kept = own(" ", plain());
            if *earlier {
                kept.source = format!("{}, by an earlier run", source());
            }
            let other = report.shown.enriched.status == Status::Mismatch || report.whole;
            let other = other && field.crossref.as_deref() != before;
            let other = other.then(|| crossref(plain().dim())).flatten();
            [Some(kept), other].into_iter().flatten().collect()
        }
        Fate::Left(why) => {
            let why = match why {
                Left::Never => "never filled: policy `never`",
                Left::NoKey => "no such key, and none is added",
                Left::InTheWay => "what should hold it is no object",
                Left::OtherWork => "missing, and not filled",
            };
            let style = plain().dim();
            let left = line("·", field.name, why.to_owned(), String::new(), style);
            let lines = [Some(left), crossref(plain().dim())];
            lines.into_iter().flatten().collect()
        }
    }
}

/// A JSON value as a person reads it. Texts that could be taken for something else keep their quotes.
pub(super) fn value(raw: &str) -> String {
    let text = json::string(raw).filter(|text| {
        let other = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        !other && !text.is_empty() && text.trim() == text
    });
    match text {
        Some(text) => printable(&text),
        None => printable(raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_from_each_other() {
        for (raw, shown) in [
            (r#""A title""#, "A title"),
            (r#""""#, r#""""#),
            (r#""151 ""#, r#""151 ""#),
            (r#""5""#, r#""5""#),
            ("5", "5"),
            ("null", "null"),
            (r#""null""#, r#""null""#),
            (r#"["a"]"#, r#"["a"]"#),
            (r#""caf\u00e9 \u001b[31m""#, "café \\u{1b}[31m"),
            (r#""\ud800""#, r#""\ud800""#),
        ] {
            assert_eq!(value(raw), shown);
        }
    }
}
