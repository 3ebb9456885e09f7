//! The recogniser: where a DOI begins in a text, where it ends, and what of it was escaped.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::context::{Context, Url, closer, is_blank, is_doi_org, strip_end, strip_start};
use super::{DoiError, MAX_LEN};

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
/// The first DOI of a text, in its own case.
pub(super) fn find_written(text: &str) -> Result<String, DoiError> {
    let text = text.trim();
    // Nearly every record holds just this; `scan` would give the same (a test compares them).
    if is_plain(text) {
        Ok(text.to_owned())
    } else {
        scan(text, 0)
    }
}

/// Is the whole text one DOI or DOI link?
pub(super) fn is_whole(text: &str) -> bool {
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
pub(super) fn scan(text: &str, level: usize) -> Result<String, DoiError> {
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
pub(super) fn head(text: &str) -> Result<(usize, usize), DoiError> {
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
