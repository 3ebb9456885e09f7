//! What stands around a DOI: the URL, the quote or the bracket that it is in.

/// What the text before a DOI says of where it stands. It is read forward, each byte once.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    /// Answers the quote or bracket opened last, if nothing closed it.
    pub(super) closer: Option<char>,
    pub(super) url: Option<Url>,
    /// Where the last run of a host name's characters began.
    pub(super) word: usize,
    /// Where the last value of the query began.
    pub(super) value: usize,
}

/// The URL that a DOI stands in; one without scheme begins at its host.
#[derive(Clone, Copy, Default)]
pub(super) struct Url {
    pub(super) host: usize,
    pub(super) host_end: Option<usize>,
    /// In its path or fragment, and …
    pub(super) path: bool,
    /// … in its query: both are true of a URL in another's query.
    pub(super) query: bool,
}

impl Context {
    pub(super) fn read(&mut self, text: &str, from: usize, to: usize) {
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

    pub(super) fn slash(&mut self, text: &str, at: usize) {
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
    pub(super) fn encoded_url(&mut self, text: &str, at: usize) -> Option<usize> {
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
    pub(super) fn is_at_doi_org(&self, text: &str, at: usize) -> bool {
        let host = text
            .get(self.host..self.host_end.unwrap_or(at))
            .unwrap_or_default();
        host.is_empty() || is_doi_org(host)
    }
}

/// Is this doi.org, a host below it, or a proxy's name for one: `doi-org.lib.example`,
/// `0-dx.doi.org.proxy.example`?
pub(super) fn is_doi_org(host: &str) -> bool {
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

/// What closes what this opens.
pub(super) fn closer(open: char) -> Option<char> {
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

/// The text after `start`, which may be in another ASCII case.
pub(super) fn strip_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

/// The text before `end`, which may be in another ASCII case.
pub(super) fn strip_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(rest)
}

pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}
