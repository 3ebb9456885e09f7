//! People of two lists, one to one.

use std::collections::{HashMap, HashSet};

use super::member::{Member, Part, is_other_script};
use super::name::Word;
use super::reading::{Said, is_group};
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
