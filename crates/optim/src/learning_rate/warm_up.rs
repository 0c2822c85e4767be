//! Up along a line, and then any schedule.

use super::{LearningRate, Schedule, at_least_one};
use crate::check::check_number;
use tensor::Result;

/// lr · steps / warmup_steps up to `warmup_steps`, then `then` from its own beginning, where lr is
/// its first rate. With a number it is MindSpore's `WarmUpLR`.
///
/// The first step has the rate 0, as there, and changes nothing; [`start_factor`](Self::start_factor)
/// mends that.
///
/// ```
/// use optim::{CosineDecayLr, Schedule, WarmUpLr};
/// let schedule = WarmUpLr::new(100, CosineDecayLr::new(0.0, 0.1, 900)?)?.start_factor(0.1)?;
/// assert_eq!(schedule.at(0), 0.1 * 0.1);
/// assert_eq!(schedule.at(100), 0.1);
/// assert_eq!(schedule.at(1000), 0.0);
/// # Ok::<(), optim::Error>(())
/// ```
#[derive(Debug)]
pub struct WarmUpLr {
    warmup_steps: u64,
    start_factor: f64,
    then: LearningRate,
}

impl WarmUpLr {
    /// From 0 to the first rate of `then` in so many steps.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where there are none.
    pub fn new(warmup_steps: u64, then: impl Into<LearningRate>) -> Result<Self> {
        at_least_one("warm_up_lr", "warmup_steps", warmup_steps)?;
        Ok(WarmUpLr { warmup_steps, start_factor: 0.0, then: then.into() })
    }

    /// Begins with this share of the first rate of `then`: PyTorch's `LinearLR`, whose default is
    /// a third, before another schedule in `SequentialLR`.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is not from 0 to 1.
    pub fn start_factor(mut self, factor: f64) -> Result<Self> {
        check_number("warm_up_lr", "start_factor", factor, 0.0, 1.0)?;
        self.start_factor = factor;
        Ok(self)
    }
}

impl Schedule for WarmUpLr {
    fn at(&self, steps: u64) -> f64 {
        if steps >= self.warmup_steps {
            return self.then.at(steps - self.warmup_steps);
        }
        let done = steps as f64 / self.warmup_steps as f64;
        self.then.at(0) * (self.start_factor + (1.0 - self.start_factor) * done)
    }
}
