//! [`TrainingCheckpoint`]: a moment of a training run, from which it goes on with the same bits.

mod checkpointing;
mod document;
mod file;
mod folder;

use crate::{Error, History, Result, State};
use optim::OptimizerState;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tensor::Tensor;

pub use checkpointing::Checkpointing;
pub(crate) use folder::remove;

/// A moment of a training run, between two steps: all that [`Model::resume`](crate::Model::resume)
/// needs to end with the bits that the run would have had without an interruption.
///
/// [`Checkpointing`] writes them. A file is in the safetensors format: `weights.conv1.weight`,
/// `optimizer.moments.conv1.weight`, `callbacks.0.…` and `metrics.0.…`, and a JSON text among the
/// metadata with everything else, a format version and a SHA-256 checksum of the whole file.
///
/// The order of the samples, augmentation and dropout are functions of the seed, the epoch and the step, so
/// the position in the data is a pair of numbers. What callbacks and metrics remember is theirs to
/// tell ([`Callback::state`](crate::Callback::state), [`Metric::state`](crate::Metric::state)).
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingCheckpoint {
    pub(crate) path: PathBuf,
    pub(crate) skipped: Vec<String>,
    pub(crate) moment: Moment,
    pub(crate) seed: u64,
    pub(crate) isa: String,
    pub(crate) configuration: String,
    pub(crate) weights: BTreeMap<String, Tensor>,
    /// Names of the parameters that are not trained.
    pub(crate) frozen: Vec<String>,
    pub(crate) optimizer: OptimizerState,
    /// By name, in the order in which `fit` was given them.
    pub(crate) callbacks: Vec<(String, State)>,
    pub(crate) metrics: Vec<(String, State)>,
    pub(crate) history: History,
}

/// Where the loop is, after a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Counted from 1.
    pub(crate) epoch: usize,
    /// The epoch that the run ends with.
    pub(crate) epochs: usize,
    /// Names the random streams of this epoch.
    pub(crate) stream_epoch: u64,
    /// Counted from 1, within the epoch.
    pub(crate) step: usize,
    pub(crate) steps_per_epoch: usize,
    pub(crate) batch_size: usize,
    /// The number of samples in the data.
    pub(crate) dataset: usize,
    /// The number of samples of this epoch seen so far.
    pub(crate) samples: usize,
    pub(crate) loss: f64,
    pub(crate) learning_rate: Option<f64>,
    /// Wall-clock time of the epoch so far.
    pub(crate) seconds: f64,
    /// Whether a callback has asked for the end after this step.
    pub(crate) stop: bool,
}

impl TrainingCheckpoint {
    /// Reads a file, whole, and checks it.
    ///
    /// # Errors
    /// [`Error::File`] where it cannot be read, is no training checkpoint, is of another version of
    /// the format, or is damaged.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let fail = |detail: String| Error::File { path: path.to_owned(), detail };
        let bytes = std::fs::read(path)
            .map_err(|error| fail(format!("the training checkpoint could not be read: {error}")))?;
        let mut checkpoint = file::decode(&bytes).map_err(fail)?;
        checkpoint.path = path.to_owned();
        Ok(checkpoint)
    }

    /// The newest whole checkpoint of a directory; `None` where there is none at all.
    ///
    /// # Errors
    /// [`Error::File`] where the directory cannot be read, or none of its checkpoints can: then what
    /// is wrong with the newest.
    pub fn newest(directory: impl AsRef<Path>) -> Result<Option<Self>> {
        let mut errors: Vec<Error> = Vec::new();
        for (_, path) in folder::checkpoints(directory.as_ref())?.into_iter().rev() {
            match TrainingCheckpoint::read(path) {
                Ok(mut checkpoint) => {
                    checkpoint.skipped = errors.iter().map(Error::to_string).collect();
                    return Ok(Some(checkpoint));
                }
                Err(error) => errors.push(error),
            }
        }
        errors.into_iter().next().map_or(Ok(None), Err)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was wrong with newer files, which [`TrainingCheckpoint::newest`] had to leave out.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// The epoch, counted from 1.
    pub fn epoch(&self) -> usize {
        self.moment.epoch
    }

    /// The last step that was taken, counted from 1 within the epoch.
    pub fn step(&self) -> usize {
        self.moment.step
    }

    /// The number of steps taken since the first epoch began.
    pub fn global_step(&self) -> usize {
        (self.moment.epoch - 1) * self.moment.steps_per_epoch + self.moment.step
    }

    /// The epoch that the run ends with.
    pub fn epochs(&self) -> usize {
        self.moment.epochs
    }

    /// The model's seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The vector instructions that computed it: `avx512`, `avx2` or `portable`. A run that goes on
    /// with others is as good, but its bits are not those of an uninterrupted run.
    pub fn isa(&self) -> &str {
        &self.isa
    }

    /// What [`Checkpointing::configuration`] was given.
    pub fn configuration(&self) -> &str {
        &self.configuration
    }

    /// An error about this file.
    pub(crate) fn error(&self, detail: impl Into<String>) -> Error {
        Error::File { path: self.path.clone(), detail: detail.into() }
    }
}
