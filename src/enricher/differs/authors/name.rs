//! One name and another: the same person's, as far as both say?

use crate::enricher::names::{is_upper, spelling};
use crate::enricher::normal::{is_mark, words};

/// A word of a name.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Folded, umlauts as one letter.
    pub(super) text: String,
    /// Written in capitals: these may be initials.
    upper: bool,
    /// Written in small letters, as particles are.
    small: bool,
    /// A full stop follows: it may be cut short.
    cut: bool,
    /// A hyphen ties it to the next one.
    pub(super) tied: bool,
    /// Of a family name, which has one spelling.
    pub(super) exact: bool,
}

impl Word {
    /// A title, a degree or the like.
    pub(super) fn is_no_name(&self) -> bool {
        NO_NAMES.contains(&self.text.as_str())
    }

    /// `J`, `JA`.
    pub(super) fn is_initials(&self) -> bool {
        self.text.chars().count() == 1 && self.text.is_ascii() || self.upper && self.text.len() <= 4
    }

    fn initial(&self, c: char) -> Self {
        Self {
            text: c.to_string(),
            cut: true,
            tied: false,
            ..*self
        }
    }

    /// Has small letters.
    pub(super) fn is_lower(&self) -> bool {
        !self.upper
    }
}

/// What stands with names and is no part of them.
#[rustfmt::skip]
const NO_NAMES: &[&str] = &[
    "jr", "sr", "ii", "iii", "iv", "2nd", "3rd", "md", "phd", "msc", "bsc", "dsc", "mph", "mbbs",
    "dvm", "dds", "prof", "dr", "drs", "esq", "et", "al", "alii", "others", "colleagues",
];

/// Parts of many family names, which alone name nobody, and are often left out.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "des",
    "la", "le", "ter", "ten", "te", "bin", "ibn", "ben", "abu", "al", "el", "san", "zu", "zur",
    "vom", "af", "av", "st",
];

pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// The words of (a part of) a name, without titles, degrees and marks of footnotes.
pub(super) fn name_words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let is_between =
        |c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | 'ʼ' | '`') && !is_mark(c);
    let mut from = 0;
    while from < text.len() {
        let rest = text.get(from..).unwrap_or_default();
        let end = rest.find(is_between).unwrap_or(rest.len());
        let (raw, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let first = behind.chars().next();
        from += end + first.map_or(0, char::len_utf8);
        let letters = raw.trim_end_matches(|c: char| c.is_numeric());
        if letters.is_empty() {
            continue;
        }
        let folded = words(letters);
        let folded = folded.replace(' ', "");
        if folded.is_empty() {
            continue;
        }
        out.push(Word {
            text: spelling(&folded).into_owned(),
            upper: is_upper(letters),
            small: letters.starts_with(char::is_lowercase),
            cut: first == Some('.'),
            tied: matches!(first, Some('-' | '\u{2010}' | '\u{2011}')),
            exact: false,
        });
    }
    // Degrees follow names; who is called Al or Dr Iv has nothing else to be called by.
    let named = |word: &Word| !word.is_no_name();
    if out.iter().any(|word| named(word) && word.text.len() > 1) {
        let mut at = 0;
        out.retain(|word| {
            at += 1;
            // "AL" and "ET" may be initials.
            named(word) || at > 1 && word.upper && matches!(word.text.as_str(), "al" | "et" | "dr")
        });
    }
    out
}

/// Does nothing speak against the two being given names of one person? The order is not looked at,
/// for family names stand among them.
pub(super) fn given_agree(one: &[&Word], two: &[&Word]) -> bool {
    let (one, two) = (expanded(one), expanded(two));
    let all = |few: &[Vec<Word>], many: &[Vec<Word>]| {
        few.iter()
            .any(|few| many.iter().any(|many| is_within(few, many)))
    };
    all(&one, &two) || all(&two, &one)
}

/// Are all of `few` among `many`?
pub(super) fn given_within(few: &[&Word], many: &[&Word]) -> bool {
    let (few, many) = (expanded(few), expanded(many));
    few.iter()
        .any(|few| many.iter().any(|many| is_within(few, many)))
}

/// As written, without particles, which may be somebody's name (Bin, San), and with capitals taken
/// for initials: `JA`.
fn expanded(given: &[&Word]) -> Vec<Vec<Word>> {
    let all: Vec<Word> = given.iter().map(|word| (*word).clone()).collect();
    let mut ways = vec![all];
    if let [all] = ways.as_slice()
        && all.iter().any(|word| is_particle(&word.text))
        && !all.iter().all(|word| is_particle(&word.text))
    {
        let mut bare = all.clone();
        bare.retain(|word| !is_particle(&word.text));
        // "de" is none.
        ways.iter_mut()
            .for_each(|all| all.retain(|word| !(word.small && is_particle(&word.text))));
        ways.push(bare);
    }
    let cluster =
        |word: &Word| word.upper && word.text.is_ascii() && (2..=5).contains(&word.text.len());
    for at in 0..ways.len() {
        let way = ways.get(at).filter(|way| way.iter().any(cluster));
        if let Some(way) = way.cloned() {
            let mut split = Vec::new();
            for word in way {
                match cluster(&word) {
                    true => split.extend(word.text.chars().map(|c| word.initial(c))),
                    false => split.push(word),
                }
            }
            ways.push(split);
        }
    }
    ways
}

/// More given names than anybody has: beyond them nothing is said.
const MANY: usize = 8;

/// Has each of `few` its own counterpart in `many`? Some may be joined: Yu-Chan and Yuchan.
fn is_within(few: &[Word], many: &[Word]) -> bool {
    /// Names that fit each other in many ways, "A. A. A. A.", are not looked through.
    const STEPS: usize = 64;
    few.len() > MANY || many.len() > MANY || is_within_steps(few, many, &mut { STEPS })
}

fn is_within_steps(few: &[Word], many: &[Word], steps: &mut usize) -> bool {
    let Some((first, rest)) = few.split_first() else {
        return true;
    };
    let Some(left) = steps.checked_sub(1) else {
        return true;
    };
    *steps = left;
    let without = |from: usize, count: usize| -> Vec<Word> {
        let behind = many.get(from + count..).unwrap_or_default();
        [many.get(..from).unwrap_or_default(), behind].concat()
    };
    for (at, word) in many.iter().enumerate() {
        let before = many.get(..at).unwrap_or_default();
        let again = before.iter().any(|other| other.text == word.text);
        if !again && agree(first, word) && is_within_steps(rest, &without(at, 1), steps) {
            return true;
        }
        for count in 2..=3 {
            let are = |words: Option<&[Word]>, one: &Word| {
                words.is_some_and(|words| joined(words) == one.text)
            };
            let behind = few.get(count..).unwrap_or_default();
            if are(many.get(at..at + count), first)
                && is_within_steps(rest, &without(at, count), steps)
                || are(few.get(..count), word) && is_within_steps(behind, &without(at, 1), steps)
            {
                return true;
            }
        }
    }
    false
}

/// Words as one: "xue" has an umlaut in Xueying only.
pub(super) fn joined(words: &[Word]) -> String {
    if let [word] = words {
        return word.text.clone();
    }
    let all: String = words.iter().map(|word| word.text.as_str()).collect();
    spelling(&all).into_owned()
}

/// May the two words be one given name?
fn agree(one: &Word, two: &Word) -> bool {
    if one.text == two.text {
        return true;
    }
    let length = |word: &Word| word.text.chars().count();
    let (short, long) = if length(one) <= length(two) {
        (one, two)
    } else {
        (two, one)
    };
    let less = length(short);
    let begins = long.text.starts_with(&short.text);
    if one.exact || two.exact {
        return begins && less == 1;
    }
    // "J", "Yu." of Yuri, and Alex of Alexander; not Jin of Jing.
    if begins && (less == 1 || short.cut || less >= 3 && length(long) >= less + 2) {
        return true;
    }
    let (one, two) = (short.text.as_str(), long.text.as_str());
    if NICKNAMES
        .iter()
        .any(|(nick, full)| [(one, two), (two, one)].contains(&(nick, full)))
    {
        return true;
    }
    less >= 4 && {
        let (one, two) = (transliterated(one), transliterated(two));
        let same_sound = consonants(&one).len() >= 4 && consonants(&one) == consonants(&two);
        one == two || same_sound
    }
}

/// Short forms that do not begin the name.
#[rustfmt::skip]
const NICKNAMES: &[(&str, &str)] = &[
    ("bill", "william"), ("will", "william"), ("bob", "robert"), ("dick", "richard"),
    ("rick", "richard"), ("ted", "edward"), ("ned", "edward"), ("ted", "theodore"),
    ("jim", "james"), ("jack", "john"), ("tony", "anthony"), ("mike", "michael"),
    ("dave", "david"), ("steve", "stephen"), ("steve", "steven"), ("steven", "stephen"),
    ("tom", "thomas"), ("joe", "joseph"), ("dan", "daniel"), ("jeff", "geoffrey"),
    ("larry", "lawrence"), ("chuck", "charles"), ("hank", "henry"), ("harry", "henry"),
    ("peggy", "margaret"), ("meg", "margaret"), ("betty", "elizabeth"), ("beth", "elizabeth"),
    ("liz", "elizabeth"), ("kate", "katherine"), ("kate", "catherine"), ("kathy", "katherine"),
    ("cathy", "catherine"), ("bill", "wilhelm"), ("sasha", "alexander"), ("gene", "eugene"),
    ("tim", "timothy"), ("andy", "andrew"), ("jerry", "gerald"), ("jenny", "jennifer"),
    ("sue", "susan"), ("debbie", "deborah"), ("becky", "rebecca"), ("patty", "patricia"),
    ("mick", "michael"), ("fritz", "friedrich"), ("hans", "johannes"), ("pepe", "jose"),
];

/// Other ways to write the same sounds in Latin script: Sergey and Sergei, Alexey and Aleksei.
fn transliterated(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        let c = match c {
            'y' | 'j' => 'i',
            'x' => {
                out.push('k');
                's'
            }
            c => c,
        };
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// Mohammed and Muhammad.
fn consonants(name: &str) -> String {
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    let first = name.chars().take(1);
    first
        .chain(name.chars().skip(1).filter(|c| !vowel(*c)))
        .collect()
}
