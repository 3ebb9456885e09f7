//! A title and the beginning of one: without its subtitle, or cut off.

use super::spelling::{is_number, roman};
use super::{Agreement, Title, Word, letters, same};
use crate::enricher::normal::is_latin;

/// Does `short` end in an ellipsis where `long` goes on?
pub(super) fn cut_off(short: &Title, long: &Title) -> Agreement {
    let [before @ .., last] = short.words.as_slice() else {
        return Agreement::No;
    };
    if !short.cut || letters(&short.words) < 25 {
        return Agreement::No;
    }
    let all = before
        .iter()
        .zip(&long.words)
        .all(|(a, b)| a.text == b.text);
    let Some((next, tail)) = long
        .words
        .get(before.len()..)
        .and_then(<[Word]>::split_first)
    else {
        return Agreement::No;
    };
    // A number may be cut as well: "XXV…".
    let whole = !is_number(&next.text) || next.text == last.text;
    if !all || !whole || !next.text.starts_with(&last.text) {
        return Agreement::No;
    }
    // What is left may be the title of a series.
    match tail.is_empty() || !is_part(tail) {
        true => Agreement::Full,
        false => Agreement::Misspelt,
    }
}

/// Is `short` what `long` is without its subtitle?
pub(super) fn beginning(short: &[Word], long: &[Word]) -> Agreement {
    let count = short.len();
    // Words of other scripts are not always parted, and a letter of theirs says more.
    let other_script = |word: &Word| !word.text.chars().all(is_latin);
    let enough = match short {
        [only] => other_script(only) && letters(short) >= 8,
        _ => letters(short) >= 15 || letters(short) >= 8 && short.iter().all(other_script),
    };
    if !enough {
        return Agreement::No;
    }
    // A misspelt, joined or parted word may shift the place where the subtitle begins.
    let mut best = Agreement::No;
    let last = (count + 4).min(long.len().saturating_sub(1));
    for at in count.saturating_sub(3).max(1)..=last {
        let (head, tail) = long.split_at(at);
        if tail.first().is_some_and(|word| word.begins) && is_subtitle(tail) {
            best = best.max(same(short, head).min(Agreement::Shortened));
        }
    }
    // "Case reports" and "Malignant melanoma" begin many titles.
    let telling = match count {
        0..=2 => false,
        3 => letters(short) >= 25,
        _ => letters(short) >= 20,
    };
    let telling = telling || short.iter().any(other_script);
    match best {
        Agreement::No => Agreement::No,
        best if telling => best,
        _ => Agreement::Head,
    }
}

/// The number of a part, in digits or as a numeral, behind a word for it.
pub(super) fn part(words: &[Word]) -> Option<u32> {
    words.windows(2).find_map(|pair| {
        let [label, number] = pair else { return None };
        let value = number.text.parse().ok().or_else(|| roman(&number.text));
        value.filter(|_| PARTS.contains(&label.text.as_str()))
    })
}

#[rustfmt::skip]
const PARTS: &[&str] = &[
    "part", "parts", "chapter", "volume", "vol", "teil", "band", "kapitel", "partie",
    "chapitre", "parte", "supplement", "appendix", "tome", "tomo", "deel", "czesc", "chast",
];

/// Words that are only a subtitle. A part's number, a year, "Reply" or "Erratum" tell works apart.
fn is_subtitle(words: &[Word]) -> bool {
    #[rustfmt::skip]
    const OTHERS: &[&str] = &[
        "comment", "comments", "commentary", "reply", "response", "rejoinder", "discussion",
        "erratum", "errata", "corrigendum", "corrigenda", "correction", "corrections",
        "addendum", "retraction", "abstract", "abstracts", "kommentar", "commentaire", "replik",
        "antwort", "berichtigung", "diagnosis", "answer", "answers",
    ];
    const OTHERS_WITHIN: &[&str] = &[
        "评论",
        "評論",
        "回复",
        "答复",
        "更正",
        "勘误",
        "撤稿",
        "訂正",
        "正誤",
        "書評",
        "书评",
        "コメント",
    ];
    let other = |word: &Word| {
        OTHERS.contains(&word.text.as_str())
            || !word.text.is_ascii() && OTHERS_WITHIN.iter().any(|other| word.text.contains(other))
    };
    !is_part(words) && !words.iter().take(3).any(other)
}

/// Does what follows a title say which part of a work, or of a series, this is?
fn is_part(words: &[Word]) -> bool {
    // Words that speak of a part if they come first.
    #[rustfmt::skip]
    const FIRST: &[&str] = &[
        "no", "nr", "number", "section", "book", "table", "figure", "fig", "edition", "lecture",
        "continued", "concluded", "continuation", "conclusion",
    ];
    // Words that do with a number: "Second report", but not "Report of a case".
    #[rustfmt::skip]
    const COUNTED: &[&str] = &[
        "no", "nr", "number", "section", "book", "table", "figure", "fig", "series", "serie",
        "paper", "report", "communication", "edition", "lecture", "study", "article", "note",
        "instalment", "installment", "letter", "memoir", "phase", "session", "issue", "stage",
        "mitteilung", "beitrag", "folge", "abhandlung", "bericht", "heft", "reihe", "del", "half",
    ];
    #[rustfmt::skip]
    const ORDINALS: &[&str] = &[
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
        "seventeenth", "eighteenth", "nineteenth", "twentieth", "last", "final", "preliminary",
        "interim", "erste", "erster", "erstes", "zweite", "zweiter", "zweites", "dritte",
        "dritter", "drittes", "vierte", "vierter", "viertes", "premier", "premiere", "deuxieme",
        "seconde", "troisieme", "quatrieme", "primera", "segunda", "tercera", "cuarta", "primeira",
        "terceira", "prima", "seconda", "terza", "eerste", "tweede", "derde",
    ];
    const CARDINALS: &[&str] = &[
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    let Some(first) = words.first() else {
        return false;
    };
    let begin = words.get(..3).unwrap_or(words);
    let any = |list: &[&str]| begin.iter().any(|word| list.contains(&word.text.as_str()));
    let one = |list: &[&str]| list.contains(&first.text.as_str());
    let letter = |word: &Word| word.text.chars().nth(1).is_none();
    let numbered = |word: &Word| word.text.bytes().any(|byte| byte.is_ascii_digit());
    // "A survey", but not ": A" or ": A. Plants".
    let article = matches!(first.text.as_str(), "a" | "e" | "o" | "y")
        && words.get(1).is_some_and(|next| !next.begins);
    is_number(&first.text)
        || letter(first) && !article
        || one(FIRST)
        || one(ORDINALS)
        || any(PARTS)
        || any(COUNTED)
            && (any(ORDINALS)
                || any(CARDINALS)
                || begin
                    .iter()
                    .any(|word| numbered(word) || roman(&word.text).is_some()))
        || words.len() <= 2
            && words
                .iter()
                .skip(usize::from(article))
                .any(|word| numbered(word) || roman(&word.text).is_some() || letter(word))
        || is_part_in_han(&first.text)
}

/// "第二部分", "其三", "续篇", "下", "上編".
fn is_part_in_han(first: &str) -> bool {
    let numeral = |c: char| "一二三四五六七八九十百0123456789".contains(c);
    let mut chars = first.chars();
    match chars.next() {
        Some('第' | '其' | '之') => chars.next().is_some_and(numeral),
        Some('续' | '続' | '續') => true,
        Some('上' | '中' | '下' | '前' | '后' | '後' | '补' | '補') => {
            matches!(
                chars.next(),
                None | Some(
                    '篇' | '编' | '編' | '卷' | '巻' | '册' | '冊' | '部' | '集' | '遗' | '遺'
                )
            )
        }
        Some(c) => numeral(c) && first.chars().all(numeral),
        None => false,
    }
}
