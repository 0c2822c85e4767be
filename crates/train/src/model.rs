//! [`Model`]: a network, a loss and an optimizer; their step, evaluation and prediction.

mod fit;
mod iterations;
mod resume;

use crate::batch::{Drawn, Samples};
use crate::shards::{Found, Part, Pass, SHARD};
use crate::{Batch, Checkpointing, Error, LossMetric, Metric, Result, Scores, metric_by_name};
use autodiff::{Key, Randomness};
use datasets::{Batches, Dataset, Draw};
use layers::{Layer, Loss, ModuleExt};
use optim::Optimizer;
use std::sync::Arc;
use tensor::parallel::keep_awake;
use tensor::{Tensor, parallel};

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
    pool: Option<Arc<rayon::ThreadPool>>,
    /// Epochs trained so far, over all calls: it names the random streams of the next.
    epochs: u64,
    /// The last step that was part of no epoch: the updates before it, and how many such steps
    /// went before it since the last update.
    single_step: Option<(u64, u64)>,
    checkpointing: Option<Checkpointing>,
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
            single_step: None,
            checkpointing: None,
        }
    }

    /// Adds a metric to what training reports and evaluation returns; the loss is always there.
    #[must_use]
    pub fn metric(mut self, metric: impl Metric + 'static) -> Self {
        self.metrics.push(Box::new(metric));
        self
    }

    /// Adds metrics by name, such as `["accuracy", "f1"]`: MindSpore's
    /// `metrics={"accuracy", "f1"}`.
    ///
    /// # Errors
    /// [`Error::Argument`] for an unknown name; it lists those that exist.
    pub fn metrics<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Result<Self> {
        for name in names {
            let metric = metric_by_name(name)?;
            if metric.name() != "loss" {
                self.metrics.push(metric);
            }
        }
        Ok(self)
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

    /// Keeps training checkpoints, from which [`Model::resume`] goes on.
    #[must_use]
    pub fn checkpointing(mut self, checkpointing: Checkpointing) -> Self {
        self.checkpointing = Some(checkpointing);
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

    /// One step of Algorithm 3.1 on a batch: forward, backward, update.
    ///
    /// # Errors
    /// [`Error::Tensor`] where the batch does not fit the network, [`Error::NonFinite`] where the
    /// loss or a gradient is NaN or infinite. The weights have not changed then.
    pub fn train_step(&mut self, batch: &Batch) -> Result<StepOutput> {
        self.in_pool(batch.len(), |model| {
            let step = model.optimizer.steps() as usize + 1;
            let found = model.step(batch, 0, step)?;
            Ok(StepOutput { loss: found.loss, prediction: joined(&found.parts)? })
        })
    }

    /// One step of an epoch, or of none where `epoch` is 0.
    fn step(&mut self, samples: &impl Samples, epoch: usize, step: usize) -> Result<Found> {
        let name = match epoch {
            0 => self.name_single_step(),
            _ => self.epochs << 32 | step as u64,
        };
        let training = Some(Randomness { seed: self.seed, step: name, first_sample: 0 });
        let pass = Pass { network: &self.network, loss: &*self.loss, samples, training };
        let found = pass.run()?;
        let learning_rate = self.optimizer.learning_rate();
        let non_finite = |what: String, value: f64| {
            Err(Error::NonFinite { what, value, epoch, step, learning_rate })
        };
        if !found.loss.is_finite() {
            return non_finite("loss".to_owned(), found.loss);
        }
        if !found.gradients.all_finite()
            && let Some((key, gradient)) = found.gradients.iter().find(|(_, g)| !g.all_finite())
        {
            let name = self.network.parameters().into_iter().find(|(_, p)| p.key() == key);
            let name = name.map_or_else(|| "a parameter".to_owned(), |(name, _)| name);
            let value = gradient.as_slice().iter().find(|g| !g.is_finite()).copied();
            return non_finite(
                format!("the gradient of {name}"),
                f64::from(value.unwrap_or(f32::NAN)),
            );
        }
        if let Some((_, value)) = found.updates.iter().find(|(_, value)| !value.all_finite()) {
            let value = value.as_slice().iter().find(|value| !value.is_finite()).copied();
            let what = "a running statistic".to_owned();
            return non_finite(what, f64::from(value.unwrap_or(f32::NAN)));
        }
        self.optimizer.step(&mut self.network, &found.gradients)?;
        self.store(&found.updates)?;
        Ok(found)
    }

    /// What tells the random draws of a step that is part of no epoch from all others'. Where
    /// gradients are accumulated, several steps go before one update.
    fn name_single_step(&mut self) -> u64 {
        let updates = self.optimizer.steps();
        let waiting = match self.single_step {
            Some((before, waiting)) if before == updates => waiting + 1,
            _ => 0,
        };
        self.single_step = Some((updates, waiting));
        1 << 63 | updates << 16 | waiting
    }

    /// The metrics over all the data, each sample once, in evaluation mode.
    ///
    /// # Errors
    /// [`Error::Tensor`] and [`Error::Data`] where network and data do not fit, or the data
    /// cannot be had.
    pub fn eval<D: Dataset>(&mut self, data: &Batches<D>) -> Result<Scores> {
        self.in_pool(usize::MAX, |model| {
            keep_awake(|| model.eval_in_pool(data.dataset(), data.batch_size()))
        })
    }

    fn eval_in_pool(&mut self, dataset: &dyn Dataset, batch_size: usize) -> Result<Scores> {
        self.check_metrics()?;
        self.metrics.iter_mut().for_each(Metric::clear);
        let draw = Draw { seed: self.seed, epoch: self.epochs };
        let indices: Vec<usize> = (0..dataset.len()).collect();
        for indices in indices.chunks(batch_size) {
            let samples = &Drawn { dataset, draw, indices };
            let network = &self.network;
            let found = Pass { network, loss: &*self.loss, samples, training: None }.run()?;
            self.gather(&found)?;
        }
        Scores::of(&self.metrics)
    }

    /// Two metrics of one name could not be told apart.
    fn check_metrics(&self) -> Result<()> {
        for (i, metric) in self.metrics.iter().enumerate() {
            if self.metrics[..i].iter().any(|other| other.name() == metric.name()) {
                return Err(Error::Argument {
                    operation: "Model",
                    argument: "metrics",
                    found: format!("two that are named {}", metric.name()),
                    expected: "each name once".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Stores what the forward pass left for parameters that no gradient changes.
    fn store(&mut self, updates: &[(Key, Tensor)]) -> Result<()> {
        if updates.is_empty() {
            return Ok(());
        }
        let mut result = Ok(());
        self.network.each_parameter_mut(&mut |name, parameter| {
            let key = parameter.key();
            for (_, value) in updates.iter().filter(|(other, _)| *other == key) {
                if let Err(error) = parameter.set(value.clone()) {
                    result = Err(error.at(name));
                }
            }
        });
        Ok(result?)
    }

    /// Shows the metrics what a pass found.
    fn gather(&mut self, found: &Found) -> Result<()> {
        for part in &found.parts {
            for metric in &mut self.metrics {
                metric.update(part.outcome())?;
            }
        }
        Ok(())
    }

    /// The network's output for inputs `[N, ..]`, in evaluation mode.
    ///
    /// # Errors
    /// [`Error::Tensor`] where the inputs do not fit.
    pub fn predict(&mut self, input: &Tensor) -> Result<Tensor> {
        let samples = input.shape().first().copied().unwrap_or(0);
        self.in_pool(samples, |model| crate::shards::predict(&model.network, input))
    }

    /// Runs `work` on at most `samples` samples at a time on the model's threads, once the network
    /// has its parameters. What one thread will do is done by the caller's.
    fn in_pool<R: Send>(
        &mut self,
        samples: usize,
        work: impl FnOnce(&mut Self) -> Result<R> + Send,
    ) -> Result<R> {
        self.network.initialize(self.seed)?;
        if self.threads == 1 {
            return parallel::on(None, || work(self));
        }
        let pool = match &self.pool {
            Some(pool) => pool.clone(),
            None => self.pool.insert(Arc::new(pool(self.threads)?)).clone(),
        };
        if samples <= SHARD {
            return parallel::on(Some(pool), || work(self));
        }
        pool.install(|| work(self))
    }
}

fn pool(threads: usize) -> Result<rayon::ThreadPool> {
    if threads == 0 {
        return Err(Error::Argument {
            operation: "Model",
            argument: "threads",
            found: "0".to_owned(),
            expected: "at least 1".to_owned(),
        });
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("train-{i}"))
        .build()
        .map_err(|cause| Error::Threads { threads, cause })
}

/// The parts' predictions, one after another.
fn joined(parts: &[Part]) -> Result<Tensor> {
    let predictions: Vec<_> = parts.iter().map(|part| part.prediction.clone()).collect();
    Ok(Tensor::concatenate(&predictions)?)
}
