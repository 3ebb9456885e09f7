//! Do two titles name one work? A person would say so of titles that differ in case, accents,
//! spelling, a left-out subtitle or a slip of the pen, and would not of parts of a series, of an
//! erratum and its article, or where one word says something else.
//!
//! Titles are compared word by word. Words that only one side has are never forgiven (but for
//! articles): "Correction to" is such a word, and so is "not".

mod spelling;
mod subtitle;
#[cfg(test)]
mod tests;

pub(in crate::enricher) use self::spelling::roman;
use self::spelling::{digits, joined_near, near};
use self::subtitle::{beginning, cut_off};
use crate::enricher::markup::plain;
use crate::enricher::normal::{fold, is_mark};

/// More words than any title has: beyond them titles agree only if their letters do.
const MANY: usize = 120;

/// How well two titles agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::enricher) enum Agreement {
    No,
    /// The same words, which many works go under.
    Generic,
    /// One is the other without its subtitle, and says little.
    Head,
    /// Words are misspelt.
    Misspelt,
    /// The same, but too short to be nobody else's.
    Short,
    /// One is the other without its subtitle.
    Shortened,
    Full,
}

/// A title, ready to be compared.
#[derive(Debug, Clone)]
pub(in crate::enricher) struct Title {
    words: Vec<Word>,
    /// It ends in an ellipsis.
    cut: bool,
    /// It ends in what is raised, as marks of footnotes are.
    raised: bool,
}

#[derive(Debug, Clone)]
struct Word {
    text: String,
    /// A colon, a full stop or the like stands before it: a subtitle may begin here.
    begins: bool,
}

impl Title {
    pub(in crate::enricher) fn new(raw: &str) -> Self {
        let text = plain(raw);
        let mut words: Vec<Word> = Vec::new();
        let mut inside = false;
        let mut begins = false;
        let mut blank = true;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c.is_alphanumeric() || is_mark(c) {
                if !inside && words.last().is_none_or(|word| !word.text.is_empty()) {
                    let text = String::new();
                    words.push(Word { text, begins });
                    begins = false;
                }
                if let Some(word) = words.last_mut() {
                    fold(c, chars.peek().copied(), &mut word.text);
                }
                inside = true;
                blank = false;
                continue;
            }
            if matches!(c, '\'' | '’' | 'ʼ') {
                continue;
            }
            inside = false;
            let ends = chars.peek().is_none_or(|next| next.is_whitespace());
            begins |= match c {
                ':' | ';' | '?' | '!' | '—' | '―' | '(' | '[' | '|' | '…' => true,
                '：' | '；' | '？' | '！' | '（' | '【' | '〔' | '｜' | '。' | '〜' | '～' => {
                    true
                }
                '.' | '．' => ends,
                '-' | '–' | '‐' | '−' => blank && ends,
                _ => false,
            };
            if c == '&' {
                let text = "and".to_owned();
                words.push(Word { text, begins });
                begins = false;
            }
            blank = c.is_whitespace();
        }
        words.retain(|word| !word.text.is_empty());
        let end = text.trim_end();
        let cut = end.ends_with('…') || end.ends_with("...");
        let raised = raw.trim_end().ends_with("</sup>");
        let mut title = Self { words, cut, raised };
        // "RETRACTED  A study of mice".
        let label = text.split_ascii_whitespace().next().unwrap_or_default();
        let shouts = label.bytes().all(|byte| byte.is_ascii_uppercase())
            && text.contains(char::is_lowercase);
        title.drop_label(shouts);
        title
    }

    /// Its words, folded.
    pub(in crate::enricher) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }

    /// Publishers mark withdrawn articles in their titles; others may not have followed. The mark ends
    /// where the title begins, or is the one that `shouts`.
    fn drop_label(&mut self, shouts: bool) {
        let starts = |label: &[&str]| {
            self.words.len() > label.len() + 1
                && self
                    .words
                    .iter()
                    .zip(label)
                    .all(|(word, label)| word.text == *label)
                && (shouts || self.words.get(label.len()).is_some_and(|next| next.begins))
        };
        let labels: [&[&str]; 6] = [
            &["retracted", "article"],
            &["withdrawn", "article"],
            &["temporary", "removal"],
            &["retracted"],
            &["withdrawn"],
            &["removed"],
        ];
        let length = labels.iter().find(|label| starts(label)).map(|l| l.len());
        self.words.drain(..length.unwrap_or(0));
    }

    /// Which part of a work, or of a series, it says it is: "Part 3", "II".
    pub(in crate::enricher) fn part(&self) -> Option<u32> {
        subtitle::part(&self.words)
    }

    pub(in crate::enricher) fn len(&self) -> usize {
        self.words.len()
    }

    pub(in crate::enricher) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Do the two name one work?
    pub(in crate::enricher) fn agrees(&self, other: &Self) -> Agreement {
        if self.is_empty() || other.is_empty() {
            return Agreement::No;
        }
        let (one, two) = (self.words.as_slice(), other.words.as_slice());
        let mut best = same(one, two);
        if best < Agreement::Short && one.len().max(two.len()) <= MANY {
            let (short, long) = if one.len() < two.len() {
                (self, other)
            } else {
                (other, self)
            };
            best = best.max(beginning(&short.words, &long.words));
            best = best.max(cut_off(short, long));
            // The last word that is left may be cut, too.
            if one.len() == two.len() {
                best = best.max(cut_off(long, short));
            }
            // One of them has carried off a footnote's mark. It may be an isoform's number.
            best = best.max(match (self.footless(), other.footless()) {
                (Some(one), None) => same(&one, two).min(Agreement::Misspelt),
                (None, Some(two)) => same(one, &two).min(Agreement::Misspelt),
                _ => Agreement::No,
            });
        }
        best
    }

    /// Without the mark of a footnote that has run into the last word: `ketones1`, `ketones1,2`.
    fn footless(&self) -> Option<Vec<Word>> {
        let is_mark = |text: &str| {
            let letter = text.strip_prefix(|c: char| matches!(c, '1'..='9'));
            letter.is_some_and(|letter| matches!(letter, "" | "a" | "b" | "c"))
        };
        let behind = self.words.iter().rev();
        let marks = behind.take_while(|word| is_mark(&word.text)).count().min(2);
        let words = self.words.get(..self.words.len().checked_sub(marks)?)?;
        let (last, before) = words.split_last()?;
        let at = last.text.find(|c: char| c.is_ascii_digit())?;
        let (bare, mark) = last.text.split_at_checked(at)?;
        // Proteins and enzymes are numbered: "interleukin6", "caspase3".
        let numbered = ["in", "ase", "or"].iter().any(|end| bare.ends_with(end));
        let is_word = bare.chars().count() >= 5 && (self.raised || !numbered);
        (is_word && is_mark(mark)).then(|| {
            let mut words = before.to_vec();
            words.push(Word {
                text: bare.to_owned(),
                begins: last.begins,
            });
            words
        })
    }
}

/// Letters and digits of `words`.
fn letters(words: &[Word]) -> usize {
    words.iter().map(|word| word.text.chars().count()).sum()
}

/// The words as one. Numbers are not run into each other, for "60601-2-1" is not "60601-21", but for
/// thousands.
fn joined(words: &[Word]) -> String {
    let mut out = String::with_capacity(words.iter().map(|word| word.text.len()).sum());
    let mut number = false;
    for Word { text, .. } in words {
        let begins = number;
        number = digits(text);
        if begins && number && text.len() != 3 {
            out.push(' ');
        }
        out.push_str(text);
    }
    out
}

/// Titles said in full.
fn same(one: &[Word], two: &[Word]) -> Agreement {
    let long_enough = one.len().min(two.len()) >= 3 && letters(one).min(letters(two)) >= 15;
    let full = if long_enough {
        Agreement::Full
    } else {
        Agreement::Short
    };
    let texts = |words: &[Word], other: &[Word]| {
        words.len() == other.len() && words.iter().zip(other).all(|(a, b)| a.text == b.text)
    };
    if texts(one, two) {
        return full;
    }
    let bare = (without_article(one), without_article(two));
    // "Management of gout" may answer "The management of gout".
    let full = match one.len() - bare.0.len() == two.len() - bare.1.len() {
        true => full,
        false => Agreement::Misspelt,
    };
    let (one, two) = bare;
    if joined(one) == joined(two) {
        return full;
    }
    if one.len().max(two.len()) > MANY {
        return Agreement::No;
    }
    let allowed = if long_enough {
        1 + one.len().min(two.len()) / 5
    } else {
        0
    };
    match misspelt(one, two) {
        Some(0) => full,
        Some(count) if count <= allowed => Agreement::Misspelt,
        _ => Agreement::No,
    }
}

fn without_article(words: &[Word]) -> &[Word] {
    const ARTICLES: &[&str] = &[
        "the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "les", "l", "un", "une",
        "el", "los", "las", "il", "lo", "gli", "i", "o", "os", "as", "de", "het", "een",
    ];
    match words {
        [first, rest @ ..] if rest.len() > 1 && ARTICLES.contains(&first.text.as_str()) => rest,
        _ => words,
    }
}

/// How many words are misspelt, if all have their counterparts.
fn misspelt(one: &[Word], two: &[Word]) -> Option<usize> {
    let ahead = one
        .iter()
        .zip(two)
        .take_while(|(a, b)| a.text == b.text)
        .count();
    let (one, two) = (one.get(ahead..)?, two.get(ahead..)?);
    let behind = one
        .iter()
        .rev()
        .zip(two.iter().rev())
        .take_while(|(a, b)| a.text == b.text)
        .count();
    let (one, two) = (
        one.get(..one.len() - behind)?,
        two.get(..two.len() - behind)?,
    );
    // A row for each word of `one`, all reached through counterparts only: few cells are open.
    let mut rows: Vec<Vec<Option<usize>>> = vec![vec![None; two.len() + 1]; one.len() + 1];
    *rows.first_mut()?.first_mut()? = Some(0);
    for i in 0..=one.len() {
        for j in 0..=two.len() {
            let Some(cost) = rows[i][j] else { continue };
            let mut reach = |i: usize, j: usize, cost: usize| {
                if let Some(cell) = rows.get_mut(i).and_then(|row| row.get_mut(j)) {
                    *cell = Some(cell.map_or(cost, |old| old.min(cost)));
                }
            };
            let (left, right) = (one.get(i..).unwrap_or(&[]), two.get(j..).unwrap_or(&[]));
            if left.first().is_some_and(|word| word.text == "the") {
                reach(i + 1, j, cost);
            }
            if right.first().is_some_and(|word| word.text == "the") {
                reach(i, j + 1, cost);
            }
            if let (Some(a), Some(b)) = (left.first(), right.first())
                && let Some(more) = near(&a.text, &b.text)
            {
                reach(i + 1, j + 1, cost + more);
            }
            for (m, n) in [
                (1, 2),
                (2, 1),
                (1, 3),
                (3, 1),
                (2, 3),
                (3, 2),
                (4, 1),
                (1, 4),
            ] {
                let (Some(a), Some(b)) = (left.get(..m), right.get(..n)) else {
                    continue;
                };
                if let Some(more) = joined_near(&joined(a), &joined(b)) {
                    reach(i + m, j + n, cost + more);
                }
            }
        }
    }
    rows.last()?.last().copied()?
}
