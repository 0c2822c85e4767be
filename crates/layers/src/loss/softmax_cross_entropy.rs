//! Softmax cross-entropy.

use crate::{Loss, Reduction, Target};
use autodiff::Var;
use tensor::{Error, Float, Result};

/// loss_n = -ln softmax(logits_n)\[label_n\], or -Σ_k target_nk ln softmax(logits_n)_k.
///
/// Logits are `[N, classes]`; targets are labels `[N]` (`sparse=True` in MindSpore) or
/// probabilities `[N, classes]`, told apart by the [`Target`]. The reduction is the **mean**;
/// MindSpore's is `none`, whose gradient is the sum over the batch.
#[derive(Clone, Debug, Default)]
pub struct SoftmaxCrossEntropyWithLogits {
    reduction: Reduction,
}

impl SoftmaxCrossEntropyWithLogits {
    /// The loss, averaged over the batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the losses of a batch become one.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        SoftmaxCrossEntropyWithLogits { reduction }
    }
}

impl<T: Float> Loss<T> for SoftmaxCrossEntropyWithLogits {
    fn forward<'t>(&self, logits: Var<'t, T>, target: &Target) -> Result<Var<'t, T>> {
        let losses = match target {
            Target::Class(labels) => logits.softmax_cross_entropy(labels),
            Target::Values(values) => logits.softmax_cross_entropy_dense(&T::cast_from_f32(values)),
        };
        Ok(self.reduction.apply(losses.map_err(|error: Error| error.at("loss"))?))
    }

    fn reduced_by(&self) -> Reduction {
        self.reduction
    }
}
