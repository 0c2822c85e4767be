//! [`ReduceLrOnPlateau`].

use super::monitor::{Mode, Monitor};
use super::printer::{Printer, python_float};
use crate::{Callback, Result, RunContext, State};
use optim::{Plateau, PlateauState};
use std::io::Write;

/// Reduces the learning rate once a score has stopped getting better: MindSpore's
/// `ReduceLROnPlateau`, by [`Plateau`]'s rules.
///
/// ```
/// # fn main() -> Result<(), train::Error> {
/// use optim::Plateau;
/// use train::ReduceLrOnPlateau;
///
/// // A fifth of the rate after three epochs in a row that are no better, but at least 1e-5.
/// let plateau = Plateau::new(0.2)?.patience(3);
/// let mut reduce = ReduceLrOnPlateau::new("eval_loss", plateau).min_lr(1e-5)?;
/// # Ok(())
/// # }
/// ```
///
/// It multiplies whatever rate the optimizer has, that of a schedule and those of parameter groups
/// included. (MindSpore refuses both; takes a score of exactly 0 for a missing one; and its
/// `eval_loss` is that of the last validation batch.) Epochs without validation do not count where
/// a score of the validation is watched.
#[derive(Debug)]
pub struct ReduceLrOnPlateau {
    monitor: Monitor,
    plateau: Plateau,
    min_lr: f64,
    verbose: bool,
    printer: Printer,
}

impl ReduceLrOnPlateau {
    /// Watches the score `monitor`, such as `eval_loss` or `accuracy`.
    pub fn new(monitor: impl Into<String>, plateau: Plateau) -> Self {
        ReduceLrOnPlateau {
            monitor: Monitor::new("ReduceLrOnPlateau", monitor),
            plateau,
            min_lr: 0.0,
            verbose: false,
            printer: Printer::default(),
        }
    }

    /// Which values are better; by default what the metric says, whatever the plateau does.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// The least rate that it reduces to; 0 by default.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is negative or not finite.
    pub fn min_lr(mut self, rate: f64) -> Result<Self> {
        if !rate.is_finite() || rate < 0.0 {
            let expected = "a finite number, at least 0".to_owned();
            return Err(self.monitor.argument("min_lr", rate, expected));
        }
        self.min_lr = rate;
        Ok(self)
    }

    /// Whether each reduction is printed, in MindSpore's words.
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    /// Prints elsewhere than to standard output.
    #[must_use]
    pub fn print_to(mut self, out: impl Write + Send + 'static) -> Self {
        self.printer = Printer::to(out);
        self
    }
}

impl Callback for ReduceLrOnPlateau {
    fn name(&self) -> &str {
        "ReduceLrOnPlateau"
    }

    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.monitor.prepare(run)?;
        let larger = self.monitor.mode == Mode::Max;
        self.plateau = self.plateau.clone().larger_is_better(larger);
        if run.initial_epoch == 0 {
            self.plateau.resume(PlateauState::default());
        }
        Ok(())
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let Some(value) = self.monitor.value(run)? else { return Ok(()) };
        if !self.plateau.reduces(value) {
            return Ok(());
        }
        let rate = run.optimizer().learning_rate();
        if rate <= self.min_lr {
            return Ok(());
        }
        let factor = self.plateau.factor().max(self.min_lr / rate);
        run.optimizer_mut().scale_learning_rate(factor)?;
        if self.verbose {
            let rate = python_float(run.optimizer().learning_rate());
            self.printer.line(format_args!(
                "Epoch {:05}: ReduceLROnPlateau reducing learning rate to {rate}.",
                run.epoch
            ))?;
        }
        Ok(())
    }

    fn state(&self) -> State {
        let PlateauState { best, waited, cooling } = self.plateau.state();
        let mut state = State::default();
        state.set_number("best", best);
        state.set_number("waited", Some(waited as f64));
        state.set_number("cooling", Some(cooling as f64));
        state
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        let count = |name| state.count("ReduceLrOnPlateau", name);
        let (waited, cooling) = (count("waited")?, count("cooling")?);
        self.plateau.resume(PlateauState { best: state.number("best"), waited, cooling });
        Ok(())
    }
}
