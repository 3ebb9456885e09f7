use proptest::prelude::*;

use super::*;

#[test]
fn titles() {
    for (raw, expected) in [
        ("A plain title", "A plain title"),
        ("CO<sub>2</sub> and <i>E. coli</i>", "CO2 and E. coli"),
        ("Trends &amp; more", "Trends & more"),
        ("&amp;lt;sup&amp;gt;13&amp;lt;/sup&amp;gt;C", "13C"),
        ("one&amp;nbsp;two", "one two"),
        (
            "&lt;i&gt;In vivo&lt;/i&gt; at p &lt; 0.05",
            "In vivo at p < 0.05",
        ),
        ("p < 0.05 and 0.01 < x > 0.8", "p < 0.05 and 0.01 < x > 0.8"),
        ("if a<b and c>d", "if a<b and c>d"),
        (
            "<5%, or <Homo sapiens> & <sic>",
            "<5%, or <Homo sapiens> & <sic>",
        ),
        (
            "the mean <x> and <jane@library.edu>",
            "the mean <x> and <jane@library.edu>",
        ),
        ("  two\n   lines ", "two lines"),
        ("one<br/>two<break />three", "one two three"),
        ("<scp>DNA</scp> repair", "DNA repair"),
        ("<b>not <i>closed", "not closed"),
        ("closed</i> only</b>", "closed only"),
        ("<I>Don Quixote</I> and L<SUB>1</SUB>", "Don Quixote and L1"),
        ("<weird:thing a='b'>kept</weird:thing>", "kept"),
        ("a <!-- note --> b<?pi x?>c", "a bc"),
        ("a <!-- b", "a <!-- b"),
        ("<![CDATA[x < y & z]]>", "x < y & z"),
        ("R&D at AT&T", "R&D at AT&T"),
        ("e\u{301}tude", "étude"),
        (
            "soft\u{ad}hyphen\u{200b}s\u{feff} and \u{7}bells",
            "softhyphens and bells",
        ),
        ("می\u{200c}خواهم a\u{200c}b", "می\u{200c}خواهم ab"),
        // 10.3403/03054911u: what is lost is not invented.
        (
            "Plastics \u{fffd} Polyamides",
            "Plastics \u{fffd} Polyamides",
        ),
        // 10.1360/n112014-00137
        ("模糊测试技术研究", "模糊测试技术研究"),
        // 10.5194/cp-2020-95
        (
            "The Atmospheric Bridge Communicated the δ&amp;lt;sup&amp;gt;13&amp;lt;/sup&amp;gt;C Decline",
            "The Atmospheric Bridge Communicated the δ13C Decline",
        ),
        // 10.1001/archpedi.1951.02040040742008
        (
            "ANEMIA IN AN INFANT<subtitle>Successful Treatment",
            "ANEMIA IN AN INFANT Successful Treatment",
        ),
    ] {
        assert_eq!(plain(raw), expected, "{raw}");
    }
}

#[test]
fn formulas() {
    for (raw, expected) in [
        (
            "<mml:math xmlns:mml=\"x\"><mml:mi>n</mml:mi></mml:math>-type",
            "n-type",
        ),
        // 10.1016/j.est.2023.106644
        (
            "Hybrid <mml:math altimg=\"si186.svg\"><mml:mrow><mml:mi>N</mml:mi><mml:mi>i</mml:mi><mml:mi>F</mml:mi><mml:msub><mml:mrow><mml:mi>e</mml:mi></mml:mrow><mml:mrow><mml:mn>2</mml:mn></mml:mrow></mml:msub></mml:mrow></mml:math> grains",
            "Hybrid NiFe2 grains",
        ),
        (
            "<math>\n <mi>x</mi>\n <mo>=</mo>\n <mn>1</mn><mtext> if </mtext><mi>y</mi></math>",
            "x=1 if y",
        ),
        (
            "<m:math><m:mfrac><m:mi>a</m:mi><m:mrow><m:mi>b</m:mi><m:mo>+</m:mo><m:mi>c</m:mi></m:mrow></m:mfrac></m:math>",
            "a/(b+c)",
        ),
        (
            "<math><mfrac><mfrac><mn>1</mn><mn>2</mn></mfrac><mn>3</mn></mfrac></math>",
            "(1/2)/3",
        ),
        (
            "at <jats:inline-formula><jats:alternatives><jats:tex-math>$x^2$</jats:tex-math><mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></jats:alternatives></jats:inline-formula> most",
            "at x2 most",
        ),
        (
            "<inline-formula><math><mi>y</mi></math><tex-math>$y$</tex-math></inline-formula>, <inline-formula><tex-math>$z$</tex-math></inline-formula>",
            "y, $z$",
        ),
        (
            "<math><semantics><mi>k</mi><annotation encoding=\"application/x-tex\">k^1</annotation></semantics></math>",
            "k",
        ),
        (
            "<tex-math>\\documentclass{minimal}\\begin{document}$$q$$\\end{document}</tex-math>!",
            "$$q$$!",
        ),
    ] {
        assert_eq!(plain(raw), expected, "{raw}");
    }
}

#[test]
fn abstracts() {
    for (raw, expected) in [
        (
            "<jats:title>Abstract</jats:title><jats:p>We show.</jats:p>",
            Some("We show."),
        ),
        // The shape of 10.1017/s0033291721002026
        (
            "<jats:title>Abstract</jats:title><jats:sec id=\"a1\"><jats:title>Background</jats:title><jats:p>It is.</jats:p></jats:sec><jats:sec><jats:title>Methods:</jats:title><jats:p>So.</jats:p></jats:sec><jats:sec><jats:title>Why?</jats:title><jats:p>Thus.</jats:p></jats:sec>",
            Some("Background: It is. Methods: So. Why? Thus."),
        ),
        (
            "<ns3:p>\n  Layout\n  <ns3:bold>bold</ns3:bold>.</ns3:p>",
            Some("Layout bold."),
        ),
        ("<p>One.</p><p>Two.</p>", Some("One. Two.")),
        ("<jats:p />", None),
        ("<jats:title>Abstract</jats:title><jats:p/>", None),
        ("No abstract available.", None),
        ("n/a", None),
        ("Abstract algebra is fun.", Some("Abstract algebra is fun.")),
        ("Abstracts of papers", Some("Abstracts of papers")),
        ("abstract nouns", Some("abstract nouns")),
        (
            "ABSTRACT The current strategy",
            Some("The current strategy"),
        ),
        ("AbstractThe current strategy", Some("The current strategy")),
        ("Summary: it is", Some("Summary: it is")),
        ("Résumé. Nous", Some("Nous")),
        ("Zusammenfassung Das Ziel", Some("Das Ziel")),
        ("摘要：本文", Some("：本文")),
        ("<title>Summary</title><p>We.</p>", Some("We.")),
        ("&lt;p&gt;We &amp;lt; you&lt;/p&gt;", Some("We < you")),
    ] {
        assert_eq!(plain_abstract(raw).as_deref(), expected, "{raw}");
    }
}

/// Text of a megabyte that is all beginnings: what is quadratic takes minutes.
#[test]
fn hostile_text_takes_one_pass() {
    for part in [
        "<",
        "<!--",
        "<![CDATA[",
        "<?",
        "<a ",
        "<a href=\"",
        "<math>",
        "<mfrac><mi>",
        "</mi>",
        "<alternatives><tex-math>",
        "&amp;",
        "&lt;",
        "&amp;lt;",
        "Ã\u{80}",
        "<jats:title>",
        "<jats:title>a</jats:title>",
    ] {
        let text = part.repeat((1 << 20) / part.len());
        let _ = (plain(&text), plain_abstract(&text));
    }
}

/// Well-formed markup, and the text that it holds.
fn tree() -> impl Strategy<Value = (String, String)> {
    let text = "[a-zé]{1,8}( [a-z0-9.<]{1,4}){0,2}";
    let leaf = text.prop_map(|text: String| (text.replace('<', "&lt;"), text));
    leaf.prop_recursive(4, 24, 4, |inner| {
        let names = prop::sample::select(vec![
            "i",
            "b",
            "sup",
            "sub",
            "jats:italic",
            "scp",
            "mml:mi",
            "span class=\"x\"",
            "ext-link",
        ]);
        (names, prop::collection::vec(inner, 1..4)).prop_map(|(name, parts)| {
            let (raw, text): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let end = name.split(' ').next().unwrap_or(name);
            (format!("<{name}>{}</{end}>", raw.concat()), text.concat())
        })
    })
}

proptest! {
    #[test]
    fn plain_text_stays(words in "[a-zé<&,. ]{0,30}") {
        let once = plain(&words).into_owned();
        prop_assert_eq!(plain(&once), once.as_str());
    }

    #[test]
    fn whatever_it_is(raw in prop_oneof![
        any::<String>(),
        "(<|>|/|&|;|lt|amp|sub|jats:|math|tex-math|mfrac|alternatives|title|mi| |=|\"|x|é|!--|\\[CDATA\\[){0,40}",
    ]) {
        for text in [plain(&raw).into_owned(), plain_abstract(&raw).unwrap_or_default()] {
            prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
            prop_assert!(!text.contains("  ") && text.trim() == text, "{:?}", text);
        }
    }

    #[test]
    fn well_formed_markup_leaves_its_text((raw, text) in tree()) {
        prop_assert_eq!(plain(&raw), plain(&text));
    }
}
