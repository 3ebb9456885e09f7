//! Lists of authors: order of names, initials, particles and cut lists are no difference.
//!
//! A string of names can often be read in several ways. Only where none of them names the same
//! people is it a difference; and where none is certain, families alone are compared.

mod loose;
mod matching;
mod member;
mod name;
mod reading;
#[cfg(test)]
mod tests;

use self::matching::{Crew, Outcome};
use self::reading::{List, Reading};
use crate::enricher::markup::plain;
use crate::enricher::normal::words;
use crate::work::Person;

/// Does a list in a record name others than `people`, or not all of them?
pub(super) fn authors_differ(record: &str, people: &[Person<'_>]) -> bool {
    let record = plain(record);
    if !record.contains(char::is_alphanumeric) {
        return false;
    }
    let cut = is_cut(&record);
    let crew = Crew::new(people);
    let list = List::new(&record);
    if crew.is_certain() && list.is_certain(crew.len()) {
        let outcome = |said: Reading<'_>| crew.compare(&said, cut, list.broken);
        list.readings()
            .map(outcome)
            .all(|it| it == Outcome::Differs)
    } else {
        loose::differ(&record, people, cut)
    }
}

/// `et al.`, `…` and the like: not all are said.
fn is_cut(record: &str) -> bool {
    if record.contains("...") || record.contains('…') {
        return true;
    }
    let folded = format!(" {} ", words(record));
    let cuts = [
        " et alii ",
        " others ",
        " other authors ",
        " more ",
        " u a ",
        " i dr ",
        " et coll ",
        " colleagues ",
    ];
    folded.contains(" et al ") || cuts.iter().any(|cut| folded.ends_with(cut))
}
