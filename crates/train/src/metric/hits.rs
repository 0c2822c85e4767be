//! [`Hits`]: the share of samples that are right.

use super::check::no_samples;
use crate::state::wrong_state;
use crate::{Result, State, Value};

/// How many samples there were, and how many of them were right.
#[derive(Clone, Debug, Default)]
pub(super) struct Hits {
    correct: u64,
    samples: u64,
}

impl Hits {
    /// One more sample.
    pub(super) fn count(&mut self, right: bool) {
        self.correct += u64::from(right);
        self.samples += 1;
    }

    /// More samples.
    pub(super) fn add(&mut self, other: &Hits) {
        self.correct += other.correct;
        self.samples += other.samples;
    }

    pub(super) fn state(&self) -> State {
        State::default().with("correct", self.correct as f64).with("samples", self.samples as f64)
    }

    /// What `owner` has kept.
    pub(super) fn of_state(owner: &str, state: &State) -> Result<Self> {
        let count = |name| state.count(owner, name);
        let (correct, samples) = (count("correct")?, count("samples")?);
        if correct > samples {
            let detail = format!("has {correct} right ones of {samples} samples");
            return Err(wrong_state(owner, detail));
        }
        Ok(Hits { correct, samples })
    }

    pub(super) fn share(&self, op: &'static str) -> Result<Value> {
        if self.samples == 0 {
            return Err(no_samples(op));
        }
        Ok((self.correct as f64 / self.samples as f64).into())
    }
}
