//! [`RunFolder`]: the files of a run, and to which run they belong.

use super::RunConfiguration;
use crate::reader::WEIGHTS;
use crate::workspace;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use train::TrainingCheckpoint;

/// The folder of a run, which no other process trains in meanwhile.
pub struct RunFolder {
    path: PathBuf,
    /// Held until the process ends, however it ends.
    _lock: File,
}

/// What `history.json` tells of a run that has come to its end.
#[derive(Deserialize)]
pub struct Finished {
    started: String,
    pub test_accuracy: f64,
}

impl RunFolder {
    /// The folder of a new run: `folder`, or else a new one below target/runs.
    ///
    /// # Errors
    /// Where nothing can be written there, or it holds an unfinished run that can be resumed.
    pub fn start(folder: Option<&Path>, run: &RunConfiguration) -> Result<Self> {
        let folder = Self::locked(workspace::run_folder(folder, run.network.name())?)?;
        if folder.path.join(RunConfiguration::FILE).exists() {
            folder.clear()?;
        }
        run.write(&folder.path)?;
        Ok(folder)
    }

    /// The folder of a run that has begun.
    pub fn open(folder: &Path) -> Result<Self> {
        tempfile::tempfile_in(folder).with_context(|| {
            format!("--resume {}: no file can be written there", folder.display())
        })?;
        Self::locked(folder.to_owned())
    }

    fn locked(path: PathBuf) -> Result<Self> {
        let file = path.join(".lock");
        let lock = File::create(&file)
            .with_context(|| format!("{}: the file cannot be made", file.display()))?;
        // A file system without locks is no reason not to train.
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            bail!(
                "{}: another process is training in this folder; wait for its end, or choose another \
                 folder",
                path.display()
            );
        }
        datasets::files::remove_leftovers(&path)?;
        Ok(RunFolder { path, _lock: lock })
    }

    /// Removes the training checkpoints of an earlier run, which its weights have made superfluous.
    fn clear(&self) -> Result<()> {
        let checkpoints = self.checkpoints();
        if !checkpoints.exists() {
            return Ok(());
        }
        let earlier = RunConfiguration::read(&self.path)?;
        if self.finished(&earlier).is_none() {
            let path = self.path.display();
            bail!(
                "{path} holds an unfinished run, which --resume {path} finishes; choose another folder \
                 for a new one, or delete {}",
                checkpoints.display()
            );
        }
        std::fs::remove_dir_all(&checkpoints)
            .with_context(|| format!("{}: it cannot be deleted", checkpoints.display()))
    }

    /// The weights, when the run has ended.
    pub fn weights(&self) -> PathBuf {
        self.path.join(WEIGHTS)
    }

    /// What the run was and what came of it, when it has ended.
    pub fn history(&self) -> PathBuf {
        self.path.join("history.json")
    }

    /// Where the training checkpoints are.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// How the run ended, if it has: `history.json` is the last file that is written. One of an
    /// earlier run in the same folder says nothing.
    pub fn finished(&self, run: &RunConfiguration) -> Option<Finished> {
        let bytes = std::fs::read(self.history()).ok()?;
        let finished: Finished = serde_json::from_slice(&bytes).ok()?;
        (finished.started == run.started).then_some(finished)
    }

    /// The newest whole checkpoint of the run, if it got that far.
    pub fn newest_checkpoint(&self, run: &RunConfiguration) -> Result<Option<TrainingCheckpoint>> {
        let folder = self.checkpoints();
        let newest = TrainingCheckpoint::newest(&folder).with_context(|| {
            format!(
                "no checkpoint of the run can be read; to train from its first step, delete {}",
                folder.display()
            )
        })?;
        if let Some(checkpoint) = &newest
            && checkpoint.configuration() != run.text()?
        {
            bail!(
                "{}: this checkpoint is of another run than {}; restore the file that belongs to it",
                checkpoint.path().display(),
                self.path.join(RunConfiguration::FILE).display()
            );
        }
        Ok(newest)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The command that goes on with the run.
    pub fn resume_command(&self) -> String {
        format!("cargo xtask train-lenet --resume {}", workspace::argument(&self.path))
    }
}
