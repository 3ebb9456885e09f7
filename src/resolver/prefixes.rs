//! What this run knows of prefixes: of those that never gave a work, the first absent DOI goes
//! alone, so that the agency is asked once and not for each of its DOIs.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::pending::Single;

/// May a DOI be asked singly?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Ask,
    /// Another of its prefix is being asked; it is kept until that is decided.
    Wait,
    /// Its prefix is registered elsewhere.
    Foreign,
}

enum Prefix {
    /// A DOI of it is being asked; these wait for the verdict.
    Asking(Vec<Single>),
    /// It gave a work, or its agency is Crossref: all its DOIs are asked as usual.
    Crossref,
    Foreign,
}

/// Verdicts by prefix. There are some 30,000 prefixes in all.
#[derive(Default)]
pub(super) struct Prefixes(Mutex<HashMap<String, Prefix>>);

impl Prefixes {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Prefix>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges a DOI; `known` says what the store knows of its prefix: is it Crossref's?
    pub(super) fn gate(&self, single: &Single, known: impl FnOnce() -> Option<bool>) -> Gate {
        let mut prefixes = self.lock();
        match prefixes.get_mut(single.doi.prefix()) {
            Some(Prefix::Crossref) => Gate::Ask,
            Some(Prefix::Foreign) => Gate::Foreign,
            Some(Prefix::Asking(waiting)) => {
                waiting.push(single.clone());
                Gate::Wait
            }
            None => {
                let (prefix, gate) = match known() {
                    Some(true) => (Prefix::Crossref, Gate::Ask),
                    Some(false) => (Prefix::Foreign, Gate::Foreign),
                    None => (Prefix::Asking(Vec::new()), Gate::Ask),
                };
                prefixes.insert(single.doi.prefix().to_owned(), prefix);
                gate
            }
        }
    }

    /// Is the agency of this prefix still a question?
    pub(super) fn wants_agency(&self, prefix: &str) -> bool {
        matches!(self.lock().get(prefix), Some(Prefix::Asking(_)))
    }

    /// The prefix is Crossref's. Returns the DOIs that waited for this verdict.
    pub(super) fn gave_a_work(&self, prefix: &str) -> Vec<Single> {
        self.decide(prefix, Prefix::Crossref)
    }

    /// The prefix is another agency's, unless it has given a work. Returns the DOIs that waited for
    /// this verdict.
    pub(super) fn is_foreign(&self, prefix: &str) -> Vec<Single> {
        if self.is_crossrefs(prefix) {
            return Vec::new();
        }
        self.decide(prefix, Prefix::Foreign)
    }

    /// The question found no answer: whoever waited asks for himself.
    pub(super) fn undecided(&self, prefix: &str) -> Vec<Single> {
        let mut prefixes = self.lock();
        match prefixes.remove(prefix) {
            Some(Prefix::Asking(waiting)) => waiting,
            Some(other) => {
                prefixes.insert(prefix.to_owned(), other);
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Did the prefix give a work, or is it known to be Crossref's otherwise?
    pub(super) fn is_crossrefs(&self, prefix: &str) -> bool {
        matches!(self.lock().get(prefix), Some(Prefix::Crossref))
    }

    fn decide(&self, prefix: &str, verdict: Prefix) -> Vec<Single> {
        match self.lock().insert(prefix.to_owned(), verdict) {
            Some(Prefix::Asking(waiting)) => waiting,
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doi::Doi;

    fn names(singles: Vec<Single>) -> Vec<String> {
        singles
            .iter()
            .map(|single| single.doi.to_string())
            .collect()
    }

    #[test]
    fn one_goes_alone_and_the_others_wait() {
        let prefixes = Prefixes::default();
        let dois: Vec<Single> = (0..3)
            .map(|n| Doi::parse(&format!("10.5281/{n}")).unwrap().into())
            .collect();
        assert_eq!(prefixes.gate(&dois[0], || None), Gate::Ask);
        assert_eq!(prefixes.gate(&dois[1], || None), Gate::Wait);
        assert!(prefixes.wants_agency("10.5281"));
        assert_eq!(names(prefixes.is_foreign("10.5281")), ["10.5281/1"]);
        assert_eq!(prefixes.gate(&dois[2], || None), Gate::Foreign);
        assert!(prefixes.undecided("10.5281").is_empty());
        assert_eq!(prefixes.gate(&dois[2], || None), Gate::Foreign);
    }

    #[test]
    fn a_failure_lets_the_next_one_try() {
        let prefixes = Prefixes::default();
        let dois: Vec<Single> = (0..2)
            .map(|n| Doi::parse(&format!("10.5281/{n}")).unwrap().into())
            .collect();
        assert_eq!(prefixes.gate(&dois[0], || None), Gate::Ask);
        assert_eq!(prefixes.gate(&dois[1], || None), Gate::Wait);
        assert_eq!(names(prefixes.undecided("10.5281")), ["10.5281/1"]);
        assert_eq!(prefixes.gate(&dois[1], || None), Gate::Ask);
        assert!(prefixes.gave_a_work("10.5281").is_empty());
        assert!(
            prefixes.is_foreign("10.5281").is_empty(),
            "a work says more"
        );
        assert_eq!(prefixes.gate(&dois[0], || None), Gate::Ask);
    }

    #[test]
    fn what_the_store_knows_is_not_asked() {
        let doi = Doi::parse("10.5281/1").unwrap().into();
        assert_eq!(
            Prefixes::default().gate(&doi, || Some(false)),
            Gate::Foreign
        );
    }
}
