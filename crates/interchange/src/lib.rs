//! Networks to and from other systems.
//!
//! - [`mindspore`]: MindSpore's `.ckpt` files, read and written.
//! - [`onnx`]: ONNX models, read and written.
//!
//! Whatever is read is not believed: sizes in a file are checked against the bytes that are there
//! before anything is made of them, and every fault is an [`Error`] that says what was expected,
//! what was found and where.
//!
//! ```
//! use interchange::mindspore::Checkpoint;
//! use layers::{Dense, ModuleExt};
//!
//! let mut layer = Dense::new(2, 3);
//! layer.initialize(1)?;
//! let bytes = Checkpoint::of(&layer)?.to_bytes();
//!
//! // MindSpore's load_checkpoint reads these bytes; so do we.
//! let mut other = Dense::new(2, 3);
//! Checkpoint::from_bytes(&bytes)?.load_into(&mut other)?;
//! assert_eq!(other.weight.value(), layer.weight.value());
//! # Ok::<(), interchange::Error>(())
//! ```
#![forbid(unsafe_code)]

mod error;
pub mod mindspore;
pub mod onnx;

pub use error::{Error, Result};
