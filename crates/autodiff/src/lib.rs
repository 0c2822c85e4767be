//! Reverse-mode automatic differentiation (the chapter's §3.2) on an explicit, owned tape.
//!
//! ```
//! use autodiff::Tape;
//! use tensor::Tensor;
//!
//! // One neuron: f(w·x + b) with f = sigmoid, and half the squared error of eq. (3.5).
//! let tape = Tape::<f64>::new();
//! let x = tape.constant(Tensor::from_vec([1, 2], [1.0, 2.0])?);
//! let w = tape.leaf(Tensor::from_vec([1, 2], [0.5, -0.25])?);
//! let b = tape.leaf(Tensor::from_vec([1], [0.1])?);
//! let target = tape.constant(Tensor::full([1, 1], 1.0));
//!
//! let output = x.linear(&w, Some(&b))?.sigmoid();
//! let y = output.value().item()?;
//! let loss = output.sub(&target)?.square().sum().scale(0.5);
//! let gradients = loss.backward()?;
//!
//! // Eq. (3.8): dJ/db = y (y - t) (1 - y).
//! let expected = y * (y - 1.0) * (1.0 - y);
//! assert!((gradients.of(&b).unwrap().item()? - expected).abs() < 1e-15);
//! # Ok::<(), tensor::Error>(())
//! ```
//!
//! - [`Tape`] records, [`Var`] is a value on it, [`Gradients`] is what comes back.
//! - [`ops`] has one file per operation: its forward pass, what it saves, its derivative.
//! - [`Tape::explained`] keeps every step with its formula, local derivative, value and gradient;
//!   [`Explanation`] prints and draws them.
//! - [`Randomness`] is what random operations draw from.
//! - [`check_gradients`] compares a derivative with central differences in `f64`.
//!
//! Values are `f32` or `f64`; the crate knows of no layer and of no parameter's name.
#![forbid(unsafe_code)]

mod attribute;
mod check;
pub mod explain;
mod gradients;
pub mod ops;
mod randomness;
mod tape;
mod trace;
mod updates;
mod var;

pub use attribute::Attribute;
pub use check::{GradientCheckError, GradientPair, check_gradients, compare_gradients};
pub use explain::Explanation;
pub use gradients::{Gradients, Key};
pub use randomness::Randomness;
pub use tape::{Backward, Sink, Tape};
pub use tensor::{Error, Result};
pub use trace::{Entered, Span, Tally, Trace};
pub use var::Var;

/// The code in README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
