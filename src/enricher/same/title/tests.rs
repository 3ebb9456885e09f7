//! What two titles have to do with each other.

use super::*;

fn agreement(one: &str, two: &str) -> Agreement {
    let (one, two) = (Title::new(one), Title::new(two));
    let agreement = one.agrees(&two);
    assert_eq!(agreement, two.agrees(&one), "{one:?} {two:?}");
    agreement
}

#[test]
#[rustfmt::skip]
fn how_well_titles_agree() {
    use Agreement::{Full, Misspelt, No, Short};
    for (expected, one, two) in [
        (Full, "Deep learning for images", "Deep Learning for Images: a survey of methods"),
        (Full, "Multi-agent planning in space", "Multiagent planning in space"),
        (Full, "A study of behaviour in mice", "A study of behavior in mice"),
        (Full, "RETRACTED: A study of mice in mazes", "A study of mice in mazes"),
        (Full, "Graphs & trees in nature", "Graphs and trees in nature"),
        (Full, "Graphs and trees in nature and i…", "Graphs and trees in nature and in art"),
        (Full, "Röntgen über Straßen in Köln", "Roentgen ueber Strassen in Koeln"),
        (Full, "Activity of TNF-alpha in mice", "Activity of TNFα in mice"),
        (Full, "Polyene antibiotics. II. Tetrin A", "Polyene antibiotics. 2. Tetrin A"),
        (Full, "Reactions of cyclic ketones", "Reactions of cyclic ketones<sup>1,2</sup>"),
        (Misspelt, "The management of heart failure", "Management of heart failure"),
        (Misspelt, "A stduy of behavior in mazes", "A study of behavior in mazes"),
        (Misspelt, "Modem methods of image rnatching", "Modern methods of image matching"),
        (Short, "Soil Ecology", "SOIL ECOLOGY"),
        (No, "On graphs and their colourings 1", "On graphs and their colourings 2"),
        (No, "On graphs and colourings", "On graphs and colourings. II. Trees"),
        (No, "Treatment of gout with colchicine", "Treatment of gout without colchicine"),
        (No, "Zinc sulfate in acne vulgaris", "Zinc sulfite in acne vulgaris"),
        (No, "Stable flows of shallow water", "Unstable flows of shallow water"),
        (No, "Correction to: A study of mice in mazes", "A study of mice in mazes"),
        (No, "A study of mice in mazes: Reply", "A study of mice in mazes"),
        (No, "Report on the state of soils 2019", "Report on the state of soils 2020"),
        (No, "Editorial", "Editorial: what is new in this issue"),
        (No, "", "Soil ecology"),
    ] {
        assert_eq!(agreement(one, two), expected, "{one} | {two}");
    }
}

#[test]
fn long_titles_take_bounded_work() {
    let words = "the alpha beta ".repeat(20_000);
    let other = "the alpha betta ".repeat(20_000);
    assert_eq!(agreement(&words, &other), Agreement::No);
    let word = "ab".repeat(100_000);
    assert_eq!(
        agreement(&word, &format!("{word}c of it all")),
        Agreement::No
    );
}

proptest::proptest! {
    #[test]
    fn never_panics_and_a_title_agrees_with_itself(one in "\\PC{0,60}", two in "\\PC{0,60}") {
        let (title, other) = (Title::new(&one), Title::new(&two));
        title.agrees(&other);
        proptest::prop_assert!(title.is_empty() || title.agrees(&title) >= Agreement::Short);
        proptest::prop_assert_eq!(title.agrees(&other), other.agrees(&title));
    }
}
