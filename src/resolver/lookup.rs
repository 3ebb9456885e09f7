//! What the store knows of a DOI, before anybody is asked and after.

use crate::doi::Doi;
use crate::store::{Ages, Held, Reading, StoreError};

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
