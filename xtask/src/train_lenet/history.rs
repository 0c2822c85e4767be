//! `history.json`: what a run was, and what came of it.

use super::RunConfiguration;
use super::data::{DEVIATION, MEAN, SIDE};
use anyhow::{Context, Result};
use layers::{Loss, SoftmaxCrossEntropyWithLogits};
use serde_json::json;
use std::io::Write;
use std::path::Path;
use train::History;

/// A score on the test images after the last epoch.
pub(super) fn test_score(history: &History, name: &str) -> Result<f64> {
    let last = history.epochs.last().and_then(|epoch| epoch.evaluation.as_ref());
    Ok(last.context("no epoch was completed")?.get(name)?)
}

/// How long training and tests took, over all interruptions.
pub(super) fn seconds(history: &History) -> f64 {
    history.epochs.iter().map(|epoch| epoch.seconds + epoch.evaluation_seconds).sum()
}

/// Writes the history of a run that has come to its end.
pub(super) fn write(
    path: &Path,
    run: &RunConfiguration,
    threads: usize,
    history: &History,
) -> Result<()> {
    let loss: &dyn Loss = &SoftmaxCrossEntropyWithLogits::new();
    let document = json!({
        "network": run.network.name(),
        "started": run.started,
        "test_accuracy": test_score(history, "accuracy")?,
        "test_loss": test_score(history, "loss")?,
        "seconds": seconds(history),
        "seed": run.seed,
        "configuration": {
            "epochs": run.epochs,
            "batch_size": run.batch_size,
            "optimizer": "momentum",
            "learning_rate": run.learning_rate,
            "schedule": run.schedule.name(),
            "momentum": run.momentum,
            "loss": "softmax cross-entropy",
            "reduction": format!("{:?}", loss.reduction()).to_lowercase(),
            "resize": [SIDE, SIDE],
            "mean": MEAN,
            "deviation": DEVIATION,
        },
        "environment": {
            "version": env!("CARGO_PKG_VERSION"),
            "threads": threads,
            "isa": tensor::kernels::isa::isa().to_string(),
        },
        "epochs": history,
    });
    datasets::files::atomic_write(path, |file| {
        serde_json::to_writer_pretty(&*file, &document)?;
        writeln!(file)
    })?;
    Ok(())
}
