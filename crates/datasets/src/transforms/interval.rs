//! Ranges to draw from.

use super::Stream;
use crate::{Error, Result};

/// The range of a random setting: `(low, high)`, or a number `d` for -d to d.
///
/// Draws are uniform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The smallest value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
}

impl From<f64> for Interval {
    fn from(most: f64) -> Self {
        Interval { low: -most, high: most }
    }
}

impl From<(f64, f64)> for Interval {
    fn from((low, high): (f64, f64)) -> Self {
        Interval { low, high }
    }
}

impl Interval {
    pub(super) fn draw(self, random: &mut Stream) -> f64 {
        random.uniform_in(self.low, self.high)
    }

    /// Finite, and not the wrong way round.
    pub(super) fn check(self, operation: &'static str, argument: &'static str) -> Result<()> {
        let found = format!("from {} to {}", self.low, self.high);
        if !(self.low.is_finite() && self.high.is_finite()) {
            return Err(Error::argument(operation, argument, found, "finite numbers"));
        }
        if self.low > self.high {
            return Err(Error::argument(operation, argument, found, "the smaller number first"));
        }
        Ok(())
    }
}
