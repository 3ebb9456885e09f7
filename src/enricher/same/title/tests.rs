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
    use Agreement::{Full, Head, Misspelt, No, Short, Shortened};
    for (expected, one, two) in [
        (Shortened, "Deep learning for images", "Deep Learning for Images: a survey of methods"),
        (Full, "Multi-agent planning in space", "Multiagent planning in space"),
        (Full, "A study of behaviour in mice", "A study of behavior in mice"),
        (Full, "RETRACTED: A study of mice in mazes", "A study of mice in mazes"),
        (Full, "Graphs & trees in nature", "Graphs and trees in nature"),
        (Full, "Graphs and trees in nature and i…", "Graphs and trees in nature and in art"),
        (Full, "Röntgen über Straßen in Köln", "Roentgen ueber Strassen in Koeln"),
        (Full, "Activity of TNF-alpha in mice", "Activity of TNFα in mice"),
        (Full, "Polyene antibiotics. II. Tetrin A", "Polyene antibiotics. 2. Tetrin A"),
        (Misspelt, "Reactions of cyclic ketones", "Reactions of cyclic ketones<sup>1,2</sup>"),
        (Misspelt, "Luminescence of some purines", "Luminescence of some purines1"),
        (Misspelt, "Synthesis of an old penicillin", "Synthesis of an old penicillin<sup>1</sup>"),
        (No, "Gap junctions and connexin", "Gap junctions and connexin26"),
        (No, "On the structure of aquaporin", "On the structure of aquaporin4"),
        (No, "The decay of heavy sodium", "The decay of heavy sodium<sup>24</sup>"),
        (Full, "Graphs and trees in nature and architec…", "Graphs and trees in nature and architecture"),
        (No, "Studies on polyene antibiotics. XXV…", "Studies on polyene antibiotics. XXVI"),
        (Misspelt, "Studies on polyene antibiotics…", "Studies on polyene antibiotics. XXVI. Tetrin"),
        (Full, "RETRACTED  Improvement of mice in mazes", "RETRACTED: Improvement of mice in mazes"),
        (Full, "RETRACTED ARTICLE Mice in deep mazes", "Mice in deep mazes"),
        (No, "Removed teeth of mice in mazes", "Teeth of mice in mazes"),
        (No, "REMOVED TEETH OF MICE IN MAZES", "TEETH OF MICE IN MAZES"),
        (Full, "Grains of 40 ΜM in dry sand", "Grains of 40 μm in dry sand"),
        (Shortened, "Wars and peace in the land: civil society", "Wars and peace in the land"),
        (Head, "Loss of the spleen: report of a case", "Loss of the spleen"),
        (Head, "Malignant melanoma: a case series", "Malignant melanoma"),
        (Shortened, "Loss of an enlarged spleen: a case series", "Loss of an enlarged spleen"),
        (Shortened, "Hidrotic ectodermal dysplasia: study of a pedigree", "Hidrotic ectodermal dysplasia"),
        (Shortened, "日本における 地方自治体の 財政分析：東京都を例に", "日本における 地方自治体の 財政分析"),
        (Short, "中国古代小说理论研究：以红楼梦为例", "中国古代小说理论研究"),
        (Short, "ガラスの研究", "ｶﾞﾗｽの研究"),
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
        (No, "Polyene antibiotics. XXVII. Tetrin A", "Polyene antibiotics. XXVI. Tetrin A"),
        (No, "Polyene antibiotics. XXVIII. Tetrin A", "Polyene antibiotics. XXVII. Tetrin A"),
        (Full, "Safety of machines: 60601-2-1", "Safety of machines 60601 2 1"),
        (Full, "A survey of 10 000 old stones", "A survey of 10000 old stones"),
        (No, "Safety of machines: 60601-2-1", "Safety of machines: 60601-21"),
        (No, "1.1 Heat flow in porous stones", "11 Heat flow in porous stones"),
        (No, "Levels of immunoglobulin E in serum", "Levels of immunoglobulin Y in serum"),
        (No, "高温合金研究 第一部分 理论与试验方法", "高温合金研究 第二部分 理论与试验方法"),
        (No, "中国古代小说理论研究：第二部分", "中国古代小说理论研究"),
        (No, "中国古代小说理论研究（续）", "中国古代小说理论研究"),
        (No, "中国古代小说理论研究（下）", "中国古代小说理论研究（上）"),
        (No, "中国古代小说理论研究（二）", "中国古代小说理论研究"),
        (No, "中国古代小说理论研究：勘误", "中国古代小说理论研究"),
        (No, "ガラスの研究", "カラスの研究"),
        (No, "हिन्दी किताब का इतिहास", "हिन्दी कताब का इतिहास"),
        (No, "Studies of heat flow in porous stones", "Studies of heat flow in porous stones: Second part"),
        (No, "Researches in electricity", "Researches in electricity: Seventh series"),
        (No, "Researches in electricity", "Researches in electricity. A second series"),
        (No, "Researches in electricity", "Researches in electricity: Report II"),
        (No, "Researches in electricity", "Researches in electricity (zweite Mitteilung)"),
        (No, "Theory of heat in stones", "Theory of heat in stones: D"),
        (No, "Theory of heat in stones", "Theory of heat in stones: A. Granite"),
        (No, "Theory of heat in stones", "Theory of heat in stones: Group B"),
        (No, "The meaning of work in the novel", "The meaning of work in the novel \"Hard Times\""),
        (No, "The meaning of work in the novel", "The meaning of work in the novel “Hard Times”"),
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
