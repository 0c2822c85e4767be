//! `history.json`: what a run was, and what came of it.

use super::data::{DEVIATION, MEAN, SIDE};
use super::{RunConfiguration, lines};
use crate::host::cpu;
use anyhow::{Context, Result};
use layers::{Loss, SoftmaxCrossEntropyWithLogits};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;
use train::{EpochRecord, History, StepHistory};

/// A score on the test images after the last epoch.
pub(super) fn test_score(history: &History, name: &str) -> Result<f64> {
    let last = history.epochs.last().and_then(|epoch| epoch.evaluation.as_ref());
    Ok(last.context("no epoch was completed")?.get(name)?)
}

/// How long training and tests took, over all interruptions.
pub(super) fn seconds(history: &History) -> f64 {
    history.epochs.iter().map(|epoch| epoch.seconds + epoch.evaluation_seconds).sum()
}

/// A part of a run, and how long it took.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Phase {
    name: &'static str,
    seconds: f64,
}

impl Phase {
    pub(super) fn new(name: &'static str, seconds: f64) -> Self {
        Phase { name, seconds }
    }

    /// Training and tests of a run, over all interruptions.
    pub(super) fn of(history: &History) -> [Self; 2] {
        let sum = |time: fn(&EpochRecord) -> f64| history.epochs.iter().map(time).sum();
        let tests = Phase::new("testing", sum(|epoch| epoch.evaluation_seconds));
        [Phase::new("training", sum(|epoch| epoch.seconds)), tests]
    }
}

/// The file.
#[derive(Serialize)]
struct Document<'a> {
    network: &'static str,
    started: &'a str,
    test_accuracy: f64,
    test_loss: f64,
    seconds: f64,
    seed: u64,
    configuration: Value,
    environment: Value,
    phases: &'a [Phase],
    epochs: &'a History,
    steps: &'a StepHistory,
}

/// Writes the history of a run that has come to its end.
pub(super) fn write(
    path: &Path,
    run: &RunConfiguration,
    threads: usize,
    (history, steps): (&History, &StepHistory),
    phases: &[Phase],
) -> Result<()> {
    let loss: &dyn Loss = &SoftmaxCrossEntropyWithLogits::new();
    let document = Document {
        network: run.network.name(),
        started: &run.started,
        test_accuracy: test_score(history, "accuracy")?,
        test_loss: test_score(history, "loss")?,
        seconds: seconds(history),
        seed: run.seed,
        configuration: json!({
            "epochs": run.epochs,
            "batch_size": run.batch_size,
            "optimizer": "momentum",
            "learning_rate": run.learning_rate,
            "schedule": run.schedule.name(),
            "momentum": run.momentum,
            "loss": "softmax cross-entropy",
            "reduction": format!("{:?}", loss.reduced_by()).to_lowercase(),
            "resize": [SIDE, SIDE],
            "mean": MEAN,
            "deviation": DEVIATION,
        }),
        environment: json!({
            "version": env!("CARGO_PKG_VERSION"),
            "processor": cpu(),
            "system": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            "threads": threads,
            "isa": tensor::kernels::isa::isa().to_string(),
        }),
        phases,
        epochs: history,
        steps,
    };
    datasets::files::atomic_write(path, |file| lines::write(file, &document))?;
    Ok(())
}
