//! [`TopKCategoricalAccuracy`].

use super::check::{no_nan, unfit};
use super::hits::Hits;
use crate::{Error, Metric, Mode, Outcome, Result, State, Value};
use layers::Target;

const OP: &str = "top_k_accuracy";

/// The share of samples whose class is among the k largest predictions.
///
/// Predictions are `[N, classes]`, targets are labels `[N]`. Of equal predictions the first counts
/// as the larger, so k = 1 is [`Accuracy`](crate::Accuracy). MindSpore's `TopKCategoricalAccuracy`;
/// the name is `top_5_accuracy` for k = 5.
#[derive(Clone, Debug)]
pub struct TopKCategoricalAccuracy {
    k: usize,
    name: String,
    hits: Hits,
}

impl TopKCategoricalAccuracy {
    /// Among the `k` largest.
    ///
    /// # Errors
    /// [`Error::Argument`] where `k` is 0.
    pub fn new(k: usize) -> Result<Self> {
        if k == 0 {
            return Err(wrong_k("TopKCategoricalAccuracy", k, "at least 1".to_owned()));
        }
        Ok(TopKCategoricalAccuracy { k, name: format!("top_{k}_accuracy"), hits: Hits::default() })
    }
}

fn wrong_k(operation: &'static str, k: usize, expected: String) -> Error {
    Error::Argument { operation, argument: "k", found: k.to_string(), expected }
}

impl Metric for TopKCategoricalAccuracy {
    fn name(&self) -> &str {
        &self.name
    }

    fn mode(&self) -> Mode {
        Mode::Max
    }

    fn clear(&mut self) {
        self.hits = Hits::default();
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        let (classes, labels) = match (&outcome.prediction.shape()[..], outcome.target) {
            (&[samples, classes], Target::Class(labels))
                if samples > 0 && labels.shape()[..] == [samples] =>
            {
                (classes, labels)
            }
            _ => {
                let detail =
                    "predictions need the shape [samples, classes], targets are labels [samples]";
                return Err(unfit(OP, detail, outcome));
            }
        };
        if self.k > classes {
            let expected = format!("at most {classes}, the number of classes");
            return Err(wrong_k(OP, self.k, expected));
        }
        no_nan(OP, outcome.prediction)?;
        let rows = outcome.prediction.as_slice().chunks_exact(classes);
        for (position, (row, &label)) in rows.zip(labels.as_slice()).enumerate() {
            let Some(&score) = row.get(label as usize) else {
                return Err(tensor::Error::Label { op: OP, label, position, classes }.into());
            };
            let before =
                |(class, x): (usize, &f32)| *x > score || (*x == score && class < label as usize);
            let rank = row.iter().enumerate().filter(|&pair| before(pair)).count();
            self.hits.count(rank < self.k);
        }
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
        self.hits.share(OP)
    }
}
