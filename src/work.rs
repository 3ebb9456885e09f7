//! A Crossref *work*: what Crossref says of one DOI.
//!
//! Like a record it stays text, and each field is read when it is asked for. Live works carry keys
//! that no schema lists and odd shapes of those it does (`[[null]]` for a date, a string where a
//! list belongs), so that each accessor takes what it understands and calls the rest absent:
//! one odd field never costs the work.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use crate::doi::Doi;
use crate::json::{self, Object};

/// A work's JSON, as the REST API or the public data file gives it.
///
/// ```
/// use crossfill::{Date, Work};
///
/// let work = Work::parse(r#"{"DOI":"10.5555/12345678","title":["A &amp; B"],"issued":{"date-parts":[[2008,8]]}}"#)?;
/// assert_eq!(work.first("title").as_deref(), Some("A &amp; B")); // as deposited
/// assert_eq!(work.date("issued"), Date::parse("2008-08"));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct Work<'a> {
    object: Object<'a>,
    /// Several facts are weighed against it.
    indexed: OnceCell<Option<Date>>,
}

/// A date as precise as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year, 1000 to 2999.
    pub year: u16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31; only with a month.
    pub day: Option<u8>,
}

impl fmt::Display for Date {
    /// ISO 8601: `2021`, `2021-07` or `2021-07-03`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Several for each record: without the machinery that formats numbers of all kinds.
        let mut text = *b"0000-00-00";
        let mut put = |at: usize, number: u8| {
            text[at] = b'0' + number / 10 % 10;
            text[at + 1] = b'0' + number % 10;
        };
        put(0, (self.year / 100 % 100) as u8);
        put(2, (self.year % 100) as u8);
        put(5, self.month.unwrap_or_default());
        put(8, self.day.unwrap_or_default());
        let length = match (self.month, self.day) {
            (None, _) => 4,
            (_, None) => 7,
            _ => 10,
        };
        let text = text.get(..length).unwrap_or_default();
        f.write_str(std::str::from_utf8(text).unwrap_or_default())
    }
}

impl Date {
    /// Reads `2021`, `2021-07` or `2021-07-03` (what follows a date is ignored).
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, ['-', '/']);
        let year = parts.next()?.parse().ok()?;
        let month = parts.next().and_then(|part| part.parse().ok());
        let day = parts
            .next()
            .and_then(|part| part.get(..2).unwrap_or(part).parse().ok());
        Self::of(year, month, day)
    }

    /// A date, unless the year is impossible; an impossible month or day is none.
    pub fn of(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        if !(1000..3000).contains(&year) {
            return None;
        }
        let month = month.filter(|month| (1..=12).contains(month));
        let day = month.and(day).filter(|day| (1..=31).contains(day));
        Some(Self { year, month, day })
    }

    /// Without a day that its month does not have.
    fn in_calendar(self) -> Self {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let last = match self.month {
            Some(2) => 28 + u8::from(leap),
            Some(4 | 6 | 9 | 11) => 30,
            _ => 31,
        };
        Self {
            day: self.day.filter(|day| *day <= last),
            ..self
        }
    }
}

/// A person or a group among a work's contributors.
pub(crate) struct Person<'a> {
    object: Object<'a>,
}

impl<'a> Person<'a> {
    /// A name part: `given`, `family`, `suffix`, `name`, `ORCID`. A dash or a dot stands for what
    /// somebody does not have.
    pub(crate) fn part(&self, key: &str) -> Option<Cow<'a, str>> {
        let part = json::string(self.object.get(key)?)?;
        part.contains(char::is_alphanumeric).then_some(part)
    }

    pub(crate) fn affiliations(&self) -> Vec<Cow<'a, str>> {
        let raw = self.object.get("affiliation").unwrap_or_default();
        json::objects(raw)
            .iter()
            .filter_map(|affiliation| text(affiliation.get("name")?))
            .collect()
    }
}

/// A non-blank string.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    json::string(raw).filter(|text| !is_blank(text))
}

/// As [`str::trim`] has it, without a look at the end of what is not.
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

impl<'a> Work<'a> {
    /// Indexes a work.
    ///
    /// # Errors
    /// If `text` is not one JSON object.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        Ok(Self {
            object: Object::parse(text)?,
            indexed: OnceCell::new(),
        })
    }

    /// The work's JSON.
    pub fn text(&self) -> &'a str {
        self.object.text()
    }

    /// The work's own DOI, if it has a valid one.
    pub fn doi(&self) -> Option<Doi> {
        Doi::parse(&self.string("DOI")?).ok()
    }

    /// Is this the work that `doi` names: by its own DOI, or as one of its `aliases`?
    pub fn answers(&self, doi: &Doi) -> bool {
        let names = |raw: &str| {
            json::string(raw).is_some_and(|name| name.eq_ignore_ascii_case(doi.as_str()))
        };
        self.object.get("DOI").is_some_and(names)
            || self
                .object
                .get("aliases")
                .is_some_and(|raw| json::elements(raw).into_iter().any(names))
    }

    /// The text of any member, as JSON.
    pub fn raw(&self, key: &str) -> Option<&'a str> {
        self.object.get(key)
    }

    /// A member that is a non-blank string.
    pub fn string(&self, key: &str) -> Option<Cow<'a, str>> {
        text(self.object.get(key)?)
    }

    /// The non-blank strings of a member that is a list of strings, or one string.
    pub fn strings(&self, key: &str) -> Vec<Cow<'a, str>> {
        match self.object.get(key) {
            Some(raw) if raw.starts_with('[') => {
                json::elements(raw).into_iter().filter_map(text).collect()
            }
            Some(raw) => text(raw).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The first of [`Work::strings`].
    pub fn first(&self, key: &str) -> Option<Cow<'a, str>> {
        let plain = json::plain_first(self.object.get(key)?);
        if let Some(first) = plain.filter(|text| !is_blank(text)) {
            return Some(Cow::Borrowed(first));
        }
        self.strings(key).into_iter().next()
    }

    /// A member that is a whole number, not negative.
    pub fn count(&self, key: &str) -> Option<u64> {
        self.object.get(key)?.parse().ok()
    }

    /// A date member; `[[null]]`, `[[]]` and impossible years are none.
    pub fn date(&self, key: &str) -> Option<Date> {
        let raw = self.object.get(key)?;
        date_of(raw)
    }

    /// When Crossref last looked at the work.
    pub(crate) fn indexed(&self) -> Option<Date> {
        *self.indexed.get_or_init(|| self.date("indexed"))
    }

    /// The contributors of a role: `author`, `editor`.
    pub(crate) fn people(&self, role: &str) -> Vec<Person<'a>> {
        let raw = self.object.get(role).unwrap_or_default();
        let objects = json::objects(raw).into_iter();
        objects.map(|object| Person { object }).collect()
    }

    /// The objects of a member that is a list of objects.
    pub(crate) fn list(&self, key: &str) -> Vec<Object<'a>> {
        json::objects(self.object.get(key).unwrap_or_default())
    }

    /// A member that is an object.
    pub(crate) fn nested(&self, key: &str) -> Option<Object<'a>> {
        Object::parse(self.object.get(key)?).ok()
    }

    /// The work without its `reference` list, which is most of its bytes and fills no field, on one
    /// line.
    pub(crate) fn trimmed(&self) -> String {
        self.object.without("reference")
    }
}

/// The date that is written as an object with `date-parts`.
pub(crate) fn date_of(raw: &str) -> Option<Date> {
    let date = usual_date(raw).or_else(|| date(&Object::parse(raw).ok()?));
    date.map(Date::in_calendar)
}

/// The date, if it is written as nearly all are: `{"date-parts":[[2021,7,3]]`, whole numbers, before
/// all else. `None` says nothing; [`date`] has the answer then.
fn usual_date(raw: &str) -> Option<Date> {
    let parts = raw.strip_prefix("{\"date-parts\":[[")?;
    let (parts, rest) = parts.split_at(memchr::memchr(b']', parts.as_bytes())?);
    let rest = rest.strip_prefix("]]")?;
    // Might the same key come again? It has these two letters, or is escaped.
    let again = || {
        let rest = rest.as_bytes();
        memchr::memchr2_iter(b'-', b'\\', rest)
            .any(|at| rest[at] == b'\\' || rest.get(at + 1) == Some(&b'p'))
    };
    if !(rest == "}" || rest.starts_with(',') && !again()) {
        return None;
    }
    let (mut numbers, mut count) = ([0_u16; 3], 0);
    for part in parts.as_bytes().split(|byte| *byte == b',') {
        let number = numbers.get_mut(count)?;
        if !(1..=4).contains(&part.len()) || !part.iter().all(u8::is_ascii_digit) {
            return None;
        }
        for digit in part {
            *number = *number * 10 + u16::from(digit - b'0');
        }
        count += 1;
    }
    let [year, month, day] = numbers;
    let small = |number: u16, place| match count > place {
        true => u8::try_from(number).map(Some).ok(),
        false => Some(None),
    };
    Date::of(year, small(month, 1)?, small(day, 2)?)
}

/// The date in an object with `date-parts`.
fn date(object: &Object<'_>) -> Option<Date> {
    let outer = json::elements(object.get("date-parts")?);
    let parts = json::elements(outer.first()?);
    let part = |at: usize| parts.get(at).copied();
    Date::of(
        part(0)?.trim_matches('"').parse().ok()?,
        part(1).and_then(|raw| raw.trim_matches('"').parse().ok()),
        part(2).and_then(|raw| raw.trim_matches('"').parse().ok()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_shapes_are_absent_and_the_rest_stays() {
        let work = Work::parse(
            r#"{"DOI":"10.1002\/9780470999875.CH17","issued":{"date-parts":[[null]]},
                "published":{"date-parts":[[2008,"5"]]},"accepted":{"date-parts":[]},
                "posted":"soon","title":["  ","A title"],"volume":12,"author":{"family":"x"},
                "is-referenced-by-count":3,"reference":[1,2]}"#,
        )
        .unwrap();
        assert_eq!(work.doi().unwrap().as_str(), "10.1002/9780470999875.ch17");
        assert_eq!(work.date("issued"), None);
        assert_eq!(work.date("posted"), None);
        assert_eq!(work.date("accepted"), None);
        assert_eq!(work.date("published").unwrap().to_string(), "2008-05");
        assert_eq!(work.first("title").unwrap(), "A title");
        assert_eq!(work.string("volume"), None);
        assert_eq!(work.count("is-referenced-by-count"), Some(3));
        assert!(work.people("author").is_empty());
        assert!(!work.trimmed().contains("reference\":["));
    }

    #[test]
    fn the_usual_way_to_write_a_date_is_no_other_date() {
        for parts in [
            "2021,7,3",
            "2021,7",
            "2021",
            "2021,13,1",
            "2021,7,99",
            "2021,300",
            "999999,1",
            "0,1",
            "",
            "null",
            "2021,null",
            "2021,\"7\"",
            "2021, 7",
            "2021,7,3,9",
            "2021.5",
            "2021],[2022",
        ] {
            let raw = format!("{{\"date-parts\":[[{parts}]]}}");
            let read = Object::parse(&raw).ok().and_then(|object| date(&object));
            assert!(
                usual_date(&raw).is_none_or(|usual| Some(usual) == read),
                "{raw}"
            );
        }
        for raw in [
            r#"{"date-parts":[[2021,7,3]],"timestamp":1}"#,
            r#"{"date-parts":[[2021,7,3]],"date-parts":[[2022]]}"#,
            r#"{"date-parts":[[2021,7,3]],"date\u002dparts":[[2022]]}"#,
        ] {
            assert_eq!(date_of(raw), date(&Object::parse(raw).unwrap()), "{raw}");
        }
        let usual = usual_date(r#"{"date-parts":[[2021,7,3]]}"#);
        assert_eq!(
            usual.map(|date| date.to_string()).as_deref(),
            Some("2021-07-03")
        );
    }

    #[test]
    fn dates_are_read_as_precise_as_they_are() {
        let read = |text: &str| Date::parse(text).map(|date| date.to_string());
        assert_eq!(read("2021-07-03").as_deref(), Some("2021-07-03"));
        assert_eq!(read("2021/7/3").as_deref(), Some("2021-07-03"));
        assert_eq!(read("2021-07-03T00:00:00Z").as_deref(), Some("2021-07-03"));
        assert_eq!(read("2021-13").as_deref(), Some("2021"));
        assert_eq!(read("soon"), None);
        assert_eq!(read("9999-01-01"), None);
    }

    #[test]
    fn dates_are_written_with_all_their_digits() {
        for year in 1000..3000 {
            for (month, day) in [(1, 1), (9, 10), (10, 9), (12, 31)] {
                let mut date = Date::of(year, Some(month), Some(day)).unwrap();
                assert_eq!(date.to_string(), format!("{year}-{month:02}-{day:02}"));
                date.day = None;
                assert_eq!(date.to_string(), format!("{year}-{month:02}"));
                date.month = None;
                assert_eq!(date.to_string(), format!("{year}"));
            }
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (parts, expected) in [
            ("2020,2,29", "2020-02-29"),
            ("2021,2,29", "2021-02"),
            ("1900,2,29", "1900-02"),
            ("2000,2,29", "2000-02-29"),
            ("2021,4,30", "2021-04-30"),
            ("2021,4,31", "2021-04"),
            ("2021,12,31", "2021-12-31"),
            ("2021,1,0", "2021-01"),
            ("2021,0,1", "2021"),
            ("2021,13,1", "2021"),
            ("2021,\"2\",\"30\"", "2021-02"),
            ("0,1,1", ""),
            ("20211,1,1", ""),
        ] {
            let date = date_of(&format!("{{\"date-parts\":[[{parts}]]}}"));
            let told = date.map(|date| date.to_string()).unwrap_or_default();
            assert_eq!(told, expected, "{parts}");
        }
    }

    #[test]
    fn a_dash_is_no_part_of_a_name() {
        let work = Work::parse(
            r#"{"author":[{"given":"Sumaryadi","family":"-","suffix":" ","name":"."}]}"#,
        )
        .unwrap();
        let people = work.people("author");
        let part = |key| people.first().unwrap().part(key);
        assert_eq!(part("given").as_deref(), Some("Sumaryadi"));
        for key in ["family", "suffix", "name", "ORCID"] {
            assert_eq!(part(key), None, "{key}");
        }
    }

    #[test]
    fn an_alias_is_answered_by_its_prime() {
        let work = Work::parse(
            r#"{"DOI":"10.26434/chemrxiv.5406907.v5","aliases":["10.26434/chemrxiv.5406907"]}"#,
        )
        .unwrap();
        assert!(work.answers(&Doi::parse("10.26434/CHEMRXIV.5406907").unwrap()));
        assert!(!work.answers(&Doi::parse("10.26434/chemrxiv").unwrap()));
    }
}
