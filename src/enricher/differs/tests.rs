//! What a person calls a difference, and what not.

use super::Comparison as C;
use super::*;

fn differs(comparison: Comparison, value: &str, work: &str) -> bool {
    let work = Work::parse(work).unwrap();
    difference(comparison, &json::quote(value), &work).is_some()
}

const WORK: &str = r#"{"type":"journal-article","title":["On Graphs &amp; Trees in Nature"],
    "author":[{"given":"Jane A.","family":"Doe"},{"given":"Zoë","family":"Müller"}],
    "container-title":["ACM Transactions on Sensor Networks"],"volume":"151","issue":"4",
    "page":"222-234","issued":{"date-parts":[[2021,7]]},
    "published-online":{"date-parts":[[2021,3,9]]}}"#;

#[test]
#[rustfmt::skip]
fn what_a_person_calls_a_difference() {
    for (comparison, same, different) in [
        (
            C::Title,
            &["On graphs & trees in nature", "ON GRAPHS &amp; TREES IN NATURE", "On graphs and trees in nature: a survey"][..],
            &["Another title altogether here", "Correction to: On graphs & trees in nature"][..],
        ),
        (
            C::Authors,
            &["J. Doe, Z. Muller", "Doe, Müller", "J. Doe et al.", "Doe, Jane A.; Müller, Zoë",
              "Doe JA, Mueller Z", "JA Doe; Z Müller", "DOE J.A., MÜLLER Z.", "Doe, J. A., Müller, Z.",
              "J. Doe & Z. Müller", "Jane Doe, ...", "Jane A. Doe, MD, Zoë Müller, PhD", " "],
            &["J. Doe", "J. Roe, Z. Müller", "J. Doe, Z. Müller, K. Smith", "John Smith et al."],
        ),
        (
            C::Date,
            &["2021-07-01", "2021-07", "2021", "2021-01-01", "2021-03-09", "2021-07-15"],
            &["2020-07-01", "2021-09-02", "2021-03-10"],
        ),
        (
            C::JournalName,
            &["ACM Trans. Sensor Netw.", "acm transactions on sensor networks", "The ACM Transactions on Sensor Networks",
              "ACM Transactions on Sensor Networks (TOSN)", "ACM Transactions on Sensor Networks: fast"],
            &["Nature", "ACM Transactions on Sensors", "IEEE Trans. Sens. Netw."],
        ),
        (
            C::Volume,
            &["151 4", "151", "151 ", "CLI 4", "Vol. 151, No. 4", "151(4)", "0151"],
            &["151 1", "34 4", "Vol. 12"],
        ),
        (
            C::Pages,
            &["222 - 234", "222–34", "222", "0", "Article 7", "pp. 222-34", "in press", "13 pages", "e222-e234",
              "222\u{2212}234", "Pages 222-234", "p222", "S. 222\u{fe58}234", "0222"],
            &["223-234", "222-235", "Pages 223-234", "S222"],
        ),
    ] {
        for value in same {
            assert!(!differs(comparison, value, WORK), "{comparison:?} {value}");
        }
        for value in different {
            assert!(differs(comparison, value, WORK), "{comparison:?} {value}");
        }
    }
}

#[test]
#[rustfmt::skip]
fn names_of_journals() {
    for (same, one, other) in [
        (true, "Proc Natl Acad Sci U S A", "Proceedings of the National Academy of Sciences U.S.A."),
        (true, "Proc. Natl. Acad. Sci. U.S.A.", "Proceedings of the National Academy of Sciences"),
        (true, "PNAS", "Proceedings of the National Academy of Sciences"),
        (true, "J. Phys. Chem. B", "The Journal of Physical Chemistry B"),
        (true, "Heart", "Heart (British Cardiac Society)"),
        (true, "Earth &amp; Space", "Earth and Space"),
        (true, "Environment and Planning", "Environment and Planning, Part A"),
        (true, "Z. Phys.", "Zeitschrift für Physik"),
        (true, "Dtsch Med Wochenschr", "Deutsche Medizinische Wochenschrift"),
        (true, "Journal of Foo", "Journal of Foo: Bars and bazes"),
        (false, "J. Phys. Chem. A", "The Journal of Physical Chemistry B"),
        (false, "Environment and Planning Part A", "Environment and Planning Part B"),
        (true, "Physical Review D", "Phys. Rev. D"),
        (true, "Medicina e saude", "Medicina Saúde"),
        (true, "Physica D-Nonlinear Phenomena", "Physica D: Nonlinear Phenomena"),
        (true, "MEDICINA E SAUDE", "Medicina e Saúde"),
        (true, "Acta Crystallogr. D Struct. Biol.", "Acta Crystallogr D Struct Biol"),
        (false, "Acta Crystallogr. D Struct. Biol.", "Acta Crystallogr. E Struct. Biol."),
        (true, "JAMA: Series C Bananas", "JAMA"),
        (false, "Physical Review D", "Physical Review E"),
        (false, "Physica D: Nonlinear Phenomena", "Physica E: Nonlinear Phenomena"),
        (false, "Physical Review", "Physical Review L"),
        (false, "JAMA: Series C Bananas", "JAMA: The Journal of the American Medical Association"),
        (false, "Cell", "Cells"),
        (false, "Neuro", "Neurology"),
        (false, "Journal of Algebra", "Journal of Geometry"),
    ] {
        assert_eq!(same_journal(one, other), same, "{one} | {other}");
        assert_eq!(same_journal(other, one), same, "{other} | {one}");
    }
}

#[test]
fn subtitles_of_journals_must_agree() {
    let work = r#"{"type":"journal-article","container-title":["JAMA: The Journal of the American Medical Association"],
        "short-container-title":["JAMA"]}"#;
    for same in [
        "JAMA",
        "JAMA: J Am Med Assoc",
        "JAMA - Journal of the American Medical Association",
        "JAMA: The Journal of the American Medical",
        "jama: the journal of the american medical association (online)",
    ] {
        assert!(!differs(C::JournalName, same, work), "{same}");
    }
    assert!(differs(C::JournalName, "JAMA: Series C Bananas", work));
    let work = r#"{"type":"journal-article","container-title":["JAMA"]}"#;
    assert!(!differs(C::JournalName, "JAMA: Series C Bananas", work));
}

#[test]
fn a_subtitle_is_left_out_but_is_not_another_one() {
    // 10.1001/2012.jama.10476
    let work = r#"{"title":["The Attending Physician on the Wards"],
        "subtitle":["Finding a New Homeostasis"]}"#;
    for same in [
        "The attending physician on the wards",
        "The Attending Physician on the Wards. Finding a new homeostasis",
        "The Attending Physician on the Wards: Finding a New...",
        "The Attending Physician on the Wards: Finding a New",
        "The Attending Physician on the Wards: Finding a New Homeostasis: An essay",
        "Attending Physician on the Wards",
        "The Atending Physician on the Wards",
    ] {
        assert!(!differs(C::Title, same, work), "{same}");
    }
    for other in [
        "The Attending Physician on the Wards: Quite another subject",
        "The Attending Physician on the Wards: Finding a New Homeostasis II",
        "The Attending Physician on the Wards II",
        "Finding a New Homeostasis",
    ] {
        assert!(differs(C::Title, other, work), "{other}");
    }
    // 10.1111/j.1365-2109.2011.02829.x: a short title stands in for the subtitle.
    let work = r#"{"title":["Spawning-related mortality in captive Atlantic cod (Gadus morhua L.)"],
        "subtitle":["Spawning-related mortality in captive Atlantic cod"]}"#;
    let same = "Spawning-related mortality in captive Atlantic cod (Gadus morhua L.)";
    assert!(!differs(C::Title, &same.to_uppercase(), work));
    let work = r#"{"title":["On Graphs and Trees in Nature"],"short-title":["Graphs in Nature and Life"]}"#;
    assert!(!differs(C::Title, "Graphs in nature and life", work));
}

#[test]
#[rustfmt::skip]
fn names_of_people() {
    let differs = |record: &str, people: &str| {
        let work = format!(r#"{{"author":[{people}]}}"#);
        differs(C::Authors, record, &work)
    };
    let people = r#"{"given":"Jan","family":"van der Berg"},{"given":"María","family":"García Márquez"},
        {"given":"Wei","family":"Wang"},{"given":"A.","family":"O’Brien"},{"name":"The Study Group"}"#;
    for record in [
        "J. Berg, M. García, Wang Wei, A. OBrien",
        "Van der Berg J, Garcia Marquez M, WANG W, O'Brien A",
        "J. vanderBerg; M. Garcia-Marquez; W. Wang; A. O Brien; The Study Group",
    ] {
        assert!(!differs(record, people), "{record}");
    }
    let people = r#"{"given":"Jaap","family":"van Vliet"},{"given":"Klaas","family":"van Eyck"}"#;
    assert!(differs("Jaap van Vliet", people));
    assert!(!differs("王伟", r#"{"given":"伟","family":"王"}"#));
    assert!(!differs("Ivanov, P.", r#"{"given":"П.","family":"Иванов"}"#));
    assert!(differs("Petrov, P.", r#"{"given":"П.","family":"Иванов"}"#));
}

#[test]
fn electronic_pages_and_article_numbers() {
    let work = r#"{"page":"E898-903","article-number":"104324","volume":"3"}"#;
    for same in ["e898-e903", "898–903", "E898", "104324"] {
        assert!(!differs(C::Pages, same, work), "{same}");
    }
    assert!(differs(C::Pages, "E899", work));
    let work = r#"{"page":"1-3, 10-12","volume":"3"}"#;
    assert!(!differs(C::Pages, "1-3", work));
    assert!(differs(C::Pages, "1-3, 10-13", work));
}
