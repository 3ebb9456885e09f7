//! What decides between a record and a work.

use super::*;

/// Title, authors, date and pages of a record against one work.
fn decision(title: &str, authors: &str, date: &str, pages: &str) -> &'static str {
    let work = Work::parse(
        r#"{"title":["Heat flow in porous stones"],"page":"1-14",
        "author":[{"given":"Jane Ann","family":"Möller-Roe"},{"given":"Li","family":"Wu"}],
        "issued":{"date-parts":[[2020,12,30]]},"published-print":{"date-parts":[[2021]]}}"#,
    )
    .unwrap();
    let text = format!(
        r#"{{"title":"{title}","authors":"{authors}","publicationDate":"{date}","journal":{{"pages":"{pages}"}}}}"#
    );
    let record = Record::parse(&text).unwrap();
    match judge(&record, &work, &Profile::scholar(), &Note::None) {
        Same::Yes => "yes",
        Same::No { doubt: true, .. } => "doubt",
        Same::No { doubt: false, .. } => "no",
    }
}

#[test]
#[rustfmt::skip]
fn what_decides_where_titles_do_not() {
    for (expected, title, authors, date, pages) in [
        ("yes", "Heat flow in porous stones", "A. Other", "1999", "77"),
        ("yes", "Of other things", "Moeller-Roe J.A.", "2022", "pp. 1 - 14"),
        ("yes", "Editorial", "MÖLLER-ROE JA, WU L", "2019-01-01", "1-14"),
        ("no", "Editorial", "Li Wu", "1999", ""),
        // Many articles begin on page 1.
        ("doubt", "Of other things", "Möller-Roe, Jane", "2020", "1-9"),
        ("doubt", "Of other things", "Li Wu", "2020", "9"),
        ("no", "Of other things", "Li Wu", "1999", "9"),
        ("no", "Of other things", "", "", ""),
        ("yes", "", "Li Wu", "2020", ""),
        ("no", "", "Li Wu", "1999", ""),
        // A slip of the pen is forgiven if nothing speaks against it.
        ("yes", "Heat flow in porrous stones", "", "", ""),
        ("doubt", "Heat flow in porrous stones", "Li Wu", "1999", ""),
        ("doubt", "Heat flow in porrous stones", "Jane Möller-Roe", "2020", "77-80"),
    ] {
        assert_eq!(decision(title, authors, date, pages), expected, "{title} {authors} {date} {pages}");
    }
}

/// Of works that begin alike, the shapes of 10.1001/archderm.117.4.240a, 10.3403/30344533,
/// 10.1001/amaguidesnewsletters.2019.janfeb01, 10.1016/0016-0032(80)90436-6 and
/// 10.1021/ja01378a011.
#[test]
#[rustfmt::skip]
fn titles_that_begin_alike() {
    let of = |title: &str, more: &str| format!(
        r#"{{"title":["{title}"],{more}"page":"3-5","issued":{{"date-parts":[[2019]]}},"author":[{{"given":"Jane","family":"Roe"}}]}}"#
    );
    let quiz = of("Pathology quiz for residents", "");
    let short = of("Tools and resources", "");
    let rubber = of("Measurement of rubber with curemeters", r#""subtitle":["Introduction"],"#);
    // 10.1007/s00120-007-1345-2
    let both = of(r#"Penisverletzung durch eine Moulinette","Penile injury caused by a Moulinette"#, r#""subtitle":["Folge einer Tat","Result of a deed"],"#);
    let part = of("Effects of aging: Part 3: Nerves", "");
    let note = of("St. Gotthard tunnel", "").replace("Jane\",\"family\":\"Roe", "\",\"family\":\"C.");
    let marked = of("THE HEAT OF ACETIC ACID<sup>1</sup>", "");
    for (expected, work, title, authors, date, pages) in [
        (true, &quiz, "Pathology quiz for residents: the skin", "", "", ""),
        (true, &quiz, "Pathology quiz for residents: the skin", "J Roe", "1999", ""),
        (false, &quiz, "Pathology quiz for residents: the skin", "L Baker", "2019", ""),
        (false, &quiz, "Pathology quiz for residents: the skin", "", "1999", ""),
        (false, &quiz, "Pathology quiz for residents: the skin", "L Baker", "2019", "3"),
        (false, &short, "Tools and resources: web sites", "", "", ""),
        (false, &short, "Tools and resources: web sites", "J Roe", "1999", ""),
        (true, &short, "Tools and resources: web sites", "J Roe", "", ""),
        (false, &short, "Tools and resources: web sites", "", "2019", ""),
        (true, &short, "Tools and resources: web sites", "", "2019", "3"),
        (true, &rubber, "Measurement of rubber with curemeters", "", "", ""),
        (true, &rubber, "Measurement of rubber with curemeters: introduction", "", "", ""),
        (false, &rubber, "Measurement of rubber with curemeters: rotorless ones", "", "", ""),
        (true, &both, "Penile injury caused by a Moulinette: result of a deed", "", "", ""),
        (true, &both, "Penisverletzung durch eine Moulinette: Folge einer Tat", "", "", ""),
        (false, &both, "Penisverletzung durch eine Moulinette: Das Gutachten", "", "", ""),
        (false, &part, "Effects of aging: Part 1: Muscles", "J Roe", "2018", "3-7"),
        (true, &part, "Nerves of the aged", "J Roe", "2018", "3-7"),
        (false, &note, "Launching a bridge", "C.", "2019", "3"),
        (true, &marked, "The heat of acetic acid", "", "", ""),
        (true, &marked, "The heat of acetic acid1", "", "", ""),
    ] {
        let record = format!(
            r#"{{"title":"{title}","authors":"{authors}","publicationDate":"{date}","journal":{{"pages":"{pages}"}}}}"#
        );
        assert_eq!(is_same(&record, work, &Profile::scholar()), expected, "{record}");
    }
}

fn is_same(record: &str, work: &str, profile: &Profile) -> bool {
    let record = Record::parse(record).unwrap();
    let work = Work::parse(work).unwrap();
    matches!(judge(&record, &work, profile, &Note::None), Same::Yes)
}

#[test]
#[rustfmt::skip]
fn records_of_every_shape() {
    let work = r#"{"title":["Heat flow in porous stones"],"page":"1-14","issued":{"date-parts":[[2020]]},
        "author":[{"sequence":"first"},{"given":"Jane","family":"Roe"}]}"#;
    for (expected, record) in [
        (true, r#"{"title":["Heat flow in porous stones"]}"#),
        (true, r#"{"title":[null,"","Heat flow in porous stones"]}"#),
        (true, r#"{"title":[]}"#),
        (true, r#"{"title":[null]}"#),
        (false, r#"{"title":["Completely other matter"]}"#),
        (false, r#"{"title":[["Completely other matter"]]}"#),
        (false, r#"{"title":{"en":"Completely other matter"}}"#),
        (false, r#"{"title":1984}"#),
        (true, r#"{"published":{"date-parts":[[1990]]},"authors":[{"family":"Roe"}]}"#),
        (false, r#"{"published":{"date-parts":[[1990]]},"authors":[{"family":"Doe"}]}"#),
        (true, r#"{"published":{"date-parts":[[2021,1]]},"authors":[{"family":"Doe"}]}"#),
        (false, r#"{"published":["1990"],"authors":["Jane Doe"]}"#),
        (false, r#"{"published":1990,"authors":["Jane Doe"]}"#),
        (true, r#"{"published":1990,"authors":[{"family":""},{"sequence":"first"},{"given":"Jane","family":"Roe"}]}"#),
    ] {
        assert_eq!(is_same(record, work, &Profile::crossref()), expected, "{record}");
    }
}

#[test]
#[rustfmt::skip]
fn names_of_one_piece() {
    for (expected, author, given, family) in [
        (true, "王伟", "伟", "王"),
        (true, "伟王", "伟", "王"),
        (true, "王", "伟", "王"),
        (true, "山田太郎", "太郎", "山田"),
        (true, "Wangwei", "Wei", "Wang"),
        (true, "Wei Wang", "Wei", "Wang"),
        (false, "李伟", "伟", "王"),
        (false, "王伟明", "伟", "王"),
        (false, "Ng", "Wei", "Wang"),
    ] {
        // The year disagrees: the author decides.
        let record = format!(r#"{{"authors":"{author}","publicationDate":"1990"}}"#);
        let work = format!(r#"{{"author":[{{"given":"{given}","family":"{family}"}}],"issued":{{"date-parts":[[2020]]}}}}"#);
        assert_eq!(is_same(&record, &work, &Profile::scholar()), expected, "{author}");
    }
}

#[test]
#[rustfmt::skip]
fn titles_written_alike_say_nothing_if_they_are_generic() {
    for (expected, title) in [
        (false, "Index to volume 12, January 2001 to December 2001"),
        (false, "Proceedings of the annual meeting, volume 12, number 3"),
        (true, "Proceedings of the annual meeting of beekeepers, volume 12"),
    ] {
        let record = format!(r#"{{"title":"{title}","authors":"A. Doe","publicationDate":"1990"}}"#);
        let work = format!(r#"{{"title":["{title}"],"issued":{{"date-parts":[[2020]]}},"author":[{{"family":"Roe"}}]}}"#);
        assert_eq!(is_same(&record, &work, &Profile::scholar()), expected, "{title}");
    }
}

#[test]
fn what_is_merely_not_known_is_in_doubt() {
    let work = r#"{"title":["Editorial"],"issued":{"date-parts":[[2020]]}}"#;
    let of = |record: &str| {
        let record = Record::parse(record).unwrap();
        let work = Work::parse(work).unwrap();
        match judge(&record, &work, &Profile::scholar(), &Note::None) {
            Same::Yes => panic!("nothing speaks for it"),
            Same::No { evidence, doubt } => (evidence.title, doubt),
        }
    };
    // The same title, which thousands of works have.
    assert_eq!(of(r#"{"title":"Editorial"}"#), (Finding::Unknown, true));
    let other = r#"{"title":"Editorial","publicationDate":"1990"}"#;
    assert_eq!(of(other), (Finding::Unknown, false));
    assert_eq!(of(r#"{"title":"Of bees"}"#), (Finding::Differs, false));
}
