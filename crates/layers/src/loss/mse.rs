//! The mean squared error.

use super::values::difference;
use crate::{Loss, Reduction, Target};
use autodiff::Var;
use tensor::{Float, Result};

/// loss = (prediction - target)², averaged over all elements.
///
/// Prediction and target have one shape `[N, ..]`.
#[derive(Clone, Debug, Default)]
pub struct MseLoss {
    reduction: Reduction,
}

impl MseLoss {
    /// The loss, averaged over all elements of the batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the losses of a batch become one.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        MseLoss { reduction }
    }
}

impl<T: Float> Loss<T> for MseLoss {
    fn forward<'t>(&self, prediction: Var<'t, T>, target: &Target) -> Result<Var<'t, T>> {
        let error = difference("mse_loss", prediction, target).map_err(|e| e.at("loss"))?;
        Ok(self.reduction.apply(error.square()))
    }

    fn reduced_by(&self) -> Reduction {
        self.reduction
    }
}
