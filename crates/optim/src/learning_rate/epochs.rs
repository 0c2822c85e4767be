//! Any schedule, stepping once per epoch.

use super::{LearningRate, Schedule, at_least_one};
use tensor::Result;

/// A schedule of epochs: `schedule` is given the number of epochs begun instead of that of steps,
/// so that the rate stays through an epoch.
///
/// MindSpore's list functions are this: `cosine_decay_lr(min_lr, max_lr, total_step,
/// step_per_epoch, decay_epoch)` is
///
/// ```
/// use optim::{CosineDecayLr, PerEpochLr, Schedule};
/// let (decay_epoch, step_per_epoch) = (10, 1875);
/// let schedule = PerEpochLr::new(step_per_epoch, CosineDecayLr::new(0.0, 0.1, decay_epoch)?)?;
/// assert_eq!(schedule.at(0), 0.1);
/// assert_eq!(schedule.at(1874), 0.1);
/// assert!(schedule.at(1875) < 0.1);
/// # Ok::<(), optim::Error>(())
/// ```
#[derive(Debug)]
pub struct PerEpochLr {
    steps_per_epoch: u64,
    schedule: LearningRate,
}

impl PerEpochLr {
    /// With so many steps in an epoch.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where there are none.
    pub fn new(steps_per_epoch: u64, schedule: impl Into<LearningRate>) -> Result<Self> {
        at_least_one("per_epoch_lr", "steps_per_epoch", steps_per_epoch)?;
        Ok(PerEpochLr { steps_per_epoch, schedule: schedule.into() })
    }
}

impl Schedule for PerEpochLr {
    fn at(&self, steps: u64) -> f64 {
        self.schedule.at(steps / self.steps_per_epoch)
    }
}
