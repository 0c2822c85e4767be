//! Down along half a cosine.

use super::{Schedule, at_least_one};
use crate::check::not_negative;
use std::f64::consts::PI;
use tensor::{Error, Result};

/// min + (max - min)/2 · (1 + cos(π · min(steps, decay_steps) / decay_steps)): MindSpore's
/// `CosineDecayLR`; PyTorch's `CosineAnnealingLR`, which rises again after `decay_steps`.
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
        not_negative(op, "min_lr", min)?;
        not_negative(op, "max_lr", max)?;
        if min >= max {
            return Err(Error::argument(op, "max_lr", max, format!("more than min_lr, {min}")));
        }
        at_least_one(op, "decay_steps", decay_steps)?;
        Ok(CosineDecayLr { min, max, decay_steps })
    }
}

impl Schedule for CosineDecayLr {
    fn at(&self, steps: u64) -> f64 {
        let done = steps.min(self.decay_steps) as f64 / self.decay_steps as f64;
        self.min + 0.5 * (self.max - self.min) * (1.0 + (PI * done).cos())
    }
}
