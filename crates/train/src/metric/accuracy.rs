//! [`Accuracy`].

use super::check::{no_nan, unfit};
use super::classes::each_class;
use super::hits::Hits;
use crate::{Metric, Mode, Outcome, Result, State, Value};
use layers::Target;

/// The share of samples that are classified right, in 0..=1: MindSpore's `Accuracy`.
///
/// Predictions are `[N, classes]`, of which the first largest is the class; targets are labels
/// `[N]`, or `[N, classes]` whose largest element names the class. One column of predictions is
/// the score of the second of two classes, above or below the threshold.
///
/// Of [`Accuracy::multilabel`], predictions are `[N, labels]`, and each label is there or not:
/// where its score is above the threshold, and where its target is 1. A sample is right if
/// all of its labels are, as in MindSpore and scikit-learn.
#[derive(Clone, Debug, Default)]
pub struct Accuracy {
    multilabel: bool,
    threshold: f32,
    hits: Hits,
}

impl Accuracy {
    /// One class for each sample: MindSpore's `eval_type='classification'`.
    pub fn new() -> Self {
        Accuracy::default()
    }

    /// Any number of labels for each sample: MindSpore's `eval_type='multilabel'`.
    pub fn multilabel() -> Self {
        Accuracy { multilabel: true, ..Accuracy::default() }
    }

    /// Above which score a label is there: 0, right for logits, by default; 0.5 for probabilities.
    #[must_use]
    pub fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    fn update_multilabel(&mut self, outcome: Outcome<'_>) -> Result<()> {
        let prediction = outcome.prediction;
        let (labels, values) = match (&prediction.shape()[..], outcome.target) {
            (&[samples, labels], Target::Values(values))
                if samples > 0 && labels > 0 && values.shape() == prediction.shape() =>
            {
                (labels, values)
            }
            _ => {
                let detail = "predictions and targets need the same shape [samples, labels]";
                return Err(unfit("accuracy", detail, outcome));
            }
        };
        no_nan("accuracy", prediction)?;
        let truths = values.as_slice().chunks_exact(labels);
        for (row, truth) in prediction.as_slice().chunks_exact(labels).zip(truths) {
            let right = |(x, t): (&f32, &f32)| (*x > self.threshold) == (*t > 0.5);
            self.hits.count(row.iter().zip(truth).all(right));
        }
        Ok(())
    }
}

impl Metric for Accuracy {
    fn name(&self) -> &str {
        "accuracy"
    }

    fn mode(&self) -> Mode {
        Mode::Max
    }

    fn clear(&mut self) {
        self.hits = Hits::default();
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        if self.multilabel {
            return self.update_multilabel(outcome);
        }
        let mut hits = Hits::default();
        each_class("accuracy", outcome, self.threshold, |found, truth| hits.count(found == truth))?;
        self.hits.add(&hits);
        Ok(())
    }

    fn state(&self) -> Result<State> {
        Ok(self.hits.state())
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        self.hits = Hits::of_state(self.name(), state)?;
        Ok(())
    }

    fn eval(&self) -> Result<Value> {
        self.hits.share("accuracy")
    }
}
