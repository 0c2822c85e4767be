//! Storage and arithmetic: everything above this crate is built from [`Tensor`] and from the
//! [`kernels`].
//!
//! ```
//! use ndarray::array;
//! use tensor::{Tensor, kernels};
//!
//! // From ndarray and back; in between, kernels work on plain slices.
//! let mut x = Tensor::from(array![[-1.0_f32, 2.0], [3.0, -4.0]]);
//! kernels::elementwise::relu(x.as_mut_slice());
//! assert_eq!(x.view(), array![[0.0, 2.0], [3.0, 0.0]].into_dyn());
//! ```
//!
//! - [`Tensor`]: a shape over a reference-counted, copy-on-write, recycled buffer; always
//!   row-major.
//! - [`kernels`]: free functions over slices. A kernel allocates nothing and starts no thread.
//! - [`Conv2dGeometry`], [`Pool2dGeometry`]: the shapes of convolution and pooling, checked once.
//! - [`random`]: random numbers as pure functions of *(seed, purpose, epoch, index)*.
//! - [`names`]: what a person meant by a name that does not exist.
//! - [`Error`]: the one error type of the numeric crates.
//!
//! This crate knows of no graph, no layer and no dataset.

mod buffer;
mod element;
mod error;
mod geometry;
pub mod kernels;
mod layout;
pub mod names;
mod ndarray;
pub mod ops;
pub mod parallel;
pub mod random;
mod shape;
mod tensor;

pub use buffer::fresh_buffers;
pub use element::{Element, Float, Sealed};
pub use error::{Error, Result};
pub use geometry::{
    Conv2dAlgorithm, Conv2dGeometry, Conv2dOptions, PadMode, Pool2dGeometry, Pool2dOptions,
    WindowAxis,
};
pub use layout::Layout;
pub use shape::Shape;
pub use tensor::Tensor;

/// The code in README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
