//! What is in the inputs and what a run would cost: counted right, told to people and programs, with
//! nobody asked and nothing changed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::resolve::{doi, script, works};
use crate::util::{Dir, Fake, Run, keys, repository};

const STORE: [&str; 2] = ["--store", "store"];

/// Two good records, one without a DOI, one with junk, one reject.
const RECORDS: &str = concat!(
    "{\"doi\":\"10.1118/1.4829521\",\"title\":\"A title\",\"volume\":\"40\"}\n",
    "{\"doi\":\"https://doi.org/10.1093/JAMIAOPEN/ooae021\",\"title\":\"n/a\",\"volume\":7}\n",
    "{\"title\":\"No DOI here\"}\n",
    "{\"doi\":\"10,1002/cnr2.1683\",\"title\":\"\"}\n",
    "{\"doi\":\n",
);

const CSV: &str = "key,DOI,title\r\na,10.1118/1.4829521,Again\r\nb,10.1000/xyz123,\r\n";

const LIST: &str = "10.1038/s44172-023-00071-6\n10.1109/TR.2022.3164976\n";

const PAGE: &str = concat!(
    "A journal's page\n\n",
    "{\"title\":\"On pages\",\"doi\":\"10.1109/LSENS.2023.3244870\",\"DOIUrl\":\"https://doi.org/10.1109/LSENS.2023.3244870\",",
    "\"journal\":{\"name\":\"IEEE Sensors Letters\",\"volume\":\"\",\"pages\":\"-\"},\"publicationDate\":\"soon\",\"citationCount\":null,\"isOpenAccess\":false}\n",
    "0 citations\n",
);

fn mixed(dir: &Dir) {
    dir.write("in/a.jsonl", RECORDS);
    dir.write("in/b.csv", CSV);
    dir.write("in/c.txt", LIST);
    dir.write("in/d.txt", PAGE);
}

fn inspect(dir: &Dir, args: &[&str]) -> Run {
    dir.run(&[&["inspect"], args, &STORE].concat())
}

fn json(dir: &Dir, args: &[&str]) -> Value {
    let run = inspect(dir, &[args, &["--json"]].concat()).code(0);
    assert_eq!(run.err, "");
    assert_eq!(run.out.lines().count(), 1, "{}", run.told());
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn every_key_is_documented() {
    let dir = Dir::new();
    mixed(&dir);
    let mut found = BTreeSet::new();
    keys(&json(&dir, &["in"]), &[], &mut found);
    assert!(found.len() > 60, "{found:?}");
    let page = std::fs::read_to_string(repository("docs/inspect-json.md")).unwrap();
    let undocumented: Vec<_> = found
        .iter()
        .filter(|key| !page.contains(&format!("`{key}`")))
        .collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

/// What the profile has of a field.
fn field<'a>(report: &'a Value, profile: usize, name: &str) -> &'a Value {
    let fields = report["profiles"][profile]["fields"].as_array().unwrap();
    fields.iter().find(|field| field["field"] == name).unwrap()
}

#[test]
fn a_mixed_input_is_counted() {
    let dir = Dir::new();
    mixed(&dir);
    let report = json(&dir, &["in"]);
    assert_eq!(report["inputs"], 4);
    assert_eq!(report["records"], 9);
    assert_eq!(report["rejects"]["count"], 1);
    let reject = &report["rejects"]["first"][0];
    assert_eq!(
        (&reject["file"], &reject["line"]),
        (&"in/a.jsonl".into(), &5.into())
    );
    assert!(!reject["reason"].as_str().unwrap().is_empty());
    let dois = &report["dois"];
    assert_eq!(dois["valid"], 7);
    assert_eq!(dois["none"], 1);
    assert_eq!(dois["invalid"], 1);
    assert_eq!(dois["distinct"], 6);
    assert_eq!(dois["repeated"], 1);
    assert_eq!(dois["exact"], true);
    let repeat = &dois["first_repeated"][0];
    assert_eq!(repeat["doi"], "10.1118/1.4829521");
    assert_eq!(
        (&repeat["one"]["file"], &repeat["other"]["file"]),
        (&"in/a.jsonl".into(), &"in/b.csv".into())
    );
    assert_eq!(dois["prefixes"]["count"], 5);
    let top = &dois["prefixes"]["top"];
    assert_eq!(
        (&top[0]["prefix"], &top[0]["records"]),
        (&"10.1109".into(), &2.into())
    );

    assert_eq!(report["profiles"][0]["profile"], "scholar");
    assert_eq!(report["profiles"][0]["records"], 1);
    assert_eq!(report["profiles"][1]["records"], 8);
    let title = field(&report, 1, "title");
    // Two of lists of DOIs have no title, two are empty.
    assert_eq!(title["present"], 4);
    assert_eq!(title["empty"], 2);
    assert_eq!(title["absent"], 2);
    assert_eq!(title["odd"]["words"], 1);
    assert_eq!(title["odd"]["which_words"], serde_json::json!(["n/a"]));
    assert_eq!(title["odd"]["first"]["line"], 2);
    let volume = field(&report, 1, "volume");
    assert_eq!(
        (&volume["odd"]["types"], &volume["odd"]["first"]["value"]),
        (&1.into(), &"7".into())
    );
    assert_eq!(field(&report, 0, "journal.pages")["odd"]["words"], 1);
    assert_eq!(field(&report, 0, "publicationDate")["odd"]["dates"], 1);
    assert_eq!(field(&report, 0, "isOpenAccess")["odd"]["count"], 0);
    // Nothing was made, not even a store.
    assert!(!dir.exists("store") && !dir.exists("cache"));
}

#[test]
fn doubtful_dois_are_told_with_what_was_meant() {
    let dir = Dir::new();
    mixed(&dir);
    let report = json(&dir, &["in"]);
    let doubtful = &report["dois"]["doubtful"];
    assert_eq!(doubtful["count"], 2);
    assert_eq!(doubtful["kinds"]["invalid"], 1);
    assert_eq!(doubtful["kinds"]["placeholder"], 1);
    let first = &doubtful["first"][0];
    assert_eq!(first["found"], "10,1002/cnr2.1683");
    assert_eq!(first["asked"], Value::Null);
    assert_eq!(first["suggestion"], "10.1002/cnr2.1683");
    assert_eq!(first["field"], "doi");
    assert_eq!(doubtful["first"][1]["file"], "in/b.csv");
    assert_eq!(doubtful["first"][1]["asked"], "10.1000/xyz123");
    let text = inspect(&dir, &["in"]).code(0).out;
    assert!(text.contains("in/a.jsonl:4 doi"), "{text}");
    assert!(text.contains("meant? 10.1002/cnr2.1683"), "{text}");

    // Two fields that disagree, and a DOI that a blank broke.
    dir.write(
        "two.jsonl",
        concat!(
            "{\"doi\":\"10.1118/1.4829521\",\"DOIUrl\":\"https://doi.org/10.1118/1.4829522\"}\n",
            "{\"doi\":\"10.1118/1.4829521\",\"DOIUrl\":\"https://doi.org/10.1118/1.4829521\"}\n",
            "{\"doi\":\"10.1016/j. cell.2020.01.001\"}\n",
        ),
    );
    let report = json(&dir, &["two.jsonl"]);
    let first = &report["dois"]["doubtful"]["first"];
    assert_eq!(report["dois"]["doubtful"]["count"], 2);
    assert_eq!(
        (&first[0]["kind"], &first[0]["suggestion"]),
        (&"other".into(), &"10.1118/1.4829522".into())
    );
    assert_eq!(
        (&first[1]["kind"], &first[1]["line"]),
        (&"blank".into(), &3.into())
    );
}

fn work(doi: &str) -> String {
    format!("{{\"DOI\":\"{doi}\",\"title\":[\"A title\"],\"type\":\"journal-article\"}}\n")
}

#[test]
fn what_the_store_knows_need_not_be_asked() {
    let dir = Dir::new();
    mixed(&dir);
    let before = json(&dir, &["in"]);
    assert_eq!(before["store"]["exists"], false);
    assert_eq!(before["store"]["unknown"], 6);
    assert_eq!(before["cost"]["dois"], 6);
    assert_eq!(before["cost"]["list_requests"], 1);
    assert_eq!(before["cost"]["single_requests"], 1);
    assert_eq!(before["cost"]["not_found_share_from"], "assumed");

    let works = work("10.1118/1.4829521") + &work("10.1109/lsens.2023.3244870");
    dir.write("works.jsonl", works);
    dir.run(&[&["store", "import", "works.jsonl"], &STORE[..]].concat())
        .code(0);
    let after = json(&dir, &["in"]);
    assert_eq!(after["store"]["exists"], true);
    assert_eq!(after["store"]["works"], 2);
    assert_eq!(after["store"]["unknown"], 4);
    assert_eq!(after["cost"]["dois"], 4);
    assert_eq!(after["dois"]["prefixes"]["top"][0]["agency"], "Crossref");
    // Works of data files get old, too.
    dir.write("old.toml", "[crossref]\nmax_age_imported = \"0\"\n");
    crate::util::next_second();
    let old = json(&dir, &["in", "--config", "old.toml"]);
    assert_eq!(old["store"]["stale"], 2);
    assert_eq!(old["cost"]["dois"], 6);
    // Who asks nobody takes what there is.
    dir.write(
        "offline.toml",
        "offline = true\n[crossref]\nmax_age_imported = \"0\"\n",
    );
    let offline = json(&dir, &["in", "--config", "offline.toml"]);
    assert_eq!(offline["store"]["works"], 2);
    assert_eq!(offline["cost"]["dois"], 0);
}

#[test]
fn requests_and_times_follow_from_the_limits() {
    let dir = Dir::new();
    let dois: String = (0..1_000).map(|n| format!("10.1118/1.{n:07}\n")).collect();
    dir.write("dois.txt", &dois);
    let cost = |args: &[&str]| json(&dir, &[&["dois.txt"], args].concat())["cost"].clone();
    let public = cost(&["--batch", "50"]);
    assert_eq!(public["list_requests"], 20);
    assert_eq!(public["single_requests"], 10);
    let pools = public["pools"].as_array().unwrap();
    // 20 lists at 0.95 a second, at 2.85, at 142.5.
    let times: Vec<f64> = pools
        .iter()
        .map(|pool| pool["seconds"].as_f64().unwrap())
        .collect();
    assert_eq!(times, [21.1, 7.0, 0.1]);
    let yours = |cost: &Value| {
        let pools = cost["pools"].as_array().unwrap().clone();
        pools
            .into_iter()
            .find(|pool| pool["yours"] == true)
            .unwrap()["pool"]
            .clone()
    };
    assert_eq!(yours(&public), "public");
    assert_eq!(yours(&cost(&["--mailto", crate::util::MAILTO])), "polite");
    let told = inspect(&dir, &["dois.txt", "--batch", "50"]).code(0).out;
    assert!(
        told.contains("asks for 1,000 DOIs: 20 list requests (of up to 50 DOIs each) and about 10"),
        "{told}"
    );
    assert!(told.contains("▸ public  22 s"), "{told}");
    assert!(!told.contains("public data file"), "{told}");
    // One by one it would be much: then there is a better way.
    let many: String = (0..21_000).map(|n| format!("10.1118/2.{n:07}\n")).collect();
    dir.write("dois.txt", &many);
    let told = inspect(&dir, &["dois.txt", "--batch", "1"]).code(0).out;
    assert!(told.contains("public data file"), "{told}");
}

#[test]
fn records_that_miss_nothing_are_not_asked_for() {
    let dir = Dir::new();
    dir.write(
        "config.toml",
        "skip_complete = true\nprofile = \"scholar\"\n",
    );
    dir.write(
        "in.jsonl",
        "{\"doi\":\"10.1118/1.4829521\"}\n{\"doi\":\"10.1118/1.4829522\",\"title\":null}\n",
    );
    let report = json(&dir, &["in.jsonl"]);
    assert_eq!(report["cost"]["skipped_records"], 1);
    assert_eq!(report["cost"]["dois"], 1);
    assert_eq!(report["store"]["unknown"], 2);
}

#[test]
fn the_output_is_about_as_large_as_a_run_makes_it() {
    let dir = Dir::new();
    let record = |n: usize| {
        format!("{{\"doi\":\"10.1118/1.{n:07}\",\"title\":\"A title that is there\"}}\n")
    };
    let records: String = (0..200).map(record).collect();
    dir.write("in.jsonl", &records);
    dir.write(
        "config.toml",
        "input = [\"in.jsonl\"]\noutput = \"deep/er/out.jsonl\"\n",
    );
    let output = json(&dir, &[])["output"].clone();
    assert_eq!(output["path"], "deep/er/out.jsonl");
    let bytes = output["bytes"].as_u64().unwrap();
    // Works of all kinds fill some 900 bytes of such a record.
    assert!((200 * 700..200 * 1_500).contains(&bytes), "{bytes}");
    assert!(output["free"].as_u64().unwrap() > 0);
    assert_eq!(output["fits"], true);
}

#[test]
fn nothing_from_outside_reaches_the_terminal_as_it_is() {
    let dir = Dir::new();
    let name = "odd\u{1b}[31m.jsonl";
    dir.write(
        name,
        concat!(
            "{\"doi\":\"10.1118\\u001b[31m\\u202e\",\"title\":[\"\\u001b[2J\"],\"volume\":\"n/a\"}\n",
            "{\"doi\":\"10.1118/1.48\\u001b]0;x\\u0007 and more\"}\n",
            "\u{1b}[31m\n",
        ),
    );
    for args in [&[name][..], &[name, "--json"], &[name, "--color", "never"]] {
        let run = inspect(&dir, args).code(0);
        let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!run.out.contains(bad), "{:?}", run.out);
        assert!(run.out.contains("odd\\u"), "{:?}", run.out);
    }
}

#[test]
fn the_page_is_for_a_person() {
    let dir = Dir::new();
    mixed(&dir);
    let page = inspect(&dir, &["in"]).code(0);
    for text in [
        "9 records in 4 inputs",
        "in/a.jsonl:5",
        "1 is in several records",
        "Fields  of 8 records of profile crossref",
        "    [fields]\n    title = { missing = [\"n/a\"] }\n",
        "    \"journal.pages\" = { missing = [\"-\"] }\n",
        "none yet: nothing is known",
        "writes about",
    ] {
        assert!(page.out.contains(text), "{text:?} in\n{}", page.told());
    }
    assert!(!page.out.contains('\u{1b}'), "no colours in a pipe");
    assert!(page.out.lines().all(|line| line.chars().count() <= 80));
    assert!(
        page.out
            .contains("in/a.jsonl:1 and in/b.csv:2  10.1118/1.4829521"),
        "{}",
        page.told()
    );
    assert_eq!(page.err, "");
    let colored = inspect(&dir, &["in", "--color", "always"]).code(0).out;
    assert!(colored.contains("\u{1b}[1m"), "{colored:?}");
    // Quiet is about messages; what was asked for is said.
    let quiet = inspect(&dir, &["in", "-q"]).code(0);
    assert_eq!(quiet.out, page.out);
}

#[test]
fn what_can_not_be_read_is_told() {
    let dir = Dir::new();
    dir.write("prose.txt", "Nothing but prose.\nAnd more of it.\n");
    dir.write("empty.jsonl", "");
    dir.write("rejects.jsonl", "[1]\n{\"a\":\nnonsense\n");
    inspect(&dir, &["nowhere"])
        .code(1)
        .says("cannot read `nowhere`");
    inspect(&dir, &["prose.txt"])
        .code(1)
        .says("cannot tell what `prose.txt` is");
    inspect(&dir, &[]).code(1).says("nothing to read");
    let empty = inspect(&dir, &["empty.jsonl"]).code(0).out;
    assert!(
        empty.contains("0 records in 1 input") && empty.contains("nothing there"),
        "{empty}"
    );
    let rejects = inspect(&dir, &["rejects.jsonl"]).code(0).out;
    assert!(
        rejects.contains("0 records") && rejects.contains("rejects.jsonl:1"),
        "{rejects}"
    );
    let stdin = [&["inspect", "-", "--json"], &STORE[..]].concat();
    let run = dir
        .run_with(&stdin, b"{\"doi\":\"10.1118/1.4829521\"}\n")
        .code(0);
    assert!(run.out.contains("\"records\":1"), "{}", run.told());
    dir.write("store/data.mdb", "this is no database");
    inspect(&dir, &["rejects.jsonl"]).code(1);
}

#[test]
fn inspecting_leaves_a_store_as_it_is() {
    let dir = Dir::new();
    mixed(&dir);
    dir.write("works.jsonl", work("10.1118/1.4829521"));
    dir.run(&[&["store", "import", "works.jsonl"], &STORE[..]].concat())
        .code(0);
    let before = std::fs::read(dir.path("store/data.mdb")).unwrap();
    let one = inspect(&dir, &["in", "--json"]).code(0).out;
    let other = inspect(&dir, &["in", "--json"]).code(0).out;
    // What is free on the disk is another matter.
    let stable = |text: &str| text.split("\"output\":").next().unwrap().to_owned();
    assert_eq!(stable(&one), stable(&other));
    let export = |_: ()| {
        dir.run(&[&["store", "export"], &STORE[..]].concat())
            .code(0)
            .out
    };
    assert_eq!(export(()).lines().count(), 1);
    let after = std::fs::read(dir.path("store/data.mdb")).unwrap();
    // LMDB's two first pages tell the last transaction; the works lie behind them.
    assert_eq!(before.len(), after.len());
}

#[test]
fn a_run_asks_as_often_as_was_said_and_inspect_never() {
    let dir = Dir::new();
    // Three of them are not there.
    let fake = Fake::start(script(works(250, |n| n % 100 == 7)));
    let records = (0..250).map(|n| format!("{{\"doi\":\"{}\"}}\n", doi(n)));
    dir.write("in.jsonl", records.collect::<String>());
    let config = format!("[crossref]\nbase_url = \"{}\"\n", fake.url());
    dir.write("config.toml", config);
    let before = json(&dir, &["in.jsonl"])["cost"].clone();
    assert_eq!(before["dois"], 250);
    assert_eq!(before["list_requests"], 3);
    assert_eq!(before["single_requests"], 3);
    assert!(fake.seen().is_empty(), "{:?}", fake.seen());

    dir.ask(&fake, &[]).code(0);
    assert_eq!(fake.lists(), 3);
    let seen = fake.seen().len();
    let after = json(&dir, &["in.jsonl"]);
    assert_eq!(after["store"]["works"], 247);
    let absent = |key: &str| after["store"][key].as_u64().unwrap();
    assert_eq!(absent("not_found") + absent("other_agency"), 3);
    assert_eq!(after["cost"]["dois"], 0);
    assert_eq!(after["cost"]["not_found_share_from"], "store");
    assert_eq!(after["cost"]["not_found_share"], 0.012);
    assert_eq!(fake.seen().len(), seen, "inspect asks nobody");
    let page = inspect(&dir, &["in.jsonl"]).code(0).out;
    assert!(page.contains("asks for nothing"), "{page}");
}
