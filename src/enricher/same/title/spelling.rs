//! One word and another: the same, written otherwise, misspelt, or two?

/// Words parted or joined on one side only.
pub(super) fn joined_near(one: &str, two: &str) -> Option<usize> {
    if one == two {
        return Some(0);
    }
    let spelt =
        one.len().abs_diff(two.len()) <= 3 && one.len() >= 8 && british(one) == british(two);
    spelt.then_some(0)
}

/// Is one word the other? Then: is it misspelt (1) or only written otherwise (0)?
pub(super) fn near(one: &str, two: &str) -> Option<usize> {
    if one == two {
        return Some(0);
    }
    const AND: &[&str] = &["and", "und", "et", "y", "och", "e", "en"];
    if AND.contains(&one) && AND.contains(&two) {
        return Some(0);
    }
    if digits(one) || digits(two) {
        let value = |text: &str| match digits(text) {
            true => text.trim_start_matches('0').parse().ok(),
            false => roman(text),
        };
        return (value(one).is_some() && value(one) == value(two)).then_some(0);
    }
    let short = one.len().min(two.len());
    if short < 3 || one.len().abs_diff(two.len()) > 4 || one.len().max(two.len()) > 60 {
        return None;
    }
    if umlauts(one) == umlauts(two) {
        return Some(0);
    }
    if short < 4 {
        return None;
    }
    let digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    if !digit(one) && !digit(two) {
        if british(one) == british(two) {
            return Some(0);
        }
        if short >= 5 && !tells_apart(one, two) && one_slip(one, two) {
            return Some(1);
        }
    }
    (roman(one).is_none() && roman(two).is_none() && misread(one) == misread(two)).then_some(1)
}

pub(super) fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The value of a small Roman numeral.
pub(in crate::enricher) fn roman(text: &str) -> Option<u32> {
    let value = |c| match c {
        'i' => Some(1),
        'v' => Some(5),
        'x' => Some(10),
        'l' => Some(50),
        'c' => Some(100),
        _ => None,
    };
    if text.is_empty() || text.len() > 8 {
        return None;
    }
    let (mut sum, mut last) = (0, 0);
    for c in text.chars().rev() {
        let value = value(c)?;
        sum = if value < last {
            sum - value
        } else {
            sum + value
        };
        last = last.max(value);
    }
    Some(sum)
}

/// German umlauts may be spelt out.
fn umlauts(text: &str) -> String {
    text.replace("ae", "a")
        .replace("oe", "o")
        .replace("ue", "u")
}

/// One spelling for British and American English, and for the ways of writing Cyrillic.
fn british(text: &str) -> String {
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
        ("ii", "i"),
    ] {
        if out.contains(from) {
            out = out.replace(from, to);
        }
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
    ];
    let pair = |a: &str, b: &str| {
        STEMS.iter().any(|(left, right)| {
            a.starts_with(left) && b.starts_with(right) && !(b.starts_with(left))
        })
    };
    pair(one, two) || pair(two, one)
}
