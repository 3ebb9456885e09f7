//! DOIs that a person should look at: what is there can't be one, or it had to be changed so much
//! that what is asked may not be what was meant.
//!
//! Links to DOIs, labels before them, entities and invisible characters are everyday forms that the
//! recogniser undoes without doubt.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::doi::{Doi, DoiError};

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It can't be a DOI.
    Invalid(DoiError),
    /// A DOI of manuals and forms, which stands for none.
    Placeholder,
    /// A blank in the middle, it seems.
    Blank,
    /// More than one DOI; the first is asked.
    Several,
    /// Words around it.
    Words,
    /// Its last characters were cut.
    Cut,
    /// Percent-escapes were undone, though it is no link.
    Decoded,
    /// Another field has another DOI.
    Other,
}

impl Doubt {
    /// All kinds, by name.
    pub(crate) const NAMES: [&str; 8] = [
        "invalid",
        "placeholder",
        "blank",
        "several",
        "words",
        "cut",
        "decoded",
        "other",
    ];

    /// Its place in [`Doubt::NAMES`].
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Invalid(_) => 0,
            Self::Placeholder => 1,
            Self::Blank => 2,
            Self::Several => 3,
            Self::Words => 4,
            Self::Cut => 5,
            Self::Decoded => 6,
            Self::Other => 7,
        }
    }

    /// What a person is told.
    pub(crate) fn told(self) -> Cow<'static, str> {
        match self {
            Self::Invalid(why) => why.to_string().into(),
            Self::Placeholder => "a placeholder, it seems".into(),
            Self::Blank => "a blank inside".into(),
            Self::Several => "more than one DOI".into(),
            Self::Words => "more than a DOI".into(),
            Self::Cut => "its end was cut off".into(),
            Self::Decoded => "percent-escapes undone".into(),
            Self::Other => "another field has another DOI".into(),
        }
    }
}

/// The doubt about a DOI that was found as `written` in `text`, the value of a field that should be a
/// DOI, and what was meant, perhaps.
pub(super) fn found(text: &str, written: &str) -> Option<(Doubt, Option<Doi>)> {
    let text = text.trim();
    if text == written {
        return None;
    }
    let Some(at) = text.find(written) else {
        let link = text.contains("://") || text.to_ascii_lowercase().contains("doi.org");
        let decoded = !link && text.contains('%') && !written.contains('%');
        return decoded.then_some((Doubt::Decoded, None));
    };
    let (before, after) = (text.get(..at)?, text.get(at + written.len()..)?);
    let link = before.contains('/');
    if after.is_empty() {
        // `doi: https://doi.org/` is a label, `see Doe 2021, doi:` is not.
        let words = before.split_whitespace().count() > 2;
        return words.then_some((Doubt::Words, None));
    }
    // Query, fragment, the publisher's tails.
    if link && !after.contains(char::is_whitespace) && !after.starts_with(['.', ',']) {
        return None;
    }
    if Doi::find(after).is_ok() {
        return Some((Doubt::Several, None));
    }
    let from = text.get(at..)?;
    let gap = from.find(char::is_whitespace);
    if let Some(gap) = gap {
        let (head, tail) = from.split_at_checked(gap)?;
        let tail = tail.trim_start();
        let joint = |c: char| matches!(c, '.' | '-' | '_' | '/');
        let goes_on = head.ends_with(joint) || head.ends_with('(') || tail.starts_with(joint);
        // One word more: several are a remark.
        let one = !tail.contains(char::is_whitespace);
        let joined = [head, tail].concat();
        if goes_on
            && one
            && let Ok(meant) = Doi::find(&joined)
        {
            return Some((Doubt::Blank, Some(meant)));
        }
        return Some((Doubt::Words, None));
    }
    // `(10.…)` and `<10.…>` lose no more than they should.
    let brackets = !before.is_empty() && after.chars().all(|c| ")]}>\"'”’»".contains(c));
    (!brackets).then_some((Doubt::Cut, None))
}

/// What was meant by a text that can't be a DOI, perhaps.
pub(super) fn meant(text: &str) -> Option<Doi> {
    // Digits and slashes of full width, blanks, letters that look like digits, a comma for a stop.
    let plain: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.replace('\\', "/");
    let lower = plain.to_ascii_lowercase();
    let starts = ["lo.", "l0.", "io.", "i0.", "1o.", "10,", "10:", "1.0."];
    let bare = lower.strip_prefix("doi:").unwrap_or(&lower);
    let repaired = starts.iter().find_map(|start| {
        let rest = bare.strip_prefix(start)?;
        Doi::find(&format!("10.{rest}")).ok()
    });
    repaired.or_else(|| Doi::find(&plain).ok())
}

/// Suffixes that stand for any.
const ANY: [&str; 16] = [
    "xyz", "xyz123", "abc", "abc123", "abcd", "foo", "example", "sample", "test", "123", "1234",
    "12345", "123456", "doi", "suffix", "yyyy",
];

/// Suffixes that say that there is none.
const NONE: [&str; 8] = [
    "null",
    "none",
    "nan",
    "na",
    "n/a",
    "undefined",
    "unknown",
    "tbd",
];

/// Prefixes that manuals use: the DOI Foundation's own, Crossref's for examples, and such as anybody
/// makes up.
const MANUALS: [&str; 6] = [
    "10.1000", "10.5555", "10.1234", "10.12345", "10.9999", "10.0000",
];

/// Does this DOI stand for no work?
pub(super) fn is_placeholder(doi: &Doi) -> bool {
    let suffix = doi.suffix();
    if suffix.len() <= 12 {
        let any = MANUALS.contains(&doi.prefix()) && ANY.contains(&suffix);
        if any || NONE.contains(&suffix) {
            return true;
        }
    }
    // Not `xxx`: that is thirty, in Roman numerals.
    memchr::memmem::find(suffix.as_bytes(), b"xxxx").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt(text: &str) -> Option<(&'static str, Option<String>)> {
        match Doi::find_as_written(text) {
            Ok((doi, _)) if is_placeholder(&doi) => Some(("placeholder", None)),
            Ok((_, written)) => {
                let (doubt, meant) = found(text, &written)?;
                Some((
                    Doubt::NAMES[doubt.index()],
                    meant.map(|doi| doi.to_string()),
                ))
            }
            Err(why) => Some((
                Doubt::NAMES[Doubt::Invalid(why).index()],
                meant(text).map(|doi| doi.to_string()),
            )),
        }
    }

    #[test]
    fn everyday_forms_are_not_doubted() {
        for text in [
            "10.1016/j.jksuci.2023.01.010",
            " 10.1038/S44172-025-00502-6\n",
            "doi:10.1093/jamiaopen/ooae021",
            "DOI: 10.1093/jamiaopen/ooae021",
            "doi: https://doi.org/10.1093/jamiaopen/ooae021",
            "http://dx.doi.org/10.1002/cnr2.1683",
            "https://doi.org/10.1175/1520-0493(1974)102%3C0736:WACOJ%3E2.0.CO;2",
            "10.1175/1520-0493(1974)102<0736:WACOJ>2.0.CO;2",
            "10.1175/1520-0493(1974)102&lt;0736:WACOJ&gt;2.0.CO;2",
            "https://dl.acm.org/doi/10.1145/3592799",
            "https://www.tandfonline.com/doi/full/10.1080/23311916.2021.1896418?src=x#y",
            "<10.1002/cnr2.1683>",
            "(10.1002/cnr2.1683)",
            "10.1002/0470841559.ch1",
            "10.5194/isprsarchives-xxx-4-w12",
            "10.5555/12345678",
        ] {
            assert_eq!(doubt(text), None, "{text}");
        }
    }

    #[test]
    fn the_others_are_told_with_what_was_meant() {
        let meant = |doi: &str| Some(doi.to_owned());
        for (text, kind, suggestion) in [
            ("10.1000/xyz123", "placeholder", None),
            ("10.1016/j.xxxx.2020.01.001", "placeholder", None),
            ("10.1016/null", "placeholder", None),
            ("10.1002/cnr2.1683.", "cut", None),
            ("10.1002/cnr2.1683…", "cut", None),
            ("https://doi.org/10.1002/cnr2.1683.", "cut", None),
            ("10.1016/j.cell.2020.01.001 (accessed 3 May)", "words", None),
            ("see Doe 2021, doi:10.1002/cnr2.1683", "words", None),
            ("10.1002/cnr2.1683; 10.1118/1.4829521", "several", None),
            ("10.1002%2Fcnr2.1683", "decoded", None),
            (
                "10.1016/j. cell.2020.01.001",
                "blank",
                meant("10.1016/j.cell.2020.01.001"),
            ),
            ("10.1002/ cnr2.1683", "invalid", meant("10.1002/cnr2.1683")),
            ("10,1002/cnr2.1683", "invalid", meant("10.1002/cnr2.1683")),
            ("1O.1002/cnr2.1683", "invalid", meant("10.1002/cnr2.1683")),
            ("10.1002\\cnr2.1683", "invalid", meant("10.1002/cnr2.1683")),
            (
                "１０.１００２／cnr2.1683",
                "invalid",
                meant("10.1002/cnr2.1683"),
            ),
            ("10.1002", "invalid", None),
            ("n/a", "invalid", None),
        ] {
            assert_eq!(doubt(text), Some((kind, suggestion)), "{text}");
        }
    }
}
