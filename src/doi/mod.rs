//! DOIs: one type, made at the edge, and the recogniser that finds one in whatever a record holds.
//!
//! The form kept is Crossref's: `10.prefix/suffix`, a prefix of four digits or more (perhaps with
//! further `.digits`), a suffix of anything but white space and control characters. Case is folded
//! in ASCII only (DOI Handbook 2.4: letters outside ASCII differ by case), to lower case, as
//! Crossref stores and serves it.
//!
//! [`Doi::parse`] takes such text as it is. [`Doi::find`] digs the first DOI out of a text:
//!
//! * Anything may stand before `10.` except a digit, or a full stop with a digit before it.
//! * White space, a control character, `"`, a closing tag, the quote or bracket that answers one
//!   opened just before, and `,` `;` `|` directly before another DOI end it.
//! * In a URL (`scheme://…`, `www.…`, and `doi.org/…`, also proxied) `?`, `#`, `<`, `>` end it,
//!   in its query `&` and `#`; publishers' tails (`/full`, `.pdf`) go except at doi.org, where the
//!   path is the DOI. Then percent-escapes are undone. In a bare DOI all these characters are the
//!   DOI's own, and `%` is an escape only if `%2F`, `%3C` or `%3E` shows that it was encoded.
//!   Old SICI DOIs (`…11:2<107::AID-BDM292>3.0.CO;2-Y`) keep their `<…>` even in a URL.
//! * Entities, LaTeX's `\_` and JSON's `\/` are undone, invisible characters dropped, and trailing
//!   punctuation and unbalanced closing brackets cut.
//!
//! What came out is cleaned until nothing changes, so finding a found DOI gives the same again.
//! All of it runs in time linear in the text.
mod context;
mod find;

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use context::is_blank;
use find::{find_written, head};

/// The longest DOI accepted, in bytes.
const MAX_LEN: usize = 2048;

/// A DOI in Crossref's canonical form: ASCII lower case, `10.` prefix `/` suffix.
///
/// ```
/// use crossfill::{Doi, DoiError};
///
/// let doi = Doi::find("see https://onlinelibrary.wiley.com/doi/full/10.1002/BDM.292?src=x.")?;
/// assert_eq!(doi.as_str(), "10.1002/bdm.292");
/// assert_eq!((doi.prefix(), doi.suffix()), ("10.1002", "bdm.292"));
/// assert_eq!(Doi::find("no DOI here"), Err(DoiError::NotFound));
/// # Ok::<(), DoiError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Doi(Box<str>);

impl Doi {
    /// Takes text that is exactly a DOI, in any case: `10.\d{4,}(\.\d+)*/\S+`. Nothing is cleaned
    /// or cut; a trailing full stop stays.
    ///
    /// # Errors
    /// Says what is wrong with the form, or that it is longer than 2048 bytes.
    pub fn parse(text: &str) -> Result<Doi, DoiError> {
        if text.len() > MAX_LEN {
            return Err(DoiError::TooLong);
        }
        let (prefix, _) = head(text)?;
        match text.get(prefix..).and_then(|rest| rest.strip_prefix('/')) {
            None => Err(DoiError::NoSlash),
            Some("") => Err(DoiError::NoSuffix),
            Some(suffix) if suffix.contains(is_blank) => Err(DoiError::Blank),
            Some(_) => Ok(Doi(text.to_ascii_lowercase().into_boxed_str())),
        }
    }

    /// Finds the first DOI in a text, by the rules of the module.
    ///
    /// # Errors
    /// Says why there is none: of several near misses, what was wrong with the first.
    pub fn find(text: &str) -> Result<Doi, DoiError> {
        let mut doi = find_written(text)?;
        doi.make_ascii_lowercase();
        Ok(Doi(doi.into_boxed_str()))
    }

    /// Like [`Doi::find`], with the DOI also in the case in which it was written, otherwise cleaned
    /// in the same way: `written.to_ascii_lowercase()` is the DOI.
    ///
    /// # Errors
    /// As [`Doi::find`].
    pub fn find_as_written(text: &str) -> Result<(Doi, Box<str>), DoiError> {
        let written = find_written(text)?.into_boxed_str();
        Ok((Doi(written.to_ascii_lowercase().into_boxed_str()), written))
    }

    /// Is the whole text, blanks around it aside, one DOI or one link to a DOI (`doi:…`,
    /// `urn:doi:…`, `info:doi/…`, `https://doi.org/…` with or without scheme or proxy)? A
    /// publisher's URL is not. A list of DOIs is a text whose pieces all are.
    pub fn is_whole(text: &str) -> bool {
        find::is_whole(text)
    }

    /// The DOI as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first slash: `10.1000` of `10.1000/182`.
    pub fn prefix(&self) -> &str {
        self.0
            .split_once('/')
            .map_or(&*self.0, |(prefix, _)| prefix)
    }

    /// What follows the first slash: `182` of `10.1000/182`.
    pub fn suffix(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, suffix)| suffix)
    }
}

impl fmt::Display for Doi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Doi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for Doi {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Doi {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for Doi {
    type Err = DoiError;

    /// [`Doi::parse`].
    fn from_str(text: &str) -> Result<Doi, DoiError> {
        Doi::parse(text)
    }
}

impl TryFrom<&str> for Doi {
    type Error = DoiError;

    /// [`Doi::parse`].
    fn try_from(text: &str) -> Result<Doi, DoiError> {
        Doi::parse(text)
    }
}

/// Why a text is no DOI, or holds none. Displayed as a fragment that can follow "why".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum DoiError {
    /// Nothing there resembles a DOI.
    NotFound,
    /// A shortDOI (`10/abc`, `doi.org/abc`): only doi.org knows what it stands for.
    ShortDoi,
    /// Fewer than four digits after `10.`.
    ShortPrefix,
    /// A prefix that no slash follows.
    NoSlash,
    /// No suffix, or none but punctuation.
    NoSuffix,
    /// White space or a control character in what should be a DOI and no more.
    Blank,
    /// Longer than 2048 bytes.
    TooLong,
    /// Escapes within escapes within escapes.
    Escapes,
}

impl fmt::Display for DoiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            DoiError::NotFound => "no DOI found",
            DoiError::ShortDoi => "a shortDOI (10/…) names no prefix; resolve it first",
            DoiError::ShortPrefix => "a prefix has at least four digits",
            DoiError::NoSlash => "no slash after the prefix",
            DoiError::NoSuffix => "nothing after the slash",
            DoiError::Blank => "white space or a control character inside",
            DoiError::TooLong => "longer than 2048 bytes",
            DoiError::Escapes => "escaped too many times over",
        })
    }
}

impl std::error::Error for DoiError {}

#[cfg(test)]
mod tests;
