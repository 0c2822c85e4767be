//! [`JsonlLogger`].

use super::epoch_log::EpochLog;
use crate::{Callback, Result, RunContext};
use std::path::PathBuf;

/// Writes the record of every epoch to a file of JSON lines: the fields of
/// [`EpochRecord`](crate::EpochRecord), confusion matrices included; NaN is `null`.
///
/// ```text
/// {"epoch":1,"train":{"loss":0.1788,"accuracy":0.9429},"evaluation":{"loss":0.0469, ..
/// ```
///
/// A run from epoch 1 begins the file anew; one that goes on (`fit(3..10, ..)`) keeps the lines of
/// the epochs before.
#[derive(Debug)]
pub struct JsonlLogger {
    log: EpochLog,
}

impl JsonlLogger {
    /// Writes to `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        JsonlLogger { log: EpochLog::new(path) }
    }
}

impl Callback for JsonlLogger {
    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let first = run.initial_epoch as u64;
        self.log.begin(run, |_, line| {
            let record = serde_json::from_str::<serde_json::Value>(line).ok();
            record.and_then(|record| record["epoch"].as_u64()).is_some_and(|epoch| epoch <= first)
        })
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let Some(record) = run.history.last() else { return Ok(()) };
        let line = serde_json::to_string(record)
            .map_err(|error| self.log.error(format!("the epoch has no JSON form: {error}")))?;
        self.log.add(line)
    }
}
