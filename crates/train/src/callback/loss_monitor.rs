//! [`LossMonitor`].

use super::printer::{Printer, python_float};
use crate::{Callback, Error, Result, RunContext};
use std::io::Write;

/// Prints the loss, and what validation found, in MindSpore's words:
///
/// ```text
/// epoch: 1 step: 1875, loss is 0.07242093980312347
/// Eval result: epoch 1, metrics: {'loss': 0.0469, 'accuracy': 0.9846}
/// ```
///
/// (MindSpore 2.10 prints the second with `np.float64(..)` around each number. A loss that is NaN
/// ends training in any case, with [`Error::NonFinite`].)
#[derive(Debug)]
pub struct LossMonitor {
    per_print_times: usize,
    printer: Printer,
}

impl LossMonitor {
    /// Prints every `per_print_times` steps of an epoch to standard output.
    ///
    /// # Errors
    /// [`Error::Argument`] where `per_print_times` is 0.
    pub fn new(per_print_times: usize) -> Result<Self> {
        if per_print_times == 0 {
            return Err(Error::Argument {
                operation: "LossMonitor",
                argument: "per_print_times",
                found: "0".to_owned(),
                expected: "at least 1 step".to_owned(),
            });
        }
        Ok(LossMonitor { per_print_times, printer: Printer::default() })
    }

    /// Prints elsewhere.
    #[must_use]
    pub fn print_to(mut self, out: impl Write + Send + 'static) -> Self {
        self.printer = Printer::to(out);
        self
    }
}

impl Callback for LossMonitor {
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        if !run.step.is_multiple_of(self.per_print_times) {
            return Ok(());
        }
        let loss = python_float(run.loss);
        self.printer.line(format_args!("epoch: {} step: {}, loss is {loss}", run.epoch, run.step))
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let Some(scores) = run.evaluation else { return Ok(()) };
        let scores: Vec<_> = scores
            .iter()
            .map(|(name, value)| format!("'{name}': {}", python_float(value)))
            .collect();
        let (epoch, scores) = (run.epoch, scores.join(", "));
        self.printer.line(format_args!("Eval result: epoch {epoch}, metrics: {{{scores}}}"))
    }
}
