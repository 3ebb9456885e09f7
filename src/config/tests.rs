use std::path::{Path, PathBuf};

use super::settings::{places, unfit_address};
use super::*;

fn settings(text: &str) -> Result<Settings, ConfigError> {
    let file = File::parse(text, Path::new("config.toml"))?;
    let over = Overrides {
        store: Some("store".into()),
        inputs: vec!["in".into()],
        ..Overrides::default()
    };
    Settings::new(file, Path::new(""), over)
}

#[test]
fn the_documented_file_says_the_defaults() {
    let text = include_str!("../../config.toml");
    let documented = settings(text).unwrap();
    let mut default = settings("").unwrap();
    // This repository's own: a bundled slice of data.
    default.data_files = documented.data_files.clone();
    assert_eq!(format!("{documented:?}"), format!("{default:?}"));
}

#[test]
fn mistakes_are_told_with_what_was_meant() {
    let message = |text: &str| settings(text).unwrap_err().to_string();
    assert_eq!(
        message("offline = false\n[crossref]\nmail_to = \"x\"\n"),
        "config.toml:3: unknown key `mail_to`; did you mean `mailto`?"
    );
    assert!(message("batch = 3").starts_with("config.toml:1: unknown key `batch`"));
    assert!(message("offline = \"no\"").starts_with("config.toml:1: "));
    for (text, start, rest) in [
        (
            "profile = \"scholr\"",
            "config.toml:1: profile = `scholr`: ",
            "did you mean `scholar`?",
        ),
        (
            "\n\nmax_record = \"2 GiB\"",
            "config.toml:3: max_record = `2 GiB`: ",
            "write a size from",
        ),
        (
            "fail_on = [\n  \"reject\",\n]",
            "config.toml:1: fail_on = `reject`: ",
            "did you mean `rejects`?",
        ),
        (
            "[crossref]\nmax_age = \"soon\"",
            "config.toml:2: max_age = `soon`: ",
            "",
        ),
        (
            "offline = true\r\n[crossref]\r\npace = 0.0",
            "config.toml:3: pace = ",
            "",
        ),
        ("[crossref]\nbatch = 0", "config.toml:2: batch = `0`: ", ""),
        (
            "crossref = { pace = 0.5, batch = 0 }",
            "config.toml:1: batch = `0`: ",
            "",
        ),
        (
            "crossref.mailto = \"you@example.org\"",
            "config.toml:1: mailto = `you@example.org`: ",
            "",
        ),
        (
            "[enrich]\ndates = \"ful\"",
            "config.toml:2: dates = `ful`: ",
            "`full`",
        ),
        (
            "[fields]\nx = \"year\"\nyear = \"yer\"",
            "config.toml:3: fields.year = `yer`: ",
            "did you mean `year`?",
        ),
        (
            "[fields]\nx = \"year\"\n\"j.n\" = \"yer\"",
            "config.toml:3: fields.j.n = `yer`: ",
            "did you mean `year`?",
        ),
        (
            "[fields]\ntitel = { policy = \"own\" }",
            "config.toml:2: fields = `titel`: ",
            "did you mean `title`?",
        ),
        (
            "[fields.title]\npolicy = \"own\"\npolcy = \"own\"",
            "config.toml:3: fields.title = `polcy`: ",
            "`policy`?",
        ),
    ] {
        let message = message(text);
        assert!(
            message.starts_with(start) && message.contains(rest),
            "{text}: {message}"
        );
    }
    // A flag is nobody's line.
    let file = File::parse("profile = \"scholar\"", Path::new("config.toml")).unwrap();
    let over = Overrides {
        profile: Some("scholr".into()),
        store: Some("store".into()),
        inputs: vec!["in".into()],
        ..Overrides::default()
    };
    let message = Settings::new(file, Path::new(""), over).unwrap_err();
    assert!(
        message.to_string().starts_with("profile = `scholr`: "),
        "{message}"
    );
}

#[test]
fn addresses() {
    for fit in ["jane@library.edu", "j.d+x@mail.uni-graz.at"] {
        assert_eq!(unfit_address(fit), None, "{fit}");
    }
    for unfit in [
        "you@example.org",
        "me@mail.example.com",
        "you@your.org",
        "me",
        "me@",
        "@uni.edu",
        "a b@uni.edu",
        "me@uni",
        "me@host.test",
        "me@uni..edu",
    ] {
        assert!(unfit_address(unfit).is_some(), "{unfit}");
    }
}

#[test]
fn the_command_line_replaces_input_and_output() {
    let file = File::parse("input = [\"a\"]\noutput = \"b\"", Path::new("config.toml")).unwrap();
    let places = |inputs: &[&str], output: Option<&str>| {
        let over = Overrides {
            inputs: inputs.iter().map(PathBuf::from).collect(),
            output: output.map(PathBuf::from),
            ..Overrides::default()
        };
        let (inputs, output) = places(&file, Path::new("f"), &over).unwrap();
        let inputs = inputs
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>();
        (inputs.join(" "), output.display().to_string())
    };
    assert_eq!(places(&[], None), ("f/a".into(), "f/b".into()));
    assert_eq!(places(&["x"], None), ("x".into(), "-".into()));
    assert_eq!(places(&["x"], Some("y")), ("x".into(), "y".into()));
    assert_eq!(places(&[], Some("y")), ("-".into(), "y".into()));
}
