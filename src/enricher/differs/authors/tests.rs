//! Who a person would say is missing, added or another one.

use proptest::prelude::*;

use super::*;
use crate::json;
use crate::work::Work;

/// `Given|Family` for each.
fn differ(record: &str, people: &[&str]) -> bool {
    let person = |text: &&str| {
        let (given, family) = text.split_once('|').unwrap_or(("", text));
        let part = |key, text| format!("\"{key}\":{}", json::quote(text));
        format!("{{{},{}}}", part("given", given), part("family", family))
    };
    let people: Vec<String> = people.iter().map(person).collect();
    let work = format!(r#"{{"author":[{}]}}"#, people.join(","));
    authors_differ(record, &Work::parse(&work).unwrap().people("author"))
}

#[test]
#[rustfmt::skip]
fn people_are_matched_one_to_one() {
    for (people, same, different) in [
        // 10.1001/2012.jama.10452 and 10.1136/pgmj.74.871.279
        (&["Ellen D.|Feld"][..],
         &["E. Feld", "Feld ED", "Ellen Feld", "FELD, E. D.", "Feld", "Ellen Dorothy Feld", "Feld Ellen D."][..],
         &["Zbigniew Feld", "Z. Feld", "Feld Z", "Ellen D. Field", "Feld, X. Y."][..]),
        (&["P H|Dyer"], &["PH Dyer", "Paul Dyer", "Dyer, P.-H."], &["Q H Dyer", "Q. Dyer"]),
        // 10.1001/2012.jama.11061
        (&["Hsien-Yi|Chiu", "Hsien-Ching|Chiu"],
         &["H. Chiu, H. Chiu", "Chiu HY, Chiu HC", "Hsienyi Chiu; Hsienching Chiu", "Hsien-Yi Chiu et al.",
           "Chiu, Hsien-Yi, Chiu, Hsien-Ching", "Hsien-Yi Chiu, ..."],
         &["Hsien-Yi Chiu", "Chiu HC", "Chiu, H.-Y.; Chiu, H.-Y.; Chiu, H.-C.", "Hsien-Ching Chiu, Hsien-Yi Chiu"]),
        // 10.1155/2022/5916301 and 10.1097/bs9.0000000000000140
        (&["Hao|Guo", "Qi|Hao"], &["Guo Hao, Hao Qi", "H. Guo & Q. Hao"], &["Hao Guo", "Hao Guo, Qi Hao, Li Hao", "Qi Hao, Hao Guo"]),
        (&["Chen|Tian", "Zehui|Chen"], &["C Tian, Z Chen", "Tian C, Chen Z"], &["Chen Tian", "Zehui Chen"]),
        (&["Michihiro|Hojyo-Tomoka"], &["M. Hojyo Tomoka", "Hojyotomoka M", "M. Tomoka", "Hojyo, M."],
         &["Michihiro Hzjyo-Tomoka", "M. Hojyo-Tomoke"]),
        (&["Rolf|Voelker"], &["R. Völker", "Volker R"], &["Rolf Voelkerson"]),
        (&["伟|王"], &["王伟", "伟 王", "Wang Wei", "Wei Wang"], &["王伟, 张三", "张三"]),
        (&["Wei|Wang", "San|Zhang"], &["王伟, 张三", "Wang Wei, Zhang San", "WANG W., ZHANG S."], &["王伟", "王伟, 张三, 李四"]),
        (&["Yu‐Chan|Chang"], &["Yu-Chan Chang", "Y.-C. Chang", "YC Chang", "Yuchan Chang", "Chang, Yu Chan", "Chang Y"], &["Li-Chan Chang"]),
        // 10.1001/amaguidesnewsletters.1997.janfeb06 and 10.1021/ja00736a600
        (&["Robert H.|Haralson, III"], &["Robert H. Haralson III", "Haralson RH 3rd", "Haralson, R. H., III", "R. Haralson, MD, PhD"], &["T. Haralson"]),
        (&["Jan|van der Berg", "María|García Márquez", "Charles|de la Cruz"],
         &["J. Berg, M. García, C. Cruz", "van der Berg J, Garcia Marquez M, de la Cruz C", "Berg J. van der; Garcia-Marquez M; Cruz C",
           "Jan vanderBerg and M. Márquez and C. Delacruz"],
         &["J. Berg, M. García", "J. Berg, M. García, C. Kreuz"]),
        (&["Jane|Doe", "Zoë|Müller", "Bob|Roe"],
         &["Doe, J., Müller, Z., and Roe, B.", "Doe, Jane, Zoe Muller, and Robert Roe", "Doe, Jane and Müller, Zoë and Roe, Bob",
           "M&uuml;ller Z, Doe J, Roe B, et al.", "Doe J; M&uuml;ller Z; Roe B", "Jane Doe,&nbsp;Zoë Müller,&nbsp;Bob Roe", "Doe, Müller, Roe",
           "Jane Doe<sup>1</sup>, Zoë Müller<sup>2</sup>, Bob Roe*", "Dr. Jane Doe, MD, Prof. Zoë Müller, PhD, FACC, Bob Roe",
           "J Doe, Z Müller, B Roe, for the Study Group", "Doe J Müller Z Roe B", "DOE JANE, MÜLLER ZOË, ROE BOB"],
         &["Doe J; M&uuml;ller Z; Roe B; Smith K", "Doe, Jane, Zoe Muller", "Jane Doe, Zoë Müller, Bob Roe, Bob Smith",
           "J Doe, Z Müller, B Roe, K Roe", "Bob Roe, Zoë Müller, Jane Doe", "Jane Doe, Zoë Müller, Karl Roe", "Doe, Karl, Müller, Zoë, Roe, Bob",
           "J. Smith et al."]),
        (&["Sergey|Kowalsky", "Muhammad|Aleksandrov"], &["Sergei Kowalski, Mohammed Alexandrov", "S. Kowalskiy, М. Александров"], &["Peter Kowalski, M. Aleksandrov"]),
        (&["|Elnaz Nadermahmoudi", "|Hausmann", "Francisco M.|Fern\u{fffd}ndez"],
         &["E. Nadermahmoudi, Karl Hausmann, F. M. Fernández", "Nadermahmoudi E, Hausmann, Fernandez F"], &["E. Nadermahmoudi, Karl Hausmann"]),
        (&["San A.|Bin", "Jan de|Witt"], &["Bin S, Witt J", "S Bin, J de Witt", "A. Bin, J. Witt"], &["Bin K, Witt J"]),
        (&["D. E.|Suter"], &["Suter DE", "Suter, D. E."], &["Suter DE, Quimby X"]),
        // 10.1001/archderm.127.3.421b and 10.5902/2179460x41221
        (&["D.|de Berker"], &["de Berker D", "D. Berker"], &["X. de Berker"]),
        (&["Juliana Da Fonseca Capssa Lima|Sausen"], &["Sausen JDFCL", "J. Sausen"], &["Sausen XDF"]),
        (&["Ben|Ma"], &["Ma B", "Ma, Ben"], &["Ben Ma, Xaver Quimby"]),
        (&["Todd S.|Ing", "Rahman|Md"], &["T. S. Ing, Rahman Md", "Ing TS, Md R"], &["J. Ing"]),
        (&["Jane|Doe", "Jane|Doe"], &["Jane Doe"], &["Jane Doe, Zoe Doe"]),
    ] {
        for record in same {
            assert!(!differ(record, people), "{record} | {people:?}");
        }
        for record in different {
            assert!(differ(record, people), "{record} | {people:?}");
        }
    }
}

#[test]
fn groups_are_named_or_left_out() {
    let work = r#"{"author":[{"name":"the CNS physiotherapy study group"},
        {"given":"Verónica","family":"Caniça"},{"given":"Mário","family":"Rosa"}]}"#;
    let work = Work::parse(work).unwrap();
    let people = work.people("author");
    for same in [
        "V. Caniça, M. Rosa",
        "The CNS Physiotherapy Study Group, V. Caniça, M. Rosa",
        "Caniça V, Rosa M; CNS Physiotherapy Study Group",
        "Caniça, V.; CNS Physiotherapy Study Group; Rosa, M.",
    ] {
        assert!(!authors_differ(same, &people), "{same}");
    }
    for other in ["V. Caniça", "M. Rosa, V. Caniça"] {
        assert!(authors_differ(other, &people), "{other}");
    }
}

#[test]
fn who_stands_where_another_fits_moves_over() {
    let people = ["Jane|Smith", "John|Smith", "Jim|Smith"];
    assert!(!differ("J. Smith, Jane Smith, John Smith", &people));
    assert!(differ("J. Smith, Jane Smith, Karl Smith", &people));
}

#[test]
fn lists_of_thousands_take_bounded_work() {
    let people: Vec<&str> = vec!["J.|Doe"; 3000];
    let record = |name| vec![name; 3000].join(", ");
    assert!(!differ(&record("J. Doe"), &people));
    assert!(differ(&record("J. Roe"), &people));
    differ(&record("K. Doe"), &people);
    // Names that fit in thousands of ways once took a minute.
    let people = vec!["A. A. A. A. A. A. A.|Wang"; 1000];
    differ(&record("A A A A A A B Wang"), &people);
    let people = vec!["A. Ab. Abc A. Ab. Abc A.|Wang"; 1000];
    differ(&record("Abc Ab A A Ab Abc B Wang"), &people);
    assert!(differ("A A A A A A B Wang", &["A. A. A. A. A. A. A.|Wang"]));
    assert!(!differ("A A A Wang", &["A. A. A. A. A. A. A.|Wang"]));
}

proptest! {
    #[test]
    fn own_names_agree_and_no_text_is_too_odd(
        names in prop::collection::vec(("[A-Z][kmnoa]{2,6}( [A-Z]\\.)?", "[A-Z][kmnoa]{3,8}"), 1..7),
        text in "\\PC{0,30}",
    ) {
        let people: Vec<String> = names.iter().map(|(given, family)| format!("{given}|{family}")).collect();
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        let list = |way: fn(&str, &str) -> String, separator: &str| {
            let each = names.iter().map(|(given, family)| way(given, family));
            each.collect::<Vec<_>>().join(separator)
        };
        for record in [
            list(|given, family| format!("{given} {family}"), ", "),
            list(|given, family| format!("{family} {given}"), " and "),
            list(|given, family| format!("{family}, {given}"), "; "),
            list(|given, family| format!("{family}, {}.", &given[..1]), ", "),
            list(|given, family| format!("{family} {}", &given[..1]), ", "),
            list(|given, family| format!("{given} {family}").to_uppercase(), ";"),
        ] {
            prop_assert!(!differ(&record, &people), "{record} | {people:?}");
        }
        differ(&text, &people);
    }
}
