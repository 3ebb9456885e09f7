//! Texts made comparable: case, accents, markup, entities and punctuation do not make a difference.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::markup::plain;

/// The letters and digits of `text`, folded, words separated by one blank.
pub(super) fn words(text: &str) -> String {
    let text = plain(text);
    if text.is_ascii() {
        return ascii_words(&text);
    }
    let mut out = String::with_capacity(text.len());
    let mut push = |c: char| {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') && c != '\'' && c != '’' {
            out.push(' ');
        }
    };
    let folded = text.nfkd().filter(|c| !is_combining_mark(*c));
    folded.for_each(&mut push);
    out.truncate(out.trim_end().len());
    out
}

/// The same for ASCII, byte by byte.
fn ascii_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            if blank && !out.is_empty() {
                out.push(' ');
            }
            out.push(char::from(byte.to_ascii_lowercase()));
            blank = false;
        } else {
            blank |= byte != b'\'';
        }
    }
    out
}

/// Near-equal titles: the same words, one the other's beginning (a subtitle left out), or so few
/// letters of difference that a person would not see them.
pub(super) fn titles_agree(one: &str, other: &str) -> bool {
    let (one, other) = (without_label(one), without_label(other));
    if one == other {
        return true;
    }
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    // A part's beginning says nothing if it is but a word or two.
    let enough = short.chars().filter(|c| c.is_alphanumeric()).count() >= 15;
    if enough && (long.starts_with(short) || squeezed(short) == squeezed(long)) {
        return true;
    }
    // Digits tell the parts of a series apart; no nearness makes up for them.
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let near = long.len() <= 4 * short.len().max(1) && long.len() < 2_000;
    enough
        && near
        && digits(short) == digits(long)
        && strsim::normalized_levenshtein(short, long) >= 0.9
}

/// Without the labels that publishers put before titles of withdrawn articles.
fn without_label(title: &str) -> &str {
    ["retracted article ", "retracted ", "withdrawn "]
        .iter()
        .find_map(|label| title.strip_prefix(label))
        .unwrap_or(title)
}

fn squeezed(text: &str) -> String {
    text.replace(' ', "")
}

/// No generic title has more bytes.
pub(super) const LONGEST_GENERIC: usize = 40;

/// Titles that many works have.
pub(super) fn is_generic(words: &str) -> bool {
    const GENERIC: &[&str] = &[
        "abstract",
        "abstracts",
        "acknowledgement",
        "acknowledgements",
        "announcement",
        "announcements",
        "book review",
        "book reviews",
        "contents",
        "contributors",
        "correction",
        "corrigendum",
        "discussion",
        "editorial",
        "editorial board",
        "editors note",
        "erratum",
        "foreword",
        "front matter",
        "index",
        "introduction",
        "letter to the editor",
        "letters",
        "list of contributors",
        "masthead",
        "news",
        "notes",
        "obituary",
        "preface",
        "references",
        "reply",
        "review",
        "reviews",
        "table of contents",
        "title page",
        "untitled",
    ];
    words.is_empty() || GENERIC.contains(&words)
}

/// The family name of the first of the authors in a string such as `Jane Doe, John Roe`,
/// `Doe, Jane; Roe, John` or `J. Doe;J. Roe`.
pub(super) fn first_family(authors: &str) -> Option<String> {
    let authors = authors.replace("&nbsp;", " ");
    let (first, by_comma) = match authors.split_once(';') {
        Some((first, _)) => (first, first.contains(',')),
        None => (authors.split(',').next().unwrap_or_default(), false),
    };
    let name = words(if by_comma {
        first.split(',').next().unwrap_or_default()
    } else {
        first
    });
    let mut parts: Vec<&str> = name.split(' ').filter(|part| !part.is_empty()).collect();
    while parts.len() > 1 && matches!(parts.last(), Some(&("jr" | "sr" | "ii" | "iii" | "iv"))) {
        parts.pop();
    }
    if by_comma {
        return (!parts.is_empty()).then(|| parts.join(" "));
    }
    parts.last().map(|part| (*part).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_words() {
        assert_eq!(
            words("Zürich: &amp; the <i>E. coli</i>—story"),
            "zurich the e coli story"
        );
        assert_eq!(words("Müller's"), words("Mu\u{308}ller’s"));
        assert_eq!(words("…"), "");
        assert_eq!(words(" A-b  c's. "), "a b cs");
    }

    #[test]
    fn near_titles() {
        let agree = |one: &str, other: &str| titles_agree(&words(one), &words(other));
        assert!(agree(
            "Deep learning for images",
            "Deep Learning for Images: a survey of 2020"
        ));
        assert!(agree(
            "A study of behaviour in mice models",
            "A study of behavior in mice models"
        ));
        assert!(agree("RETRACTED: A study of mice", "A study of mice"));
        assert!(agree(
            "Multi-agent planning in space",
            "Multiagent planning in space"
        ));
        assert!(!agree(
            "On graphs and their colourings 1",
            "On graphs and their colourings 2"
        ));
        assert!(!agree("Editorial", "Editorial: what is new in this issue"));
        assert!(!agree(
            "Deep learning for images",
            "Reinforcement learning in games"
        ));
    }

    #[test]
    fn first_families() {
        let family = |text| first_family(text).unwrap_or_default();
        assert_eq!(family("Gregory Kulacki"), "kulacki");
        assert_eq!(family("Yuexin Gao;Min Xue"), "gao");
        assert_eq!(family("K. Shah,&nbsp;J. Roe"), "shah");
        assert_eq!(family("Doe, Jane; Roe, John"), "doe");
        assert_eq!(family("Martin Luther King Jr., X"), "king");
        assert_eq!(family(""), "");
    }
}
