//! [`EpochLog`]: a text file with a line for each epoch.

use crate::{Error, Result, RunContext};
use std::io::Write;
use std::path::PathBuf;

/// A text file with a line for each epoch, written whole after each, so that it is never half a
/// line, and so that a run that is carried on replaces what an interrupted one left behind.
#[derive(Debug)]
pub(super) struct EpochLog {
    path: PathBuf,
    lines: Vec<String>,
}

impl EpochLog {
    pub(super) fn new(path: impl Into<PathBuf>) -> Self {
        EpochLog { path: path.into(), lines: Vec::new() }
    }

    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Starts anew; or, where the run carries an earlier one on, with those of the file's lines
    /// that are `kept`.
    pub(super) fn begin(
        &mut self,
        run: &RunContext<'_>,
        mut kept: impl FnMut(usize, &str) -> bool,
    ) -> Result<()> {
        self.lines.clear();
        if run.initial_epoch > 0 && self.path.exists() {
            let text = std::fs::read_to_string(&self.path)
                .map_err(|error| self.error(format!("the log could not be read: {error}")))?;
            let lines = text.lines().enumerate().filter(|(number, line)| kept(*number, line));
            self.lines = lines.map(|(_, line)| line.to_owned()).collect();
        }
        Ok(())
    }

    /// Adds a line and writes the file.
    pub(super) fn add(&mut self, line: String) -> Result<()> {
        self.lines.push(line);
        let text = self.lines.join("\n") + "\n";
        Ok(datasets::files::atomic_write(&self.path, |file| file.write_all(text.as_bytes()))?)
    }

    pub(super) fn error(&self, detail: String) -> Error {
        Error::File { path: self.path.clone(), detail }
    }
}
