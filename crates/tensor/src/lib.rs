//! Storage.
#![warn(missing_docs)]

mod buffer;
mod element;
mod error;
pub mod kernels;
pub mod random;
mod shape;
mod tensor;

pub use element::{Element, Float, Sealed};
pub use error::{Error, Result};
pub use shape::Shape;
pub use tensor::Tensor;
