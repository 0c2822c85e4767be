//! Repeating work until a time budget is spent.

use anyhow::Result;
use std::time::{Duration, Instant};

/// A sample lasts at least this long, so that reading the clock costs nothing beside it.
const SAMPLE: f64 = 50e-6;

/// What was measured, in seconds per call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, seconds: f64) {
        self.0.push(seconds);
    }

    pub(crate) fn extend(&mut self, other: Samples) {
        self.0.extend(other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// NaN without a sample.
    pub(crate) fn min(&self) -> f64 {
        self.0.iter().copied().reduce(f64::min).unwrap_or(f64::NAN)
    }

    /// The middle sample, or the mean of the two in the middle; NaN without a sample.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        match (sorted.len(), sorted.len() / 2) {
            (0, _) => f64::NAN,
            (len, middle) if len % 2 == 1 => sorted[middle],
            (_, middle) => f64::midpoint(sorted[middle - 1], sorted[middle]),
        }
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(seconds: I) -> Self {
        Samples(seconds.into_iter().collect())
    }
}

/// Calls `work` for as long as `budget`, at least three times after a warm-up.
pub(crate) fn repeat(budget: Duration, work: &mut dyn FnMut() -> Result<()>) -> Result<Samples> {
    let start = Instant::now();
    work()?;
    // The first call may have met cold caches; the second tells how many calls make a sample.
    let second = Instant::now();
    work()?;
    let calls = (SAMPLE / second.elapsed().as_secs_f64().max(1e-9)).ceil().max(1.0) as u32;
    let mut samples = Samples::default();
    while samples.len() < 3 || start.elapsed() < budget {
        let sample = Instant::now();
        for _ in 0..calls {
            work()?;
        }
        samples.push(sample.elapsed().as_secs_f64() / f64::from(calls));
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_minima() {
        let of = |samples: &[f64]| -> Samples { samples.iter().copied().collect() };
        assert_eq!((of(&[3.0, 1.0, 2.0]).median(), of(&[3.0, 1.0, 2.0]).min()), (2.0, 1.0));
        assert_eq!(of(&[4.0, 1.0, 2.0, 3.0]).median(), 2.5);
        assert!(of(&[]).median().is_nan() && of(&[]).min().is_nan());
    }

    #[test]
    fn short_work_is_repeated_within_a_sample() {
        let mut calls = 0;
        let samples = repeat(Duration::from_millis(5), &mut || {
            calls += 1;
            Ok(())
        });
        let samples = samples.unwrap();
        assert!(samples.len() >= 3 && calls > 10 * samples.len(), "{calls} in {}", samples.len());
        assert!(samples.min() < 1e-5);
    }

    #[test]
    fn failing_work_ends_the_measurement() {
        assert!(repeat(Duration::MAX, &mut || anyhow::bail!("no")).is_err());
    }
}
