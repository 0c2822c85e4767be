//! [`ConfusionMatrix`].

use super::average::ratio;
use super::check::no_samples;
use super::counts::Counts;
use crate::{Error, Metric, Outcome, Result, State, Value, value::Matrix};

/// How often each true class (row) was taken for each class (column).
///
/// Predictions and targets are as for [`Accuracy`](crate::Accuracy). The value is a
/// [`Value::Matrix`], which prints as a table:
///
/// ```
/// use layers::Target;
/// use tensor::Tensor;
/// use train::{ConfusionMatrix, Metric, Outcome};
///
/// let prediction = Tensor::from_vec([3, 2], [2.0, 1.0, 0.0, 3.0, 0.5, 0.1])?;
/// let target = Target::Class(Tensor::from_vec([3], [0, 1, 1])?);
/// let mut matrix = ConfusionMatrix::new().labels(["cat", "dog"]);
/// matrix.update(Outcome { prediction: &prediction, target: &target, loss: 0.0, weight: 3.0 })?;
/// let text = "            predicted\n            cat  dog\ntruth  cat    1    0\n       dog    1    1";
/// assert_eq!(matrix.eval()?.to_string(), text);
/// # Ok::<(), train::Error>(())
/// ```
///
/// MindSpore's `ConfusionMatrix(num_classes, normalize)`; the number of classes is that of the
/// predictions' columns here.
#[derive(Clone, Debug, Default)]
pub struct ConfusionMatrix {
    normalize: NormalizeBy,
    labels: Vec<String>,
    counts: Counts,
}

/// What the numbers of a [`ConfusionMatrix`] are divided by. A row or column without samples
/// stays 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NormalizeBy {
    /// Nothing: MindSpore's `'no_norm'`.
    #[default]
    None,
    /// The samples of the true class, so that rows add up to 1: MindSpore's `'target'`.
    Truth,
    /// The samples of the predicted class, so that columns add up to 1: MindSpore's
    /// `'prediction'`.
    Prediction,
    /// All samples: MindSpore's `'all'`.
    All,
}

impl ConfusionMatrix {
    /// Counts, with the classes' numbers as labels.
    pub fn new() -> Self {
        ConfusionMatrix::default()
    }

    /// What the counts are divided by.
    #[must_use]
    pub fn normalize(mut self, normalize: NormalizeBy) -> Self {
        self.normalize = normalize;
        self
    }

    /// The names of the classes.
    #[must_use]
    pub fn labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        self.labels = labels.into_iter().map(Into::into).collect();
        self
    }
}

impl Metric for ConfusionMatrix {
    fn name(&self) -> &str {
        "confusion_matrix"
    }

    fn clear(&mut self) {
        self.counts.clear();
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        self.counts.add("confusion_matrix", outcome)?;
        if !self.labels.is_empty() && self.labels.len() != self.counts.classes {
            return Err(Error::Argument {
                operation: "confusion_matrix",
                argument: "labels",
                found: format!("{} names", self.labels.len()),
                expected: format!("one for each of the {} classes", self.counts.classes),
            });
        }
        Ok(())
    }

    fn state(&self) -> Result<State> {
        Ok(self.counts.state())
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        self.counts = Counts::of_state(self.name(), state)?;
        Ok(())
    }

    fn eval(&self) -> Result<Value> {
        let counts = &self.counts;
        if counts.total() == 0.0 {
            return Err(no_samples("confusion_matrix"));
        }
        let cell = |truth, found| {
            let count = counts.cell(truth, found);
            match self.normalize {
                NormalizeBy::None => count,
                NormalizeBy::Truth => ratio(count, counts.actual(truth)),
                NormalizeBy::Prediction => ratio(count, counts.predicted(found)),
                NormalizeBy::All => count / counts.total(),
            }
        };
        let classes = 0..counts.classes;
        let labels = if self.labels.is_empty() {
            classes.clone().map(|class| class.to_string()).collect()
        } else {
            self.labels.clone()
        };
        let row = |truth| classes.clone().map(|found| cell(truth, found)).collect();
        Ok(Value::Matrix(Matrix { labels, rows: classes.clone().map(row).collect() }))
    }
}
