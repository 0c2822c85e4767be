//! [`History`]: what happened in each epoch.

use crate::Scores;
use serde::Serialize;

/// What happened in one epoch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpochRecord {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The loss and the metrics over the epoch's samples, each at the time of its step.
    pub train: Scores,
    /// The loss and the metrics on the evaluation data after the epoch, where there is any.
    pub evaluation: Option<Scores>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The number of steps taken.
    pub steps: usize,
    /// The number of samples seen.
    pub samples: usize,
    /// Wall-clock time of the training part, in seconds.
    pub seconds: f64,
    /// Wall-clock time of the evaluation, in seconds.
    pub evaluation_seconds: f64,
}

/// What happened in each epoch of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct History {
    /// One record for each epoch, in order.
    pub epochs: Vec<EpochRecord>,
}
