//! Runs without a person: the metrics that they leave, and the units that start them.

use std::time::Duration;

use crate::resolve::{script, works};
#[cfg(unix)]
use crate::resume::{ended, signal};
use crate::resume::{input, until_seen};
use crate::util::fake::Fault;
use crate::util::{Dir, Fake, MAILTO, repository};

const METRICS: [&str; 2] = ["--metrics", "run.prom"];

/// The value of a metric, with its label if it has one.
fn value(dir: &Dir, name: &str) -> Option<f64> {
    let text = dir.read("run.prom");
    assert!(text.contains("{run=\"run\"}"), "the file's name\n{text}");
    let text = text
        .replace("{run=\"run\"}", "")
        .replace("{run=\"run\",", "{");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

fn last_success(dir: &Dir) -> Option<f64> {
    value(dir, "crossfill_last_success_timestamp_seconds")
}

#[test]
fn a_run_that_is_done_and_one_that_is_refused_are_both_told() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(250, |n| n == 3)));
    dir.write("in.jsonl", input(250) + "nonsense\n");
    dir.ask(&fake, &METRICS).code(0);
    for (name, wanted) in [
        ("crossfill_run_exit_code", 0.0),
        ("crossfill_run_records{status=\"enriched\"}", 249.0),
        ("crossfill_run_records{status=\"not_found\"}", 1.0),
        ("crossfill_run_records{status=\"mismatch\"}", 0.0),
        ("crossfill_run_fields_filled{field=\"volume\"}", 249.0),
        ("crossfill_run_rejects", 1.0),
        ("crossfill_run_requests{kind=\"list\"}", 3.0),
        ("crossfill_run_dois_answered", 250.0),
    ] {
        assert_eq!(value(&dir, name), Some(wanted), "{}", dir.read("run.prom"));
    }
    let start = value(&dir, "crossfill_run_start_time_seconds").unwrap();
    let success = last_success(&dir).unwrap();
    assert!(start > 1.7e9 && success >= start, "{start} {success}");

    // Refused: its own figures, and the success of the run before.
    let mut closed = script(works(250, |_| false));
    closed.fault = Some(Box::new(|_| Some(Fault::Status(403, "blocked", vec![]))));
    let closed = Fake::start(closed);
    let url = closed.url();
    let afresh = ["in.jsonl", "-o", "out.jsonl", "--store", "another"];
    let asking = ["--base-url", &url, "--mailto", MAILTO];
    dir.run(&[&afresh[..], &asking, &METRICS].concat()).code(4);
    assert_eq!(value(&dir, "crossfill_run_exit_code"), Some(4.0));
    assert_eq!(value(&dir, "crossfill_run_dois_answered"), Some(0.0));
    assert_eq!(last_success(&dir), Some(success));
    assert!(!dir.exists("run.prom.part"));
}

#[test]
fn a_run_that_could_not_begin_is_told() {
    let dir = Dir::new();
    dir.write("config.toml", "inputt = [\"in.jsonl\"]\n");
    dir.run(&METRICS).code(1).says("did you mean `input`");
    assert_eq!(value(&dir, "crossfill_run_exit_code"), Some(1.0));
    assert_eq!(last_success(&dir), None);
    let records = value(&dir, "crossfill_run_records{status=\"unresolved\"}");
    assert_eq!(records, Some(0.0));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_is_told() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(600));
    let mut slow = script(works(600, |_| false));
    (slow.list_limit, slow.latency) = (10, Duration::from_millis(100));
    let fake = Fake::start(slow);
    let mut child = dir.start_with(&fake, &METRICS);
    until_seen(&fake, 2, &mut child);
    signal(&child, "-TERM");
    let (said, code) = ended(child);
    assert_eq!(code, Some(130), "{said}");
    assert_eq!(value(&dir, "crossfill_run_exit_code"), Some(130.0));
    assert!(value(&dir, "crossfill_run_requests{kind=\"list\"}") >= Some(2.0));
}

#[test]
fn metrics_that_cannot_be_written_are_found_before_the_work() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(1, |_| false)));
    dir.write("in.jsonl", input(1));
    dir.write("folder/x", "");
    for (path, said) in [
        ("nowhere/run.prom", "cannot write `nowhere/run.prom`: "),
        ("folder", "cannot write `folder`: it is no file"),
        (
            "in.jsonl",
            "`in.jsonl` is there already, and is no metrics of a run",
        ),
        ("-", "cannot write `-`: it is no file"),
    ] {
        dir.ask(&fake, &["--metrics", path])
            .code(1)
            .says(said)
            .says("hint: --metrics names a file of its own");
        assert!(!dir.exists("out.jsonl"), "{path}");
    }
    assert_eq!(fake.seen().len(), 0);
    assert_eq!(dir.read("in.jsonl"), input(1));
    dir.ask(&fake, &["--metrics", "run.prom", "--dry-run"])
        .code(2);
}

#[test]
fn metrics_and_pages_take_nobodys_place() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(1));
    dir.write("notes.txt", "# my own\n");
    dir.write(
        "other.html",
        "<!DOCTYPE html>\n<title>A page of somebody's</title>",
    );
    dir.write("run.html.part", "somebody's own");
    let run = |more: &[&str]| {
        let usual = ["in.jsonl", "--store", "st", "--offline"];
        let output = match more.contains(&"-o") {
            true => &[][..],
            false => &["-o", "out.jsonl"],
        };
        dir.run(&[&usual[..], output, more].concat())
    };
    run(&[]).code(0);
    let stored = || std::fs::read(dir.path("st/data.mdb")).unwrap();
    let (output, store) = (dir.read("out.jsonl"), stored());
    std::fs::remove_file(dir.path("out.run.json")).unwrap();
    for more in [
        &["--metrics", "out.jsonl"][..],
        &["--metrics", "out.run.json"],
        &["--metrics", "out.jsonl.part"],
        &["--metrics", "notes.txt"],
        &["--metrics", "config.toml"],
        &["--metrics", "st/new.prom"],
        &["--metrics", "a.html", "--report", "a.html"],
        &["--metrics", "a.html.part", "--report", "a.html"],
        &["--report", "out.run.json"],
        &["--report", "other.html"],
        &["--report", "run.html"],
        &["--report", "st/data.mdb"],
        &["--report", "out.jsonl", "--dry-run"],
        &["-o", "st/data.mdb"],
    ] {
        dir.write("config.toml", "# of ours\n");
        run(more).code(1);
        assert_eq!(dir.read("out.jsonl"), output, "{more:?}");
        assert!(stored() == store, "{more:?}");
        for new in [
            "out.run.json",
            "out.jsonl.part",
            "a.html",
            "a.html.part",
            "st/new.prom",
        ] {
            assert!(!dir.exists(new), "{more:?}: {new}");
        }
    }
    assert_eq!(dir.read("notes.txt"), "# my own\n");
    assert_eq!(dir.read("config.toml"), "# of ours\n");
    assert_eq!(dir.read("run.html.part"), "somebody's own");
    run(&[]).code(0);
    for other in ["out.jsonl", "out.run.json", "st/data.mdb"] {
        dir.run(&["report", "out.run.json", "-o", other]).code(1);
    }
    assert_eq!(dir.read("out.jsonl"), output);
    // By another way to the same place.
    #[cfg(unix)]
    {
        std::fs::create_dir(dir.path("real")).unwrap();
        std::os::unix::fs::symlink("real", dir.path("link")).unwrap();
        run(&["-o", "real/x.jsonl", "--report", "link/x.run.json"]).code(1);
        run(&["-o", "real/x.jsonl", "--metrics", "link/x.jsonl"]).code(1);
        assert!(!dir.exists("real/x.jsonl") && !dir.exists("real/x.run.json"));
    }
    // What a run may replace is its own kind.
    for _ in 0..2 {
        let own = ["--report", "new/run.html", "--metrics", "run.prom"];
        run(&own).code(0);
    }
    assert!(dir.exists("new/run.html") && dir.exists("run.prom"));
}

#[cfg(unix)]
#[test]
fn metrics_that_cannot_be_written_in_the_end_are_told() {
    let dir = Dir::new();
    dir.write("in.jsonl", input(100));
    dir.write("here/run.prom", "# HELP crossfill_run_exit_code Old.\n");
    let mut slow = script(works(100, |_| false));
    slow.latency = Duration::from_secs(2);
    let fake = Fake::start(slow);
    let mut child = dir.start_with(&fake, &["--metrics", "here/run.prom"]);
    until_seen(&fake, 1, &mut child);
    // Its folder goes while the answer is on its way.
    std::fs::rename(dir.path("here"), dir.path("there")).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write `here/run.prom`"), "{said}");
    let old = dir.read("there/run.prom");
    assert_eq!(old, "# HELP crossfill_run_exit_code Old.\n");
    assert_eq!(dir.records("out.jsonl").len(), 100, "the output is there");
}

/// The texts that have commands in them.
const PAGES: [&str; 7] = [
    "docs/data-file.md",
    "docs/exit-codes.md",
    "docs/statuses.md",
    "contrib/crossfill.service",
    "contrib/crossfill.cron",
    "docs/nightly.md",
    "docs/metrics.md",
];

fn page(name: &str) -> String {
    std::fs::read_to_string(repository(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The words after `crossfill` in each command of a text, up to where the shell takes over.
fn commands(text: &str) -> Vec<Vec<String>> {
    let ends = |word: &&str| {
        let shells = ["|", "||", "&&", ">", ">>", "2>", "2>>", ";"];
        !shells.contains(word) && !word.starts_with('#')
    };
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let inline = lines.flat_map(|line| match line.contains('`') {
        // In prose a command stands between two backquotes.
        true => line.split('`').skip(1).step_by(2).collect(),
        false => vec![line],
    });
    let after = inline.filter_map(|line| {
        let line = line.trim_start().trim_start_matches("ExecStart=");
        // Cron's time and user, or another program that starts it.
        let before = [
            "/usr/local/bin/",
            "env XDG_CACHE_HOME=/var/cache ",
            "crossfill-cache:/cache ",
        ];
        let line = before
            .iter()
            .find_map(|before| Some(line.split_once(before)?.1))
            .unwrap_or(line);
        let mut words = line.split_whitespace();
        let ours = words.next()? == "crossfill";
        ours.then(|| words.take_while(ends).map(str::to_owned).collect())
    });
    after.filter(|words: &Vec<_>| !words.is_empty()).collect()
}

#[test]
fn the_program_takes_every_command_of_the_kit() {
    let dir = Dir::new();
    dir.run(&["run", "--no-such-flag", "--help"]).code(2);
    for name in PAGES {
        let found = commands(&page(name));
        assert!(!found.is_empty(), "no command in {name}");
        for command in found {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            println!("{name}: crossfill {}", words.join(" "));
            // Everything before it is parsed, and nothing is done.
            dir.run(&[&words[..], &["--help"]].concat()).code(0);
        }
    }
}

#[test]
fn the_units_run_the_config_of_the_page() {
    let dir = Dir::new();
    let fake = Fake::start(script(works(3, |_| false)));
    let here = |text: &str| {
        let folder = dir.path("");
        let folder = folder.to_str().unwrap().trim_end_matches('/').to_owned();
        let paths = [
            "/etc/crossfill",
            "/srv/records",
            "/var/lib/crossfill",
            "/var/cache",
        ];
        // The page's address is an example, and refused.
        let text = text.replace("library@your.org", "tests@crossfill.dev");
        paths.iter().fold(text, |text, path| {
            text.replace(path, &format!("{folder}{path}"))
        })
    };
    let nightly = page("docs/nightly.md");
    let config = nightly.split("```toml\n").nth(1).unwrap();
    let config = config.split("```").next().unwrap();
    dir.write("etc/crossfill/config.toml", here(config));
    dir.write("srv/records/today.jsonl", input(3));
    dir.write("var/lib/crossfill/.keep", "");
    let url = fake.url();
    let mut same = Vec::new();
    for unit in ["contrib/crossfill.service", "contrib/crossfill.cron"] {
        let [command] = &commands(&page(unit))[..] else {
            panic!("{unit} has one command");
        };
        let command: Vec<String> = command.iter().map(|word| here(word)).collect();
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let log = ["--base-url", &url, "-q"];
        dir.run(&[&words[..], &log].concat()).code(0);
        assert_eq!(dir.records("var/lib/crossfill/enriched.jsonl").len(), 3);
        assert!(dir.exists("var/lib/crossfill/crossfill.prom"));
        let flags: Vec<String> = command
            .into_iter()
            .take_while(|w| w != "--log-format")
            .collect();
        same.push(flags);
    }
    assert_eq!(same[0], same[1], "both units start the same run");
    assert_eq!(fake.lists(), 1);
}

/// What systemd itself says of the units.
#[cfg(target_os = "linux")]
#[test]
fn systemd_takes_the_units() {
    use std::process::Command;
    let dir = Dir::new();
    let program = env!("CARGO_BIN_EXE_crossfill");
    let service = page("contrib/crossfill.service");
    dir.write(
        "crossfill.service",
        service.replace("/usr/local/bin/crossfill", program),
    );
    dir.write("crossfill.timer", page("contrib/crossfill.timer"));
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]);
    verify.args([dir.path("crossfill.service"), dir.path("crossfill.timer")]);
    match verify.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: there is no systemd-analyze here");
        }
        Err(error) => panic!("{error}"),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            // What it finds unknown or odd is only said. Units of this machine are none of ours.
            let ours: Vec<&str> = said
                .lines()
                .filter(|line| line.contains("crossfill."))
                .collect();
            assert!(output.status.success() && ours.is_empty(), "{said}");
        }
    }
}

#[test]
fn each_alert_is_explained_and_each_metric_in_it_exists() {
    let (rules, nightly, metrics) = (
        page("contrib/prometheus-rules.yml"),
        page("docs/nightly.md"),
        page("docs/metrics.md"),
    );
    let alerts: Vec<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    assert!(alerts.len() > 5);
    for alert in alerts {
        assert!(nightly.contains(&format!("| `{alert}` |")), "{alert}");
    }
    let words = rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    for metric in words.filter(|word| word.starts_with("crossfill_")) {
        assert!(metrics.contains(&format!("| `{metric}` |")), "{metric}");
    }
}
