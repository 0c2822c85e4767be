//! What a training checkpoint holds besides tensors, as JSON.

use super::Moment;
use crate::{EpochRecord, Epochs, Matrix, Scores, State, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// The document among the metadata. The checksum comes first: nothing of the user's stands before it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) sha256: String,
    pub(super) seed: u64,
    pub(super) isa: String,
    pub(super) moment: MomentDocument,
    pub(super) frozen: Vec<String>,
    pub(super) optimizer: BTreeMap<String, Exact>,
    pub(super) callbacks: Vec<StateDocument>,
    pub(super) metrics: Vec<StateDocument>,
    pub(super) history: Vec<RecordDocument>,
    pub(super) configuration: String,
}

/// A number that survives JSON with its bits, NaN and infinities included: it is kept as a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact(pub(super) f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Exact)
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is no number")))
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MomentDocument {
    epoch: usize,
    epochs: usize,
    stream_epoch: u64,
    step: usize,
    steps_per_epoch: usize,
    batch_size: usize,
    dataset: usize,
    samples: usize,
    loss: Exact,
    learning_rate: Option<Exact>,
    seconds: Exact,
    stop: bool,
}

impl From<&Moment> for MomentDocument {
    fn from(moment: &Moment) -> Self {
        MomentDocument {
            epoch: moment.epoch,
            epochs: moment.epochs,
            stream_epoch: moment.stream_epoch,
            step: moment.step,
            steps_per_epoch: moment.steps_per_epoch,
            batch_size: moment.batch_size,
            dataset: moment.dataset,
            samples: moment.samples,
            loss: Exact(moment.loss),
            learning_rate: moment.learning_rate.map(Exact),
            seconds: Exact(moment.seconds),
            stop: moment.stop,
        }
    }
}

impl MomentDocument {
    /// The moment, if it can be one.
    pub(super) fn checked(&self) -> Result<Moment, String> {
        let (epoch, step) = (self.epoch, self.step);
        let whole = epoch >= 1 && epoch <= self.epochs && step >= 1 && step <= self.steps_per_epoch;
        let countable = epoch.checked_mul(self.steps_per_epoch).is_some()
            && self.epochs.max(usize::try_from(self.stream_epoch).unwrap_or(usize::MAX))
                <= Epochs::MOST;
        if !whole || !countable {
            return Err(format!(
                "it is of epoch {epoch} of {}, step {step} of {}, which cannot be",
                self.epochs, self.steps_per_epoch
            ));
        }
        // Only the last batch of an epoch may be smaller than the others.
        let seen = step.checked_mul(self.batch_size).map(|samples| samples.min(self.dataset));
        if seen != Some(self.samples) {
            return Err(format!(
                "it has seen {} samples after {step} batches of {} from {}, which cannot be",
                self.samples, self.batch_size, self.dataset
            ));
        }
        Ok(Moment {
            epoch,
            epochs: self.epochs,
            stream_epoch: self.stream_epoch,
            step,
            steps_per_epoch: self.steps_per_epoch,
            batch_size: self.batch_size,
            dataset: self.dataset,
            samples: self.samples,
            loss: self.loss.0,
            learning_rate: self.learning_rate.map(|rate| rate.0),
            seconds: self.seconds.0,
            stop: self.stop,
        })
    }
}

/// A state without its tensors.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StateDocument {
    name: String,
    numbers: BTreeMap<String, Exact>,
    texts: BTreeMap<String, String>,
}

impl StateDocument {
    pub(super) fn of((name, state): &(String, State)) -> Self {
        StateDocument {
            name: name.clone(),
            numbers: exact(&state.numbers),
            texts: state.texts.clone(),
        }
    }

    pub(super) fn state(self, tensors: BTreeMap<String, tensor::Tensor>) -> (String, State) {
        (self.name, State { numbers: plain(self.numbers), texts: self.texts, tensors })
    }
}

pub(super) fn exact(numbers: &BTreeMap<String, f64>) -> BTreeMap<String, Exact> {
    numbers.iter().map(|(name, number)| (name.clone(), Exact(*number))).collect()
}

pub(super) fn plain(numbers: BTreeMap<String, Exact>) -> BTreeMap<String, f64> {
    numbers.into_iter().map(|(name, number)| (name, number.0)).collect()
}

/// An [`EpochRecord`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RecordDocument {
    epoch: usize,
    train: Vec<(String, ValueDocument)>,
    evaluation: Option<Vec<(String, ValueDocument)>>,
    learning_rate: Exact,
    steps: usize,
    samples: usize,
    evaluation_steps: usize,
    seconds: Exact,
    evaluation_seconds: Exact,
}

impl From<&EpochRecord> for RecordDocument {
    fn from(record: &EpochRecord) -> Self {
        RecordDocument {
            epoch: record.epoch,
            train: scores(&record.train),
            evaluation: record.evaluation.as_ref().map(scores),
            learning_rate: Exact(record.learning_rate),
            steps: record.steps,
            samples: record.samples,
            evaluation_steps: record.evaluation_steps,
            seconds: Exact(record.seconds),
            evaluation_seconds: Exact(record.evaluation_seconds),
        }
    }
}

impl From<RecordDocument> for EpochRecord {
    fn from(record: RecordDocument) -> Self {
        let scores = |scores: Vec<(String, ValueDocument)>| {
            Scores::from_values(scores.into_iter().map(|(name, value)| (name, value.into())))
        };
        EpochRecord {
            epoch: record.epoch,
            train: scores(record.train),
            evaluation: record.evaluation.map(scores),
            learning_rate: record.learning_rate.0,
            steps: record.steps,
            samples: record.samples,
            evaluation_steps: record.evaluation_steps,
            seconds: record.seconds.0,
            evaluation_seconds: record.evaluation_seconds.0,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum ValueDocument {
    Number(Exact),
    PerClass(Vec<Exact>),
    Matrix { labels: Vec<String>, rows: Vec<Vec<Exact>> },
}

fn scores(scores: &Scores) -> Vec<(String, ValueDocument)> {
    let exact = |numbers: &[f64]| numbers.iter().copied().map(Exact).collect::<Vec<_>>();
    let document = |value: &Value| match value {
        Value::Number(number) => ValueDocument::Number(Exact(*number)),
        Value::PerClass(numbers) => ValueDocument::PerClass(exact(numbers)),
        Value::Matrix(Matrix { labels, rows }) => ValueDocument::Matrix {
            labels: labels.clone(),
            rows: rows.iter().map(|row| exact(row)).collect(),
        },
    };
    scores.values().map(|(name, value)| (name.to_owned(), document(value))).collect()
}

impl From<ValueDocument> for Value {
    fn from(value: ValueDocument) -> Self {
        let plain = |numbers: Vec<Exact>| numbers.into_iter().map(|number| number.0).collect();
        match value {
            ValueDocument::Number(number) => Value::Number(number.0),
            ValueDocument::PerClass(numbers) => Value::PerClass(plain(numbers)),
            ValueDocument::Matrix { labels, rows } => {
                Value::Matrix(Matrix { labels, rows: rows.into_iter().map(plain).collect() })
            }
        }
    }
}
