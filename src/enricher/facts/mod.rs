//! What a work says, as JSON values: the right-hand side of the table of fields.
//!
//! Values are told as deposited, in the shape that a librarian would give them. What is evidently no
//! value (a placeholder, a wrong check digit, a licence for machines only) is not told.

mod access;
mod dates;
mod identifiers;
mod people;
mod places;
mod reads;
mod subtitles;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use super::markup::{plain, plain_abstract, plain_title};
use crate::json::{self, Object, ObjectWriter};
use crate::work::{Date, Work};
use access::Access;
pub(super) use dates::publication_date;
pub(super) use people::names;
pub(super) use places::{pages, volume_issue};
pub(super) use subtitles::full_title;

/// What a fact may depend on besides the work.
pub(super) struct Context<'a> {
    /// The record's DOI as the record writes it.
    pub(super) written: &'a str,
    /// Only dates with a day.
    pub(super) full_dates: bool,
    /// What is openly licensed? Told once, for all facts that depend on it.
    access: OnceCell<Access>,
}

impl<'a> Context<'a> {
    pub(super) fn new(written: &'a str, full_dates: bool) -> Self {
        Self {
            written,
            full_dates,
            access: OnceCell::new(),
        }
    }

    fn access(&self, work: &Work<'_>) -> Access {
        *self.access.get_or_init(|| Access::of(work))
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
    Title "title" = |work, _| quoted(plain_title(&work.first("title")?));
    FullTitle "full_title" = |work, _| quoted(full_title(work)?);
    Subtitle "subtitle" = |work, _| quoted(subtitles::subtitle(work)?);
    AuthorNames "author_names" = |work, _| quoted(names(&work.people("author"))?);
    Authors "authors" = |work, _| people::list(&work.people("author"));
    Editors "editors" = |work, _| people::list(&work.people("editor"));
    Doi "doi" = |_, context| quoted(context.written);
    DoiUrl "doi_url" = |_, context| {
        let doi = Some(context.written).filter(|doi| !doi.is_empty())?;
        quoted(["https://doi.org/", doi].concat())
    };
    Url "url" = |work, _| quoted(doi_url(work)?);
    Abstract "abstract" = |work, _| quoted(plain_abstract(&work.string("abstract")?)?);
    Journal "journal" = |work, _| quoted(journal(work)?);
    ContainerTitle "container_title" = |work, _| clean(work.first("container-title")?);
    ShortContainerTitle "short_container_title" = |work, _| clean(work.first("short-container-title")?);
    VolumeIssue "volume_issue" = |work, _| quoted(volume_issue(work)?);
    Volume "volume" = |work, _| quoted(places::volume(work)?);
    Issue "issue" = |work, _| quoted(places::issue(work)?);
    Pages "pages" = |work, _| quoted(pages(work)?);
    PagesOrArticle "pages_or_article" = |work, _| quoted(places::pages_or_article(work)?);
    ArticleNumber "article_number" = |work, _| quoted(places::article_number(work)?);
    PublicationDate "publication_date" = |work, context| dated(publication_date(work)?, context);
    Published "published" = |work, context| dated(dates::published(work)?, context);
    Year "year" = |work, _| dates::published(work).map(|date| date.year.to_string());
    PublishedOnline "published_online" = |work, context| dated(dates::known(work, "published-online")?, context);
    PublishedPrint "published_print" = |work, context| dated(dates::known(work, "published-print")?, context);
    EPubDate "epub_date" = |work, _| quoted(dates::epub_date(work)?.to_string());
    Type "type" = |work, _| quoted(work.string("type")?);
    PublicationType "publication_type" = |work, _| publication_type(work).map(json::quote);
    Publisher "publisher" = |work, _| clean(work.string("publisher")?);
    Issn "issn" = |work, _| list(&work.strings("ISSN"), identifiers::issn);
    IssnPrint "issn_print" = |work, _| issn_of(work, "print");
    IssnElectronic "issn_electronic" = |work, _| issn_of(work, "electronic");
    Isbn "isbn" = |work, _| list(&work.strings("ISBN"), identifiers::isbn);
    License "license" = |work, _| quoted(access::license(work)?);
    PdfUrl "pdf_url" = |work, context| quoted(access::pdf(work, context)?);
    IsOpenAccess "is_open_access" = |work, context| context.access(work).is_open().then(|| "true".to_owned());
    CitationCount "citation_count" = |work, _| work.count("is-referenced-by-count").map(|n| n.to_string());
    CitationText "citation_count_text" = |work, _| work.count("is-referenced-by-count").map(|n| format!("\"{n}\""));
    ReferenceCount "reference_count" = |work, _| {
        let count = work.count("references-count").or_else(|| work.count("reference-count"));
        count.map(|n| n.to_string())
    };
    Funders "funders" = |work, _| funders(work);
    Event "event" = |work, _| clean(json::string(work.nested("event")?.get("name")?)?);
    LandingPage "landing_page" = |work, _| {
        let primary = Object::parse(work.nested("resource")?.get("primary")?).ok()?;
        quoted(access::address(json::string(primary.get("URL")?)?)?)
    };
    Language "language" = |work, _| quoted(work.string("language")?.trim());
    Subtype "subtype" = |work, _| quoted(work.string("subtype")?.trim());
}

fn quoted(text: impl AsRef<str>) -> Option<String> {
    Some(json::quote(text.as_ref())).filter(|raw| !json::is_missing(raw))
}

fn clean(text: Cow<'_, str>) -> Option<String> {
    quoted(plain(&text))
}

/// Each of the values as `read` has it, once.
fn list<'a>(
    values: &'a [Cow<'_, str>],
    read: fn(&'a str) -> Option<Cow<'a, str>>,
) -> Option<String> {
    let read = values.iter().filter_map(|value| read(value));
    strings(&read.collect::<Vec<_>>())
}

/// The ISSN of the edition of this kind.
fn issn_of(work: &Work<'_>, kind: &str) -> Option<String> {
    let mut each = work.list("issn-type").into_iter();
    each.find_map(|one| {
        let text = |key| one.get(key).and_then(json::string);
        let value = text("value").filter(|_| text("type").as_deref() == Some(kind))?;
        quoted(identifiers::issn(&value)?)
    })
}

/// The strings, each once.
fn strings(values: &[Cow<'_, str>]) -> Option<String> {
    let mut seen = HashSet::new();
    let mut values = values.iter().map(AsRef::as_ref).peekable();
    values.peek()?;
    let once = values.filter(|value| seen.insert(*value));
    Some(json::array(once.map(json::quote)))
}

fn dated(date: Date, context: &Context<'_>) -> Option<String> {
    (date.day.is_some() || !context.full_dates).then(|| json::quote(&date.to_string()))
}

/// [`plain`] of a text that may be lent.
fn plain_of(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => plain(text),
        Cow::Owned(text) => Cow::Owned(plain(&text).into_owned()),
    }
}

/// The journal of an article.
pub(super) fn journal<'a>(work: &Work<'a>) -> Option<Cow<'a, str>> {
    if work.string("type")? != "journal-article" {
        return None;
    }
    Some(plain_of(work.first("container-title")?))
}

/// The work's `URL`. Works of older data files have the address that Crossref gave up in 2017.
fn doi_url<'a>(work: &Work<'a>) -> Option<Cow<'a, str>> {
    let url = access::address(work.string("URL")?)?;
    let old = [
        "http://dx.doi.org/",
        "https://dx.doi.org/",
        "http://doi.org/",
    ];
    let path = old.iter().find_map(|old| url.strip_prefix(old));
    match path {
        Some(path) => Some(format!("https://doi.org/{path}").into()),
        None => Some(url),
    }
}

fn publication_type(work: &Work<'_>) -> Option<&'static str> {
    Some(match work.string("type")?.as_ref() {
        "journal-article" => "Journal Article",
        "proceedings-article" => "Conference Paper",
        "book-chapter" | "book-section" | "book-part" | "reference-entry" => "Book Chapter",
        "book" | "monograph" | "edited-book" | "reference-book" => "Book",
        // Blog posts are posted, too. Only whole answers tell.
        "posted-content" => match work.string("subtype").as_deref() {
            None | Some("preprint") => "Preprint",
            _ => return None,
        },
        "dissertation" => "Dissertation",
        "report" | "report-component" => "Report",
        "dataset" => "Dataset",
        _ => return None,
    })
}

fn funders(work: &Work<'_>) -> Option<String> {
    let each = work.list("funder").into_iter().filter_map(|funder| {
        let name = json::string(funder.get("name")?)?;
        let name = plain(&name);
        if name.is_empty() {
            return None;
        }
        let mut out = ObjectWriter::new();
        out.string("name", &name);
        if let Some(doi) = funder.get("DOI").and_then(json::string) {
            out.string("doi", &doi);
        }
        let awards = json::elements(funder.get("award").unwrap_or_default());
        let awards = awards.into_iter().filter_map(json::string).map(plain_of);
        let awards: Vec<_> = awards.filter(|award| places::is_said(award)).collect();
        if let Some(awards) = strings(&awards) {
            out.raw("awards", &awards);
        }
        Some(out.finish())
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| json::array(each))
}

#[cfg(test)]
mod tests;
