//! The table of fields: for each profile, which value of a record is filled from which fact.

use std::fmt;

use super::differs::Comparison;
use super::facts::Fact;
use super::rules::{Policy, Source, says_nothing};
use crate::record::{Record, Slot};

/// One field of a record.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The path, dotted: the field's name in notes and summaries.
    pub(super) name: &'static str,
    /// The same, a key a level.
    pub(super) path: Vec<&'static str>,
    /// What fills it.
    pub(super) source: Source,
    /// When.
    pub(super) policy: Policy,
    /// Values that are as good as none here, as JSON text.
    pub(super) missing: Vec<String>,
    /// How its own value is compared with Crossref's, if it is.
    pub(super) comparison: Option<Comparison>,
}

impl Row {
    /// What the record has of this field.
    pub(super) fn slot<'a>(&self, record: &Record<'a>) -> Slot<'a> {
        match record.slot(&self.path) {
            Slot::Value(raw) if says_nothing(raw, &self.missing) => Slot::Missing,
            slot => slot,
        }
    }
}

/// A family of records: its fields, and whether absent keys are added.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) rows: Vec<Row>,
    /// Add keys that a record does not have.
    pub(super) add: bool,
    /// Dates are filled only with a day.
    pub(super) full_dates: bool,
    pub(super) evidence: EvidencePaths,
}

/// Where a record holds what tells whether it is the same work.
#[derive(Debug, Clone, Copy)]
pub(super) struct EvidencePaths {
    pub(super) authors: &'static [&'static str],
    pub(super) date: &'static [&'static str],
    pub(super) pages: &'static [&'static str],
}

/// Which profile a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProfileChoice {
    /// By its keys, record by record.
    #[default]
    Auto,
    /// Always `scholar`.
    Scholar,
    /// Always `crossref`.
    Crossref,
}

impl ProfileChoice {
    /// The names in the configuration.
    pub const NAMES: [&str; 3] = ["auto", "scholar", "crossref"];

    /// By its name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            "scholar" => Some(Self::Scholar),
            "crossref" => Some(Self::Crossref),
            _ => None,
        }
    }
}

impl fmt::Display for ProfileChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Scholar => "scholar",
            Self::Crossref => "crossref",
        })
    }
}

type Line = (&'static str, Fact, Option<Comparison>);

#[rustfmt::skip]
const SCHOLAR: &[Line] = &[
    ("title",            Fact::FullTitle,       Some(Comparison::Title)),
    ("authors",          Fact::AuthorNames,     Some(Comparison::Authors)),
    ("doi",              Fact::Doi,             None),
    ("DOIUrl",           Fact::DoiUrl,          None),
    ("ListUrlMain",      Fact::DoiUrl,          None),
    ("url",              Fact::Url,             None),
    ("abstract",         Fact::Abstract,        None),
    ("journal.name",     Fact::Journal,         Some(Comparison::JournalName)),
    ("PeriodicalName",   Fact::Journal,         None),
    ("journal.volume",   Fact::VolumeIssue,     Some(Comparison::Volume)),
    ("journal.pages",    Fact::PagesOrArticle,  Some(Comparison::Pages)),
    ("publicationDate",  Fact::PublicationDate, Some(Comparison::Date)),
    ("publicationTypes", Fact::PublicationType, None),
    ("EPubDate",         Fact::EPubDate,        None),
    ("citationCount",    Fact::CitationText,    None),
    ("openAccessPdf",    Fact::PdfUrl,          None),
    ("isOpenAccess",     Fact::IsOpenAccess,    None),
];

#[rustfmt::skip]
const CROSSREF: &[Line] = &[
    ("doi",                   Fact::Doi,                 None),
    ("type",                  Fact::Type,                None),
    ("title",                 Fact::Title,               Some(Comparison::Title)),
    ("subtitle",              Fact::Subtitle,            None),
    ("authors",               Fact::Authors,             None),
    ("editors",               Fact::Editors,             None),
    ("container_title",       Fact::ContainerTitle,      None),
    ("short_container_title", Fact::ShortContainerTitle, None),
    ("volume",                Fact::Volume,              None),
    ("issue",                 Fact::Issue,               None),
    ("pages",                 Fact::Pages,               None),
    ("article_number",        Fact::ArticleNumber,       None),
    ("published",             Fact::Published,           None),
    ("published_online",      Fact::PublishedOnline,     None),
    ("published_print",       Fact::PublishedPrint,      None),
    ("publisher",             Fact::Publisher,           None),
    ("issn",                  Fact::Issn,                None),
    ("isbn",                  Fact::Isbn,                None),
    ("abstract",              Fact::Abstract,            None),
    ("license",               Fact::License,             None),
    ("url",                   Fact::Url,                 None),
    ("pdf_url",               Fact::PdfUrl,              None),
    ("citation_count",        Fact::CitationCount,       None),
    ("reference_count",       Fact::ReferenceCount,      None),
    ("funders",               Fact::Funders,             None),
    ("event",                 Fact::Event,               None),
];

/// Three of these make a record one of profile `scholar`.
const SCHOLARS_OWN: &[&str] = &[
    "DOIUrl",
    "PeriodicalId",
    "PeriodicalName",
    "PeriodicalIF",
    "publicationDate",
    "publicationTypes",
    "openAccessPdf",
    "citationCount",
    "EPubDate",
    "ListUrlMain",
    "RegionNum",
    "isOpenAccess",
    "fieldsOfStudy",
];

fn rows(lines: &[Line]) -> Vec<Row> {
    let row = |(name, fact, comparison): &Line| Row {
        name,
        path: name.split('.').collect(),
        source: Source::Fact(*fact),
        policy: Policy::Missing,
        missing: Vec::new(),
        comparison: *comparison,
    };
    lines.iter().map(row).collect()
}

impl Profile {
    /// Records of a scholarly aggregator, 33 keys each; no absent key is added.
    pub fn scholar() -> Self {
        Self {
            rows: rows(SCHOLAR),
            add: false,
            full_dates: false,
            evidence: EvidencePaths {
                authors: &["authors"],
                date: &["publicationDate"],
                pages: &["journal", "pages"],
            },
        }
    }

    /// Any other record: keys named after Crossref's; absent ones are added.
    pub fn crossref() -> Self {
        Self {
            rows: rows(CROSSREF),
            add: true,
            full_dates: false,
            evidence: EvidencePaths {
                authors: &["authors"],
                date: &["published"],
                pages: &["pages"],
            },
        }
    }

    /// Whether keys that a record does not have are added.
    #[must_use]
    pub fn adding(mut self, add: bool) -> Self {
        self.add = add;
        self
    }

    /// Whether dates are filled only with a day.
    #[must_use]
    pub fn with_full_dates(mut self, full: bool) -> Self {
        self.full_dates = full;
        self
    }
}

/// Has `record` three keys that only records of profile `scholar` have?
pub(super) fn is_scholar(record: &Record<'_>) -> bool {
    let own = |name: &&&str| record.has(name);
    SCHOLARS_OWN.iter().filter(own).take(3).count() == 3
}

#[cfg(test)]
mod docs;
