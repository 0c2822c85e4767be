//! Optimizers and learning rates: how a gradient becomes a step.
//!
//! ```
//! use layers::{Dense, Layer, ModuleExt};
//! use optim::{CosineDecayLr, Momentum, Optimizer};
//! use tensor::Tensor;
//!
//! let mut net = Dense::new(2, 1);
//! net.initialize(1)?;
//! let mut optimizer = Momentum::new(CosineDecayLr::new(0.0, 0.05, 50)?, 0.5)?;
//! let mut losses = Vec::new();
//! for _ in 0..50 {
//!     let tape = autodiff::Tape::new();
//!     let x = tape.constant(Tensor::from_vec([1, 2], [1.0, -2.0])?);
//!     let loss = net.forward(x)?.square().sum();
//!     losses.push(loss.value().item()?);
//!     optimizer.step(&mut net, &loss.backward()?)?;
//! }
//! assert!(losses[49] < 1e-3 * losses[0]);
//! # Ok::<(), tensor::Error>(())
//! ```
//!
//! An optimizer sees parameters and gradients, never a tape; its own state is kept by parameter
//! name.
#![forbid(unsafe_code)]

mod learning_rate;
mod momentum;
mod optimizer;
mod sgd;

pub use autodiff::Gradients;
pub use learning_rate::{ConstantLr, CosineDecayLr, LearningRate, PolynomialDecayLr, Schedule};
pub use momentum::Momentum;
pub use optimizer::Optimizer;
pub use sgd::Sgd;
pub use tensor::{Error, Result};
