//! The training loop: epochs, steps, hooks, history.

use super::Model;
use crate::awake::keep_awake;
use crate::batch::Drawn;
use crate::{Callback, EpochRecord, Error, History, Result, RunContext, Scores};
use datasets::{Batches, Dataset, Draw};
use layers::Layer;
use std::time::Instant;

impl<N: Layer> Model<N> {
    /// Trains for `epochs` passes over the data.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn train<D: Dataset>(&mut self, epochs: usize, data: &Batches<D>) -> Result<History> {
        self.fit(epochs, data, None::<&Batches<D>>, &mut [])
    }

    /// Trains for `epochs` passes over the data, evaluates on `evaluation` after each, and calls
    /// `callbacks` on the way.
    ///
    /// # Errors
    /// [`Error::Tensor`] and [`Error::Data`] where network and data do not fit, or the data
    /// cannot be had; [`Error::NonFinite`] before an update that would spoil the weights;
    /// whatever a callback returns. The weights are those of the last good step.
    pub fn fit<D: Dataset, E: Dataset>(
        &mut self,
        epochs: usize,
        data: &Batches<D>,
        evaluation: Option<&Batches<E>>,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<History> {
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
        self.in_pool(usize::MAX, |model| {
            keep_awake(|| model.fit_in_pool(epochs, data, evaluation, callbacks))
        })
    }

    fn fit_in_pool<D: Dataset, E: Dataset>(
        &mut self,
        epochs: usize,
        data: &Batches<D>,
        evaluation: Option<&Batches<E>>,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<History> {
        let mut history = History::default();
        let mut stop = false;
        let mut place = Place { epochs, steps_per_epoch: data.len(), ..Place::default() };
        let mut call = |model: &Self, place: &Place, stop: &mut bool, hook: Hook| -> Result<()> {
            let mut run = place.context(model, stop);
            callbacks.iter_mut().try_for_each(|callback| hook(&mut **callback, &mut run))
        };
        call(self, &place, &mut stop, |c, run| c.on_train_begin(run))?;
        for epoch in 1..=epochs {
            place = Place { epoch, step: 0, samples: 0, train: None, evaluation: None, ..place };
            self.metrics.iter_mut().for_each(|metric| metric.clear());
            let start = Instant::now();
            call(self, &place, &mut stop, |c, run| c.on_train_epoch_begin(run))?;
            let draw = Draw { seed: self.seed, epoch: self.epochs };
            for indices in &data.epoch(self.seed, self.epochs) {
                place.step += 1;
                call(self, &place, &mut stop, |c, run| c.on_train_step_begin(run))?;
                place.learning_rate = Some(self.optimizer.learning_rate());
                let samples = Drawn { dataset: data.dataset(), draw, indices };
                let found = self.step(&samples, epoch, place.step)?;
                self.gather(&found)?;
                place.samples += indices.len();
                place.loss = found.loss;
                call(self, &place, &mut stop, |c, run| c.on_train_step_end(run))?;
                if stop {
                    break;
                }
            }
            self.epochs += 1;
            let seconds = start.elapsed().as_secs_f64();
            let train = Scores::of(&self.metrics);
            let start = Instant::now();
            place.train = Some(train.clone());
            place.evaluation = evaluation.map(|data| self.eval_in_pool(data)).transpose()?;
            history.epochs.push(EpochRecord {
                epoch,
                train,
                evaluation: place.evaluation.clone(),
                learning_rate: place.learning_rate.unwrap_or_default(),
                steps: place.step,
                samples: place.samples,
                seconds,
                evaluation_seconds: start.elapsed().as_secs_f64(),
            });
            call(self, &place, &mut stop, |c, run| c.on_train_epoch_end(run))?;
            if stop {
                break;
            }
        }
        call(self, &place, &mut stop, |c, run| c.on_train_end(run))?;
        Ok(history)
    }
}

type Hook = fn(&mut dyn Callback, &mut RunContext<'_>) -> Result<()>;

/// Where the loop is.
#[derive(Default)]
struct Place {
    epoch: usize,
    epochs: usize,
    step: usize,
    steps_per_epoch: usize,
    samples: usize,
    loss: f64,
    learning_rate: Option<f64>,
    train: Option<Scores>,
    evaluation: Option<Scores>,
}

impl Place {
    fn context<'a, N>(&'a self, model: &'a Model<N>, stop: &'a mut bool) -> RunContext<'a> {
        RunContext {
            epoch: self.epoch,
            epochs: self.epochs,
            step: self.step,
            steps_per_epoch: self.steps_per_epoch,
            samples: self.samples,
            loss: if self.step == 0 { f64::NAN } else { self.loss },
            learning_rate: self.learning_rate.unwrap_or_else(|| model.optimizer.learning_rate()),
            evaluation: self.evaluation.as_ref(),
            epoch_scores: self.train.as_ref(),
            metrics: &model.metrics,
            stop,
        }
    }
}
