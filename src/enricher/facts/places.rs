//! Where in a journal or book a work stands: volume, issue, pages, article number.

use std::borrow::Cow;

use super::plain_of;
use crate::enricher::extent::is_dash;
use crate::work::Work;

/// Early access and habit: what stands where nothing is known yet.
const PLACEHOLDERS: &[&str] = &[
    "n/a",
    "na",
    "no",
    "none",
    "null",
    "nil",
    "nan",
    "undefined",
    "unknown",
    "tba",
    "tbc",
    "tbd",
    "ahead of print",
    "ahead-of-print",
    "aheadofprint",
    "publish ahead of print",
    "epub ahead of print",
    "online ahead of print",
    "advance online publication",
    "advance access",
    "early access",
    "early view",
    "earlyview",
    "online first",
    "online-first",
    "onlinefirst",
    "first online",
    "article in press",
    "articles in press",
    "in press",
    "inpress",
    "forthcoming",
    "just accepted",
];

const VOLUME: &[&str] = &[
    "volume", "vol", "v", "band", "bd", "jahrgang", "jg", "tome", "tomo", "n",
];
const ISSUE: &[&str] = &[
    "issue", "iss", "number", "numero", "número", "num", "no", "nr", "n", "heft",
];
const PAGES: &[&str] = &["pages", "page", "pp", "p"];
const ARTICLE: &[&str] = &["article number", "article no", "article", "art no", "art"];

/// Is this a value? Placeholders, zeros, and what has no letter or digit are none.
pub(super) fn is_said(text: &str) -> bool {
    let text = text.trim();
    match text.as_bytes().first() {
        None => false,
        Some(b'1'..=b'9') => true,
        _ => {
            let zeros = text.bytes().all(|byte| byte == b'0');
            let placeholder = |word: &&str| text.eq_ignore_ascii_case(word);
            !zeros
                && text.chars().any(char::is_alphanumeric)
                && !PLACEHOLDERS.iter().any(placeholder)
        }
    }
}

/// `12` of `Vol. 12`; a word with anything but a number behind it is part of the value.
fn without_label<'a>(text: &'a str, labels: &[&str]) -> &'a str {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text;
    }
    let bare = labels.iter().find_map(|label| {
        let start = text.get(..label.len())?;
        let rest = text.get(label.len()..)?;
        let bare = rest.trim_start_matches(['.', ':', ' ', '°', 'º']);
        let number = bare.starts_with(|c: char| c.is_ascii_digit());
        (start.eq_ignore_ascii_case(label) && number && bare.len() < rest.len()).then_some(bare)
    });
    bare.unwrap_or(text)
}

/// `83` of `83 (1999)`.
fn without_year(text: &str) -> &str {
    let Some((number, year)) = text.strip_suffix(')').and_then(|it| it.split_once(" (")) else {
        return text;
    };
    let is_year = year.len() == 4 && year.starts_with(['1', '2']) && year.parse::<u16>().is_ok();
    if is_year { number } else { text }
}

/// A number, which need not be one (`S1`, `XXV`, `3-4`).
fn number<'a>(work: &Work<'a>, key: &str, labels: &[&str]) -> Option<Cow<'a, str>> {
    let text = plain_of(work.string(key)?);
    if !is_said(&text) {
        return None;
    }
    let bare = without_year(without_label(&text, labels));
    // "Vol. 12, part 2" is more than a number.
    if bare.len() == text.len() || bare.contains(' ') {
        return Some(text);
    }
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(without_year(without_label(text, labels))),
        Cow::Owned(_) => Cow::Owned(bare.to_owned()),
    })
}

pub(super) fn volume<'a>(work: &Work<'a>) -> Option<Cow<'a, str>> {
    number(work, "volume", VOLUME)
}

pub(super) fn issue<'a>(work: &Work<'a>) -> Option<Cow<'a, str>> {
    number(work, "issue", ISSUE)
}

pub(super) fn article_number<'a>(work: &Work<'a>) -> Option<Cow<'a, str>> {
    number(work, "article-number", ARTICLE)
}

/// `VOL ISSUE` or `VOL`: an issue alone would read as a volume.
pub(in crate::enricher) fn volume_issue(work: &Work<'_>) -> Option<String> {
    let volume = volume(work)?;
    Some(match issue(work) {
        Some(issue) => [&volume, " ", &issue].concat(),
        None => volume.into_owned(),
    })
}

/// `222-234`; a range of one page is that page. A first page of one, without volume and issue, is
/// what publishers write before an article has its place.
pub(in crate::enricher) fn pages(work: &Work<'_>) -> Option<String> {
    let text = plain_of(work.string("page")?);
    let text = without_label(&text, PAGES);
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let dashes = |pair: &[u8]| pair == b"--";
    let pages = if text.bytes().all(usual) && !text.as_bytes().windows(2).any(dashes) {
        range(text)?.to_owned()
    } else {
        let text = dashed(text);
        let text = without_thousands(&text).unwrap_or(text);
        let parts = text.split(',').map(str::trim).filter_map(range);
        parts.collect::<Vec<_>>().join(", ")
    };
    let placed = pages != "1" || volume(work).is_some() || issue(work).is_some();
    (placed && !pages.is_empty()).then_some(pages)
}

/// `1,234-1,240` is one range.
fn without_thousands(text: &str) -> Option<String> {
    let (first, last) = text.split_once('-')?;
    let number = |text: &str| {
        let (head, tail) = text.split_once(',')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let thousands = (1..=2).contains(&head.len()) && tail.len() == 3;
        (thousands && digits(head) && digits(tail)).then(|| [head, tail].concat())
    };
    Some([number(first)?, number(last)?].join("-"))
}

/// One of all the dashes, and no blanks around it.
fn dashed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            c if is_dash(c) => {
                out.truncate(out.trim_end_matches([' ', '-']).len());
                out.push('-');
            }
            ' ' if out.ends_with(['-', ',']) => {}
            c => out.push(c),
        }
    }
    out
}

/// A page or a range of pages; the range from a page to itself is the page.
fn range(text: &str) -> Option<&str> {
    let mut text = text.trim_matches('-');
    // The ends may hold a dash each: "e-10-e-10".
    while let Some((first, last)) = text.split_at_checked(text.len() / 2)
        && last.strip_prefix('-') == Some(first)
    {
        text = first;
    }
    let text = match text.split_once('-') {
        Some((first, last)) if is_said(first) && !is_said(last) => first,
        _ => text,
    };
    is_said(text).then_some(text)
}

pub(super) fn pages_or_article(work: &Work<'_>) -> Option<String> {
    pages(work).or_else(|| Some(["Article ", &article_number(work)?].concat()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Fact;
    use super::super::tests::{all, quoted_or_none, told};
    use crate::json;

    #[test]
    fn numbers_go_without_their_words() {
        all(
            Fact::VolumeIssue,
            &[
                (r#""volume":" 5 ","issue":"11""#, "5 11"),
                (r#""volume":"5""#, "5"),
                (r#""issue":"11""#, ""),
                (r#""volume":"Vol. 12","issue":"Issue 3""#, "12 3"),
                (r#""volume":"Volume 12","issue":"No.3""#, "12 3"),
                (
                    r#""volume":"12","issue":"Special Issue 3""#,
                    "12 Special Issue 3",
                ),
                (r#""volume":"12","issue":"no comment""#, "12 no comment"),
                (r#""volume":"12","issue":"No3""#, "12 No3"),
                (r#""volume":"12","issue":"S1""#, "12 S1"),
                // 10.3917/mult.095.0001
                (r#""volume":"n° 95","issue":"2""#, "95 2"),
                // 10.1306/00aa9ad4-1730-11d7-8645000102c1865d
                (r#""volume":"83 (1999)""#, "83"),
                (r#""volume":"Vol. 83 (1999)""#, "83"),
                (r#""volume":"83 (12)""#, "83 (12)"),
                (r#""volume":"Vol. 83, part 2""#, "Vol. 83, part 2"),
                (r#""volume":"XXV","issue":"3/4""#, "XXV 3/4"),
                // 10.1097/prs.0000000000010349, 10.21326/ksdt.2008..18.018, 10.1111/fem.0
                (r#""volume":"Publish Ahead of Print""#, ""),
                (r#""volume":"null","issue":"18""#, ""),
                (r#""volume":"0","issue":"0""#, ""),
                (r#""volume":"7","issue":"Online First""#, "7"),
                (r#""volume":"7","issue":"--""#, "7"),
            ],
        );
        assert_eq!(told(Fact::Volume, r#""volume":"&nbsp;12 ""#), "\"12\"");
        assert_eq!(told(Fact::Issue, r#""issue":"forthcoming""#), "");
    }

    #[test]
    fn pages_are_a_page_a_range_or_a_list() {
        let page = |page: &str| {
            let members = format!(r#""volume":"1","page":{}"#, json::quote(page));
            told(Fact::Pages, &members)
        };
        for (text, expected) in [
            ("222-234", "222-234"),
            ("222–234", "222-234"),
            (" 222 \u{2212} 234 ", "222-234"),
            ("222--234", "222-234"),
            ("222&ndash;234", "222-234"),
            ("5-5", "5"),
            ("5 - 5", "5"),
            ("12-", "12"),
            ("pp. 1-3", "1-3"),
            ("p.12", "12"),
            ("P12", "P12"),
            // 10.1017/cbo9780511483332.001, 10.5325/complitstudies.56.2.e-10
            ("ix-ix", "ix"),
            ("e-10", "e-10"),
            ("e-10-e-10", "e-10"),
            ("7-7-7-7", "7"),
            ("-", ""),
            // 10.1021/ja965783w, 10.1001/archderm.100.1.109b, 10.1001/jama.279.3.198-a
            ("11135-2", "11135-2"),
            ("109b-109", "109b-109"),
            ("198-a-198", "198-a-198"),
            ("233-240.e2", "233-240.e2"),
            // 10.1001/amaguidesnewsletters.2000.janfeb05 and .2006.marapr01
            ("7-7, 12", "7, 12"),
            ("1-3, 9-12", "1-3, 9-12"),
            ("1-3,7", "1-3, 7"),
            ("1-3 , 7 - 9", "1-3, 7-9"),
            ("1,234-1,240", "1234-1240"),
            ("1-3,240", "1-3, 240"),
            // 10.1023/a:1017119326245, 10.1002/chin.197423013, 10.17016/2380-7172.3220
            ("0-0", ""),
            ("no-no", ""),
            ("None-None", ""),
            ("n/a-n/a", ""),
            ("12-n/a", "12"),
            ("000-000", ""),
            ("In press", ""),
            ("-", ""),
            (",", ""),
            ("1-1", "1"),
        ] {
            assert_eq!(page(text), quoted_or_none(expected), "{text}");
        }
    }

    #[test]
    fn early_access_has_no_place_yet() {
        all(
            Fact::PagesOrArticle,
            &[
                // 10.1109/tap.2023.3248448 and 10.1155/2019/4786431
                (r#""page":"1-1""#, ""),
                (r#""page":"1-1","issue":"In Press""#, ""),
                (r#""page":"1–1""#, ""),
                (r#""page":"p. 1 - 1""#, ""),
                (r#""page":"1-1","volume":"2019""#, "1"),
                (r#""page":"1-9""#, "1-9"),
                // 10.1007/s00209-022-03200-7 has no page, 10.1016/j.actamat.2023.118723 both
                (r#""article-number":"27""#, "Article 27"),
                (r#""article-number":"Article No. 27""#, "Article 27"),
                (r#""article-number":"27","page":"n/a""#, "Article 27"),
                (r#""article-number":"118723","page":"118723""#, "118723"),
                (r#""article-number":"0""#, ""),
            ],
        );
        assert_eq!(
            told(Fact::ArticleNumber, r#""article-number":"Art. 7""#),
            "\"7\""
        );
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,12}", page in "[0-9eix /,–-]{0,12}") {
            for key in ["page", "volume", "issue", "article-number"] {
                let members = format!(r#""{key}":{}"#, json::quote(&text));
                told(Fact::PagesOrArticle, &members);
                told(Fact::VolumeIssue, &members);
            }
            // Told once, it is told again as it is.
            let pages = |page: &str| told(Fact::Pages, &format!(r#""volume":"1","page":{page}"#));
            let once = pages(&json::quote(&page));
            if !once.is_empty() {
                prop_assert_eq!(pages(&once), once);
            }
        }
    }
}
