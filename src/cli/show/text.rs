//! The page for a person: the record and its fate, the work, field by field what becomes of it, the note
//! and the requests.

mod fields;
mod words;

use console::{Style, measure_text_width, truncate_str};

use super::Report;
use crate::cli::page::{Page, folded, shortened};
use crate::cli::ui::{Look, count, printable};
use crate::doi::Doi;
use crate::enricher::{Glance, Identity, Status};
use crate::json::{self, Object};
use crate::show::Shown;
pub(super) use words::no_work;
use words::{answered, fate, retraction};

/// Where values begin that have a name before them.
const NAMES: usize = 12;

/// The page.
pub(super) fn page(report: &Report, look: Look) -> String {
    let mut page = Page::new(look);
    let shown = &report.shown;
    if report.place.is_some() {
        record(&mut page, report);
    }
    match &shown.glance {
        Some(glance) => work(&mut page, report, glance),
        None if report.place.is_none() => nothing(&mut page, report),
        None => {}
    }
    if shown.work.is_some() || report.place.is_some() {
        fields::fields(&mut page, report);
    }
    if let (Some(key), Some(_)) = (&report.note, &report.place) {
        note(&mut page, shown, key);
    }
    requests(&mut page, report);
    page.text
}
/// Adds a value under a name; cut, or broken if all is to be seen.
fn named(page: &mut Page, name: &str, value: &str, style: Style, whole: bool) {
    let indent = 2 + NAMES;
    let room = page.look.width.saturating_sub(indent).max(8);
    let lines = match whole {
        true => folded(value, room),
        false => vec![truncate_str(value, room, "…").into_owned()],
    };
    for (at, line) in lines.iter().enumerate() {
        let name = if at == 0 { name } else { "" };
        let name = page.dim(&format!("{name:NAMES$}"));
        let line = page.look.paint(style.clone(), line);
        page.line(&format!("  {name}{line}"));
    }
}

/// The record: where it stands and what becomes of it.
fn record(page: &mut Page, report: &Report) {
    let (shown, Some(place)) = (&report.shown, &report.place) else {
        return;
    };
    let (first, last) = place.lines;
    let lines = match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let room = page.look.width.saturating_sub(lines.len() + 1);
    let file = shortened(&printable(&place.file), room);
    let at = format!("{file}:{lines}");
    page.line(&page.look.paint(Style::new().bold(), &at));
    if place.beside > 0 {
        let beside = count(place.beside, "more record");
        let text = format!("  the first on this line; {beside} there");
        page.wrapped(&text, Style::new().yellow());
    }
    let enriched = &shown.enriched;
    let style = match enriched.status {
        Status::Enriched | Status::Complete | Status::Skipped => Style::new().green(),
        _ => Style::new().yellow(),
    };
    named(page, "status", &fate(shown), style, true);
    if shown.work.is_none() {
        let (what, hint) = no_work(shown);
        named(page, "", &what, Style::new(), true);
        if let Some(hint) = hint {
            named(page, "", hint, Style::new().dim(), true);
        }
    }
    if let Identity::Doi { doi, .. } = &shown.identity {
        let doi = printable(doi.as_str());
        let from = shown.stated.as_ref().map(|(field, _)| printable(field));
        let from = from.map_or(String::new(), |field| format!(", from `{field}`"));
        named(page, "doi", &format!("{doi}{from}"), Style::new(), true);
    }
    named(page, "profile", enriched.profile, Style::new(), true);
    if enriched.foreign_note {
        let key = printable(report.note.as_deref().unwrap_or_default());
        let text = format!("none is written: `{key}` holds a value that is not ours");
        named(page, "note", &text, Style::new().yellow(), true);
    }
    evidence(page, shown);
}

/// Why it is taken for another work.
fn evidence(page: &mut Page, shown: &Shown) {
    let Some(evidence) = &shown.enriched.evidence else {
        return;
    };
    let Ok(evidence) = Object::parse(evidence) else {
        return;
    };
    let said = [
        ("title", "title"),
        ("first_author", "first author"),
        ("year", "year"),
        ("first_page", "first page"),
    ];
    let said = said.into_iter().filter_map(|(key, name)| {
        let verdict = json::string(evidence.get(key)?)?;
        Some(format!("{name}: {verdict}"))
    });
    let said = said.collect::<Vec<_>>().join(" · ");
    named(page, "evidence", &said, Style::new().yellow(), true);
}

/// A DOI without a work.
fn nothing(page: &mut Page, report: &Report) {
    let shown = &report.shown;
    if let Identity::Doi { doi, .. } = &shown.identity {
        let doi = printable(doi.as_str());
        page.line(&page.look.paint(Style::new().bold(), &doi));
    }
    let (what, hint) = no_work(shown);
    page.wrapped(&format!("  {what}"), Style::new().yellow());
    if let Some(hint) = hint {
        page.wrapped(&format!("  {hint}"), Style::new().dim());
    }
    answer(page, report);
}

/// When and from where the store has its answer.
fn answer(page: &mut Page, report: &Report) {
    if let Some(stored) = &report.shown.stored {
        let text = answered(stored, report);
        named(page, "answer", &text, Style::new(), true);
    }
}

/// The work at a glance.
fn work(page: &mut Page, report: &Report, glance: &Glance) {
    let (shown, whole) = (&report.shown, report.whole);
    if report.place.is_some() {
        page.heading("Crossref", "");
    }
    let title = glance.title.as_deref().unwrap_or("(no title)");
    let indent = if report.place.is_some() { "  " } else { "" };
    page.wrapped(
        &format!("{indent}{}", printable(title)),
        Style::new().bold(),
    );
    let joined = |parts: &[Option<String>], by: &str| {
        let parts: Vec<_> = parts.iter().flatten().map(|part| printable(part)).collect();
        (!parts.is_empty()).then(|| parts.join(by))
    };
    let dates = [
        glance.published.clone(),
        glance.online.as_ref().map(|date| format!("online {date}")),
        glance.print.as_ref().map(|date| format!("print {date}")),
    ];
    let issue = glance.issue.as_ref().map(|issue| format!("({issue})"));
    let numbers = [glance.volume.clone(), issue];
    let numbers = numbers.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let numbers = Some(numbers).filter(|numbers| !numbers.is_empty());
    let place = [glance.container.clone(), numbers, glance.pages.clone()];
    let own = shown.work.as_deref().and_then(own_doi);
    for (name, value) in [
        ("authors", glance.authors.as_deref().map(printable)),
        ("in", joined(&place, ", ")),
        ("published", joined(&dates, " · ")),
        ("publisher", glance.publisher.as_deref().map(printable)),
        ("type", glance.kind.as_deref().map(printable)),
        ("doi", own.as_ref().map(|doi| printable(doi.as_str()))),
    ] {
        if let Some(value) = value {
            // Where it stands is told whole: numbers are at its end.
            named(page, name, &value, Style::new(), whole || name == "in");
        }
    }
    if let (Some(prime), Identity::Doi { doi, .. }) = (&shown.alias_of, &shown.identity) {
        let (doi, prime) = (printable(doi.as_str()), printable(prime));
        let text = format!("{doi} is another name of {prime}");
        named(page, "alias", &text, Style::new().yellow(), true);
    }
    if let Some(retracted) = glance.retracted.as_deref().and_then(retraction) {
        named(
            page,
            "retracted",
            &retracted,
            Style::new().red().bold(),
            true,
        );
    }
    answer(page, report);
}

/// The note that a run writes.
fn note(page: &mut Page, shown: &Shown, key: &str) {
    if shown.enriched.foreign_note {
        return;
    }
    let room = page.look.width.saturating_sub(2).max(8);
    match &shown.enriched.note {
        Some(note) => {
            page.heading("Note", &format!("  {}", printable(key)));
            for line in broken(&printable(note), room) {
                page.line(&format!("  {line}"));
            }
        }
        None => page.heading("Note", "  the one that stands there stays as it is"),
    }
}

/// What a run asks.
fn requests(page: &mut Page, report: &Report) {
    let shown = &report.shown;
    let asks = match (shown.enriched.status, shown.why, report.sent) {
        (_, _, Some(sent)) => format!("{}, just now", count(sent, "request")),
        (Status::NoDoi | Status::InvalidDoi, ..) => "none: there is no DOI".to_owned(),
        (Status::Skipped, ..) => "none: nothing is missing".to_owned(),
        (_, Some(_), None) => "none now; a run that may ask sends".to_owned(),
        (_, None, None) => match shown.stored {
            Some(stored) if stored.fresh => "none: the store has the answer".to_owned(),
            _ => "none now, offline; a run that may ask sends".to_owned(),
        },
    };
    page.heading("Requests", &format!("  {asks}"));
    let Some(requests) = &report.requests else {
        return;
    };
    if report.sent.is_none() && shown.why.is_none() {
        let text = "  Without an answer in the store it would be";
        page.wrapped(text, Style::new().dim());
    }
    let others = report.batch.saturating_sub(1);
    let of_list = match others {
        0 => String::new(),
        _ => format!(
            "  with up to {} of the run",
            count(others as u64, "other DOI")
        ),
    };
    let then = "  if the list does not show it";
    let single = if requests.list.is_some() { then } else { "" };
    let of_agency = "  if that does not know it, once for its prefix";
    for (name, url, when) in [
        ("list", requests.list.as_ref(), of_list.as_str()),
        ("single", Some(&requests.single), single),
        ("agency", Some(&requests.agency), of_agency),
    ] {
        let Some(url) = url else { continue };
        page.line(&format!("  {name}{}", page.dim(when)));
        let url = printable(url);
        // Whole, it is there to be copied: a terminal that breaks it knows that it is one line.
        if report.whole {
            page.text += &format!("    {url}\n");
            continue;
        }
        // A list names all the members that it asks for.
        if name == "list" {
            page.line(&format!("    {url}"));
            continue;
        }
        for line in folded(&url, page.look.width.saturating_sub(4)) {
            page.line(&format!("    {line}"));
        }
    }
}

/// The lines of a JSON text, broken after commas where that is possible.
pub(super) fn broken(json: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in json.split_inclusive(',') {
        let wide = measure_text_width(piece);
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + wide <= width => line.push_str(piece),
            _ => lines.push(piece.to_owned()),
        }
    }
    let lines = lines.iter().filter(|line| !line.is_empty());
    lines.flat_map(|line| folded(line, width)).collect()
}
fn own_doi(work: &str) -> Option<Doi> {
    crate::work::Work::parse(work).ok()?.doi()
}

#[cfg(test)]
mod tests;
