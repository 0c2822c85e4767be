//! [`Callback`]: hooks into the training loop.

use crate::{Metric, Result, Scores};

/// Where a training run is, as its callbacks see it. Counts start at 1.
pub struct RunContext<'a> {
    /// The epoch.
    pub epoch: usize,
    /// The number of epochs that were asked for.
    pub epochs: usize,
    /// The step within the epoch; 0 before the first.
    pub step: usize,
    /// The number of steps in an epoch.
    pub steps_per_epoch: usize,
    /// The number of samples of this epoch seen so far.
    pub samples: usize,
    /// The loss of the last step; NaN before the first.
    pub loss: f64,
    /// The learning rate of the last step, or of the next one before a step has been taken.
    pub learning_rate: f64,
    /// What evaluation found after this epoch; `None` before it, or without evaluation data.
    pub evaluation: Option<&'a Scores>,
    /// The training scores of an epoch that is over; the metrics may gather something else now.
    pub(crate) epoch_scores: Option<&'a Scores>,
    pub(crate) metrics: &'a [Box<dyn Metric>],
    pub(crate) stop: &'a mut bool,
}

impl RunContext<'_> {
    /// The training metrics over this epoch so far.
    pub fn scores(&self) -> Scores {
        self.epoch_scores.cloned().unwrap_or_else(|| Scores::of(self.metrics))
    }

    /// Ends training after this step (MindSpore's `request_stop`). The remaining hooks still run.
    pub fn request_stop(&mut self) {
        *self.stop = true;
    }
}

impl std::fmt::Debug for RunContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunContext")
            .field("epoch", &self.epoch)
            .field("step", &self.step)
            .field("loss", &self.loss)
            .finish_non_exhaustive()
    }
}

/// Hooks into the training loop, with MindSpore's names. Each does nothing unless implemented; an
/// error ends training.
///
/// ```
/// use train::{Callback, Result, RunContext};
///
/// /// Stops once the loss is small enough.
/// struct StopBelow(f64);
///
/// impl Callback for StopBelow {
///     fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
///         if run.loss < self.0 {
///             run.request_stop();
///         }
///         Ok(())
///     }
/// }
/// ```
#[expect(unused_variables, reason = "the names document what a hook is given")]
pub trait Callback: Send {
    /// Before anything.
    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        Ok(())
    }

    /// Before an epoch's first step.
    fn on_train_epoch_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        Ok(())
    }

    /// Before a step.
    fn on_train_step_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        Ok(())
    }

    /// After a step.
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        Ok(())
    }

    /// After an epoch's last step, and after evaluation where there is any.
    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        Ok(())
    }

    /// After everything; not called where training ended with an error.
    fn on_train_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        Ok(())
    }
}
