//! What a run would cost: requests, time, disk. Estimates, and each says what it rests on.

use std::path::Path;

use super::{Census, Known, Sums};
use crate::crossref::{Allowed, PLUS, Pool};
use crate::enricher::Mapping;
use crate::store::{Ages, Reading, StoreError, free};

/// Whose DOIs those of a prefix are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Agency {
    /// The store has works of it.
    Crossref,
    /// Crossref said so, and the store knows.
    Told(String),
    /// It is well known to be this agency's.
    Likely(&'static str),
    Unknown,
}

/// Prefixes that are well known not to be Crossref's. arXiv, Zenodo and figshare say on their pages that
/// DataCite registers their DOIs. Wanfang's 10.3969 is ISTIC's, by common knowledge only.
const FOREIGN: [(&str, &str); 4] = [
    ("10.48550", "DataCite (arXiv)"),
    ("10.5281", "DataCite (Zenodo)"),
    ("10.6084", "DataCite (figshare)"),
    ("10.3969", "ISTIC"),
];

/// Whose the DOIs of `prefix` are, as far as is known here.
pub(crate) fn agency(
    reading: Option<&Reading<'_>>,
    ages: &Ages,
    prefix: &str,
) -> Result<Agency, StoreError> {
    if let Some(reading) = reading {
        if reading.has_work_of(prefix)? {
            return Ok(Agency::Crossref);
        }
        match reading.agency(prefix)? {
            Some((asked, name)) if !name.is_empty() && ages.is_prefix_fresh(asked) => {
                return Ok(Agency::Told(name.to_owned()));
            }
            _ => {}
        }
    }
    let likely = FOREIGN.iter().find(|(known, _)| *known == prefix);
    Ok(likely.map_or(Agency::Unknown, |(_, agency)| Agency::Likely(agency)))
}

/// How a run would ask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking {
    /// DOIs in a list at most.
    pub(crate) batch: usize,
    /// Bytes that a list has for them.
    pub(crate) room: usize,
    /// How much of the allowed rate is used.
    pub(crate) pace: f64,
    pub(crate) offline: bool,
}

/// Requests of a run, and how long they take.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cost {
    /// DOIs.
    pub(crate) ask: u64,
    pub(crate) lists: u64,
    pub(crate) singles: u64,
    /// The part of the DOIs that Crossref will not know; each costs a request of its own.
    pub(crate) absent_share: f64,
    /// Told by what the store knows of these DOIs; else assumed.
    pub(crate) share_is_known: bool,
    pub(crate) pools: [PoolCost; 3],
}

/// The time in one pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PoolCost {
    pub(crate) name: &'static str,
    pub(crate) allowed: Allowed,
    /// At least.
    pub(crate) seconds: f64,
}

/// One DOI in a hundred is mistyped, or registered elsewhere: what is assumed where nothing is known.
const ABSENT: f64 = 0.01;

/// Fewer answers tell nothing of the next ones.
const ENOUGH: u64 = 100;

impl Cost {
    pub(crate) fn of(census: &Census, sums: &Sums, asking: Asking) -> Self {
        let (ask, ask_singly) = match asking.offline {
            true => (0, 0),
            false => (census.ask, census.ask_singly),
        };
        let absent =
            [Known::Absent, Known::StaleAbsent, Known::Elsewhere].map(|known| census.of(known));
        let absent: u64 = absent.iter().sum();
        let works = [Known::Work, Known::Alias, Known::Stale].map(|known| census.of(known));
        let answered = absent + works.iter().sum::<u64>();
        // Data files hold no absent DOIs: a store that knows of none was only filled from them.
        let share_is_known = answered >= ENOUGH && absent > 0;
        let absent_share = match share_is_known {
            true => absent as f64 / answered as f64,
            false => ABSENT,
        };
        let (bytes, dois) = sums.list_cost;
        let each = (bytes as f64 / dois.max(1) as f64).max(1.0);
        let fit = ((asking.room as f64 / each) as usize).clamp(1, asking.batch.max(1));
        let in_lists = ask.saturating_sub(ask_singly);
        let lists = in_lists.div_ceil(fit as u64);
        let singles = ask_singly + (in_lists as f64 * absent_share).ceil() as u64;
        let pools = [
            ("public", Pool::Public.allowed()),
            ("polite", Pool::Polite.allowed()),
            ("plus", PLUS),
        ];
        Self {
            ask,
            lists,
            singles,
            absent_share,
            share_is_known,
            pools: pools.map(|(name, allowed)| {
                let time = |requests: u64, rate: f64| requests as f64 / (rate * asking.pace);
                // Both kinds have a rate of their own, and go on at the same time.
                let seconds = time(lists, allowed.lists).max(time(singles, allowed.singles));
                PoolCost {
                    name,
                    allowed,
                    seconds,
                }
            }),
        }
    }
}

/// How often works have a fact, and the mean length of its JSON: measured over 6,908 works of all types
/// and years, as this program fills them.
#[rustfmt::skip]
const FACTS: &[(&str, f64, f64)] = &[
    ("title",                 0.960,   78.0),
    ("full_title",            0.960,   79.8),
    ("subtitle",              0.028,   62.8),
    ("author_names",          0.881,   49.9),
    ("authors",               0.881,  236.3),
    ("editors",               0.033,   47.5),
    ("doi",                   1.000,   27.0),
    ("doi_url",               1.000,   43.0),
    ("url",                   1.000,   43.0),
    ("abstract",              0.168, 1238.1),
    ("journal",               0.883,   30.6),
    ("container_title",       0.963,   31.1),
    ("short_container_title", 0.512,   22.6),
    ("volume_issue",          0.813,    6.4),
    ("volume",                0.813,    4.4),
    ("issue",                 0.723,    3.4),
    ("pages",                 0.864,    8.4),
    ("pages_or_article",      0.871,    8.4),
    ("article_number",        0.061,    7.8),
    ("publication_date",      0.981,   10.4),
    ("published",             0.981,   10.3),
    ("published_online",      0.337,   11.9),
    ("published_print",       0.868,   10.1),
    ("epub_date",             0.216,   12.0),
    ("type",                  1.000,   16.7),
    ("publication_type",      0.974,   16.7),
    ("publisher",             1.000,   27.5),
    ("issn",                  0.893,   17.3),
    ("isbn",                  0.045,   26.3),
    ("license",               0.257,   53.7),
    ("pdf_url",               0.026,   54.2),
    ("is_open_access",        0.141,    4.0),
    ("citation_count",        1.000,    1.2),
    ("citation_count_text",   1.000,    3.2),
    ("reference_count",       1.000,    1.4),
    ("funders",               0.141,  220.6),
    ("event",                 0.021,   50.9),
];

/// Any other fact, and what a pointer leads to.
const ANY_FACT: (f64, f64) = (0.5, 20.0);

/// A work in the store, with the room that pages leave: measured over the same works.
const STORED: u64 = 700;

/// What a run's output needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Output {
    /// Bytes of the output, before compression.
    pub(crate) bytes: u64,
    /// Bytes that the store grows by.
    pub(crate) store: u64,
    /// Bytes that are free where the output goes, if that is known.
    pub(crate) free: Option<u64>,
}

impl Output {
    /// `folder` is where the output goes.
    pub(crate) fn of(sums: &Sums, mapping: &Mapping, cost: &Cost, folder: &Path) -> Self {
        let records = sums.records.max(1) as f64;
        // Records without a DOI are spread over all fields alike, as far as one can tell.
        let asked = sums.valid as f64 / records;
        let (mut bytes, mut names) = (0.0, 0.0);
        for ((_, profile), counted) in mapping.profiles().into_iter().zip(&sums.profiles) {
            for (column, field) in profile.columns().iter().zip(&counted.fields) {
                if !column.is_filled {
                    continue;
                }
                let fact = FACTS.iter().find(|(name, ..)| Some(*name) == column.fact);
                let (share, mean) = fact.map_or(ANY_FACT, |(_, share, mean)| (*share, *mean));
                let absent = if profile.adds() { field.absent } else { 0 };
                let filled = |count: u64| count as f64 * asked * share;
                let key = column.name.len() as f64 + 4.0;
                bytes += filled(field.empty) * (mean - 2.0) + filled(absent) * (mean + key);
                names += filled(field.empty + absent) * (column.name.len() as f64 + 3.0);
            }
        }
        if let Some(key) = &mapping.note {
            // `,"_crossfill":{"status":"…"}`, and of the others `"doi":"…","filled":[…]`.
            let note = key.len() as f64 + 26.0 + asked * 22.0;
            let note = note + (names + sums.doi_bytes as f64) / records;
            // One that is there already is replaced by one that is as long.
            bytes += (sums.records - sums.noted) as f64 * note;
        }
        Self {
            bytes: sums.bytes + bytes.max(0.0) as u64,
            store: cost.ask * STORED,
            free: existing(folder).and_then(free),
        }
    }

    /// Is there room for it, if that is known?
    pub(crate) fn fits(&self) -> Option<bool> {
        self.free.map(|free| self.bytes <= free)
    }
}

/// The folder, or the nearest one above it that is there.
fn existing(folder: &Path) -> Option<&Path> {
    let mut above = folder.ancestors();
    above.find_map(|folder| match folder.as_os_str().is_empty() {
        true => Some(Path::new(".")),
        false => folder.is_dir().then_some(folder),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10,000 DOIs to ask, `absent` that are known to be absent and as many works as make 1,000.
    fn cost(batch: usize, room: usize, absent: u64) -> Cost {
        let mut census = Census {
            ask: 10_000,
            ask_singly: 10,
            ..Census::default()
        };
        census.known[Known::Absent as usize] = absent;
        census.known[Known::Work as usize] = 1_000 - absent;
        let mut sums = Sums::new(&Mapping::default());
        sums.list_cost = (300_000, 10_000);
        let asking = Asking {
            batch,
            room,
            pace: 1.0,
            offline: false,
        };
        Cost::of(&census, &sums, asking)
    }

    #[test]
    fn lists_hold_what_batch_and_length_allow() {
        assert_eq!(cost(100, 4_000, 0).lists, 100);
        // 30 bytes each.
        assert_eq!(cost(100, 1_500, 0).lists, 200);
        assert_eq!(cost(1_000, 0, 0).lists, 9_990);
    }

    #[test]
    fn what_is_absent_goes_alone() {
        let assumed = cost(100, 4_000, 0);
        assert_eq!((assumed.singles, assumed.share_is_known), (10 + 100, false));
        let known = cost(100, 4_000, 500);
        assert_eq!((known.singles, known.share_is_known), (10 + 4_995, true));
        let seconds = known.pools.map(|pool| pool.seconds);
        // The slower of both kinds: 100 lists, 5,005 singles.
        assert_eq!(seconds, [1_001.0, 500.5, 5_005.0 / 150.0]);
    }

    #[test]
    fn an_output_that_does_not_fit_is_known() {
        let sums = Sums::new(&Mapping::default());
        let cost = cost(100, 4_000, 0);
        let output = Output::of(
            &sums,
            &Mapping::default(),
            &cost,
            Path::new("no/such/folder"),
        );
        assert!(output.free.is_some() && output.fits() == Some(true));
        let full = Output {
            bytes: 2,
            free: Some(1),
            ..output
        };
        assert_eq!(full.fits(), Some(false));
        assert_eq!(Output { free: None, ..full }.fits(), None);
    }

    #[test]
    fn prefixes_are_likely_what_is_well_known() {
        let ages = Ages {
            now: 0,
            works: std::time::Duration::ZERO,
            missing: std::time::Duration::ZERO,
            imported: std::time::Duration::ZERO,
            whole: false,
        };
        let of = |prefix| agency(None, &ages, prefix).unwrap();
        assert_eq!(of("10.48550"), Agency::Likely("DataCite (arXiv)"));
        assert_eq!(of("10.1118"), Agency::Unknown);
    }
}
