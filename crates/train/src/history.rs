//! [`History`]: what happened in each epoch.

use crate::{Error, Result, Scores};
use serde::Serialize;

/// What happened in one epoch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpochRecord {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The loss and the metrics over the epoch's samples, each at the time of its step.
    pub train: Scores,
    /// The loss and the metrics on the validation data after the epoch, where they were computed.
    pub evaluation: Option<Scores>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The number of steps taken.
    pub steps: usize,
    /// The number of samples seen.
    pub samples: usize,
    /// The number of batches that the validation took; 0 where there was none.
    pub evaluation_steps: usize,
    /// Wall-clock time of the training part, in seconds.
    pub seconds: f64,
    /// Wall-clock time of the validation, in seconds.
    pub evaluation_seconds: f64,
}

impl EpochRecord {
    /// All scores that are numbers, by MindSpore's names: `loss`, `accuracy`, and then
    /// `eval_loss`, `eval_accuracy` where there was a validation.
    pub fn scores(&self) -> impl Iterator<Item = (String, f64)> {
        let train = self.train.iter().map(|(name, value)| (name.to_owned(), value));
        let evaluation = self.evaluation.iter().flat_map(Scores::iter);
        train.chain(evaluation.map(|(name, value)| (format!("eval_{name}"), value)))
    }
}

/// What happened in each epoch of a run: MindSpore's `History` callback, which
/// [`Model::fit`](crate::Model::fit) keeps without being asked. (MindSpore's records the loss of
/// the epoch's last batch; `loss` here is the mean over the epoch.)
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct History {
    /// One record for each epoch, in order.
    pub epochs: Vec<EpochRecord>,
}

impl History {
    /// The last epoch.
    pub fn last(&self) -> Option<&EpochRecord> {
        self.epochs.last()
    }

    /// One score over the epochs, by MindSpore's name: `loss`, `eval_accuracy`. Epochs without
    /// validation are left out of the latter.
    ///
    /// # Errors
    /// [`Error::Score`] where no epoch has it; it lists those that exist.
    pub fn series(&self, name: &str) -> Result<Vec<(usize, f64)>> {
        let mut known: Vec<String> = Vec::new();
        let mut series = Vec::new();
        for record in &self.epochs {
            for (score, value) in record.scores() {
                if score == name {
                    series.push((record.epoch, value));
                } else if !known.contains(&score) {
                    known.push(score);
                }
            }
        }
        if series.is_empty() {
            return Err(Error::Score { name: name.to_owned(), known: known.join(", ") });
        }
        Ok(series)
    }
}
