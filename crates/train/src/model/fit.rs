//! The training loop: epochs, steps, hooks, history.

use super::Model;
use crate::batch::Drawn;
use crate::{
    Callback, EpochRecord, Epochs, Error, History, Result, RunContext, Scores, TrainingCheckpoint,
    Validation,
};
use datasets::{Batches, Dataset, Draw};
use layers::Layer;
use std::time::Instant;
use tensor::parallel::keep_awake;

impl<N: Layer> Model<N> {
    /// Trains for `epochs` passes over the data.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn train<D: Dataset>(
        &mut self,
        epochs: impl Into<Epochs>,
        data: &Batches<D>,
    ) -> Result<History> {
        self.fit(epochs, data, Validation::none(), &mut [])
    }

    /// Trains for `epochs` passes over the data, evaluates on `validation` after each (or some:
    /// see [`Validation`]), and calls `callbacks` on the way.
    ///
    /// # Errors
    /// [`Error::Tensor`] and [`Error::Data`] where network and data do not fit, or the data
    /// cannot be had; [`Error::NonFinite`] before an update that would spoil the weights;
    /// whatever a callback returns; [`Error::File`] where a training checkpoint cannot be written,
    /// and [`Error::Interrupted`] (see [`Model::checkpointing`]). The weights are those of the last
    /// good step.
    pub fn fit<'v, D: Dataset>(
        &mut self,
        epochs: impl Into<Epochs>,
        data: &Batches<D>,
        validation: impl Into<Validation<'v>>,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<History> {
        self.run(epochs.into(), data, &validation.into(), callbacks, None)
    }

    /// Trains the epochs, or what is left of them after a checkpoint that fits the model.
    pub(super) fn run<D: Dataset>(
        &mut self,
        epochs: Epochs,
        data: &Batches<D>,
        validation: &Validation<'_>,
        callbacks: &mut [&mut dyn Callback],
        from: Option<&TrainingCheckpoint>,
    ) -> Result<History> {
        epochs.check()?;
        self.check_metrics()?;
        if data.len() == 0 {
            return Err(Error::Argument {
                operation: "train",
                argument: "data",
                found: format!(
                    "{} samples, less than one batch of {}",
                    data.dataset().len(),
                    data.batch_size()
                ),
                expected: "at least one batch".to_owned(),
            });
        }
        if epochs.resumes && from.is_none() {
            self.epochs = epochs.range.start as u64;
        }
        if let Some(checkpointing) = &self.checkpointing {
            checkpointing.begin(from.is_some())?;
            // Whether they can be kept is better known now than at the first checkpoint.
            self.metrics.iter().try_for_each(|metric| metric.state().map(drop))?;
        }
        let mut run = Run {
            callbacks,
            history: History::default(),
            stop: false,
            place: Place {
                epochs: epochs.range.end,
                initial_epoch: epochs.range.start,
                steps_per_epoch: data.len(),
                validates: validation.exists(),
                ..Place::default()
            },
        };
        self.in_pool(usize::MAX, |model| {
            keep_awake(|| {
                run.call(model, |callback, run| callback.on_train_begin(run))?;
                if let Some(checkpoint) = from {
                    model.restore(checkpoint, &mut run)?;
                }
                for epoch in epochs.range {
                    model.epoch(epoch + 1, data, validation, &mut run)?;
                    if run.stop {
                        break;
                    }
                }
                run.call(model, |callback, run| callback.on_train_end(run))
            })
        })?;
        Ok(run.history)
    }

    /// One epoch, or the rest of one, and the validation after it.
    fn epoch<D: Dataset>(
        &mut self,
        epoch: usize,
        data: &Batches<D>,
        validation: &Validation<'_>,
        run: &mut Run<'_, '_>,
    ) -> Result<()> {
        let start = Instant::now();
        let resumes = run.place.epoch == epoch;
        if !resumes {
            run.place = Place {
                epoch,
                step: 0,
                samples: 0,
                seconds: 0.0,
                train: None,
                evaluation: None,
                ..run.place
            };
            self.metrics.iter_mut().for_each(|metric| metric.clear());
            run.call(self, |callback, run| callback.on_train_epoch_begin(run))?;
        }
        let draw = Draw { seed: self.seed, epoch: self.epochs };
        let order = data.epoch(self.seed, self.epochs);
        // A run that was asked to end in the step before the checkpoint takes no further one.
        let steps = if resumes && run.stop { 0 } else { usize::MAX };
        for indices in order.iter().skip(run.place.step).take(steps) {
            run.place.step += 1;
            run.call(self, |callback, run| callback.on_train_step_begin(run))?;
            run.place.learning_rate = Some(self.optimizer.learning_rate());
            let samples = Drawn { dataset: data.dataset(), draw, indices };
            let found = self.step(&samples, epoch, run.place.step)?;
            self.gather(&found)?;
            run.place.samples += indices.len();
            run.place.loss = found.loss;
            run.call(self, |callback, run| callback.on_train_step_end(run))?;
            self.checkpoint(data, run, start)?;
            if run.stop {
                break;
            }
        }
        self.epochs += 1;
        let seconds = run.place.seconds + start.elapsed().as_secs_f64();
        let train = Scores::of(&self.metrics)?;
        run.place.train = Some(train.clone());
        let start = Instant::now();
        let due = validation.after(epoch);
        let evaluation = due.map(|(data, size)| self.eval_in_pool(data, size));
        run.place.evaluation = evaluation.transpose()?;
        run.history.epochs.push(EpochRecord {
            epoch,
            train,
            evaluation: run.place.evaluation.clone(),
            learning_rate: run.place.learning_rate.unwrap_or_default(),
            steps: run.place.step,
            samples: run.place.samples,
            evaluation_steps: due.map_or(0, |(data, size)| data.len().div_ceil(size)),
            seconds,
            evaluation_seconds: start.elapsed().as_secs_f64(),
        });
        run.call(self, |callback, run| callback.on_train_epoch_end(run))
    }
}

/// A call of `fit` under way.
pub(super) struct Run<'a, 'c> {
    pub(super) callbacks: &'a mut [&'c mut dyn Callback],
    pub(super) place: Place,
    pub(super) history: History,
    pub(super) stop: bool,
}

/// Where the loop is.
#[derive(Default)]
pub(super) struct Place {
    pub(super) epoch: usize,
    pub(super) epochs: usize,
    initial_epoch: usize,
    pub(super) step: usize,
    pub(super) steps_per_epoch: usize,
    pub(super) samples: usize,
    /// Wall-clock time that the epoch took before this call of `fit`.
    pub(super) seconds: f64,
    pub(super) loss: f64,
    pub(super) learning_rate: Option<f64>,
    validates: bool,
    train: Option<Scores>,
    evaluation: Option<Scores>,
}

type Hook = fn(&mut dyn Callback, &mut RunContext<'_>) -> Result<()>;

impl Run<'_, '_> {
    /// Calls one hook of every callback, in their order.
    fn call<N: Layer>(&mut self, model: &mut Model<N>, hook: Hook) -> Result<()> {
        let place = &self.place;
        let mut run = RunContext {
            epoch: place.epoch,
            epochs: place.epochs,
            initial_epoch: place.initial_epoch,
            step: place.step,
            steps_per_epoch: place.steps_per_epoch,
            samples: place.samples,
            loss: if place.step == 0 { f64::NAN } else { place.loss },
            learning_rate: place.learning_rate.unwrap_or_else(|| model.optimizer.learning_rate()),
            evaluation: place.evaluation.as_ref(),
            history: &self.history,
            epoch_scores: place.train.as_ref(),
            validates: place.validates,
            metrics: &model.metrics,
            network: &mut model.network,
            optimizer: &mut *model.optimizer,
            stop: &mut self.stop,
        };
        self.callbacks.iter_mut().try_for_each(|callback| hook(&mut **callback, &mut run))
    }
}
