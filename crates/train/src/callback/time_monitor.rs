//! [`TimeMonitor`].

use super::printer::Printer;
use crate::{Callback, Result, RunContext};
use std::io::Write;

/// Prints how long an epoch and its steps took, in MindSpore's words:
///
/// ```text
/// Eval epoch time: 81.282 ms, per step time: 8.128 ms
/// Train epoch time: 1081.772 ms, per step time: 0.577 ms
/// ```
///
/// The second is the time of training alone. (MindSpore's is restarted by the validation, so
/// that where there is one, it prints how long that took.)
#[derive(Debug, Default)]
pub struct TimeMonitor {
    printer: Printer,
}

impl TimeMonitor {
    /// Prints to standard output.
    pub fn new() -> Self {
        TimeMonitor::default()
    }

    /// Prints elsewhere.
    #[must_use]
    pub fn print_to(mut self, out: impl Write + Send + 'static) -> Self {
        self.printer = Printer::to(out);
        self
    }

    fn line(&mut self, what: &str, seconds: f64, steps: usize) -> Result<()> {
        let (epoch, step) = (1e3 * seconds, 1e3 * seconds / steps.max(1) as f64);
        self.printer
            .line(format_args!("{what} epoch time: {epoch:5.3} ms, per step time: {step:5.3} ms"))
    }
}

impl Callback for TimeMonitor {
    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let Some(epoch) = run.history.last() else { return Ok(()) };
        if epoch.evaluation.is_some() {
            self.line("Eval", epoch.evaluation_seconds, epoch.evaluation_steps)?;
        }
        self.line("Train", epoch.seconds, epoch.steps)
    }
}
