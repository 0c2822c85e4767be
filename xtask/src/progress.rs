//! A live line for each epoch.

use crate::output::{note, thousands};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};
use train::{Callback, Result, RunContext};

/// Shows how training goes on standard error: a live line where that is a terminal, and a line of
/// results after each epoch everywhere.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    /// Whether the epoch has its line.
    begun: bool,
    /// The samples of the epoch that were seen before that: a run may go on within an epoch.
    before: usize,
    shown: Instant,
}

/// How often the numbers beside the bar change.
const REFRESH: Duration = Duration::from_millis(100);

impl Progress {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Progress { bar: ProgressBar::hidden(), started: now, begun: false, before: 0, shown: now }
    }

    /// Takes away the live line of an epoch that is not finished.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Begins the line of an epoch, or of what is left of one.
    fn begin(&mut self, run: &RunContext<'_>) {
        let style =
            ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len}  {msg}  {eta} left")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━━─");
        let target = ProgressDrawTarget::stderr_with_hz(10);
        self.bar = ProgressBar::with_draw_target(Some(run.steps_per_epoch as u64), target)
            .with_style(style)
            .with_position(run.step.saturating_sub(1) as u64)
            .with_prefix(format!("epoch {}/{}", run.epoch, run.epochs));
        self.before = run.samples;
        self.started = Instant::now();
        self.shown = self.started;
        self.begun = true;
    }

    fn show(&mut self, run: &RunContext<'_>) -> Result<()> {
        self.shown = Instant::now();
        let scores = run.scores()?;
        let speed = (run.samples - self.before) as f64 / self.started.elapsed().as_secs_f64();
        self.bar.set_position(run.step as u64);
        self.bar.set_message(format!(
            "loss {:.4}  accuracy {}  {} images/s",
            scores.get("loss").unwrap_or(f64::NAN),
            percent(scores.get("accuracy").unwrap_or(f64::NAN)),
            thousands(speed as usize),
        ));
        Ok(())
    }
}

impl Callback for Progress {
    fn on_train_epoch_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.begin(run);
        Ok(())
    }

    /// A run that goes on within an epoch does not begin it.
    fn on_train_step_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        if !self.begun {
            self.begin(run);
        }
        Ok(())
    }

    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        if self.shown.elapsed() >= REFRESH && !self.bar.is_hidden() {
            self.show(run)?;
        }
        Ok(())
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.bar.finish_and_clear();
        self.begun = false;
        let scores = run.scores()?;
        let mut line = format!(
            "epoch {}/{}  loss {:.4}  accuracy {}",
            run.epoch,
            run.epochs,
            scores.get("loss")?,
            percent(scores.get("accuracy")?),
        );
        if let Some(test) = run.evaluation {
            let (loss, accuracy) = (test.get("loss")?, percent(test.get("accuracy")?));
            line += &format!("  |  test loss {loss:.4}  accuracy {accuracy}");
        }
        // The whole epoch's time, also where it was interrupted.
        let seconds = run.history.last().map_or(0.0, |e| e.seconds + e.evaluation_seconds);
        note(format_args!("{line}  ({seconds:.1} s)"));
        Ok(())
    }
}

/// `98.42 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}
