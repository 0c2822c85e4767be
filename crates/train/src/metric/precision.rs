//! [`Precision`].

use super::average::{Average, ratio};
use super::counts::Counts;
use crate::{Metric, Mode, Outcome, Result, State, Value};

/// Of the samples that were taken for a class, the share that is of it: hits / predicted.
///
/// Predictions and targets are as for [`Accuracy`](crate::Accuracy). MindSpore's `Precision`, which
/// yields all classes unless told `average=True`, and scikit-learn's `precision_score`.
#[derive(Clone, Debug)]
pub struct Precision {
    name: String,
    average: Average,
    counts: Counts,
}

impl Precision {
    /// The mean over the classes.
    pub fn new() -> Self {
        let average = Average::Macro;
        Precision { name: average.name("precision"), average, counts: Counts::default() }
    }

    /// Another average, or none; the name then says which.
    #[must_use]
    pub fn average(mut self, average: Average) -> Self {
        (self.name, self.average) = (average.name("precision"), average);
        self
    }
}

impl Default for Precision {
    fn default() -> Self {
        Precision::new()
    }
}

impl Metric for Precision {
    fn name(&self) -> &str {
        &self.name
    }

    fn mode(&self) -> Mode {
        Mode::Max
    }

    fn clear(&mut self) {
        self.counts.clear();
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        self.counts.add("precision", outcome)
    }

    fn state(&self) -> Result<State> {
        Ok(self.counts.state())
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        self.counts = Counts::of_state(self.name(), state)?;
        Ok(())
    }

    fn eval(&self) -> Result<Value> {
        self.average.of("precision", &self.counts, |hits, predicted, _| ratio(hits, predicted))
    }
}
