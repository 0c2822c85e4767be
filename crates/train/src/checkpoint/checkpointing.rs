//! [`Checkpointing`]: when a model writes training checkpoints, and where.

use super::{TrainingCheckpoint, file, folder};
use crate::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// When [`Model::fit`](crate::Model::fit) writes [`TrainingCheckpoint`]s, and where.
///
/// ```
/// use datasets::{ArrayDataset, Dataset};
/// use layers::{Dense, MseLoss};
/// use ndarray::array;
/// use optim::Adam;
/// use train::{Checkpointing, Model, TrainingCheckpoint, Validation};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path().join("checkpoints");
/// let data = ArrayDataset::with_values(array![[0.], [1.], [2.]], array![[1.], [3.], [5.]])?.batch(1)?;
/// let model = || Model::new(Dense::new(1, 1), MseLoss::new(), Adam::new(0.1).unwrap());
/// let checkpointing = Checkpointing::new(&folder).every_steps(4)?;
///
/// let mut first = model().checkpointing(checkpointing.clone());
/// let history = first.fit(3, &data, Validation::none(), &mut [])?;
///
/// // The last checkpoint is that of step 8 of 9. Another process goes on from there.
/// let checkpoint = TrainingCheckpoint::newest(&folder)?.unwrap();
/// assert_eq!((checkpoint.epoch(), checkpoint.step()), (3, 2));
/// let mut second = model().checkpointing(checkpointing);
/// let resumed = second.resume(&checkpoint, &data, Validation::none(), &mut [])?;
/// assert_eq!(resumed.series("loss")?, history.series("loss")?);
/// # Ok::<(), train::Error>(())
/// ```
///
/// A file is written under a temporary name, synced and renamed, so the newest is always whole; older
/// ones are deleted after that.
#[derive(Clone, Debug)]
pub struct Checkpointing {
    directory: PathBuf,
    steps: Option<usize>,
    keep: usize,
    configuration: String,
    stop: Option<Arc<AtomicBool>>,
}

impl Checkpointing {
    /// Into `directory`, which is made when training begins. It has to be without checkpoints, unless
    /// they are resumed.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        Checkpointing { directory, steps: None, keep: 2, configuration: String::new(), stop: None }
    }

    /// After every `steps` steps, counted over the epochs; never by default.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is 0.
    pub fn every_steps(mut self, steps: usize) -> Result<Self> {
        self.steps = Some(at_least_one("every_steps", steps, "step")?);
        Ok(self)
    }

    /// How many checkpoints are kept; 2 by default.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is 0.
    pub fn keep_last(mut self, checkpoints: usize) -> Result<Self> {
        self.keep = at_least_one("keep_last", checkpoints, "checkpoint")?;
        Ok(self)
    }

    /// A text that is kept with every checkpoint: what the caller needs to build the same model, and
    /// compares before it resumes. JSON serves well.
    #[must_use]
    pub fn configuration(mut self, text: impl Into<String>) -> Self {
        self.configuration = text.into();
        self
    }

    /// Once `stop` is true, the step under way is finished, a checkpoint is written, and training ends
    /// with [`Error::Interrupted`]. A signal handler sets it.
    #[must_use]
    pub fn stop_when(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Where the checkpoints are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn text(&self) -> &str {
        &self.configuration
    }

    /// Makes the directory ready for a run, which resumes its checkpoints or finds none.
    pub(crate) fn begin(&self, resumes: bool) -> Result<()> {
        std::fs::create_dir_all(&self.directory).map_err(|error| Error::File {
            path: self.directory.clone(),
            detail: format!("the directory for checkpoints could not be made: {error}"),
        })?;
        if !resumes && let Some((_, path)) = folder::checkpoints(&self.directory)?.pop() {
            let detail = "this is a checkpoint of an earlier run; resume it, or keep the checkpoints \
                          of the new run in another directory";
            return Err(Error::File { path, detail: detail.to_owned() });
        }
        Ok(datasets::files::remove_leftovers(&self.directory)?)
    }

    pub(crate) fn is_due(&self, global_step: usize) -> bool {
        self.steps.is_some_and(|steps| global_step.is_multiple_of(steps))
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Writes a checkpoint, then deletes those that are no longer kept.
    pub(crate) fn save(&self, checkpoint: &TrainingCheckpoint) -> Result<PathBuf> {
        let path = self.directory.join(folder::file_name(checkpoint.global_step()));
        let bytes = file::encode(checkpoint)
            .map_err(|detail| Error::File { path: path.clone(), detail })?;
        datasets::files::atomic_write(&path, |file| file.write_all(&bytes))?;
        folder::prune(&self.directory, checkpoint.global_step(), self.keep)?;
        Ok(path)
    }
}

fn at_least_one(argument: &'static str, number: usize, what: &str) -> Result<usize> {
    if number > 0 {
        return Ok(number);
    }
    let expected = format!("at least 1 {what}");
    Err(Error::Argument { operation: "Checkpointing", argument, found: "0".to_owned(), expected })
}
