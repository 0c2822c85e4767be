//! [`RunContext`]: what a callback sees of a training run, and what it may do to it.

use crate::{EpochRecord, Error, History, Metric, Result, Scores};
use layers::Module;
use optim::Optimizer;

/// A training run as its callbacks see it, and what they may do to it: read scores, read and set
/// the weights, end the run. Counts start at 1.
///
/// MindSpore's `run_context.original_args()`, with types.
pub struct RunContext<'a> {
    /// The epoch.
    pub epoch: usize,
    /// The epoch that the run ends with.
    pub epochs: usize,
    /// The number of epochs before this run's first: 0 unless an earlier run is carried on.
    pub initial_epoch: usize,
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
    /// What validation found after this epoch; `None` before it, or where there is none.
    pub evaluation: Option<&'a Scores>,
    /// The epochs of this run that are over. At the end of an epoch, it is the last of them.
    pub history: &'a History,
    /// The training scores of an epoch that is over; the metrics may gather something else now.
    pub(crate) epoch_scores: Option<&'a Scores>,
    pub(crate) validates: bool,
    pub(crate) metrics: &'a [Box<dyn Metric>],
    pub(crate) network: &'a mut dyn Module,
    pub(crate) optimizer: &'a mut dyn Optimizer,
    pub(crate) stop: &'a mut bool,
}

impl RunContext<'_> {
    /// The training metrics over this epoch so far.
    ///
    /// # Errors
    /// Those of [`Metric::eval`].
    pub fn scores(&self) -> Result<Scores> {
        match self.epoch_scores {
            Some(scores) => Ok(scores.clone()),
            None => Scores::of(self.metrics),
        }
    }

    /// The score that MindSpore's `monitor` names: `accuracy` is the training metric of that name
    /// over this epoch so far, `eval_accuracy` the validation's; `None` where there was no
    /// validation after this epoch.
    ///
    /// # Errors
    /// [`Error::Score`] where there is no such metric, or no validation at all in this run.
    pub fn monitored(&self, name: &str) -> Result<Option<f64>> {
        self.metric_of(name)?;
        match name.strip_prefix(VALIDATION) {
            Some(name) => self.evaluation.map(|scores| scores.get(name)).transpose(),
            None => Ok(Some(self.scores()?.get(name)?)),
        }
    }

    /// The metric that a monitored name is about.
    pub(crate) fn metric_of(&self, name: &str) -> Result<&dyn Metric> {
        let metric = match name.strip_prefix(VALIDATION) {
            Some(_) if !self.validates => None,
            Some(rest) => self.metrics.iter().find(|metric| metric.name() == rest),
            None => self.metrics.iter().find(|metric| metric.name() == name),
        };
        metric.map(|metric| &**metric).ok_or_else(|| {
            let names = || self.metrics.iter().map(Metric::name);
            let mut known: Vec<_> = names().map(str::to_owned).collect();
            if self.validates {
                known.extend(names().map(|name| format!("{VALIDATION}{name}")));
            }
            let mut known = known.join(", ");
            if !self.validates {
                known += " (and eval_ before each, where fit is given validation data)";
            }
            Error::Score { name: name.to_owned(), known }
        })
    }

    /// The names of all scores that are numbers: those of training, which `record` has, and those
    /// of the validation, which it may lack.
    pub(crate) fn score_names(&self, record: &EpochRecord) -> Vec<String> {
        let names = || record.train.iter().map(|(name, _)| name);
        let validation = names().filter(|_| self.validates);
        let validation = validation.map(|name| format!("{VALIDATION}{name}"));
        names().map(str::to_owned).chain(validation).collect()
    }

    /// The number of the step, counted over the epochs.
    pub fn global_step(&self) -> usize {
        self.epoch.saturating_sub(1) * self.steps_per_epoch + self.step
    }

    /// The network: its parameters and their values.
    pub fn network(&self) -> &dyn Module {
        self.network
    }

    /// The network, for writing: setting or freezing parameters.
    pub fn network_mut(&mut self) -> &mut dyn Module {
        self.network
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &dyn Optimizer {
        self.optimizer
    }

    /// The optimizer, for writing: the next step uses what is set now.
    pub fn optimizer_mut(&mut self) -> &mut dyn Optimizer {
        self.optimizer
    }

    /// Ends training after this step (MindSpore's `request_stop`). The remaining hooks still run.
    pub fn request_stop(&mut self) {
        *self.stop = true;
    }
}

/// Before the name of a metric: the validation's value of it.
const VALIDATION: &str = "eval_";

impl std::fmt::Debug for RunContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunContext")
            .field("epoch", &self.epoch)
            .field("step", &self.step)
            .field("loss", &self.loss)
            .finish_non_exhaustive()
    }
}
