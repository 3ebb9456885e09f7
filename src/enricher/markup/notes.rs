//! Marks of footnotes at the end of titles, as old titles of the American Chemical Society carry
//! them (`Luminescence of Purines¹`): they are no part of what one reads.
//!
//! What stands there may also be a power, an isotope, a charge, a residue, an allele or an index:
//! so a mark goes only where it can be nothing else.

use std::borrow::Cow;

/// The title without the mark of a note that it ends with.
pub(super) fn without_note(raw: &str) -> Cow<'_, str> {
    let end = raw.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '?' | '!'));
    let marked = end.strip_suffix("</sup>");
    let Some((title, mark)) = marked.and_then(|marked| marked.rsplit_once("<sup>")) else {
        return Cow::Borrowed(raw);
    };
    let title = title.trim_end();
    if !mark_of(mark.trim()).is_some_and(|mark| takes(title, mark)) {
        return Cow::Borrowed(raw);
    }
    match raw.get(end.len()..).map(str::trim).unwrap_or_default() {
        "" => Cow::Borrowed(title),
        stop => Cow::Owned([title, stop].concat()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// `1`, `2a`, `1,2`, `1-3`, `*`: no power.
    Sure,
    /// `2`: a note, or a square.
    Number,
}

fn mark_of(text: &str) -> Option<Mark> {
    let signs = |c| matches!(c, '*' | '†' | '‡' | '§' | '¶');
    if !text.is_empty() && text.chars().all(signs) {
        return Some(Mark::Sure);
    }
    let number = |part: &str| {
        let mut chars = part.trim().chars();
        matches!(chars.next(), Some('1'..='9'))
            && chars.next().is_none_or(|c| c.is_ascii_lowercase())
            && chars.next().is_none()
    };
    let mut parts = text.split([',', '-', '–']);
    let lone = !matches!(text, "" | "1") && text.len() == 1;
    parts
        .all(number)
        .then_some(if lone { Mark::Number } else { Mark::Sure })
}

/// Can this mark after this title be one of a note only?
fn takes(title: &str, mark: Mark) -> bool {
    let (body, last) = match title.char_indices().next_back() {
        Some((at, last)) => (title.get(..at).unwrap_or_default(), last),
        None => return false,
    };
    let sure = mark == Mark::Sure;
    match last {
        '°' => sure,
        '.' => match body.chars().next_back() {
            // `cm.²`
            Some(c) if c.is_alphabetic() => sure && !is_raised(last_word(body)) || word(body, mark),
            _ => false,
        },
        ')' | ']' => sure && bracket(body),
        '>' => sure && index(title),
        _ => word(title, mark),
    }
}

fn last_word(text: &str) -> &str {
    let bare = text.trim_end_matches(char::is_alphabetic);
    text.get(bare.len()..).unwrap_or_default()
}

/// Does the title end with a word that takes no power?
fn word(title: &str, mark: Mark) -> bool {
    let word = last_word(title);
    let before = title.get(..title.len() - word.len()).unwrap_or_default();
    // In italics it may be a gene, and the mark its allele.
    let styled = title.rfind('<').and_then(|at| title.get(at..));
    if is_raised(word) || styled.is_some_and(|tag| !tag.starts_with("</")) {
        return false;
    }
    let letters = word.chars().count();
    let lower = word.chars().rev().take_while(|c| c.is_lowercase()).count();
    let capitals = word.chars().all(char::is_uppercase);
    match mark {
        // `Learning²` is a play on words, that has few.
        Mark::Number => lower >= 4 && title.split_whitespace().nth(4).is_some(),
        Mark::Sure => {
            lower >= 3
                || letters >= 4 && capitals && is_loud(title)
                || letters >= 2 && is_numeral(word) && before.ends_with(' ')
        }
    }
}

/// Does what ends here within a bracket end with a word, or is it a valence?
fn bracket(body: &str) -> bool {
    let Some((_, inner)) = body.rsplit_once(['(', '[']) else {
        return false;
    };
    let inner = inner.trim_end_matches("</i>");
    let word = last_word(inner);
    let lower = word.chars().rev().take_while(|c| c.is_lowercase()).count();
    lower >= 3 && !is_raised(word) || is_numeral(inner)
}

/// Does the title end with an index that takes none above it? `C₀¹` is a space of functions, but
/// not `d₇₂¹`, nor what has more indices and so is a substance.
fn index(title: &str) -> bool {
    let Some((before, number)) = title
        .strip_suffix("</sub>")
        .and_then(|title| title.rsplit_once("<sub>"))
    else {
        return false;
    };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let substance = before
        .split_whitespace()
        .next_back()
        .is_some_and(|word| word.contains("</sub>"));
    digits && (number.len() > 1 || substance && last_word(before).len() > 1)
}

fn is_numeral(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| matches!(c, 'I' | 'V' | 'X'))
}

/// Is it written in capitals?
fn is_loud(title: &str) -> bool {
    let upper = title.chars().filter(|c| c.is_uppercase()).count();
    upper > title.chars().filter(|c| c.is_lowercase()).count()
}

/// May a number stand above this word: is it a unit, a function, a Greek letter, an amino acid or a
/// light element?
fn is_raised(word: &str) -> bool {
    RAISED.contains(&word.to_lowercase().as_str())
}

#[rustfmt::skip]
const RAISED: &[&str] = &[
    "centimeter", "centimeters", "centimetre", "centimetres", "cm", "dm", "feet", "foot", "ft",
    "hour", "hours", "hr", "inch", "inches", "kg", "kilometer", "kilometers", "kilometre",
    "kilometres", "km", "meter", "meters", "metre", "metres", "mg", "mi", "mile", "miles", "min",
    "minute", "minutes", "ml", "mm", "mol", "mole", "moles", "nm", "sec", "second", "seconds",
    "yard", "yards",
    "arc", "chow", "conf", "cos", "cosh", "cot", "det", "diff", "dim", "exp", "hilb", "homeo",
    "isom", "log", "proj", "sin", "sinh", "spec", "symp", "tan", "tanh",
    "alpha", "beta", "chi", "delta", "epsilon", "eta", "gamma", "iota", "kappa", "lambda", "mu",
    "nu", "omega", "omicron", "phi", "pi", "psi", "rho", "sigma", "tau", "theta", "upsilon", "xi",
    "zeta",
    "ala", "alanine", "arg", "arginine", "asn", "asp", "asparagine", "aspartate", "aspartic",
    "cys", "cysteine", "cystine", "gln", "glu", "glutamate", "glutamine", "gly", "glycine", "his",
    "histidine", "ile", "isoleucine", "leu", "leucine", "lys", "lysine", "met", "methionine",
    "phe", "phenylalanine", "pro", "proline", "sarcosine", "ser", "serine", "thr", "threonine",
    "trp", "tryptophan", "tyr", "tyrosine", "val", "valine",
    "beryllium", "boron", "helium", "hydrogen", "lithium",
];

#[cfg(test)]
mod tests {
    use super::super::{plain, plain_title};

    /// Titles as they were deposited.
    #[test]
    fn notes_at_the_end_of_titles() {
        for (doi, raw, expected) in [
            (
                "10.1021/ja00951a043",
                "Luminescence of Purines<sup>1</sup>",
                "Luminescence of Purines",
            ),
            (
                "10.1021/ja00964a032",
                "A Nuclear Magnetic Resonance Study of Toluene-Ketone Complexes<sup>1,2a</sup>",
                "A Nuclear Magnetic Resonance Study of Toluene-Ketone Complexes",
            ),
            (
                "10.1021/ja00952a057",
                "Spectrum of Chlorophyll a-d<sub>72</sub><sup>1</sup>",
                "Spectrum of Chlorophyll a-d72",
            ),
            (
                "10.1021/ja01650a006",
                "The Crystal Structure of [(CH<sub>3</sub>)<sub>4</sub>N]<sub>2</sub>CeCl<sub>6</sub><sup>1</sup>",
                "The Crystal Structure of [(CH3)4N]2CeCl6",
            ),
            (
                "10.1021/ja01465a016",
                "Chelates of Scandium (III), Thorium (IV) and Uranium(VI)<sup>1-3</sup>",
                "Chelates of Scandium (III), Thorium (IV) and Uranium(VI)",
            ),
            (
                "10.1021/ja01640a015",
                "The Non-protein Fraction of Beans (Phascolus vulgaris)<sup>1,2</sup>",
                "The Non-protein Fraction of Beans (Phascolus vulgaris)",
            ),
            (
                "10.1021/ja01466a008",
                "Aqueous Solutions of Allyl Alcohol at 2537 Å.<sup>1</sup>",
                "Aqueous Solutions of Allyl Alcohol at 2537 Å.",
            ),
            (
                "10.1021/ja01185a011",
                "Long Chain Salts in Nitrobenzene at 25°<sup>1</sup>",
                "Long Chain Salts in Nitrobenzene at 25°",
            ),
            (
                "10.1021/ja01481a001",
                "Competitive Consecutive Second-order Reactions. II<sup>1,2</sup>",
                "Competitive Consecutive Second-order Reactions. II",
            ),
            (
                "10.1021/ja01672a023",
                "THE ISO-ELECTRIC POINT OF MALT AMYLASE<sup>1</sup>",
                "THE ISO-ELECTRIC POINT OF MALT AMYLASE",
            ),
            (
                "10.1021/ja00960a039",
                "Mesitoyl Chloride in the Synthesis of Internucleotide Bonds<sup>2</sup>",
                "Mesitoyl Chloride in the Synthesis of Internucleotide Bonds",
            ),
            (
                "10.1021/ja02248a020",
                "A REAGENT FOR THE ANALYSIS OF SUBSTANCES USED IN EXPLOSIVES.<sup>*</sup>",
                "A REAGENT FOR THE ANALYSIS OF SUBSTANCES USED IN EXPLOSIVES.",
            ),
        ] {
            assert_eq!(plain_title(raw), expected, "{doi}");
        }
        assert_eq!(plain_title("Why Acids<sup>1</sup> ?"), "Why Acids?");
    }

    #[test]
    fn what_may_be_no_note_stays() {
        for raw in [
            // 10.1021/bi981804i; 10.1021/ja01470a035; 10.1021/ja01649a004
            "Protonation of Histidine<sup>77</sup>",
            "Acetate-1-C<sup>14</sup> and Methionine-methyl-C<sup>141</sup>",
            "Preparation of Cortisone and Compound F<sup>1</sup>",
            "The Enkephalin with Leucine<sup>5</sup>",
            "Numbers below 10<sup>5</sup>",
            "Flow over one m<sup>2</sup>",
            "On square kilometres<sup>2</sup>",
            "A pressure of 5 kg per cm.<sup>2</sup>",
            "Release of Ca<sup>2+</sup>",
            "Nuclei of helium<sup>3</sup>",
            "Tests with chi<sup>2</sup>",
            "Learning<sup>2</sup>",
            "Groups of Diff<sup>1</sup>",
            "Lazy Theta<sup>*</sup>",
            "Action of SU(2)<sup>3</sup>",
            "Functions in W<sub>0</sub><sup>1,2</sup>",
            "Maps into SO(n)<sup>1</sup>",
            "Flies that are <i>dunce<sup>1</sup></i>",
            "Flies that are <i>dunce</i><sup>1</sup>",
            "Flies that are <i>the dunce<sup>1</sup>",
            "The Synthesis of DDT<sup>1</sup>",
            "cis-Bicyclo[3.2.1]octanol-2<sup>1</sup>",
            "Words<sup>10</sup>",
            "Words<sup>th</sup>",
            "Words<sup></sup>",
            "Words<sup>1</sup> that go on",
            "<sup>1</sup>",
            "Words</sup>",
        ] {
            assert_eq!(plain_title(raw), plain(raw), "{raw}");
        }
    }
}
