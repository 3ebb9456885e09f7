//! Whether to ask again, and when.

use std::time::{Duration, SystemTime};

use super::failure::Failure;

/// What to do after an answer that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Ask again.
    Retry,
    /// Ask again, and nobody asks this host anything before (so long, if the server said so).
    Pause(Option<RetryAfter>),
    /// Nobody is there: wait until somebody is.
    Gone,
    /// Ask again, but not often: it may well stay so.
    Doubt,
    /// Something in this request is at fault: ask for less at once.
    Split,
    /// The same, and it is its length.
    Shorter,
    /// This request is refused for good.
    Refused,
    /// The answer is larger than any answer may be.
    TooLarge,
    /// Nobody may ask any more.
    Stop,
}

/// The retry matrix: what each [`Failure`] leads to.
///
/// 429 means to slow down, 403 a manual block that is not to be asked again (Crossref, "Access and
/// authentication"); 5xx come from the load balancer or the backend under load and pass.
pub(crate) fn verdict(failure: &Failure) -> Verdict {
    match failure {
        Failure::Connect(..) => Verdict::Gone,
        Failure::Timeout
        | Failure::Reset(_)
        | Failure::Cut(_)
        | Failure::Packing(_)
        | Failure::Json(_)
        | Failure::Html
        | Failure::Empty
        | Failure::Shape(_) => Verdict::Retry,
        Failure::Foreign => Verdict::Doubt,
        Failure::TooLarge => Verdict::TooLarge,
        Failure::Status {
            code, retry_after, ..
        } => match code {
            429 => Verdict::Pause(*retry_after),
            501 => Verdict::Refused,
            408 | 425 | 500..=599 => match retry_after {
                Some(_) => Verdict::Pause(*retry_after),
                None => Verdict::Retry,
            },
            400 | 413 => Verdict::Split,
            414 => Verdict::Shorter,
            401 | 403 => Verdict::Stop,
            // Success without what was asked for.
            200..=299 => Verdict::Retry,
            _ => Verdict::Refused,
        },
    }
}

/// A server's wish to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryAfter {
    /// How long we wait.
    pub(crate) wait: Duration,
    /// It wished for longer than anybody waits.
    pub(crate) capped: bool,
}

impl RetryAfter {
    /// A wish is obeyed up to here.
    pub(crate) const LONGEST: Duration = Duration::from_secs(300);

    /// Reads a `Retry-After` (RFC 9110, 10.2.3): seconds, or an HTTP date. What is neither is no
    /// wish.
    pub(crate) fn parse(value: &str, now: SystemTime) -> Option<Self> {
        let value = value.trim();
        let asked = match value.parse::<f64>() {
            Ok(seconds) if seconds.is_nan() => return None,
            Ok(seconds) => Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX),
            Err(_) => {
                let at = httpdate::parse_http_date(value).ok()?;
                at.duration_since(now).unwrap_or_default()
            }
        };
        Some(Self {
            wait: asked.min(Self::LONGEST),
            capped: asked > Self::LONGEST,
        })
    }
}

/// The tries that one request has, whatever it fails by and into whatever parts it is cut: ten. (In an
/// outage it is not asked, and what was under way then is no try.) Between them
/// half a second doubling to a minute, with full jitter, so that what failed together does not come
/// back together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tries {
    done: u32,
    doubts: u32,
    timeouts: u32,
}

/// A random number from 0 to 1, or not so random in a test.
pub(crate) type Jitter = fn() -> f64;

impl Tries {
    pub(crate) const MOST: u32 = 10;
    /// A list has no more, if it is the only thing that fails.
    pub(crate) const MOST_OF_A_LIST: u32 = 5;
    /// Whatever a DOI's lists have used up, it has so many by itself.
    const LEAST_OF_A_SINGLE: u32 = 3;
    const MOST_DOUBTS: u32 = 3;
    const FIRST: f64 = 0.5;
    const LONGEST: f64 = 60.0;

    /// How often it was asked so far.
    pub(crate) fn done(&self) -> u32 {
        self.done
    }

    /// Notes a timeout. Is it time to ask for less? The first one may be chance.
    pub(crate) fn timed_out(&mut self) -> bool {
        self.timeouts += 1;
        self.timeouts >= 2
    }

    /// What is left for a DOI that was tried in lists.
    pub(crate) fn singly(&self) -> Self {
        Self {
            done: self.done.min(Self::MOST - Self::LEAST_OF_A_SINGLE),
            ..Self::default()
        }
    }

    /// How long to wait after one more failure; `None`: that were `most`, give up. A part of what was
    /// given up already is tried once, which does not count.
    pub(crate) fn failed(
        &mut self,
        most: u32,
        verdict: Verdict,
        jitter: Jitter,
    ) -> Option<Duration> {
        if self.done >= most {
            return None;
        }
        self.done += 1;
        self.doubts += u32::from(verdict == Verdict::Doubt);
        if self.done >= most || self.doubts >= Self::MOST_DOUBTS {
            return None;
        }
        Some(backoff(self.done, jitter))
    }
}

/// The wait after so many failures.
pub(crate) fn backoff(failures: u32, jitter: Jitter) -> Duration {
    Duration::from_secs_f64(ceiling(failures) * jitter())
}

fn ceiling(failures: u32) -> f64 {
    let doublings = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
    (Tries::FIRST * 2_f64.powi(doublings)).min(Tries::LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crossref::failure::Stage;

    const WISH: RetryAfter = RetryAfter {
        wait: Duration::from_secs(3),
        capped: false,
    };

    fn status(code: u16, retry_after: Option<RetryAfter>) -> Failure {
        Failure::Status {
            code,
            retry_after,
            said: String::new(),
        }
    }

    #[test]
    fn the_matrix_row_by_row() {
        let rows = [
            (Failure::Connect(Stage::Dns, "x".into()), Verdict::Gone),
            (Failure::Connect(Stage::Tcp, "x".into()), Verdict::Gone),
            (Failure::Connect(Stage::Tls, "x".into()), Verdict::Gone),
            (Failure::Timeout, Verdict::Retry),
            (Failure::Reset("x".into()), Verdict::Retry),
            (Failure::Cut("x".into()), Verdict::Retry),
            (Failure::Packing("x".into()), Verdict::Retry),
            (Failure::Json("x".into()), Verdict::Retry),
            (Failure::Html, Verdict::Retry),
            (Failure::Empty, Verdict::Retry),
            (Failure::Shape("x".into()), Verdict::Retry),
            (Failure::Foreign, Verdict::Doubt),
            (Failure::TooLarge, Verdict::TooLarge),
            (status(204, None), Verdict::Retry),
            (status(301, None), Verdict::Refused),
            (status(302, None), Verdict::Refused),
            (status(304, None), Verdict::Refused),
            (status(307, None), Verdict::Refused),
            (status(308, None), Verdict::Refused),
            (status(400, None), Verdict::Split),
            (status(401, None), Verdict::Stop),
            (status(403, None), Verdict::Stop),
            (status(404, None), Verdict::Refused),
            (status(405, None), Verdict::Refused),
            (status(408, None), Verdict::Retry),
            (status(408, Some(WISH)), Verdict::Pause(Some(WISH))),
            (status(410, None), Verdict::Refused),
            (status(413, None), Verdict::Split),
            (status(414, None), Verdict::Shorter),
            (status(425, None), Verdict::Retry),
            (status(429, None), Verdict::Pause(None)),
            (status(429, Some(WISH)), Verdict::Pause(Some(WISH))),
            (status(451, None), Verdict::Refused),
            (status(500, None), Verdict::Retry),
            (status(501, None), Verdict::Refused),
            (status(502, None), Verdict::Retry),
            (status(503, None), Verdict::Retry),
            (status(503, Some(WISH)), Verdict::Pause(Some(WISH))),
            (status(504, None), Verdict::Retry),
            (status(520, None), Verdict::Retry),
            (status(999, None), Verdict::Refused),
        ];
        for (failure, expected) in rows {
            assert_eq!(verdict(&failure), expected, "{failure:?}");
        }
    }

    #[test]
    fn retry_after_in_both_forms_and_capped() {
        let now = httpdate::parse_http_date("Tue, 24 Nov 2026 12:00:00 GMT").unwrap();
        let read = |value| {
            RetryAfter::parse(value, now).map(|asked| (asked.wait.as_millis(), asked.capped))
        };
        assert_eq!(read("7"), Some((7_000, false)));
        assert_eq!(read(" 0.5 "), Some((500, false)));
        assert_eq!(read("300"), Some((300_000, false)));
        assert_eq!(read("301"), Some((300_000, true)));
        assert_eq!(read("Tue, 24 Nov 2026 12:00:30 GMT"), Some((30_000, false)));
        assert_eq!(read("Tue, 24 Nov 2026 11:00:00 GMT"), Some((0, false)));
        assert_eq!(read("Tue, 24 Nov 2099 11:00:00 GMT"), Some((300_000, true)));
        assert_eq!(read("1e30"), Some((300_000, true)));
        assert_eq!(read("inf"), Some((300_000, true)));
        assert_eq!(read("-5"), Some((0, false)));
        assert_eq!(read("NaN"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn ten_tries_with_growing_waits() {
        let mut tries = Tries::default();
        let most = || 1.0;
        let all = Tries::MOST;
        let waits: Vec<u128> = std::iter::from_fn(|| tries.failed(all, Verdict::Retry, most))
            .map(|wait| wait.as_millis())
            .collect();
        let expected = [
            500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
        ];
        assert_eq!(waits, expected);
        assert_eq!(tries.failed(all, Verdict::Retry, most), None);
        assert_eq!(tries.done(), 10, "that was a part");
        let mut single = tries.singly();
        let waits = std::iter::from_fn(|| single.failed(all, Verdict::Retry, most));
        assert_eq!(waits.count(), 2);
        assert_eq!(backoff(3, || 0.25), Duration::from_millis(500));
    }

    #[test]
    fn what_may_well_stay_so_is_asked_three_times() {
        let mut tries = Tries::default();
        assert!(tries.failed(Tries::MOST, Verdict::Doubt, || 0.0).is_some());
        assert!(tries.failed(Tries::MOST, Verdict::Retry, || 0.0).is_some());
        assert!(tries.failed(Tries::MOST, Verdict::Doubt, || 0.0).is_some());
        assert!(tries.failed(Tries::MOST, Verdict::Doubt, || 0.0).is_none());
    }

    #[test]
    fn the_second_timeout_is_no_chance() {
        let mut tries = Tries::default();
        assert!(!tries.timed_out());
        assert!(tries.timed_out());
        assert!(tries.clone().timed_out(), "a half has what the whole had");
    }
}
