//! The page for a person: the record and its fate, the work, field by field what becomes of it, the note
//! and the requests.

mod fields;

use std::time::{Duration, UNIX_EPOCH};

use console::{Style, measure_text_width, truncate_str};

use super::Report;
use crate::cli::page::{Page, folded, shortened};
use crate::cli::ui::{Look, count, printable};
use crate::doi::Doi;
use crate::enricher::{Glance, Identity, Status};
use crate::json::{self, Object};
use crate::resolution::Why;
use crate::show::{Shown, Stored};

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

/// Why there is no work, and what to do about it.
pub(super) fn no_work(shown: &Shown) -> (String, Option<&'static str>) {
    let status = shown.enriched.status;
    match (status, shown.why) {
        (Status::NotFound, _) => ("Crossref does not know this DOI".to_owned(), None),
        (Status::OtherAgency, _) => {
            let agency = printable(shown.agency.as_deref().unwrap_or("another agency"));
            let what = format!("the DOI is registered with {agency}, not with Crossref");
            (what, None)
        }
        (Status::NoDoi, _) => ("the record has no DOI".to_owned(), None),
        (Status::InvalidDoi, _) => (invalid(shown), Some("`crossfill doi` tells what is a DOI")),
        (Status::Skipped, _) => (
            "nothing is missing that Crossref could fill, so that a run does not ask (`skip_complete`)"
                .to_owned(),
            None,
        ),
        (_, Some(Why::Offline)) => (
            "the store does not have it, and nobody is asked (`offline`)".to_owned(),
            Some("leave --offline out to ask Crossref, or bring in a data file: crossfill store import"),
        ),
        (_, Some(Why::Refused)) => (
            "the service refuses to answer for this DOI".to_owned(),
            Some("look at the DOI: perhaps it is none; -v tells what was said"),
        ),
        (_, Some(Why::TooLarge)) => (
            "the answer is larger than any answer may be".to_owned(),
            Some("-v tells more"),
        ),
        _ => (
            "no answer, however often it was asked".to_owned(),
            Some("try again later; -v tells what was said"),
        ),
    }
}

fn invalid(shown: &Shown) -> String {
    let Some((field, raw)) = &shown.stated else {
        return "what stands there is no DOI".to_owned();
    };
    let text = json::string(raw);
    let why = Doi::find(text.as_deref().unwrap_or(raw)).err();
    let why = why.map_or(String::new(), |why| format!(": {why}"));
    let value = fields::value(raw);
    format!(
        "what stands in `{}` is no DOI{why}: {value}",
        printable(field)
    )
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
    if let Some(stored) = &shown.stored {
        named(
            page,
            "answer",
            &answered(stored, report),
            Style::new(),
            true,
        );
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
            named(page, name, &value, Style::new(), whole);
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
    if let Some(stored) = &shown.stored {
        named(
            page,
            "answer",
            &answered(stored, report),
            Style::new(),
            true,
        );
    }
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

/// The status, and what it counts.
fn fate(shown: &Shown) -> String {
    let enriched = &shown.enriched;
    let (filled, differs) = (enriched.filled.len() as u64, enriched.differs.len() as u64);
    let earlier = shown
        .fields
        .iter()
        .filter(|field| field.is_of_earlier_run());
    let earlier = earlier.count() as u64;
    let mut said = Vec::new();
    if filled > 0 {
        said.push(format!("{} filled", count(filled, "field")));
    }
    if earlier > 0 {
        said.push(format!("{} filled earlier", count(earlier, "field")));
    }
    if differs > 0 {
        said.push(format!(
            "{differs} {}",
            if differs == 1 { "differs" } else { "differ" }
        ));
    }
    match enriched.status {
        Status::Mismatch if enriched.doubt => {
            said.push("the DOI may lead to another work: nothing is filled".to_owned());
        }
        Status::Mismatch => {
            said.push("the DOI leads to another work: nothing is filled".to_owned())
        }
        Status::Complete => said.push("nothing to add".to_owned()),
        _ => {}
    }
    if enriched.retracted.is_some() {
        said.push("the work is retracted".to_owned());
    }
    let status = enriched.status.as_str();
    match said.is_empty() {
        true => status.to_owned(),
        false => format!("{status}: {}", said.join(", ")),
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

/// Where the answer is from, and how old.
fn answered(stored: &Stored, report: &Report) -> String {
    let from = match stored.imported {
        true => "a data file, brought in",
        false => "Crossref's API,",
    };
    let (day, age) = (
        date(stored.asked),
        ago(report.now.saturating_sub(stored.asked)),
    );
    let again = match (report.sent.is_some(), stored.fresh) {
        (true, _) => String::new(),
        (false, true) => format!("; a run asks again after {}", date(stored.until)),
        (false, false) => "; too old: a run asks again".to_owned(),
    };
    format!("from {from} {day} ({age}){again}")
}

/// The day of a time in seconds since 1970.
fn date(seconds: u64) -> String {
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    // What humantime can't write is no time of ours.
    let time = time.filter(|_| seconds < 253_402_300_800);
    let time = time.map(|time| humantime::format_rfc3339_seconds(time).to_string());
    time.and_then(|time| Some(time.split_once('T')?.0.to_owned()))
        .unwrap_or_else(|| "never".to_owned())
}

fn ago(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{} ago", count(number, unit))
}

fn own_doi(work: &str) -> Option<Doi> {
    crate::work::Work::parse(work).ok()?.doi()
}

/// `retraction of 2023-01-02, says the publisher: notice 10.…`.
fn retraction(raw: &str) -> Option<String> {
    let object = Object::parse(raw).ok()?;
    let part = |key| {
        let text = json::string(object.get(key)?)?;
        Some(printable(&text))
    };
    let mut text = part("type")?;
    if let Some(date) = part("date") {
        text += &format!(" of {date}");
    }
    if let Some(source) = part("source") {
        text += &format!(", says {source}");
    }
    if let Some(notice) = part("notice") {
        text += &format!(": notice {notice}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enricher::Mapping;
    use crate::show::{Options, Place, Step, Subject, show};
    use crate::store::{Ages, Answer, Store};

    /// The page of a record, or of its DOI.
    fn shown(record: Option<&str>, width: usize, whole: bool) -> String {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let doi = Doi::parse("10.5555/cf.0003").unwrap();
        let title =
            "A title of a work that is far too long for what most people have on their desks";
        let json = crate::fake::work(doi.as_str(), title, 3);
        let answers = [
            Answer::Work {
                doi: doi.clone(),
                json,
                whole: true,
            },
            Answer::Alias {
                doi: Doi::parse("10.5555/alias").unwrap(),
                prime: doi,
            },
        ];
        store.commit(&answers, 1_000_000).unwrap();
        let age = Duration::from_secs(86_400);
        let ages = Ages {
            now: 1_000_000 + 5 * 3_600,
            works: age,
            missing: age,
            imported: age,
            whole: false,
        };
        let mapping = Mapping::default();
        let place = record.map(|_| Place {
            file: "a/folder/with/a/file.jsonl".to_owned(),
            lines: (17, 23),
            beside: 2,
        });
        let subject = match record {
            Some(text) => Subject {
                text: text.to_owned(),
                place,
            },
            None => Subject::bare("10.5555/alias"),
        };
        let options = Options {
            mapping: &mapping,
            ages,
            offline: false,
        };
        let Ok(Step::Shown(shown)) = show(&subject, &options, Some(&store), None) else {
            panic!("the store has it");
        };
        let report = Report {
            shown: *shown,
            place: subject.place,
            requests: None,
            sent: None,
            note: mapping.note.clone(),
            batch: 100,
            now: ages.now,
            whole,
        };
        page(
            &report,
            Look {
                width,
                colors: false,
            },
        )
    }

    const RECORD: &str = r#"{"doi":"10.5555/alias","volume":"9","pages":"","title":"A title of a work that is far too long for what most people have on their desks","key":1}"#;

    #[test]
    fn pages_fit_terminals() {
        for width in [20, 40, 60, 80, 120] {
            for whole in [false, true] {
                for record in [None, Some(RECORD)] {
                    let page = shown(record, width, whole);
                    let wide = |line: &&str| measure_text_width(line) > width;
                    assert_eq!(page.lines().find(wide), None, "{width}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_cut_if_all_is_to_be_seen() {
        for record in [None, Some(RECORD)] {
            assert!(shown(record, 60, false).contains('…'));
            assert!(!shown(record, 60, true).contains('…'));
            let page = shown(record, usize::MAX, false);
            assert!(!page.contains('…'), "{page}");
            assert!(
                page.contains("  alias       10.5555/alias is another name of 10.5555/cf.0003\n")
            );
            assert!(page.contains("from Crossref's API, 1970-01-12 (5 hours ago); a run asks again after 1970-01-1"), "{page}");
        }
        let page = shown(Some(RECORD), usize::MAX, false);
        assert!(page.contains("  1 other key stays as it came\n"), "{page}");
        assert!(
            page.contains("the first on this line; 2 more records there"),
            "{page}"
        );
    }

    #[test]
    fn json_is_broken_between_members() {
        assert_eq!(
            broken(r#"{"a":1,"bcd":[2,3]}"#, 9),
            [r#"{"a":1,"#, r#""bcd":[2,"#, "3]}"]
        );
        assert_eq!(broken("{}", 9), ["{}"]);
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(3_599), "59 minutes ago");
        assert_eq!(ago(86_400), "24 hours ago");
        assert_eq!(ago(200_000), "2 days ago");
        assert_eq!(
            (date(0), date(u64::MAX)),
            ("1970-01-01".to_owned(), "never".to_owned())
        );
    }
}
