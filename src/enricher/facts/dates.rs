//! When a work was published.

use crate::work::{Date, Work};

/// A date of the work. One that is years ahead of the day on which Crossref last looked at the work
/// is a slip; books are announced a year or two before.
pub(super) fn known(work: &Work<'_>, key: &str) -> Option<Date> {
    let date = work.date(key)?;
    let ahead = work.indexed().is_some_and(|seen| date.year > seen.year + 2);
    (!ahead).then_some(date)
}

/// `issued`, made finer by the earlier of an online and a print date of the same month. The month of
/// a year is not guessed: what is printed in a year may be online in another month of it.
pub(in crate::enricher) fn publication_date(work: &Work<'_>) -> Option<Date> {
    let issued = known(work, "issued")?;
    if issued.day.is_some() || issued.month.is_none() {
        return Some(issued);
    }
    let finer = |key| {
        let same = |date: &Date| (date.year, date.month) == (issued.year, issued.month);
        known(work, key).filter(|date| date.day.is_some() && same(date))
    };
    let finer = [finer("published-online"), finer("published-print")];
    finer.into_iter().flatten().min().or(Some(issued))
}

pub(super) fn published(work: &Work<'_>) -> Option<Date> {
    ["issued", "published", "published-online", "published-print"]
        .iter()
        .find_map(|key| known(work, key))
}

/// An online date with a day, not more than a year after print (then it is the day on which an old
/// article was put online). Of print in an unknown month, the last one counts.
pub(super) fn epub_date(work: &Work<'_>) -> Option<Date> {
    let online = known(work, "published-online")?;
    online.day?;
    let months = |date: Date| i32::from(date.year) * 12 + i32::from(date.month.unwrap_or(12));
    let late = work
        .date("published-print")
        .is_some_and(|print| months(online) > months(print) + 12);
    (!late).then_some(online)
}

#[cfg(test)]
mod tests {
    use super::super::Fact;
    use super::super::tests::{quoted_or_none, told};
    use crate::json;

    #[test]
    fn dates_are_as_precise_as_known() {
        let parts = |fact, dates: &[(&str, &str)]| {
            let members = dates
                .iter()
                .map(|(key, parts)| format!(r#""{key}":{{"date-parts":{parts}}}"#));
            told(fact, &members.collect::<Vec<_>>().join(","))
        };
        let publication = |dates: &[(&str, &str)]| parts(Fact::PublicationDate, dates);
        for (issued, expected) in [
            ("[[2021,2,28]]", "2021-02-28"),
            ("[[2021,2,30]]", "2021-02"),
            ("[[2021,13,1]]", "2021"),
            ("[[2021]]", "2021"),
            ("[[0]]", ""),
            ("[[20211]]", ""),
            ("[[null]]", ""),
            ("[[]]", ""),
            ("[]", ""),
        ] {
            assert_eq!(publication(&[("issued", issued)]), quoted_or_none(expected));
        }
        for (issued, online, print, expected) in [
            // 10.1136/pgmj.2003.009332
            ("[[2004,6]]", "[[2004,6,10]]", "[[2004,6,10]]", "2004-06-10"),
            // 10.1093/ismejo/wraf105
            ("[[2025,1]]", "[[2025,5,22]]", "[[2025,1,2]]", "2025-01-02"),
            ("[[2025,1]]", "[[2025,1,22]]", "[[2025,1,2]]", "2025-01-02"),
            ("[[2025,1]]", "[[2025,1]]", "[[2025,2,2]]", "2025-01"),
            // 10.1007/978-1-4842-6700-4_3: in November is not when it was printed
            ("[[2020]]", "[[2020,11,13]]", "[[2020]]", "2020"),
            // 10.1515/zrgr-2021-0018
            (
                "[[2021,6,1]]",
                "[[2021,6,25]]",
                "[[2021,6,25]]",
                "2021-06-01",
            ),
        ] {
            let dates = [
                ("issued", issued),
                ("published-online", online),
                ("published-print", print),
            ];
            assert_eq!(publication(&dates), json::quote(expected), "{dates:?}");
        }
        // Announced for next year, and a slip.
        let seen = ("indexed", "[[2023,3,2]]");
        assert_eq!(publication(&[("issued", "[[2024]]"), seen]), "\"2024\"");
        assert_eq!(publication(&[("issued", "[[2203,1]]"), seen]), "");
        let published = [
            ("issued", "[[2203]]"),
            ("published-print", "[[2023,1]]"),
            seen,
        ];
        assert_eq!(parts(Fact::Published, &published), "\"2023-01\"");
        assert_eq!(parts(Fact::Published, &[("created", "[[2023,1,1]]")]), "");
        for (online, print, expected) in [
            ("[[2021,3,9]]", "[[2021,7]]", "2021-03-09"),
            ("[[2021,3]]", "[[2021,7]]", ""),
            // 10.1002/zaac.19271660112
            ("[[2004,11,17]]", "[[1927,9,21]]", ""),
            ("[[2012,3,8]]", "[[2011,3]]", "2012-03-08"),
            ("[[2012,4,8]]", "[[2011,3]]", ""),
            // 10.1007/978-3-030-02006-4_580-1
            ("[[2023,3,3]]", "[[2022]]", "2023-03-03"),
            ("[[2024,1,3]]", "[[2022]]", ""),
            ("[[2004,11,17]]", "[[null]]", "2004-11-17"),
        ] {
            let dates = [("published-online", online), ("published-print", print)];
            assert_eq!(
                parts(Fact::EPubDate, &dates),
                quoted_or_none(expected),
                "{dates:?}"
            );
        }
    }
}
