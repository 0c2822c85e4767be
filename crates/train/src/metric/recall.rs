//! [`Recall`].

use super::average::{Average, ratio};
use super::counts::Counts;
use crate::{Metric, Mode, Outcome, Result, State, Value};

/// Of the samples of a class, the share that was taken for it: hits / actual.
///
/// Predictions and targets are as for [`Accuracy`](crate::Accuracy). MindSpore's `Recall`, which
/// yields all classes unless told `average=True`, and scikit-learn's `recall_score`.
#[derive(Clone, Debug)]
pub struct Recall {
    name: String,
    average: Average,
    counts: Counts,
}

impl Recall {
    /// The mean over the classes.
    pub fn new() -> Self {
        let average = Average::Macro;
        Recall { name: average.name("recall"), average, counts: Counts::default() }
    }

    /// Another average, or none; the name then says which.
    #[must_use]
    pub fn average(mut self, average: Average) -> Self {
        (self.name, self.average) = (average.name("recall"), average);
        self
    }
}

impl Default for Recall {
    fn default() -> Self {
        Recall::new()
    }
}

impl Metric for Recall {
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
        self.counts.add("recall", outcome)
    }

    fn state(&self) -> Result<State> {
        Ok(self.counts.state())
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        self.counts = Counts::of_state(self.name(), state)?;
        Ok(())
    }

    fn eval(&self) -> Result<Value> {
        self.average.of("recall", &self.counts, |hits, _, actual| ratio(hits, actual))
    }
}
