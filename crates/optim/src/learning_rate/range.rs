//! Up by a constant factor: for finding a rate.

use super::{Schedule, at_least_one};
use crate::check::positive;
use tensor::{Error, Result};

/// from · (to / from)^(steps / total_steps), and `to` after that: the rates of a learning-rate
/// range test (Smith, *Cyclical Learning Rates*, 2017).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeLr {
    from: f64,
    to: f64,
    total_steps: u64,
}

impl RangeLr {
    /// From one rate up to another.
    ///
    /// # Errors
    /// [`Error::Argument`] where a rate is not a finite number above 0, the second is not more
    /// than the first, or there are no steps.
    pub fn new(from: f64, to: f64, total_steps: u64) -> Result<Self> {
        let op = "range_lr";
        positive(op, "from", from)?;
        positive(op, "to", to)?;
        if to <= from {
            return Err(Error::argument(op, "to", to, format!("more than from, {from}")));
        }
        at_least_one(op, "total_steps", total_steps)?;
        Ok(RangeLr { from, to, total_steps })
    }
}

impl Schedule for RangeLr {
    fn at(&self, steps: u64) -> f64 {
        let done = steps.min(self.total_steps) as f64 / self.total_steps as f64;
        self.from * (self.to / self.from).powf(done)
    }
}
