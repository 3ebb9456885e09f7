//! What a work says, as JSON values: the right-hand side of the table of fields.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::markup::{plain, plain_abstract};
use crate::json::{self, ObjectWriter};
use crate::work::{Date, Person, Work};

/// What a fact may depend on besides the work.
pub(super) struct Context<'a> {
    /// The record's DOI as the record writes it.
    pub(super) written: &'a str,
    /// Only dates with a day.
    pub(super) full_dates: bool,
    /// Is the work openly licensed? Told once, for all facts that depend on it.
    open: OnceCell<bool>,
}

impl<'a> Context<'a> {
    pub(super) fn new(written: &'a str, full_dates: bool) -> Self {
        Self {
            written,
            full_dates,
            open: OnceCell::new(),
        }
    }

    fn is_open(&self, work: &Work<'_>) -> bool {
        *self.open.get_or_init(|| open_license(work))
    }
}

macro_rules! facts {
    ($($variant:ident $name:literal = $function:expr;)*) => {
        /// A named fact of a work.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Fact {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Fact {
            /// All of them.
            pub(super) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in a configuration.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The JSON value, if the work says something.
            pub(super) fn value(self, work: &Work<'_>, context: &Context<'_>) -> Option<String> {
                let function: fn(&Work<'_>, &Context<'_>) -> Option<String> = match self {
                    $(Self::$variant => $function,)*
                };
                function(work, context)
            }
        }
    };
}

facts! {
    Title "title" = |work, _| clean(work.first("title")?);
    FullTitle "full_title" = |work, _| quoted(full_title(work)?);
    Subtitle "subtitle" = |work, _| clean(work.first("subtitle")?);
    AuthorNames "author_names" = |work, _| quoted(names(&work.people("author"))?);
    Authors "authors" = |work, _| people(&work.people("author"));
    Editors "editors" = |work, _| people(&work.people("editor"));
    Doi "doi" = |_, context| Some(json::quote(context.written));
    DoiUrl "doi_url" = |_, context| Some(json::quote(&format!("https://doi.org/{}", context.written)));
    Url "url" = |work, _| quoted(work.string("URL")?);
    Abstract "abstract" = |work, _| quoted(plain_abstract(&work.string("abstract")?)?);
    Journal "journal" = |work, _| quoted(journal(work)?);
    ContainerTitle "container_title" = |work, _| clean(work.first("container-title")?);
    ShortContainerTitle "short_container_title" = |work, _| clean(work.first("short-container-title")?);
    VolumeIssue "volume_issue" = |work, _| quoted(volume_issue(work)?);
    Volume "volume" = |work, _| quoted(said(work.string("volume")?)?);
    Issue "issue" = |work, _| quoted(said(work.string("issue")?)?);
    Pages "pages" = |work, _| quoted(pages(work)?);
    PagesOrArticle "pages_or_article" = |work, _| quoted(pages_or_article(work)?);
    ArticleNumber "article_number" = |work, _| quoted(work.string("article-number")?);
    PublicationDate "publication_date" = |work, context| dated(publication_date(work)?, context);
    Published "published" = |work, context| dated(published(work)?, context);
    PublishedOnline "published_online" = |work, context| dated(work.date("published-online")?, context);
    PublishedPrint "published_print" = |work, context| dated(work.date("published-print")?, context);
    EPubDate "epub_date" = |work, _| quoted(epub_date(work)?.to_string());
    Type "type" = |work, _| quoted(work.string("type")?);
    PublicationType "publication_type" = |work, _| publication_type(&work.string("type")?).map(json::quote);
    Publisher "publisher" = |work, _| clean(work.string("publisher")?);
    Issn "issn" = |work, _| list(work.strings("ISSN"));
    Isbn "isbn" = |work, _| list(work.strings("ISBN"));
    License "license" = |work, _| quoted(license(work)?);
    PdfUrl "pdf_url" = |work, context| quoted(open_pdf(work, context)?);
    IsOpenAccess "is_open_access" = |work, context| context.is_open(work).then(|| "true".to_owned());
    CitationCount "citation_count" = |work, _| work.count("is-referenced-by-count").map(|n| n.to_string());
    CitationText "citation_count_text" = |work, _| work.count("is-referenced-by-count").map(|n| format!("\"{n}\""));
    ReferenceCount "reference_count" = |work, _| {
        let count = work.count("references-count").or_else(|| work.count("reference-count"));
        count.map(|n| n.to_string())
    };
    Funders "funders" = |work, _| funders(work);
    Event "event" = |work, _| clean(json::string(work.nested("event")?.get("name")?)?);
}

fn quoted(text: impl AsRef<str>) -> Option<String> {
    Some(json::quote(text.as_ref())).filter(|raw| !json::is_missing(raw))
}

fn clean(text: Cow<'_, str>) -> Option<String> {
    quoted(plain(&text))
}

fn list(values: Vec<Cow<'_, str>>) -> Option<String> {
    (!values.is_empty()).then(|| json::array(values.iter().map(|value| json::quote(value))))
}

fn dated(date: Date, context: &Context<'_>) -> Option<String> {
    (date.day.is_some() || !context.full_dates).then(|| json::quote(&date.to_string()))
}

/// Early access and habit: placeholders that say that nothing is known yet.
fn said(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let placeholders = [
        "0",
        "n/a",
        "na",
        "ahead of print",
        "ahead-of-print",
        "in press",
        "-",
        "--",
    ];
    let trimmed = text.trim();
    let placeholder = |word: &&str| trimmed.eq_ignore_ascii_case(word);
    (!placeholders.iter().any(placeholder)).then_some(text)
}

pub(super) fn full_title(work: &Work<'_>) -> Option<String> {
    let title = plain(&work.first("title")?).into_owned();
    let Some(subtitle) = work.first("subtitle") else {
        return Some(title);
    };
    let subtitle = plain(&subtitle);
    let contained = title.to_lowercase().contains(&subtitle.to_lowercase());
    Some(if contained {
        title
    } else {
        format!("{}: {subtitle}", title.trim_end_matches(':'))
    })
}

/// [`plain`] of a text that may be lent.
fn plain_of(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => plain(text),
        Cow::Owned(text) => Cow::Owned(plain(&text).into_owned()),
    }
}

/// `Given Family Suffix`, or the name of a group.
fn name(person: &Person<'_>) -> Option<String> {
    let part = |key| person.part(key).map(plain_of);
    let mut name = match (part("given"), part("family")) {
        (Some(given), Some(family)) => [&given, " ", &family].concat(),
        (given, family) => family.or_else(|| part("name")).or(given)?.into_owned(),
    };
    if let Some(suffix) = part("suffix") {
        name.push(' ');
        name.push_str(&suffix);
    }
    (!matches!(name.as_str(), "NA" | "N/A" | "")).then_some(name)
}

pub(super) fn names(people: &[Person<'_>]) -> Option<String> {
    let names: Vec<String> = people.iter().filter_map(name).collect();
    let separator = if names.iter().any(|name| name.contains(',')) {
        "; "
    } else {
        ", "
    };
    (!names.is_empty()).then(|| names.join(separator))
}

fn people(people: &[Person<'_>]) -> Option<String> {
    let each = people
        .iter()
        .filter(|person| name(person).is_some())
        .map(|person| {
            let mut out = ObjectWriter::new();
            for key in ["given", "family", "name", "suffix"] {
                if let Some(part) = person.part(key) {
                    out.string(key, &plain(&part));
                }
            }
            if let Some(orcid) = person.part("ORCID") {
                let id = orcid.rsplit('/').next().unwrap_or(&orcid);
                out.string("orcid", &format!("https://orcid.org/{id}"));
            }
            let affiliations = person.affiliations();
            if !affiliations.is_empty() {
                let names = affiliations.iter().map(|name| json::quote(&plain(name)));
                out.raw("affiliations", &json::array(names));
            }
            out.finish()
        });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| json::array(each))
}

/// The journal of an article.
pub(super) fn journal<'a>(work: &Work<'a>) -> Option<Cow<'a, str>> {
    if work.string("type")? != "journal-article" {
        return None;
    }
    Some(plain_of(work.first("container-title")?))
}

/// `VOL ISSUE` or `VOL`: an issue alone would read as a volume.
pub(super) fn volume_issue(work: &Work<'_>) -> Option<String> {
    let volume = said(work.string("volume")?)?.trim().to_owned();
    let issue = work.string("issue").and_then(said);
    Some(match issue {
        Some(issue) => format!("{volume} {}", issue.trim()),
        None => volume,
    })
}

/// `222-234`; a range of one page is that page. A first page of one, without volume and issue, is
/// what publishers write before an article has its place.
pub(super) fn pages(work: &Work<'_>) -> Option<String> {
    let page = said(work.string("page")?)?;
    let dash = |c: char| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}');
    let page = match page.is_ascii() {
        true => page,
        false => Cow::Owned(page.replace(dash, "-")),
    };
    let page = page.trim();
    let (first, last) = page.split_once('-').unwrap_or((page, ""));
    let (first, last) = (first.trim(), last.trim());
    let placed = work.string("volume").and_then(said).is_some()
        || work.string("issue").and_then(said).is_some();
    if !placed && matches!((first, last), ("1", "1" | "")) {
        return None;
    }
    if first == last || last.is_empty() {
        return Some(first.to_owned());
    }
    Some(format!("{first}-{last}"))
}

fn pages_or_article(work: &Work<'_>) -> Option<String> {
    pages(work).or_else(|| {
        let number = work.string("article-number")?;
        Some(format!("Article {}", number.trim()))
    })
}

fn refined(date: Date, by: Option<Date>) -> Date {
    match by {
        Some(finer) if date.day.is_none() && date.month.is_some() => {
            let same = finer.year == date.year && finer.month == date.month;
            if same { finer } else { date }
        }
        _ => date,
    }
}

/// `issued`, made finer by an online or print date of the same month.
pub(super) fn publication_date(work: &Work<'_>) -> Option<Date> {
    let issued = work.date("issued")?;
    let issued = refined(issued, work.date("published-online"));
    Some(refined(issued, work.date("published-print")))
}

fn published(work: &Work<'_>) -> Option<Date> {
    ["issued", "published", "published-online", "published-print"]
        .iter()
        .find_map(|key| work.date(key))
}

/// An online date with a day, not more than a year after print (then it is the day on which an old
/// article was put online).
fn epub_date(work: &Work<'_>) -> Option<Date> {
    let online = work.date("published-online")?;
    online.day?;
    let late = work
        .date("published-print")
        .is_some_and(|print| online.months() > print.months() + 12);
    (!late).then_some(online)
}

fn publication_type(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "journal-article" => "Journal Article",
        "proceedings-article" => "Conference Paper",
        "book-chapter" | "book-section" | "book-part" | "reference-entry" => "Book Chapter",
        "book" | "monograph" | "edited-book" | "reference-book" => "Book",
        "posted-content" => "Preprint",
        "dissertation" => "Dissertation",
        "report" | "report-component" => "Report",
        "dataset" => "Dataset",
        _ => return None,
    })
}

fn creative_commons(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.strip_prefix("www.")
        .unwrap_or(rest)
        .to_ascii_lowercase()
        .starts_with("creativecommons.org/")
}

/// Is there a Creative Commons licence of a published or accepted version that is in force? It is,
/// for us, from its start on, as of when Crossref last looked at the work.
fn open_license(work: &Work<'_>) -> bool {
    if !work
        .raw("license")
        .is_some_and(|raw| raw.contains("reativecommons"))
    {
        return false;
    }
    let as_of = work.date("indexed");
    work.list("license").iter().any(|license| {
        let get = |key| license.get(key).and_then(json::string);
        let version = get("content-version");
        let start = license.get("start").and_then(crate::work::date_of);
        get("URL").is_some_and(|url| creative_commons(&url))
            && matches!(
                version.as_deref(),
                None | Some("vor" | "am" | "unspecified")
            )
            && match (start, as_of) {
                (Some(start), Some(as_of)) => start <= as_of,
                _ => true,
            }
    })
}

fn license(work: &Work<'_>) -> Option<String> {
    let urls: Vec<Cow<'_, str>> = work
        .list("license")
        .iter()
        .filter_map(|license| json::string(license.get("URL")?))
        .collect();
    let open = urls.iter().find(|url| creative_commons(url));
    open.or_else(|| urls.first()).map(|url| url.to_string())
}

/// A link to the full text as PDF that anybody may follow.
fn open_pdf(work: &Work<'_>, context: &Context<'_>) -> Option<String> {
    if !(work.raw("link")?.contains("pdf") && context.is_open(work)) {
        return None;
    }
    work.list("link").iter().find_map(|link| {
        let get = |key| link.get(key).and_then(json::string);
        let url = get("URL")?;
        let pdf = get("content-type").as_deref() == Some("application/pdf");
        let meant = get("intended-application").as_deref() != Some("similarity-checking");
        let version = matches!(get("content-version").as_deref(), None | Some("vor" | "am"));
        let public = url.starts_with("https://") && !url.contains("://api.");
        (pdf && meant && version && public).then(|| url.into_owned())
    })
}

fn funders(work: &Work<'_>) -> Option<String> {
    let each = work.list("funder").into_iter().filter_map(|funder| {
        let mut out = ObjectWriter::new();
        out.string("name", &plain(&json::string(funder.get("name")?)?));
        if let Some(doi) = funder.get("DOI").and_then(json::string) {
            out.string("doi", &doi);
        }
        let awards = json::elements(funder.get("award").unwrap_or_default());
        if !awards.is_empty() {
            out.raw("awards", &json::array(awards));
        }
        Some(out.finish())
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| json::array(each))
}
