//! Down along a line or a power of it.

use super::{Schedule, at_least_one};
use crate::check::{not_negative, positive};
use tensor::Result;

/// (lr - end) · (1 - min(steps, decay_steps) / decay_steps)^power + end: MindSpore's
/// `PolynomialDecayLR`; a straight line for power 1. PyTorch's `PolynomialLR` has end 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolynomialDecayLr {
    start: f64,
    end: f64,
    decay_steps: u64,
    power: f64,
    update_decay_steps: bool,
}

impl PolynomialDecayLr {
    /// From `start` at the first step to `end` after `decay_steps`, and `end` from there on.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where a rate is negative or not finite, the
    /// power is not above 0, or there are no steps.
    pub fn new(start: f64, end: f64, decay_steps: u64, power: f64) -> Result<Self> {
        let op = "polynomial_decay_lr";
        not_negative(op, "learning rate", start)?;
        not_negative(op, "end learning rate", end)?;
        positive(op, "power", power)?;
        at_least_one(op, "decay_steps", decay_steps)?;
        Ok(PolynomialDecayLr { start, end, decay_steps, power, update_decay_steps: false })
    }

    /// Whether, each time that `end` is reached, the decay goes on as if it had been planned for
    /// another `decay_steps` steps: the rate jumps up, and takes one more `decay_steps` down to
    /// `end`. That is, decay_steps · max(⌈steps / decay_steps⌉, 1) takes the place of decay_steps.
    #[must_use]
    pub fn update_decay_steps(mut self, update: bool) -> Self {
        self.update_decay_steps = update;
        self
    }
}

impl Schedule for PolynomialDecayLr {
    fn at(&self, steps: u64) -> f64 {
        let (steps, decay_steps) = if self.update_decay_steps {
            (steps, self.decay_steps.saturating_mul(steps.div_ceil(self.decay_steps).max(1)))
        } else {
            (steps.min(self.decay_steps), self.decay_steps)
        };
        let done = steps as f64 / decay_steps as f64;
        (self.start - self.end) * (1.0 - done).powf(self.power) + self.end
    }
}
