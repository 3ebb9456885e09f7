//! The page of a run: the same however it is made, safe whatever is in it, and it works in a browser.

use std::collections::BTreeSet;

use crossfill::{
    Coverage, Difference, FieldCoverage, Files, Mismatch, Named, Phases, RecordPlace, Requests,
    Retraction, RunReport, Sample,
};
use serde_json::{Value, json};

use crate::resolve::{doi, script, works};
use crate::util::browser::Browser;
use crate::util::fake::work;
use crate::util::{Dir, Fake, keys, repository};

const EVIL: &str = "<script>alert(1)</script> \"onload='x' & javascript:alert(1)";

/// A few records of each kind: some filled, one of another work, one that differs, one retracted.
fn eventful(dir: &Dir) -> Fake {
    let mut known = works(6, |n| n == 5);
    let evil = work(&doi(3), EVIL, 3);
    known.insert(doi(3), evil);
    let retracted = work(&doi(4), "The title of work 4", 4);
    let update = r#"{"updated-by":[{"DOI":"10.5555/notice","type":"retraction","updated":{"date-parts":[[2023,1,2]]}}],"#;
    known.insert(doi(4), retracted.replacen('{', update, 1));
    let scholar = json!({
        "DOIUrl": format!("https://doi.org/{}", doi(1)), "title": "The title of work 1",
        "publicationDate": null, "citationCount": null, "journal": {"pages": "900-999", "volume": ""},
    });
    let records = [
        json!({"doi": doi(0), "title": "The title of work 0"}),
        scholar,
        json!({"doi": doi(2), "title": EVIL, "authors": [{"family": "Nobody"}], "published": "1901"}),
        json!({"doi": doi(3), "title": "Zürich's trees", "authors": [{"family": "Nobody"}], "published": "1901"}),
        json!({"doi": doi(4), "title": "The title of work 4"}),
        json!({"doi": doi(5)}),
        json!({"doi": "javascript:alert(1)"}),
    ];
    let lines = records.map(|record| record.to_string() + "\n");
    dir.write("in.jsonl", lines.concat() + "nonsense\n");
    Fake::start(script(known))
}

/// What a page may lead to; nothing of it is loaded.
fn is_harmless(link: &str) -> bool {
    let known = [
        "#",
        "https://doi.org/10.",
        "https://www.crossref.org",
        "data:,",
    ];
    known.iter().any(|start| link.starts_with(start))
}

#[test]
fn a_run_and_the_command_make_the_same_page() {
    let dir = Dir::new();
    let fake = eventful(&dir);
    dir.ask(&fake, &["--report", "pages/run.html"])
        .code(0)
        .says("report → pages/run.html");
    let page = dir.read("pages/run.html");
    dir.run(&["report", "out.run.json"])
        .code(0)
        .says("report → out.report.html");
    assert_eq!(dir.read("out.report.html"), page);
    let printed = dir.run(&["report", "out.run.json", "-o", "-"]).code(0);
    assert_eq!((&printed.out, printed.err.as_str()), (&page, ""));
    let page = page.replace("&#x2f;", "/");

    for told in [
        "3 of 7 records have a value from Crossref",
        "<td class=\"text\" dir=\"auto\">The title of work 4</td>",
        "https://doi.org/10.5555/notice",
        "Annals of Imaginary Results",
        "1 part of the input is no record: with place and reason in out.rejects.jsonl.",
        "<mark>900-999</mark>",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn a_page_loads_nothing_and_runs_nothing_but_its_own() {
    let dir = Dir::new();
    let fake = eventful(&dir);
    dir.ask(&fake, &["--report", "run.html"]).code(0);
    let page = dir.read("run.html").replace("&#x2f;", "/");
    assert!(
        page.matches("&lt;script&gt;alert(1)&lt;").count() >= 2,
        "both titles are shown"
    );
    assert_eq!(page.matches("<script").count(), 1);
    let links: Vec<&str> = page
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(links.len() > 10);
    assert!(links.iter().all(|link| is_harmless(link)), "{links:?}");
    for loads in [
        "src=",
        "url(",
        "@import",
        "srcset",
        "<iframe",
        "<object",
        "<img",
        "onload=\"",
    ] {
        assert!(!page.contains(loads), "{loads}");
    }
    let policy = page
        .split("Content-Security-Policy\" content=\"")
        .nth(1)
        .unwrap();
    assert!(policy.starts_with("default-src &#x27;none&#x27;;"));
    assert!(!policy.split('"').next().unwrap().contains("unsafe"));
}

#[test]
fn a_dry_run_makes_nothing_but_the_page() {
    let dir = Dir::new();
    let fake = eventful(&dir);
    dir.ask(&fake, &["--dry-run", "--report", "run.html"])
        .code(0);
    assert!(
        dir.read("run.html")
            .contains("It was a dry run: nothing was written.")
    );
    assert!(!dir.exists("out.jsonl") && !dir.exists("out.run.json"));
    assert!(!dir.exists("run.html.part"));
}

#[test]
fn nothing_to_tell_is_a_page_too() {
    let dir = Dir::new();
    dir.write("in.jsonl", "");
    let args = [
        "in.jsonl",
        "-o",
        "out.jsonl",
        "--store",
        "s",
        "--offline",
        "--report",
        "run.html",
    ];
    dir.run(&args).code(0);
    let page = dir.read("run.html");
    assert!(page.contains("There was no record in the input."));
    assert!(!page.contains("type=\"search\""));
}

#[test]
fn what_the_page_has_no_room_for_is_named_with_its_file() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(600, |_| false)));
    let lines = (0..600).map(|n| {
        json!({"doi": doi(n), "title": format!("Quite another matter {n}"), "authors": [{"family": "Nobody"}], "published": "1901"})
            .to_string() + "\n"
    });
    dir.write("in.jsonl", lines.collect::<String>());
    dir.ask(&fake, &["--report", "run.html"]).code(0);
    let page = dir.read("run.html");
    assert!(page.contains("These are the first 500 of 600. All of them are in out.review.jsonl"));
    assert_eq!(page.matches("<bdi>Quite another matter ").count(), 500);
    assert_eq!(dir.read("out.review.jsonl").lines().count(), 600);
}

#[test]
fn files_of_other_versions_and_other_files() {
    let dir = Dir::new();
    dir.write(
        "old.run.json",
        "{\"format\":1,\"records\":3,\"statuses\":{\"enriched\":2},\"later\":[{}]}",
    );
    dir.run(&["report", "old.run.json"]).code(0);
    assert!(
        dir.read("old.report.html")
            .contains("2 of 3 records have a value")
    );

    dir.write("new.run.json", "{\"format\":2}");
    dir.write("out.jsonl", "{\"doi\":\"10.5555/x\"}\n");
    dir.write("out.run.json", "{\"format\":1,\"recor");
    dir.write("other.json", "[1]");
    for (name, said, hint) in [
        (
            "new.run.json",
            "it is in format 2",
            "hint: update crossfill",
        ),
        (
            "out.jsonl",
            "it is not the JSON file of a run",
            "hint: did you mean `out.run.json`?",
        ),
        ("out.run.json", "it is damaged: EOF", "hint: run again"),
        (
            "other.json",
            "it is not the JSON file of a run",
            "hint: name the OUT.run.json",
        ),
        (
            "none.run.json",
            "cannot read `none.run.json`",
            "hint: a run leaves it beside its output",
        ),
    ] {
        let run = dir.run(&["report", name]).code(1).says(said).says(hint);
        assert_eq!(run.out, "");
    }
    let pages = std::fs::read_dir(dir.path(".")).unwrap();
    let pages =
        pages.filter(|entry| entry.as_ref().unwrap().path().extension() == Some("html".as_ref()));
    assert_eq!(pages.count(), 1);
}

#[test]
fn a_page_replaces_nothing_that_is_needed() {
    let dir = Dir::new();
    let fake = eventful(&dir);
    let input = dir.read("in.jsonl");
    let taken = "is already an input or an output of this run";
    for (page, said) in [
        (
            "in.jsonl",
            "`in.jsonl` is there already, and is no page of a run",
        ),
        ("out.jsonl", taken),
        ("./out.run.json", taken),
        ("out.jsonl.part", taken),
    ] {
        dir.ask(&fake, &["--report", page]).code(1).says(said);
        assert!(!dir.exists("out.jsonl"));
    }
    assert_eq!((dir.read("in.jsonl"), fake.seen().len()), (input, 0));

    dir.ask(&fake, &[]).code(0);
    let figures = dir.read("out.run.json");
    dir.run(&["report", "out.run.json", "-o", "out.run.json"])
        .code(1)
        .says("name another file");
    assert_eq!(dir.read("out.run.json"), figures);

    // What can't be written is told before anything is asked; what goes wrong later costs nothing else.
    let asked = fake.seen().len();
    std::fs::create_dir(dir.path("folder")).unwrap();
    for page in ["folder", "in.jsonl/run.html"] {
        let said = format!("cannot write `{page}");
        dir.ask(&fake, &["--report", page]).code(1).says(&said);
    }
    assert_eq!(fake.seen().len(), asked);
    std::fs::remove_file(dir.path("out.jsonl")).unwrap();
    dir.ask(&fake, &["--report", "/dev/full"])
        .code(1)
        .says("cannot write `/dev/full`")
        .says("`crossfill report out.run.json -o OUT.html` makes the page elsewhere");
    assert_eq!(dir.read("out.jsonl").lines().count(), 7);
}

/// Everything that the file can have. Whoever adds a key is led here by the compiler.
fn full() -> RunReport {
    let place = RecordPlace {
        file: String::new(),
        line: 1,
        doi: String::new(),
    };
    let named = Named {
        name: String::new(),
        records: 0,
        enriched: 0,
        values: 0,
    };
    let statuses = [
        "enriched",
        "complete",
        "skipped",
        "not_found",
        "other_agency",
        "no_doi",
        "invalid_doi",
        "mismatch",
        "unresolved",
    ];
    RunReport {
        format: 1,
        version: String::new(),
        started: String::new(),
        seconds: 0.0,
        exit_code: 0,
        error: Some(String::new()),
        dry_run: false,
        records: 0,
        statuses: statuses.map(|status| (status, 0)).into_iter().collect(),
        filled: Default::default(),
        differs: Default::default(),
        coverage: vec![Coverage {
            profile: String::new(),
            records: 0,
            fields: vec![FieldCoverage::default()],
        }],
        rejects: 0,
        retracted: 0,
        stale: 0,
        offline: 0,
        limited: 0,
        foreign_notes: 0,
        bytes_read: 0,
        requests: Requests::default(),
        phases: Phases::default(),
        timeline: vec![Sample::default()],
        journals: vec![named.clone()],
        publishers: vec![named],
        mismatches: vec![Mismatch {
            place: place.clone(),
            record: String::new(),
            crossref: String::new(),
            doubt: false,
            evidence: json!({"title": "", "first_author": "", "year": "", "first_page": ""}),
        }],
        retractions: vec![Retraction {
            place: place.clone(),
            title: String::new(),
            retracted: json!({"type": "", "notice": "", "date": "", "source": ""}),
        }],
        differences: vec![Difference {
            place,
            field: String::new(),
            record: Value::Null,
            crossref: Value::Null,
        }],
        files: Files {
            output: String::new(),
            rejects: Some(String::new()),
            review: Some(String::new()),
            run: Some(String::new()),
        },
        settings: Value::Null,
    }
}

#[test]
fn every_key_is_documented() {
    let dir = Dir::new();
    let fake = eventful(&dir);
    dir.ask(&fake, &[]).code(0);
    let mut found = BTreeSet::new();
    // What is in these are fields.
    let but = ["filled", "differs"];
    keys(&serde_json::to_value(full()).unwrap(), &but, &mut found);
    let in_full = found.len();
    keys(
        &serde_json::from_str(&dir.read("out.run.json")).unwrap(),
        &but,
        &mut found,
    );
    assert!(
        in_full > 70 && found.len() > in_full + 10,
        "{in_full}, {}",
        found.len()
    );
    let page = std::fs::read_to_string(repository("docs/run-json.md")).unwrap();
    for key in found {
        assert!(
            page.contains(&format!("`{key}`")),
            "`{key}` is not documented"
        );
    }
}

/// How many rows of a section are shown, and how many are not.
fn rows(dom: &str, section: &str) -> (usize, usize) {
    let start = dom.find(&format!("<section id=\"{section}\"")).unwrap();
    let section = dom[start..].split("</section>").next().unwrap();
    let body = section.split("<tbody>").nth(1).unwrap();
    let hidden = body.matches("<tr hidden=\"\">").count();
    (body.matches("<tr").count() - hidden, hidden)
}

#[test]
fn a_browser_shows_it_and_finds_what_is_searched() {
    let Some(browser) = Browser::find() else {
        println!("skipped: neither chromium nor chromium-browser nor google-chrome is in PATH");
        return;
    };
    let dir = Dir::new();
    let fake = eventful(&dir);
    dir.ask(&fake, &["--report", "run.html"]).code(0);
    let page = dir.path("run.html");

    let (dom, console) = browser.open(&dir, &page, "");
    assert_eq!(console, Vec::<String>::new());
    assert!(dom.contains("data-search=\"done\"") && !dom.contains("data-error"));
    assert!(
        dom.contains("<div id=\"search\">"),
        "it works, so it is shown"
    );
    assert_eq!(
        (rows(&dom, "mismatches"), rows(&dom, "differences")),
        ((2, 0), (1, 0))
    );
    assert!(!dom.contains("of 2 match"));

    // Both words, in any order, without accents and case.
    let (dom, console) = browser.open(&dir, &page, "#q=TREES%20zurich");
    assert_eq!(console, Vec::<String>::new());
    assert_eq!(
        (rows(&dom, "mismatches"), rows(&dom, "differences")),
        ((1, 1), (0, 1))
    );
    assert!(dom.contains("1 of 2 match") && dom.contains("0 of 1 match"));
    assert!(!dom.contains("data-error"));

    // What is not the page's own, to the letter, does not run; and the console is where that is said.
    // Without its script the page has no search, and shows all.
    let own = dir.read("run.html");
    let more = "<script>document.documentElement.dataset.evil = 1</script></body>";
    let evil = own
        .replace("</body>", more)
        .replace("\"use strict\"", "'use strict'");
    dir.write("evil.html", evil);
    let (dom, console) = browser.open(&dir, &dir.path("evil.html"), "#q=trees");
    assert!(!dom.contains("data-evil=") && !dom.contains("data-search="));
    assert_eq!(console.len(), 2, "{console:?}");
    assert!(dom.contains("<div id=\"search\" hidden=\"\">"));
    assert_eq!(
        (rows(&dom, "mismatches"), rows(&dom, "differences")),
        ((2, 0), (1, 0))
    );
}
