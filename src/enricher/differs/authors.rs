//! Lists of authors: order of names, initials, particles and cut lists are no difference.

use crate::enricher::names::same_name;
use crate::enricher::normal::words;
use crate::work::Person;

/// Does a list in a record name others than `people`, or not all of them?
pub(super) fn authors_differ(record: &str, people: &[Person<'_>]) -> bool {
    let record = record.replace("&nbsp;", " ");
    let folded = words(&record);
    let own: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    if own.is_empty() {
        return false;
    }
    let whole = own.concat();
    let names: Vec<Vec<String>> = people.iter().map(name).collect();
    let known = |word: &str| names.iter().flatten().any(|other| same_name(word, other));
    !is_cut(&record) && people.iter().any(|person| !is_named(person, &own, &whole))
        || parts(&record).any(|part| is_foreign(part, &whole_names(&names), known))
}

/// `et al.`, `…` and the like: not all are said.
fn is_cut(record: &str) -> bool {
    let end = record.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ']'));
    if end.ends_with("...") || end.ends_with('…') {
        return true;
    }
    let folded = format!(" {} ", words(record));
    let cuts = [
        " et al ",
        " et alii ",
        " and others ",
        " u a ",
        " i dr ",
        " et coll ",
        " and colleagues ",
    ];
    cuts.iter()
        .any(|cut| folded.ends_with(cut) || *cut == " et al " && folded.contains(cut))
}

/// The words of a person's name.
fn name(person: &Person<'_>) -> Vec<String> {
    let parts = ["given", "family", "name", "suffix"].map(|key| person.part(key));
    let parts = parts.iter().flatten().map(|part| words(part));
    parts
        .flat_map(|part| part.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Names written together, in both orders: 王伟.
fn whole_names(names: &[Vec<String>]) -> Vec<String> {
    let both = |name: &Vec<String>| {
        let turned: Vec<&str> = name.iter().rev().map(String::as_str).collect();
        [name.concat(), turned.concat()]
    };
    names.iter().flat_map(both).collect()
}

/// Parts of many family names, which alone name nobody.
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "del", "della", "dos", "das", "ter", "ten", "bin", "ibn", "abu",
    "san", "des", "zur", "vom",
];

/// Is this person's family name in the record? Groups are often left out.
fn is_named(person: &Person<'_>, own: &[&str], whole: &str) -> bool {
    let Some(family) = person.part("family") else {
        return true;
    };
    let folded = words(&family);
    let parts: Vec<&str> = folded.split(' ').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() || parts.len() > 4 {
        return true;
    }
    let said = |part: &str| own.iter().any(|word| same_name(word, part));
    // "van der Berg" may be cited as "Berg", and "García Márquez" as "García".
    let long = |part: &&&str| part.chars().count() >= 3 && !PARTICLES.contains(*part);
    let (first, last) = (parts.iter().find(long), parts.iter().rev().find(long));
    if parts.iter().all(|part| said(part)) || [first, last].iter().flatten().any(|part| said(part))
    {
        return true;
    }
    let joined = parts.concat();
    (joined.len() >= 6 || !family.is_ascii()) && whole.contains(&joined)
}

/// The people of a list, as far as separators tell them.
fn parts(record: &str) -> impl Iterator<Item = &str> {
    let semicolons = record.contains(';');
    record.split(move |c| if semicolons { c == ';' } else { c == ',' })
}

/// A part that has nothing in common with any of the names.
fn is_foreign(part: &str, whole: &[String], known: impl Fn(&str) -> bool) -> bool {
    const NO_NAMES: &[&str] = &[
        "jr",
        "sr",
        "md",
        "phd",
        "phil",
        "prof",
        "dr",
        "msc",
        "dsc",
        "mph",
        "et",
        "al",
        "and",
        "others",
        "ii",
        "iii",
        "iv",
        "der",
        "van",
        "von",
        "de",
        "the",
        "for",
        "on",
        "behalf",
        "of",
        "group",
        "colleagues",
    ];
    // Initials stand alone in "Doe, J., Roe, K.", and written together in "Doe, JA".
    let initials = part.chars().filter(|c| c.is_alphabetic()).count() <= 3
        && !part.chars().any(char::is_lowercase);
    if initials {
        return false;
    }
    let folded = words(part);
    let joined = folded.replace(' ', "");
    let mut said = folded
        .split(' ')
        .filter(|word| word.chars().count() >= 2 && !NO_NAMES.contains(word))
        .peekable();
    if said.peek().is_none() {
        return false;
    }
    let among = |text: &str| whole.iter().any(|name| name.contains(text));
    let joined_known = joined.chars().count() >= 2 && among(&joined);
    !joined_known && !said.any(|word| known(word) || word.len() >= 5 && among(word))
}
