use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// A work of about a kilobyte, most of it references.
fn work(n: usize, indexed: u64) -> String {
    let references =
        r#"{"key":"1","DOI":"10.5555/other"}"#.to_owned() + &r#",{"key":"2"}"#.repeat(60);
    format!(
        r#"{{"DOI":"10.5555/W.{n:06}","indexed":{{"timestamp":{indexed}}},"title":["Title {n} of {indexed}"],"reference":[{references}]}}"#
    )
}

fn lines(works: impl IntoIterator<Item = usize>) -> String {
    works.into_iter().map(|n| work(n, 1_000) + "\n").collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

struct Fixture {
    folder: tempfile::TempDir,
    store: Store,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        Self { folder, store }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.data().join(name), bytes).unwrap();
    }

    fn import(&self) -> Imported {
        self.import_part(&Subset::default())
    }

    fn import_part(&self, subset: &Subset) -> Imported {
        let paths = [self.data()];
        let progress = ImportProgress::default();
        self.store.import(&paths, subset, 5, &progress).unwrap()
    }

    /// The numbers of the works, in the order of their DOIs, and when they were indexed.
    fn works(&self) -> Vec<(usize, u64)> {
        let mut works = Vec::new();
        let absent = self.store.export(&[], &mut |json| {
            assert!(!json.contains("reference"), "{json}");
            let work: serde_json::Value = serde_json::from_str(json).unwrap();
            let number = work["DOI"].as_str().unwrap()[10..].parse().unwrap();
            works.push((number, work["indexed"]["timestamp"].as_u64().unwrap()));
            true
        });
        assert!(absent.unwrap().is_empty());
        works
    }

    fn has(&self, works: impl IntoIterator<Item = usize>) {
        let numbers: Vec<usize> = self.works().into_iter().map(|(number, _)| number).collect();
        let expected: Vec<usize> = works.into_iter().collect();
        assert_eq!(numbers.len(), expected.len());
        assert_eq!(numbers, expected);
        assert!(
            !self.store.path().join("import").exists(),
            "nothing is left"
        );
    }
}

fn tar_of(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    tar.into_inner().unwrap()
}

fn items(works: impl IntoIterator<Item = usize>) -> Vec<u8> {
    let works: Vec<_> = works.into_iter().map(|n| work(n, 1_000)).collect();
    format!("{{\n \"items\" : [ {} ]\n}}\n", works.join(",\n")).into_bytes()
}

#[test]
fn all_containers_are_told_by_their_content() {
    let fixture = Fixture::new();
    fixture.file("0.jsonl", lines(0..3));
    fixture.file("1.gz", gzip(&items(3..6)));
    fixture.file("2.xyz", items(6..8));
    let members = [
        ("a/1.json", items(8..10)),
        ("a/.hidden.json", b"no".to_vec()),
        ("a/2.jsonl", lines(10..12).into_bytes()),
        ("a/3.json.gz", gzip(&items(12..14))),
    ];
    fixture.file("all.json.tar.gz", gzip(&tar_of(&members)));
    // The last line needs no end, and a byte order mark is none of a work.
    fixture.file(
        "9.jsonl",
        format!("\u{feff}\r\n{}", lines(14..16).trim_end()),
    );
    let imported = fixture.import();
    assert_eq!((imported.files, imported.works), (5, 16));
    assert_eq!(imported.damages, 0, "{:?}", imported.damaged);
    fixture.has(0..16);
    let again = fixture.import();
    assert_eq!((again.files, again.known, again.works), (0, 5, 0));
}

#[test]
fn damage_is_named_and_the_rest_goes_on() {
    let fixture = Fixture::new();
    let whole = gzip(lines(0..100).as_bytes());
    fixture.file("0.jsonl.gz", &whole[..whole.len() - 9]);
    let mut flipped = gzip(lines(100..200).as_bytes());
    let end = flipped.len() - 6;
    flipped[end] ^= 1;
    fixture.file("1.jsonl.gz", flipped);
    fixture.file(
        "2.jsonl",
        format!(
            "{}nonsense\n{{\"title\":[]}}\n{}",
            lines(200..203),
            lines(203..205)
        ),
    );
    fixture.file("3.json", &items(300..310)[..2_000]);
    let members = [
        ("1.json", items(210..212)),
        ("2.json", items(220..230)[..3_000].to_vec()),
        ("3.json", items(212..214)),
    ];
    fixture.file("4.tar", tar_of(&members));
    fixture.file("5.jsonl", format!("damaged\n{}", lines(205..207)));
    fixture.file("6.txt", "These are the works of Crossref.\n\nOne a line.\n");
    fixture.file("7.empty", "");
    let imported = fixture.import();
    let damaged: Vec<String> = imported
        .damaged
        .iter()
        .map(|damage| {
            let name = damage.place.rsplit('/').next().unwrap();
            format!("{name}: {}", damage.reason)
        })
        .collect();
    let expected = [
        "0.jsonl.gz: ",
        "1.jsonl.gz: ",
        "2.jsonl:4: ",
        "2.jsonl:5: a work without",
        "3.json: EOF",
        "4.tar!2.json: EOF",
        "5.jsonl:1: ",
        "6.txt: no works",
    ];
    assert_eq!(damaged.len(), expected.len(), "{damaged:#?}");
    for (damage, expected) in damaged.iter().zip(expected) {
        assert!(damage.starts_with(expected), "{damage} is not {expected}");
    }
    assert_eq!(imported.damages, 8);
    fixture.has((200..207).chain(210..214));
    // What was damaged is tried again, what is in is not.
    fixture.file("0.jsonl.gz", whole);
    let again = fixture.import();
    assert_eq!(
        (again.works, again.known, again.damages),
        (100, 3, 4),
        "{again:?}"
    );
}

/// A permutation of `0..count`.
fn shuffled(count: usize) -> Vec<usize> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut all: Vec<usize> = (0..count).collect();
    random.shuffle(&mut all);
    all
}

#[test]
fn what_is_not_sorted_is_sorted_on_disk() {
    let fixture = Fixture::new();
    let works = shuffled(9_000);
    for (number, part) in works.chunks(500).enumerate() {
        fixture.file(&format!("{number}.jsonl"), lines(part.iter().copied()));
    }
    // Does not fit into memory as a whole.
    fixture.file("large.jsonl", lines((9_000..20_000).rev()));
    let imported = fixture.import();
    assert_eq!(imported.works, 20_000);
    fixture.has(0..20_000);
}

#[test]
fn a_stopped_import_goes_on_where_it_was() {
    let fixture = Fixture::new();
    let works = shuffled(12_000);
    for (number, part) in works.chunks(500).enumerate() {
        fixture.file(&format!("{number}.jsonl"), lines(part.iter().copied()));
    }
    let progress = ImportProgress::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Stopped when a part is in.
            while progress.files.load(Ordering::Relaxed) < 9 {
                std::thread::yield_now();
            }
            progress.stop();
        });
        let paths = [fixture.data()];
        let stopped = fixture
            .store
            .import(&paths, &Subset::default(), 5, &progress);
        assert!(stopped.unwrap().works < 12_000);
    });
    let runs = std::fs::read_dir(fixture.store.path().join("import"))
        .unwrap()
        .count();
    assert!(runs > 1, "sorted runs are kept");
    // What a machine that went down may leave.
    let run = std::fs::read_dir(fixture.store.path().join("import")).unwrap();
    let run = run.map(|entry| entry.unwrap().path()).next().unwrap();
    let mut bytes = std::fs::read(&run).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(&run, bytes).unwrap();
    std::fs::write(fixture.store.path().join("import/0-1.run"), "half").unwrap();
    std::fs::write(fixture.store.path().join("import/0-2.part"), "half").unwrap();
    let again = fixture.import();
    assert!(again.known > 0 && again.damages == 0, "{again:?}");
    fixture.has(0..12_000);
}

#[test]
fn what_was_indexed_last_wins() {
    let fixture = Fixture::new();
    let answer = |n, indexed| super::super::answer_of(&work(n, indexed), false).unwrap();
    let absent = Doi::parse("10.5555/w.000004").unwrap();
    let alias = |n: usize| super::super::Answer::Alias {
        doi: Doi::parse(&format!("10.5555/w.{n:06}")).unwrap(),
        prime: Doi::parse("10.5555/w.000001").unwrap(),
    };
    let answers = [
        answer(1, 3_000),
        answer(2, 1_000),
        super::super::Answer::NotFound(absent),
        alias(5),
    ];
    fixture.store.commit(&answers, 2).unwrap();
    fixture.store.commit(&[alias(6)], 1).unwrap();
    let file = [
        work(1, 2_000),
        work(2, 2_000),
        work(3, 2_000),
        work(3, 1_500),
        work(4, 2_000),
        work(5, 1_999),
        work(6, 1_999),
    ];
    fixture.file("0.jsonl", file.join("\n"));
    let imported = fixture.import();
    assert_eq!((imported.works, imported.older), (4, 2));
    let expected = [(1, 3_000), (2, 2_000), (3, 2_000), (4, 2_000), (6, 1_999)];
    assert_eq!(fixture.works(), expected);
    fixture.file("1.jsonl", work(3, 2_500) + "\n" + &work(2, 1_000));
    let imported = fixture.import();
    assert_eq!((imported.works, imported.older), (1, 1));
    assert_eq!(fixture.works()[1..3], [(2, 2_000), (3, 2_500)]);
}

#[test]
fn a_part_on_request() {
    let fixture = Fixture::new();
    let day = 86_400_000;
    let text: String = (0..10)
        .map(|n| work(n, 20_000 * day + n as u64 * day) + "\n")
        .collect();
    fixture.file("0.jsonl", text);
    let dois = [2, 7].map(|n| Doi::parse(&format!("10.5555/w.{n:06}")).unwrap());
    fixture.import_part(&Subset::default().only(dois));
    fixture.has([2, 7]);
    // 20,000 days after 1970 is 2024-10-04.
    let since = |day: &str| Subset::default().since(Date::parse(day).unwrap());
    assert!(since("2024-02-31").is_none());
    let since = since("2024-10-12").unwrap();
    fixture.import_part(&since);
    fixture.has([2, 7, 8, 9]);
    assert_eq!(fixture.import_part(&since).known, 1);
    fixture.import();
    fixture.has(0..10);
}
