//! A user's own fields, in whole runs.

use crate::resolve::{doi, script, works};
use crate::util::fake::Route;
use crate::util::{Dir, Fake, next_second};

const HELD: &str = r#"{"doi":"10.5555/cf.0001","title":"The title of work 1","volume":"2"}"#;

/// What the list requests selected, in order.
fn selected(fake: &Fake) -> Vec<bool> {
    let seen = fake.seen();
    let lists = seen.iter().filter(|seen| seen.route == Route::List);
    lists.map(|seen| seen.target.contains("select=")).collect()
}

#[test]
fn a_field_that_lists_do_not_select_is_asked_for_once_with_whole_works() {
    let dir = Dir::new();
    let mut works = works(2, |_| false);
    let work = works.get_mut(&doi(1)).unwrap();
    *work = work.replacen(
        '{',
        r#"{"institution":[{"name":"University of Subjects"}],"#,
        1,
    );
    let fake = Fake::start(script(works));
    dir.write("in.jsonl", HELD);
    let args = ["--config", "config.toml"];
    dir.write("config.toml", "");
    dir.ask(&fake, &args).code(0);
    assert_eq!(selected(&fake), [true]);

    // What is in the store is not the whole work: it is asked for again; offline it is used as it is.
    let fields = "[fields]\nplace = \"/institution/0/name\"\n";
    dir.write("config.toml", fields);
    dir.ask(&fake, &["--config", "config.toml", "--offline"])
        .code(0);
    assert!(!dir.read("out.jsonl").contains("place"));
    dir.ask(&fake, &args).code(0);
    assert_eq!(selected(&fake), [true, false]);
    assert!(
        dir.read("out.jsonl")
            .contains(r#""place":"University of Subjects""#)
    );
    dir.ask(&fake, &args).code(0);
    assert_eq!(fake.lists(), 2);
}

#[test]
fn policies_of_the_file_hold_from_run_to_run() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(2, |_| false)));
    dir.write(
        "config.toml",
        "[fields]\ncitation_count = { policy = \"own\" }\nvolume = { policy = \"never\" }\npublisher = { missing = [\"unknown\"] }\n",
    );
    let record = r#"{"doi":"10.5555/cf.0001","volume":null,"publisher":"Unknown"}"#;
    dir.write("in.jsonl", record);
    dir.ask(&fake, &["--config", "config.toml"]).code(0);
    let first = dir.read("out.jsonl");
    for part in [
        r#""volume":null"#,
        r#""publisher":"Example Press""#,
        r#""citation_count":7,"#,
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }

    // A month later the work is cited more often: our own count follows, all else stays.
    fake.set(|script| {
        let work = script.works.get_mut(&doi(1)).unwrap();
        *work = work.replace(
            r#""is-referenced-by-count":7"#,
            r#""is-referenced-by-count":9"#,
        );
    });
    dir.write("in.jsonl", &first);
    next_second();
    dir.ask(&fake, &["--config", "config.toml", "--max-age", "0"])
        .code(0);
    let second = dir.read("out.jsonl");
    assert_eq!(
        second,
        first.replace(r#""citation_count":7,"#, r#""citation_count":9,"#)
    );
}

#[test]
fn a_slip_in_the_fields_is_told_before_any_work() {
    let dir = Dir::new();
    dir.write("in.jsonl", HELD);
    dir.write("config.toml", "[fields]\nyear = \"publishd\"\n");
    dir.run(&[
        "in.jsonl",
        "-o",
        "out.jsonl",
        "--config",
        "config.toml",
        "--offline",
    ])
    .code(1)
    .says("config.toml:2: fields.year = `publishd`: there is no fact `publishd`; did you mean `published`?");
    assert!(!dir.exists("out.jsonl"));
}
