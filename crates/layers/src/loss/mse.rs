//! The mean squared error.

use crate::{Loss, Reduction, Target};
use autodiff::Var;
use tensor::{Error, Float, Result};

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
        let Target::Values(values) = target else {
            return Err(Error::argument("mse_loss", "target", "a class", "numbers")
                .hint("use SoftmaxCrossEntropyWithLogits for classes, or one-hot targets")
                .at("loss"));
        };
        if prediction.shape() != values.shape() {
            return Err(Error::shape("mse_loss", "prediction and target differ in shape")
                .operand("prediction", prediction.shape())
                .operand("target", values.shape())
                .at("loss"));
        }
        let values = prediction.tape().constant(T::cast_from_f32(values));
        Ok(self.reduction.apply(prediction.sub(&values)?.square()))
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }
}
