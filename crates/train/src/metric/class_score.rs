//! What [`Precision`](super::Precision), [`Recall`](super::Recall) and [`Fbeta`](super::Fbeta) have
//! in common: a formula of each class's hits, and an average over the classes.

use super::average::{Average, ratio};
use super::counts::Counts;
use crate::{Outcome, Result, State, Value};

/// The share of hits among a mixture of the samples of a class and those that were taken for it.
#[derive(Clone, Debug)]
pub(super) struct ClassScore {
    /// What errors call it.
    op: &'static str,
    /// Its name without that of the average.
    metric: String,
    /// By how much the samples of the class, and those that were taken for it, count.
    weights: [f64; 2],
    pub(super) name: String,
    average: Average,
    counts: Counts,
}

impl ClassScore {
    /// The mean over the classes.
    pub(super) fn new(op: &'static str, metric: String, weights: [f64; 2]) -> Self {
        let average = Average::Macro;
        let (name, counts) = (average.name(&metric), Counts::default());
        ClassScore { op, metric, weights, name, average, counts }
    }

    pub(super) fn average(mut self, average: Average) -> Self {
        (self.name, self.average) = (average.name(&self.metric), average);
        self
    }

    pub(super) fn clear(&mut self) {
        self.counts.clear();
    }

    pub(super) fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        self.counts.add(self.op, outcome)
    }

    pub(super) fn state(&self) -> State {
        self.counts.state()
    }

    pub(super) fn load_state(&mut self, state: &State) -> Result<()> {
        self.counts = Counts::of_state(&self.name, state)?;
        Ok(())
    }

    pub(super) fn eval(&self) -> Result<Value> {
        let [of_actual, of_predicted] = self.weights;
        self.average.of(self.op, &self.counts, |hits, predicted, actual| {
            ratio((of_actual + of_predicted) * hits, of_actual * actual + of_predicted * predicted)
        })
    }
}

/// Makes a metric of a type whose only field is a [`ClassScore`].
macro_rules! class_score {
    ($type:ident) => {
        impl $type {
            /// Another average, or none; the name then says which.
            #[must_use]
            pub fn average(self, average: $crate::Average) -> Self {
                $type(self.0.average(average))
            }
        }

        impl $crate::Metric for $type {
            fn name(&self) -> &str {
                &self.0.name
            }

            fn mode(&self) -> $crate::Mode {
                $crate::Mode::Max
            }

            fn clear(&mut self) {
                self.0.clear();
            }

            fn update(&mut self, outcome: $crate::Outcome<'_>) -> $crate::Result<()> {
                self.0.update(outcome)
            }

            fn state(&self) -> $crate::Result<$crate::State> {
                Ok(self.0.state())
            }

            fn load_state(&mut self, state: &$crate::State) -> $crate::Result<()> {
                self.0.load_state(state)
            }

            fn eval(&self) -> $crate::Result<$crate::Value> {
                self.0.eval()
            }
        }
    };
}

pub(super) use class_score;
