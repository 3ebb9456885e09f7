//! What the documents promise: their links lead somewhere, and the options that they name exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::util::{Dir, repository};

/// The documents, with their text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = vec![repository("README.md"), repository("CHANGELOG.md")];
    let docs = std::fs::read_dir(repository("docs")).unwrap();
    paths.extend(docs.map(|entry| entry.unwrap().path()));
    let text = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    };
    paths.into_iter().map(text).collect()
}

/// The text without its code blocks, and those.
fn parts(text: &str) -> (String, Vec<&str>) {
    let (mut prose, mut code) = (String::new(), Vec::new());
    for (number, part) in text.split("```").enumerate() {
        match number % 2 {
            0 => prose.push_str(part),
            _ => code.push(part),
        }
    }
    (prose, code)
}

/// A heading as a link names it: as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

fn headings(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for (path, text) in documents() {
        let (prose, _) = parts(&text);
        for link in prose.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            count += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {link}", path.display());
            assert!(
                heading.is_empty() || headings(&target).contains(&heading.to_owned()),
                "{}: {link}",
                path.display()
            );
        }
    }
    assert!(count > 30, "{count}");
}

/// All options of all commands, as `--help` names them.
fn options(dir: &Dir) -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    for command in [
        &["run"][..],
        &["inspect"],
        &["show"],
        &["report"],
        &["doi"],
        &["store", "info"],
        &["store", "import"],
        &["store", "export"],
        &["store", "prune"],
        &["completions"],
        &["man"],
    ] {
        let help = [command, &["--help"]].concat();
        let help = dir.run(&help).code(0).out;
        let words = help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        options.extend(
            words
                .filter(|word| word.starts_with("--"))
                .map(str::to_owned),
        );
    }
    options
}

#[test]
fn the_options_that_documents_name_exist() {
    let options = options(&Dir::new());
    let mut count = 0;
    for (path, text) in documents() {
        let (_, code) = parts(&text);
        let lines = code.iter().flat_map(|code| code.lines());
        for line in lines {
            let line = line.split(" # ").next().unwrap();
            let own = line.trim_start().starts_with("crossfill ");
            let command = match line.split_once("| crossfill ") {
                Some((_, command)) => command,
                None if own => line,
                None => continue,
            };
            let words = command.split_whitespace();
            for word in words.filter(|word| word.starts_with("--") && word.len() > 2) {
                let option = word.split('=').next().unwrap();
                count += 1;
                assert!(options.contains(option), "{}: {line}", path.display());
            }
        }
    }
    assert!(count > 5, "{count}");
}
