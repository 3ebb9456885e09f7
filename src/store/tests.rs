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

#[test]
fn damaged_values_answer_nothing() {
    let name = doi("10.5555/a");
    let json = r#"{"DOI":"10.5555/a","title":["A title that says a little more"]}"#;
    let value = Encoder::new()
        .unwrap()
        .work(&name, json, true, false, 1)
        .unwrap();
    let unpacked = |value: &[u8]| match value::read(value, &name)?.held {
        Held::Work { packed } => Decoder::new().work(packed).map(str::to_owned),
        _ => None,
    };
    assert_eq!(unpacked(&value).as_deref(), Some(json));
    assert!(value::read(&value, &doi("10.5555/b")).is_none());
    for cut in 0..value.len() {
        assert_eq!(unpacked(&value[..cut]), None, "cut at {cut}");
    }
    let start = value.len() - json.len() / 2;
    for at in start..value.len() {
        let mut flipped = value.clone();
        flipped[at] ^= 0x10;
        assert!(
            unpacked(&flipped).is_none_or(|text| text == json),
            "flipped at {at}"
        );
    }
}

#[test]
fn data_files_are_brought_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("0.jsonl");
    std::fs::write(
        &file,
        "{\"DOI\":\"10.5555/A\"}\n\n{\"DOI\":\"10.5555/b\"}\n",
    )
    .unwrap();
    let store = Store::open(&folder.path().join("store")).unwrap();
    let paths = [file.clone()];
    assert_eq!(
        store.import(&paths, 5).unwrap(),
        Imported { files: 1, works: 2 }
    );
    assert_eq!(store.import(&paths, 6).unwrap().works, 0);
    let entry = |name: &str| {
        store
            .read()
            .unwrap()
            .get(&doi(name))
            .unwrap()
            .unwrap()
            .asked
    };
    assert_eq!(entry("10.5555/a"), 5);
    std::fs::write(&file, "{\"DOI\":\"10.5555/c\"}\nnot json\n").unwrap();
    let error = store.import(&paths, 7).unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
    assert!(
        store
            .read()
            .unwrap()
            .get(&doi("10.5555/c"))
            .unwrap()
            .is_none()
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
