//! [`Callback`]: hooks into the training loop. Each of ours is a file of this folder.

mod csv_logger;
mod early_stopping;
mod epoch_log;
mod event_file;
mod jsonl_logger;
mod lambda;
mod learning_rate_scheduler;
mod loss_monitor;
mod model_checkpoint;
mod monitor;
mod printer;
mod reduce_lr_on_plateau;
mod step_history;
mod tensorboard;
mod time_monitor;

use crate::{Result, RunContext, State};
pub use csv_logger::CsvLogger;
pub use early_stopping::EarlyStopping;
pub use jsonl_logger::JsonlLogger;
pub use lambda::LambdaCallback;
pub use learning_rate_scheduler::LearningRateScheduler;
pub use loss_monitor::LossMonitor;
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::Mode;
pub use reduce_lr_on_plateau::ReduceLrOnPlateau;
pub use step_history::StepHistory;
pub use tensorboard::TensorBoard;
pub use time_monitor::TimeMonitor;

/// Hooks into the training loop, with MindSpore's names. Each does nothing unless implemented; an
/// error ends training. Callbacks are called in the order in which `fit` is given them.
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
    /// Under which name its state is kept with a checkpoint.
    fn name(&self) -> &str {
        std::any::type_name::<Self>()
    }

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

    /// What must be kept so that a run that is carried on from a checkpoint goes on as this one
    /// would have; nothing by default.
    fn state(&self) -> State {
        State::default()
    }

    /// Goes on from a kept state: before a run that carries another one on (`fit(3..10, ..)`), or, by
    /// [`Model::resume`](crate::Model::resume), after `on_train_begin`.
    ///
    /// # Errors
    /// Where the state is not one of this callback's.
    fn load_state(&mut self, state: &State) -> Result<()> {
        Ok(())
    }
}
