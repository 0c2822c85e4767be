//! [`LossMonitor`].

use crate::{Callback, Error, Result, RunContext};
use std::io::Write;

/// Prints the loss in MindSpore's words: `epoch: 1 step: 1875, loss is 0.0724...`.
pub struct LossMonitor {
    per_print_times: usize,
    out: Box<dyn Write + Send>,
}

impl LossMonitor {
    /// Prints every `per_print_times` steps of an epoch to standard output.
    ///
    /// # Errors
    /// [`Error::Argument`] where `per_print_times` is 0.
    pub fn new(per_print_times: usize) -> Result<Self> {
        LossMonitor::to(per_print_times, Box::new(std::io::stdout()))
    }

    /// As [`LossMonitor::new`], printing elsewhere.
    ///
    /// # Errors
    /// [`Error::Argument`] where `per_print_times` is 0.
    pub fn to(per_print_times: usize, out: Box<dyn Write + Send>) -> Result<Self> {
        if per_print_times == 0 {
            return Err(Error::Argument {
                operation: "LossMonitor",
                argument: "per_print_times",
                found: "0".to_owned(),
                expected: "at least 1 step".to_owned(),
            });
        }
        Ok(LossMonitor { per_print_times, out })
    }
}

impl std::fmt::Debug for LossMonitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LossMonitor")
            .field("per_print_times", &self.per_print_times)
            .finish_non_exhaustive()
    }
}

impl Callback for LossMonitor {
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        if !run.step.is_multiple_of(self.per_print_times) {
            return Ok(());
        }
        writeln!(self.out, "epoch: {} step: {}, loss is {}", run.epoch, run.step, run.loss)
            .and_then(|()| self.out.flush())
            .map_err(|error| Error::Callback(error.into()))
    }
}
