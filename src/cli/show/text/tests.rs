use std::time::Duration;

use super::words::{ago, date};
use super::*;
use crate::enricher::Mapping;
use crate::show::{Options, Place, Step, Subject, show};
use crate::store::{Ages, Answer, Store};

/// The page of a record, or of its DOI.
fn shown(record: Option<&str>, width: usize, whole: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let doi = Doi::parse("10.5555/cf.0003").unwrap();
    let title = "A title of a work that is far too long for what most people have on their desks";
    let json = crate::fake::work(doi.as_str(), title, 3);
    let answers = [
        Answer::Work {
            doi: doi.clone(),
            json,
            whole: true,
        },
        Answer::Alias {
            doi: Doi::parse("10.5555/alias").unwrap(),
            prime: doi,
        },
    ];
    store.commit(&answers, 1_000_000).unwrap();
    let age = Duration::from_secs(86_400);
    let ages = Ages {
        now: 1_000_000 + 5 * 3_600,
        works: age,
        missing: age,
        imported: age,
        whole: false,
    };
    let mapping = Mapping::default();
    let place = record.map(|_| Place {
        file: "a/folder/with/a/file.jsonl".to_owned(),
        lines: (17, 23),
        beside: 2,
    });
    let subject = match record {
        Some(text) => Subject {
            text: text.to_owned(),
            place,
        },
        None => Subject::bare("10.5555/alias"),
    };
    let options = Options {
        mapping: &mapping,
        ages,
        offline: false,
    };
    let Ok(Step::Shown(shown)) = show(&subject, &options, Some(&store), None) else {
        panic!("the store has it");
    };
    let report = Report {
        shown: *shown,
        place: subject.place,
        requests: None,
        sent: None,
        note: mapping.note.clone(),
        batch: 100,
        now: ages.now,
        whole,
    };
    page(
        &report,
        Look {
            width,
            colors: false,
        },
    )
}

const RECORD: &str = r#"{"doi":"10.5555/alias","volume":"9","pages":"","title":"A title of a work that is far too long for what most people have on their desks","key":1}"#;

#[test]
fn pages_fit_terminals() {
    for width in [20, 40, 60, 80, 120] {
        for whole in [false, true] {
            for record in [None, Some(RECORD)] {
                let page = shown(record, width, whole);
                let wide = |line: &&str| measure_text_width(line) > width;
                assert_eq!(page.lines().find(wide), None, "{width}");
            }
        }
    }
}

#[test]
fn nothing_is_cut_if_all_is_to_be_seen() {
    for record in [None, Some(RECORD)] {
        assert!(shown(record, 60, false).contains('…'));
        assert!(!shown(record, 60, true).contains('…'));
        let page = shown(record, usize::MAX, false);
        assert!(!page.contains('…'), "{page}");
        assert!(page.contains("  alias       10.5555/alias is another name of 10.5555/cf.0003\n"));
        assert!(
            page.contains(
                "from Crossref's API, 1970-01-12 (5 hours ago); a run asks again after 1970-01-1"
            ),
            "{page}"
        );
    }
    let page = shown(Some(RECORD), usize::MAX, false);
    assert!(page.contains("  1 other key stays as it came\n"), "{page}");
    assert!(
        page.contains("the first on this line; 2 more records there"),
        "{page}"
    );
}

#[test]
fn json_is_broken_between_members() {
    assert_eq!(
        broken(r#"{"a":1,"bcd":[2,3]}"#, 9),
        [r#"{"a":1,"#, r#""bcd":[2,"#, "3]}"]
    );
    assert_eq!(broken("{}", 9), ["{}"]);
    assert_eq!(ago(59), "just now");
    assert_eq!(ago(3_599), "59 minutes ago");
    assert_eq!(ago(86_400), "24 hours ago");
    assert_eq!(ago(200_000), "2 days ago");
    assert_eq!(
        (date(0), date(u64::MAX)),
        ("1970-01-01".to_owned(), "never".to_owned())
    );
}
