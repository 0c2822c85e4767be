//! [`Model`]: a network, a loss and an optimizer, and the loop around them.

use crate::batch::{Drawn, Samples};
use crate::shards::{Found, Part, Pass};
use crate::{
    Batch, Callback, EpochRecord, Error, History, LossMetric, Metric, Result, RunContext, Scores,
};
use datasets::{Batches, Dataset, Draw};
use layers::{Layer, Loss, ModuleExt};
use optim::Optimizer;
use std::time::Instant;
use tensor::Tensor;

/// A network, a loss and an optimizer: MindSpore's `Model(network, loss_fn, optimizer)`.
///
/// Training runs the network in training mode, evaluation and prediction in evaluation mode.
/// Parameters that have no value yet are drawn from the model's seed when they are first needed.
pub struct Model<N> {
    network: N,
    loss: Box<dyn Loss>,
    optimizer: Box<dyn Optimizer>,
    metrics: Vec<Box<dyn Metric>>,
    seed: u64,
    threads: usize,
    pool: Option<rayon::ThreadPool>,
    /// Epochs trained so far, over all calls: it names the random streams of the next.
    epochs: u64,
}

/// What a training step found.
#[derive(Clone, Debug)]
pub struct StepOutput {
    /// The batch's loss, before the update.
    pub loss: f64,
    /// The network's output for the batch, before the update: `[N, ..]`.
    pub prediction: Tensor,
}

impl<N> std::fmt::Debug for Model<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("seed", &self.seed)
            .field("threads", &self.threads)
            .field("epochs", &self.epochs)
            .finish_non_exhaustive()
    }
}

impl<N: Layer> Model<N> {
    /// A model that uses all processors and the seed 1.
    pub fn new(network: N, loss: impl Loss + 'static, optimizer: impl Optimizer + 'static) -> Self {
        Model {
            network,
            loss: Box::new(loss),
            optimizer: Box::new(optimizer),
            metrics: vec![Box::new(LossMetric::new())],
            seed: 1,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            pool: None,
            epochs: 0,
        }
    }

    /// Adds a metric to what training reports and evaluation returns; the loss is always there.
    #[must_use]
    pub fn metric(mut self, metric: impl Metric + 'static) -> Self {
        self.metrics.push(Box::new(metric));
        self
    }

    /// The seed of everything random: initial parameters, the order of samples, augmentation.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many threads compute. The result has the same bits for any number.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        (self.threads, self.pool) = (threads, None);
        self
    }

    /// The network.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// The network, for writing: loading weights, freezing parameters.
    pub fn network_mut(&mut self) -> &mut N {
        &mut self.network
    }

    /// The network, taken out.
    pub fn into_network(self) -> N {
        self.network
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &dyn Optimizer {
        &*self.optimizer
    }

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
        self.in_pool(|model| model.fit_in_pool(epochs, data, evaluation, callbacks))
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
                for part in &found.parts {
                    for metric in &mut self.metrics {
                        metric.update(part.outcome())?;
                    }
                }
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

    /// One step of Algorithm 3.1 on a batch: forward, backward, update.
    ///
    /// # Errors
    /// [`Error::Tensor`] where the batch does not fit the network, [`Error::NonFinite`] where the
    /// loss or a gradient is NaN or infinite. The weights have not changed then.
    pub fn train_step(&mut self, batch: &Batch) -> Result<StepOutput> {
        self.in_pool(|model| {
            let step = model.optimizer.steps() as usize + 1;
            let found = model.step(batch, 0, step)?;
            Ok(StepOutput { loss: found.loss, prediction: joined(&found.parts)? })
        })
    }

    fn step(&mut self, samples: &impl Samples, epoch: usize, step: usize) -> Result<Found> {
        let pass = Pass { network: &self.network, loss: &*self.loss, samples, training: true };
        let found = pass.run()?;
        let learning_rate = self.optimizer.learning_rate();
        let non_finite = |what: String, value: f64| {
            Err(Error::NonFinite { what, value, epoch, step, learning_rate })
        };
        if !found.loss.is_finite() {
            return non_finite("loss".to_owned(), found.loss);
        }
        if let Some((key, gradient)) = found.gradients.iter().find(|(_, g)| !g.all_finite()) {
            let name = self.network.parameters().into_iter().find(|(_, p)| p.key() == key);
            let name = name.map_or_else(|| "a parameter".to_owned(), |(name, _)| name);
            let value = gradient.as_slice().iter().find(|g| !g.is_finite()).copied();
            return non_finite(
                format!("the gradient of {name}"),
                f64::from(value.unwrap_or(f32::NAN)),
            );
        }
        self.optimizer.step(&mut self.network, &found.gradients)?;
        Ok(found)
    }

    /// The metrics over all the data, each sample once, in evaluation mode.
    ///
    /// # Errors
    /// [`Error::Tensor`] and [`Error::Data`] where network and data do not fit, or the data
    /// cannot be had.
    pub fn eval<D: Dataset>(&mut self, data: &Batches<D>) -> Result<Scores> {
        self.in_pool(|model| model.eval_in_pool(data))
    }

    fn eval_in_pool<D: Dataset>(&mut self, data: &Batches<D>) -> Result<Scores> {
        self.metrics.iter_mut().for_each(|metric| metric.clear());
        let draw = Draw { seed: self.seed, epoch: self.epochs };
        let dataset = data.dataset();
        let indices: Vec<usize> = (0..dataset.len()).collect();
        for indices in indices.chunks(data.batch_size()) {
            let samples = &Drawn { dataset, draw, indices };
            let network = &self.network;
            let found = Pass { network, loss: &*self.loss, samples, training: false }.run()?;
            for part in &found.parts {
                for metric in &mut self.metrics {
                    metric.update(part.outcome())?;
                }
            }
        }
        Ok(Scores::of(&self.metrics))
    }

    /// The network's output for inputs `[N, ..]`, in evaluation mode.
    ///
    /// # Errors
    /// [`Error::Tensor`] where the inputs do not fit.
    pub fn predict(&mut self, input: &Tensor) -> Result<Tensor> {
        self.in_pool(|model| crate::shards::predict(&model.network, input))
    }

    /// Runs `work` on a thread of the model's pool, once the network has its parameters.
    fn in_pool<R: Send>(&mut self, work: impl FnOnce(&mut Self) -> Result<R> + Send) -> Result<R> {
        self.network.initialize(self.seed)?;
        let pool = match self.pool.take() {
            Some(pool) => pool,
            None => pool(self.threads)?,
        };
        let result = pool.install(|| work(self));
        self.pool = Some(pool);
        result
    }
}

fn pool(threads: usize) -> Result<rayon::ThreadPool> {
    if threads == 0 {
        return Err(Error::Argument {
            operation: "model",
            argument: "threads",
            found: "0".to_owned(),
            expected: "at least 1".to_owned(),
        });
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("train-{i}"))
        .build()
        .map_err(|source| Error::Threads { threads, source })
}

/// The parts' predictions, one after another.
fn joined(parts: &[Part]) -> Result<Tensor> {
    let predictions: Vec<_> = parts.iter().map(|part| part.prediction.clone()).collect();
    Ok(Tensor::concatenate(&predictions)?)
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
