//! Whether to ask again, and when.

use std::time::{Duration, SystemTime};

use super::client::Failure;

/// What to do after an answer that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Ask again; not before this time has passed, if the server said so.
    Retry(Option<Duration>),
    /// Something in this request is at fault: ask for less at once.
    Split,
    /// This request is refused for good.
    Refused,
    /// The answer is larger than any answer may be.
    TooLarge,
    /// Nobody may ask any more.
    Stop,
}

/// A server's own wish to wait is obeyed up to here.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// The retry matrix.
pub(crate) fn verdict(failure: &Failure) -> Verdict {
    match failure {
        Failure::Connect(_) | Failure::Timeout | Failure::Broken(_) | Failure::Body(_) => {
            Verdict::Retry(None)
        }
        Failure::TooLarge => Verdict::TooLarge,
        Failure::Status {
            code, retry_after, ..
        } => match code {
            401 | 403 => Verdict::Stop,
            400 | 413 | 414 => Verdict::Split,
            408 | 425 | 429 | 500 | 502..=599 => Verdict::Retry(*retry_after),
            _ => Verdict::Refused,
        },
    }
}

/// `Retry-After` in seconds or as an HTTP date, capped.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).unwrap_or(if seconds > 0.0 {
            MAX_WAIT
        } else {
            Duration::ZERO
        }),
        Err(_) => {
            let at = httpdate::parse_http_date(value).ok()?;
            at.duration_since(now).unwrap_or_default()
        }
    };
    Some(wait.min(MAX_WAIT))
}

/// Half a second doubling to a minute, with full jitter so that tasks that failed together do not
/// come back together; ten tries in all.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    tries: u32,
}

impl Backoff {
    const TRIES: u32 = 10;
    const FIRST: f64 = 0.5;
    const LONGEST: f64 = 60.0;

    /// How often it was asked so far.
    pub(crate) fn tries(&self) -> u32 {
        self.tries
    }

    /// How long to wait after one more failure; `None`: give up.
    pub(crate) fn next(&mut self, asked_for: Option<Duration>) -> Option<Duration> {
        self.tries += 1;
        if self.tries >= Self::TRIES {
            return None;
        }
        let ceiling = Self::ceiling(self.tries);
        let own = Duration::from_secs_f64(ceiling * fastrand::f64());
        Some(asked_for.map_or(own, |wait| wait.max(own)))
    }

    fn ceiling(failures: u32) -> f64 {
        let doublings = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
        (Self::FIRST * 2_f64.powi(doublings)).min(Self::LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix() {
        let status = |code| {
            verdict(&Failure::Status {
                code,
                retry_after: Some(Duration::from_secs(3)),
                said: String::new(),
            })
        };
        let waits = Verdict::Retry(Some(Duration::from_secs(3)));
        for (codes, expected) in [
            (&[408, 425, 429, 500, 502, 503, 504, 520][..], waits),
            (&[400, 413, 414][..], Verdict::Split),
            (&[401, 403][..], Verdict::Stop),
            (&[405, 410, 451, 501, 302][..], Verdict::Refused),
        ] {
            for code in codes {
                assert_eq!(status(*code), expected, "{code}");
            }
        }
        for failure in [
            Failure::Connect("refused".into()),
            Failure::Timeout,
            Failure::Broken("reset".into()),
            Failure::Body("HTML".into()),
        ] {
            assert_eq!(verdict(&failure), Verdict::Retry(None), "{failure:?}");
        }
        assert_eq!(verdict(&Failure::TooLarge), Verdict::TooLarge);
    }

    #[test]
    fn retry_after_in_both_forms_and_capped() {
        let now = httpdate::parse_http_date("Tue, 24 Nov 2026 12:00:00 GMT").unwrap();
        let read = |value| retry_after(value, now).map(|wait| wait.as_millis());
        assert_eq!(read("7"), Some(7_000));
        assert_eq!(read(" 0.5 "), Some(500));
        assert_eq!(read("Tue, 24 Nov 2026 12:00:30 GMT"), Some(30_000));
        assert_eq!(read("Tue, 24 Nov 2026 11:00:00 GMT"), Some(0));
        assert_eq!(read("1e30"), Some(300_000));
        assert_eq!(read("-5"), Some(0));
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn ten_tries_with_growing_waits() {
        let mut backoff = Backoff::default();
        for _ in 0..9 {
            let wait = backoff.next(None).unwrap().as_secs_f64();
            assert!(wait <= Backoff::ceiling(backoff.tries()));
        }
        assert_eq!(backoff.next(None), None);
        assert_eq!(Backoff::ceiling(1), 0.5);
        assert_eq!(Backoff::ceiling(4), 4.0);
        assert_eq!(Backoff::ceiling(30), 60.0);
        let long = Duration::from_secs(90);
        assert_eq!(Backoff::default().next(Some(long)), Some(long));
    }
}
