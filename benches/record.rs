//! Parse and splice of one record of about 3 KB, with what they allocate: `cargo bench --bench record`.
#![allow(missing_docs, reason = "a benchmark's macros make public items")]

use std::hint::black_box;

use crossfill::{Patch, Profile, Record, Work, enrich};
use divan::Bencher;
use divan::counter::BytesCount;

/// Counts what each step allocates.
#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

fn record() -> String {
    let filler =
        "A sentence of an abstract that has about eighty letters, as they have. ".repeat(32);
    format!(
        r#"{{"title":"Toward a Unified Theory of High-Energy Metaphysics","authors":"Josiah Carberry","doi":"10.5555/12345678","DOIUrl":null,"url":null,"abstract":"{filler}","PeriodicalId":32607,"journal":{{"name":"Journal of Psychoceramics","volume":"5 ","pages":""}},"PeriodicalIF":0.5000,"publicationDate":"2008-08-13","publicationTypes":"Journal Article","fieldsOfStudy":null,"isOpenAccess":false,"openAccessPdf":"","citationCount":null,"resultStr":null,"platform":"Semanticscholar","paperid":null,"PeriodicalName":null,"FirstCategoryId":"1085","ListUrlMain":null,"RegionNum":0,"RegionCategory":null,"ArticlePicture":[],"TitleCN":null,"AbstractTextCN":null,"PMCID":null,"EPubDate":"","PubModel":"","JCR":"Q4","JCRName":"METAPHYSICS","Score":null,"Total":0}}"#
    )
}

const WORK: &str = r#"{"DOI":"10.5555/12345678","type":"journal-article","title":["Toward a Unified Theory of High-Energy Metaphysics"],"subtitle":[],"author":[{"given":"Josiah","family":"Carberry","sequence":"first","affiliation":[]}],"container-title":["Journal of Psychoceramics"],"volume":"5","issue":"11","page":"1-3","issued":{"date-parts":[[2008,8,13]]},"published-online":{"date-parts":[[2008,8,13]]},"publisher":"Society of Psychoceramics","URL":"https://doi.org/10.5555/12345678","is-referenced-by-count":7}"#;

#[divan::bench]
fn parse(bencher: Bencher) {
    let text = record();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| Record::parse(black_box(&text)).is_ok());
}

#[divan::bench]
fn splice(bencher: Bencher) {
    let text = record();
    let mut out = Vec::with_capacity(8192);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        out.clear();
        if let Ok(record) = Record::parse(black_box(&text)) {
            let mut patch = Patch::default();
            patch.set(&["journal", "volume"], "\"5 11\"".into());
            patch.set(&["journal", "pages"], "\"1-3\"".into());
            patch.set(&["citationCount"], "\"7\"".into());
            record.write(&patch, Some(("_note", "{}")), &mut out);
        }
        out.len()
    });
}

#[divan::bench]
fn parse_enrich_splice(bencher: Bencher) {
    let text = record();
    let profile = Profile::scholar();
    let mut out = Vec::with_capacity(8192);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        out.clear();
        if let (Ok(record), Ok(work)) = (Record::parse(black_box(&text)), Work::parse(WORK)) {
            let enriched = enrich(&record, &work, &profile);
            let note = enriched.note.as_deref().map(|note| ("_crossfill", note));
            record.write(&enriched.patch, note, &mut out);
        }
        out.len()
    });
}
