//! Authors and editors, as one string of names or as a list of objects.
//!
//! Names are told as deposited: family names in capitals stay so, and so does the order. Titles such
//! as `Dr` (`prefix`) are no part of a name.

use std::borrow::Cow;

use super::identifiers::orcid;
use super::plain_of;
use crate::enricher::names::is_nobody;
use crate::json::{self, ObjectWriter};
use crate::work::Person;

/// The parts of a name.
struct Name<'a> {
    given: Option<Cow<'a, str>>,
    family: Option<Cow<'a, str>>,
    /// A group, or a person whose name was deposited in one piece.
    whole: Option<Cow<'a, str>>,
    suffix: Option<Cow<'a, str>>,
}

impl<'a> Name<'a> {
    /// None if nobody is named: no part has a letter, or the name says just that.
    fn of(person: &Person<'a>) -> Option<Self> {
        let part = |key| {
            let part = person.part(key).map(plain_of);
            part.filter(|part| !part.is_empty())
        };
        let mut name = Self {
            given: part("given"),
            family: part("family"),
            whole: part("name"),
            suffix: part("suffix"),
        };
        let lower = |name: &str| name.chars().any(char::is_lowercase);
        if let (Some(given), Some(family)) = (&name.given, &name.family) {
            // 10.1130/geol.s.22120316.v1 has "et" for a given name, and "al." for the family's.
            if is_nobody(&[given, " ", family].concat()) {
                return None;
            }
            // "ZHANG NA" is somebody.
            if is_nobody(given) && (lower(given) || lower(family)) {
                name.given = None;
            }
        }
        let named = match (&name.given, &name.family) {
            (Some(given), Some(family)) => !(is_nobody(given) && is_nobody(family)),
            _ => name.only().is_some_and(|only| !is_nobody(only)),
        };
        named.then_some(name)
    }

    /// What there is to call somebody by who has not both given and family name.
    fn only(&self) -> Option<&Cow<'a, str>> {
        let family = self.family.as_ref();
        family.or(self.whole.as_ref()).or(self.given.as_ref())
    }

    /// What `Given Family Suffix`, or the name of a group, is made of.
    fn words(&self) -> impl Iterator<Item = &Cow<'a, str>> {
        let (first, last) = match (&self.given, &self.family) {
            (Some(given), Some(family)) => (Some(given), Some(family)),
            _ => (None, self.only()),
        };
        [first, last, self.suffix.as_ref()].into_iter().flatten()
    }
}

/// All names in one string; a comma inside of one makes it a list by semicolons (which therefore
/// are commas inside of one).
pub(in crate::enricher) fn names(people: &[Person<'_>]) -> Option<String> {
    let names: Vec<Name<'_>> = people.iter().filter_map(Name::of).collect();
    let mut words = names.iter().flat_map(Name::words);
    let separator = if words.any(|word| word.contains([',', ';'])) {
        "; "
    } else {
        ", "
    };
    let mut out = String::with_capacity(names.len() * 20);
    for name in &names {
        if !out.is_empty() {
            out.push_str(separator);
        }
        for (at, word) in name.words().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            match word.contains(';') {
                true => out.push_str(&word.replace(';', ",")),
                false => out.push_str(word),
            }
        }
    }
    (!out.is_empty()).then_some(out)
}

/// A list of objects, one for each.
pub(super) fn list(people: &[Person<'_>]) -> Option<String> {
    let each = people.iter().filter_map(|person| {
        let name = Name::of(person)?;
        let mut out = ObjectWriter::new();
        for (key, part) in [
            ("given", &name.given),
            ("family", &name.family),
            ("name", &name.whole),
            ("suffix", &name.suffix),
        ] {
            if let Some(part) = part {
                out.string(key, part);
            }
        }
        if let Some(id) = person.part("ORCID").and_then(|id| orcid(&id)) {
            out.string("orcid", &id);
        }
        let affiliations = person.affiliations().into_iter().map(affiliation);
        let affiliations: Vec<_> = affiliations.filter(|name| !name.is_empty()).collect();
        if let Some(affiliations) = super::strings(&affiliations) {
            out.raw("affiliations", &affiliations);
        }
        Some(out.finish())
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| json::array(each))
}

/// Without what separated it from the next one.
fn affiliation(name: Cow<'_, str>) -> Cow<'_, str> {
    let name = plain_of(name);
    let bare = name.trim_end_matches([';', ',', ' ']).len();
    match name {
        Cow::Borrowed(name) => Cow::Borrowed(name.get(..bare).unwrap_or(name)),
        Cow::Owned(mut name) => {
            name.truncate(bare);
            Cow::Owned(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Fact;
    use super::super::tests::{quoted_or_none, told};
    use crate::json;

    fn authors(each: &str) -> String {
        told(Fact::AuthorNames, &format!(r#""author":[{each}]"#))
    }

    #[test]
    fn names_are_told_as_deposited() {
        for (each, expected) in [
            (
                r#"{"given":"Josiah","family":"Carberry"},{"given":"Zoë","family":"Müller"}"#,
                "Josiah Carberry, Zoë Müller",
            ),
            // 10.1021/ja01473a026
            (
                r#"{"given":"F. V.","family":"Brutcher","suffix":"Jr."}"#,
                "F. V. Brutcher Jr.",
            ),
            // A title is no part of a name.
            (
                r#"{"prefix":"Dr","given":"Jane","family":"Doe","suffix":" "}"#,
                "Jane Doe",
            ),
            (r#"{"given":"JANE","family":"DOE"}"#, "JANE DOE"),
            // 10.1103/physrevlett.126.162501: thin spaces, and a group
            (
                r#"{"given":"J.\u2009C.","family":"Bernauer"},{"name":"OLYMPUS Collaboration"}"#,
                "J. C. Bernauer, OLYMPUS Collaboration",
            ),
            // 10.1007/s15002-013-0459-8
            (r#"{"name":"Urban &amp; Vogel"}"#, "Urban & Vogel"),
            (r#"{"family":"Canelo"}"#, "Canelo"),
            (r#"{"given":"Plato"}"#, "Plato"),
            // 10.21831/imaji.v4i1.6702
            (r#"{"given":"Sumaryadi","family":"-"}"#, "Sumaryadi"),
            (r#"{"given":".","family":"Roe"}"#, "Roe"),
            // 10.1021/ja00736a600: a comma inside of a name
            (
                r#"{"given":"Louis","family":"McAdams, III"},{"given":"J.","family":"Doe"}"#,
                "Louis McAdams, III; J. Doe",
            ),
            // 10.53052/9788366249998.06: a semicolon, too
            (
                r#"{"family":"Puškár"},{"name":"Technical University; Faculty"}"#,
                "Puškár; Technical University, Faculty",
            ),
        ] {
            assert_eq!(authors(each), json::quote(expected), "{each}");
        }
    }

    #[test]
    fn who_is_not_named_is_skipped_and_nobody_else() {
        for (each, expected) in [
            // 10.1021/ja01203a080
            (r#"{"name":"NA"}"#, ""),
            // 10.26686/wgtn.14050715: an author of whom only the sequence is known
            (
                r#"{"sequence":"additional","affiliation":[]},{"given":"Aniebietabasi","family":"Ackley"}"#,
                "Aniebietabasi Ackley",
            ),
            (r#"{"given":"","family":""}"#, ""),
            (r#"{"given":"-","family":"."}"#, ""),
            (r#"{"given":"NA","family":"NA"}"#, ""),
            (r#"{"given":"<b></b>","family":"Doe"}"#, "Doe"),
            (r#"{"given":"NA","family":"Canelo"}"#, "Canelo"),
            (r#"{"given":"NA","family":"ZHANG"}"#, "NA ZHANG"),
            (r#"{"given":"et al","family":"Canelo"}"#, "Canelo"),
            (r#"{"family":"Doe"},{"given":"et","family":"al."}"#, "Doe"),
            // 10.2973/odp.proc.ir.180.2000
            (r#"{"family":"Taylor"},{"name":"et al."}"#, "Taylor"),
            // 10.1016/j.apsb.2022.09.004 and 10.1109/iccd56317.2022.00025: people
            (
                r#"{"given":"Na","family":"Zhang"},{"given":"Seonjin","family":"Na"},{"family":"Na"}"#,
                "Na Zhang, Seonjin Na, Na",
            ),
            (r#"null,7,"Doe",{"family":7},{"family":"Doe"}"#, "Doe"),
        ] {
            assert_eq!(authors(each), quoted_or_none(expected), "{each}");
        }
        assert_eq!(told(Fact::AuthorNames, r#""author":{"family":"Doe"}"#), "");
        assert_eq!(told(Fact::Authors, r#""author":[{"name":"NA"}]"#), "");
    }

    #[test]
    fn people_have_ids_and_affiliations() {
        let people = r#""author":[{"given":"Josiah","family":"Carberry","suffix":"Jr","sequence":"first",
            "ORCID":"http://orcid.org/0000-0002-1825-0097","affiliation":[{"name":"Brown University; "},
            {"name":"Brown University"},{"name":"\u00a0"},{"id":[]},{"name":"Wesleyan &amp; others,"}]},
            {"name":"A group","ORCID":"http://orcid.org/0000-0000-0000-0000","affiliation":null}],
            "editor":[{"given":"-","family":"Roe"}]"#;
        assert_eq!(
            told(Fact::Authors, people),
            r#"[{"given":"Josiah","family":"Carberry","suffix":"Jr","orcid":"https://orcid.org/0000-0002-1825-0097","affiliations":["Brown University","Wesleyan & others"]},{"name":"A group"}]"#
        );
        assert_eq!(told(Fact::Editors, people), r#"[{"family":"Roe"}]"#);
    }

    proptest! {
        #[test]
        fn nobody_is_lost(families in prop::collection::vec("[A-Z][a-z]{1,8}", 1..9)) {
            let each = families.iter().map(|family| format!(r#"{{"family":"{family}"}}"#));
            let told = authors(&each.collect::<Vec<_>>().join(","));
            prop_assert_eq!(told, json::quote(&families.join(", ")));
        }
    }
}
