use super::*;

/// A fact of a work of which only `members` are known; the JSON text, or nothing.
pub(super) fn told(fact: Fact, members: &str) -> String {
    let text = format!("{{{members}}}");
    let work = Work::parse(&text).unwrap();
    let context = Context::new("10.5555/Written", false);
    fact.value(&work, &context).unwrap_or_default()
}

pub(super) fn quoted_or_none(text: &str) -> String {
    match text {
        "" => String::new(),
        text => json::quote(text),
    }
}

#[track_caller]
pub(super) fn all(fact: Fact, cases: &[(&str, &str)]) {
    for (members, expected) in cases {
        assert_eq!(told(fact, members), quoted_or_none(expected), "{members}");
    }
}

#[test]
fn lists_say_all_once() {
    // 10.2307/jj.285032.16: one book, two forms
    let books =
        r#""ISBN":["9781805430452","1805430459"],"ISSN":["2041-210X","2041-210X","badissn"]"#;
    assert_eq!(told(Fact::Isbn, books), r#"["9781805430452"]"#);
    assert_eq!(told(Fact::Issn, books), r#"["2041-210X"]"#);
    assert_eq!(told(Fact::Issn, r#""ISSN":["1234-5678"]"#), "");
    // 10.1130/g38665.1, and one whose check digit is wrong
    let editions = r#""issn-type":[{"value":"1943-2683","type":"electronic"},{"value":"0091-7613","type":"print"},
        {"value":" 1943-2682","type":"electronic"},7,{"type":"print"}]"#;
    assert_eq!(told(Fact::IssnPrint, editions), "\"0091-7613\"");
    assert_eq!(told(Fact::IssnElectronic, editions), "\"1943-2682\"");
    assert_eq!(
        told(
            Fact::Funders,
            r#""funder":[{"name":"ANR","award":["ANR-18-RHUS-0001","NA","ANR-18-RHUS-0001"," ",7]},
            {"award":["x"]},{"name":"<i></i>"},{"name":"NSF &amp; co","DOI":"10.13039/100000001"}]"#
        ),
        r#"[{"name":"ANR","awards":["ANR-18-RHUS-0001"]},{"name":"NSF & co","doi":"10.13039/100000001"}]"#
    );
}

#[test]
fn kinds_of_works() {
    all(
        Fact::PublicationType,
        &[
            (r#""type":"journal-article""#, "Journal Article"),
            (r#""type":"proceedings-article""#, "Conference Paper"),
            (r#""type":"reference-entry""#, "Book Chapter"),
            (r#""type":"edited-book""#, "Book"),
            (r#""type":"dissertation""#, "Dissertation"),
            (r#""type":"report""#, "Report"),
            (r#""type":"dataset""#, "Dataset"),
            (r#""type":"posted-content""#, "Preprint"),
            (
                r#""type":"posted-content","subtype":"preprint""#,
                "Preprint",
            ),
            // 10.53731/r9nqx6h-97aq74v-ag7bw, 10.5194/essd-2022-443-supplement
            (r#""type":"posted-content","subtype":"blog""#, ""),
            (r#""type":"posted-content","subtype":"other""#, ""),
            (r#""type":"peer-review""#, ""),
            (r#""type":null"#, ""),
        ],
    );
}

#[test]
fn addresses_titles_and_what_only_whole_answers_say() {
    all(
        Fact::Url,
        &[
            (
                r#""URL":"https://doi.org/10.5555/a""#,
                "https://doi.org/10.5555/a",
            ),
            (
                r#""URL":"http://dx.doi.org/10.1155/2014/950898""#,
                "https://doi.org/10.1155/2014/950898",
            ),
            (r#""URL":"10.5555/a""#, ""),
        ],
    );
    let whole = r#""resource":{"primary":{"URL":"https://x.edu/a?b&amp;c"}},"language":"en","subtype":"preprint""#;
    assert_eq!(told(Fact::LandingPage, whole), "\"https://x.edu/a?b&c\"");
    assert_eq!(told(Fact::LandingPage, r#""resource":{"primary":{}}"#), "");
    assert_eq!(told(Fact::Language, whole), "\"en\"");
    assert_eq!(told(Fact::Subtype, whole), "\"preprint\"");
    all(
        Fact::FullTitle,
        &[
            (
                r#""title":["Errors in Surgery"],"subtitle":["A Case Control Study"]"#,
                "Errors in Surgery: A Case Control Study",
            ),
            (r#""title":[]"#, ""),
        ],
    );
    assert_eq!(
        told(
            Fact::Journal,
            r#""type":"book-chapter","container-title":["A book"]"#
        ),
        ""
    );
}
