//! A rate for each stretch of the steps.

use super::Schedule;
use crate::check::not_negative;
use tensor::{Error, Result};

/// The first rate before the first milestone, the second before the second, and so on: MindSpore's
/// `piecewise_constant_lr(milestone, learning_rates)`.
///
/// The last rate stays after the last milestone. MindSpore's list ends there, and training longer
/// is an error of an operation called `Gather`.
#[derive(Clone, Debug, PartialEq)]
pub struct PiecewiseConstantLr {
    milestones: Vec<u64>,
    rates: Vec<f64>,
}

impl PiecewiseConstantLr {
    /// As many rates as milestones, which rise.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is none, the numbers differ, a milestone does not exceed
    /// the one before it, or a rate is negative or not finite.
    pub fn new(
        milestones: impl Into<Vec<u64>>,
        learning_rates: impl Into<Vec<f64>>,
    ) -> Result<Self> {
        let (op, milestones, rates) =
            ("piecewise_constant_lr", milestones.into(), learning_rates.into());
        if milestones.is_empty() {
            return Err(Error::argument(op, "milestones", "an empty list", "at least one"));
        }
        if milestones.len() != rates.len() {
            let expected = format!("as many as milestones, {}", milestones.len());
            return Err(Error::argument(op, "the number of learning rates", rates.len(), expected));
        }
        let mut before = 0;
        for &milestone in &milestones {
            if milestone <= before {
                let expected = format!("more than {before}: milestones rise");
                return Err(Error::argument(op, "milestone", milestone, expected));
            }
            before = milestone;
        }
        rates.iter().try_for_each(|&rate| not_negative(op, "learning rate", rate))?;
        Ok(PiecewiseConstantLr { milestones, rates })
    }
}

impl Schedule for PiecewiseConstantLr {
    fn at(&self, steps: u64) -> f64 {
        let stretch = self.milestones.partition_point(|&milestone| milestone <= steps);
        self.rates[stretch.min(self.rates.len() - 1)]
    }
}
