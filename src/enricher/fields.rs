//! The table of fields: for each profile, which value of a record is filled from which fact.

use std::fmt;

use super::Present;
use super::differs::Comparison;
use super::facts::Fact;
use super::rules::{Policy, Source, says_nothing};
use crate::json;
use crate::record::{Record, Slot};

/// One field of a record.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The path, dotted: the field's name in notes and summaries.
    pub(super) name: &'static str,
    /// The same as JSON.
    pub(super) quoted: String,
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
            // What tells the DOI is the DOI's field, in whatever case it is written.
            Slot::Absent if self.source.is(Fact::Doi) && self.name == "doi" => {
                let written = record.get_in_any_case("doi");
                written.map_or(Slot::Absent, Slot::Value)
            }
            slot => slot,
        }
    }
}

/// A family of records: its fields, and whether absent keys are added.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) name: &'static str,
    pub(super) rows: Vec<Row>,
    /// Add keys that a record does not have.
    pub(super) add: bool,
    /// Dates are filled only with a day.
    pub(super) full_dates: bool,
    pub(super) evidence: EvidenceRows,
    /// Keys of which three make a record one of this profile.
    pub(super) signs: Vec<&'static str>,
}

/// The rows that hold what tells whether a record is of the same work, by their places in the table.
#[derive(Debug, Clone, Default)]
pub(super) struct EvidenceRows {
    pub(super) titles: Vec<usize>,
    pub(super) authors: Vec<usize>,
    pub(super) dates: Vec<usize>,
    pub(super) pages: Vec<usize>,
}

impl EvidenceRows {
    /// The rows of the kind of `fact`.
    fn of_kind(&mut self, fact: Fact) -> Option<&mut Vec<usize>> {
        Some(match fact {
            Fact::Title | Fact::FullTitle => &mut self.titles,
            Fact::Authors | Fact::AuthorNames => &mut self.authors,
            Fact::Published | Fact::PublicationDate | Fact::Year => &mut self.dates,
            Fact::Pages | Fact::PagesOrArticle => &mut self.pages,
            _ => return None,
        })
    }

    /// The row at `at` is filled from `fact`: what a record has there is of that kind. What was of a
    /// kind stays so if the fact is of none.
    fn note(&mut self, fact: Fact, at: usize) {
        if self.of_kind(fact).is_none() {
            return;
        }
        for rows in [
            &mut self.titles,
            &mut self.authors,
            &mut self.dates,
            &mut self.pages,
        ] {
            rows.retain(|other| *other != at);
        }
        if let Some(rows) = self.of_kind(fact) {
            rows.push(at);
        }
    }
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
    pub const NAMES: [&str; 3] = ["auto", Profile::SCHOLAR, Profile::CROSSREF];

    /// By its name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            Profile::SCHOLAR => Some(Self::Scholar),
            Profile::CROSSREF => Some(Self::Crossref),
            _ => None,
        }
    }
}

impl fmt::Display for ProfileChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Scholar => Profile::SCHOLAR,
            Self::Crossref => Profile::CROSSREF,
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

impl Profile {
    /// The name of the one profile.
    pub(crate) const SCHOLAR: &str = "scholar";
    /// The name of the other.
    pub(crate) const CROSSREF: &str = "crossref";

    fn of(name: &'static str, lines: &[Line], add: bool) -> Self {
        let mut profile = Self {
            name,
            rows: Vec::new(),
            add,
            full_dates: false,
            evidence: EvidenceRows::default(),
            signs: Vec::new(),
        };
        for (name, fact, comparison) in lines {
            profile.push(Row {
                name,
                quoted: json::quote(name),
                path: name.split('.').collect(),
                source: Source::Fact(*fact),
                policy: Policy::Missing,
                missing: Vec::new(),
                comparison: *comparison,
            });
        }
        profile
    }

    /// Adds a row after the others.
    pub(super) fn push(&mut self, row: Row) {
        if let Source::Fact(fact) = row.source {
            self.evidence.note(fact, self.rows.len());
        }
        self.rows.push(row);
    }

    /// What fills the field `name` has changed.
    pub(super) fn note_evidence(&mut self, name: &str) {
        if let Some(at) = self.rows.iter().position(|row| row.name == name)
            && let Some(Source::Fact(fact)) = self.rows.get(at).map(|row| &row.source)
        {
            self.evidence.note(*fact, at);
        }
    }

    /// The rows that hold what tells whether a record is of the same work.
    pub(super) fn evidence_rows(&self) -> impl Iterator<Item = &Row> {
        let EvidenceRows {
            titles,
            authors,
            dates,
            pages,
        } = &self.evidence;
        let all = [titles, authors, dates, pages].into_iter().flatten();
        all.filter_map(|at| self.rows.get(*at))
    }

    /// The rows that hold a title.
    pub(super) fn titles(&self) -> impl Iterator<Item = &Row> {
        let titles = self.evidence.titles.iter();
        titles.filter_map(|at| self.rows.get(*at))
    }

    /// The fields of its table, in order.
    pub(crate) fn field_names(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().map(|row| row.name)
    }

    /// What `record` has of the field of this name, as JSON.
    pub(crate) fn value_of<'a>(&self, record: &Record<'a>, name: &str) -> Option<&'a str> {
        let row = self.rows.iter().find(|row| row.name == name)?;
        match row.slot(record) {
            Slot::Value(raw) => Some(raw),
            _ => None,
        }
    }

    /// Which fields `record` has.
    pub(super) fn present_in(&self, record: &Record<'_>) -> Present {
        let mut present = Present::default();
        for (at, row) in self.rows.iter().enumerate() {
            if matches!(row.slot(record), Slot::Value(_)) {
                present.set(at);
            }
        }
        present
    }

    /// The field that is a part of the one at `path`, or that it is a part of: not both can be filled.
    pub(super) fn in_the_way(&self, path: &[&str]) -> Option<&'static str> {
        let nested = |row: &&Row| {
            row.path.len() != path.len()
                && row.path.iter().zip(path).all(|(one, other)| one == other)
        };
        self.rows.iter().find(nested).map(|row| row.name)
    }

    /// Records of a scholarly aggregator, 33 keys each; no absent key is added.
    pub fn scholar() -> Self {
        Self {
            signs: SCHOLARS_OWN.to_vec(),
            ..Self::of(Self::SCHOLAR, SCHOLAR, false)
        }
    }

    /// Any other record: keys named after Crossref's; absent ones are added.
    pub fn crossref() -> Self {
        Self::of(Self::CROSSREF, CROSSREF, true)
    }

    /// Has `record` three keys that only records of this profile have?
    pub(super) fn is_of(&self, record: &Record<'_>) -> bool {
        let own = |name: &&&str| record.has(name);
        self.signs.iter().filter(own).take(3).count() == 3
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

#[cfg(test)]
mod docs;
