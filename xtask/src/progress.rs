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
    shown: Instant,
}

/// How often the numbers beside the bar change.
const REFRESH: Duration = Duration::from_millis(100);

impl Progress {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Progress { bar: ProgressBar::hidden(), started: now, shown: now }
    }

    fn show(&mut self, run: &RunContext<'_>) -> Result<()> {
        self.shown = Instant::now();
        let scores = run.scores()?;
        let speed = run.samples as f64 / self.started.elapsed().as_secs_f64();
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
        let style =
            ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len}  {msg}  {eta} left")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━━─");
        let target = ProgressDrawTarget::stderr_with_hz(10);
        self.bar = ProgressBar::with_draw_target(Some(run.steps_per_epoch as u64), target)
            .with_style(style)
            .with_prefix(format!("epoch {}/{}", run.epoch, run.epochs));
        self.started = Instant::now();
        self.shown = self.started;
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
        note(format_args!("{line}  ({:.1} s)", self.started.elapsed().as_secs_f64()));
        Ok(())
    }
}

/// `98.42 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}
