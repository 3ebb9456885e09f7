//! Where in a work each fact stands: for whoever asks where a value comes from.

use super::Fact;

impl Fact {
    /// The members of a work whose values it tells, the most telling first. None: it tells something of
    /// the record.
    pub(in crate::enricher) fn reads(self) -> &'static [&'static str] {
        match self {
            Self::Title => &["title"],
            Self::FullTitle => &["title", "subtitle"],
            Self::Subtitle => &["subtitle"],
            Self::AuthorNames | Self::Authors => &["author"],
            Self::Editors => &["editor"],
            Self::Doi | Self::DoiUrl => &[],
            Self::Url => &["URL"],
            Self::Abstract => &["abstract"],
            Self::Journal | Self::ContainerTitle => &["container-title"],
            Self::ShortContainerTitle => &["short-container-title"],
            Self::VolumeIssue => &["volume", "issue"],
            Self::Volume => &["volume"],
            Self::Issue => &["issue"],
            Self::Pages => &["page"],
            Self::PagesOrArticle => &["page", "article-number"],
            Self::ArticleNumber => &["article-number"],
            Self::PublicationDate => &["issued", "published-online", "published-print"],
            Self::Published | Self::Year => {
                &["issued", "published", "published-online", "published-print"]
            }
            Self::PublishedOnline | Self::EPubDate => &["published-online"],
            Self::PublishedPrint => &["published-print"],
            Self::Type | Self::PublicationType => &["type"],
            Self::Publisher => &["publisher"],
            Self::Issn => &["ISSN"],
            Self::IssnPrint | Self::IssnElectronic => &["issn-type"],
            Self::Isbn => &["ISBN"],
            Self::License | Self::IsOpenAccess => &["license"],
            Self::PdfUrl => &["link"],
            Self::CitationCount | Self::CitationText => &["is-referenced-by-count"],
            Self::ReferenceCount => &["references-count"],
            Self::Funders => &["funder"],
            Self::Event => &["event"],
            Self::LandingPage => &["resource"],
            Self::Language => &["language"],
            Self::Subtype => &["subtype"],
        }
    }

    /// The members that it looks at besides, to tell whether those say something.
    #[cfg(test)]
    fn weighs(self) -> &'static [&'static str] {
        match self {
            Self::Subtitle => &["title"],
            Self::Journal => &["type"],
            Self::Pages | Self::PagesOrArticle => &["volume", "issue"],
            Self::PublicationDate
            | Self::Published
            | Self::Year
            | Self::PublishedOnline
            | Self::PublishedPrint
            | Self::License
            | Self::IsOpenAccess => &["indexed"],
            Self::EPubDate => &["indexed", "published-print"],
            Self::PublicationType => &["subtype"],
            Self::PdfUrl => &["license", "indexed"],
            Self::ReferenceCount => &["reference-count"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::Context;
    use super::*;
    use crate::work::Work;

    fn value(fact: Fact, work: &serde_json::Value) -> Option<String> {
        let text = work.to_string();
        let work = Work::parse(&text).unwrap();
        fact.value(&work, &Context::new("10.5555/12345678", false))
    }

    #[test]
    fn facts_stand_where_they_say() {
        let packed = include_bytes!("../../../tests/data/crossref/0.jsonl.gz");
        let mut works = String::new();
        let mut unpacked = flate2::read::MultiGzDecoder::new(packed.as_slice());
        unpacked.read_to_string(&mut works).unwrap();
        // What no work of these has.
        works.push_str(
            r#"{"abstract":"<jats:p>What this work is about, in a sentence or two.</jats:p>","event":{"name":"A conference"},"resource":{"primary":{"URL":"https://example.org/a"}},"language":"en","subtype":"preprint","type":"posted-content"}"#,
        );
        for fact in Fact::ALL {
            let mut told = 0;
            for work in works.lines() {
                let whole: serde_json::Value = serde_json::from_str(work).unwrap();
                let Some(value_of_whole) = value(*fact, &whole) else {
                    continue;
                };
                told += 1;
                let mut part = whole.clone();
                let members = part.as_object_mut().unwrap();
                members.retain(|key, _| {
                    fact.reads().contains(&key.as_str()) || fact.weighs().contains(&key.as_str())
                });
                assert_eq!(
                    value(*fact, &part),
                    Some(value_of_whole),
                    "{} says less of {part}",
                    fact.name()
                );
                if !fact.reads().is_empty() {
                    let members = part.as_object_mut().unwrap();
                    members.retain(|key, _| !fact.reads().contains(&key.as_str()));
                    let without = value(*fact, &part);
                    assert!(
                        without.is_none() || *fact == Fact::ReferenceCount,
                        "{} needs none of {:?}",
                        fact.name(),
                        fact.reads()
                    );
                }
            }
            assert!(told > 0, "{} is never told", fact.name());
        }
    }
}
