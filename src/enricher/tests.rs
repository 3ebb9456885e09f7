use super::*;

const WORK: &str = r#"{"DOI":"10.5555/12345678","type":"journal-article",
    "title":["Toward a Unified Theory of &lt;i&gt;High-Energy&lt;/i&gt; Metaphysics"],"subtitle":["Silly String"],
    "author":[{"given":"Josiah","family":"Carberry","suffix":"Jr","ORCID":"http://orcid.org/0000-0002-1825-0097","affiliation":[{"name":"Brown University"}]},{"name":"The Psychoceramics Group"}],
    "container-title":["Journal of Psychoceramics"],"volume":"5","issue":"11","page":"1-3",
    "issued":{"date-parts":[[2008,8]]},"published-online":{"date-parts":[[2008,8,13]]},
    "published-print":{"date-parts":[[2008,8]]},"is-referenced-by-count":7,
    "URL":"https://doi.org/10.5555/12345678","publisher":"Society of Psychoceramics","ISSN":["0264-3561"],
    "license":[{"URL":"https://creativecommons.org/licenses/by/4.0/","content-version":"vor","start":{"date-parts":[[2008,8,13]]}}],
    "link":[{"URL":"https://x.edu/check.pdf","content-type":"application/pdf","intended-application":"similarity-checking"},
            {"URL":"https://x.edu/a.pdf","content-type":"application/pdf","content-version":"vor","intended-application":"text-mining"}]}"#;

fn run(record: &str, work: &str, profile: &Profile) -> (Status, String) {
    let (record, work) = (Record::parse(record).unwrap(), Work::parse(work).unwrap());
    let enriched = enrich(&record, &work, profile);
    let note = enriched.note.as_deref().map(|note| ("_crossfill", note));
    let mut out = Vec::new();
    record.write(&enriched.patch, note, &mut out);
    (enriched.status, String::from_utf8(out).unwrap())
}

#[test]
fn a_scholar_record_gets_its_holes_filled_and_no_key_added() {
    let (status, out) = run(
        r#"{"title":"","authors":"","doi":"10.5555/12345678","DOIUrl":null,"url":null,"journal":null,"publicationDate":"","publicationTypes":null,"isOpenAccess":null,"openAccessPdf":"","citationCount":null,"PeriodicalName":null,"EPubDate":"","PeriodicalIF":0.5000}"#,
        WORK,
        &Profile::scholar(),
    );
    assert_eq!(status, Status::Enriched);
    assert_eq!(
        out,
        r#"{"title":"Toward a Unified Theory of High-Energy Metaphysics: Silly String","authors":"Josiah Carberry Jr, The Psychoceramics Group","doi":"10.5555/12345678","DOIUrl":"https://doi.org/10.5555/12345678","url":"https://doi.org/10.5555/12345678","journal":{"name":"Journal of Psychoceramics","volume":"5 11","pages":"1-3"},"publicationDate":"2008-08-13","publicationTypes":"Journal Article","isOpenAccess":true,"openAccessPdf":"https://x.edu/a.pdf","citationCount":"7","PeriodicalName":"Journal of Psychoceramics","EPubDate":"2008-08-13","PeriodicalIF":0.5000,"_crossfill":{"status":"enriched","doi":"10.5555/12345678","filled":["title","authors","DOIUrl","url","journal.name","PeriodicalName","journal.volume","journal.pages","publicationDate","publicationTypes","EPubDate","citationCount","openAccessPdf","isOpenAccess"]}}"#
    );
}

#[test]
fn other_records_get_crossrefs_keys_in_the_order_of_the_table() {
    let (_, out) = run(
        r#"{"doi":"10.5555/12345678","volume":null}"#,
        WORK,
        &Profile::crossref(),
    );
    assert!(
        out.starts_with(
            r#"{"doi":"10.5555/12345678","volume":"5","type":"journal-article","title":"Toward"#
        ),
        "{out}"
    );
    assert!(out.contains(r#""authors":[{"given":"Josiah","family":"Carberry","suffix":"Jr","orcid":"https://orcid.org/0000-0002-1825-0097","affiliations":["Brown University"]},{"name":"The Psychoceramics Group"}]"#), "{out}");
    assert!(
        out.contains(r#""published":"2008-08","published_online":"2008-08-13""#),
        "{out}"
    );
    assert!(out.contains(r#""citation_count":7"#), "{out}");
}

#[test]
fn what_is_there_stays_and_real_differences_are_told() {
    let (status, out) = run(
        r#"{"title":"Toward a Unified Theory of High-Energy Metaphysics","doi":"10.5555/12345678","DOIUrl":"x","citationCount":"0","EPubDate":"2008-08-13","journal":{"volume":"34 1","pages":"1 - 3"},"isOpenAccess":false}"#,
        WORK,
        &Profile::scholar(),
    );
    assert_eq!(status, Status::Complete);
    assert!(out.ends_with(r#""isOpenAccess":false,"_crossfill":{"status":"complete","doi":"10.5555/12345678","differs":{"journal.volume":"5 11"}}}"#), "{out}");
}

#[test]
fn a_volume_without_its_issue_is_completed_if_it_agrees() {
    let volume = |volume: &str| {
        let record = format!(
            r#"{{"title":"Toward a Unified Theory of High-Energy Metaphysics","doi":"10.5555/12345678","journal":{{"volume":"{volume}"}}}}"#
        );
        let (_, out) = run(&record, WORK, &Profile::scholar());
        out.split("\"volume\":")
            .nth(1)
            .unwrap()
            .split('}')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(volume("5 "), "\"5 11\"");
    assert_eq!(volume("5"), "\"5\"");
    assert_eq!(volume("15 "), "\"15 \"");
    assert_eq!(volume("5 1"), "\"5 1\"");
}

#[test]
fn another_work_fills_nothing() {
    let judged = |record: &str| run(record, WORK, &Profile::scholar().adding(true)).0;
    let with = |fields: &str| format!(r#"{{"doi":"10.5555/12345678",{fields}}}"#);
    let other = r#""title":"Something that is quite different""#;
    assert_eq!(judged(&with(other)), Status::Mismatch);
    assert_eq!(
        judged(&with(&format!(
            r#"{other},"authors":"Josiah Carberry","publicationDate":"2009","journal":{{"pages":"1"}}"#
        ))),
        Status::Enriched
    );
    let (status, out) = run(
        &with(&format!(r#"{other},"authors":"Josiah Carberry""#)),
        WORK,
        &Profile::scholar(),
    );
    assert_eq!(status, Status::Mismatch);
    assert!(out.contains(r#""doubt":true,"evidence":{"title":"differs","first_author":"agrees","year":"unknown","first_page":"unknown"}"#), "{out}");
    // Without a title it takes two disagreements.
    assert_eq!(judged(&with(r#""authors":"Jane Roe""#)), Status::Enriched);
    assert_eq!(
        judged(&with(
            r#""authors":"Jane Roe","publicationDate":"1999-01-01""#
        )),
        Status::Mismatch
    );
    // A generic title is no evidence, and what an earlier run filled is none either.
    let editorial = WORK
        .replace(
            "Toward a Unified Theory of &lt;i&gt;High-Energy&lt;/i&gt; Metaphysics",
            "Editorial",
        )
        .replace("\"Silly String\"", "");
    assert_eq!(
        run(
            &with(r#""title":"Editorial""#),
            &editorial,
            &Profile::scholar()
        )
        .0,
        Status::Mismatch
    );
    let (_, first) = run(&with(r#""title":"""#), &editorial, &Profile::scholar());
    let (status, second) = run(&first, &editorial, &Profile::scholar());
    assert_eq!((status, &second), (Status::Enriched, &first));
}

#[test]
fn notes_of_earlier_runs_are_replaced_where_they_stand() {
    let record = r#"{"doi":"10.5555/12345678","_crossfill":{"status":"unresolved","filled":["volume","gone"]},"volume":"5","z":1}"#;
    let (_, out) = run(record, WORK, &Profile::crossref().adding(false));
    assert_eq!(
        out,
        r#"{"doi":"10.5555/12345678","_crossfill":{"status":"enriched","doi":"10.5555/12345678","filled":["volume","gone"]},"volume":"5","z":1}"#
    );
    let foreign = r#"{"doi":"10.5555/12345678","_crossfill":{"status":"fine"}}"#;
    assert_eq!(
        run(foreign, WORK, &Profile::crossref().adding(false)).1,
        foreign
    );
}

#[test]
fn retractions_are_told_and_notices_are_not() {
    let told = |update: &str| {
        let work = WORK.replace("\"volume\":\"5\"", &format!("{update},\"volume\":\"5\""));
        run(
            r#"{"doi":"10.5555/12345678"}"#,
            &work,
            &Profile::crossref().adding(false),
        )
        .1
    };
    let updated = r#""updated-by":[{"DOI":"10.5555/N","type":"Retraction","source":"retraction-watch","updated":{"date-parts":[[2023,1,1]]}},{"DOI":"10.5555/N","type":"retraction","source":"publisher","updated":{"date-parts":[[2023,1,2]]}}]"#;
    assert!(told(updated).contains(r#""retracted":{"type":"retraction","notice":"10.5555/n","date":"2023-01-02","source":"publisher"}"#), "{}", told(updated));
    assert!(
        told(r#""update-to":[{"DOI":"10.5555/12345678","type":"withdrawal"}]"#)
            .contains("\"retracted\"")
    );
    assert!(
        !told(r#""update-to":[{"DOI":"10.5555/other","type":"retraction"}]"#).contains("retracted")
    );
    assert!(
        !told(r#""updated-by":[{"DOI":"10.5555/n","type":"correction"}]"#).contains("retracted")
    );
    // Another work's retraction says nothing of this record.
    let retracted = WORK.replace("\"volume\":\"5\"", updated);
    let record = r#"{"doi":"10.5555/12345678","title":"Something that is quite different"}"#;
    let (status, out) = run(record, &retracted, &Profile::crossref());
    assert_eq!(status, Status::Mismatch);
    assert!(!out.contains("\"retracted\""), "{out}");
}

#[test]
fn a_record_without_a_doi_gets_none() {
    let (_, out) = run(
        r#"{"title":"Silly","volume":null}"#,
        WORK,
        &Profile::crossref(),
    );
    assert!(!out.contains("\"doi\":"), "{out}");
    let (_, out) = run(
        r#"{"DOIUrl":"","doi":"n/a","volume":null}"#,
        WORK,
        &Profile::scholar(),
    );
    assert!(out.starts_with(r#"{"DOIUrl":"","doi":"n/a","#), "{out}");
}

#[test]
fn placeholders_of_early_access_are_no_values() {
    let work = |page: &str| {
        format!(r#"{{"DOI":"10.5555/1","type":"journal-article","title":["T"],"page":"{page}","issue":"2"}}"#)
            .replace(if page == "1-1" { ",\"issue\":\"2\"" } else { "\u{1}" }, "")
    };
    let pages = |page: &str| {
        let (_, out) = run(
            r#"{"doi":"10.5555/1","DOIUrl":"","EPubDate":"","citationCount":"","journal":{"pages":"","volume":""}}"#,
            &work(page),
            &Profile::scholar(),
        );
        out.split("\"pages\":")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(pages("1-1"), "\"\"");
    assert_eq!(pages("n/a"), "\"\"");
    assert_eq!(pages("5-5"), "\"5\"");
    assert_eq!(pages("222–234"), "\"222-234\"");
}

#[test]
fn a_doi_in_another_case_is_not_added_again() {
    let record = Record::parse(r#"{"Doi":"10.5555/X"}"#).unwrap();
    let work = Work::parse(r#"{"DOI":"10.5555/x","volume":"5"}"#).unwrap();
    let mapping = Mapping::default();
    let identity = mapping.identify(&record);
    let resolution = Resolution::Work {
        work: &work,
        alias_of: None,
    };
    let enriched = mapping.enrich(&record, &identity, &resolution);
    assert_eq!(enriched.filled, ["volume"]);
}

#[test]
fn dois_of_records() {
    let mapping = Mapping::default();
    let identity = |record: &str| match mapping.identify(&Record::parse(record).unwrap()) {
        Identity::Doi { doi, written } => format!("{doi} {written}"),
        Identity::Invalid => "invalid".into(),
        Identity::None => "none".into(),
    };
    assert_eq!(
        identity(r#"{"doi":" ","DOIUrl":"https://doi.org/10.5555/AB"}"#),
        "10.5555/ab 10.5555/AB"
    );
    assert_eq!(
        identity(r#"{"externalIds":{"DOI":"10.5555/x"}}"#),
        "10.5555/x 10.5555/x"
    );
    assert_eq!(identity(r#"{"doi":7}"#), "invalid");
    assert_eq!(
        identity(r#"{"doi":"nonsense","url":"https://x.edu/10.5555/x"}"#),
        "10.5555/x 10.5555/x"
    );
    assert_eq!(identity(r#"{"url":"https://x.edu/"}"#), "none");
    // However a spreadsheet calls its column.
    assert_eq!(
        identity(r#"{"Doi":"doi:10.5555/X"}"#),
        "10.5555/x 10.5555/X"
    );
    assert_eq!(identity(r#"{"dOI":"nonsense"}"#), "invalid");
    assert_eq!(identity(r#"{"Doi":"","a":{"Doi":"10.5555/x"}}"#), "none");
}
