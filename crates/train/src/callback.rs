//! [`Callback`]: hooks into the training loop. Each of ours is a file of this folder.

mod early_stopping;
mod loss_monitor;
mod monitor;
mod printer;

use crate::{Result, RunContext};
pub use early_stopping::EarlyStopping;
pub use loss_monitor::LossMonitor;
pub use monitor::Mode;

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
