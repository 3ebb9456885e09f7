//! Words in italics or bold type to which a word beside them is glued, as where a publisher's
//! texts lost the blanks there (`of<i>Danio rerio</i>and`), and headings within a paragraph.
//!
//! Part of a word may well be in italics (`Eco<i>RI</i>`): so a blank comes only where it is sure.

use super::joints::begins_word;
use super::names::Kind;
use super::tag::Tag;

/// Something in italics or bold type.
#[derive(Debug)]
pub(super) struct Run<'a> {
    text: &'a str,
    /// What follows its end.
    pub(super) after: &'a str,
}

/// What is missing beside a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    pub(super) before: bool,
    pub(super) after: &'static str,
}

/// A longer run is no name, nor a heading.
const LONGEST: usize = 80;

impl<'a> Run<'a> {
    /// The one that `tag` begins, if there is nothing but text in it.
    pub(super) fn new(tag: &Tag<'_>, rest: &'a str) -> Option<Self> {
        let styled = matches!(
            tag.name,
            "b" | "bold" | "em" | "i" | "it" | "ital" | "italic" | "strong" | "u" | "underline"
        );
        if tag.kind != Kind::Inline || tag.closes || tag.empty || !styled {
            return None;
        }
        let bytes = rest.as_bytes();
        let end = memchr::memchr(b'<', bytes.get(..LONGEST).unwrap_or(bytes))?;
        let (text, rest) = rest.split_at_checked(end)?;
        let rest = rest.strip_prefix("</")?;
        let bytes = rest.as_bytes();
        let end = memchr::memchr(b'>', bytes.get(..LONGEST).unwrap_or(bytes))?;
        let after = rest.get(end + 1..)?;
        Some(Self { text, after })
    }

    /// What is missing between it and the words that it is glued to.
    pub(super) fn gaps(&self, before: &str) -> Gaps {
        let word = last_word(before);
        let stem = before.get(..before.len() - word.len());
        let whole = stem.is_some_and(|stem| stem.is_empty() || stem.ends_with([' ', '\n', '(']));
        let lower = |text: &str| text.len() > 1 && text.ends_with(char::is_lowercase);
        let mut next = self.after.chars();
        let follows = next.next().is_some_and(char::is_alphabetic)
            && next.next().is_some_and(char::is_alphanumeric);
        let species = self.is_species();
        let latin = LATIN.contains(&self.text);
        let before = if species || latin {
            let sign = |c: char| c.is_ascii_digit() || matches!(c, ',' | ';' | ':' | ')' | '.');
            lower(word) || species && before.ends_with(sign)
        } else {
            let letter = self.text.starts_with(char::is_alphabetic);
            let telling = self.text.starts_with(|c: char| !c.is_ascii_lowercase())
                || self.text.contains(|c: char| c == ' ' || c.is_ascii_digit());
            whole
                && letter
                && (telling && SMALL.contains(&word)
                    || follows
                        && self.is_genus()
                        && lower(word)
                        && (word.len() > 3 || word.starts_with(char::is_lowercase)))
        };
        // `PPARα` is whole, but `αSynuclein` may be one name.
        let greek = word.len() > 1
            && word.chars().all(char::is_uppercase)
            && self.text.chars().count() == 1
            && !self.text.is_ascii()
            && begins_word(self.after);
        // `Hind` and `Sau3` are parts of names of enzymes.
        let known = species || latin || greek || before && self.text.len() > 4;
        Gaps {
            before,
            after: if follows && known { " " } else { "" },
        }
    }

    /// The same if it is a heading at the start of a sentence.
    pub(super) fn gaps_of_heading(&self, before: &str) -> Option<Gaps> {
        let text = self.text.trim();
        let words = text.trim_end_matches(['.', ':']).trim_end();
        let first = words.split(|c: char| !c.is_alphabetic()).next()?;
        let of_words =
            |c: char| c.is_alphabetic() || matches!(c, ' ' | '&' | ';' | ',' | '/' | '-');
        if !first.starts_with(char::is_uppercase)
            || !HEADINGS.contains(&first.to_lowercase().as_str())
            || !words.chars().all(of_words)
        {
            return None;
        }
        let sentence = before.trim_end();
        if !sentence.is_empty() && !sentence.ends_with(['.', '?', '!']) {
            return None;
        }
        let all = words.split([' ', '/']).all(|word| {
            let word = word.to_lowercase();
            HEADINGS.contains(&word.as_str()) || matches!(word.as_str(), "and" | "&")
        });
        let told = words.len() < text.len();
        let next = self.after.chars().next();
        let after = match next {
            Some(next) if next.is_alphanumeric() && told => " ",
            Some(next) if next.is_uppercase() && all => ": ",
            Some('.' | ':') => "",
            _ if told => "",
            _ => return None,
        };
        Some(Gaps {
            before: !before.is_empty() && sentence.len() == before.len(),
            after,
        })
    }

    fn is_genus(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(|c| c.is_ascii_uppercase())
            && self.text.len() > 4
            && chars.all(|c| c.is_ascii_lowercase())
    }

    /// `Danio rerio`, `E. coli`.
    fn is_species(&self) -> bool {
        let Some((genus, species)) = self.text.trim().split_once(' ') else {
            return false;
        };
        let lower = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        };
        let mut chars = genus.chars();
        chars.next().is_some_and(|c| c.is_ascii_uppercase())
            && (chars.as_str() == "." || lower(chars.as_str()))
            && species
                .split(' ')
                .all(|word| lower(word.trim_end_matches('.')))
            && species.len() >= 3
    }
}

/// Foreign words, that are in italics for that.
const LATIN: &[&str] = &[
    "de novo", "ex vivo", "in situ", "in vitro", "in vivo", "per se", "versus", "via",
];

/// The letters that a text ends with; of more than a word can have, the last.
fn last_word(text: &str) -> &str {
    let letters = text.chars().rev().take(LONGEST);
    let length: usize = letters
        .take_while(|c| c.is_alphabetic())
        .map(char::len_utf8)
        .sum();
    text.get(text.len() - length..).unwrap_or_default()
}

/// Words that are no part of another where a name follows.
#[rustfmt::skip]
const SMALL: &[&str] = &[
    "after", "against", "among", "and", "as", "at", "between", "by", "during", "for", "from", "in",
    "into", "of", "on", "or", "the", "to", "under", "using", "versus", "via", "with", "within",
];

/// The first words of headings.
#[rustfmt::skip]
const HEADINGS: &[&str] = &[
    "aim", "aims", "background", "case", "conclusion", "conclusions", "context", "design",
    "discussion", "findings", "goal", "goals", "hypothesis", "importance", "interpretation",
    "interventions", "introduction", "limitations", "main", "material", "materials",
    "measurements", "method", "methodology", "methods", "objective", "objectives", "outcome",
    "outcomes", "participants", "patients", "purpose", "rationale", "recommendations", "result",
    "results", "setting", "significance", "study", "subjects", "summary",
];

#[cfg(test)]
mod tests {
    use super::super::{plain, plain_abstract};

    /// Titles as they were deposited, in part.
    #[test]
    fn words_glued_to_names() {
        for (doi, raw, expected) in [
            (
                "10.1093/femsec/fiv167",
                "dynamics of<i>Burkholderia terrae</i>BS001 in the<i>Lyophyllum</i>sp. strain",
                "dynamics of Burkholderia terrae BS001 in the Lyophyllum sp. strain",
            ),
            (
                "10.1155/2014/979648",
                "against<i>Pseudomonas aeruginosa</i>and<i>Acinetobacter baumannii</i>",
                "against Pseudomonas aeruginosa and Acinetobacter baumannii",
            ),
            (
                "10.1155/2010/435838",
                "the Australian Desert Ant,<i>Melophorus bagoti</i>Lubbock",
                "the Australian Desert Ant, Melophorus bagoti Lubbock",
            ),
            (
                "10.1155/2012/173728",
                "Sites in<i>grin1b</i>Transcripts of Embryonic<i>Danio rerio</i>",
                "Sites in grin1b Transcripts of Embryonic Danio rerio",
            ),
            (
                "10.1155/2016/6232036",
                "PPAR<i>α</i>Agonist Fenofibrate Reduced the Secreting Load of<i>β</i>-Cells",
                "PPARα Agonist Fenofibrate Reduced the Secreting Load of β-Cells",
            ),
            (
                "10.1111/j.1365-2435.2009.01530.x",
                "Functional ecology and<i>Functional Ecology</i>",
                "Functional ecology and Functional Ecology",
            ),
            (
                "10.1259/0007-1285-69-828-1130",
                "pre-procedural<i>versus</i>peri-procedural",
                "pre-procedural versus peri-procedural",
            ),
            (
                "10.1155/2014/158601",
                "<i>Clostridium difficile</i>with Moxifloxacin",
                "Clostridium difficile with Moxifloxacin",
            ),
            // The shapes of their abstracts.
            (
                "10.1155/2014/256181",
                "that 150<i>Salmonella enterica</i>isolates",
                "that 150 Salmonella enterica isolates",
            ),
            (
                "10.1080/10446670310001642429",
                "detect<i>Chlamydia</i>species",
                "detect Chlamydia species",
            ),
            // Parts of words.
            (
                "",
                "un<i>Natural</i> and Mac<i>Quarie</i>an",
                "unNatural and MacQuariean",
            ),
            ("", "cut with <i>Eco</i>RI", "cut with EcoRI"),
            ("", "cut with<i>Eco</i>RI", "cut with EcoRI"),
            (
                "",
                "of <i>α</i>Synuclein, TNF<i>α</i>s",
                "of αSynuclein, TNFαs",
            ),
            ("", "anti<i>body</i>", "antibody"),
            (
                "",
                "Mac<i>Donald</i>s and bio<i>Rxiv</i>",
                "MacDonalds and bioRxiv",
            ),
            ("", "log-in<i>Form</i>", "log-inForm"),
            ("", "of<i>E. coli</i>'s", "of E. coli's"),
            ("", "the <i>p</i>H of", "the pH of"),
        ] {
            assert_eq!(plain(raw), expected, "{doi}");
        }
    }

    /// The shapes of 10.1155/2016/8948690, 10.1155/2016/4250109 and 10.21203/rs.3.rs-1981332/v1.
    #[test]
    fn headings_within_a_paragraph() {
        for (raw, expected) in [
            (
                "<p>We try.<italic>Results</italic>. It works.</p>",
                "We try. Results. It works.",
            ),
            (
                "<p><italic>Aims.</italic>We try.<italic>Methods.</italic>So.</p>",
                "Aims. We try. Methods. So.",
            ),
            (
                "<p>We try.<italic>Materials &amp; Methods:</italic> So.</p>",
                "We try. Materials & Methods: So.",
            ),
            (
                "<p><bold>Background</bold>We try.<bold>Conclusions</bold>It works.</p>",
                "Background: We try. Conclusions: It works.",
            ),
            (
                "<p>One.<bold>Materials and Methods</bold>We try.</p>",
                "One. Materials and Methods: We try.",
            ),
            // Names.
            ("(A.B.<italic>Results</italic>)", "(A.B.Results)"),
            ("see v.<italic>Brca</italic>.", "see v.Brca."),
            ("Of<italic>Results</italic>.", "OfResults."),
        ] {
            assert_eq!(plain_abstract(raw).as_deref(), Some(expected), "{raw}");
        }
        assert_eq!(plain("Try.<i>Results</i>."), "Try.Results.");
    }
}
