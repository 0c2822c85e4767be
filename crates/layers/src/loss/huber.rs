//! Huber's loss.

use super::values::difference;
use crate::{Loss, Reduction, Target};
use autodiff::Var;
use tensor::{Float, Result};

/// With e = prediction - target, loss = e² / 2 where |e| <= delta, else delta (|e| - delta / 2);
/// averaged over all elements. No gradient is larger than delta, so that single wild targets do
/// not decide (Huber, "Robust Estimation of a Location Parameter", 1964).
///
/// Prediction and target have one shape `[N, ..]`. As MindSpore's and PyTorch's `HuberLoss`, with
/// delta 1 unless set. A delta that is not a finite number above 0 is an error of `forward`.
///
/// ```
/// use layers::{HuberLoss, Loss, Reduction, Tape, Target};
/// use tensor::Tensor;
///
/// let tape = Tape::<f32>::new();
/// let prediction = tape.leaf(Tensor::from_vec([2, 1], [2.5, 12.0])?);
/// let target = Target::Values(Tensor::from_vec([2, 1], [2.0, 2.0])?);
/// let loss = HuberLoss::new().delta(2.0).reduction(Reduction::Sum);
/// let loss = loss.forward(prediction.clone(), &target)?;
/// assert_eq!(loss.value().item()?, 0.125 + 2.0 * (10.0 - 1.0));
/// assert_eq!(loss.backward()?.of(&prediction).unwrap().as_slice(), [0.5, 2.0]);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HuberLoss {
    delta: f64,
    reduction: Reduction,
}

impl Default for HuberLoss {
    fn default() -> Self {
        Self::new()
    }
}

impl HuberLoss {
    /// The loss with delta 1, averaged over all elements of the batch.
    pub fn new() -> Self {
        HuberLoss { delta: 1.0, reduction: Reduction::Mean }
    }

    /// The error from which on the loss grows along a straight line: above 0, in the units of the
    /// prediction.
    #[must_use]
    pub fn delta(self, delta: f64) -> Self {
        HuberLoss { delta, ..self }
    }

    /// How the losses of a batch become one.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        HuberLoss { reduction, ..self }
    }
}

impl<T: Float> Loss<T> for HuberLoss {
    fn forward<'t>(&self, prediction: Var<'t, T>, target: &Target) -> Result<Var<'t, T>> {
        let losses = difference("huber_loss", prediction, target)
            .and_then(|error| error.huber(self.delta))
            .map_err(|e| e.at("loss"))?;
        Ok(self.reduction.apply(losses))
    }

    fn reduced_by(&self) -> Reduction {
        self.reduction
    }
}
