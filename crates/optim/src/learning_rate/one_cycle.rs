//! Up, and down to almost nothing.

use super::{Schedule, at_least_one};
use crate::check::positive;
use std::f64::consts::PI;
use tensor::{Error, Result};

/// Smith and Topin's one-cycle policy (*Super-Convergence*, 2018), as PyTorch's `OneCycleLR` has it:
/// from max / 25 up to `max` along half a cosine in three tenths of the steps, and down to
/// max / 250,000 in the rest.
///
/// PyTorch also moves the momentum against the rate unless told `cycle_momentum=False`; this does
/// not, and it stays at the last rate after `total_steps`, where PyTorch reports an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycleLr {
    max: f64,
    total_steps: u64,
    rising: f64,
    div_factor: f64,
    final_div_factor: f64,
}

const OP: &str = "one_cycle_lr";

impl OneCycleLr {
    /// With the highest rate, and the number of steps of the whole training.
    ///
    /// # Errors
    /// [`Error::Argument`] where the rate is not a finite number above 0, or there are no steps.
    pub fn new(max_lr: f64, total_steps: u64) -> Result<Self> {
        positive(OP, "max_lr", max_lr)?;
        at_least_one(OP, "total_steps", total_steps)?;
        let (rising, div_factor, final_div_factor) = (0.3, 25.0, 1e4);
        Ok(OneCycleLr { max: max_lr, total_steps, rising, div_factor, final_div_factor })
    }

    /// The share of the steps in which the rate rises: PyTorch's `pct_start`.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is not more than 0 and less than 1.
    pub fn rising(mut self, share: f64) -> Result<Self> {
        if !(share > 0.0 && share < 1.0) {
            return Err(Error::argument(OP, "rising", share, "a number between 0 and 1"));
        }
        self.rising = share;
        Ok(self)
    }

    /// The highest rate by the first.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is not a finite number above 0.
    pub fn div_factor(mut self, factor: f64) -> Result<Self> {
        positive(OP, "div_factor", factor)?;
        self.div_factor = factor;
        Ok(self)
    }

    /// The first rate by the last.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is not a finite number above 0.
    pub fn final_div_factor(mut self, factor: f64) -> Result<Self> {
        positive(OP, "final_div_factor", factor)?;
        self.final_div_factor = factor;
        Ok(self)
    }
}

impl Schedule for OneCycleLr {
    fn at(&self, steps: u64) -> f64 {
        let first = self.max / self.div_factor;
        let end = (self.total_steps - 1) as f64;
        // The step of the highest rate need not be a whole number.
        let top = (self.rising * self.total_steps as f64 - 1.0).max(0.0);
        let at = (steps as f64).min(end);
        let between =
            |from: f64, to: f64, share: f64| to + 0.5 * (from - to) * (1.0 + (PI * share).cos());
        if at < top {
            between(first, self.max, at / top)
        } else if end > top {
            between(self.max, first / self.final_div_factor, (at - top) / (end - top))
        } else {
            self.max
        }
    }
}
