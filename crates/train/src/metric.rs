//! [`Metric`]: what says how good predictions are. Each of ours is a file of this folder.

mod accuracy;
mod average;
mod check;
mod class_score;
mod classes;
mod confusion_matrix;
mod counts;
mod fbeta;
mod hits;
mod loss;
mod mean_error;
mod named;
mod precision;
mod recall;
mod roc_auc;
mod top_k;

use crate::{Error, Mode, Result, State, Value};
use layers::Target;
use tensor::Tensor;

pub use accuracy::Accuracy;
pub use average::Average;
pub use confusion_matrix::{ConfusionMatrix, NormalizeBy};
pub use fbeta::Fbeta;
pub use loss::LossMetric;
pub use mean_error::{MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError};
pub use named::metric_by_name;
pub use precision::Precision;
pub use recall::Recall;
pub use roc_auc::RocAuc;
pub use top_k::TopKCategoricalAccuracy;

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

/// What says how good predictions are, gathered over any number of parts of a dataset:
/// MindSpore's `clear`, `update`, `eval`.
///
/// Parts come in the order of the samples, whatever the number of threads.
///
/// ```
/// use train::{Metric, Mode, Outcome, Result, Value};
///
/// /// The largest loss of any part.
/// #[derive(Default)]
/// struct WorstLoss(f64);
///
/// impl Metric for WorstLoss {
///     fn name(&self) -> &str {
///         "worst_loss"
///     }
///     fn mode(&self) -> Mode {
///         Mode::Min
///     }
///     fn clear(&mut self) {
///         self.0 = 0.0;
///     }
///     fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
///         self.0 = self.0.max(outcome.loss);
///         Ok(())
///     }
///     fn eval(&self) -> Result<Value> {
///         Ok(self.0.into())
///     }
/// }
/// ```
pub trait Metric: Send {
    /// The name under which its value is found, such as `accuracy`.
    fn name(&self) -> &str;

    /// Which values are better, for callbacks that watch them; [`Mode::Auto`] if it cannot say.
    fn mode(&self) -> Mode {
        Mode::Auto
    }

    /// Forgets everything.
    fn clear(&mut self);

    /// Takes in more samples.
    ///
    /// # Errors
    /// Where prediction and target are not of the shape that the metric is about, or a prediction
    /// is NaN.
    fn update(&mut self, outcome: Outcome<'_>) -> Result<()>;

    /// The value over all samples since the last [`Metric::clear`].
    ///
    /// # Errors
    /// Where there were none.
    fn eval(&self) -> Result<Value>;

    /// What has been gathered since the last [`Metric::clear`], so that an epoch can be interrupted
    /// and carried on.
    ///
    /// # Errors
    /// [`Error::Argument`] unless a metric implements it.
    fn state(&self) -> Result<State> {
        Err(not_kept(self.name()))
    }

    /// Goes on from a kept state.
    ///
    /// # Errors
    /// [`Error::State`] where the state is not one of this metric's, [`Error::Argument`] unless a
    /// metric implements it.
    fn load_state(&mut self, state: &State) -> Result<()> {
        let _ = state;
        Err(not_kept(self.name()))
    }
}

fn not_kept(name: &str) -> Error {
    Error::Argument {
        operation: "Checkpointing",
        argument: "metrics",
        found: format!("{name}, which cannot be carried on within an epoch"),
        expected: "metrics that implement Metric::state and Metric::load_state".to_owned(),
    }
}

impl Metric for Box<dyn Metric> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn mode(&self) -> Mode {
        (**self).mode()
    }

    fn clear(&mut self) {
        (**self).clear();
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        (**self).update(outcome)
    }

    fn eval(&self) -> Result<Value> {
        (**self).eval()
    }

    fn state(&self) -> Result<State> {
        (**self).state()
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        (**self).load_state(state)
    }
}
