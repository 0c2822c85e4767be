//! [`LossMetric`].

use super::check::no_samples;
use crate::{Metric, Mode, Outcome, Result, State, Value};

/// The mean loss, weighted by samples. (MindSpore's `Loss` averages the batches' means, so that
/// a small last batch counts as much as a full one.)
///
/// Every model has it, under the name `loss`.
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

    fn state(&self) -> Result<State> {
        Ok(State::default().with("sum", self.sum).with("weight", self.weight))
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        let number = |name| state.required("loss", name);
        (self.sum, self.weight) = (number("sum")?, number("weight")?);
        Ok(())
    }

    fn eval(&self) -> Result<Value> {
        if self.weight == 0.0 {
            return Err(no_samples("loss"));
        }
        Ok((self.sum / self.weight).into())
    }
}
