//! How a run went over time, as shapes: what was done in a second, who waited, when nobody was asked.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use crate::report::Sample;
use crate::text::grouped;

/// Shapes are so wide and so high; the page stretches them.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;
/// Steps at most.
const STEPS: usize = 120;
/// Fewer samples than this show nothing that the figures don't.
const FEWEST: usize = 3;

/// What is counted in a sample.
type Number = fn(&Sample) -> u64;

/// What is drawn.
#[derive(Debug, Serialize)]
pub(super) struct Charts {
    pub(super) charts: Vec<Chart>,
    /// When nobody was asked: from where, how wide.
    pauses: Vec<[String; 2]>,
    /// Start, middle and end of the run.
    times: [String; 3],
}

/// One shape.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    name: &'static str,
    /// In words.
    told: String,
    /// What its upper edge stands for.
    top: String,
    /// The outline of the area below it, as SVG has it.
    path: String,
}

impl Charts {
    /// Of `samples`; none if there is not enough to see.
    pub(super) fn of(samples: &[Sample]) -> Option<Self> {
        let samples = in_order(samples);
        let (first, last) = (samples.first()?, samples.last()?);
        let span = last.at - first.at;
        if samples.len() < FEWEST || span <= 0.0 {
            return None;
        }
        let x = |at: f64| (at - first.at) / span * WIDTH;
        let rates: [(&'static str, Number); 3] = [
            ("Records a second", |sample| sample.records),
            ("DOIs answered a second", |sample| sample.answered),
            ("Requests a second", |sample| sample.requests),
        ];
        let mut charts: Vec<Chart> = rates
            .into_iter()
            .filter_map(|(name, number)| rate(name, &samples, number))
            .collect();
        charts.extend(waiting(&samples, x));
        let pauses = pauses(&samples).into_iter();
        let pauses = pauses.map(|[from, to]| [short(x(from)), short(x(to) - x(from))]);
        let time = |part: f64| told_seconds(first.at + span * part);
        Some(Self {
            charts,
            pauses: pauses.collect(),
            times: [time(0.0), time(0.5), time(1.0)],
        })
    }
}

/// Those whose time goes forward.
fn in_order(samples: &[Sample]) -> Vec<&Sample> {
    let mut forward: Vec<&Sample> = Vec::new();
    for sample in samples {
        if forward.last().is_none_or(|last| sample.at > last.at) {
            forward.push(sample);
        }
    }
    forward
}

/// From when to when nobody was asked: a sample tells of the time since the one before it.
fn pauses(samples: &[&Sample]) -> Vec<[f64; 2]> {
    let mut pauses: Vec<[f64; 2]> = Vec::new();
    for (before, now) in samples.iter().zip(samples.iter().skip(1)) {
        match pauses.last_mut() {
            _ if !now.paused => {}
            Some([_, end]) if *end == before.at => *end = now.at,
            _ => pauses.push([before.at, now.at]),
        }
    }
    pauses
}

/// What was done in a second, in steps of the same width: samples lie as they happened to be taken.
fn rate(name: &'static str, samples: &[&Sample], number: Number) -> Option<Chart> {
    let (first, last) = (samples.first()?, samples.last()?);
    let steps = (samples.len() - 1).min(STEPS);
    let wide = (last.at - first.at) / steps as f64;
    let at = |step: usize| between(samples, number, first.at + wide * step as f64);
    let rates: Vec<f64> = (0..steps)
        .map(|step| (at(step + 1) - at(step)).max(0.0) / wide)
        .collect();
    let most = rates.iter().copied().fold(0.0, f64::max);
    let top = edge(most)?;
    let mut path = format!("M0 {HEIGHT}");
    for (step, rate) in rates.iter().enumerate() {
        let (from, to) = (step as f64, (step + 1) as f64);
        let (from, to) = (from * WIDTH / steps as f64, to * WIDTH / steps as f64);
        let y = short(HEIGHT - rate / top * HEIGHT);
        // Writing into a text can't fail.
        let _ = write!(path, "L{} {y}L{} {y}", short(from), short(to));
    }
    let _ = write!(path, "L{WIDTH} {HEIGHT}Z");
    let whole = number(last).saturating_sub(number(first)) as f64 / (last.at - first.at);
    Some(Chart {
        name,
        told: format!("{} on average, {} at most", plain(whole), plain(most)),
        top: plain(top),
        path,
    })
}

/// How many DOIs waited for an answer.
fn waiting(samples: &[&Sample], x: impl Fn(f64) -> f64) -> Option<Chart> {
    let most = samples.iter().map(|sample| sample.waiting).max()?;
    let top = edge(most as f64)?;
    let mut path = format!("M0 {HEIGHT}");
    for sample in samples {
        let y = HEIGHT - sample.waiting as f64 / top * HEIGHT;
        let _ = write!(path, "L{} {}", short(x(sample.at)), short(y));
    }
    let _ = write!(path, "L{WIDTH} {HEIGHT}Z");
    Some(Chart {
        name: "DOIs waiting for an answer",
        told: format!("{} at most", grouped(most)),
        top: plain(top),
        path,
    })
}

/// The number at a time, as if it had grown evenly between samples.
fn between(samples: &[&Sample], number: Number, at: f64) -> f64 {
    let next = samples.partition_point(|sample| sample.at < at);
    let after = samples.get(next).or(samples.last());
    let before = samples.get(next.saturating_sub(1)).or(after);
    let (Some(before), Some(after)) = (before, after) else {
        return 0.0;
    };
    let (low, high) = (number(before) as f64, number(after) as f64);
    match after.at > before.at {
        true => low + (high - low) * ((at - before.at) / (after.at - before.at)).clamp(0.0, 1.0),
        false => high,
    }
}

/// A round number not below `most`; none if there is nothing to draw.
fn edge(most: f64) -> Option<f64> {
    if most <= 0.0 || !most.is_finite() {
        return None;
    }
    let unit = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];
    let edge = steps
        .into_iter()
        .map(|step| step * unit)
        .find(|edge| *edge >= most * 0.999);
    Some(edge.unwrap_or(10.0 * unit))
}

fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A number of no more digits than say something.
fn plain(number: f64) -> String {
    match number {
        _ if number >= 10.0 || number == 0.0 => grouped(number.round() as u64),
        _ if number >= 0.1 => short(number),
        _ => format!("{number:.3}"),
    }
}

/// A time as a person says it.
pub(super) fn told_seconds(seconds: f64) -> String {
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if seconds >= 60.0 => {
            humantime::format_duration(Duration::from_secs(time.as_secs())).to_string()
        }
        Ok(_) if seconds >= 10.0 || seconds == 0.0 => format!("{seconds:.0} s"),
        Ok(_) if seconds >= 0.95 => format!("{seconds:.1} s"),
        Ok(_) => format!("{:.0} ms", (seconds * 1000.0).ceil()),
        Err(_) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: f64, records: u64) -> Sample {
        Sample {
            at,
            records,
            ..Sample::default()
        }
    }

    #[test]
    fn too_little_is_not_drawn() {
        assert!(Charts::of(&[]).is_none());
        assert!(Charts::of(&[sample(0.0, 0)]).is_none());
        assert!(Charts::of(&[sample(0.0, 0), sample(0.1, 9)]).is_none());
        assert!(Charts::of(&[sample(1.0, 0), sample(1.0, 5), sample(0.5, 9)]).is_none());
    }

    #[test]
    fn rates_are_of_even_steps_whenever_the_samples_were_taken() {
        // 10 a second for 10 s, with one sample hard behind another.
        let samples = [(0.0, 0), (2.0, 20), (5.0, 50), (5.001, 50), (10.0, 100)];
        let samples = samples.map(|(at, records)| sample(at, records));
        let charts = Charts::of(&samples).unwrap().charts;
        assert_eq!(charts.len(), 1, "what never happened is not drawn");
        assert_eq!(charts[0].told, "10 on average, 10 at most");
        assert_eq!(charts[0].top, "10");
        assert!(
            charts[0].path.starts_with("M0 100L0 0"),
            "{}",
            charts[0].path
        );
    }

    #[test]
    fn hundreds_of_samples_and_pauses() {
        let mut samples: Vec<Sample> = (0..1_000).map(|n| sample(f64::from(n), 3)).collect();
        samples[500].paused = true;
        samples[501].paused = true;
        samples[999].waiting = 1_234;
        let charts = Charts::of(&samples).unwrap();
        assert_eq!(charts.pauses, [["499.5", "2"].map(str::to_owned)]);
        assert_eq!(
            charts.times,
            ["0 s", "8m 19s", "16m 39s"].map(str::to_owned)
        );
        assert_eq!(charts.charts[0].told, "1,234 at most");
        assert_eq!(charts.charts[0].top, "1,500");
    }
}
