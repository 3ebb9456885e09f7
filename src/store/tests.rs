use super::*;

fn doi(text: &str) -> Doi {
    Doi::parse(text).unwrap()
}

fn work(name: &str) -> Answer {
    let json = format!(r#"{{"DOI":"{name}","title":["T"],"reference":[1,2,3]}}"#);
    answer_of(&json, false).unwrap()
}

#[test]
fn answers_are_kept_by_doi() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let long = format!("10.5555/{}", "x".repeat(900));
    let answers = [
        work("10.5555/a"),
        work(&long),
        Answer::NotFound(doi("10.5555/absent")),
        Answer::Alias {
            doi: doi("10.5555/old"),
            prime: doi("10.5555/a"),
        },
        Answer::Agency {
            prefix: "10.5281".into(),
            agency: "DataCite".into(),
        },
    ];
    store.commit(&answers, 7).unwrap();
    store.commit(&answers[2..3], 8).unwrap();
    drop(store);

    let store = Store::open(folder.path()).unwrap();
    let reading = store.read().unwrap();
    let mut decoder = Decoder::new();
    for name in ["10.5555/a", long.as_str()] {
        let entry = reading.get(&doi(name)).unwrap().unwrap();
        let Held::Work { packed } = entry.held else {
            panic!("{entry:?}");
        };
        assert_eq!(entry.asked, 7);
        let json = decoder.work(packed).unwrap();
        assert_eq!(json, format!(r#"{{"DOI":"{name}","title":["T"]}}"#));
    }
    let absent = reading.get(&doi("10.5555/absent")).unwrap().unwrap();
    assert!(matches!(absent.held, Held::NotFound { times: 2 }) && absent.asked == 8);
    let alias = reading.get(&doi("10.5555/old")).unwrap().unwrap();
    assert!(matches!(alias.held, Held::Alias { prime: "10.5555/a" }));
    assert_eq!(reading.agency("10.5281").unwrap(), Some((7, "DataCite")));
    assert!(reading.get(&doi("10.5555/other")).unwrap().is_none());
    assert!(reading.agency("10.5555").unwrap().is_none());
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut txn = store.env.write_txn().unwrap();
    store
        .meta
        .put(&mut txn, b"format", &9_u32.to_le_bytes())
        .unwrap();
    txn.commit().unwrap();
    drop(store);
    let error = Store::open(folder.path()).err().unwrap();
    assert!(error.to_string().contains("has format 9"), "{error}");
}

/// A work names the dictionary that it needs; with another one it must not become something else.
#[test]
fn a_work_of_another_dictionary_answers_nothing() {
    let json = r#"{"DOI":"10.5555/a","title":["A title that says a little more"]}"#;
    let samples: Vec<String> = (0..2_000)
        .map(|n| json.replace("10.5555/a", &format!("10.5555/{n}")))
        .collect();
    let other = zstd::dict::from_samples(&samples, 4 << 10).unwrap();
    let mut packer = zstd::bulk::Compressor::with_dictionary(3, &other).unwrap();
    let packed = packer.compress(json.as_bytes()).unwrap();
    assert_eq!(Decoder::new().work(&packed), None);
    let mut unpacker = zstd::bulk::Decompressor::with_dictionary(&other).unwrap();
    assert_eq!(
        unpacker.decompress(&packed, 1_000).unwrap(),
        json.as_bytes()
    );
}

#[test]
fn damaged_values_answer_nothing() {
    let name = doi("10.5555/a");
    let json = r#"{"DOI":"10.5555/a","title":["A title that says a little more"]}"#;
    let about = About {
        whole: true,
        imported: false,
        indexed: 77,
        asked: 1,
    };
    let mut value = Vec::new();
    let mut encoder = Encoder::new().unwrap();
    encoder.work(&name, json, about, &mut value).unwrap();
    assert_eq!(value::indexed_in(&value), 77);
    let unpacked = |value: &[u8]| match value::read(value, &name)?.held {
        Held::Work { packed } => Decoder::new().work(packed).map(str::to_owned),
        _ => None,
    };
    assert_eq!(unpacked(&value).as_deref(), Some(json));
    assert!(value::read(&value, &doi("10.5555/b")).is_none());
    for cut in 0..value.len() {
        assert_eq!(unpacked(&value[..cut]), None, "cut at {cut}");
    }
    let start = value.len() - 30;
    for at in start..value.len() {
        let mut flipped = value.clone();
        flipped[at] ^= 0x10;
        assert!(
            unpacked(&flipped).is_none_or(|text| text == json),
            "flipped at {at}"
        );
    }
}

/// Values as version 0.1 wrote them: zstd without a dictionary, no time of indexing.
#[test]
fn an_older_format_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let name = doi("10.5555/a");
    let json = r#"{"DOI":"10.5555/a","title":["A title"]}"#;
    let store = Store::open(folder.path()).unwrap();
    let mut value = vec![1, 1, 1, 0];
    value.extend_from_slice(&7_u64.to_le_bytes());
    value.extend_from_slice(&9_u16.to_le_bytes());
    value.extend_from_slice(b"10.5555/a");
    value.extend_from_slice(&zstd::bulk::compress(json.as_bytes(), 3).unwrap());
    let mut txn = store.env.write_txn().unwrap();
    store
        .works
        .put(&mut txn, &value::key(&name), &value)
        .unwrap();
    store
        .meta
        .put(&mut txn, b"format", &1_u32.to_le_bytes())
        .unwrap();
    txn.commit().unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    let reading = store.read().unwrap();
    let entry = reading.get(&name).unwrap().unwrap();
    let Held::Work { packed } = entry.held else {
        panic!("{entry:?}");
    };
    assert_eq!((entry.asked, entry.indexed), (7, 0));
    assert_eq!(Decoder::new().work(packed), Some(json));
    let format = store.meta.get(&reading.txn, b"format").unwrap();
    assert_eq!(format, Some(2_u32.to_le_bytes().as_slice()));
}

#[test]
fn it_is_counted_pruned_and_made_small() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let old: Vec<Answer> = (0..3_000).map(|n| work(&format!("10.5555/{n}"))).collect();
    store.commit(&old, 1_000).unwrap();
    let new = [work("10.5555/new"), Answer::NotFound(doi("10.5555/absent"))];
    store.commit(&new, 500 * 86_400).unwrap();
    let mut txn = store.env.write_txn().unwrap();
    store.works.put(&mut txn, b"10.5555/damaged", b"?").unwrap();
    txn.commit().unwrap();
    let now = 500 * 86_400 + 60;
    let info = |store: &Store| store.info(now, &mut |_, _| true).unwrap();
    let counted = info(&store);
    assert_eq!(
        (counted.asked, counted.not_found, counted.damaged),
        (3_001, 1, 1)
    );
    assert_eq!(
        counted.ages.into_iter().collect::<Vec<_>>(),
        [(1, 2), (u64::MAX, 3_000)]
    );

    let users = std::fs::File::open(folder.path().join("users.lock")).unwrap();
    users.lock_shared().unwrap();
    let pruned = store.prune(None).unwrap();
    assert!(pruned.in_use && pruned.removed == 1 && pruned.after == pruned.before);
    users.unlock().unwrap();

    let store = Store::open(folder.path()).unwrap();
    let pruned = store.prune(Some(now - 86_400)).unwrap();
    assert!(!pruned.in_use && pruned.removed == 3_000, "{pruned:?}");
    assert!(pruned.after < pruned.before / 4, "{pruned:?}");
    let store = Store::open(folder.path()).unwrap();
    let counted = info(&store);
    assert_eq!(
        (counted.asked, counted.not_found, counted.damaged),
        (1, 1, 0)
    );
    assert_eq!(counted.bytes, pruned.after);
}

/// Less than what a healthy file may lack: nothing may end the program.
#[test]
fn a_store_that_lacks_its_last_pages_is_an_error_and_no_crash() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let answers: Vec<Answer> = (0..5_000).map(|n| work(&format!("10.5555/{n}"))).collect();
    store.commit(&answers, 1).unwrap();
    let pages = store.env.info().last_page_number as u64 + 1;
    drop(store);
    let path = folder.path().join("data.mdb");
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len((pages - 40) * 4096).unwrap();
    drop(file);
    let all = Store::open(folder.path()).and_then(|store| store.export(&[], &mut |_| true));
    let error = all.unwrap_err();
    assert!(
        error.hint().unwrap().contains("remove the store"),
        "{error}"
    );
}

#[test]
fn a_store_that_was_cut_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let answers: Vec<Answer> = (0..5_000).map(|n| work(&format!("10.5555/{n}"))).collect();
    store.commit(&answers, 1).unwrap();
    assert!(store.read().unwrap().has_work_of("10.5555").unwrap());
    assert!(!store.read().unwrap().has_work_of("10.555").unwrap());
    drop(store);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(folder.path().join("data.mdb"))
        .unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let error = Store::open(folder.path()).err().unwrap();
    assert!(error.to_string().contains("was cut short"), "{error}");
}
