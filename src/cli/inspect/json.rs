//! The report for programs: one JSON object. `docs/inspect-json.md` says what each key means.

use super::Report;
use crate::enricher::Column;
use crate::inspect::{Agency, Doubt, Known, Place};
use crate::json::{self, ObjectWriter, quote};

/// The object.
pub(super) fn object(report: &Report) -> String {
    let sums = &report.findings.sums;
    let mut rejects = ObjectWriter::new();
    let first = sums.first_rejects.items.iter().map(|(at, reason)| {
        let mut out = place(at);
        out.string("reason", reason);
        out.finish()
    });
    number(&mut rejects, "count", sums.rejects).raw("first", &json::array(first));
    let mut out = ObjectWriter::new();
    out.string("version", env!("CARGO_PKG_VERSION"));
    number(&mut out, "inputs", report.inputs as u64);
    number(&mut out, "bytes", report.bytes);
    number(&mut out, "records", sums.records);
    number(&mut out, "record_bytes", sums.bytes);
    out.raw("rejects", &rejects.finish())
        .raw("dois", &dois(report))
        .raw("profiles", &profiles(report))
        .raw("store", &store(report))
        .raw("cost", &cost(report))
        .raw("output", &output(report));
    out.finish()
}

fn number<'w>(out: &'w mut ObjectWriter, key: &str, value: u64) -> &'w mut ObjectWriter {
    out.raw(key, &value.to_string())
}

fn or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), quote)
}

fn place(at: &Place) -> ObjectWriter {
    let mut out = ObjectWriter::new();
    out.string("file", &at.source);
    number(&mut out, "line", at.line);
    out
}

fn dois(report: &Report) -> String {
    let (sums, census) = (&report.findings.sums, &report.findings.census);
    let mut kinds = ObjectWriter::new();
    for (name, count) in Doubt::NAMES.iter().zip(sums.doubts) {
        number(&mut kinds, name, count);
    }
    let first = sums.first_doubts.items.iter().map(|(at, doubtful)| {
        let mut out = place(at);
        out.string("field", &doubtful.field)
            .string("kind", Doubt::NAMES[doubtful.doubt.index()])
            .string("why", &doubtful.doubt.told())
            .string("found", &doubtful.found)
            .raw("asked", &or_null(doubtful.asked.as_deref()))
            .raw("suggestion", &or_null(doubtful.meant.as_deref()));
        out.finish()
    });
    let mut doubtful = ObjectWriter::new();
    number(&mut doubtful, "count", sums.doubtful())
        .raw("kinds", &kinds.finish())
        .raw("first", &json::array(first));
    let top = report.prefixes.iter().map(|(prefix, records, agency)| {
        let (name, how) = match agency {
            Agency::Crossref => (Some("Crossref"), "store"),
            Agency::Told(name) => (Some(name.as_str()), "store"),
            Agency::Likely(name) => (Some(*name), "likely"),
            Agency::Unknown => (None, "unknown"),
        };
        let mut out = ObjectWriter::new();
        out.string("prefix", prefix);
        number(&mut out, "records", *records)
            .raw("agency", &or_null(name))
            .string("known_by", how);
        out.finish()
    });
    let mut prefixes = ObjectWriter::new();
    number(&mut prefixes, "count", sums.prefixes.named.len() as u64).raw("top", &json::array(top));
    let mut out = ObjectWriter::new();
    number(&mut out, "valid", sums.valid);
    number(&mut out, "none", sums.no_doi);
    number(&mut out, "invalid", sums.invalid);
    number(&mut out, "distinct", census.distinct);
    number(&mut out, "repeated", census.repeated);
    let repeats = report.findings.repeats.iter().map(|repeat| {
        let mut out = ObjectWriter::new();
        out.string("doi", repeat.doi.as_str())
            .raw("one", &place(&repeat.one).finish())
            .raw("other", &place(&repeat.other).finish());
        out.finish()
    });
    out.raw("first_repeated", &json::array(repeats));
    out.raw("exact", &census.exact.to_string())
        .raw("doubtful", &doubtful.finish())
        .raw("prefixes", &prefixes.finish());
    out.finish()
}

fn profiles(report: &Report) -> String {
    let profiles = report.settings.mapping.profiles();
    let sums = &report.findings.sums.profiles;
    let profiles = profiles.into_iter().zip(sums);
    let some = profiles.filter(|(_, sums)| sums.records > 0);
    json::array(some.map(|((name, profile), sums)| {
        let columns = profile.columns();
        let fields = columns.iter().zip(&sums.fields).map(|(column, field)| {
            let first = field.first_odd.items.first().map(|(at, (_, value))| {
                let mut out = place(at);
                out.string("value", value);
                out.finish()
            });
            let mut odd = ObjectWriter::new();
            number(&mut odd, "count", field.odd());
            number(&mut odd, "words", field.words);
            number(&mut odd, "types", field.types);
            number(&mut odd, "dates", field.dates)
                .raw("which_words", &json::array(field.words().map(quote)))
                .raw("first", first.as_deref().unwrap_or("null"));
            let Column {
                name, is_filled, ..
            } = column;
            let mut out = ObjectWriter::new();
            out.string("field", name)
                .raw("filled", &is_filled.to_string());
            number(&mut out, "present", field.present);
            number(&mut out, "empty", field.empty);
            number(&mut out, "absent", field.absent).raw("odd", &odd.finish());
            out.finish()
        });
        let mut out = ObjectWriter::new();
        out.string("profile", name);
        number(&mut out, "records", sums.records)
            .raw("adds_keys", &profile.adds().to_string())
            .raw("fields", &json::array(fields));
        out.finish()
    }))
}

fn store(report: &Report) -> String {
    let census = &report.findings.census;
    let mut out = ObjectWriter::new();
    out.string("path", &report.settings.store.display().to_string())
        .raw("exists", &report.store.to_string());
    for (key, known) in [
        ("works", Known::Work),
        ("aliases", Known::Alias),
        ("stale", Known::Stale),
        ("not_found", Known::Absent),
        ("stale_not_found", Known::StaleAbsent),
        ("other_agency", Known::Elsewhere),
        ("unknown", Known::Nothing),
    ] {
        number(&mut out, key, census.of(known));
    }
    out.raw("data_files_ahead", &report.data_files_ahead.to_string());
    out.finish()
}

fn cost(report: &Report) -> String {
    let cost = &report.cost;
    let yours = report.yours();
    let pools = cost.pools.iter().map(|pool| {
        let mut out = ObjectWriter::new();
        out.string("pool", pool.name)
            .raw("yours", &(pool.name == yours).to_string())
            .raw("lists_per_second", &pool.allowed.lists.to_string())
            .raw("singles_per_second", &pool.allowed.singles.to_string())
            .raw("seconds", &format!("{:.1}", pool.seconds));
        out.finish()
    });
    let mut out = ObjectWriter::new();
    number(&mut out, "dois", cost.ask);
    number(&mut out, "skipped_records", report.findings.sums.skipped);
    number(&mut out, "list_requests", cost.lists);
    number(&mut out, "single_requests", cost.singles);
    let from = if cost.share_is_known {
        "store"
    } else {
        "assumed"
    };
    out.raw("not_found_share", &format!("{:.4}", cost.absent_share))
        .string("not_found_share_from", from)
        .raw("offline", &report.settings.offline.to_string())
        .raw("pools", &json::array(pools))
        .raw("advise_data_file", &report.is_much().to_string());
    out.finish()
}

fn output(report: &Report) -> String {
    let output = &report.output;
    let mut out = ObjectWriter::new();
    out.string("path", &report.settings.output.display().to_string());
    number(&mut out, "bytes", output.bytes);
    number(&mut out, "store_bytes", output.store);
    let free = output.free.map(|free| free.to_string());
    let fits = output.fits().map(|fits| fits.to_string());
    out.raw("free", free.as_deref().unwrap_or("null"))
        .raw("fits", fits.as_deref().unwrap_or("null"));
    out.finish()
}
