//! [`StepHistory`].

use crate::state::wrong_state;
use crate::{Callback, Error, Result, RunContext, State};
use serde::{Serialize, Serializer};
use tensor::Tensor;

/// Keeps the loss and the learning rate of every step, for curves; and further scores, where they
/// are wanted. They take four bytes each.
///
/// ```
/// # use datasets::{ArrayDataset, Dataset};
/// # use layers::{Dense, MseLoss};
/// # use ndarray::array;
/// # use optim::Sgd;
/// use train::{Model, StepHistory, Validation};
/// # let data = ArrayDataset::with_values(array![[0.], [1.], [2.]], array![[1.], [3.], [5.]])?.batch(1)?;
/// # let mut model = Model::new(Dense::new(1, 1), MseLoss::new(), Sgd::new(0.1)?);
///
/// let mut steps = StepHistory::new();
/// model.fit(2, &data, Validation::none(), &mut [&mut steps])?;
/// assert_eq!(steps.series("loss")?.len(), 6);
/// assert_eq!(steps.series("learning_rate")?, [0.1; 6]);
/// # Ok::<(), train::Error>(())
/// ```
///
/// It serialises as a map from names to lists. A run that starts with its first epoch begins anew;
/// one that goes on (`fit(3..10, ..)`), or is resumed from a checkpoint, adds to what there is.
#[derive(Clone, Debug, PartialEq)]
pub struct StepHistory {
    columns: Vec<Column>,
    /// The samples of this epoch that were seen before the step.
    samples: usize,
}

/// One number for each step.
#[derive(Clone, Debug, PartialEq)]
struct Column {
    name: String,
    values: Vec<f32>,
    /// The sum of a score over the samples of this epoch so far.
    sum: f64,
}

impl Column {
    fn new(name: impl Into<String>) -> Self {
        Column { name: name.into(), values: Vec::new(), sum: 0.0 }
    }
}

/// The columns that are always there come first.
const LOSS: usize = 0;
const LEARNING_RATE: usize = 1;
const SCORES: usize = 2;

impl StepHistory {
    /// Keeps `loss` and `learning_rate`.
    pub fn new() -> Self {
        StepHistory { columns: vec![Column::new("loss"), Column::new("learning_rate")], samples: 0 }
    }

    /// Keeps a training metric that is a mean over samples too, such as `accuracy`: its value on
    /// each step's batch alone.
    #[must_use]
    pub fn mean_score(mut self, name: impl Into<String>) -> Self {
        let column = Column::new(name);
        if self.columns.iter().all(|other| other.name != column.name) {
            self.columns.push(column);
        }
        self
    }

    /// One number for each step, in order: `loss`, `learning_rate`, or a score that was asked for.
    ///
    /// # Errors
    /// [`Error::Score`], which lists those that exist.
    pub fn series(&self, name: &str) -> Result<&[f32]> {
        let column = self.columns.iter().find(|column| column.name == name);
        column.map(|column| column.values.as_slice()).ok_or_else(|| {
            let known: Vec<_> = self.columns.iter().map(|column| column.name.as_str()).collect();
            Error::Score { name: name.to_owned(), known: known.join(", ") }
        })
    }
}

impl Default for StepHistory {
    fn default() -> Self {
        StepHistory::new()
    }
}

impl Serialize for StepHistory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().map(|column| (&column.name, &column.values)))
    }
}

impl Callback for StepHistory {
    fn name(&self) -> &str {
        "StepHistory"
    }

    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        for column in &self.columns[SCORES..] {
            run.metric_of(&column.name)?;
        }
        if run.initial_epoch == 0 {
            self.columns.iter_mut().for_each(|column| column.values.clear());
        }
        Ok(())
    }

    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        if run.step == 1 {
            self.samples = 0;
            self.columns.iter_mut().for_each(|column| column.sum = 0.0);
        }
        self.columns[LOSS].values.push(run.loss as f32);
        self.columns[LEARNING_RATE].values.push(run.learning_rate as f32);
        if self.columns.len() > SCORES {
            // The metrics tell the mean over the epoch so far, of which this step is the last part.
            let scores = run.scores()?;
            let before = self.samples;
            if before >= run.samples {
                let detail =
                    format!("has {before} samples for an epoch that is at {}", run.samples);
                return Err(wrong_state("StepHistory", detail));
            }
            let samples = (run.samples - before) as f64;
            for column in &mut self.columns[SCORES..] {
                let sum = scores.get(&column.name)? * run.samples as f64;
                column.values.push(((sum - column.sum) / samples) as f32);
                column.sum = sum;
            }
        }
        self.samples = run.samples;
        Ok(())
    }

    fn state(&self) -> State {
        let mut state = State::default().with("samples", self.samples as f64);
        for column in &self.columns {
            if let Ok(values) = Tensor::from_vec([column.values.len()], &column.values) {
                state.tensors.insert(column.name.clone(), values);
            }
            state.numbers.insert(format!("sum.{}", column.name), column.sum);
        }
        state
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        let samples = state.count("StepHistory", "samples")? as usize;
        let mut columns = self.columns.clone();
        for column in &mut columns {
            let values = state.tensors.get(&column.name).ok_or_else(|| {
                wrong_state("StepHistory", format!("has no values of {}", column.name))
            })?;
            column.values = values.to_vec();
            column.sum = state.required("StepHistory", &format!("sum.{}", column.name))?;
        }
        (self.samples, self.columns) = (samples, columns);
        Ok(())
    }
}
