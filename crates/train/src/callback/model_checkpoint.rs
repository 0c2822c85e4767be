//! [`ModelCheckpoint`].

use super::monitor::{Mode, Monitor};
use crate::checkpoint::remove;
use crate::state::wrong_state;
use crate::{Callback, Error, Result, RunContext, State, save_weights};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Saves the weights every so often, and those of the best epoch: MindSpore's `ModelCheckpoint`
/// and `CheckpointConfig`, with keeping the best added.
///
/// ```no_run
/// # fn main() -> Result<(), train::Error> {
/// use train::ModelCheckpoint;
///
/// // checkpoints/lenet-1_1875.safetensors and so on, the last three of them, and
/// // checkpoints/lenet-best.safetensors.
/// let mut checkpoint = ModelCheckpoint::new("checkpoints")?
///     .prefix("lenet")
///     .keep_last(3)?
///     .keep_best("eval_accuracy");
/// # Ok(())
/// # }
/// ```
///
/// Files are safetensors, each written whole or not at all, the old one staying until the new one is
/// complete. (MindSpore deletes a file of the same name before it writes the new one.) Without
/// [`every_steps`](ModelCheckpoint::every_steps), [`every_seconds`](ModelCheckpoint::every_seconds) or
/// [`every_epochs`](ModelCheckpoint::every_epochs) the weights are saved after every epoch (in
/// MindSpore after every step); with more than one of them, when any of them is due. They are also
/// saved when training ends.
///
/// Where the weights of the best epoch are restored by [`EarlyStopping`](crate::EarlyStopping), put
/// it before this among the callbacks, so that what is saved at the end is what the network has.
#[derive(Debug)]
pub struct ModelCheckpoint {
    directory: PathBuf,
    prefix: String,
    steps: Option<usize>,
    seconds: Option<Duration>,
    epochs: Option<usize>,
    keep: usize,
    best: Option<Monitor>,
    mode: Mode,
    best_value: Option<f64>,
    /// Oldest first.
    written: VecDeque<PathBuf>,
    last_time: Instant,
}

impl ModelCheckpoint {
    /// Saves after every epoch into `directory`, which is made if it is not there, and keeps the
    /// last five files.
    ///
    /// # Errors
    /// [`Error::File`] where the directory cannot be made.
    pub fn new(directory: impl Into<PathBuf>) -> Result<Self> {
        let directory = directory.into();
        std::fs::create_dir_all(&directory).map_err(|error| Error::File {
            path: directory.clone(),
            detail: format!("the directory for checkpoints could not be made: {error}"),
        })?;
        Ok(ModelCheckpoint {
            directory,
            prefix: "CKP".to_owned(),
            steps: None,
            seconds: None,
            epochs: None,
            keep: 5,
            best: None,
            mode: Mode::Auto,
            best_value: None,
            written: VecDeque::new(),
            last_time: Instant::now(),
        })
    }

    /// What the files' names begin with; `CKP`, as in MindSpore, by default.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Saves after every `steps` steps, counted over the epochs.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is 0.
    pub fn every_steps(mut self, steps: usize) -> Result<Self> {
        self.steps = Some(at_least_one("every_steps", steps, "step")?);
        Ok(self)
    }

    /// Saves after the first step that ends `seconds` after the last save.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is not a finite number above 0.
    pub fn every_seconds(mut self, seconds: f64) -> Result<Self> {
        match Duration::try_from_secs_f64(seconds) {
            Ok(duration) if !duration.is_zero() => self.seconds = Some(duration),
            _ => return Err(argument("every_seconds", seconds, "a finite number above 0")),
        }
        Ok(self)
    }

    /// Saves after every `epochs` epochs.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is 0.
    pub fn every_epochs(mut self, epochs: usize) -> Result<Self> {
        self.epochs = Some(at_least_one("every_epochs", epochs, "epoch")?);
        Ok(self)
    }

    /// How many files are kept: older ones that this has written are deleted. MindSpore's
    /// `keep_checkpoint_max`.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is 0.
    pub fn keep_last(mut self, files: usize) -> Result<Self> {
        self.keep = at_least_one("keep_last", files, "file")?;
        Ok(self)
    }

    /// Also saves the weights of the epoch with the best `monitor`, such as `eval_accuracy`, as
    /// `PREFIX-best.safetensors`, which is never deleted.
    #[must_use]
    pub fn keep_best(mut self, monitor: impl Into<String>) -> Self {
        self.best = Some(Monitor::new("ModelCheckpoint", monitor));
        self
    }

    /// Which values of the monitored score are better; by default what the metric says.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// The file of the best epoch's weights.
    pub fn best_file(&self) -> PathBuf {
        self.directory.join(format!("{}-best.safetensors", self.prefix))
    }

    /// The newest file.
    pub fn last_file(&self) -> Option<&Path> {
        self.written.back().map(PathBuf::as_path)
    }

    /// Whether a file is one that [`ModelCheckpoint::save`] may have written.
    fn is_own(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let rest = name.strip_prefix(self.prefix.as_str()).and_then(|rest| rest.strip_prefix('-'));
        let place = rest.and_then(|rest| rest.strip_suffix(".safetensors")?.split_once('_'));
        let number = |text: &str| text.parse::<usize>().is_ok();
        path.parent() == Some(&*self.directory)
            && place.is_some_and(|(epoch, step)| number(epoch) && number(step))
    }

    fn save(&mut self, run: &RunContext<'_>) -> Result<()> {
        let name = format!("{}-{}_{}.safetensors", self.prefix, run.epoch, run.step);
        let path = self.directory.join(name);
        save_weights(run.network(), &path)?;
        self.last_time = Instant::now();
        self.written.retain(|known| *known != path);
        self.written.push_back(path);
        while self.written.len() > self.keep {
            let Some(oldest) = self.written.pop_front() else { break };
            remove(&oldest)?;
        }
        Ok(())
    }
}

impl Callback for ModelCheckpoint {
    fn name(&self) -> &str {
        "ModelCheckpoint"
    }

    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        if let Some(monitor) = &mut self.best {
            monitor.mode = self.mode;
            monitor.prepare(run)?;
        }
        if run.initial_epoch == 0 {
            self.best_value = None;
        }
        self.last_time = Instant::now();
        Ok(())
    }

    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let steps = self.steps.is_some_and(|steps| run.global_step().is_multiple_of(steps));
        let seconds = self.seconds.is_some_and(|seconds| self.last_time.elapsed() >= seconds);
        if steps || seconds { self.save(run) } else { Ok(()) }
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let given = self.steps.is_some() || self.seconds.is_some() || self.epochs.is_some();
        let epochs = self.epochs.or(if given { None } else { Some(1) });
        if epochs.is_some_and(|epochs| run.epoch.is_multiple_of(epochs)) {
            self.save(run)?;
        }
        let Some(monitor) = &self.best else { return Ok(()) };
        if let Some(value) = monitor.value(run)?
            && monitor.improves(value, self.best_value)
        {
            save_weights(run.network(), self.best_file())?;
            self.best_value = Some(value);
        }
        Ok(())
    }

    fn on_train_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.save(run)
    }

    fn state(&self) -> State {
        let mut state = State::default();
        state.set_number("best", self.best_value);
        for (number, path) in self.written.iter().enumerate() {
            state.texts.insert(format!("written.{number:06}"), path.display().to_string());
        }
        state
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        // Everything in it is optional, so that another callback's state shows by what it has besides.
        let numbers = state.numbers.keys().filter(|name| *name != "best");
        let texts = state.texts.keys().filter(|name| !name.starts_with("written."));
        if let Some(name) = numbers.chain(texts).chain(state.tensors.keys()).next() {
            let detail = format!("has {name}, expected only best and written.*");
            return Err(wrong_state("ModelCheckpoint", detail));
        }
        self.best_value = state.number("best");
        // Files of the list are deleted when newer ones are there, so it must not name just any file.
        let written = state.texts.values().map(PathBuf::from);
        self.written = written.filter(|path| self.is_own(path)).collect();
        Ok(())
    }
}

fn at_least_one(argument_name: &'static str, number: usize, what: &str) -> Result<usize> {
    if number == 0 {
        return Err(argument(argument_name, number, &format!("at least 1 {what}")));
    }
    Ok(number)
}

fn argument(argument: &'static str, found: impl std::fmt::Display, expected: &str) -> Error {
    Error::Argument {
        operation: "ModelCheckpoint",
        argument,
        found: found.to_string(),
        expected: expected.to_owned(),
    }
}
