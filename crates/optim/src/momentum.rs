//! Gradient descent with momentum.

use crate::check::check_number;
use crate::{Descent, LearningRate, Rule, Slot, Step, slots};
use tensor::{Float, Result, kernels};

/// v := momentum · v + g, w := w - lr · v; with Nesterov w := w - lr · (g + momentum · v).
///
/// v starts at 0: MindSpore's `nn.Momentum` and PyTorch's `SGD(momentum=..)`. MindSpore 2.10
/// ignores `use_nesterov` on a CPU; this does not.
///
/// ```
/// use optim::{CosineDecayLr, Momentum};
/// let optimizer = Momentum::new(CosineDecayLr::new(0.0, 0.02, 3750)?, 0.9)?.weight_decay(1e-4)?;
/// # Ok::<(), optim::Error>(())
/// ```
pub type Momentum = Descent<MomentumRule>;

/// The rule of [`Momentum`].
#[derive(Clone, Debug)]
pub struct MomentumRule {
    momentum: f64,
    nesterov: bool,
}

impl MomentumRule {
    /// The share of the velocity that a step keeps.
    pub fn momentum(&self) -> f64 {
        self.momentum
    }
}

impl Momentum {
    /// Without decay or Nesterov's look-ahead.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where the rate is negative or not finite, or
    /// the momentum is not in 0..=1.
    pub fn new(learning_rate: impl Into<LearningRate>, momentum: f64) -> Result<Self> {
        let optimizer = Descent::by(MomentumRule { momentum, nesterov: false }, learning_rate)?;
        check_number("momentum", "momentum", momentum, 0.0, 1.0)?;
        Ok(optimizer)
    }

    /// Whether the gradient is taken to be the one a step ahead (MindSpore's `use_nesterov`).
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.rule.nesterov = nesterov;
        self
    }
}

impl Rule for MomentumRule {
    fn name(&self) -> &'static str {
        "momentum"
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("moments", 0.0)]
    }

    fn update<T: Float>(&self, w: &mut [T], kept: &mut [&mut [T]], g: &[T], step: &Step) {
        let ([v], momentum) = (slots(kept), T::from_f64(self.momentum));
        if self.nesterov {
            kernels::optimizer::nesterov(w, v, g, momentum, step.update());
        } else {
            kernels::optimizer::momentum(w, v, g, momentum, T::ONE, step.update());
        }
    }
}
