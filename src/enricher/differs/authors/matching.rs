//! People of two lists, one to one.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::name::{Word, given_agree, given_within, is_particle, joined, name_words};
use super::reading::{Said, is_group};
use crate::enricher::markup::plain;
use crate::work::Person;

/// What comes of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Same,
    Differs,
}

/// The authors of a work.
pub(super) struct Crew {
    members: Vec<Member>,
    /// Who may be called so.
    by_key: HashMap<String, Vec<usize>>,
    certain: bool,
}

struct Member {
    given: Vec<Word>,
    family: Vec<Word>,
    keys: Vec<(String, Kind)>,
    /// A group, which may be left out.
    optional: bool,
    /// Letters of the name are lost.
    broken: bool,
    first: bool,
}

/// What stands for a family name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
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
struct Part<'a> {
    words: &'a [Word],
    comma: Option<usize>,
    keys: Vec<(String, Range<usize>)>,
}

/// So often at most are two people compared beyond the usual: more says nothing.
const BUDGET: usize = 10_000;

impl Crew {
    pub(super) fn new(people: &[Person<'_>]) -> Self {
        let mut crew = Self {
            members: Vec::with_capacity(people.len()),
            by_key: HashMap::with_capacity(people.len() * 2),
            certain: true,
        };
        for person in people {
            let Some(member) = Member::new(person, &mut crew.certain) else {
                continue;
            };
            for (key, _) in &member.keys {
                let bucket = crew.by_key.entry(key.clone()).or_default();
                if bucket.last() != Some(&crew.members.len()) {
                    bucket.push(crew.members.len());
                }
            }
            crew.members.push(member);
        }
        crew
    }

    /// Is each of them one person or group?
    pub(super) fn is_certain(&self) -> bool {
        self.certain && !self.members.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Does the record name these people? In a `cut` list not all; in a `broken` one some letters
    /// are lost.
    pub(super) fn compare(&self, reading: &[Said<'_>], cut: bool, broken: bool) -> Outcome {
        let parts: Vec<Part<'_>> = reading.iter().map(Part::new).collect();
        let mut pairing = Pairing {
            crew: self,
            parts: &parts,
            part_of: vec![None; self.members.len()],
            member_of: vec![None; parts.len()],
            budget: BUDGET,
        };
        pairing.pair();
        if pairing.budget == 0 {
            return Outcome::Same;
        }
        let shouted = !reading
            .iter()
            .flat_map(|said| said.words)
            .any(Word::is_lower);
        let strangers = |(at, part): (usize, &Part<'_>)| {
            let mark =
                !shouted && part.words.len() == 1 && part.words.iter().all(Word::is_initials);
            let stranger = pairing.member_of.get(at) == Some(&None);
            (stranger && !mark && !is_group(part.words)).then(|| is_other_script(part.words))
        };
        let strangers: Vec<bool> = parts.iter().enumerate().filter_map(strangers).collect();
        let known: HashSet<String> = self.chosen(&pairing, true).map(Member::whole).collect();
        let missing: Vec<bool> = self
            .chosen(&pairing, false)
            .filter(|member| !member.optional && !known.contains(&member.whole()))
            .map(|member| member.broken || is_other_script(&member.family))
            .collect();
        if (strangers.len(), missing.len()) == (0, 0) {
            return self.same_first(&parts, cut);
        }
        // Names in scripts of their own, and with letters lost, can't be compared.
        let count = |others: &[bool], other: bool| others.iter().filter(|it| **it == other).count();
        let unlike = count(&strangers, true).min(count(&missing, false))
            + count(&strangers, false).min(count(&missing, true));
        let joined = reading.iter().any(|said| said.comma.is_some());
        let pairs = match broken {
            true => strangers.len().min(missing.len()),
            false if joined => 0,
            false => unlike,
        };
        if strangers.len() > pairs || !cut && missing.len() > pairs {
            Outcome::Differs
        } else {
            Outcome::Same
        }
    }

    fn chosen(&self, pairing: &Pairing<'_>, named: bool) -> impl Iterator<Item = &Member> {
        let members = self.members.iter().zip(&pairing.part_of);
        members.filter_map(move |(member, part)| (part.is_some() == named).then_some(member))
    }

    /// All are named: is the first of them the first?
    fn same_first(&self, parts: &[Part<'_>], cut: bool) -> Outcome {
        let people = self
            .members
            .iter()
            .filter(|member| !member.optional)
            .count();
        let mut named = parts.iter().filter(|part| !is_group(part.words));
        let Some(first) = named.next().filter(|_| !cut && named.count() + 1 == people) else {
            return Outcome::Same;
        };
        let listed = self.members.iter().find(|member| !member.optional);
        let deposited = self.members.iter().find(|member| member.first);
        let mut firsts = [listed, deposited].into_iter().flatten();
        match firsts.any(|member| member.fits(first) || member.optional) {
            true => Outcome::Same,
            false => Outcome::Differs,
        }
    }
}

impl Member {
    fn new(person: &Person<'_>, certain: &mut bool) -> Option<Self> {
        let part = |key| person.part(key).unwrap_or_default();
        let parts = [part("given"), part("family"), part("name")];
        let [given, family, name] = parts.each_ref().map(|part| plain(part));
        // "McAdams, III" is one name.
        let several = |text: &str| {
            let more = text.split_once([',', ';']);
            more.is_some_and(|(_, more)| !name_words(more).iter().all(Word::is_no_name))
                || text.contains('&')
                || crate::enricher::names::parted_by_and(text).len() > 1
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
        // Placeholders of nobody.
        let placeholder = |text: &str| matches!(text, "NA" | "N/A" | "n/a" | "et al" | "et al.");
        if member.family.is_empty() || given.is_empty() && placeholder(whole) || whole == "al." {
            return None;
        }
        member.family.iter_mut().for_each(|word| word.exact = true);
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

    fn whole(&self) -> String {
        [&self.given, &self.family].map(|it| key(it)).concat()
    }

    /// May the part of the list be this person?
    fn fits(&self, part: &Part<'_>) -> bool {
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
            let more = before.any(|(at, word)| !run.contains(&at) && !is_particle(&word.text));
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
    fn new(said: &Said<'a>) -> Self {
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
fn is_other_script(words: &[Word]) -> bool {
    words.iter().any(|word| !word.text.is_ascii())
}

/// Who is who, as far as found.
struct Pairing<'a> {
    crew: &'a Crew,
    parts: &'a [Part<'a>],
    part_of: Vec<Option<usize>>,
    member_of: Vec<Option<usize>>,
    budget: usize,
}

impl Pairing<'_> {
    fn pair(&mut self) {
        // Most lists have the same order.
        let mut next = 0;
        for at in 0..self.parts.len() {
            let usual = self.is_free(next) && self.fit(at, next);
            let found = if usual { Some(next) } else { self.free(at) };
            if let Some(member) = found {
                self.set(at, member);
                next = member + 1;
            }
        }
        // Somebody may stand where another one fits too.
        for at in 0..self.parts.len() {
            if self.member_of.get(at) == Some(&None) {
                self.move_over(at, &mut HashSet::new());
            }
        }
    }

    fn set(&mut self, part: usize, member: usize) {
        if let Some(slot) = self.part_of.get_mut(member) {
            *slot = Some(part);
        }
        if let Some(slot) = self.member_of.get_mut(part) {
            *slot = Some(member);
        }
    }

    fn is_free(&self, member: usize) -> bool {
        self.part_of.get(member) == Some(&None)
    }

    fn fit(&self, part: usize, member: usize) -> bool {
        let (part, member) = (self.parts.get(part), self.crew.members.get(member));
        part.zip(member)
            .is_some_and(|(part, member)| member.fits(part))
    }

    /// Whom the part may be.
    fn fitting(&mut self, part: usize, free: bool) -> Vec<usize> {
        let keys = self.parts.get(part).map(|part| part.keys.as_slice());
        let mut found = Vec::new();
        for (key, _) in keys.unwrap_or_default() {
            for member in self.crew.by_key.get(key).into_iter().flatten() {
                if self.budget == 0 {
                    return found;
                }
                self.budget -= 1;
                if (!free || self.is_free(*member)) && self.fit(part, *member) {
                    found.push(*member);
                    if free {
                        return found;
                    }
                }
            }
        }
        found
    }

    fn free(&mut self, part: usize) -> Option<usize> {
        self.fitting(part, true).first().copied()
    }

    /// Finds a place for the part by moving others over.
    fn move_over(&mut self, part: usize, seen: &mut HashSet<usize>) -> bool {
        const DEEP: usize = 50;
        for member in self.fitting(part, false) {
            if seen.len() >= DEEP || !seen.insert(member) {
                continue;
            }
            let holder = self.part_of.get(member).copied().flatten();
            if holder.is_none_or(|holder| self.move_over(holder, seen)) {
                self.set(part, member);
                return true;
            }
        }
        false
    }
}
