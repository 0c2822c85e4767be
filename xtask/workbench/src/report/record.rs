//! What a run has left in its folder.

use crate::curves::{Curves, Epoch, Steps};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::Path;
use std::time::{Duration, SystemTime};
use xtask::host::date;

/// A run's `history.json`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Record {
    /// Seconds since 1970, as text.
    started: String,
    pub(super) test_accuracy: f64,
    pub(super) test_loss: f64,
    pub(super) seconds: f64,
    pub(super) seed: u64,
    pub(super) configuration: Map<String, Value>,
    pub(super) environment: Map<String, Value>,
    /// What the time was spent on, in order.
    pub(super) phases: Vec<Phase>,
    epochs: Vec<EpochRecord>,
    steps: StepRecords,
}

/// A part of a run, and how long it took.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Phase {
    pub(super) name: String,
    pub(super) seconds: f64,
}

/// An epoch as `train::History` writes it.
#[derive(Clone, Debug, Deserialize)]
struct EpochRecord {
    #[serde(flatten)]
    scores: Epoch,
    samples: usize,
    seconds: f64,
}

/// Every step, as `train::StepHistory` writes them.
#[derive(Clone, Debug, Deserialize)]
struct StepRecords {
    loss: Vec<f32>,
    accuracy: Vec<f32>,
    learning_rate: Vec<f32>,
}

impl Record {
    /// Reads `history.json` in the folder of a run.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("history.json");
        let shown = path.display();
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "{shown}: a report needs the history of a finished run, which cargo xtask train-lenet \
                 writes at its end"
            )
        })?;
        let record: Record = serde_json::from_str(&text).with_context(|| {
            format!("{shown}: this is not a whole history of this version; train again")
        })?;
        ensure!(
            !record.epochs.is_empty() && !record.steps.loss.is_empty(),
            "{shown}: the history has no epoch; there is nothing to report"
        );
        Ok(record)
    }

    /// What the curves are drawn from.
    pub(super) fn curves(&self) -> Curves<'_> {
        let StepRecords { loss, accuracy, learning_rate } = &self.steps;
        let epochs = self.epochs.iter().map(|epoch| epoch.scores.clone()).collect();
        Curves { steps: Steps { loss, accuracy, learning_rate }, epochs }
    }

    /// The day on which the run began.
    pub(super) fn date(&self) -> String {
        let seconds = self.started.split('.').next().and_then(|seconds| seconds.parse().ok());
        date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unwrap_or_default()))
    }

    /// Epochs that were trained.
    pub(super) fn epochs(&self) -> usize {
        self.epochs.len()
    }

    /// Steps that were taken.
    pub(super) fn steps(&self) -> usize {
        self.steps.loss.len()
    }

    /// Training images a second, validation left out.
    pub(super) fn images_per_second(&self) -> f64 {
        let sum = |number: fn(&EpochRecord) -> f64| self.epochs.iter().map(number).sum::<f64>();
        sum(|epoch| epoch.samples as f64) / sum(|epoch| epoch.seconds)
    }

    /// The table of epochs: number, training loss and accuracy, test loss and accuracy, seconds.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &Epoch, f64)> {
        self.epochs.iter().enumerate().map(|(i, epoch)| (i + 1, &epoch.scores, epoch.seconds))
    }
}
