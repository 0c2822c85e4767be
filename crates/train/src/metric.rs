//! [`Metric`]: a number that says how good predictions are. Each of ours is a file of this folder.

mod accuracy;

use crate::{Error, Mode, Result};
pub use accuracy::Accuracy;
use layers::Target;
use tensor::Tensor;

/// Some samples' predictions, with what they should have been.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// `[N, ..]`
    pub prediction: &'a Tensor,
    /// `[N]` or `[N, ..]`
    pub target: &'a Target,
    /// Their mean loss, however the gradient reduces it.
    pub loss: f64,
    /// By how much they count in a mean of losses: their number, unless the loss weights samples.
    pub weight: f64,
}

/// A number that says how good predictions are, gathered over any number of parts of a dataset:
/// MindSpore's `clear`, `update`, `eval`.
pub trait Metric: Send {
    /// The name under which its value is found, such as `accuracy`.
    fn name(&self) -> &str;

    /// Forgets everything.
    fn clear(&mut self);

    /// Takes in more samples.
    ///
    /// # Errors
    /// Where prediction and target are not of the shape that the metric is about.
    fn update(&mut self, outcome: Outcome<'_>) -> Result<()>;

    /// Which values are better, for callbacks that watch them; [`Mode::Auto`] if it cannot say.
    fn mode(&self) -> Mode {
        Mode::Auto
    }

    /// The value over all samples since the last [`Metric::clear`]; NaN where there were none.
    fn eval(&self) -> f64;
}

/// The mean loss, weighted by samples. (MindSpore's `Loss` averages the batches' means, so that
/// a small last batch counts as much as a full one.)
#[derive(Clone, Debug, Default)]
pub struct LossMetric {
    sum: f64,
    weight: f64,
}

impl LossMetric {
    /// Nothing gathered yet.
    pub fn new() -> Self {
        LossMetric::default()
    }
}

impl Metric for LossMetric {
    fn name(&self) -> &str {
        "loss"
    }

    fn mode(&self) -> Mode {
        Mode::Min
    }

    fn clear(&mut self) {
        *self = LossMetric::default();
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        self.sum += outcome.loss * outcome.weight;
        self.weight += outcome.weight;
        Ok(())
    }

    fn eval(&self) -> f64 {
        self.sum / self.weight
    }
}

/// Values of metrics, by name, in the order in which the metrics were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores(Vec<(String, f64)>);

impl Scores {
    pub(crate) fn of(metrics: &[Box<dyn Metric>]) -> Self {
        Scores(metrics.iter().map(|metric| (metric.name().to_owned(), metric.eval())).collect())
    }

    /// The value of the metric of this name.
    ///
    /// # Errors
    /// [`Error::Score`], which lists those that exist.
    pub fn get(&self, name: &str) -> Result<f64> {
        self.0.iter().find(|(known, _)| known == name).map(|&(_, value)| value).ok_or_else(|| {
            let known: Vec<_> = self.0.iter().map(|(name, _)| name.as_str()).collect();
            Error::Score { name: name.to_owned(), known: known.join(", ") }
        })
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

impl serde::Serialize for Scores {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
