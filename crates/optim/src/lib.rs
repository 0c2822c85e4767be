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
//! name. [`Descent`] is what all optimizers have in common - decay, clipping, groups, accumulation,
//! state - and a [`Rule`] is what tells them apart.
#![forbid(unsafe_code)]

mod adagrad;
mod adam;
mod adamw;
mod check;
mod descent;
mod group;
mod learning_rate;
mod momentum;
mod optimizer;
mod plateau;
mod rms_prop;
mod rule;
mod sgd;
mod state;

pub use adagrad::{Adagrad, AdagradRule};
pub use adam::{Adam, AdamRule};
pub use adamw::{AdamW, AdamWRule};
pub use autodiff::Gradients;
pub use descent::Descent;
pub use group::ParameterGroup;
pub use learning_rate::{
    ConstantLr, CosineDecayLr, ExponentialDecayLr, InverseDecayLr, LearningRate, NaturalExpDecayLr,
    OneCycleLr, PerEpochLr, PiecewiseConstantLr, PolynomialDecayLr, RangeLr, Schedule, WarmUpLr,
};
pub use momentum::{Momentum, MomentumRule};
pub use optimizer::Optimizer;
pub use plateau::{Plateau, PlateauState};
pub use rms_prop::{RmsProp, RmsPropRule};
pub use rule::{Rule, Slot, Step, slots};
pub use sgd::{Sgd, SgdRule};
pub use state::OptimizerState;
pub use tensor::{Error, Result};

/// The code in README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
