//! [`LearningRateScheduler`].

use crate::{Callback, Result, RunContext};

/// Sets the learning rate before each step to a function of the present rate and the number of
/// the step, which is counted from 1 over the epochs: MindSpore's `LearningRateScheduler`.
///
/// ```
/// use train::LearningRateScheduler;
/// // A tenth from the thousandth step on.
/// let schedule = LearningRateScheduler::new(|rate, step| if step == 1000 { 0.1 * rate } else { rate });
/// ```
///
/// It takes the place of the optimizer's own schedule. Where the rate depends on the step alone,
/// an [`optim::Schedule`] needs no callback.
pub struct LearningRateScheduler {
    rate: Box<dyn FnMut(f64, usize) -> f64 + Send>,
}

impl LearningRateScheduler {
    /// `rate(present rate, step)` is the next rate.
    pub fn new(rate: impl FnMut(f64, usize) -> f64 + Send + 'static) -> Self {
        LearningRateScheduler { rate: Box::new(rate) }
    }
}

impl Callback for LearningRateScheduler {
    fn on_train_step_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let now = run.optimizer().learning_rate();
        let next = (self.rate)(now, run.global_step());
        // Setting a rate ends the optimizer's own schedule, so it is set even where it is the same.
        run.optimizer_mut().set_learning_rate(next)?;
        Ok(())
    }
}

impl std::fmt::Debug for LearningRateScheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LearningRateScheduler").finish_non_exhaustive()
    }
}
