//! [`RocAuc`].

use super::average::Average;
use super::check::{no_nan, no_samples, unfit};
use crate::state::wrong_state;
use crate::{Error, Metric, Mode, Outcome, Result, State, Value};
use layers::Target;
use tensor::Tensor;

const OP: &str = "auc";

/// The area under the receiver operating characteristic: the probability that a sample of a class
/// scores higher for it than a sample of another class; half where they score the same.
///
/// Predictions are logits `[N, classes]` with labels `[N]`, or `[N, 1]`, the score of the second of
/// two classes, with labels `[N]` or 0 and 1 `[N, 1]`. With two classes it is the area for the second;
/// with more, each class against the rest, by its softmax probability, and the mean over the
/// classes that have both samples and others. Where none has, it is NaN.
///
/// Every score is kept until [`Metric::clear`], and sorted by [`Metric::eval`]. scikit-learn's
/// `roc_auc_score(.., multi_class='ovr')`; MindSpore's `ROC` and `auc`, under the name `auc`.
#[derive(Clone, Debug)]
pub struct RocAuc {
    name: String,
    average: Average,
    probabilities: bool,
    columns: usize,
    scores: Vec<f32>,
    labels: Vec<u32>,
}

impl RocAuc {
    /// Of logits; the mean over the classes, where there are more than two.
    pub fn new() -> Self {
        let (average, probabilities, columns) = (Average::Macro, false, 0);
        let (scores, labels) = (Vec::new(), Vec::new());
        RocAuc { name: average.name(OP), average, probabilities, columns, scores, labels }
    }

    /// Another average, or none; the name then says which.
    ///
    /// # Errors
    /// [`Error::Argument`] for [`Average::Micro`], which treats scores of several classes as of one.
    pub fn average(mut self, average: Average) -> Result<Self> {
        if average == Average::Micro {
            return Err(Error::Argument {
                operation: "RocAuc",
                argument: "average",
                found: "Micro".to_owned(),
                expected: "Macro, Weighted or PerClass".to_owned(),
            });
        }
        (self.name, self.average) = (average.name(OP), average);
        Ok(self)
    }

    /// Whether predictions are probabilities already, and not logits.
    #[must_use]
    pub fn probabilities(mut self, probabilities: bool) -> Self {
        self.probabilities = probabilities;
        self
    }

    /// How much a sample's scores speak for a class: anything that grows with its probability.
    fn score(&self, row: &[f32], class: usize) -> f64 {
        if let [score] = row {
            return f64::from(*score);
        }
        let x = f64::from(row[class]);
        if self.probabilities {
            return x;
        }
        // The logarithm of the odds, x - ln Σ exp(others), which unlike the probability does not
        // end at 1.
        let others = || row.iter().enumerate().filter(|&(k, _)| k != class);
        let largest = others().map(|(_, &x)| f64::from(x)).fold(f64::NEG_INFINITY, f64::max);
        if largest.is_infinite() {
            return x - largest;
        }
        let sum: f64 = others().map(|(_, &x)| (f64::from(x) - largest).exp()).sum();
        x - largest - sum.ln()
    }

    /// The area for one class against the rest, and how many samples it has.
    fn area(&self, class: usize) -> (f64, f64) {
        let rows = self.scores.chunks_exact(self.columns);
        let mut scores: Vec<(f64, bool)> = rows
            .zip(&self.labels)
            .map(|(row, &label)| (self.score(row, class), label as usize == class))
            .collect();
        scores.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let (mut pairs, mut below) = (0.0, 0.0);
        for equal in scores.chunk_by(|(a, _), (b, _)| a == b) {
            let positives = equal.iter().filter(|(_, positive)| *positive).count() as f64;
            let negatives = equal.len() as f64 - positives;
            pairs += positives * (below + 0.5 * negatives);
            below += negatives;
        }
        let positives = scores.len() as f64 - below;
        (pairs / (positives * below), positives)
    }
}

impl Default for RocAuc {
    fn default() -> Self {
        RocAuc::new()
    }
}

impl Metric for RocAuc {
    fn name(&self) -> &str {
        &self.name
    }

    fn mode(&self) -> Mode {
        Mode::Max
    }

    fn clear(&mut self) {
        self.columns = 0;
        self.scores.clear();
        self.labels.clear();
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        let fail = || {
            let detail = "predictions need the shape [samples, classes] with labels [samples], or \
                          [samples, 1] with labels or 0 and 1 of the same shape";
            unfit(OP, detail, outcome)
        };
        let [samples, columns] = outcome.prediction.shape()[..] else { return Err(fail()) };
        if samples == 0 || columns == 0 {
            return Err(fail());
        }
        if self.columns != 0 && self.columns != columns {
            let expected = format!("{}, as of the samples before", self.columns);
            return Err(tensor::Error::argument(OP, "number of classes", columns, expected).into());
        }
        no_nan(OP, outcome.prediction)?;
        let classes = columns.max(2);
        match outcome.target {
            Target::Class(labels) if labels.shape()[..] == [samples] => {
                let labels = labels.as_slice();
                if let Some(position) = labels.iter().position(|&l| l as usize >= classes) {
                    let label = labels[position];
                    return Err(tensor::Error::Label { op: OP, label, position, classes }.into());
                }
                self.labels.extend(labels);
            }
            Target::Values(values) if values.shape()[..] == [samples, 1] && columns == 1 => {
                self.labels.extend(values.as_slice().iter().map(|&t| u32::from(t > 0.5)));
            }
            _ => return Err(fail()),
        }
        self.columns = columns;
        self.scores.extend(outcome.prediction.as_slice());
        Ok(())
    }

    fn state(&self) -> Result<State> {
        let mut state = State::default().with("columns", self.columns as f64);
        // Labels are below the number of columns, so they are exact as f32.
        let labels: Vec<f32> = self.labels.iter().map(|&label| label as f32).collect();
        for (name, values) in [("scores", &self.scores), ("labels", &labels)] {
            if !values.is_empty() {
                state.tensors.insert(name.to_owned(), Tensor::from_vec([values.len()], values)?);
            }
        }
        Ok(state)
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        let columns = state.count(&self.name, "columns")? as usize;
        let values = |name: &str| state.tensors.get(name).map_or(Vec::new(), Tensor::to_vec);
        let (scores, labels) = (values("scores"), values("labels"));
        let fits = labels.len().checked_mul(columns) == Some(scores.len());
        if !fits || (columns == 0 && !labels.is_empty()) {
            let detail = format!(
                "has {} scores for {} samples of {columns} columns",
                scores.len(),
                labels.len()
            );
            return Err(wrong_state(&self.name, detail));
        }
        let labels = labels.into_iter().map(|label| label as u32).collect();
        (self.columns, self.scores, self.labels) = (columns, scores, labels);
        Ok(())
    }

    fn eval(&self) -> Result<Value> {
        if self.labels.is_empty() {
            return Err(no_samples(OP));
        }
        if self.columns <= 2 {
            return Ok(self.area(1).0.into());
        }
        let areas: Vec<_> = (0..self.columns).map(|class| self.area(class)).collect();
        if self.average == Average::PerClass {
            return Ok(Value::PerClass(areas.into_iter().map(|(area, _)| area).collect()));
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for (area, positives) in areas.into_iter().filter(|(area, _)| !area.is_nan()) {
            let weight = if self.average == Average::Weighted { positives } else { 1.0 };
            sum += weight * area;
            weights += weight;
        }
        Ok((sum / weights).into())
    }
}
