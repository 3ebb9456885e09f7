//! What the store knows of a DOI, before anybody is asked and after.

use crate::doi::Doi;
use crate::resolution::{Resolution, Why};
use crate::store::{Ages, Decoder, Held, Reading, StoreError};

/// The store's answer.
pub(crate) enum Known<'t> {
    /// A work, still packed, and its own DOI if it was found by an alias.
    Work {
        packed: &'t [u8],
        alias_of: Option<&'t str>,
        /// Older than its age allows.
        stale: bool,
    },
    NotFound,
    Agency(&'t str),
    /// Nothing that may be used: ask.
    Nothing,
}

/// May answers that are older than their age be used?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Fresh,
    AnyAge,
}

/// Looks `doi` up.
pub(crate) fn look_up<'t>(
    reading: &'t Reading<'_>,
    doi: &Doi,
    ages: &Ages,
    policy: Use,
) -> Result<Known<'t>, StoreError> {
    let Some(mut entry) = reading.get(doi)? else {
        return Ok(Known::Nothing);
    };
    let mut stale = !ages.is_fresh(&entry, doi);
    let mut alias_of = None;
    if let Held::Alias { prime } = entry.held {
        let target = match Doi::parse(prime) {
            Ok(prime) => reading.get(&prime)?.map(|entry| (entry, prime)),
            Err(_) => None,
        };
        let Some((target, prime_doi)) = target else {
            return Ok(Known::Nothing);
        };
        stale |= !ages.is_fresh(&target, &prime_doi);
        (entry, alias_of) = (target, Some(prime));
    }
    if stale && policy == Use::Fresh {
        return Ok(Known::Nothing);
    }
    Ok(match entry.held {
        Held::Work { packed, .. } => Known::Work {
            packed,
            alias_of,
            stale,
        },
        Held::NotFound { .. } => match reading.agency(doi.prefix())? {
            Some((_, agency)) if !agency.is_empty() => Known::Agency(agency),
            _ => Known::NotFound,
        },
        // An alias of an alias: Crossref has none.
        Held::Alias { .. } => Known::Nothing,
    })
}

/// What is known of a record's DOI.
pub(crate) enum Found<'t> {
    /// All there is to know.
    Is(Resolution<'t>),
    /// A work.
    Work {
        json: &'t str,
        /// The work's own DOI, if it was found by an alias.
        alias_of: Option<&'t str>,
        /// Older than its age allows.
        stale: bool,
    },
    /// It must be asked for.
    Ask,
}

/// What a record gets for `doi`. `asked`: it was asked for in this run, and why there is no answer, if
/// so.
pub(crate) fn find<'t>(
    reading: Option<&'t Reading<'_>>,
    decoder: &'t mut Decoder,
    doi: &Doi,
    ages: &Ages,
    offline: bool,
    asked: Option<Option<Why>>,
) -> Result<Found<'t>, StoreError> {
    // What was asked just now is as fresh as can be; and if asking failed, or is not allowed, an old
    // answer is better than none.
    let policy = match asked.is_some() || offline {
        true => Use::AnyAge,
        false => Use::Fresh,
    };
    let known = match reading {
        Some(reading) => look_up(reading, doi, ages, policy)?,
        None => Known::Nothing,
    };
    Ok(match known {
        Known::NotFound => Found::Is(Resolution::NotFound),
        Known::Agency(agency) => Found::Is(Resolution::OtherAgency(agency)),
        Known::Work {
            packed,
            alias_of,
            stale,
        } => match decoder.work(packed) {
            Some(json) => Found::Work {
                json,
                alias_of,
                stale,
            },
            // A value that is damaged is as good as none.
            None => nothing(offline, asked),
        },
        Known::Nothing => nothing(offline, asked),
    })
}

fn nothing<'t>(offline: bool, asked: Option<Option<Why>>) -> Found<'t> {
    let why = match asked {
        Some(why) => why.unwrap_or(Why::Unavailable),
        None if offline => Why::Offline,
        None => return Found::Ask,
    };
    Found::Is(Resolution::Unresolved(why))
}
