//! Who may read a work, and where: licences and links to the full text.

use std::borrow::Cow;

use super::Context;
use crate::json::{self, Object};
use crate::work::{self, Date, Work};

/// A licence for readers that is in force.
struct License<'a> {
    url: Cow<'a, str>,
    version: Version,
    /// Is it one of Creative Commons?
    open: bool,
}

/// Which version of a work: what readers prefer comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    OfRecord,
    Unspecified,
    Accepted,
}

impl Version {
    /// None for what is not meant for readers: `tdm` (machines) and `stm-asf` (rules for sharing).
    fn of(object: &Object<'_>) -> Option<Self> {
        match object
            .get("content-version")
            .and_then(json::string)
            .as_deref()
        {
            Some("vor") => Some(Self::OfRecord),
            Some("unspecified") | None => Some(Self::Unspecified),
            Some("am") => Some(Self::Accepted),
            Some(_) => None,
        }
    }
}

impl<'a> License<'a> {
    /// In force is, for us, what began before Crossref last looked at the work; what has no start
    /// always was.
    fn read(object: &Object<'a>, as_of: Option<Date>) -> Option<Self> {
        let version = Version::of(object)?;
        let start = object.get("start").and_then(work::date_of);
        let later = matches!((start, as_of), (Some(start), Some(as_of)) if start > as_of);
        if later {
            return None;
        }
        let url = json::string(object.get("URL")?)?;
        let open = creative_commons(url.trim());
        let url = match address(url.clone()) {
            Some(url) => url,
            None if open => url,
            None => return None,
        };
        Some(Self { url, version, open })
    }
}

fn licenses<'a>(work: &Work<'a>) -> impl Iterator<Item = License<'a>> {
    let as_of = work.indexed();
    let list = work.list("license").into_iter();
    list.filter_map(move |object| License::read(&object, as_of))
}

/// `text` without `prefix`, whatever its case.
fn without<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    let rest = text.get(prefix.len()..)?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Is this a licence of Creative Commons, or their waiver or mark of the public domain? The scheme is
/// left out by some.
fn creative_commons(url: &str) -> bool {
    let rest = without(url, "https://").or_else(|| without(url, "http://"));
    let rest = rest.unwrap_or(url);
    let host = without(rest, "www.").unwrap_or(rest);
    without(host, "creativecommons.org/").is_some_and(|path| {
        ["licenses/", "publicdomain/"]
            .iter()
            .any(|kind| without(path, kind).is_some_and(|name| !name.is_empty()))
    })
}

/// The licence of the work: an open one first, then that of the version of record.
pub(super) fn license<'a>(work: &Work<'a>) -> Option<Cow<'a, str>> {
    let best = licenses(work).min_by_key(|license| (!license.open, license.version));
    best.map(|license| license.url)
}

/// Which versions are under a Creative Commons licence.
#[derive(Clone, Copy)]
pub(super) struct Access {
    of_record: bool,
    accepted: bool,
}

impl Access {
    pub(super) fn of(work: &Work<'_>) -> Self {
        let mut access = Self {
            of_record: false,
            accepted: false,
        };
        // Most works have no open licence, and many have lists of others.
        let may = |raw: &str| raw.contains("ommons") || raw.contains("OMMONS");
        if !work.raw("license").is_some_and(may) {
            return access;
        }
        for license in licenses(work).filter(|license| license.open) {
            access.accepted = true;
            access.of_record |= license.version != Version::Accepted;
        }
        access
    }

    pub(super) fn is_open(self) -> bool {
        self.accepted
    }
}

/// A link to the full text as PDF that anybody may follow; the version of record if there is one.
pub(super) fn pdf<'a>(work: &Work<'a>, context: &Context<'_>) -> Option<Cow<'a, str>> {
    if !work.raw("link")?.contains("pdf") {
        return None;
    }
    let access = context.access(work);
    if !access.is_open() {
        return None;
    }
    let links = work.list("link").into_iter().filter_map(|link| {
        let version = Version::of(&link)?;
        let covered = match version {
            Version::OfRecord => access.of_record,
            Version::Accepted => access.accepted,
            Version::Unspecified => false,
        };
        let get = |key| link.get(key).and_then(json::string);
        let url = address(get("URL")?)?;
        let pdf = match get("content-type").as_deref() {
            Some("application/pdf") => true,
            Some("unspecified") => url.ends_with(".pdf"),
            _ => false,
        };
        let meant = get("intended-application").as_deref() != Some("similarity-checking");
        (covered && pdf && meant && is_public(&url)).then_some((version, url))
    });
    links
        .min_by_key(|(version, _)| *version)
        .map(|(_, url)| url)
}

/// Labels of hosts that serve machines, or a publisher's own tests.
const CLOSED_HOSTS: &[&str] = &[
    "api",
    "dev",
    "harvest",
    "qa",
    "stage",
    "staging",
    "syndication",
    "tdm",
    "test",
    "uat",
    "xml",
];

/// May anybody with a browser follow this? HTTPS, a public host by its name, no interface for
/// machines.
fn is_public(url: &str) -> bool {
    let Some(rest) = without(url, "https://") else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let top = host.rsplit('.').next().unwrap_or(host);
    // An address of numbers and a port have no such top, and `user@` is no part of a name.
    let named = top.len() < host.len()
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let closed = |label: &str| {
        CLOSED_HOSTS
            .iter()
            .any(|word| label.eq_ignore_ascii_case(word))
            || label.ends_with("staging")
    };
    named
        && top.len() > 1
        && !host.split(['.', '-']).any(closed)
        && !path.contains("/tdm/")
        && !path.contains("/api/")
}

/// A web address. Some are deposited with the entities of the page they were copied from.
pub(super) fn address(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let start = without(text.trim_start(), "http")?;
    if !(start.starts_with("://") || start.starts_with("s://") || start.starts_with("S://")) {
        return None;
    }
    let mut text = text;
    // What was escaped three times is rare, and a hostile work has ten thousand times.
    for _ in 0..3 {
        // A letter is looked for much faster than a word.
        if !text.contains('&') || !text.contains("&amp;") {
            break;
        }
        text = text.replace("&amp;", "&").into();
    }
    let bare = text.trim();
    // Letter by letter only if there are others than those of ordinary addresses.
    let ordinary = bare.bytes().all(|byte| byte.is_ascii_graphic());
    if !ordinary && bare.contains(char::is_whitespace) {
        return None;
    }
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(_) => Cow::Owned(bare.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Fact;
    use super::super::tests::{quoted_or_none, told};
    use crate::json;

    const BY: &str = "http://creativecommons.org/licenses/by/4.0/";

    fn licensed(url: &str, version: &str, start: &str) -> String {
        format!(
            r#"{{"URL":"{url}","content-version":"{version}","start":{{"date-parts":[[{start}]]}}}}"#
        )
    }

    fn licenses(each: &[String]) -> String {
        format!(
            r#""indexed":{{"date-parts":[[2023,3,2]]}},"license":[{}]"#,
            each.join(",")
        )
    }

    #[test]
    fn open_is_what_readers_may_have_now() {
        #[rustfmt::skip]
        let cases = [
            (BY, "vor", "2023,3,2", true),
            (BY, "vor", "2023,3,3", false),
            (BY, "am", "2023", true),
            (BY, "unspecified", "2020,1", true),
            (BY, "tdm", "2020,1", false),
            (BY, "stm-asf", "2020,1", false),
            ("HTTPS://WWW.CREATIVECOMMONS.ORG/licenses/by-nc/4.0", "vor", "2020", true),
            ("https://CreativeCommons.Org/licenses/by/4.0", "vor", "2020", true),
            ("https://creativecommons.org/publicdomain/zero/1.0/", "vor", "2020", true),
            ("https:\\/\\/creativecommons.org\\/licenses\\/by\\/4.0", "vor", "2020", true),
            ("creativecommons.org/licenses/by/4.0/", "vor", "2020", true),
            ("https://creativecommons.org/", "vor", "2020", false),
            ("https://x.edu/creativecommons.org/licenses/by/4.0/", "vor", "2020", false),
            ("https://creativecommons.org.x.edu/licenses/by/4.0/", "vor", "2020", false),
            ("http://www.elsevier.com/open-access/userlicense/1.0/", "vor", "2020", false),
            ("http://www.usa.gov/publicdomain/label/1.0/", "vor", "2020", false),
        ];
        for (url, version, start, open) in cases {
            let members = licenses(&[licensed(url, version, start)]);
            let expected = if open { "true" } else { "" };
            assert_eq!(told(Fact::IsOpenAccess, &members), expected, "{members}");
        }
        // 10.26686/wgtn.14176475: no start
        let members = format!(r#""license":[{{"URL":"{BY}","content-version":"unspecified"}}]"#);
        assert_eq!(told(Fact::IsOpenAccess, &members), "true");
        assert_eq!(told(Fact::IsOpenAccess, r#""license":[7,{"URL":7}]"#), "");
    }

    #[test]
    fn the_license_is_an_open_one_or_that_of_the_version_of_record() {
        let tdm = licensed(
            "https://www.elsevier.com/tdm/userlicense/1.0/",
            "tdm",
            "2020",
        );
        let asf = licensed("https://doi.org/10.15223/policy-017", "stm-asf", "2020");
        let am = licensed(
            "http://onlinelibrary.wiley.com/termsAndConditions#am",
            "am",
            "2020",
        );
        let vor = licensed(
            "http://onlinelibrary.wiley.com/termsAndConditions#vor",
            "vor",
            "2020",
        );
        let open = licensed(BY, "am", "2020");
        let later = licensed(BY, "vor", "2024");
        let told = |each: &[&String]| {
            let each: Vec<String> = each.iter().map(|one| (*one).clone()).collect();
            told(Fact::License, &licenses(&each))
        };
        // 10.1111/rec.12863 has all of Wiley's
        assert_eq!(
            told(&[&tdm, &am, &vor]),
            "\"http://onlinelibrary.wiley.com/termsAndConditions#vor\""
        );
        assert_eq!(told(&[&tdm, &vor, &open]), json::quote(BY));
        assert_eq!(
            told(&[&later, &am]),
            "\"http://onlinelibrary.wiley.com/termsAndConditions#am\""
        );
        // Neither says under which licence a reader has the work.
        assert_eq!(told(&[&tdm, &asf]), "");
        assert_eq!(told(&[]), "");
    }

    /// Each level once took a call and a copy, and sixteen thousand ended the program.
    #[test]
    fn an_address_that_is_escaped_again_and_again_is_read() {
        let url = format!("http://x.edu/?a&{}b", "amp;".repeat(100_000));
        let members = licenses(&[licensed(&url, "vor", "2020")]);
        let read = format!("http://x.edu/?a&{}b", "amp;".repeat(99_997));
        assert_eq!(told(Fact::License, &members), json::quote(&read));
        let members = licenses(&[licensed("http://x.edu/?a&amp;amp;amp;b", "vor", "2020")]);
        assert_eq!(told(Fact::License, &members), "\"http://x.edu/?a&b\"");
    }

    #[test]
    fn pdf_links_are_for_anybody_with_a_browser() {
        let pdf = |licensed_version: &str, links: &[[&str; 4]]| {
            let links = links.iter().map(|[url, content, version, meant]| {
                format!(
                    r#"{{"URL":"{url}","content-type":"{content}","content-version":"{version}","intended-application":"{meant}"}}"#
                )
            });
            let links = links.collect::<Vec<_>>().join(",");
            let licenses = licenses(&[licensed(BY, licensed_version, "2020")]);
            told(Fact::PdfUrl, &format!(r#"{licenses},"link":[{links}]"#))
        };
        const PDF: &str = "application/pdf";
        const MINE: &str = "text-mining";
        #[rustfmt::skip]
        let cases = [
            ("https://peerj.com/articles/10050.pdf", PDF, "vor", MINE, true),
            ("https://peerj.com/articles/10050.pdf", PDF, "vor", "similarity-checking", false),
            ("https://peerj.com/articles/10050.xml", "application/xml", "vor", MINE, false),
            ("https://peerj.com/articles/10050.pdf", PDF, "tdm", MINE, false),
            ("https://peerj.com/articles/10050.pdf", PDF, "unspecified", MINE, false),
            // 10.1107/s2052252523001318: the type is not said, but plain
            ("https://journals.iucr.org/m/issues/2023/02/00/cx5005/cx5005.pdf", "unspecified", "vor", MINE, true),
            ("https://dl.acm.org/doi/10.1145/3448016.3452841#pdf", "unspecified", "vor", MINE, false),
            ("https://www.jstage.jst.go.jp/article/johokanri/39/12/39_12_979/_pdf", PDF, "vor", MINE, true),
            ("http://downloads.hindawi.com/journals/jir/2003/745498.pdf", PDF, "vor", MINE, false),
            ("https://api.wiley.com/onlinelibrary/tdm/v1/articles/10.1111%2Fgeb.12517", PDF, "vor", MINE, false),
            ("https://api.rogue-scholar.org/posts/10.53731/avg2ykg-gdxppcd.pdf", PDF, "vor", MINE, false),
            ("https://onlinelibrary.wiley.com/tdm/10.1111/geb.12517", PDF, "vor", MINE, false),
            ("https://xplorestaging.ieee.org/ielx7/6287639/10005208/09802453.pdf", PDF, "vor", MINE, false),
            ("https://qa.x.edu/a.pdf", PDF, "vor", MINE, false),
            ("https://journals-stage.x.edu/a.pdf", PDF, "vor", MINE, false),
            ("https://localhost/bosque33013/index.php/cuaderlam/article/download/587/180", PDF, "vor", MINE, false),
            ("https://127.0.0.1/a.pdf", PDF, "vor", MINE, false),
            ("https://[::1]/a.pdf", PDF, "vor", MINE, false),
            ("https://x.edu:8443/a.pdf", PDF, "vor", MINE, false),
            ("https://user:secret@x.edu/a.pdf", PDF, "vor", MINE, false),
            ("https:///jama/article-pdf/321/22/2165.pdf", PDF, "vor", MINE, false),
            ("https://x.edu/a b.pdf", PDF, "vor", MINE, false),
            ("ftp://x.edu/a.pdf", PDF, "vor", MINE, false),
        ];
        for (url, content, version, meant, public) in cases {
            let told = pdf("vor", &[[url, content, version, meant]]);
            assert_eq!(told, quoted_or_none(if public { url } else { "" }), "{url}");
        }
        // 10.1093/ismejo/wraf105: the version of record is better than the accepted one.
        let accepted = ["https://x.edu/advance.pdf", PDF, "am", "syndication"];
        let of_record = ["https://x.edu/a?x=1&amp;y=2", PDF, "vor", "syndication"];
        assert_eq!(
            pdf("vor", &[accepted, of_record]),
            "\"https://x.edu/a?x=1&y=2\""
        );
        assert_eq!(
            pdf("unspecified", &[accepted]),
            "\"https://x.edu/advance.pdf\""
        );
        // If only the accepted version is open, the other is not.
        assert_eq!(
            pdf("am", &[of_record, accepted]),
            "\"https://x.edu/advance.pdf\""
        );
        assert_eq!(pdf("am", &[of_record]), "");
        assert_eq!(pdf("tdm", &[of_record]), "");
    }
}
