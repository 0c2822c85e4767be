//! Learning rates: a number, or a function of the step.
//!
//! Every schedule is a pure function of the number of steps taken, so it needs no state of its own:
//! an optimizer that has the same number of steps has the same rate.

mod cosine;
mod decay;
mod epochs;
mod one_cycle;
mod piecewise;
mod polynomial;
mod range;
mod warm_up;

pub use cosine::CosineDecayLr;
pub use decay::{ExponentialDecayLr, InverseDecayLr, NaturalExpDecayLr};
pub use epochs::PerEpochLr;
pub use one_cycle::OneCycleLr;
pub use piecewise::PiecewiseConstantLr;
pub use polynomial::PolynomialDecayLr;
pub use range::RangeLr;
pub use warm_up::WarmUpLr;

use std::fmt::Debug;
use tensor::{Error, Result};

/// A learning rate as a function of the number of steps taken: 0 for the first.
///
/// ```
/// use optim::{Schedule, Sgd};
///
/// /// lr / √(1 + steps).
/// #[derive(Debug)]
/// struct InverseRootLr(f64);
///
/// impl Schedule for InverseRootLr {
///     fn at(&self, steps: u64) -> f64 {
///         self.0 / (1.0 + steps as f64).sqrt()
///     }
/// }
///
/// let optimizer = Sgd::new(InverseRootLr(0.1))?;
/// # Ok::<(), tensor::Error>(())
/// ```
pub trait Schedule: Debug + Send + Sync {
    /// The rate of the step after `steps` steps.
    fn at(&self, steps: u64) -> f64;
}

/// What an optimizer takes: a number or a [`Schedule`].
#[derive(Debug)]
pub struct LearningRate(Box<dyn Schedule>);

impl LearningRate {
    /// The rate of the step after `steps` steps.
    pub fn at(&self, steps: u64) -> f64 {
        self.0.at(steps)
    }
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> Self {
        LearningRate(Box::new(ConstantLr(rate)))
    }
}

impl<S: Schedule + 'static> From<S> for LearningRate {
    fn from(schedule: S) -> Self {
        LearningRate(Box::new(schedule))
    }
}

/// The same rate at every step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantLr(
    /// The rate.
    pub f64,
);

impl Schedule for ConstantLr {
    fn at(&self, _: u64) -> f64 {
        self.0
    }
}

/// Checks a number of steps or epochs.
fn at_least_one(op: &'static str, argument: &'static str, value: u64) -> Result<()> {
    if value == 0 {
        return Err(Error::argument(op, argument, 0, "at least 1"));
    }
    Ok(())
}
