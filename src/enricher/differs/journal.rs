//! Names of journals: abbreviations, subtitles, places and articles are no difference.

use crate::enricher::markup::plain;
use crate::enricher::normal::{is_mark, words};

/// Do two names stand for one journal?
pub(super) fn same_journal(one: &str, other: &str) -> bool {
    let (one, other) = (plain(one), plain(other));
    let (one, other) = (forms(&one), forms(&other));
    one.iter().any(|one| {
        let mut others = other.iter().filter(|other| !(one.cut && other.cut));
        others.any(|other| same_words(&one.words, &other.words))
    })
}

/// Do two names begin alike and go on, after a colon or dash, with something else?
pub(super) fn other_subtitle(one: &str, other: &str) -> bool {
    let (one, other) = (plain(one), plain(other));
    let parted = |name: &str| {
        let at = SUBTITLES.iter().filter_map(|cut| name.find(cut)).min()?;
        let (head, tail) = name.split_at_checked(at)?;
        Some((significant(head, false), significant(tail, false)))
    };
    let (Some((head, tail)), Some((other_head, other_tail))) = (parted(&one), parted(&other))
    else {
        return false;
    };
    let same_whole = || {
        let whole = |head: &[String], tail: &[String]| [head, tail].concat();
        same_words(&whole(&head, &tail), &whole(&other_head, &other_tail))
    };
    same_words(&head, &other_head)
        && !tail.starts_with(&other_tail)
        && !other_tail.starts_with(&tail)
        && !same_words(&tail, &other_tail)
        && !same_whole()
}

/// What begins a subtitle.
const SUBTITLES: &[&str] = &[": ", " - ", " – ", " — ", "; "];

/// A way to cite a journal.
struct Form {
    words: Vec<String>,
    /// Without a subtitle, section or part, in which journals may differ.
    cut: bool,
}

/// The whole name, and it without what others leave out.
fn forms(name: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut push = |name: &str, cut| {
        let (words, bare) = (significant(name, false), significant(name, true));
        if bare.len() < words.len() {
            forms.push(Form {
                words: bare,
                cut: true,
            });
        }
        forms.push(Form { words, cut });
    };
    push(name, false);
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
        push(head, cut);
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

/// The words that others do not leave out. Words of a letter may be sections: without them
/// (`bare`), only the last one before a colon or dash surely is.
fn significant(name: &str, bare: bool) -> Vec<String> {
    const SKIPPED: &[&str] = &[
        "the", "of", "and", "for", "in", "on", "to", "de", "la", "le", "les", "des", "du", "d",
        "l", "et", "der", "die", "das", "und", "fur", "fuer", "den", "del", "della", "di", "dei",
        "e", "y", "en", "el", "los", "las", "do", "da", "van", "voor", "het",
    ];
    let mut parts: Vec<String> = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric() && !c.is_whitespace() && !is_inside(c)) {
        let folded = words(part);
        let mut each = folded.split(' ').peekable();
        while let Some(word) = each.next() {
            // "Physical Review E" has a section, "Medicina e Saúde" has none.
            let section = word.len() == 1 && (!bare || each.peek().is_none());
            if !word.is_empty() && (section || !SKIPPED.contains(&word)) {
                parts.push(word.to_owned());
            }
        }
    }
    // The "Proceedings of the National Academy of Sciences" has its country or not.
    for country in [
        &["u", "s", "a"][..],
        &["usa"],
        &["united", "states", "america"],
    ] {
        let rest = parts.len().saturating_sub(country.len());
        if rest > 0 && parts.iter().skip(rest).eq(country) {
            parts.truncate(rest);
        }
    }
    parts
}

/// What does not end a word, or the words of a title.
fn is_inside(c: char) -> bool {
    matches!(c, '\'' | '’' | '.' | '&' | '<' | '>') || is_mark(c)
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
