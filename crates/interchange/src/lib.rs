//! Networks to and from other systems.
//!
//! - [`Checkpoint`]: named values, read from a file of any [`Format`], loaded into a network,
//!   written for PyTorch or MindSpore.
//! - [`safetensors`] and [`mindspore`]: its formats, safetensors and MindSpore's `.ckpt`.
//! - [`onnx`]: ONNX models, read and written.
//!
//! Whatever is read is not believed: sizes in a file are checked against the bytes that are there
//! before anything is made of them, and every fault is an [`Error`] that says what was expected,
//! what was found and where.
//!
//! ```
//! use interchange::{Checkpoint, mindspore};
//! use layers::{Dense, ModuleExt};
//!
//! let mut layer = Dense::new(2, 3);
//! layer.initialize(1)?;
//! let bytes = mindspore::encode(&Checkpoint::of(&layer)?)?;
//!
//! // MindSpore's load_checkpoint reads these bytes; so do we.
//! let mut other = Dense::new(2, 3);
//! Checkpoint::from_bytes(&bytes)?.load_into(&mut other)?;
//! assert_eq!(other.weight.value(), layer.weight.value());
//! # Ok::<(), interchange::Error>(())
//! ```
#![forbid(unsafe_code)]

mod checkpoint;
mod error;
mod format;
pub mod mindspore;
mod names;
pub mod onnx;
pub mod safetensors;
mod value;

pub use checkpoint::Checkpoint;
pub use error::{Error, Result};
pub use format::Format;
pub use names::Names;
pub use value::{Kind, Value};

/// The code in README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
