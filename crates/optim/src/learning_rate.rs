//! Learning rates: a number, or a function of the step.

use crate::check::check_number;
use std::fmt::Debug;
use tensor::{Error, Result};

/// A learning rate as a function of the number of steps taken: 0 for the first.
pub trait Schedule: Debug + Send + Sync {
    /// The rate of the step after `steps` steps.
    fn at(&self, steps: u64) -> f64;
}

/// What an optimizer takes: a number or a [`Schedule`].
#[derive(Debug)]
pub struct LearningRate(Box<dyn Schedule>);

impl LearningRate {
    /// The rate of the step after `steps` steps.
    pub fn at(&self, steps: u64) -> f64 {
        self.0.at(steps)
    }
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> Self {
        LearningRate(Box::new(ConstantLr(rate)))
    }
}

impl<S: Schedule + 'static> From<S> for LearningRate {
    fn from(schedule: S) -> Self {
        LearningRate(Box::new(schedule))
    }
}

/// The same rate at every step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantLr(
    /// The rate.
    pub f64,
);

impl Schedule for ConstantLr {
    fn at(&self, _: u64) -> f64 {
        self.0
    }
}

/// min + (max - min)/2 · (1 + cos(π · min(steps, decay_steps) / decay_steps)):
/// MindSpore's `CosineDecayLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineDecayLr {
    min: f64,
    max: f64,
    decay_steps: u64,
}

impl CosineDecayLr {
    /// From `max` at the first step down to `min` after `decay_steps`, and `min` from there on.
    ///
    /// # Errors
    /// [`Error::Argument`] where a rate is negative or not finite, `min` is not below `max`, or
    /// there are no steps to decay over.
    pub fn new(min: f64, max: f64, decay_steps: u64) -> Result<Self> {
        let op = "cosine_decay_lr";
        check_number(op, "min_lr", min, 0.0, f64::INFINITY)?;
        check_number(op, "max_lr", max, 0.0, f64::INFINITY)?;
        if min >= max {
            return Err(Error::argument(op, "max_lr", max, format!("more than min_lr, {min}")));
        }
        check_steps(op, decay_steps)?;
        Ok(CosineDecayLr { min, max, decay_steps })
    }
}

impl Schedule for CosineDecayLr {
    fn at(&self, steps: u64) -> f64 {
        let done = steps.min(self.decay_steps) as f64 / self.decay_steps as f64;
        self.min + 0.5 * (self.max - self.min) * (1.0 + (std::f64::consts::PI * done).cos())
    }
}

/// (lr - end) · (1 - min(steps, decay_steps) / decay_steps)^power + end: MindSpore's
/// `PolynomialDecayLR`; a straight line for power 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolynomialDecayLr {
    start: f64,
    end: f64,
    decay_steps: u64,
    power: f64,
}

impl PolynomialDecayLr {
    /// From `start` at the first step to `end` after `decay_steps`, and `end` from there on.
    ///
    /// # Errors
    /// [`Error::Argument`] where a number is negative or not finite, or there are no steps.
    pub fn new(start: f64, end: f64, decay_steps: u64, power: f64) -> Result<Self> {
        let op = "polynomial_decay_lr";
        for (name, value) in
            [("learning rate", start), ("end learning rate", end), ("power", power)]
        {
            check_number(op, name, value, 0.0, f64::INFINITY)?;
        }
        check_steps(op, decay_steps)?;
        Ok(PolynomialDecayLr { start, end, decay_steps, power })
    }
}

impl Schedule for PolynomialDecayLr {
    fn at(&self, steps: u64) -> f64 {
        let done = steps.min(self.decay_steps) as f64 / self.decay_steps as f64;
        (self.start - self.end) * (1.0 - done).powf(self.power) + self.end
    }
}

fn check_steps(op: &'static str, decay_steps: u64) -> Result<()> {
    if decay_steps == 0 {
        return Err(Error::argument(op, "decay_steps", 0, "at least 1"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(schedule: &dyn Schedule, expected: &[(u64, f64)]) {
        for &(steps, rate) in expected {
            assert!((schedule.at(steps) - rate).abs() < 1e-15, "{schedule:?} at {steps}");
        }
    }

    #[test]
    fn schedules_meet_their_formulas() {
        close(&ConstantLr(0.1), &[(0, 0.1), (1_000_000, 0.1)]);
        let half = 0.01 + 0.5 * 0.09;
        let cosine = CosineDecayLr::new(0.01, 0.1, 100).unwrap();
        close(&cosine, &[(0, 0.1), (50, half), (100, 0.01), (500, 0.01)]);
        let line = PolynomialDecayLr::new(0.1, 0.02, 10, 1.0).unwrap();
        close(&line, &[(0, 0.1), (5, 0.06), (10, 0.02), (11, 0.02)]);
        let square = PolynomialDecayLr::new(0.1, 0.02, 10, 2.0).unwrap();
        close(&square, &[(5, 0.04), (10, 0.02)]);
    }

    #[test]
    fn bad_arguments_are_named() {
        let cosine = |min, max, steps| CosineDecayLr::new(min, max, steps).unwrap_err().to_string();
        assert_eq!(
            cosine(f64::NAN, 0.1, 1),
            "cosine_decay_lr: min_lr is NaN, expected a finite number, at least 0"
        );
        assert_eq!(
            cosine(0.1, 0.1, 1),
            "cosine_decay_lr: max_lr is 0.1, expected more than min_lr, 0.1"
        );
        assert_eq!(cosine(0.0, 0.1, 0), "cosine_decay_lr: decay_steps is 0, expected at least 1");
    }
}
