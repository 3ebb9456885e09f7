use super::find::scan;
use super::*;
use proptest::prelude::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};

fn found(text: &str) -> String {
    Doi::find(text).map_or_else(|why| why.to_string(), |doi| doi.to_string())
}

#[track_caller]
fn table(rows: &[(&str, &str)]) {
    for (text, doi) in rows {
        assert_eq!(found(text), *doi, "in {text}");
    }
}

const SICI: &str = "10.1002/(sici)1099-0771(199806)11:2<107::aid-bdm292>3.0.co;2-y";

#[test]
fn bare() {
    table(&[
        ("10.1000/182", "10.1000/182"),
        (" 10.1000/ABC-x_(y)z \n", "10.1000/abc-x_(y)z"),
        ("10.1000.10/x", "10.1000.10/x"),
        (
            "10.1016/S0140-6736(97)11096-0",
            "10.1016/s0140-6736(97)11096-0",
        ),
        (
            "10.1002/(SICI)1099-0771(199806)11:2<107::AID-BDM292>3.0.CO;2-Y",
            SICI,
        ),
        (
            "10.1002/1096-9861(20010212)430:3<283::aid-cne1031>3.0.co;2-v",
            "10.1002/1096-9861(20010212)430:3<283::aid-cne1031>3.0.co;2-v",
        ),
        (
            "10.1175/1520-0493(1974)102<0736:wacoj>2.0.co;2",
            "10.1175/1520-0493(1974)102<0736:wacoj>2.0.co;2",
        ),
        ("10.1002/a<1::B>3.0.CO;2-#", "10.1002/a<1::b>3.0.co;2-#"),
        (
            "10.1000/a,b<c>d;e#f?g%h|i+j&k",
            "10.1000/a,b<c>d;e#f?g%h|i+j&k",
        ),
        ("10.1000/a%20b%41", "10.1000/a%20b%41"),
        ("10.1000/a/full", "10.1000/a/full"),
        ("10.1000/a.pdf?x=1#y", "10.1000/a.pdf?x=1#y"),
        ("10.1000/Äé–—x", "10.1000/Äé–—x"),
        ("10.1000/x/", "10.1000/x/"),
    ]);
}

#[test]
fn labels_and_surroundings() {
    table(&[
        ("doi:10.1000/X", "10.1000/x"),
        ("DOI: 10.1000/X", "10.1000/x"),
        ("urn:doi:10.1000/x", "10.1000/x"),
        ("info:doi/10.1000/x", "10.1000/x"),
        ("DOI10.1109/X", "10.1109/x"),
        ("doi:%2010.1000/x", "10.1000/x"),
        ("see 10.1000/xyz, and 10.1000/abc", "10.1000/xyz"),
        ("10.1000/xyz,10.1000/abc", "10.1000/xyz"),
        ("10.1000/xyz;doi:10.1000/abc", "10.1000/xyz"),
        (
            "https://doi.org/10.1000/xyz|https://doi.org/10.1000/abc",
            "10.1000/xyz",
        ),
        ("10.12/x and 10.1000/. but 10.1000/abc", "10.1000/abc"),
        ("(10.1000/x)", "10.1000/x"),
        ("(10.1000/x)(10.1000/y)", "10.1000/x"),
        ("(see 10.1000/a(b)c).", "10.1000/a(b)c"),
        ("\u{201c}10.1000/x\u{201d}, he said", "10.1000/x"),
        ("[10.1000/x]: “10.1000/y”…", "10.1000/x"),
        ("10.1000/x.’”…;:,", "10.1000/x"),
        ("doi = {10.1000/x},", "10.1000/x"),
        ("<10.1000/x>", "10.1000/x"),
        (r#"{"doi":"10.1000/x","n":1}"#, "10.1000/x"),
        (r#"{"doi":"10.1000\/x","n":1}"#, "10.1000/x"),
        (r#"{\"doi\":\"10.1000/x\"}"#, "10.1000/x"),
        ("['10.1000/x','10.1000/y']", "10.1000/x"),
        ("<p>doi: 10.1000/x</p>", "10.1000/x"),
        ("10.1000/x<br/>Next", "10.1000/x"),
        ("10.1000/\u{200b}a\u{ad}b\u{feff}", "10.1000/ab"),
        ("10.10\u{2060}00/a", "10.1000/a"),
        ("10.1000/a\u{a0}b", "10.1000/a"),
        ("10.1000/a\u{7}b", "10.1000/a"),
    ]);
}

#[test]
fn escapes() {
    table(&[
        (
            "10.1002/(SICI)1099-0771(199806)11:2&lt;107::AID-BDM292&gt;3.0.CO;2-Y",
            SICI,
        ),
        (
            "10.1002/(SICI)1099-0771(199806)11:2&amp;lt;107::AID-BDM292&amp;gt;3.0.CO;2-Y",
            SICI,
        ),
        ("10.1207/x&amp;1_2", "10.1207/x&1_2"),
        ("10.1207/x&copy=1&lt", "10.1207/x&copy=1&lt"),
        ("10.1000&#x2F;x", "10.1000/x"),
        (r"10.1007/a\_b\%c\&d\#e", "10.1007/a_b%c&d#e"),
        (r"10.1007/978{\_}1\\_2", "10.1007/978_1_2"),
        ("10.1000%2Fabc%20", "10.1000/abc"),
        ("10.1000%2fa%2fb", "10.1000/a/b"),
        ("10.1002/a%3C1%3E2%25", "10.1002/a<1>2%"),
        ("10.1000/a%FF%2Fb", "10.1000/a%ff%2fb"),
        ("https://doi.org/10.1000/a%FFb", "10.1000/a%ffb"),
        ("https://doi.org/10.1000%252Fa", "10.1000/a"),
        ("10.1000/a&Szlig;", "10.1000/aß"),
    ]);
}

#[test]
fn urls() {
    table(&[
        ("https://doi.org/10.1000/X", "10.1000/x"),
        ("http://dx.doi.org/10.1000/x?a=b#c", "10.1000/x"),
        ("doi.org/10.1000/x?a=b", "10.1000/x"),
        ("(doi.org/10.1000/x#y)", "10.1000/x"),
        ("https://10.1000/x?a", "10.1000/x"),
        ("https://doi.org10.1000/x/full", "10.1000/x/full"),
        ("https://doi.org/10.1000/x/full", "10.1000/x/full"),
        ("https://doi-org.lib.example/10.1000/x.pdf", "10.1000/x.pdf"),
        (
            "https://doi.org.proxy.example:80/10.1000/x.pdf?y",
            "10.1000/x.pdf",
        ),
        (
            "https://0-dx.doi.org.lib.example/10.1000/x/meta",
            "10.1000/x/meta",
        ),
        ("https://mydoi.org/10.1000/x/meta", "10.1000/x"),
        (
            "https://onlinelibrary.wiley.com/doi/10.1002/Abc.1/full",
            "10.1002/abc.1",
        ),
        (
            "https://x.example/doi/full/10.1080/1.2?needAccess=true",
            "10.1080/1.2",
        ),
        (
            "www.x.example/doi/epdf/10.1080/1.2?needAccess=true",
            "10.1080/1.2",
        ),
        ("https://x.example/10.1000/x/fulltext/", "10.1000/x"),
        ("https://x.example/10.1000/x/FULL/html", "10.1000/x"),
        ("https://x.example/10.1000/x/full.pdf.", "10.1000/x"),
        (
            "https://x.example/10.1000/x/abstract;jsessionid=1A.b",
            "10.1000/x",
        ),
        ("https://x.example/10.1000/x.full.pdf?y", "10.1000/x"),
        ("https://x.example/10.1000/pdf", "10.1000/pdf"),
        ("https://x.example/?a=1&doi=10.1000/x&b=2", "10.1000/x"),
        ("https://x.example/?doi=10.1000/x&amp;b=2#c", "10.1000/x"),
        (
            "https://x.example/?u=https%3A%2F%2Fdoi.org%2F10.1000%2Fx&b=2",
            "10.1000/x",
        ),
        (
            "https://x.example/?u=https%3A%2F%2Fy.example%2F10.1000%2Fx%2Ffull%3Fa%3Db&b=2",
            "10.1000/x",
        ),
        (
            "https://x.example/?u=https://y.example/10.1000/x/pdf?a=b&c",
            "10.1000/x",
        ),
        ("https://x.example/#/doi/10.1000/x?y", "10.1000/x"),
        ("https://doi.org/10.1000/a%3Fb%23c?d#e", "10.1000/a?b#c"),
        ("https://doi.org/10.1000/a%2520b", "10.1000/a%20b"),
        (
            "https://doi.org/10.1002/(SICI)1099-0771(199806)11:2%3C107::AID-BDM292%3E3.0.CO;2-Y",
            SICI,
        ),
        (
            "<https://doi.org/10.1002/(SICI)1099-0771(199806)11:2<107::AID-BDM292>3.0.CO;2-Y>",
            SICI,
        ),
        (
            "http://dx.doi.org/10.1002/a<1::B>3.0.CO;2-#",
            "10.1002/a<1::b>3.0.co;2-#",
        ),
        (
            "http://dx.doi.org/10.1002/a<1::B>3.0.CO;2-#sec",
            "10.1002/a<1::b>3.0.co;2-",
        ),
        (
            r#"<a href="https://doi.org/10.1000/x">text</a>"#,
            "10.1000/x",
        ),
        ("<a href='https://doi.org/10.1000/x'>text</a>", "10.1000/x"),
        (
            "&lt;a href=&quot;https://doi.org/10.1000/x&quot;&gt;text",
            "10.1000/x",
        ),
        ("https://doi.org/10.1000/x<b>", "10.1000/x"),
        ("[x](https://doi.org/10.1000/x)", "10.1000/x"),
        (
            "[x](https://doi.org/10.1000/x)[y](https://doi.org/10.1000/y)",
            "10.1000/x",
        ),
        (r"\href{https://doi.org/10.1000/x}{10.1000/x}", "10.1000/x"),
        (r#""https:\/\/doi.org\/10.1000\/x?y""#, "10.1000/x"),
        (
            "http://x.example/10.1000/ https://doi.org/10.1000/x",
            "10.1000/x",
        ),
        // The URL ended before the DOI.
        (
            "<a href=\"http://x.example\">10.1000/x#y</a>",
            "10.1000/x#y",
        ),
    ]);
}

#[test]
fn errors() {
    for (text, why) in [
        ("", DoiError::NotFound),
        ("nothing 10.5 here", DoiError::NotFound),
        ("110.1000/x", DoiError::NotFound),
        ("1.10.1000/x", DoiError::NotFound),
        ("10/2021", DoiError::NotFound),
        ("10.100/x", DoiError::ShortPrefix),
        ("10./x", DoiError::ShortPrefix),
        ("10.1000", DoiError::NoSlash),
        ("10.1000./x", DoiError::NoSlash),
        ("10.1000/", DoiError::NoSuffix),
        ("10.1000/ x", DoiError::NoSuffix),
        ("10.1000/...", DoiError::NoSuffix),
        ("10/fvtb", DoiError::ShortDoi),
        ("https://doi.org/10/fvtb", DoiError::ShortDoi),
        ("see https://doi.org/10/fvtb.", DoiError::ShortDoi),
        ("https://doi.org/fvtb3", DoiError::ShortDoi),
    ] {
        assert_eq!(Doi::find(text), Err(why), "in {text}");
    }
    let long = format!("10.1000/{}", "x".repeat(2040));
    assert_eq!(found(&long), long);
    assert_eq!(
        Doi::parse(&long).map(|doi| doi.to_string()),
        Ok(long.clone())
    );
    assert_eq!(Doi::find(&(long.clone() + "x")), Err(DoiError::TooLong));
    assert_eq!(Doi::parse(&(long.clone() + "x")), Err(DoiError::TooLong));
    assert_eq!(found(&format!("{long}x 10.1000/y")), "10.1000/y");
    let deep = format!("10.1000/a%{}2Fb", "25".repeat(20));
    assert_eq!(found(&deep), deep.to_lowercase());
    let deep = format!("10.1000/a&{}lt;", "amp;".repeat(20));
    assert_eq!(Doi::find(&deep), Err(DoiError::Escapes));
}

#[test]
fn strict() {
    for (text, result) in [
        ("10.1000/ABC.", Ok("10.1000/abc.")),
        ("10.1000.1/Ä", Ok("10.1000.1/Ä")),
        ("10.1000/a b", Err(DoiError::Blank)),
        ("10.1000/a\u{0}", Err(DoiError::Blank)),
        (" 10.1000/a", Err(DoiError::NotFound)),
        ("doi:10.1000/a", Err(DoiError::NotFound)),
        ("10.1000%2Fa", Err(DoiError::NoSlash)),
        ("10.1000/", Err(DoiError::NoSuffix)),
        ("10.100/a", Err(DoiError::ShortPrefix)),
        ("10/abc", Err(DoiError::ShortDoi)),
    ] {
        assert_eq!(
            Doi::parse(text).as_ref().map(Doi::as_str),
            result.as_ref().copied(),
            "{text}"
        );
    }
}

#[test]
fn whole() {
    for text in [
        "10.1000/x",
        " 10.1000/x, ",
        "10.1000/a,b",
        "doi:10.1000/x",
        "DOI: 10.1000/x",
        "DOI 10.1000/x",
        "urn:doi:10.1000/x",
        "info:doi/10.1000/x",
        "https://doi.org/10.1000/x?a=b",
        "dx.doi.org/10.1000/x",
        "https://doi.org/doi:10.1000/x",
        "https://doi-org.lib.example/10.1000%2Fx",
        "10.1002/a<1::B>3.0.CO;2-#",
    ] {
        assert!(Doi::is_whole(text), "{text}");
    }
    for text in [
        "",
        "10.1000/",
        "10.1000/.",
        "see 10.1000/x",
        "10.1000/x 10.1000/y",
        "10.1000/x;10.1000/y",
        "https://x.example/10.1000/x",
        "see x.doi.org/10.1000/x",
        "10/abc",
    ] {
        assert!(!Doi::is_whole(text), "{text}");
    }
}

#[test]
fn parts_and_traits() {
    let (doi, written) = Doi::find_as_written("https://doi.org/10.1000/A%2FB/C.")
        .unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(
        (doi.prefix(), doi.suffix(), &*written),
        ("10.1000", "a/b/c", "10.1000/A/B/C")
    );
    assert_eq!(
        format!("{doi} {doi:?} {doi:>15}"),
        "10.1000/a/b/c \"10.1000/a/b/c\"   10.1000/a/b/c"
    );
    assert_eq!("10.1000/A/b/c".parse(), Ok(doi.clone()));
    assert_eq!(Doi::try_from("10.1000/A/b/c"), Ok(doi.clone()));
    assert_eq!(doi.as_ref(), "10.1000/a/b/c");
    assert_eq!(HashMap::from([(doi, 1)]).get("10.1000/a/b/c"), Some(&1));
}

#[test]
fn linear() {
    for (unit, after) in [
        ("10.10.10.10.", ""),
        ("10.1000/", ""),
        ("10.1000/ ", ""),
        ("10.1000/.\u{200b}", ""),
        ("http://a.b/10.1000/<", ""),
        ("http://10.1000/?", ""),
        ("?u=http%3A%2F%2F10.1000/&", ""),
        ("10.1000/,", ""),
        ("doi:", ""),
        ("doi.org/", ""),
        ("/pdf", ""),
        ("&amp", ""),
        ("&am\\", "_"),
        ("(", ""),
        (")", ""),
        (";jsessioni", ""),
        ("%25", "2F"),
        ("10.1000%2F%", ""),
        ("10.1111111111", ""),
        (",10.1", ""),
        ("\\", "_"),
        ("{", "\\_"),
        ("a.", "/10.1000/x"),
    ] {
        for before in ["", "10.1000/x", "https://a.b/10.1000/x", "http://a.b/?x=y"] {
            let text = [before, &unit.repeat((1 << 17) / unit.len()), after].concat();
            let start = Instant::now();
            let _ = (Doi::find(&text), Doi::is_whole(&text), Doi::parse(&text));
            let took = start.elapsed();
            assert!(
                took < Duration::from_secs(3),
                "{before}{unit}…{after}: {took:?}"
            );
        }
    }
}

/// Texts of the pieces that matter, which random characters would hardly ever form.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "10.",
        "10.1000/",
        "10.1000%2F",
        "10.5/",
        "1",
        "0",
        ".",
        "/",
        "x",
        "Y",
        "ä",
        "é",
        "–",
        " ",
        "\u{200b}",
        "\u{ad}",
        "\u{0}",
        "https://",
        "http://x.example/",
        "doi.org/",
        "doi:",
        "www.",
        "?",
        "#",
        "&",
        "=",
        ";",
        ",",
        "|",
        ":",
        "'",
        "\"",
        "’",
        "”",
        "“",
        "…",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "</a>",
        "<br>",
        "%",
        "%2F",
        "%3c",
        "%25",
        "%20",
        "%22",
        "%FF",
        "%C3%84",
        "%3A%2F%2F",
        "2F",
        "3E",
        "&lt;",
        "&AMP;",
        "&amp;",
        "&Szlig;",
        "lt;",
        "amp;",
        "#38;",
        "&#32;",
        "\\",
        "\\_",
        "{\\_}",
        "_",
        "/full",
        ".pdf",
        ";jsessionid=",
        "<1::A>2.0.CO;2-#",
        "10/ab",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => pieces(),
        4 => pieces().prop_map(|text| format!("10.1000/{text}")),
        2 => pieces().prop_map(|text| format!("https://x.example/10.1000/{text}")),
        2 => "10\\.1[0-9]{3}/[a-zA-Z0-9._/()-]{0,12}",
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4096,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn found_is_strict_and_found_again(text in texts()) {
        if let Ok((doi, written)) = Doi::find_as_written(&text) {
            prop_assert_eq!(Doi::parse(doi.as_str()), Ok(doi.clone()));
            prop_assert_eq!(Doi::find(doi.as_str()), Ok(doi.clone()));
            prop_assert_eq!(Doi::find(&text), Ok(doi.clone()));
            prop_assert_eq!(Doi::find_as_written(&written), Ok((doi.clone(), written.clone())));
            prop_assert_eq!(written.to_ascii_lowercase(), doi.as_str());
            prop_assert!(Doi::is_whole(doi.as_str()));
            prop_assert_eq!([doi.prefix(), "/", doi.suffix()].concat(), doi.as_str());
        }
    }

    #[test]
    fn the_fast_path_is_no_other(text in texts()) {
        prop_assert_eq!(find_written(&text), scan(text.trim(), 0));
    }

    #[test]
    fn strict_is_the_form(text in texts()) {
        let form = head(&text).is_ok_and(|(prefix, _)| {
            let suffix = text.get(prefix..).and_then(|rest| rest.strip_prefix('/'));
            suffix.is_some_and(|s| !s.is_empty() && !s.contains(is_blank))
        });
        prop_assert_eq!(Doi::parse(&text).is_ok(), form);
        let _ = Doi::is_whole(&text);
    }
}
