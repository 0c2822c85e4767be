//! Binary cross-entropy.

use super::values::values;
use crate::{Loss, Reduction, Target};
use autodiff::{Var, ops::BceOptions};
use tensor::{Float, Result};

/// For a logit x with the target t in 0..=1 and p = sigmoid(x), loss =
/// -w ((1 - t) ln(1 - p) + pos_weight · t ln p), averaged over all elements (also where they are
/// weighted). For networks whose outputs each say yes or no: one output, or several labels at once.
///
/// Logits and targets have one shape `[N, ..]`. It is computed from the logits, so that it is finite
/// for logits of any size: the network has no sigmoid at its end. As MindSpore's and PyTorch's
/// `BCEWithLogitsLoss`, but for this: a target outside 0..=1 is an error, since the loss would then
/// have no lower bound; and weights are one for each output (the last axis) or a single one, never
/// one for each sample.
///
/// ```
/// use layers::{BceWithLogitsLoss, Loss, Tape, Target};
/// use tensor::Tensor;
///
/// // The second of two outputs is rarely 1: what it finds counts nine times.
/// let loss = BceWithLogitsLoss::new().pos_weight([1.0, 9.0]);
/// let tape = Tape::<f32>::new();
/// let logits = tape.leaf(Tensor::from_vec([1, 2], [0.0, 0.0])?);
/// let target = Target::Values(Tensor::from_vec([1, 2], [0.0, 1.0])?);
/// let loss = loss.forward(logits.clone(), &target)?;
/// assert!((loss.value().item()? - 5.0 * 2.0_f32.ln()).abs() < 1e-5);
/// assert_eq!(loss.backward()?.of(&logits).unwrap().as_slice(), [0.25, -2.25]);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct BceWithLogitsLoss {
    options: BceOptions,
    reduction: Reduction,
}

impl BceWithLogitsLoss {
    /// The loss, averaged over all elements of the batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// How much each output counts: finite numbers of at least 0, one for each output or one for
    /// all.
    #[must_use]
    pub fn weight(mut self, weight: impl Into<Vec<f64>>) -> Self {
        self.options.weight = Some(weight.into());
        self
    }

    /// How much more a target of 1 counts than one of 0, with which rare labels are balanced: finite
    /// numbers of at least 0, one for each output or one for all.
    #[must_use]
    pub fn pos_weight(mut self, pos_weight: impl Into<Vec<f64>>) -> Self {
        self.options.pos_weight = Some(pos_weight.into());
        self
    }

    /// How the losses of a batch become one.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        BceWithLogitsLoss { reduction, ..self }
    }
}

impl<T: Float> Loss<T> for BceWithLogitsLoss {
    fn forward<'t>(&self, logits: Var<'t, T>, target: &Target) -> Result<Var<'t, T>> {
        let losses = values("bce_with_logits", &logits, target)
            .and_then(|values| logits.bce_with_logits(&T::cast_from_f32(values), &self.options))
            .map_err(|e| e.at("loss"))?;
        Ok(self.reduction.apply(losses))
    }

    fn reduced_by(&self) -> Reduction {
        self.reduction
    }
}
