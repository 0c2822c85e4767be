//! `cargo xtask`, the project's commands: the few that everybody runs first, and what the others
//! are made of.
//!
//! The rest, with all that only they depend on, is in the package `workbench`, which is built
//! when one of them is called for the first time ([`elsewhere`]). So the first `cargo xtask
//! train-lenet` does not wait for image codecs, ONNX and a web page.
#![forbid(unsafe_code)]
// Nobody but the project's own programs uses it.
#![allow(missing_docs, missing_debug_implementations)]

pub mod block;
pub mod chart;
pub mod ci;
pub mod command_line;
pub mod elsewhere;
pub mod eval;
pub mod fetch_mnist;
pub mod find_lr;
pub mod host;
pub mod network;
pub mod output;
pub mod progress;
pub mod reader;
pub mod summary;
pub mod train_lenet;
pub mod workspace;
