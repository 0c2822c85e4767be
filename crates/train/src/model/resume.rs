//! Training checkpoints of a model: taking one, and going on from one.

use super::Model;
use super::fit::Run;
use crate::checkpoint::Moment;
use crate::weights::{assign, check_parameters, values};
use crate::{
    Callback, Epochs, Error, History, Metric, Result, State, TrainingCheckpoint, Validation,
};
use datasets::{Batches, Dataset};
use layers::{Layer, ModuleExt};
use std::path::PathBuf;
use std::time::Instant;

impl<N: Layer> Model<N> {
    /// Goes on from a checkpoint to the end of its run: with weights, history and callbacks of the
    /// same bits as if there had been no interruption. The history has all epochs, those before the
    /// checkpoint too.
    ///
    /// The model, the data and the callbacks are built as those of the interrupted run were; the
    /// model's [`checkpointing`](Model::checkpointing) too, if the rest is to be checkpointed. Callbacks
    /// that remember nothing may come and go. `on_train_begin` is called, before the callbacks get their
    /// states; `on_train_epoch_begin` is not called for an epoch that had begun.
    ///
    /// See [`Checkpointing`](crate::Checkpointing) for an example.
    ///
    /// # Errors
    /// [`Error::File`] where the checkpoint is one of another network, optimizer, seed, data or set of
    /// metrics or callbacks; otherwise as [`Model::fit`]. The model and the callbacks go on with what
    /// they had where it does not fit.
    pub fn resume<'v, D: Dataset>(
        &mut self,
        checkpoint: &TrainingCheckpoint,
        data: &Batches<D>,
        validation: impl Into<Validation<'v>>,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<History> {
        self.check(checkpoint, data, callbacks)?;
        let epochs = Epochs::from(checkpoint.epoch() - 1..checkpoint.epochs());
        self.run(epochs, data, &validation.into(), callbacks, Some(checkpoint))
    }

    /// Compares everything that can be compared before anything is changed.
    fn check<D: Dataset>(
        &self,
        checkpoint: &TrainingCheckpoint,
        data: &Batches<D>,
        callbacks: &[&mut dyn Callback],
    ) -> Result<()> {
        let weights = &checkpoint.weights;
        let names: Vec<&str> = weights.keys().map(String::as_str).collect();
        let shape = |name: &str| Some(weights.get(name)?.shape().to_vec());
        check_parameters(&self.network, &names, shape)
            .map_err(|detail| checkpoint.error(detail))?;

        let moment = &checkpoint.moment;
        let metrics = |names: Vec<&str>| names.join(", ");
        let kept = metrics(checkpoint.metrics.iter().map(|(name, _)| name.as_str()).collect());
        let of_the_data = |samples: usize, size: usize, steps: usize| {
            format!("{samples} samples in {steps} batches of {size}")
        };
        let pairs = [
            ("the seed", checkpoint.seed.to_string(), self.seed.to_string()),
            (
                "the data",
                of_the_data(moment.dataset, moment.batch_size, moment.steps_per_epoch),
                of_the_data(data.dataset().len(), data.batch_size(), data.len()),
            ),
            ("the metrics", kept, metrics(self.metrics.iter().map(Metric::name).collect())),
        ];
        for (what, kept, own) in pairs {
            if kept != own {
                return Err(checkpoint.error(format!(
                    "{what} of the checkpoint's run: {kept}; of this model: {own}; build it as the run \
                     that is to be resumed"
                )));
            }
        }
        pair(checkpoint, callbacks).map(drop)
    }

    /// Makes the model, its optimizer, metrics and callbacks those of the checkpoint, or leaves all of
    /// them as they are.
    pub(super) fn restore(
        &mut self,
        checkpoint: &TrainingCheckpoint,
        run: &mut Run<'_, '_>,
    ) -> Result<()> {
        let optimizer = self.optimizer.state();
        let callbacks: Vec<State> = run.callbacks.iter().map(|callback| callback.state()).collect();
        if let Err(error) = self.load(checkpoint, run) {
            // What has just been given can be taken back; the mistake to tell is the first.
            let _ = self.optimizer.load_state(&self.network, &optimizer);
            for (callback, state) in run.callbacks.iter_mut().zip(&callbacks) {
                let _ = callback.load_state(state);
            }
            self.metrics.iter_mut().for_each(Metric::clear);
            return Err(match error {
                Error::Tensor(_) | Error::State { .. } => checkpoint.error(error.to_string()),
                other => other,
            });
        }
        let moment = &checkpoint.moment;
        self.epochs = moment.stream_epoch;
        run.history = checkpoint.history.clone();
        run.stop = moment.stop;
        let place = &mut run.place;
        (place.epoch, place.step, place.samples) = (moment.epoch, moment.step, moment.samples);
        (place.loss, place.learning_rate) = (moment.loss, moment.learning_rate);
        place.seconds = moment.seconds;
        Ok(())
    }

    /// The weights come last: nothing can be wrong with them any more.
    fn load(&mut self, checkpoint: &TrainingCheckpoint, run: &mut Run<'_, '_>) -> Result<()> {
        self.optimizer.load_state(&self.network, &checkpoint.optimizer)?;
        let states = pair(checkpoint, run.callbacks)?;
        for (callback, state) in run.callbacks.iter_mut().zip(states) {
            state.map_or(Ok(()), |state| callback.load_state(state))?;
        }
        for (metric, (_, state)) in self.metrics.iter_mut().zip(&checkpoint.metrics) {
            metric.load_state(state)?;
        }
        assign(&mut self.network, &checkpoint.weights)?;
        self.network.each_parameter_mut(&mut |name, parameter| {
            let frozen = checkpoint.frozen.iter().any(|frozen| frozen == name);
            parameter.set_trainable(!frozen);
        });
        Ok(())
    }

    /// Writes a checkpoint after a step, where one is due.
    ///
    /// # Errors
    /// [`Error::Interrupted`], with the checkpoint written, where the run is asked to end.
    pub(super) fn checkpoint<D: Dataset>(
        &self,
        data: &Batches<D>,
        run: &Run<'_, '_>,
        start: Instant,
    ) -> Result<()> {
        let Some(checkpointing) = &self.checkpointing else { return Ok(()) };
        let place = &run.place;
        let global_step = (place.epoch - 1) * place.steps_per_epoch + place.step;
        let stopped = checkpointing.is_stopped();
        if !stopped && !checkpointing.is_due(global_step) {
            return Ok(());
        }
        let states = run.callbacks.iter().map(|c| (c.name().to_owned(), c.state()));
        let metrics = self.metrics.iter().map(|m| Ok((m.name().to_owned(), m.state()?)));
        let frozen = self.network.parameters().into_iter();
        let checkpoint = checkpointing.save(&TrainingCheckpoint {
            path: PathBuf::new(),
            skipped: Vec::new(),
            moment: Moment {
                epoch: place.epoch,
                epochs: place.epochs,
                stream_epoch: self.epochs,
                step: place.step,
                steps_per_epoch: place.steps_per_epoch,
                batch_size: data.batch_size(),
                dataset: data.dataset().len(),
                samples: place.samples,
                loss: place.loss,
                learning_rate: place.learning_rate,
                seconds: place.seconds + start.elapsed().as_secs_f64(),
                stop: run.stop,
            },
            seed: self.seed,
            isa: tensor::kernels::isa::isa().to_string(),
            configuration: checkpointing.text().to_owned(),
            weights: values(&self.network),
            frozen: frozen.filter(|(_, p)| !p.is_trainable()).map(|(name, _)| name).collect(),
            optimizer: self.optimizer.state(),
            callbacks: states.collect(),
            metrics: metrics.collect::<Result<_>>()?,
            history: run.history.clone(),
        })?;
        if stopped {
            return Err(Error::Interrupted { checkpoint, epoch: place.epoch, step: place.step });
        }
        Ok(())
    }
}

/// The state of each callback: the n-th of its name among the checkpoint's. `None` where neither
/// remembers anything.
fn pair<'s>(
    checkpoint: &'s TrainingCheckpoint,
    callbacks: &[&mut dyn Callback],
) -> Result<Vec<Option<&'s State>>> {
    let mut kept: Vec<_> = checkpoint.callbacks.iter().collect();
    let mut states = Vec::new();
    for callback in callbacks {
        let place = kept.iter().position(|(name, _)| name == callback.name());
        let state = place.map(|place| &kept.remove(place).1);
        if state.is_none() && !callback.state().is_empty() {
            let name = callback.name();
            return Err(checkpoint.error(format!(
                "the checkpoint's run had no callback {name}, or fewer of them; resume it with the \
                 callbacks that it had"
            )));
        }
        states.push(state);
    }
    match kept.into_iter().find(|(_, state)| !state.is_empty()) {
        Some((name, _)) => Err(checkpoint.error(format!(
            "the checkpoint's run had a callback {name}, which remembers something; resume it with \
             the callbacks that it had"
        ))),
        None => Ok(states),
    }
}
