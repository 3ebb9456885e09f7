//! Records and works from `tests/data/pairs.jsonl`, and what is to become of them.

use std::collections::BTreeMap;

use super::*;

fn pairs() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pairs.jsonl");
    std::fs::read_to_string(path).unwrap()
}

fn is_same(pair: &json::Object<'_>) -> bool {
    let record = Record::parse(pair.get("record").unwrap()).unwrap();
    let work = Work::parse(pair.get("work").unwrap()).unwrap();
    let profile = match pair.get("profile") {
        None => Profile::scholar(),
        Some(_) => Profile::crossref(),
    };
    matches!(judge(&record, &work, &profile, &Note::None), Same::Yes)
}

#[test]
fn no_wrong_pair_and_nearly_every_right_one_is_filled() {
    let text = pairs();
    // All and held out: of right pairs, of those accepted; of wrong pairs, of those accepted.
    let mut counts = [[0_u32; 4]; 2];
    let mut kinds = BTreeMap::<(bool, String), [u32; 4]>::new();
    for line in text.lines() {
        let pair = json::Object::parse(line).unwrap();
        let right = pair.get("same") == Some("true");
        let held_out = pair.get("held_out") == Some("true");
        let kind = json::string(pair.get("kind").unwrap())
            .unwrap()
            .into_owned();
        let accepted = is_same(&pair);
        let at = if right { 0 } else { 2 };
        let row = kinds.entry((!right, kind.clone())).or_default();
        for held in 0..=usize::from(held_out) {
            counts[held][at] += 1;
            counts[held][at + 1] += u32::from(accepted);
            row[2 * held] += 1;
            row[2 * held + 1] += u32::from(accepted);
        }
        if right != accepted {
            let record = pair.get("record").unwrap();
            println!("MISS {kind}: {record}\n      {}", pair.get("work").unwrap());
        }
    }
    for ((wrong, kind), [all, accepted, held, held_accepted]) in &kinds {
        let label = if *wrong { "wrong" } else { "right" };
        println!("| {label} | {kind} | {all} | {accepted} | {held} | {held_accepted} |");
    }
    println!("{counts:?}");
    for [right, found, wrong, filled] in counts {
        assert!(right > 0 && wrong > 0);
        assert_eq!(filled, 0, "wrong pairs accepted");
        assert!(found * 100 >= right * 99, "{found} of {right}");
    }
}
