//! One JSON object as text plus an index of its members: the ground under [`crate::Record`] and
//! [`crate::Work`].
//!
//! Values stay text. Nothing is converted until somebody asks for a string or a number, so what
//! nobody asks for costs one pass of a validating parser and leaves exactly as it came.
//! What is JSON is what `serde_json`'s raw values are: they do not recurse (10,000 levels are as good
//! as one), accept lone surrogates, and never look inside a number.

mod index;
mod walk;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use index::Index;

/// The members of a JSON object, in order of appearance, as slices of its text.
#[derive(Clone)]
pub(crate) struct Object<'a> {
    text: &'a str,
    members: Vec<Member<'a>>,
    index: Index,
    /// Some key is written with escapes: it may be any.
    escaped: bool,
}

/// One `"key":value` of an [`Object`], both as they are written.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a> {
    /// Without its quotes, with its escapes.
    key: &'a str,
    /// The value's text, without the blanks around it.
    pub(crate) value: &'a str,
}

impl<'a> Member<'a> {
    /// Is this the member of that name, whatever escapes its key is written with?
    fn is(&self, name: &str) -> bool {
        match memchr::memchr(b'\\', self.key.as_bytes()) {
            None => self.key == name,
            Some(_) => self.unescaped().is_some_and(|key| key == name),
        }
    }

    /// The key as a person would read it (its raw text if it is no valid Unicode).
    #[cfg(test)]
    pub(crate) fn name(&self) -> Cow<'a, str> {
        self.unescaped().map_or(Cow::Borrowed(self.key), Cow::Owned)
    }

    fn unescaped(&self) -> Option<String> {
        serde_json::from_str(&format!("\"{}\"", self.key)).ok()
    }
}

impl<'a> Object<'a> {
    /// Indexes `text`, which must be one JSON object and nothing else.
    pub(crate) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        let mut object = Self::empty(text);
        // Nested objects are small, records are not.
        object.members.reserve((text.len() / 24).clamp(2, 40));
        match walk::members(text, |key, escaped, value| object.push(key, escaped, value)) {
            Some(()) => Ok(object),
            None => Self::parse_any(text),
        }
    }

    fn empty(text: &'a str) -> Self {
        Self {
            text,
            members: Vec::new(),
            index: Index::new(),
            escaped: false,
        }
    }

    fn push(&mut self, key: &'a str, escaped: bool, value: &'a str) {
        self.index.push(self.members.len(), key);
        self.members.push(Member { key, value });
        self.escaped |= escaped;
    }

    /// The same for what is malformed, or too deep to be walked.
    fn parse_any(text: &'a str) -> Result<Self, serde_json::Error> {
        struct Members<'de>(Object<'de>);
        impl<'de> Visitor<'de> for Members<'de> {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    let key = key.get();
                    let key = key.strip_prefix('"').unwrap_or(key);
                    let key = key.strip_suffix('"').unwrap_or(key);
                    let escaped = memchr::memchr(b'\\', key.as_bytes()).is_some();
                    self.0.push(key, escaped, value.get());
                }
                Ok(self.0)
            }
        }
        let mut parser = serde_json::Deserializer::from_str(text);
        let object = parser.deserialize_map(Members(Self::empty(text)))?;
        parser.end()?;
        Ok(object)
    }

    /// The text that was indexed.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// All members, duplicates included.
    pub(crate) fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    /// The object on one line without the members of this name, all else as it is written.
    pub(crate) fn without(&self, name: &str) -> String {
        let mut out = String::with_capacity(self.text.len().min(4 << 10));
        for member in self.members.iter().filter(|member| !member.is(name)) {
            out.push(if out.is_empty() { '{' } else { ',' });
            out.push('"');
            out.push_str(member.key);
            out.push_str("\":");
            out.push_str(member.value);
        }
        if out.is_empty() {
            out.push('{');
        }
        out.push('}');
        match one_line(&out) {
            Cow::Owned(line) => line,
            Cow::Borrowed(_) => out,
        }
    }

    /// The value of `key` as text; of several, the last (as every JSON reader takes it).
    pub(crate) fn get(&self, key: &str) -> Option<&'a str> {
        let member = self.members.get(self.position(key)?)?;
        Some(member.value)
    }

    /// The value of the last key that is `key` but for its case.
    pub(crate) fn get_in_any_case(&self, key: &str) -> Option<&'a str> {
        let mut members = self.members.iter().rev();
        let member = members.find(|member| member.key.eq_ignore_ascii_case(key))?;
        Some(member.value)
    }

    /// Which member is `key`'s; of several, the last.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        if self.escaped || self.members.len() > Index::ROOM {
            return self.members.iter().rposition(|member| member.is(key));
        }
        let is = |at: &usize| {
            self.members
                .get(*at)
                .is_some_and(|member| member.key == key)
        };
        self.index.on_shelf(key).find(is)
    }
}

/// The string that the JSON text `raw` stands for; `None` if it is no string, or not Unicode
/// (a lone surrogate).
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

/// The elements of the JSON array `raw`, as text; empty if it is no array.
pub(crate) fn elements(raw: &str) -> Vec<&str> {
    if !raw.starts_with('[') {
        return Vec::new();
    }
    let mut found = Vec::new();
    if walk::elements(raw, |element| found.push(element)).is_some() {
        return found;
    }
    serde_json::from_str::<Vec<&RawValue>>(raw)
        .map(|values| values.into_iter().map(RawValue::get).collect())
        .unwrap_or_default()
}

/// The objects among the elements of the JSON array `raw`; empty if it is no array.
pub(crate) fn objects(raw: &str) -> Vec<Object<'_>> {
    if !raw.starts_with('[') {
        return Vec::new();
    }
    let mut found = Vec::new();
    let walked = walk::each(raw, |at| {
        if raw.as_bytes().get(at) != Some(&b'{') {
            return walk::value(raw.as_bytes(), at);
        }
        found.push(Object::empty(""));
        let object = found.last_mut()?;
        // Most have four or five members.
        object.members.reserve(6);
        let end = walk::object(raw, at, &mut |key, escaped, value| {
            object.push(key, escaped, value);
        })?;
        object.text = raw.get(at..end)?;
        Some(end)
    });
    if walked.is_some() {
        return found;
    }
    let elements = elements(raw).into_iter();
    elements.filter_map(|raw| Object::parse(raw).ok()).collect()
}

/// The first element of the JSON array `raw`, if it is a string that needs no unescaping: what
/// most lists of titles are. `None` says nothing; [`elements`] has the answer then.
pub(crate) fn plain_first(raw: &str) -> Option<&str> {
    let text = raw.strip_prefix("[\"")?;
    let end = memchr::memchr2(b'"', b'\\', text.as_bytes())?;
    (text.as_bytes().get(end) == Some(&b'"')).then(|| &text[..end])
}

/// Does this value say nothing: null, `""`, blanks, `[]`, `{}`?
pub(crate) fn is_missing(raw: &str) -> bool {
    match raw.as_bytes() {
        b"null" | b"\"\"" => true,
        [b'"', ..] => match raw.as_bytes().get(1) {
            // Ordinary text, the common case, is told by its first letter.
            Some(first) if !first.is_ascii_whitespace() && *first != b'\\' && first.is_ascii() => {
                false
            }
            _ => string(raw).is_some_and(|text| text.trim().is_empty()),
        },
        [b'[', inner @ .., b']'] | [b'{', inner @ .., b'}'] => {
            inner.iter().all(u8::is_ascii_whitespace)
        }
        _ => false,
    }
}

/// The first bytes of all characters that [`push_quoted`] may have to escape, and of some others.
static ODD: [bool; 256] = {
    let mut odd = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        odd[byte] = byte < 0x20 || matches!(byte, 0x22 | 0x5c | 0x7f | 0xc2 | 0xe2);
        byte += 1;
    }
    odd
};

/// `text` as a JSON string, quotes included.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Appends `text` to `out` as a JSON string. Output may go to a terminal: what one would obey, or what
/// turns the direction of text, is escaped.
pub(crate) fn push_quoted(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    let mut rest = text;
    let direction = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    while let Some(at) = rest.bytes().position(|byte| ODD[usize::from(byte)]) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let Some(c) = tail.chars().next() else { break };
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // All of these are in the basic plane.
            c if c.is_control() || direction(c) => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
        rest = &tail[c.len_utf8()..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Builds the text of a JSON object member by member.
pub(crate) struct ObjectWriter(String);

impl ObjectWriter {
    pub(crate) fn new() -> Self {
        let mut out = String::with_capacity(256);
        out.push('{');
        Self(out)
    }

    /// Adds `key` with a value that is JSON already.
    pub(crate) fn raw(&mut self, key: &str, value: &str) -> &mut Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_quoted(&mut self.0, key);
        self.0.push(':');
        self.0.push_str(value);
        self
    }

    /// Adds `key` with a string.
    pub(crate) fn string(&mut self, key: &str, value: &str) -> &mut Self {
        self.raw(key, "");
        push_quoted(&mut self.0, value);
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// JSON text without its line breaks: they can only stand between tokens.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    match memchr::memchr2(b'\n', b'\r', text.as_bytes()) {
        Some(_) => Cow::Owned(text.replace(['\n', '\r'], "")),
        None => Cow::Borrowed(text),
    }
}

/// A JSON array of values that are JSON already.
pub(crate) fn array<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> String {
    let mut out = String::from("[");
    for value in values {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(value.as_ref());
    }
    out.push(']');
    out
}

#[cfg(test)]
mod tests;
