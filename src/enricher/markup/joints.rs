//! How two pieces of a text meet: close to each other, or with a blank between them.

/// Without the line breaks around it, and the blanks beside them; and where that begins.
pub(super) fn without_layout(text: &str) -> (usize, &str) {
    let start = text.trim_start();
    let blank = text.len() - start.len();
    let (at, text) = match is_line(text.get(..blank).unwrap_or_default()) {
        true => (blank, start),
        false => (0, text),
    };
    let end = text.trim_end();
    match is_line(text.get(end.len()..).unwrap_or_default()) {
        true => (at, end),
        false => (at, text),
    }
}

pub(super) fn is_line(blank: &str) -> bool {
    blank.contains('\n')
}

pub(super) fn is_layout(text: &str) -> bool {
    text.trim().is_empty() && is_line(text)
}

/// Is this text written close to what stands before it?
pub(super) fn is_close(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('.' | ',' | ';' | ':' | '?' | '!' | ')' | ']' | '}' | '%' | '’' | '”') => true,
        Some('-' | '‐' | '‑' | '–' | '/') => chars.next().is_some_and(char::is_alphabetic),
        _ => false,
    }
}

/// Is it the ending of a genitive, and not the beginning of `'s Gravenhage`?
pub(super) fn is_genitive(text: &str) -> bool {
    let ending = text.strip_prefix(['\'', '’']);
    ending
        .and_then(|text| text.strip_prefix('s'))
        .is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '‐' | '\'' | '’'))
                && !rest.trim_start().starts_with(['G', 'H'])
        })
}

/// Is it the second part of a compound?
pub(super) fn is_hyphenated(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('‐' | '‑') => chars.next().is_some_and(char::is_alphanumeric),
        Some('-') => chars.next().is_some_and(char::is_alphabetic),
        _ => false,
    }
}

/// Is what follows this text written close to it?
pub(super) fn is_open(text: &str) -> bool {
    let mut chars = text.chars().rev();
    match chars.next() {
        Some('(' | '[' | '{' | '“' | '‘') => true,
        Some('-' | '‐' | '‑' | '/') => chars.next().is_some_and(char::is_alphanumeric),
        _ => false,
    }
}

/// Does it end with a word, or what stands between words? A lone letter, or a symbol as `Mn`, may
/// well have its index after it.
pub(super) fn ends_word(text: &str) -> bool {
    let mut chars = text.chars().rev();
    match chars.next() {
        Some(',' | ';') => true,
        Some(c) => c.is_lowercase() && chars.next().is_some_and(char::is_lowercase),
        None => false,
    }
}

/// Does it begin with a word, and no ending as in `n`th?
pub(super) fn begins_word(text: &str) -> bool {
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let word = text.get(..end).unwrap_or_default();
    let mut chars = word.chars();
    let upper = chars.next().is_some_and(char::is_uppercase);
    let lower = chars.take(2).take_while(|c| c.is_lowercase()).count();
    let enough = if upper { 2 } else { 1 };
    lower >= enough
        && (upper || word.starts_with(char::is_lowercase))
        && !matches!(word, "th" | "st" | "nd" | "rd")
}
