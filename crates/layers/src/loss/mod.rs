//! Losses: how far a prediction is from its target.

mod bce_with_logits;
mod cross_entropy;
mod half_squared_error;
mod huber;
mod l1;
mod mse;
mod softmax_cross_entropy;
mod values;

pub use bce_with_logits::BceWithLogitsLoss;
pub use cross_entropy::CrossEntropyLoss;
pub use half_squared_error::HalfSquaredErrorLoss;
pub use huber::HuberLoss;
pub use l1::L1Loss;
pub use mse::MseLoss;
pub use softmax_cross_entropy::SoftmaxCrossEntropyWithLogits;

use autodiff::Var;
use tensor::{Float, Result, Tensor};

/// What a prediction is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A class for each sample: `[N]`.
    Class(Tensor<u32>),
    /// Numbers for each sample: `[N, ..]`; class probabilities are numbers too.
    Values(Tensor),
}

impl Target {
    /// The number of samples; 0 for a scalar.
    pub fn samples(&self) -> usize {
        let shape = match self {
            Target::Class(labels) => labels.shape(),
            Target::Values(values) => values.shape(),
        };
        shape.first().copied().unwrap_or(0)
    }

    /// Samples `start..end`.
    ///
    /// # Errors
    /// As [`Tensor::rows`].
    pub fn rows(&self, start: usize, end: usize) -> Result<Target> {
        Ok(match self {
            Target::Class(labels) => Target::Class(labels.rows(start, end)?),
            Target::Values(values) => Target::Values(values.rows(start, end)?),
        })
    }
}

/// How the losses of a batch become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean: the gradient is Algorithm 3.1's, the mean over the batch.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// They stay apart. A training step then follows the gradient of their **sum**, as
    /// MindSpore does: with a batch of 32 the learning rate is in effect 32 times as large.
    None,
}

impl Reduction {
    /// Reduces the losses.
    pub fn apply<T: Float>(self, losses: Var<'_, T>) -> Var<'_, T> {
        match self {
            Reduction::Mean => losses.mean(),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses,
        }
    }
}

/// How far a prediction is from its target.
pub trait Loss<T: Float = f32>: Send + Sync {
    /// The loss: one number, or for [`Reduction::None`] one for each sample or element.
    ///
    /// # Errors
    /// Where the prediction's and the target's shapes or values do not fit.
    fn forward<'t>(&self, prediction: Var<'t, T>, target: &Target) -> Result<Var<'t, T>>;

    /// How the losses of a batch become one.
    fn reduced_by(&self) -> Reduction;

    /// By how much a part of a batch counts in the batch's mean: its number of samples, unless
    /// the loss weights them. 0 for a part that does not count, whose loss must then be finite.
    fn weight_of(&self, target: &Target) -> f64 {
        target.samples() as f64
    }
}
