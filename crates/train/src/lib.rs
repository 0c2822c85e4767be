//! `Model::train`: the facade that mirrors MindSpore's `Model(network, loss, optimizer)`.
//!
//! ```
//! use datasets::{ArrayDataset, Dataset};
//! use layers::{Dense, SoftmaxCrossEntropyWithLogits};
//! use ndarray::Array2;
//! use optim::Momentum;
//! use train::{Accuracy, Model};
//!
//! // Which of two numbers is larger?
//! let pairs = Array2::from_shape_fn((64, 2), |(i, j)| ((i * 37 + j * 61) % 64) as f32 / 64.0);
//! let classes = pairs.rows().into_iter().map(|pair| u32::from(pair[1] > pair[0])).collect();
//! let data = ArrayDataset::with_classes(pairs, classes, 2)?.batch(16)?;
//!
//! let network = Dense::new(2, 2);
//! let loss = SoftmaxCrossEntropyWithLogits::new();
//! let optimizer = Momentum::new(0.5, 0.9)?;
//! let mut model = Model::new(network, loss, optimizer).metric(Accuracy::new());
//! model.train(20, &data)?;
//! assert!(model.eval(&data)?.get("accuracy")? > 0.9);
//! # Ok::<(), train::Error>(())
//! ```
//!
//! - [`Model`]: `train`, `fit`, `eval`, `predict`, and the primitive under them, `train_step`.
//! - [`Callback`]: six hooks into the loop, which see and change it through a [`RunContext`];
//!   [`LossMonitor`] and [`TimeMonitor`] print MindSpore's lines, [`EarlyStopping`] stops in time,
//!   [`ModelCheckpoint`] saves, [`CsvLogger`], [`JsonlLogger`], [`StepHistory`] and [`TensorBoard`] keep a
//!   record.
//! - [`Epochs`] and [`Validation`] say which epochs are trained, and when the network is evaluated;
//!   [`History`] has every score of every epoch.
//! - [`Metric`]: [`Accuracy`], [`Precision`], [`Recall`], [`Fbeta`], [`ConfusionMatrix`], [`RocAuc`] and
//!   others, by instance or by name; [`Scores`] are their [`Value`]s.
//! - [`save_weights`] and [`load_weights`]: safetensors files.
//! - [`Checkpointing`] keeps [`TrainingCheckpoint`]s, from which [`Model::resume`] finishes an interrupted
//!   run with the same bits.
//!
//! The features `csv` and `images` are those of `datasets`, which the examples `own_csv` and `own_images`
//! need.
//!
//! A batch is split into shards of 16 samples; each shard runs forward and backward on a tape of
//! its own, as a task of a thread pool, and the gradients are added in a fixed order. So a step
//! forks and joins once, a shard's values stay in its core's cache, and **the result has the same
//! bits for any number of threads**.
#![forbid(unsafe_code)]

mod batch;
mod callback;
mod checkpoint;
mod epochs;
mod error;
mod history;
mod learning_rate_finder;
mod metric;
mod model;
mod run_context;
mod scores;
mod shards;
mod state;
mod validation;
mod value;
mod weights;

pub use batch::Batch;
pub use callback::{
    Callback, CsvLogger, EarlyStopping, JsonlLogger, LambdaCallback, LearningRateScheduler,
    LossMonitor, Mode, ModelCheckpoint, ReduceLrOnPlateau, StepHistory, TensorBoard, TimeMonitor,
};
pub use checkpoint::{Checkpointing, TrainingCheckpoint};
pub use epochs::Epochs;
pub use error::Error;
pub use history::{EpochRecord, History};
pub use learning_rate_finder::{LearningRateFinder, LearningRatePoint, LearningRateSearch};
pub use metric::{
    Accuracy, Average, ConfusionMatrix, Fbeta, LossMetric, MeanAbsoluteError, MeanSquaredError,
    Metric, NormalizeBy, Outcome, Precision, Recall, RocAuc, RootMeanSquaredError,
    TopKCategoricalAccuracy, metric_by_name,
};
pub use model::{Model, StepOutput};
pub use run_context::RunContext;
pub use scores::Scores;
pub use state::State;
pub use validation::Validation;
pub use value::{Matrix, Value};
pub use weights::{load_weights, save_weights};

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The guided reading's code, compiled and run as this crate's other examples are.
#[cfg(doctest)]
#[doc = include_str!("../../../CHAPTER.md")]
mod chapter {}

/// The code in README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
