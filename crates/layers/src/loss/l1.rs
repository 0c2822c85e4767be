//! The mean absolute error.

use super::values::difference;
use crate::{Loss, Reduction, Target};
use autodiff::Var;
use tensor::{Float, Result};

/// loss = |prediction - target|, averaged over all elements; its derivative where they are equal
/// is 0.
///
/// Prediction and target have one shape `[N, ..]`. As MindSpore's and PyTorch's `L1Loss`.
///
/// ```
/// use layers::{L1Loss, Loss, Tape, Target};
/// use tensor::Tensor;
///
/// let tape = Tape::<f32>::new();
/// let prediction = tape.leaf(Tensor::from_vec([2, 1], [1.0, 5.0])?);
/// let target = Target::Values(Tensor::from_vec([2, 1], [2.0, 2.0])?);
/// let loss = L1Loss::new().forward(prediction.clone(), &target)?;
/// assert_eq!(loss.value().item()?, 2.0);
/// assert_eq!(loss.backward()?.of(&prediction).unwrap().as_slice(), [-0.5, 0.5]);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct L1Loss {
    reduction: Reduction,
}

impl L1Loss {
    /// The loss, averaged over all elements of the batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the losses of a batch become one.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        L1Loss { reduction }
    }
}

impl<T: Float> Loss<T> for L1Loss {
    fn forward<'t>(&self, prediction: Var<'t, T>, target: &Target) -> Result<Var<'t, T>> {
        let error = difference("l1_loss", prediction, target).map_err(|e| e.at("loss"))?;
        Ok(self.reduction.apply(error.abs()))
    }

    fn reduced_by(&self) -> Reduction {
        self.reduction
    }
}
