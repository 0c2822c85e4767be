//! The error of the chapter's derivation.

use super::values::difference;
use crate::{Loss, Reduction, Target};
use autodiff::Var;
use tensor::{Float, Result};

/// loss_n = Σ_k ½ (prediction_nk - target_nk)², eq. (3.5): half of the squared error, **summed** over
/// a sample's outputs and averaged over the samples, as Algorithm 3.1 averages.
///
/// Prediction and target have one shape `[N, ..]`; the losses that [`Reduction::None`] leaves apart
/// are `[N]`. The derivative with respect to an output is prediction - target, divided by N for the
/// mean. ([`MseLoss`](crate::MseLoss), which MindSpore and PyTorch have, is averaged over the outputs as well and
/// not halved: with K outputs this loss is K / 2 times as large.)
///
/// ```
/// use layers::{HalfSquaredErrorLoss, Loss, Tape, Target};
/// use tensor::Tensor;
///
/// let tape = Tape::<f32>::new();
/// let prediction = tape.leaf(Tensor::from_vec([1, 2], [0.5, 3.0])?);
/// let target = Target::Values(Tensor::from_vec([1, 2], [1.0, 1.0])?);
/// let loss = HalfSquaredErrorLoss::new().forward(prediction.clone(), &target)?;
/// assert_eq!(loss.value().item()?, 0.5 * (0.25 + 4.0));
/// assert_eq!(loss.backward()?.of(&prediction).unwrap().as_slice(), [-0.5, 2.0]);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct HalfSquaredErrorLoss {
    reduction: Reduction,
}

impl HalfSquaredErrorLoss {
    /// The loss, averaged over the samples of the batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the losses of a batch become one.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        HalfSquaredErrorLoss { reduction }
    }
}

impl<T: Float> Loss<T> for HalfSquaredErrorLoss {
    fn forward<'t>(&self, prediction: Var<'t, T>, target: &Target) -> Result<Var<'t, T>> {
        let mut losses = difference("half_squared_error_loss", prediction, target)
            .map_err(|e| e.at("loss"))?
            .square()
            .scale(T::from_f64(0.5));
        // From the last axis on, so that a sample's losses are added and samples stay apart.
        for axis in (1..losses.shape().len()).rev() {
            losses = losses.sum_axis(axis)?;
        }
        Ok(self.reduction.apply(losses))
    }

    fn reduced_by(&self) -> Reduction {
        self.reduction
    }
}
