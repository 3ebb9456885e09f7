//! Where does a JSON value end? A validating automaton that can stop at any byte and go on.
//!
//! Containers other than JSON Lines need to know where a record ends before it can be cut out, from
//! a stream, without reading a value twice and without holding more of an input than the record.
//! `serde_json` can't suspend in the middle of a value, hence this one; a property test holds it to
//! `serde_json`'s opinion of what is valid. Nesting costs one bit a level.

/// What a [`Scanner`] found in the bytes that it was fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// The value goes on after these bytes.
    More,
    /// The value ended; it holds this many of these bytes.
    End(usize),
    /// The byte at this place can't stand there.
    Bad(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Value,
    ValueOrEnd,
    KeyOrEnd,
    Key,
    Colon,
    CommaOrEnd,
    Text { key: bool },
    Escape { key: bool },
    Hex { key: bool, left: u8 },
    Number(Number),
    Word { rest: &'static [u8] },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Integer,
    Dot,
    Fraction,
    E,
    Sign,
    Exponent,
}

impl Number {
    fn may_end(self) -> bool {
        matches!(
            self,
            Self::Zero | Self::Integer | Self::Fraction | Self::Exponent
        )
    }

    fn next(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Minus, b'0') => Self::Zero,
            (Self::Minus, b'1'..=b'9') | (Self::Integer, b'0'..=b'9') => Self::Integer,
            (Self::Zero | Self::Integer, b'.') => Self::Dot,
            (Self::Dot | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Self::E,
            (Self::E, b'+' | b'-') => Self::Sign,
            (Self::E | Self::Sign | Self::Exponent, b'0'..=b'9') => Self::Exponent,
            _ => return None,
        })
    }
}

/// Follows one JSON value through any number of pieces.
#[derive(Debug)]
pub(crate) struct Scanner {
    state: State,
    /// One bit a level: an object?
    levels: Vec<u64>,
    depth: usize,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            state: State::Value,
            levels: Vec::new(),
            depth: 0,
        }
    }
}

impl Scanner {
    /// Ready for another value.
    pub(crate) fn reset(&mut self) {
        self.state = State::Value;
        self.depth = 0;
    }

    fn open(&mut self, object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.levels.len() {
            self.levels.push(0);
        }
        if let Some(level) = self.levels.get_mut(word) {
            *level = *level & !(1 << bit) | u64::from(object) << bit;
        }
        self.depth += 1;
    }

    fn in_object(&self) -> bool {
        self.depth.checked_sub(1).is_some_and(|top| {
            let word = self.levels.get(top / 64).copied().unwrap_or_default();
            word >> (top % 64) & 1 == 1
        })
    }

    /// Takes the next bytes of the value. After [`Scan::End`] and [`Scan::Bad`] it must be reset.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Scan {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self.state {
                State::Text { key } => {
                    at += plain_prefix(&bytes[at..]);
                    match bytes.get(at) {
                        None => return Scan::More,
                        Some(b'"') => {
                            if key {
                                self.state = State::Colon;
                            } else if self.value_ended() {
                                return Scan::End(at + 1);
                            }
                        }
                        Some(b'\\') => self.state = State::Escape { key },
                        Some(_) => return Scan::Bad(at),
                    }
                }
                State::Escape { key } => {
                    self.state = match byte {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                            State::Text { key }
                        }
                        b'u' => State::Hex { key, left: 4 },
                        _ => return Scan::Bad(at),
                    };
                }
                State::Hex { key, left } => {
                    if !byte.is_ascii_hexdigit() {
                        return Scan::Bad(at);
                    }
                    self.state = match left {
                        1 => State::Text { key },
                        _ => State::Hex {
                            key,
                            left: left - 1,
                        },
                    };
                }
                State::Number(number) => match number.next(byte) {
                    Some(next) => self.state = State::Number(next),
                    None if !number.may_end() => return Scan::Bad(at),
                    None if self.value_ended() => return Scan::End(at),
                    // This byte belongs to what comes after the number.
                    None => continue,
                },
                State::Word { rest } => match rest.split_first() {
                    Some((expected, rest)) if *expected == byte => {
                        if !rest.is_empty() {
                            self.state = State::Word { rest };
                        } else if self.value_ended() {
                            return Scan::End(at + 1);
                        }
                    }
                    _ => return Scan::Bad(at),
                },
                _ if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') => {}
                State::Value | State::ValueOrEnd => match byte {
                    b']' if self.state == State::ValueOrEnd => {
                        self.depth -= 1;
                        if self.value_ended() {
                            return Scan::End(at + 1);
                        }
                    }
                    b'{' => {
                        self.open(true);
                        self.state = State::KeyOrEnd;
                    }
                    b'[' => {
                        self.open(false);
                        self.state = State::ValueOrEnd;
                    }
                    b'"' => self.state = State::Text { key: false },
                    b'-' => self.state = State::Number(Number::Minus),
                    b'0' => self.state = State::Number(Number::Zero),
                    b'1'..=b'9' => self.state = State::Number(Number::Integer),
                    b't' => self.state = State::Word { rest: b"rue" },
                    b'f' => self.state = State::Word { rest: b"alse" },
                    b'n' => self.state = State::Word { rest: b"ull" },
                    _ => return Scan::Bad(at),
                },
                State::KeyOrEnd | State::Key => match byte {
                    b'"' => self.state = State::Text { key: true },
                    b'}' if self.state == State::KeyOrEnd => {
                        self.depth -= 1;
                        if self.value_ended() {
                            return Scan::End(at + 1);
                        }
                    }
                    _ => return Scan::Bad(at),
                },
                State::Colon => match byte {
                    b':' => self.state = State::Value,
                    _ => return Scan::Bad(at),
                },
                State::CommaOrEnd => match (byte, self.in_object()) {
                    (b',', true) => self.state = State::Key,
                    (b',', false) => self.state = State::Value,
                    (b'}', true) | (b']', false) => {
                        self.depth -= 1;
                        if self.value_ended() {
                            return Scan::End(at + 1);
                        }
                    }
                    _ => return Scan::Bad(at),
                },
            }
            at += 1;
        }
        Scan::More
    }

    /// The input is over: was the value whole? (Only a number can be, it has no end of its own.)
    pub(crate) fn whole_at_end(&self) -> bool {
        self.depth == 0 && matches!(self.state, State::Number(number) if number.may_end())
    }

    /// A value ended; was it the outermost?
    fn value_ended(&mut self) -> bool {
        self.state = State::CommaOrEnd;
        self.depth == 0
    }
}

/// How many bytes at the start are plain string content: no quote, backslash or control character.
fn plain_prefix(bytes: &[u8]) -> usize {
    let special = |byte: u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    let mut at = 0;
    // Whole blocks first: without an early exit inside, the compiler makes vector code of it.
    for block in bytes.chunks_exact(32) {
        if block.iter().fold(false, |any, &byte| any | special(byte)) {
            break;
        }
        at += 32;
    }
    let rest = bytes[at..].iter().position(|&byte| special(byte));
    rest.map_or(bytes.len(), |more| at + more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    /// Our opinion of the first value in `text`: where it ends, or nothing if it is not valid.
    fn ours(text: &[u8], piece: usize) -> Option<usize> {
        let mut scanner = Scanner::default();
        let mut at = 0;
        for part in text.chunks(piece.max(1)) {
            match scanner.feed(part) {
                Scan::More => at += part.len(),
                Scan::End(len) => return Some(at + len),
                Scan::Bad(_) => return None,
            }
        }
        scanner.whole_at_end().then_some(at)
    }

    fn serdes(text: &str) -> Option<usize> {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        match values.next() {
            Some(Ok(raw)) => {
                let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
                Some(start + raw.get().len())
            }
            _ => None,
        }
    }

    #[test]
    fn values_end_where_serde_json_says() {
        for text in [
            "{}",
            "[]",
            " {\"a\":[1,{\"b\":\"}\"}],\"c\":\"\\\"\\u00e9\"} tail",
            "{\"a\":1,}",
            "[1,]",
            "{\"a\"}",
            "\"x\ny\"",
            "truex",
            "nul",
            "[true,false,null]",
            "-0.5e+10,",
            "{\"a\":01}",
            "[1.]",
            "{,}",
            "[}",
            "{]",
            "\"\\x\"",
            "\"\\ud800\"",
            "[-]",
        ] {
            // After a scalar serde_json's stream wants a blank: not our question.
            if text != "truex" && text != "-0.5e+10," {
                for piece in [1, 2, 7, 1000] {
                    assert_eq!(
                        ours(text.as_bytes(), piece),
                        serdes(text),
                        "{text} by {piece}"
                    );
                }
            }
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(ours(deep.as_bytes(), 999), Some(20_000));
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json_on_json_like_text(
            text in r#"[\[{]([\[\]{}:,"\\u0-9eE.+\- tfn]|"[ab]":|true|null|-?1\.5e3|"x\\n"){0,24}"#,
            piece in 1usize..9,
        ) {
            prop_assert_eq!(ours(text.as_bytes(), piece), serdes(&text));
        }
    }
}
