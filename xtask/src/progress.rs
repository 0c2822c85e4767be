//! A live block for each epoch.

use crate::block;
use crate::output::{columns, is_quiet, note, thousands};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};
use train::{Callback, Result, RunContext, Scores};

/// Shows how training goes on standard error: a live block where that is a terminal, and the
/// results after each epoch everywhere.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    /// Whether the epoch has its block.
    begun: bool,
    /// The samples of the epoch that were seen before that: a run may go on within an epoch.
    before: usize,
    shown: Instant,
}

/// How often the numbers change.
const REFRESH: Duration = Duration::from_millis(100);
/// The columns that an epoch's results take on one line.
const WIDE: usize = 90;
/// The longest bar, and what stands beside it.
const BAR: usize = 40;
const BESIDE: usize = 38;

impl Default for Progress {
    fn default() -> Self {
        let now = Instant::now();
        Progress { bar: ProgressBar::hidden(), started: now, begun: false, before: 0, shown: now }
    }
}

impl Progress {
    /// Takes away the live block of an epoch that is not finished.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Begins the block of an epoch, or of what is left of one.
    fn begin(&mut self, run: &RunContext<'_>) {
        let (name, steps) = (name(run), run.steps_per_epoch as u64);
        let bar = columns().unwrap_or(WIDE).saturating_sub(BESIDE).clamp(8, BAR);
        let template = format!(
            "{{prefix}}  {{bar:{bar}.blue}}  {{human_pos}}/{{human_len}}  {{eta}} left\n{:1$}  {{msg}}",
            "",
            name.len()
        );
        let style = ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━━─");
        let target = match is_quiet() {
            true => ProgressDrawTarget::hidden(),
            false => block::target(),
        };
        self.bar = ProgressBar::with_draw_target(Some(steps), target)
            .with_style(style)
            .with_position(run.step.saturating_sub(1) as u64)
            .with_prefix(name);
        self.before = run.samples;
        self.started = Instant::now();
        self.shown = self.started;
        self.begun = true;
    }

    fn show(&mut self, run: &RunContext<'_>) -> Result<()> {
        self.shown = Instant::now();
        let speed = (run.samples - self.before) as f64 / self.started.elapsed().as_secs_f64();
        let doing = match run.step == run.steps_per_epoch {
            true => "testing".to_owned(),
            false => format!("{} images/s", thousands(speed as usize)),
        };
        self.bar.set_position(run.step as u64);
        self.bar.set_message(format!("{}  {doing}", scored(&run.scores()?)?));
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
        let due = self.shown.elapsed() >= REFRESH || run.step == run.steps_per_epoch;
        if due && !self.bar.is_hidden() {
            self.show(run)?;
        }
        Ok(())
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.bar.finish_and_clear();
        self.begun = false;
        // The whole epoch's time, also where it was interrupted.
        let seconds = run.history.last().map_or(0.0, |e| e.seconds + e.evaluation_seconds);
        let train = scored(&run.scores()?)?;
        let test = run.evaluation.map(scored).transpose()?;
        let wide = columns().is_none_or(|columns| columns >= WIDE);
        note(format_args!("{}", results(&name(run), &train, test.as_deref(), seconds, wide)));
        Ok(())
    }
}

/// `epoch 1/2`.
fn name(run: &RunContext<'_>) -> String {
    format!("epoch {}/{}", run.epoch, run.epochs)
}

/// `loss 0.1801  accuracy 94.25 %`.
fn scored(scores: &Scores) -> Result<String> {
    Ok(format!("loss {:.4}  accuracy {}", scores.get("loss")?, percent(scores.get("accuracy")?)))
}

/// An epoch's results, on one line or two.
fn results(name: &str, train: &str, test: Option<&str>, seconds: f64, wide: bool) -> String {
    match test {
        None => format!("{name}  {train}  ({seconds:.1} s)"),
        Some(test) if wide => format!("{name}  {train}  |  test {test}  ({seconds:.1} s)"),
        Some(test) => {
            format!("{name}  {train}  ({seconds:.1} s)\n{:>1$}  {test}", "test", name.len())
        }
    }
}

/// `98.42 %`.
pub fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_fit_the_terminal() {
        let (train, test) = ("loss 0.1801  accuracy 94.25 %", "loss 0.0455  accuracy 98.65 %");
        let shown = |test, wide| results("epoch 1/2", train, test, 1.14, wide);
        let wide = shown(Some(test), true);
        let expected = "epoch 1/2  loss 0.1801  accuracy 94.25 %  |  test loss 0.0455  accuracy \
                        98.65 %  (1.1 s)";
        assert_eq!(wide, expected);
        assert!(wide.len() <= WIDE);
        let expected = "epoch 1/2  loss 0.1801  accuracy 94.25 %  (1.1 s)\n     test  loss 0.0455  \
                        accuracy 98.65 %";
        assert_eq!(shown(Some(test), false), expected);
        assert!(expected.lines().all(|line| line.len() <= 60));
        assert_eq!(shown(None, false), "epoch 1/2  loss 0.1801  accuracy 94.25 %  (1.1 s)");
    }
}
