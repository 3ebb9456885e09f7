//! One word and another: the same, written otherwise, misspelt, or two?

use crate::enricher::names::same_spelling;
use crate::enricher::normal::is_latin;

/// Words parted or joined on one side only.
pub(super) fn joined_near(one: &str, two: &str) -> Option<usize> {
    if one == two {
        return Some(0);
    }
    // "Studies II" is not "Studiesi": numerals are not spelt.
    let spelling = |text: &str| british(text, false);
    let spelt = one.len().abs_diff(two.len()) <= 3
        && one.len() >= 8
        && one.chars().chain(two.chars()).all(is_latin)
        && spelling(one) == spelling(two);
    (spelt || turned(one, two)).then_some(0)
}

/// "153Tb" and "Tb153", maybe run into the word before: a nuclide is written both ways.
fn turned(one: &str, two: &str) -> bool {
    let behind = |one: &str, two: &str| {
        let element = one.trim_end_matches(|c: char| c.is_ascii_digit());
        let mass = one.get(element.len()..).unwrap_or_default();
        let rest = two.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let symbol = two.get(rest.len()..).unwrap_or_default();
        (2..=3).contains(&mass.len())
            && (1..=2).contains(&symbol.len())
            && element.strip_suffix(symbol).is_some()
            && element.strip_suffix(symbol) == rest.strip_suffix(mass)
    };
    one.len() == two.len() && (behind(one, two) || behind(two, one))
}

/// Is one word the other? Then: is it misspelt (1) or only written otherwise (0)?
pub(super) fn near(one: &str, two: &str) -> Option<usize> {
    if one == two {
        return Some(0);
    }
    // Vitamins E and Y are two.
    const AND: &[&str] = &["and", "und", "et", "och", "en"];
    const SHORT_AND: &[&str] = &["y", "e"];
    let and = |one, two| AND.contains(&one) && (AND.contains(&two) || SHORT_AND.contains(&two));
    if and(one, two) || and(two, one) {
        return Some(0);
    }
    // A number is never misspelt: XXVI and XXVII are a letter apart.
    if is_number(one) || is_number(two) || all_numerals(one) && all_numerals(two) {
        let value = |text: &str| match digits(text) {
            true => text.trim_start_matches('0').parse().ok(),
            false => roman(text),
        };
        return (value(one).is_some() && value(one) == value(two)).then_some(0);
    }
    // In other scripts a letter is a syllable or a word.
    if !one.chars().chain(two.chars()).all(is_latin) {
        return None;
    }
    let (one_long, two_long) = (one.chars().count(), two.chars().count());
    let short = one_long.min(two_long);
    if short < 3 || one_long.abs_diff(two_long) > 4 || one_long.max(two_long) > 60 {
        return None;
    }
    if same_spelling(one, two) && !stems_differ(one, two) || turned(one, two) {
        return Some(0);
    }
    if short < 4 {
        return None;
    }
    if letters_only(one) && letters_only(two) {
        if british(one, true) == british(two, true) && !stems_differ(one, two) {
            return Some(0);
        }
        if short >= 5 && !tells_apart(one, two) && one_slip(one, two) {
            return Some(1);
        }
    }
    (misread(one) == misread(two)).then_some(1)
}

pub(super) fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Is it a number, in digits or as a Roman numeral?
pub(super) fn is_number(text: &str) -> bool {
    digits(text) || roman(text).is_some()
}

fn all_numerals(text: &str) -> bool {
    text.bytes().all(|byte| b"ivxlcdm".contains(&byte))
}

fn letters_only(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The value of a small Roman numeral, which may say 4 as "iiii"; "civil" is none.
pub(in crate::enricher) fn roman(text: &str) -> Option<u32> {
    const SIGNS: [(&str, u32, usize); 9] = [
        ("c", 100, 4),
        ("xc", 90, 1),
        ("xl", 40, 1),
        ("l", 50, 1),
        ("x", 10, 4),
        ("ix", 9, 1),
        ("iv", 4, 1),
        ("v", 5, 1),
        ("i", 1, 4),
    ];
    let (mut rest, mut sum) = (text, 0);
    for (sign, value, most) in SIGNS {
        for _ in 0..most {
            let Some(after) = rest.strip_prefix(sign) else {
                break;
            };
            rest = after;
            sum += value;
        }
    }
    (rest.is_empty() && sum > 0).then_some(sum)
}

/// One spelling for British and American English, and for the ways of writing Cyrillic, where words
/// may end in one "i" or two.
fn british(text: &str, endings: bool) -> String {
    let mut out = text.to_owned();
    for (from, to) in [
        ("ae", "e"),
        ("oe", "e"),
        ("our", "or"),
        ("ogue", "og"),
        ("gramme", "gram"),
        ("ph", "f"),
        ("tre", "ter"),
        ("bre", "ber"),
        ("ageing", "aging"),
        ("inium", "inum"),
        ("kh", "h"),
        ("ts", "c"),
        ("y", "i"),
        ("j", "i"),
        ("z", "s"),
        ("ll", "l"),
    ] {
        if out.contains(from) {
            out = out.replace(from, to);
        }
    }
    if endings && out.contains("ii") {
        out = out.replace("ii", "i");
    }
    out
}

/// What machines take for each other when they read print.
fn misread(text: &str) -> String {
    let text = text
        .replace("rn", "m")
        .replace("cl", "d")
        .replace("vv", "w");
    let letter = |c| match c {
        '0' => 'o',
        '1' | 'i' => 'l',
        '5' => 's',
        '8' => 'b',
        c => c,
    };
    text.chars().map(letter).collect()
}

/// One letter too much, too few or another, or two changed about; not the first, which people get
/// right and which makes "a-" and "in-".
fn one_slip(one: &str, two: &str) -> bool {
    let (one, two): (Vec<char>, Vec<char>) = (one.chars().collect(), two.chars().collect());
    let ahead = one.iter().zip(&two).take_while(|(a, b)| a == b).count();
    let rest = one.len().min(two.len()) - ahead;
    let behind = one.iter().rev().zip(two.iter().rev()).take(rest);
    let behind = behind.take_while(|(a, b)| a == b).count();
    let (one, two) = (
        &one[ahead..one.len() - behind],
        &two[ahead..two.len() - behind],
    );
    ahead > 0
        && match (one, two) {
            ([_], []) | ([], [_]) | ([_], [_]) => true,
            ([a, b], [c, d]) => a == d && b == c,
            _ => false,
        }
}

/// A letter's difference that says something else.
fn tells_apart(one: &str, two: &str) -> bool {
    // "Nitrate" and "nitrite", "butane" and "butene".
    const ENDINGS: &[&str] = &[
        "ate", "ite", "ide", "ane", "ene", "ine", "one", "yne", "ase", "ose", "ole", "ium", "eum",
    ];
    let ending = |text: &str| {
        let text = text.strip_suffix('s').unwrap_or(text);
        ENDINGS.iter().position(|ending| text.ends_with(ending))
    };
    if let (Some(one), Some(two)) = (ending(one), ending(two))
        && one != two
    {
        return true;
    }
    stems_differ(one, two)
}

/// Two words that are a letter apart, or would be one by the rules of spelling.
fn stems_differ(one: &str, two: &str) -> bool {
    const STEMS: &[(&str, &str)] = &[
        ("macro", "micro"),
        ("abso", "adso"),
        ("abduct", "adduct"),
        ("cyste", "cysti"),
        ("isotrop", "isotop"),
        ("inferior", "interior"),
        ("morta", "mora"),
        ("prostat", "prostrat"),
        ("causal", "casual"),
        ("trial", "trail"),
        ("marital", "martial"),
        ("perfus", "profus"),
        ("mitosis", "meiosis"),
        ("conservation", "conversation"),
        ("ureter", "urethr"),
        ("unite", "untie"),
        ("complement", "compliment"),
        ("hepta", "hexa"),
        ("sulfon", "sulfin"),
        ("phosphon", "phosphin"),
        ("state", "statue"),
        ("desert", "dessert"),
        ("genus", "genius"),
        ("poet", "pot"),
        ("coed", "cod"),
        ("mourn", "morn"),
        ("fourth", "forth"),
        ("dye", "die"),
        ("dozes", "doses"),
        ("filled", "filed"),
        ("filling", "filing"),
        ("tilled", "tiled"),
        ("piled", "pilled"),
        ("holly", "holy"),
    ];
    let pair = |a: &str, b: &str| {
        STEMS.iter().any(|(left, right)| {
            a.starts_with(left) && b.starts_with(right) && !(b.starts_with(left))
        })
    };
    pair(one, two) || pair(two, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn words_and_what_only_looks_like_them() {
        for (expected, one, two) in [
            (Some(0), "xxvi", "26"),
            (Some(0), "iiii", "iv"),
            (Some(0), "fuer", "fur"),
            (None, "poet", "pot"),
            (None, "poets", "pots"),
            (None, "mourning", "morning"),
            (None, "filled", "filed"),
            (Some(0), "153tb", "tb153"),
            (Some(0), "c14", "14c"),
            (None, "tb153", "135tb"),
            (None, "tb153", "154tb"),
            (None, "tb153", "153yb"),
            (None, "h2", "2h"),
            (None, "xxvi", "xxvii"),
            (None, "xxviii", "xxvii"),
            (None, "clxxxviii", "clxxxvii"),
            (None, "mdccclxx", "mdccclxxi"),
            (None, "xxvii", "xxvil"),
            (Some(1), "civil", "civile"),
            (Some(0), "civilisation", "civilization"),
            (Some(0), "vivify", "vivifi"),
            (Some(0), "russkii", "russky"),
            (Some(0), "e", "and"),
            (Some(0), "et", "und"),
            (None, "e", "y"),
            (None, "第一部分", "第二部分"),
            (None, "研究i", "研究ii"),
            (None, "カラス", "カラフ"),
        ] {
            assert_eq!(near(one, two), expected, "{one} {two}");
            assert_eq!(near(two, one), expected, "{two} {one}");
        }
    }

    #[test]
    fn numerals() {
        for (value, text) in [
            (3, "iii"),
            (14, "xiiii"),
            (49, "xlix"),
            (99, "xcix"),
            (188, "clxxxviii"),
        ] {
            assert_eq!(roman(text), Some(value), "{text}");
        }
        for text in ["", "civil", "lil", "mix", "iiiiiiv", "vvvx", "lllc"] {
            assert_eq!(roman(text), None, "{text}");
        }
    }

    #[test]
    fn parted_words() {
        assert_eq!(joined_near("behaviourtherapy", "behaviortherapy"), Some(0));
        assert_eq!(joined_near("nucleustb153", "nucleus153tb"), Some(0));
        assert_eq!(joined_near("studiesii", "studiesi"), None);
        assert_eq!(joined_near("partxxvii", "partxxvi"), None);
    }
}
