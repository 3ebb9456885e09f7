//! Lists that can't be told apart into people: is every family named, and does every part have
//! something in common with somebody?

use std::collections::HashSet;

use super::name::{Word, is_particle, name_words};
use super::reading::is_group;
use crate::enricher::markup::plain;
use crate::enricher::names::spelling;
use crate::enricher::normal::words;
use crate::work::Person;

/// Is somebody missing, unless the list is `cut`, or somebody a stranger?
pub(super) fn differ(record: &str, people: &[Person<'_>], cut: bool) -> bool {
    let folded = words(record);
    let own: HashSet<_> = folded.split(' ').map(spelling).collect();
    let whole = folded.replace(' ', "");
    let names: Vec<Vec<Word>> = people.iter().map(name).collect();
    let known: HashSet<&str> = names.iter().flatten().map(|word| &*word.text).collect();
    // Names written together, in both orders: 王伟.
    let mut all = String::new();
    for name in &names {
        name.iter().for_each(|word| all.push_str(&word.text));
        all.push(' ');
        name.iter().rev().for_each(|word| all.push_str(&word.text));
        all.push(' ');
    }
    let is_foreign = |part: &str| {
        let part = name_words(part);
        let said = |word: &&Word| word.text.chars().count() >= 2 && !word.is_no_name();
        let mut said = part.iter().filter(said).peekable();
        if said.peek().is_none() || part.iter().all(Word::is_initials) || is_group(&part) {
            return false;
        }
        let joined: String = part.iter().map(|word| word.text.as_str()).collect();
        let mut words = said.map(|word| word.text.as_str());
        !all.contains(&joined)
            && !words.any(|word| known.contains(word) || word.len() >= 5 && all.contains(word))
    };
    let separator = if record.contains(';') { ';' } else { ',' };
    !cut && people.iter().any(|person| {
        let family = person
            .part("family")
            .map(|family| name_words(&plain(&family)));
        family.is_some_and(|family| !is_named(&family, |word| own.contains(word), &whole))
    }) || record.split(separator).any(is_foreign)
}

/// The words of a person's name.
fn name(person: &Person<'_>) -> Vec<Word> {
    let parts = ["given", "family", "name", "suffix"].map(|key| person.part(key));
    let parts = parts.iter().flatten();
    parts.flat_map(|part| name_words(&plain(part))).collect()
}

/// Is this family name in the record? Groups are often left out.
fn is_named(family: &[Word], said: impl Fn(&str) -> bool, whole: &str) -> bool {
    if family.is_empty() || family.len() > 4 || family.iter().all(|word| said(&word.text)) {
        return true;
    }
    // "van der Berg" may be cited as "Berg", and "García Márquez" as "García".
    let long = |word: &&Word| word.text.chars().count() >= 3 && !is_particle(&word.text);
    let (first, last) = (family.iter().find(long), family.iter().rfind(long));
    if [first, last].iter().flatten().any(|word| said(&word.text)) {
        return true;
    }
    let joined: String = family.iter().map(|word| word.text.as_str()).collect();
    (joined.len() >= 6 || !joined.is_ascii()) && whole.contains(&joined)
}
