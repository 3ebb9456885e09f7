//! Records to measure with, their works, and the floor that figures are compared with.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// `CROSSFILL_BENCH_RECORDS`, 200,000 if it is not set.
pub fn count() -> usize {
    let number = std::env::var("CROSSFILL_BENCH_RECORDS").ok();
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(200_000)
}

/// Records in the shape of an aggregator's, and their works.
pub fn make(records: usize, input: &Path, works: &Path) -> u64 {
    let sentence = "This sentence stands for an abstract and says nothing of its own. ";
    let text = sentence.repeat(32);
    let mut input = BufWriter::new(File::create(input).unwrap());
    let mut works = BufWriter::new(File::create(works).unwrap());
    let mut bytes = 0;
    for n in 0..records {
        let record = format!(
            r#"{{"title":"On the properties of subject number {n} and its neighbours","authors":"Jane A. Doe, Richard Roe","doi":"10.5555/Bench.{n:08}","DOIUrl":null,"url":null,"abstract":"{text}","PeriodicalId":{n},"journal":{{"name":"Journal of Subjects","volume":"{v} ","pages":""}},"PeriodicalIF":0.5000,"publicationDate":"2021-07-03","publicationTypes":"Journal Article","fieldsOfStudy":null,"isOpenAccess":false,"openAccessPdf":"","citationCount":null,"resultStr":null,"platform":"Semanticscholar","paperid":null,"PeriodicalName":null,"FirstCategoryId":"1085","ListUrlMain":null,"RegionNum":0,"RegionCategory":null,"ArticlePicture":[],"TitleCN":null,"AbstractTextCN":null,"PMCID":null,"EPubDate":"","PubModel":"","JCR":"Q4","JCRName":"SUBJECTS","Score":null,"Total":0}}"#,
            v = n % 50,
        );
        bytes += record.len() as u64 + 1;
        writeln!(input, "{record}").unwrap();
        writeln!(
            works,
            r#"{{"indexed":{{"date-parts":[[2026,5,4]],"timestamp":1777905183519}},"publisher":"Society of Subjects","issue":"{i}","license":[{{"start":{{"date-parts":[[2021,7,3]]}},"content-version":"vor","delay-in-days":0,"URL":"https://creativecommons.org/licenses/by/4.0/"}}],"DOI":"10.5555/bench.{n:08}","type":"journal-article","created":{{"date-parts":[[2021,7,3]]}},"page":"{n}-{last}","source":"Crossref","is-referenced-by-count":{i},"title":["On the properties of subject number {n} and its neighbours"],"prefix":"10.5555","volume":"{v}","author":[{{"given":"Jane A.","family":"Doe","sequence":"first","affiliation":[{{"name":"University of Subjects"}}]}},{{"given":"Richard","family":"Roe","sequence":"additional","affiliation":[]}}],"member":"17","published-online":{{"date-parts":[[2021,7,3]]}},"container-title":["Journal of Subjects"],"link":[{{"URL":"https://subjects.example/{n}.pdf","content-type":"application/pdf","content-version":"vor","intended-application":"text-mining"}}],"issued":{{"date-parts":[[2021,7,3]]}},"references-count":31,"URL":"https://doi.org/10.5555/bench.{n:08}","ISSN":["2575-1654"],"issn-type":[{{"value":"2575-1654","type":"electronic"}}]}}"#,
            i = n % 12,
            v = n % 50,
            last = n + 9,
        )
        .unwrap();
    }
    input.flush().unwrap();
    works.flush().unwrap();
    bytes
}

struct Members;
impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// Parses a line to its members' raw values; how many there are.
pub fn members(line: &[u8]) -> usize {
    let text = std::str::from_utf8(line).unwrap();
    let mut parser = serde_json::Deserializer::from_str(text);
    parser.deserialize_map(Members).unwrap().len()
}
