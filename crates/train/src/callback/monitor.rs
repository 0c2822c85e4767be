//! What a callback watches: a score by its name, and which of its values are better.

use crate::{Error, Result, RunContext};

/// Which values of a score are better: MindSpore's `mode='auto'|'min'|'max'`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What the metric itself says. (MindSpore guesses: larger if the name contains `acc`.)
    #[default]
    Auto,
    /// Smaller values.
    Min,
    /// Larger values.
    Max,
}

/// A score that a callback watches.
#[derive(Clone, Debug)]
pub(crate) struct Monitor {
    /// The callback, for messages.
    pub(crate) callback: &'static str,
    /// MindSpore's `monitor`, such as `eval_loss`.
    pub(crate) score: String,
    pub(crate) mode: Mode,
    /// By how much a value must be better to count as an improvement.
    pub(crate) min_delta: f64,
}

impl Monitor {
    pub(crate) fn new(callback: &'static str, score: impl Into<String>) -> Self {
        Monitor { callback, score: score.into(), mode: Mode::Auto, min_delta: 0.0 }
    }

    /// Sets `min_delta`, which is a finite number of at least 0.
    pub(crate) fn min_delta(&mut self, min_delta: f64) -> Result<()> {
        if !min_delta.is_finite() || min_delta < 0.0 {
            let expected = "a finite number, at least 0".to_owned();
            return Err(self.argument("min_delta", min_delta, expected));
        }
        self.min_delta = min_delta;
        Ok(())
    }

    /// Checks before the first step that the score exists, and finds out which values are better.
    pub(crate) fn prepare(&mut self, run: &RunContext<'_>) -> Result<()> {
        let metric = run.metric_of(&self.score).map_err(|error| match error {
            Error::Score { name, known } => {
                self.argument("monitor", format!("`{name}`"), format!("one of: {known}"))
            }
            other => other,
        })?;
        if self.mode == Mode::Auto {
            self.mode = metric.mode();
        }
        if self.mode == Mode::Auto {
            let expected = format!(
                "Mode::Min or Mode::Max: the metric {} does not say which values are better",
                metric.name()
            );
            return Err(self.argument("mode", "Mode::Auto", expected));
        }
        Ok(())
    }

    /// The score after this epoch; `None` where no validation has given it.
    pub(crate) fn value(&self, run: &RunContext<'_>) -> Result<Option<f64>> {
        run.monitored(&self.score)
    }

    /// Whether `value` is better than `than` by more than `min_delta`. NaN is not better than
    /// anything; any other value is better than none.
    pub(crate) fn improves(&self, value: f64, than: Option<f64>) -> bool {
        match (than, self.mode) {
            (None, _) => !value.is_nan(),
            (Some(than), Mode::Max) => value > than + self.min_delta,
            (Some(than), _) => value < than - self.min_delta,
        }
    }

    pub(crate) fn argument(
        &self,
        argument: &'static str,
        found: impl std::fmt::Display,
        expected: String,
    ) -> Error {
        Error::Argument { operation: self.callback, argument, found: found.to_string(), expected }
    }
}
