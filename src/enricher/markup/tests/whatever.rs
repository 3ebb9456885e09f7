//! Texts that no person wrote.

use proptest::prelude::*;

use super::*;

/// Text of half a megabyte that is all beginnings: what is quadratic takes minutes.
#[test]
fn hostile_text_takes_one_pass() {
    let fenced = format!("<mfenced separators=\"&{}\">", "a".repeat(1 << 18));
    let broken = format!("x{}", "\n ".repeat(1 << 17));
    for (before, part) in [
        ("", "<"),
        ("", "<!--"),
        ("", "<![CDATA["),
        ("", "<?"),
        ("", "<a "),
        ("", "<a <a"),
        ("", "<a href=\""),
        ("", "<a href=\"<a href='"),
        ("", "<a x=\"<a x=' "),
        ("", "<a x=\"1\" "),
        ("", "<math>"),
        ("", "<mfrac><mi>"),
        ("", "</mi>"),
        ("", "<alternatives><tex-math>"),
        ("<alternatives>", "<tex-math>x</tex-math>y"),
        (&fenced, "<mi/>"),
        (&broken, "<i>"),
        (&broken, "<i> </i>"),
        (&broken, "<i>Results</i>"),
        ("", "<i>x</i>"),
        ("", "of<i>E. coli</i>of"),
        ("", ".<i>Results</i>"),
        ("", "( a )"),
        ("", "\n's"),
        ("", "<sup>1</sup>"),
        (&broken, "\n<sub>"),
        (&broken, "<title>Abstract</title>"),
        ("", "<br><title></title>"),
        ("", "&amp;"),
        ("", "&lt;"),
        ("", "&amp;lt;"),
        ("", "&lt;a "),
        ("", "Ã\u{80}"),
        ("", "Ã£"),
        ("", "ä¸"),
        ("", "<jats:title>"),
        ("", "<jats:title>a</jats:title>"),
        ("", "\u{200e}"),
        ("", "Abstract "),
    ] {
        let text = [before, &part.repeat((1 << 19) / part.len())].concat();
        let _ = (plain_title(&text), plain_abstract(&text));
    }
}

/// Offsets into a text that changed meanwhile once stopped the program here.
#[test]
fn tags_that_do_not_match() {
    for (raw, expected) in [
        (
            "<title><title><title>Abstract</title></title></title>We.",
            Some("We."),
        ),
        (
            "<alternatives><tex-math>  </tex-math><title>Abstract</title><math>x</math></alternatives>",
            Some("x"),
        ),
        (
            "<alternatives><mfrac><tex-math>é+</tex-math><b>x</b></mfrac><math>x</math></alternatives>",
            Some("(é+x)x"),
        ),
        (
            "<alternatives><title><tex-math>Abstract</tex-math></title><math><mi>x</mi></math></alternatives>",
            Some("x"),
        ),
        (
            "<title>Aims</title>\n \n \n<i>é\n\n</i><b>.</b><sub>1</sub>",
            Some("Aims: é.1"),
        ),
        ("</math></title></mfrac>a", Some("a")),
        ("<math><mfrac><mi>a</math>b", Some("a/b")),
    ] {
        assert_eq!(plain_abstract(raw).as_deref(), expected, "{raw}");
    }
    let deep = "<math>".repeat(500) + "x" + &"</math>".repeat(500) + " y";
    assert_eq!(plain(&deep), "x y");
}

/// Well-formed markup, and the text that it holds.
fn tree() -> impl Strategy<Value = (String, String)> {
    let text = "[a-zé]{1,8}( & [a-z0-9.<]{1,4}){0,2}";
    let leaf =
        text.prop_map(|text: String| (text.replace('&', "&amp;").replace('<', "&lt;"), text));
    leaf.prop_recursive(4, 24, 4, |inner| {
        let names = prop::sample::select(vec![
            ("i", false),
            ("b", false),
            ("sup", false),
            ("sub", false),
            ("jats:italic", false),
            ("scp", false),
            ("mml:mi", false),
            ("span class=\"a > b\"", false),
            ("ext-link", false),
            ("jats:p", true),
            ("li", true),
            ("jats:sec id='1'", true),
        ]);
        (names, prop::collection::vec(inner, 1..4)).prop_map(|((name, block), parts)| {
            let (raw, text): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let end = name.split(' ').next().unwrap_or(name);
            let text = match block {
                true => format!(" {} ", text.concat()),
                false => text.concat(),
            };
            (format!("<{name}>{}</{end}>", raw.concat()), text)
        })
    })
}

proptest! {
    #[test]
    fn plain_text_stays(raw in prop_oneof![
        any::<String>(),
        "[a-zé,.<=\\-/\n\u{ad}\u{200d}\u{200f} ]{0,30}",
    ]) {
        // Without these there are neither tags nor entities.
        let raw = raw.replace(['&', '>'], "");
        let once = plain(&raw).into_owned();
        prop_assert_eq!(plain(&once), once.as_str());
    }

    #[test]
    fn whatever_it_is(raw in prop_oneof![
        any::<String>(),
        "(<|>|/|&|;|lt|amp|sub|jats:|math|tex-math|mfrac|alternatives|title|mi| |=|\"|x|é|!--|\\[CDATA\\[){0,40}",
        "(</?(i|b|sup|subtitle)>|[ \n(\\[\\])'s‐-]|&(amp;)?lt;|&gt;|&#39;|&#195;|[Ã£â€™Â©]|E\\. coli|of|Results|x|1|\\.|:){0,40}",
        "(<(/?)(sub|p|math|tex-math|mfrac|mfenced|mroot|mmultiscripts|mprescripts/|alternatives|title|mi|annotation)>| |\n|\\(|\\)|é|-|:|\\.|Abstract){0,40}",
    ]) {
        for text in [plain(&raw).into_owned(), plain_abstract(&raw).unwrap_or_default()] {
            prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
            prop_assert!(!text.contains("  ") && text.trim() == text, "{:?}", text);
        }
        let title = plain_title(&raw);
        // What is left of these may be a tag or an entity.
        if !title.contains(['<', '&']) {
            prop_assert_eq!(plain_title(&title), title.as_ref());
        }
    }

    #[test]
    fn well_formed_markup_leaves_its_text((raw, text) in tree()) {
        let text: Vec<&str> = text.split_whitespace().collect();
        prop_assert_eq!(plain(&raw), text.join(" "));
    }
}
