//! An author of a work, and a part of a list that may be this author.

use std::ops::Range;

use super::name::{Word, given_agree, given_within, is_particle, joined, name_words};
use super::reading::{Said, is_group};
use crate::enricher::markup::plain;
use crate::enricher::names::{is_nobody, parted_by_and};
use crate::work::Person;

/// Somebody whom Crossref names, or a group.
pub(super) struct Member {
    given: Vec<Word>,
    pub(super) family: Vec<Word>,
    pub(super) keys: Vec<(String, Kind)>,
    /// A group, which may be left out.
    pub(super) optional: bool,
    /// Letters of the name are lost.
    pub(super) broken: bool,
    pub(super) first: bool,
}

/// What stands for a family name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The family name, or it without "van der".
    Family,
    /// One of two family names.
    Half,
    /// The given name, if the two were mistaken for each other.
    Given,
    /// The whole name, written together.
    Whole,
}

/// A part of the record's list: its words, and which of them joined may be a family name.
pub(super) struct Part<'a> {
    pub(super) words: &'a [Word],
    comma: Option<usize>,
    pub(super) keys: Vec<(String, Range<usize>)>,
}

impl Member {
    pub(super) fn new(person: &Person<'_>, certain: &mut bool) -> Option<Self> {
        let part = |key| person.part(key).unwrap_or_default();
        let parts = [part("given"), part("family"), part("name")];
        let [given, family, name] = parts.each_ref().map(|part| plain(part));
        // "McAdams, III" is one name.
        let several = |text: &str| {
            let more = text.split_once([',', ';']);
            more.is_some_and(|(_, more)| !name_words(more).iter().all(Word::is_no_name))
                || text.contains('&')
                || parted_by_and(text).len() > 1
        };
        *certain &= ![&given, &family, &name].iter().any(|text| several(text));
        let broken = [&given, &family]
            .iter()
            .any(|text| text.contains(['\u{fffd}', '?']));
        let optional = family.is_empty() && !name.is_empty();
        let whole = if optional { &name } else { &family };
        let mut member = Self {
            given: name_words(&given),
            family: name_words(whole),
            keys: Vec::new(),
            optional,
            broken,
            first: person.part("sequence").is_some_and(|it| it == "first"),
        };
        if member.family.is_empty() {
            std::mem::swap(&mut member.family, &mut member.given);
        }
        // "et" may be a given name, and "al." the family's.
        if member.family.is_empty() || given.is_empty() && is_nobody(whole) || whole == "al." {
            return None;
        }
        member.family.iter_mut().for_each(|word| word.exact = true);
        // Who is called like a degree is not told from one.
        *certain &= !member.family.iter().all(Word::is_no_name);
        member.optional |= is_group(&member.family);
        member.keys = member.keys();
        Some(member)
    }

    fn keys(&self) -> Vec<(String, Kind)> {
        let mut keys = vec![(key(&self.family), Kind::Family)];
        let long = |word: &&Word| word.text.chars().count() >= 3 && !is_particle(&word.text);
        if self.family.len() > 1 {
            let bare = self.family.iter().position(|word| !is_particle(&word.text));
            if let Some(bare) = bare.filter(|bare| *bare > 0) {
                keys.push((
                    key(self.family.get(bare..).unwrap_or_default()),
                    Kind::Family,
                ));
            }
            let halves = [
                self.family.iter().find(long),
                self.family.iter().rfind(long),
            ];
            let halves = halves.into_iter().flatten();
            keys.extend(halves.map(|word| (key(std::slice::from_ref(word)), Kind::Half)));
        }
        if self.given.iter().any(|word| !word.is_initials()) {
            keys.push((key(&self.given), Kind::Given));
        }
        if is_other_script(&self.family) {
            let together = [&self.family, &self.given].map(|it| key(it)).concat();
            let turned = [&self.given, &self.family].map(|it| key(it)).concat();
            keys.push((together, Kind::Whole));
            keys.push((turned, Kind::Whole));
        }
        keys
    }

    pub(super) fn whole(&self) -> String {
        [&self.given, &self.family].map(|it| key(it)).concat()
    }

    /// May the part of the list be this person?
    pub(super) fn fits(&self, part: &Part<'_>) -> bool {
        self.keys.iter().any(|(own, kind)| {
            let mut runs = part.keys.iter().filter(|(key, _)| key == own);
            runs.any(|(_, run)| self.fits_rest(part, run, *kind))
        })
    }

    /// The same, where `run` stands for the family name.
    fn fits_rest(&self, part: &Part<'_>, run: &Range<usize>, kind: Kind) -> bool {
        let words = part.words.iter().enumerate();
        let rest: Vec<&Word> = words
            .filter(|(at, _)| !run.contains(at))
            .map(|(_, word)| word)
            .collect();
        let given: Vec<&Word> = self.given.iter().collect();
        let family: Vec<&Word> = self.family.iter().collect();
        // In "García Márquez, María" the comma tells where the family name ends. In "Ellen Feld,
        // Xaver Feld" it does not.
        if let Some(comma) = part.comma {
            let mut before = part.words.iter().enumerate().take(comma);
            // "de" may be a particle, initials, or a given name.
            let particle = |word: &Word| {
                let ours = given.iter().any(|own| own.text == word.text);
                is_particle(&word.text) && word.is_lower() && !ours
            };
            let more = before.any(|(at, word)| !run.contains(&at) && !particle(word));
            let behind = part.words.iter().enumerate().skip(comma);
            let behind = behind.filter(|(at, _)| !run.contains(at));
            let behind: Vec<&Word> = behind.map(|(_, word)| word).collect();
            if more && !given_within(&behind, &given) {
                return false;
            }
        }
        match kind {
            Kind::Whole => rest.iter().all(|word| word.text.is_ascii()),
            Kind::Family => rest.is_empty() || given.is_empty() || given_agree(&rest, &given),
            Kind::Given => {
                let rest: Vec<Word> = rest.into_iter().cloned().collect();
                let (rest, family) = (key(&rest), key(&self.family));
                rest == family || rest.len() == 1 && family.starts_with(&rest)
            }
            // "García" of García Márquez, but then nothing else: of "Hzjyo-Tomoka", half is wrong.
            Kind::Half => {
                let word = |at: Option<usize>| part.words.get(at?);
                let before = word(run.start.checked_sub(1)).filter(|word| word.tied);
                let last = word(run.end.checked_sub(1)).filter(|word| word.tied);
                let behind = last.and_then(|_| word(Some(run.end)));
                let ours = |tied: &Word| self.family.iter().any(|word| word.text == tied.text);
                [before, behind].into_iter().flatten().all(ours)
                    && given_within(&rest, &[given, family].concat())
            }
        }
    }
}

impl<'a> Part<'a> {
    pub(super) fn new(said: &Said<'a>) -> Self {
        let words = said.words;
        let mut keys = Vec::new();
        for from in 0..words.len().min(8) {
            for to in from + 1..=words.len().min(from + 4) {
                if let Some(run) = words.get(from..to) {
                    keys.push((key(run), from..to));
                }
            }
        }
        Self {
            words,
            comma: said.comma,
            keys,
        }
    }
}

/// Words of a family name as one; Slavic names in Latin script in one way.
fn key(words: &[Word]) -> String {
    let mut key = joined(words);
    if key.starts_with("alex") {
        key.replace_range(3..4, "ks");
    }
    if key.len() >= 5 {
        for ending in ["iy", "ii", "ij", "yi", "yy", "y"] {
            if key.ends_with(ending) {
                key.truncate(key.len() - ending.len());
                key.push('i');
                break;
            }
        }
    }
    key
}

/// Neither Latin, nor told in Latin letters as Cyrillic is.
pub(super) fn is_other_script(words: &[Word]) -> bool {
    words.iter().any(|word| !word.text.is_ascii())
}
