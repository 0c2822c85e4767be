//! Training, its callbacks, metrics and files. One program: a second one would compile the generic kernels again.

mod algorithm_3_1;
mod batch_norm;
mod callbacks;
mod common;
mod damaged_checkpoints;
mod determinism;
mod early_stopping;
mod errors;
mod file_errors;
mod golden;
mod learning;
mod learning_rate_finder;
mod metrics;
mod mistakes;
mod resume;
mod signed;
mod training_checkpoints;
mod training_loop;
mod weights;
