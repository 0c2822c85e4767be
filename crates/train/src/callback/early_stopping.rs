//! [`EarlyStopping`].

use super::monitor::{Mode, Monitor};
use super::printer::Printer;
use crate::state::wrong_state;
use crate::weights::{assign, values};
use crate::{Callback, Result, RunContext, State};
use layers::{Module, ModuleExt};
use std::collections::BTreeMap;
use std::io::Write;
use tensor::Tensor;

/// Ends training once a score has stopped improving, and can give the network the weights of its
/// best epoch back.
///
/// ```
/// # use datasets::{ArrayDataset, Dataset};
/// # use layers::{Dense, MseLoss};
/// # use ndarray::array;
/// # use optim::Sgd;
/// use train::{EarlyStopping, Model};
/// # let data = ArrayDataset::with_values(array![[0.], [1.], [2.]], array![[1.], [3.], [5.]])?.batch(3)?;
/// # let mut model = Model::new(Dense::new(1, 1), MseLoss::new(), Sgd::new(0.1)?);
///
/// let mut stop = EarlyStopping::new("eval_loss").patience(3).min_delta(1e-4)?.restore_best_weights(true);
/// let history = model.fit(1000, &data, Some(&data), &mut [&mut stop])?;
/// assert!(history.epochs.len() < 1000);
/// assert_eq!(stop.stopped_epoch(), Some(history.epochs.len()));
/// # Ok::<(), train::Error>(())
/// ```
///
/// An epoch whose score is not better than the best so far by more than `min_delta` is a bad one;
/// NaN is never better. Training ends after `patience` bad epochs in a row. Epochs without
/// validation do not count where a score of the validation is watched.
///
/// A run that starts with its first epoch begins anew; one that goes on (`fit(3..10, ..)`) goes
/// on counting.
///
/// MindSpore's `EarlyStopping`, with its faults mended: with `patience=0` it stops after the first
/// epoch, however good; it stores `min_delta` for `baseline`; a score of exactly 0 counts
/// as missing; `eval_loss` is that of the last validation batch; and it gives the best weights
/// back only where it stopped the training itself.
#[derive(Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    restore: bool,
    verbose: bool,
    printer: Printer,
    best: Option<f64>,
    best_epoch: usize,
    /// Empty unless they are to be restored.
    best_weights: BTreeMap<String, Tensor>,
    /// Bad epochs in a row.
    wait: usize,
    stopped: Option<usize>,
}

impl EarlyStopping {
    /// Watches the score `monitor`, such as `eval_loss` or `accuracy`, and stops at its first bad
    /// epoch.
    pub fn new(monitor: impl Into<String>) -> Self {
        EarlyStopping {
            monitor: Monitor::new("EarlyStopping", monitor),
            patience: 0,
            baseline: None,
            restore: false,
            verbose: false,
            printer: Printer::default(),
            best: None,
            best_epoch: 0,
            best_weights: BTreeMap::new(),
            wait: 0,
            stopped: None,
        }
    }

    /// How many bad epochs in a row end the training. 0, the default, is as 1.
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// By how much a score must be better than the best to count as an improvement; 0 by default.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is negative or not finite.
    pub fn min_delta(mut self, min_delta: f64) -> Result<Self> {
        self.monitor.min_delta(min_delta)?;
        Ok(self)
    }

    /// Which values are better; by default what the metric says.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.mode = mode;
        self
    }

    /// A score that must be beaten: an epoch that does not counts as a bad one, even if it is the
    /// best so far.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is NaN.
    pub fn baseline(mut self, baseline: f64) -> Result<Self> {
        if baseline.is_nan() {
            return Err(self.monitor.argument("baseline", baseline, "a number".to_owned()));
        }
        self.baseline = Some(baseline);
        Ok(self)
    }

    /// Whether the network gets the weights of its best epoch when training ends, in whichever
    /// way it does. The optimizer's state stays that of the last step.
    #[must_use]
    pub fn restore_best_weights(mut self, restore: bool) -> Self {
        self.restore = restore;
        self
    }

    /// Whether stopping and restoring are printed, in MindSpore's words.
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

    /// The epoch with the best score so far.
    pub fn best_epoch(&self) -> Option<usize> {
        self.best.map(|_| self.best_epoch)
    }

    /// The best score so far.
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// The epoch after which training was stopped; `None` where it was not.
    pub fn stopped_epoch(&self) -> Option<usize> {
        self.stopped
    }

    /// Whether the best weights are this network's: they may be from a state that was loaded.
    fn check_weights(&self, network: &dyn Module) -> Result<()> {
        for (name, parameter) in network.parameters() {
            let detail = match self.best_weights.get(&name) {
                Some(best) if best.shape() == parameter.shape() => continue,
                Some(best) => {
                    let (found, expected) = (best.shape(), parameter.shape());
                    format!("has {name} of shape {found}, the network expects {expected}")
                }
                None => format!("has no {name}, which the network has"),
            };
            return Err(wrong_state("EarlyStopping", detail));
        }
        Ok(())
    }
}

impl Callback for EarlyStopping {
    fn name(&self) -> &str {
        "EarlyStopping"
    }

    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.monitor.prepare(run)?;
        self.stopped = None;
        if run.initial_epoch == 0 {
            (self.best, self.best_epoch, self.wait) = (None, 0, 0);
            self.best_weights.clear();
        }
        Ok(())
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        if self.restore && !self.best_weights.is_empty() {
            self.check_weights(run.network())?;
        }
        let Some(value) = self.monitor.value(run)? else { return Ok(()) };
        self.wait += 1;
        if self.monitor.improves(value, self.best) {
            (self.best, self.best_epoch) = (Some(value), run.epoch);
            if self.restore {
                self.best_weights = values(run.network());
            }
            if self.baseline.is_none_or(|baseline| self.monitor.improves(value, Some(baseline))) {
                self.wait = 0;
            }
        }
        if self.wait > 0 && self.wait >= self.patience {
            self.stopped = Some(run.epoch);
            run.request_stop();
        }
        Ok(())
    }

    fn on_train_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        if let (Some(epoch), true) = (self.stopped, self.verbose) {
            self.printer.line(format_args!("Epoch {epoch:05}: early stopping"))?;
        }
        if self.restore && !self.best_weights.is_empty() && self.best_epoch != run.epoch {
            if self.verbose {
                let line = "Restoring model weights from the end of the best epoch.";
                self.printer.line(format_args!("{line}"))?;
            }
            assign(run.network_mut(), &self.best_weights)?;
        }
        Ok(())
    }

    fn state(&self) -> State {
        let mut state = State::default();
        state.set_number("best", self.best);
        state.set_number("best_epoch", Some(self.best_epoch as f64));
        state.set_number("wait", Some(self.wait as f64));
        state.tensors = self.best_weights.clone();
        state
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        let count = |name| state.count("EarlyStopping", name).map(|number| number as usize);
        (self.best_epoch, self.wait) = (count("best_epoch")?, count("wait")?);
        self.best = state.number("best");
        self.best_weights = state.tensors.clone();
        Ok(())
    }
}
