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

use percent_encoding::percent_decode_str;
use std::borrow::{Borrow, Cow};
use std::fmt;
use std::str::FromStr;

/// The longest DOI accepted, in bytes.
const MAX_LEN: usize = 2048;
/// How often a found DOI is cleaned again before its nested escapes are taken for rubbish.
const ROUNDS: usize = 8;
/// How many URLs percent-encoded within each other are opened.
const NESTED: usize = 3;
/// What publishers' URLs append to the DOI in their paths.
const TAILS: [&str; 10] = [
    "/full",
    "/fulltext",
    "/pdf",
    "/epdf",
    "/abstract",
    "/html",
    "/meta",
    ".full",
    ".pdf",
    "/",
];

/// A DOI in Crossref's canonical form: ASCII lower case, `10.` prefix `/` suffix.
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
        let text = text.trim();
        if is_plain(text) {
            return true;
        }
        let text = simplify(text);
        let (rest, link) = unlabel(text.trim());
        let Ok((prefix, slash)) = head(rest) else {
            return false;
        };
        let url = link.then_some(Url {
            path: true,
            ..Url::default()
        });
        let end = suffix_end(
            rest,
            prefix + slash,
            &Context {
                url,
                ..Context::default()
            },
        );
        let (doi, tail) = rest.split_at_checked(end).unwrap_or_default();
        (tail.is_empty() || link && tail.starts_with(['?', '#']) && !tail.contains(is_blank))
            && extract(doi, prefix, slash, link.then_some(true))
                .and_then(settle)
                .is_ok()
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

/// The first DOI of a text, in its own case.
fn find_written(text: &str) -> Result<String, DoiError> {
    let text = text.trim();
    // Nearly every record holds just this; `scan` would give the same (a test compares them).
    if is_plain(text) {
        Ok(text.to_owned())
    } else {
        scan(text, 0)
    }
}

/// Is this a DOI in which nothing could want cleaning?
fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._/()-".contains(&b);
    text.len() <= MAX_LEN
        && matches!(head(text), Ok((prefix, 1)) if prefix + 1 < text.len())
        && text.bytes().all(plain)
        && !text.ends_with(['.', '(', ')'])
}

/// Tries each place where a DOI may begin, left to right. Whatever fails is passed over whole, and
/// the surroundings are read on from where they were left, so that no byte is read twice.
fn scan(text: &str, level: usize) -> Result<String, DoiError> {
    let text = &*simplify(text);
    let mut context = Context::default();
    let (mut from, mut seen) = (0, 0);
    let mut error = None;
    while let Some(step) = text.get(from..).and_then(|rest| rest.find("10.")) {
        let at = from + step;
        from = at + 3;
        let (before, rest) = text.split_at_checked(at).unwrap_or_default();
        if !may_follow(before) {
            continue;
        }
        let (prefix, slash) = match head(rest) {
            Ok(found) => found,
            Err(DoiError::NotFound) => continue,
            Err(why) => {
                error.get_or_insert(why);
                continue;
            }
        };
        context.read(text, seen, at);
        seen = at;
        let end = suffix_end(rest, prefix + slash, &context);
        from = at + end;
        // A URL encoded in another's query has tails of its own, to be seen only once decoded.
        if level < NESTED
            && let Some(value) = context.encoded_url(text, at)
            && let Ok(value) =
                percent_decode_str(text.get(value..from).unwrap_or_default()).decode_utf8()
            && let Ok(found) = scan(&value, level + 1)
        {
            return Ok(found);
        }
        let candidate = rest.get(..end).unwrap_or_default();
        let host = context.url.map(|url| url.is_at_doi_org(text, at));
        match extract(candidate, prefix, slash, host).and_then(settle) {
            Ok(found) => return Ok(found),
            Err(why) => {
                error.get_or_insert(why);
            }
        }
    }
    Err(error.unwrap_or_else(|| {
        let (rest, link) = unlabel(text.trim());
        let linked = text.to_ascii_lowercase().contains("doi.org/10/");
        if linked || is_short_doi(rest, link) {
            DoiError::ShortDoi
        } else {
            DoiError::NotFound
        }
    }))
}

/// May a DOI begin after this? Not within a longer number, but well after `%20`.
fn may_follow(before: &str) -> bool {
    match before.as_bytes() {
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., digit] | [.., digit, b'.'] if digit.is_ascii_digit() => false,
        _ => true,
    }
}

/// The lengths of the prefix that the text begins with and of the slash after it, which may be
/// percent-encoded.
fn head(text: &str) -> Result<(usize, usize), DoiError> {
    let digits = |from: usize| {
        text.bytes()
            .skip(from)
            .take_while(u8::is_ascii_digit)
            .count()
    };
    if !text.starts_with("10.") {
        let short = is_short_doi(text, false);
        return Err(if short {
            DoiError::ShortDoi
        } else {
            DoiError::NotFound
        });
    }
    let registrant = digits(3);
    let mut end = 3 + registrant;
    while text.as_bytes().get(end) == Some(&b'.') {
        match digits(end + 1) {
            0 => break,
            more => end += 1 + more,
        }
    }
    let rest = text.get(end..).unwrap_or_default();
    let slash = ["/", "%2F", "%252F"]
        .iter()
        .find(|slash| strip_start(rest, slash).is_some());
    match slash {
        Some(_) if registrant < 4 => Err(DoiError::ShortPrefix),
        Some(slash) => Ok((end, slash.len())),
        None if registrant < 4 => Err(DoiError::NotFound),
        None => Err(DoiError::NoSlash),
    }
}

/// Is this `10/abc`, or, `link`ed from doi.org, `abc`? Not `10/2021`: that is a date.
fn is_short_doi(text: &str, link: bool) -> bool {
    let code = match text.strip_prefix("10/") {
        None if !link => return false,
        code => code.unwrap_or(text),
    };
    (2..=12).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_alphanumeric())
        && code.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Where the suffix that begins at `from` ends, as far as its surroundings tell.
fn suffix_end(text: &str, from: usize, context: &Context) -> usize {
    let suffix = text.get(from..).unwrap_or_default();
    let url = context.url.as_ref();
    let (mut depth, mut in_sici) = (0_usize, false);
    for (i, c) in suffix.char_indices() {
        let (before, after) = suffix.split_at_checked(i).unwrap_or_default();
        let after = after.get(c.len_utf8()..).unwrap_or_default();
        let mut ends = match c {
            '"' => true,
            '<' if is_tag(after) => true,
            '<' if url.is_some() => {
                in_sici = is_sici(after);
                !in_sici
            }
            '>' if url.is_some() => !std::mem::take(&mut in_sici),
            '?' => url.is_some_and(|url| url.path),
            '&' => url.is_some_and(|url| url.query),
            // A SICI's check character, always there, may be `#` itself.
            '#' if before.ends_with(";2-") && !after.starts_with(char::is_alphanumeric) => false,
            '#' => url.is_some(),
            ',' | ';' | '|' => is_next(after),
            _ => is_blank(c),
        };
        if context.closer == Some(c) {
            ends |= depth == 0;
            depth = depth.saturating_sub(1);
        } else if context.closer.is_some() && context.closer == closer(c) {
            depth += 1;
        }
        if ends {
            return from + i;
        }
    }
    text.len()
}

/// Cleans a DOI cut out of its surroundings. `host` is there in a URL: is it doi.org's?
fn extract(
    text: &str,
    prefix: usize,
    slash: usize,
    host: Option<bool>,
) -> Result<String, DoiError> {
    let mut suffix = text.get(prefix + slash..).unwrap_or_default();
    if host.is_some() {
        let session = |(i, _): &(usize, &str)| {
            suffix
                .get(*i..)
                .and_then(|rest| strip_start(rest, ";jsessionid="))
                .is_some()
        };
        let end = suffix
            .match_indices(';')
            .find(session)
            .map_or(suffix.len(), |(i, _)| i);
        suffix = suffix.get(..end).unwrap_or_default();
    }
    suffix = trim_end(suffix);
    if host == Some(false) {
        let cut = |suffix| TAILS.iter().find_map(|tail| strip_end(suffix, tail));
        // A DOI may be no more than `10.1000/.pdf`, as far as one can know.
        while let Some(rest) = cut(suffix).filter(|rest: &&str| !rest.is_empty()) {
            suffix = rest;
        }
    }
    let escaped = |bytes: &[u8]| {
        matches!(
            bytes,
            [b'%', b'2', b'F' | b'f'] | [b'%', b'3', b'C' | b'c' | b'E' | b'e']
        )
    };
    let encoded = host.is_some() || slash > 1 || suffix.as_bytes().windows(3).any(escaped);
    let suffix = match encoded.then(|| percent_decode_str(suffix).decode_utf8()) {
        Some(Ok(decoded)) => decoded,
        // Bytes that are no text would be lost: better keep what was written.
        _ => Cow::Borrowed(suffix),
    };
    let prefix = text.get(..prefix).unwrap_or_default();
    if suffix.is_empty() {
        Err(DoiError::NoSuffix)
    } else {
        Ok([prefix, "/", &suffix].concat())
    }
}

/// Cleans a DOI, now a bare one, until nothing changes: what was undone may show further escapes.
fn settle(mut doi: String) -> Result<String, DoiError> {
    for _ in 0..ROUNDS {
        let text = simplify(&doi);
        let (prefix, slash) = head(&text)?;
        let end = suffix_end(&text, prefix + slash, &Context::default());
        let next = extract(text.get(..end).unwrap_or_default(), prefix, slash, None)?;
        if next == doi {
            return if doi.len() > MAX_LEN {
                Err(DoiError::TooLong)
            } else {
                Ok(doi)
            };
        }
        doi = next;
    }
    Err(DoiError::Escapes)
}

/// Drops trailing punctuation and brackets without a partner before them.
fn trim_end(suffix: &str) -> &str {
    let mut open: [(char, usize); 4] = [(')', 0), (']', 0), ('}', 0), ('>', 0)];
    let mut end = 0;
    // From the front, whether a bracket has a partner never depends on what gets cut.
    for (i, c) in suffix.char_indices() {
        let mut keep = !".,;:'\"’”“»…`\\".contains(c);
        for (close, depth) in &mut open {
            if c == *close {
                keep = *depth > 0;
                *depth = depth.saturating_sub(1);
            } else if closer(c) == Some(*close) {
                keep = false;
                *depth += 1;
            }
        }
        if keep {
            end = i + c.len_utf8();
        }
    }
    suffix.get(..end).unwrap_or_default()
}

/// The text without invisible characters, entities, and backslashes that escape.
fn simplify(text: &str) -> Cow<'_, str> {
    let invisible = |c| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{ad}' | '\u{2060}' | '\u{feff}')
    };
    let mut text = Cow::Borrowed(text);
    if !text.is_ascii() && text.contains(invisible) {
        text = Cow::Owned(text.replace(invisible, ""));
    }
    if text.contains('&') {
        text = Cow::Owned(without_entities(&text));
    }
    if text.contains('\\') {
        text = Cow::Owned(without_backslashes(&text));
    }
    text
}

/// Undoes entities, only if their semicolon is there: `&lt` and `&copy=` may be a DOI's or a
/// query's own.
fn without_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.find('&').and_then(|i| rest.split_at_checked(i)) {
        // No name is longer than 31 letters.
        let name = from.bytes().skip(1).take(32);
        let name = name
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'#')
            .count();
        let entity = from.get(..name + 2).filter(|entity| entity.ends_with(';'));
        // In lower case too, or the lowered DOI would hold entities that this one does not.
        let undone = entity.and_then(|entity| {
            [entity.to_owned(), entity.to_ascii_lowercase()]
                .into_iter()
                .find_map(|entity| {
                    let undone = htmlize::unescape_attribute(entity.as_str()).into_owned();
                    (undone != entity).then_some(undone)
                })
        });
        out.push_str(before);
        out.push_str(undone.as_deref().unwrap_or("&"));
        rest = from
            .get(if undone.is_some() { name + 2 } else { 1 }..)
            .unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Undoes `\_`, `\%`, `\&`, `\#` (LaTeX, also as `{\_}`) and `\/` (JSON), however often escaped.
fn without_backslashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, '_' | '%' | '&' | '#' | '/') && out.ends_with('\\') {
            out.truncate(out.trim_end_matches('\\').len());
            if out.ends_with('{') && chars.next_if_eq(&'}').is_some() {
                out.pop();
            }
        }
        out.push(c);
    }
    out
}

/// What the text before a DOI says of where it stands. It is read forward, each byte once.
#[derive(Clone, Copy, Default)]
struct Context {
    /// Answers the quote or bracket opened last, if nothing closed it.
    closer: Option<char>,
    url: Option<Url>,
    /// Where the last run of a host name's characters began.
    word: usize,
    /// Where the last value of the query began.
    value: usize,
}

/// The URL that a DOI stands in; one without scheme begins at its host.
#[derive(Clone, Copy, Default)]
struct Url {
    host: usize,
    host_end: Option<usize>,
    /// In its path or fragment, and …
    path: bool,
    /// … in its query: both are true of a URL in another's query.
    query: bool,
}

impl Context {
    fn read(&mut self, text: &str, from: usize, to: usize) {
        for (i, c) in text.get(from..to).unwrap_or_default().char_indices() {
            let at = from + i;
            let next = at + c.len_utf8();
            match c {
                '"' | '<' | '>' | '}' | '`' => self.url = None,
                '/' => self.slash(text, at),
                '?' | '#' => {
                    if let Some(url) = &mut self.url {
                        url.host_end.get_or_insert(at);
                        (url.path, url.query) = (c == '#', c == '?');
                        self.value = next;
                    }
                }
                '&' | '=' => self.value = next,
                _ if is_blank(c) => (self.url, self.closer) = (None, None),
                _ => {}
            }
            if self.closer == Some(c) || matches!(c, ')' | ']' | '}' | '>') {
                self.closer = None;
            } else {
                self.closer = closer(c).or(self.closer);
            }
            if !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-') {
                self.word = next;
            }
        }
    }

    fn slash(&mut self, text: &str, at: usize) {
        let word = || text.get(self.word..at).unwrap_or_default();
        match &mut self.url {
            url if text.get(..at).is_some_and(|before| before.ends_with(":/")) => {
                let query = url.is_some_and(|url| url.query);
                *url = Some(Url {
                    host: at + 1,
                    host_end: None,
                    path: true,
                    query,
                });
            }
            Some(url) => {
                url.host_end.get_or_insert(at);
            }
            url if strip_start(word(), "www.").is_some() || is_doi_org(word()) => {
                let (host, host_end) = (self.word, Some(at));
                *url = Some(Url {
                    host,
                    host_end,
                    path: true,
                    query: false,
                });
            }
            _ => {}
        }
    }

    /// Where the query's value begins, if that is a percent-encoded URL before it comes to `at`.
    /// The next call looks on from here.
    fn encoded_url(&mut self, text: &str, at: usize) -> Option<usize> {
        let value = std::mem::replace(&mut self.value, at);
        let before = text
            .get(value..at)
            .filter(|_| self.url.is_some_and(|url| url.query))?;
        let mut windows = before.as_bytes().windows(9);
        windows
            .any(|bytes| bytes.eq_ignore_ascii_case(b"%3A%2F%2F"))
            .then_some(value)
    }
}

impl Url {
    /// Is the host doi.org, or none at all, as in `https://10.1000/182`?
    fn is_at_doi_org(&self, text: &str, at: usize) -> bool {
        let host = text
            .get(self.host..self.host_end.unwrap_or(at))
            .unwrap_or_default();
        host.is_empty() || is_doi_org(host)
    }
}

/// Is this doi.org, a host below it, or a proxy's name for one: `doi-org.lib.example`,
/// `0-dx.doi.org.proxy.example`?
fn is_doi_org(host: &str) -> bool {
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '@');
    let host = host.to_ascii_lowercase();
    host.chars().all(named)
        && ["doi.org", "doi-org"].iter().any(|name| {
            host.match_indices(name).any(|(i, _)| {
                let before = host.get(..i).and_then(|before| before.chars().next_back());
                let after = host
                    .get(i + name.len()..)
                    .and_then(|after| after.chars().next());
                before.is_none_or(|c| matches!(c, '.' | '-' | '@'))
                    && after.is_none_or(|c| matches!(c, '.' | '-' | ':'))
            })
        })
}

/// Takes off what may label a DOI, and says if that was a link to doi.org.
fn unlabel(mut text: &str) -> (&str, bool) {
    let mut link = false;
    // `doi:https://doi.org/doi:10…` is as far as people go.
    for _ in 0..4 {
        text = text.trim_start();
        if let Some((_, path)) = text.split_once('/').filter(|(host, _)| is_doi_org(host)) {
            (text, link) = (path, true);
        } else {
            let labels = [
                "https://",
                "http://",
                "//",
                "urn:doi:",
                "info:doi/",
                "doi:",
                "doi",
            ];
            text = labels
                .iter()
                .find_map(|label| strip_start(text, label))
                .unwrap_or(text);
        }
    }
    (text.trim_start(), link)
}

/// Does another DOI begin here?
fn is_next(text: &str) -> bool {
    ["doi:", "http://", "https://"]
        .iter()
        .any(|label| strip_start(text, label).is_some())
        || head(text).is_ok()
}

/// After `<`: a closing tag, or the break that often parts a DOI from what follows?
fn is_tag(text: &str) -> bool {
    ["br>", "br/>"]
        .iter()
        .any(|tag| strip_start(text, tag).is_some())
        || text
            .strip_prefix('/')
            .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// After `<`: the middle of a SICI, `107::AID-BDM292>3.0.CO;2-Y`?
fn is_sici(text: &str) -> bool {
    let end = text
        .find(|c| matches!(c, '<' | '>' | '"') || is_blank(c))
        .unwrap_or(text.len());
    let (title, rest) = text.split_at_checked(end).unwrap_or_default();
    title.contains(':')
        && matches!(rest.as_bytes(), [b'>', digit, b'.', ..] if digit.is_ascii_digit())
}

/// What closes what this opens.
fn closer(open: char) -> Option<char> {
    Some(match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        '‘' => '’',
        '“' => '”',
        '«' => '»',
        '\'' | '`' => open,
        _ => return None,
    })
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// The text after `start`, which may be in another ASCII case.
fn strip_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

/// The text before `end`, which may be in another ASCII case.
fn strip_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::time::{Duration, Instant};

    fn found(text: &str) -> String {
        Doi::find(text).map_or_else(|why| why.to_string(), |doi| doi.to_string())
    }

    #[track_caller]
    fn table(rows: &[(&str, &str)]) {
        for (text, doi) in rows {
            assert_eq!(found(text), *doi, "in {text}");
        }
    }

    const SICI: &str = "10.1002/(sici)1099-0771(199806)11:2<107::aid-bdm292>3.0.co;2-y";

    #[test]
    fn bare() {
        table(&[
            ("10.1000/182", "10.1000/182"),
            (" 10.1000/ABC-x_(y)z \n", "10.1000/abc-x_(y)z"),
            ("10.1000.10/x", "10.1000.10/x"),
            (
                "10.1016/S0140-6736(97)11096-0",
                "10.1016/s0140-6736(97)11096-0",
            ),
            (
                "10.1002/(SICI)1099-0771(199806)11:2<107::AID-BDM292>3.0.CO;2-Y",
                SICI,
            ),
            (
                "10.1002/1096-9861(20010212)430:3<283::aid-cne1031>3.0.co;2-v",
                "10.1002/1096-9861(20010212)430:3<283::aid-cne1031>3.0.co;2-v",
            ),
            (
                "10.1175/1520-0493(1974)102<0736:wacoj>2.0.co;2",
                "10.1175/1520-0493(1974)102<0736:wacoj>2.0.co;2",
            ),
            ("10.1002/a<1::B>3.0.CO;2-#", "10.1002/a<1::b>3.0.co;2-#"),
            (
                "10.1000/a,b<c>d;e#f?g%h|i+j&k",
                "10.1000/a,b<c>d;e#f?g%h|i+j&k",
            ),
            ("10.1000/a%20b%41", "10.1000/a%20b%41"),
            ("10.1000/a/full", "10.1000/a/full"),
            ("10.1000/a.pdf?x=1#y", "10.1000/a.pdf?x=1#y"),
            ("10.1000/Äé–—x", "10.1000/Äé–—x"),
            ("10.1000/x/", "10.1000/x/"),
        ]);
    }

    #[test]
    fn labels_and_surroundings() {
        table(&[
            ("doi:10.1000/X", "10.1000/x"),
            ("DOI: 10.1000/X", "10.1000/x"),
            ("urn:doi:10.1000/x", "10.1000/x"),
            ("info:doi/10.1000/x", "10.1000/x"),
            ("DOI10.1109/X", "10.1109/x"),
            ("doi:%2010.1000/x", "10.1000/x"),
            ("see 10.1000/xyz, and 10.1000/abc", "10.1000/xyz"),
            ("10.1000/xyz,10.1000/abc", "10.1000/xyz"),
            ("10.1000/xyz;doi:10.1000/abc", "10.1000/xyz"),
            (
                "https://doi.org/10.1000/xyz|https://doi.org/10.1000/abc",
                "10.1000/xyz",
            ),
            ("10.12/x and 10.1000/. but 10.1000/abc", "10.1000/abc"),
            ("(10.1000/x)", "10.1000/x"),
            ("(10.1000/x)(10.1000/y)", "10.1000/x"),
            ("(see 10.1000/a(b)c).", "10.1000/a(b)c"),
            ("\u{201c}10.1000/x\u{201d}, he said", "10.1000/x"),
            ("[10.1000/x]: “10.1000/y”…", "10.1000/x"),
            ("10.1000/x.’”…;:,", "10.1000/x"),
            ("doi = {10.1000/x},", "10.1000/x"),
            ("<10.1000/x>", "10.1000/x"),
            (r#"{"doi":"10.1000/x","n":1}"#, "10.1000/x"),
            (r#"{"doi":"10.1000\/x","n":1}"#, "10.1000/x"),
            (r#"{\"doi\":\"10.1000/x\"}"#, "10.1000/x"),
            ("['10.1000/x','10.1000/y']", "10.1000/x"),
            ("<p>doi: 10.1000/x</p>", "10.1000/x"),
            ("10.1000/x<br/>Next", "10.1000/x"),
            ("10.1000/\u{200b}a\u{ad}b\u{feff}", "10.1000/ab"),
            ("10.10\u{2060}00/a", "10.1000/a"),
            ("10.1000/a\u{a0}b", "10.1000/a"),
            ("10.1000/a\u{7}b", "10.1000/a"),
        ]);
    }

    #[test]
    fn escapes() {
        table(&[
            (
                "10.1002/(SICI)1099-0771(199806)11:2&lt;107::AID-BDM292&gt;3.0.CO;2-Y",
                SICI,
            ),
            (
                "10.1002/(SICI)1099-0771(199806)11:2&amp;lt;107::AID-BDM292&amp;gt;3.0.CO;2-Y",
                SICI,
            ),
            ("10.1207/x&amp;1_2", "10.1207/x&1_2"),
            ("10.1207/x&copy=1&lt", "10.1207/x&copy=1&lt"),
            ("10.1000&#x2F;x", "10.1000/x"),
            (r"10.1007/a\_b\%c\&d\#e", "10.1007/a_b%c&d#e"),
            (r"10.1007/978{\_}1\\_2", "10.1007/978_1_2"),
            ("10.1000%2Fabc%20", "10.1000/abc"),
            ("10.1000%2fa%2fb", "10.1000/a/b"),
            ("10.1002/a%3C1%3E2%25", "10.1002/a<1>2%"),
            ("10.1000/a%FF%2Fb", "10.1000/a%ff%2fb"),
            ("https://doi.org/10.1000/a%FFb", "10.1000/a%ffb"),
            ("https://doi.org/10.1000%252Fa", "10.1000/a"),
            ("10.1000/a&Szlig;", "10.1000/aß"),
        ]);
    }

    #[test]
    fn urls() {
        table(&[
            ("https://doi.org/10.1000/X", "10.1000/x"),
            ("http://dx.doi.org/10.1000/x?a=b#c", "10.1000/x"),
            ("doi.org/10.1000/x?a=b", "10.1000/x"),
            ("(doi.org/10.1000/x#y)", "10.1000/x"),
            ("https://10.1000/x?a", "10.1000/x"),
            ("https://doi.org10.1000/x/full", "10.1000/x/full"),
            ("https://doi.org/10.1000/x/full", "10.1000/x/full"),
            ("https://doi-org.lib.example/10.1000/x.pdf", "10.1000/x.pdf"),
            (
                "https://doi.org.proxy.example:80/10.1000/x.pdf?y",
                "10.1000/x.pdf",
            ),
            (
                "https://0-dx.doi.org.lib.example/10.1000/x/meta",
                "10.1000/x/meta",
            ),
            ("https://mydoi.org/10.1000/x/meta", "10.1000/x"),
            (
                "https://onlinelibrary.wiley.com/doi/10.1002/Abc.1/full",
                "10.1002/abc.1",
            ),
            (
                "https://x.example/doi/full/10.1080/1.2?needAccess=true",
                "10.1080/1.2",
            ),
            (
                "www.x.example/doi/epdf/10.1080/1.2?needAccess=true",
                "10.1080/1.2",
            ),
            ("https://x.example/10.1000/x/fulltext/", "10.1000/x"),
            ("https://x.example/10.1000/x/FULL/html", "10.1000/x"),
            ("https://x.example/10.1000/x/full.pdf.", "10.1000/x"),
            (
                "https://x.example/10.1000/x/abstract;jsessionid=1A.b",
                "10.1000/x",
            ),
            ("https://x.example/10.1000/x.full.pdf?y", "10.1000/x"),
            ("https://x.example/10.1000/pdf", "10.1000/pdf"),
            ("https://x.example/?a=1&doi=10.1000/x&b=2", "10.1000/x"),
            ("https://x.example/?doi=10.1000/x&amp;b=2#c", "10.1000/x"),
            (
                "https://x.example/?u=https%3A%2F%2Fdoi.org%2F10.1000%2Fx&b=2",
                "10.1000/x",
            ),
            (
                "https://x.example/?u=https%3A%2F%2Fy.example%2F10.1000%2Fx%2Ffull%3Fa%3Db&b=2",
                "10.1000/x",
            ),
            (
                "https://x.example/?u=https://y.example/10.1000/x/pdf?a=b&c",
                "10.1000/x",
            ),
            ("https://x.example/#/doi/10.1000/x?y", "10.1000/x"),
            ("https://doi.org/10.1000/a%3Fb%23c?d#e", "10.1000/a?b#c"),
            ("https://doi.org/10.1000/a%2520b", "10.1000/a%20b"),
            (
                "https://doi.org/10.1002/(SICI)1099-0771(199806)11:2%3C107::AID-BDM292%3E3.0.CO;2-Y",
                SICI,
            ),
            (
                "<https://doi.org/10.1002/(SICI)1099-0771(199806)11:2<107::AID-BDM292>3.0.CO;2-Y>",
                SICI,
            ),
            (
                "http://dx.doi.org/10.1002/a<1::B>3.0.CO;2-#",
                "10.1002/a<1::b>3.0.co;2-#",
            ),
            (
                "http://dx.doi.org/10.1002/a<1::B>3.0.CO;2-#sec",
                "10.1002/a<1::b>3.0.co;2-",
            ),
            (
                r#"<a href="https://doi.org/10.1000/x">text</a>"#,
                "10.1000/x",
            ),
            ("<a href='https://doi.org/10.1000/x'>text</a>", "10.1000/x"),
            (
                "&lt;a href=&quot;https://doi.org/10.1000/x&quot;&gt;text",
                "10.1000/x",
            ),
            ("https://doi.org/10.1000/x<b>", "10.1000/x"),
            ("[x](https://doi.org/10.1000/x)", "10.1000/x"),
            (
                "[x](https://doi.org/10.1000/x)[y](https://doi.org/10.1000/y)",
                "10.1000/x",
            ),
            (r"\href{https://doi.org/10.1000/x}{10.1000/x}", "10.1000/x"),
            (r#""https:\/\/doi.org\/10.1000\/x?y""#, "10.1000/x"),
            (
                "http://x.example/10.1000/ https://doi.org/10.1000/x",
                "10.1000/x",
            ),
            // The URL ended before the DOI.
            (
                "<a href=\"http://x.example\">10.1000/x#y</a>",
                "10.1000/x#y",
            ),
        ]);
    }

    #[test]
    fn errors() {
        for (text, why) in [
            ("", DoiError::NotFound),
            ("nothing 10.5 here", DoiError::NotFound),
            ("110.1000/x", DoiError::NotFound),
            ("1.10.1000/x", DoiError::NotFound),
            ("10/2021", DoiError::NotFound),
            ("10.100/x", DoiError::ShortPrefix),
            ("10./x", DoiError::ShortPrefix),
            ("10.1000", DoiError::NoSlash),
            ("10.1000./x", DoiError::NoSlash),
            ("10.1000/", DoiError::NoSuffix),
            ("10.1000/ x", DoiError::NoSuffix),
            ("10.1000/...", DoiError::NoSuffix),
            ("10/fvtb", DoiError::ShortDoi),
            ("https://doi.org/10/fvtb", DoiError::ShortDoi),
            ("see https://doi.org/10/fvtb.", DoiError::ShortDoi),
            ("https://doi.org/fvtb3", DoiError::ShortDoi),
        ] {
            assert_eq!(Doi::find(text), Err(why), "in {text}");
        }
        let long = format!("10.1000/{}", "x".repeat(2040));
        assert_eq!(found(&long), long);
        assert_eq!(
            Doi::parse(&long).map(|doi| doi.to_string()),
            Ok(long.clone())
        );
        assert_eq!(Doi::find(&(long.clone() + "x")), Err(DoiError::TooLong));
        assert_eq!(Doi::parse(&(long.clone() + "x")), Err(DoiError::TooLong));
        assert_eq!(found(&format!("{long}x 10.1000/y")), "10.1000/y");
        let deep = format!("10.1000/a%{}2Fb", "25".repeat(20));
        assert_eq!(found(&deep), deep.to_lowercase());
        let deep = format!("10.1000/a&{}lt;", "amp;".repeat(20));
        assert_eq!(Doi::find(&deep), Err(DoiError::Escapes));
    }

    #[test]
    fn strict() {
        for (text, result) in [
            ("10.1000/ABC.", Ok("10.1000/abc.")),
            ("10.1000.1/Ä", Ok("10.1000.1/Ä")),
            ("10.1000/a b", Err(DoiError::Blank)),
            ("10.1000/a\u{0}", Err(DoiError::Blank)),
            (" 10.1000/a", Err(DoiError::NotFound)),
            ("doi:10.1000/a", Err(DoiError::NotFound)),
            ("10.1000%2Fa", Err(DoiError::NoSlash)),
            ("10.1000/", Err(DoiError::NoSuffix)),
            ("10.100/a", Err(DoiError::ShortPrefix)),
            ("10/abc", Err(DoiError::ShortDoi)),
        ] {
            assert_eq!(
                Doi::parse(text).as_ref().map(Doi::as_str),
                result.as_ref().copied(),
                "{text}"
            );
        }
    }

    #[test]
    fn whole() {
        for text in [
            "10.1000/x",
            " 10.1000/x, ",
            "10.1000/a,b",
            "doi:10.1000/x",
            "DOI: 10.1000/x",
            "DOI 10.1000/x",
            "urn:doi:10.1000/x",
            "info:doi/10.1000/x",
            "https://doi.org/10.1000/x?a=b",
            "dx.doi.org/10.1000/x",
            "https://doi.org/doi:10.1000/x",
            "https://doi-org.lib.example/10.1000%2Fx",
            "10.1002/a<1::B>3.0.CO;2-#",
        ] {
            assert!(Doi::is_whole(text), "{text}");
        }
        for text in [
            "",
            "10.1000/",
            "10.1000/.",
            "see 10.1000/x",
            "10.1000/x 10.1000/y",
            "10.1000/x;10.1000/y",
            "https://x.example/10.1000/x",
            "see x.doi.org/10.1000/x",
            "10/abc",
        ] {
            assert!(!Doi::is_whole(text), "{text}");
        }
    }

    #[test]
    fn parts_and_traits() {
        let (doi, written) = Doi::find_as_written("https://doi.org/10.1000/A%2FB/C.")
            .unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(
            (doi.prefix(), doi.suffix(), &*written),
            ("10.1000", "a/b/c", "10.1000/A/B/C")
        );
        assert_eq!(
            format!("{doi} {doi:?} {doi:>15}"),
            "10.1000/a/b/c \"10.1000/a/b/c\"   10.1000/a/b/c"
        );
        assert_eq!("10.1000/A/b/c".parse(), Ok(doi.clone()));
        assert_eq!(Doi::try_from("10.1000/A/b/c"), Ok(doi.clone()));
        assert_eq!(doi.as_ref(), "10.1000/a/b/c");
        assert_eq!(HashMap::from([(doi, 1)]).get("10.1000/a/b/c"), Some(&1));
    }

    #[test]
    fn linear() {
        for (unit, after) in [
            ("10.10.10.10.", ""),
            ("10.1000/", ""),
            ("10.1000/ ", ""),
            ("10.1000/.\u{200b}", ""),
            ("http://a.b/10.1000/<", ""),
            ("http://10.1000/?", ""),
            ("?u=http%3A%2F%2F10.1000/&", ""),
            ("10.1000/,", ""),
            ("doi:", ""),
            ("doi.org/", ""),
            ("/pdf", ""),
            ("&amp", ""),
            ("&am\\", "_"),
            ("(", ""),
            (")", ""),
            (";jsessioni", ""),
            ("%25", "2F"),
            ("10.1000%2F%", ""),
            ("10.1111111111", ""),
            (",10.1", ""),
            ("\\", "_"),
            ("{", "\\_"),
            ("a.", "/10.1000/x"),
        ] {
            for before in ["", "10.1000/x", "https://a.b/10.1000/x", "http://a.b/?x=y"] {
                let text = [before, &unit.repeat((1 << 17) / unit.len()), after].concat();
                let start = Instant::now();
                let _ = (Doi::find(&text), Doi::is_whole(&text), Doi::parse(&text));
                let took = start.elapsed();
                assert!(
                    took < Duration::from_secs(3),
                    "{before}{unit}…{after}: {took:?}"
                );
            }
        }
    }

    /// Texts of the pieces that matter, which random characters would hardly ever form.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "10.",
            "10.1000/",
            "10.1000%2F",
            "10.5/",
            "1",
            "0",
            ".",
            "/",
            "x",
            "Y",
            "ä",
            "é",
            "–",
            " ",
            "\u{200b}",
            "\u{ad}",
            "\u{0}",
            "https://",
            "http://x.example/",
            "doi.org/",
            "doi:",
            "www.",
            "?",
            "#",
            "&",
            "=",
            ";",
            ",",
            "|",
            ":",
            "'",
            "\"",
            "’",
            "”",
            "“",
            "…",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "<",
            ">",
            "</a>",
            "<br>",
            "%",
            "%2F",
            "%3c",
            "%25",
            "%20",
            "%22",
            "%FF",
            "%C3%84",
            "%3A%2F%2F",
            "2F",
            "3E",
            "&lt;",
            "&AMP;",
            "&amp;",
            "&Szlig;",
            "lt;",
            "amp;",
            "#38;",
            "&#32;",
            "\\",
            "\\_",
            "{\\_}",
            "_",
            "/full",
            ".pdf",
            ";jsessionid=",
            "<1::A>2.0.CO;2-#",
            "10/ab",
        ]);
        prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => pieces(),
            4 => pieces().prop_map(|text| format!("10.1000/{text}")),
            2 => pieces().prop_map(|text| format!("https://x.example/10.1000/{text}")),
            2 => "10\\.1[0-9]{3}/[a-zA-Z0-9._/()-]{0,12}",
            1 => any::<String>(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 4096,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn found_is_strict_and_found_again(text in texts()) {
            if let Ok((doi, written)) = Doi::find_as_written(&text) {
                prop_assert_eq!(Doi::parse(doi.as_str()), Ok(doi.clone()));
                prop_assert_eq!(Doi::find(doi.as_str()), Ok(doi.clone()));
                prop_assert_eq!(Doi::find(&text), Ok(doi.clone()));
                prop_assert_eq!(Doi::find_as_written(&written), Ok((doi.clone(), written.clone())));
                prop_assert_eq!(written.to_ascii_lowercase(), doi.as_str());
                prop_assert!(Doi::is_whole(doi.as_str()));
                prop_assert_eq!([doi.prefix(), "/", doi.suffix()].concat(), doi.as_str());
            }
        }

        #[test]
        fn the_fast_path_is_no_other(text in texts()) {
            prop_assert_eq!(find_written(&text), scan(text.trim(), 0));
        }

        #[test]
        fn strict_is_the_form(text in texts()) {
            let form = head(&text).is_ok_and(|(prefix, _)| {
                let suffix = text.get(prefix..).and_then(|rest| rest.strip_prefix('/'));
                suffix.is_some_and(|s| !s.is_empty() && !s.contains(is_blank))
            });
            prop_assert_eq!(Doi::parse(&text).is_ok(), form);
            let _ = Doi::is_whole(&text);
        }
    }
}
