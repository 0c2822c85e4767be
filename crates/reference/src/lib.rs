//! For the tests of the other crates: numbers that other systems computed, and the record of how
//! ours compare with them.
//!
//! A script kept beside each test runs PyTorch, MindSpore or another system and writes a
//! *reference file* with `reference_file.py`, which stands beside this crate's manifest. The test
//! opens it as a [`Reference`] and checks its own numbers through a [`Comparison`]:
//!
//! ```no_run
//! use reference::{Comparison, Reference};
//! use tensor::Tensor;
//!
//! let bytes = std::fs::read("tests/reference/activations.safetensors").unwrap();
//! let file = Reference::open(&bytes);
//! let row = Comparison::new("operation", "relu", &file.peer());
//! let found = Tensor::from_fn([3], |i| [0.0, 0.5, 2.0][i]);
//! row.check("forward", &found, &file.tensor("relu/output"), 0.0, 1e-12);
//! ```
//!
//! Where the environment variable `SPORELET_PARITY` names a folder, every comparison also leaves a
//! line there, and so does every [`deviation`]; `cargo xtask parity` makes `PARITY.md` of them. What
//! the page says is therefore what the tests measured.
#![forbid(unsafe_code)]

mod comparison;
mod file;
mod record;

pub use comparison::{Comparison, deviation, difference, size};
pub use file::{Reference, formula};
pub use record::VARIABLE;
