//! What is deposited as a subtitle, and is one.
//!
//! Some publishers deposit the running head (a short form of the title) or the section there.

use std::collections::HashSet;

use crate::enricher::markup::plain_title;
use crate::enricher::normal::words;
use crate::work::Work;

/// The subtitle, if it says something that the title does not.
pub(super) fn subtitle(work: &Work<'_>) -> Option<String> {
    let subtitle = plain_title(&work.first("subtitle")?).into_owned();
    let title = work.first("title").unwrap_or_default();
    adds(&plain_title(&title), &subtitle).then_some(subtitle)
}

/// The title, and the subtitle if it says something more.
pub(in crate::enricher) fn full_title(work: &Work<'_>) -> Option<String> {
    let title = plain_title(&work.first("title")?).into_owned();
    if title.is_empty() {
        return None;
    }
    Some(match subtitle(work) {
        Some(subtitle) => joined(&title, &subtitle),
        None => title,
    })
}

/// Does `subtitle` say something that `title` does not? Both are plain.
fn adds(title: &str, subtitle: &str) -> bool {
    let (own, folded) = (words(title), words(subtitle));
    let count = folded.split(' ').count();
    if folded.is_empty() || SECTIONS.contains(&folded.as_str()) {
        return false;
    }
    if format!(" {own} ").contains(&format!(" {folded} ")) {
        return false;
    }
    let own: HashSet<&str> = own.split(' ').collect();
    let known = folded.split(' ').filter(|word| own.contains(word)).count();
    let shouted = is_shouted(subtitle) && !is_shouted(title);
    let head = count >= 4 && known * 20 >= count * 17 || shouted && known * 2 >= count;
    !head
}

/// Sections of journals.
const SECTIONS: &[&str] = &[
    "commentaries",
    "correspondence",
    "editorial",
    "editorials",
    "letter to the editor",
    "letters to the editor",
    "original article",
    "original articles",
    "original paper",
    "research article",
    "research paper",
];

fn is_shouted(text: &str) -> bool {
    !text.chars().any(char::is_lowercase)
}

/// `Title: subtitle`; a title that ends in a mark of its own keeps it, and a full stop goes.
fn joined(title: &str, subtitle: &str) -> String {
    let title = title.trim_end_matches([':', ' ']);
    if title.ends_with(['?', '!']) {
        return [title, " ", subtitle].concat();
    }
    // The stop of an abbreviation stays.
    let bare = title.strip_suffix('.').filter(|bare| {
        let mut letters = bare.chars().rev();
        letters
            .by_ref()
            .take(4)
            .filter(|c| c.is_lowercase())
            .count()
            == 4
    });
    [bare.unwrap_or(title), ": ", subtitle].concat()
}

#[cfg(test)]
mod tests {
    use super::super::Fact;
    use super::super::tests::{quoted_or_none, told};
    use super::plain_title;
    use crate::json;

    /// What compares each word with each takes minutes.
    #[test]
    fn long_titles_take_one_pass() {
        let [title, subtitle] = ["a. ", "b: "].map(|word| word.repeat(100_000));
        let members = format!(r#""title":["{title}"],"subtitle":["{subtitle}"]"#);
        assert!(told(Fact::FullTitle, &members).len() > 500_000);
    }

    #[test]
    fn a_subtitle_says_more_than_the_title() {
        for (title, subtitle, expected) in [
            ("A title", "More of it", "A title: More of it"),
            ("A title", "<i></i>", "A title"),
            ("<i></i>", "More of it", ""),
            // 10.2307/jj.608332.5, 10.5117/jnb2022.009.maie, 10.1080/0147037x.2024.2403941
            ("American Genesis:", "Indians", "American Genesis: Indians"),
            (
                "Did he have Dutch roots?",
                "New sources",
                "Did he have Dutch roots? New sources",
            ),
            (
                "<i>Women in Ming China</i>\n .",
                "Bret Hinsch",
                "Women in Ming China: Bret Hinsch",
            ),
            ("Birds of the U.S.", "A list", "Birds of the U.S.: A list"),
            // Whole words only.
            ("Statistical mechanics", "I", "Statistical mechanics: I"),
            ("Partition of states", "Art", "Partition of states: Art"),
            // 10.1111/j.1365-2109.2011.02829.x, 10.1111/jfpp.12874
            (
                "Mortality in captive Atlantic cod (<i>Gadus</i>)",
                "Mortality in captive Atlantic cod",
                "Mortality in captive Atlantic cod (Gadus)",
            ),
            (
                "Microbial contamination in chestnuts",
                "MICROBIAL CONTAMINATION",
                "Microbial contamination in chestnuts",
            ),
            // Running heads of 10.1111/insr.12087, 10.1111/j.1865-1682.2010.01171.x, 10.1111/j.1742-1241.2006.01071.x
            (
                "Assessing Variability of Complex Descriptive Statistics in Monte Carlo Studies Using Resampling Methods",
                "Assessing Variability in Monte Carlo Studies",
                "Assessing Variability of Complex Descriptive Statistics in Monte Carlo Studies Using Resampling Methods",
            ),
            (
                "Serological Evidence of Brucella abortus Prevalence in Punjab Province, Pakistan",
                "Serological Evidence of B. abortus Prevalence in Punjab",
                "Serological Evidence of Brucella abortus Prevalence in Punjab Province, Pakistan",
            ),
            (
                "Fluvastatin treatment is not associated with an increased incidence of cancer",
                "FLUVASTATIN AND RISK OF CANCER",
                "Fluvastatin treatment is not associated with an increased incidence of cancer",
            ),
            // 10.1001/archneurpsyc.1926.02200210074007
            (
                "THE SPINAL FLUID IN EPILEPSY",
                "A STUDY OF FIFTY CASES",
                "THE SPINAL FLUID IN EPILEPSY: A STUDY OF FIFTY CASES",
            ),
            // 10.1021/ja00951a043
            (
                "Luminescence of Purines<sup>1</sup>",
                "A study<sup>1</sup>",
                "Luminescence of Purines: A study",
            ),
            // 10.1111/j.1742-1241.2006.01228.x
            (
                "Finally getting closure?",
                "Editorials",
                "Finally getting closure?",
            ),
            ("Thrips", "A review", "Thrips: A review"),
        ] {
            let members = format!(
                r#""title":[{}],"subtitle":[{}]"#,
                json::quote(title),
                json::quote(subtitle)
            );
            assert_eq!(
                told(Fact::FullTitle, &members),
                quoted_or_none(expected),
                "{title}: {subtitle}"
            );
            let adds = expected.len() > plain_title(title).len();
            assert!(expected.is_empty() || told(Fact::Subtitle, &members).is_empty() != adds);
        }
    }
}
