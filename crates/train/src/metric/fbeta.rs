//! [`Fbeta`].

use super::average::{Average, ratio};
use super::counts::Counts;
use crate::{Error, Metric, Mode, Outcome, Result, State, Value};

/// The harmonic mean of precision and recall, where recall counts β times as much:
/// (1 + β²) · hits / (β² · actual + predicted).
///
/// Predictions and targets are as for [`Accuracy`](crate::Accuracy). MindSpore's `Fbeta` and `F1`,
/// which yield all classes unless told `average=True`, and scikit-learn's `fbeta_score`: the mean
/// is that of the classes' scores.
#[derive(Clone, Debug)]
pub struct Fbeta {
    beta: f64,
    name: String,
    average: Average,
    counts: Counts,
}

impl Fbeta {
    /// The mean over the classes, under the name `f2` for a beta of 2.
    ///
    /// # Errors
    /// [`Error::Argument`] where beta is not a finite number above 0.
    pub fn new(beta: f64) -> Result<Self> {
        if !beta.is_finite() || beta <= 0.0 {
            return Err(Error::Argument {
                operation: "Fbeta",
                argument: "beta",
                found: beta.to_string(),
                expected: "a finite number above 0".to_owned(),
            });
        }
        Ok(Fbeta::of(beta))
    }

    /// As much of precision as of recall: MindSpore's `F1`.
    pub fn f1() -> Self {
        Fbeta::of(1.0)
    }

    fn of(beta: f64) -> Self {
        let (average, counts) = (Average::Macro, Counts::default());
        Fbeta { beta, name: average.name(&format!("f{beta}")), average, counts }
    }

    /// Another average, or none; the name then says which.
    #[must_use]
    pub fn average(mut self, average: Average) -> Self {
        (self.name, self.average) = (average.name(&format!("f{}", self.beta)), average);
        self
    }
}

impl Metric for Fbeta {
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
        self.counts.add("fbeta", outcome)
    }

    fn state(&self) -> Result<State> {
        Ok(self.counts.state())
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        self.counts = Counts::of_state(self.name(), state)?;
        Ok(())
    }

    fn eval(&self) -> Result<Value> {
        let squared = self.beta * self.beta;
        self.average.of("fbeta", &self.counts, |hits, predicted, actual| {
            ratio((1.0 + squared) * hits, squared * actual + predicted)
        })
    }
}
