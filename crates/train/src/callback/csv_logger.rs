//! [`CsvLogger`].

use super::epoch_log::EpochLog;
use crate::{Callback, Result, RunContext};
use std::path::PathBuf;

/// Writes every score of every epoch to a CSV file: a head line, and a row for each epoch.
///
/// ```text
/// epoch,learning_rate,seconds,loss,accuracy,eval_loss,eval_accuracy
/// 1,0.02,1.1,0.1788,0.9429,0.0469,0.9846
/// ```
///
/// Scores that are not numbers, such as a confusion matrix, are left out; what an epoch does not
/// have, because no validation followed it, is empty. A run from epoch 1 begins the file anew; one
/// that goes on (`fit(3..10, ..)`) keeps the rows of the epochs before.
///
/// Keras' `CSVLogger`; MindSpore has none.
#[derive(Debug)]
pub struct CsvLogger {
    log: EpochLog,
    columns: Vec<String>,
}

impl CsvLogger {
    /// Writes to `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        CsvLogger { log: EpochLog::new(path), columns: Vec::new() }
    }
}

impl Callback for CsvLogger {
    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.columns.clear();
        let first = run.initial_epoch;
        let row = |line: &str| line.split(',').next().and_then(|epoch| epoch.parse().ok());
        self.log.begin(run, |number, line| {
            number == 0 || row(line).is_some_and(|epoch: usize| epoch <= first)
        })
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let Some(record) = run.history.last() else { return Ok(()) };
        if self.columns.is_empty() {
            self.columns = run.score_names(record);
            let names = self.columns.iter().map(|name| quoted(name));
            let fixed = ["epoch", "learning_rate", "seconds"].map(str::to_owned);
            let head = fixed.into_iter().chain(names).collect::<Vec<_>>().join(",");
            match self.log.lines().first() {
                None => self.log.add(head)?,
                Some(old) if *old == head => {}
                Some(old) => {
                    let detail = format!(
                        "the log has the columns {old}, but this run has {head}; log to another \
                         file, or train with the same metrics and validation"
                    );
                    return Err(self.log.error(detail));
                }
            }
        }
        let scores: Vec<_> = record.scores().collect();
        let mut row = vec![
            record.epoch.to_string(),
            record.learning_rate.to_string(),
            record.seconds.to_string(),
        ];
        row.extend(self.columns.iter().map(|column| {
            let score = scores.iter().find(|(name, _)| name == column);
            score.map_or_else(String::new, |(_, value)| value.to_string())
        }));
        self.log.add(row.join(","))
    }
}

/// A field that holds a comma, quote or line break is put in quotes, and its quotes are doubled.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
