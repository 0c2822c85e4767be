//! [`TensorBoard`].

use super::event_file::EventFile;
use crate::{Callback, Error, Result, RunContext};
use std::path::PathBuf;

/// Writes scores as event files that TensorBoard shows (`tensorboard --logdir DIRECTORY`).
///
/// Training and validation are two runs, `train` and `validation`, so that `epoch_loss` of both is
/// one chart. `train` also has `epoch_learning_rate` and, where it is asked for, the `batch_loss` and
/// `batch_learning_rate` of steps. The tags are those of Keras' `TensorBoard` callback; MindSpore writes
/// files of its own format for MindInsight instead.
///
/// Every start of a run adds a file; TensorBoard joins those of a directory.
#[derive(Debug)]
pub struct TensorBoard {
    directory: PathBuf,
    every_steps: Option<usize>,
    train: Option<EventFile>,
    validation: Option<EventFile>,
}

impl TensorBoard {
    /// Writes to `directory/train` and `directory/validation`, after every epoch.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        TensorBoard { directory, every_steps: None, train: None, validation: None }
    }

    /// Also writes loss and learning rate of every so many steps, counted over the epochs.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is 0.
    pub fn every_steps(mut self, steps: usize) -> Result<Self> {
        if steps == 0 {
            return Err(Error::Argument {
                operation: "TensorBoard",
                argument: "every_steps",
                found: "0".to_owned(),
                expected: "at least 1 step".to_owned(),
            });
        }
        self.every_steps = Some(steps);
        Ok(self)
    }
}

impl Callback for TensorBoard {
    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.train = Some(EventFile::create(&self.directory.join("train"))?);
        if run.validates {
            self.validation = Some(EventFile::create(&self.directory.join("validation"))?);
        }
        Ok(())
    }

    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let step = run.global_step();
        if self.every_steps.is_some_and(|steps| step.is_multiple_of(steps))
            && let Some(file) = &mut self.train
        {
            let scalars = [("batch_loss", run.loss), ("batch_learning_rate", run.learning_rate)];
            file.scalars(step, scalars.map(|(tag, x)| (tag.to_owned(), x)))?;
        }
        Ok(())
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let Some(record) = run.history.last() else { return Ok(()) };
        let tag = |(name, value): (&str, f64)| (format!("epoch_{name}"), value);
        if let Some(file) = &mut self.train {
            let rate = ("learning_rate", record.learning_rate);
            file.scalars(record.epoch, record.train.iter().chain([rate]).map(tag))?;
            file.flush()?;
        }
        if let (Some(file), Some(scores)) = (&mut self.validation, &record.evaluation) {
            file.scalars(record.epoch, scores.iter().map(tag))?;
            file.flush()?;
        }
        Ok(())
    }

    fn on_train_end(&mut self, _: &mut RunContext<'_>) -> Result<()> {
        for file in [self.train.take(), self.validation.take()].iter_mut().flatten() {
            file.flush()?;
        }
        Ok(())
    }
}
