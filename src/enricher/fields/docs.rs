//! `docs/fields.md`, made from the table of fields: `CROSSFILL_WRITE_DOCS=1 cargo test fields_md`.

use std::fmt::Write;

use super::super::facts::Fact;
use super::super::rules::Source;
use super::{Profile, SCHOLARS_OWN};

/// What a fact is, in a line.
fn described(fact: Fact) -> &'static str {
    match fact {
        Fact::Title => "the title, without markup",
        Fact::FullTitle => {
            "title, `: ` and subtitle, unless the title has it already or it is a running head"
        }
        Fact::Subtitle => "the subtitle",
        Fact::AuthorNames => {
            "`Given Family[ Suffix]`, joined by `, `; by `; ` if a name holds a comma"
        }
        Fact::Authors => "list of `{given, family, name, suffix, orcid, affiliations}`",
        Fact::Editors => "the same for editors",
        Fact::Doi => "the record's DOI, in its own case",
        Fact::DoiUrl => "`https://doi.org/` and the record's DOI, in its own case",
        Fact::Url => "the work's `URL`: its DOI as a link",
        Fact::Abstract => "plain text; `No abstract` and the like are none",
        Fact::Journal => "the journal's name, for articles in one",
        Fact::ContainerTitle => {
            "journal, book or series; of a book and its series, the one deposited first"
        }
        Fact::ShortContainerTitle => "the same, abbreviated",
        Fact::VolumeIssue => "`VOL ISSUE` or `VOL`; never an issue alone",
        Fact::Volume => "the volume",
        Fact::Issue => "the issue",
        Fact::Pages => "`222-234`; `5-5` is `5`",
        Fact::PagesOrArticle => "the pages; without any, `Article` and its number",
        Fact::ArticleNumber => "the article's number",
        Fact::PublicationDate => {
            "`issued`, made finer by an online or print date of the same month"
        }
        Fact::Published => "`issued`, else `published`, the online or the print date",
        Fact::Year => "its year, a number",
        Fact::PublishedOnline => "the online date",
        Fact::PublishedPrint => "the print date",
        Fact::EPubDate => "the online date with a day, not more than 12 months after print",
        Fact::Type => "Crossref's type, such as `journal-article`",
        Fact::PublicationType => {
            "Journal Article, Conference Paper, Book Chapter, Book, Preprint, Dissertation, Report, Dataset; what is posted is a Preprint unless a whole work says otherwise"
        }
        Fact::Publisher => "the publisher",
        Fact::Issn => "list of ISSNs",
        Fact::IssnPrint => "the ISSN of the printed edition",
        Fact::IssnElectronic => "the ISSN of the electronic edition",
        Fact::Isbn => "list of ISBNs",
        Fact::License => "the licence's URL; Creative Commons before others",
        Fact::PdfUrl => {
            "full text as PDF that anybody may read, under a Creative Commons licence in force"
        }
        Fact::IsOpenAccess => "`true` under such a licence; else nothing",
        Fact::CitationCount => "how often the work is cited, a number",
        Fact::CitationText => "the same, as a text",
        Fact::ReferenceCount => "how many works it cites",
        Fact::Funders => "list of `{name, doi, awards}`",
        Fact::Event => "the conference's name",
        Fact::LandingPage => "the publisher's page",
        Fact::Language => "ISO 639 code, as deposited",
        Fact::Subtype => "Crossref's subtype, such as `preprint`",
    }
}

fn page() -> String {
    let mut out = String::from(HEAD);
    for (name, profile, text) in [
        ("scholar", Profile::scholar(), scholar_text()),
        ("crossref", Profile::crossref(), CROSSREF_TEXT.to_owned()),
    ] {
        let add = if profile.add { "added" } else { "not added" };
        write!(
            out,
            "\n## Profile `{name}`\n\n{text} Keys that a record does not have are {add}.\n\n"
        )
        .unwrap();
        out.push_str("| field | filled from | differences are told |\n|---|---|---|\n");
        for row in &profile.rows {
            let Source::Fact(fact) = row.source else {
                unreachable!()
            };
            let compared = if row.comparison.is_some() { "yes" } else { "" };
            writeln!(out, "| `{}` | `{}` | {compared} |", row.name, fact.name()).unwrap();
        }
    }
    out.push_str("\n## Facts\n\n| fact | what it says |\n|---|---|\n");
    for fact in Fact::ALL {
        let whole = match Source::Fact(*fact).needs() {
            Some(_) => " (asks for whole works)",
            None => "",
        };
        writeln!(out, "| `{}` | {}{whole} |", fact.name(), described(*fact)).unwrap();
    }
    out
}

fn scholar_text() -> String {
    let keys: Vec<String> = SCHOLARS_OWN.iter().map(|key| format!("`{key}`")).collect();
    format!(
        "Records with three or more of the keys {}.",
        keys.join(", ")
    )
}

const CROSSREF_TEXT: &str = "All other records.";

const HEAD: &str = "# Fields

<!-- Made from the table of fields in src/enricher/fields.rs by its test; change it there. -->

A field is filled if it is **missing**: absent, `null`, `\"\"`, blank, `[]` or `{}`; and only from a work that is
the same work as the record. The record's note says which fields were filled. Where a record has a value
that a person would call different from Crossref's, the note tells it under `differs`; the value stays.

With `profile = \"auto\"` each record is of the profile that its keys say.

## Your own: `[fields]`

```toml
[fields]
year = \"year\"                                                 # a fact (below) fills a new field
journal.issn = \"/ISSN/0\"                                      # a JSON Pointer into the work
citationCount = { policy = \"own\" }                            # another policy for a field of a profile
publisher = { missing = [\"unknown\", \"N/A\", 0] }               # values that count as missing, too
abstract = { from = \"abstract\", policy = \"never\" }
```

A name with dots is a path, a key a level. Where a profile has the field, it changes there; a name that no
profile has is a new field of all records, after the others.

What a record has in a field that titles, authors, dates or pages would fill also tells whether the work is the
same one; so name these fields if your records call them otherwise.

| policy | a value is put there |
|---|---|
| `missing` | if there is none (the default) |
| `own` | also where an earlier run filled it and Crossref says something else by now |
| `refresh` | whenever Crossref says something else; a citation count never becomes lower |
| `never` | never |

The texts and lists of texts that a pointer leads to lose their markup like titles do; objects stay as they are. References are not kept, so no pointer leads there.
Lists of works leave out a few members to be fast; a field that needs one of them makes the run ask for
whole works, and for those again that the store does not hold whole.
";

#[test]
fn fields_md_is_made_from_the_table() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fields.md");
    if std::env::var_os("CROSSFILL_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page());
}
