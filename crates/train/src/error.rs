//! What can go wrong in training.

use std::path::PathBuf;

/// A mistake in a network, its data, a file or an argument, met in training.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A network, loss or optimizer was given something that does not fit.
    #[error(transparent)]
    Tensor(#[from] tensor::Error),
    /// The data could not be read or does not fit.
    #[error(transparent)]
    Data(#[from] datasets::Error),
    /// A loss or gradient was not a finite number. The update was not applied.
    #[error(
        "{}{what} is {value}; training stopped before this step's update, so the weights are those \
         of the step before; lower the learning rate ({learning_rate} now) or check the inputs",
        place(*.epoch, *.step)
    )]
    NonFinite {
        /// `loss`, or the gradient of a parameter.
        what: String,
        /// NaN or an infinity.
        value: f64,
        /// The epoch, counted from 1; 0 where a step was taken outside of an epoch.
        epoch: usize,
        /// The step within the epoch, counted from 1.
        step: usize,
        /// The learning rate of the step.
        learning_rate: f64,
    },
    /// An argument outside its range.
    #[error("{operation}: {argument} is {found}, expected {expected}")]
    Argument {
        /// The type whose setting it is, as it is written in code; the method; or, of what a metric is
        /// given, the metric's name.
        operation: &'static str,
        /// The argument's name.
        argument: &'static str,
        /// What was passed.
        found: String,
        /// What is accepted.
        expected: String,
    },
    /// No metric of this name was computed.
    #[error("no score is named `{name}`; there are: {known}")]
    Score {
        /// The name that was asked for.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// A metric yields something else than a number.
    #[error("the score `{name}` is {found}, not a number; read it by Scores::value")]
    NoNumber {
        /// The metric's name.
        name: String,
        /// What it yields.
        found: &'static str,
    },
    /// A file could not be read or written.
    #[error("{}: {detail}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What happened and how to mend it.
        detail: String,
    },
    /// What was kept of a callback or a metric does not fit it.
    #[error("{owner}: the kept state {detail}; load what this {owner} has kept")]
    State {
        /// The callback or metric, by its name.
        owner: String,
        /// What is wrong.
        detail: String,
    },
    /// Training was asked to stop from outside, and what it had reached was saved.
    #[error(
        "interrupted after epoch {epoch} step {step}; Model::resume goes on from {}",
        checkpoint.display()
    )]
    Interrupted {
        /// The training checkpoint.
        checkpoint: PathBuf,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The last step within the epoch, counted from 1.
        step: usize,
    },
    /// The threads could not be started.
    #[error("Model: {threads} threads cannot be started: {cause}; ask for fewer by Model::threads")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// The system's reason.
        cause: rayon::ThreadPoolBuildError,
    },
    /// A callback failed.
    #[error("callback: {0}")]
    Callback(Box<dyn std::error::Error + Send + Sync>),
}

fn place(epoch: usize, step: usize) -> String {
    if epoch == 0 { format!("step {step}: ") } else { format!("epoch {epoch} step {step}: ") }
}
