//! Names of journals: abbreviations, subtitles, places and articles are no difference.

use crate::enricher::markup::plain;
use crate::enricher::normal::words;

/// Do two names stand for one journal?
pub(super) fn same_journal(one: &str, other: &str) -> bool {
    let (one, other) = (plain(one), plain(other));
    let (one, other) = (forms(&one), forms(&other));
    one.iter().any(|one| {
        let mut others = other.iter().filter(|other| !(one.cut && other.cut));
        others.any(|other| same_words(&one.words, &other.words))
    })
}

/// A way to cite a journal.
struct Form {
    words: Vec<String>,
    /// Without a subtitle or part, in which journals may differ.
    cut: bool,
}

/// The whole name, and it without what others leave out.
fn forms(name: &str) -> Vec<Form> {
    let mut forms = vec![Form {
        words: significant(name),
        cut: false,
    }];
    // "Heart (British Cardiac Society)", "Foo: the journal of bars", "Foo = Bar".
    let cuts = [" (", " [", ": ", " = ", " / ", " - ", " – ", " — ", "; "];
    let first = cuts
        .iter()
        .filter_map(|cut| {
            Some((
                name.find(cut)?,
                !cut.starts_with(" (") && !cut.starts_with(" ["),
            ))
        })
        .min();
    if let Some((at, cut)) = first
        && let Some(head) = name.get(..at)
    {
        let words = significant(head);
        forms.push(Form { words, cut });
    }
    // "Foo, Part A" and "Foo Series B" are also cited as "Foo".
    const PARTS: &[&str] = &["part", "pt", "section", "sect", "sec", "series", "ser"];
    let heads: Vec<Form> = forms
        .iter()
        .filter_map(|form| {
            let part = |word: &String| PARTS.contains(&word.as_str());
            let words = form
                .words
                .get(..form.words.iter().position(part)?)?
                .to_vec();
            Some(Form { words, cut: true })
        })
        .collect();
    forms.extend(heads);
    forms.retain(|form| !form.words.is_empty());
    forms
}

fn significant(name: &str) -> Vec<String> {
    const SKIPPED: &[&str] = &[
        "the", "of", "and", "for", "in", "on", "to", "de", "la", "le", "les", "des", "du", "d",
        "l", "et", "der", "die", "das", "und", "fur", "fuer", "den", "del", "della", "di", "dei",
        "e", "y", "en", "el", "los", "las", "do", "da", "van", "voor", "het",
    ];
    let folded = words(name);
    let parts = folded.split(' ');
    let parts = parts.filter(|part| !part.is_empty() && !SKIPPED.contains(part));
    let mut parts: Vec<&str> = parts.collect();
    // The "Proceedings of the National Academy of Sciences" has its country or not.
    for country in [
        &["u", "s", "a"][..],
        &["usa"],
        &["united", "states", "america"],
    ] {
        if parts.len() > country.len() && parts.ends_with(country) {
            parts.truncate(parts.len() - country.len());
        }
    }
    parts.into_iter().map(str::to_owned).collect()
}

/// Equal, or one abbreviates the other word by word (`ACM Trans. Sens. Networks`) or as a whole
/// (`JAMA`).
fn same_words(one: &[String], other: &[String]) -> bool {
    if one.concat() == other.concat() {
        return true;
    }
    match (one, other) {
        ([_], [_]) => false,
        ([one], many) | (many, [one]) => {
            let initials: String = many.iter().filter_map(|word| word.chars().next()).collect();
            one.len() >= 3 && *one == initials
        }
        _ => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| abbreviates(one, other) || abbreviates(other, one))
        }
    }
}

/// `sens` for "sensor", `natl` for "national".
fn abbreviates(short: &str, long: &str) -> bool {
    if long.starts_with(short) {
        return true;
    }
    let mut letters = long.chars();
    short.len() >= 3
        && short.len() < long.len()
        && short.chars().next() == long.chars().next()
        && short.chars().all(|c| letters.any(|other| other == c))
}
