use std::io::Write;

use proptest::prelude::*;

use super::sniff::{Verdict, sniff};
use super::*;

/// What the splitter of `name` finds in `text`, given in pieces of `piece` bytes: line, offset, and
/// the record or the reason.
fn split(text: &[u8], piece: usize, name: &str) -> Vec<(u64, u64, Result<String, String>)> {
    let Verdict::Format(mut splitter) = sniff(text, true, name) else {
        return Vec::new();
    };
    let (mut done, mut line, mut offset) = (0, 1, 0);
    let mut out = Vec::new();
    let mut end = 0;
    loop {
        end = (end + piece).min(text.len());
        let last = end == text.len();
        let mut items = Vec::new();
        let start = done;
        loop {
            let mut cut = Cut {
                bytes: &text[done..end],
                at: 0,
                last,
                max_record: 40,
                line,
                offset,
                base: done - start,
                items: &mut items,
            };
            splitter.split(&mut cut);
            let full = cut.is_full();
            (done, line, offset) = (done + cut.at, cut.line, cut.offset);
            if !full {
                break;
            }
        }
        let chunk = Chunk {
            source: "x".into(),
            text: text[start..end].to_vec(),
            items,
        };
        for item in &chunk.items {
            let record = chunk.record(item);
            let record = record
                .map(|text| text.into_owned())
                .map_err(|why| why.into_owned());
            out.push((item.line, item.offset, record));
        }
        if last {
            assert_eq!(done, text.len(), "all is passed");
            return out;
        }
    }
}

proptest! {
    /// However an input arrives, the same is found in it. (A record that is too long is told as
    /// soon as that is known, which depends on the pieces: no more than its place is compared.)
    #[test]
    fn pieces_make_no_difference(
        text in r#"([\[{]"?|"[a-z]{0,3}"|[:,\]} \n]|\n\{"a":1\}|\{"doi":"x","b":[1,{}]}|10\.5555/a|text|true|1e5){0,20}"#,
        piece in 1usize..20,
        name in prop::sample::select(vec!["x", "x.jsonl"]),
    ) {
        let whole = split(text.as_bytes(), text.len().max(1), name);
        let pieces = split(text.as_bytes(), piece, name);
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn rows_in_pieces(
        rows in prop::collection::vec(r#"("a, ""b""\n"|[a-c]{0,2}),(x|"y"|)(,z)?\r?"#, 0..6),
        piece in 1usize..9,
    ) {
        let text = format!("doi,t\n{}\n", rows.join("\n"));
        let whole = split(text.as_bytes(), text.len(), "x");
        prop_assert_eq!(whole, split(text.as_bytes(), piece, "x"));
    }
}

#[test]
fn lines_and_offsets_are_those_of_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.txt");
    let mut file = std::fs::File::create(&path).unwrap();
    let record = format!("{{\"title\":\"{}\"}}", "x".repeat(900));
    let mut places = Vec::new();
    let (mut line, mut offset) = (1, 0);
    for n in 0..5_000 {
        let text = format!("Text {n}\n\n");
        file.write_all(format!("{text}{record}\n").as_bytes())
            .unwrap();
        places.push((line + 2, offset + text.len() as u64));
        line += 3;
        offset += (text.len() + record.len() + 1) as u64;
    }
    let source = Source::File { path, named: true };
    let (mut found, mut chunks) = (Vec::new(), 0);
    read(&[source], 1 << 20, &Arc::default(), &mut |chunk| {
        chunks += 1;
        for item in &chunk.items {
            assert_eq!(chunk.record(item).unwrap(), record);
            found.push((item.line, item.offset));
        }
        true
    })
    .unwrap();
    assert_eq!(found, places);
    assert!(chunks >= 4, "{chunks}");
}

#[test]
fn formats_are_told_by_content() {
    let format = |text: &str, name: &str| match sniff(text.as_bytes(), true, name) {
        Verdict::Format(_) => "known".to_owned(),
        Verdict::Empty => "empty".to_owned(),
        Verdict::Unknown(seen, _) => seen,
    };
    for text in [
        "{\"a\":1}",
        "[1]",
        "10.5555/x",
        "doi\n10.5555/x",
        "Title;DOI\n",
        "text\n{\"a\":1}",
    ] {
        assert_eq!(format(text, "x"), "known", "{text}");
    }
    assert_eq!(format(" \n", "x"), "empty");
    assert!(
        format("\u{feff}plain text", "x").contains("neither JSON"),
        "{}",
        format("plain text", "x")
    );
    assert_eq!(format("plain text", "x.jsonl.gz"), "known");
    assert!(format("\0\u{1}", "x").contains("binary"));
    let utf16 = sniff(b"\xff\xfe{\0", true, "x");
    assert!(matches!(utf16, Verdict::Unknown(seen, _) if seen.contains("UTF-16")));
}
