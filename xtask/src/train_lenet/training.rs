//! A run as a person at a terminal sees it.

use super::experiment::Experiment;
use super::history::{seconds, test_score};
use super::run_folder::RunFolder;
use super::signals::{Interrupted, Signals};
use crate::output::{Results, columns, counted, note, result, thousands};
use crate::progress::{Progress, percent};
use crate::workspace;
use anyhow::{Context, Result, anyhow};
use datasets::Dataset;
use layers::summary;
use serde_json::json;
use std::io::IsTerminal;
use train::{Callback, Error, History, LossMonitor, TrainingCheckpoint, save_weights};

/// A run, and what a person at a terminal sees of it.
pub(super) struct Training {
    experiment: Experiment,
    /// Whether the results are printed as JSON.
    json: bool,
}

impl Training {
    pub(super) fn new(experiment: Experiment, json: bool) -> Self {
        Training { experiment, json }
    }

    /// Trains to the end, from `checkpoint` on if there is one, and writes weights and history.
    pub(super) fn run(
        mut self,
        folder: &RunFolder,
        checkpoint: Option<&TrainingCheckpoint>,
        checkpoint_every: Option<usize>,
    ) -> Result<()> {
        self.introduce(checkpoint)?;
        let signals = Signals::watch().context("signals cannot be watched")?;
        self.experiment = self.experiment.kept_in(folder, checkpoint_every, signals.stop())?;
        let history = self.fit(checkpoint).map_err(|error| match error {
            Error::Interrupted { epoch, step, .. } => {
                let (signal, resume) = (signals.which(), folder.resume_command());
                Interrupted { signal, epoch, step, resume }.into()
            }
            error => self.failed(folder, &error),
        })?;
        self.experiment
            .save(folder, &history)
            .with_context(|| format!("when that is mended: {}", folder.resume_command()))?;
        self.report(folder, &history)
    }

    fn fit(&mut self, checkpoint: Option<&TrainingCheckpoint>) -> train::Result<History> {
        let mut progress = Progress::default();
        let steps = self.experiment.data.train.len();
        let mut monitor = LossMonitor::new(steps.div_ceil(5))?.print_to(Results);
        let mut callbacks: Vec<&mut dyn Callback> = vec![&mut progress];
        if !self.json && !std::io::stdout().is_terminal() {
            callbacks.push(&mut monitor);
        }
        let history = self.experiment.train(checkpoint, &mut callbacks);
        progress.clear();
        history
    }

    /// What to tell of a run that cannot go on.
    fn failed(&self, folder: &RunFolder, error: &Error) -> anyhow::Error {
        if !matches!(error, Error::NonFinite { .. }) {
            let resume = folder.resume_command();
            return anyhow!("{error}\nwhen that is mended, the run goes on by\n  {resume}");
        }
        // The same steps would end in the same way, so the weights are all there is to keep.
        let weights = folder.weights();
        match save_weights(self.experiment.network(), &weights) {
            Ok(()) => {
                let weights = workspace::shown(&weights);
                anyhow!("{error}\nthe last good weights are in {weights}")
            }
            Err(second) => anyhow!("{error}\nthe last good weights are lost: {second}"),
        }
    }

    /// Says what is about to be trained, on what, how.
    fn introduce(&self, checkpoint: Option<&TrainingCheckpoint>) -> Result<()> {
        let Experiment { run, data, threads, .. } = &self.experiment;
        let (train, test) = (&data.train, &data.test);
        let table = summary(self.experiment.network(), train.dataset().input_shape())?;
        let text = table.to_string();
        let width = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        if columns().is_none_or(|columns| columns >= width) {
            note(format_args!("{text}\n"));
        }
        note(format_args!(
            "network    {}, {} parameters",
            run.network.title(),
            thousands(table.parameters),
        ));
        note(format_args!(
            "data       {} training and {} test images from {}",
            thousands(train.dataset().len()),
            thousands(test.dataset().len()),
            workspace::shown(&data.folder),
        ));
        note(format_args!(
            "training   {} of {}, batch size {}",
            counted(run.epochs, "epoch"),
            counted(train.len(), "step"),
            run.batch_size,
        ));
        note(format_args!(
            "optimizer  Momentum {}, learning rate {} ({})",
            run.momentum,
            run.learning_rate,
            run.schedule.name(),
        ));
        let (isa, threads) = (tensor::kernels::isa::isa(), counted(*threads, "thread"));
        note(format_args!("computing  {threads}, {isa}, seed {}", run.seed));
        if let Some(checkpoint) = checkpoint {
            resuming(checkpoint, &isa.to_string());
        }
        note(format_args!(""));
        Ok(())
    }

    fn report(&self, folder: &RunFolder, history: &History) -> Result<()> {
        let accuracy = test_score(history, "accuracy")?;
        if self.json {
            let document = json!({
                "test_accuracy": accuracy,
                "test_loss": test_score(history, "loss")?,
                "seconds": seconds(history),
                "weights": folder.weights(),
                "history": folder.history(),
            });
            result(format_args!("{document:#}"));
        } else {
            result(format_args!("test accuracy: {accuracy:.4}"));
        }
        let samples: usize = history.epochs.iter().map(|epoch| epoch.samples).sum();
        let training: f64 = history.epochs.iter().map(|epoch| epoch.seconds).sum();
        note(format_args!(
            "{} of the {} test images are read right, after {:.1} s ({} images/s)",
            percent(accuracy),
            thousands(self.experiment.data.test.dataset().len()),
            seconds(history),
            thousands((samples as f64 / training) as usize),
        ));
        note(format_args!("weights  {}", workspace::shown(&folder.weights())));
        note(format_args!("history  {}", workspace::shown(&folder.history())));
        Ok(())
    }
}

/// Says where a run goes on, and what is not as it was.
fn resuming(checkpoint: &TrainingCheckpoint, isa: &str) {
    let file = workspace::shown(checkpoint.path());
    let (epoch, step) = (checkpoint.epoch(), thousands(checkpoint.step()));
    note(format_args!("resuming   after epoch {epoch}, step {step}, from {file}"));
    for skipped in checkpoint.skipped() {
        note(format_args!("left out   {skipped}"));
    }
    if checkpoint.isa() != isa {
        let before = checkpoint.isa();
        note(format_args!(
            "attention  the steps so far were computed with {before}: the result will be as good, but \
             not the same bits as without the interruption; SPORELET_ISA={before} keeps them"
        ));
    }
}
