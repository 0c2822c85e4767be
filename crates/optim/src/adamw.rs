//! Adam with decoupled weight decay.

use crate::adam::Moments;
use crate::check::positive;
use crate::{Descent, LearningRate, Rule, Slot, Step};
use tensor::{Float, Result};

/// [`Adam`](crate::Adam)'s step on the gradient without decay, and w := w - lr · decay · w beside
/// it: decay does not pass through the means.
///
/// Loshchilov and Hutter, *Decoupled Weight Decay Regularization* (2019); PyTorch's `AdamW` and
/// MindSpore's `experimental.optim.AdamW`, with eps added after the bias is corrected. MindSpore's
/// `nn.AdamWeightDecay` leaves out the correction of the bias, so that its first steps are up to
/// √(1 - β₂) / (1 - β₁), a third, of the right size; [`AdamW::mindspore`] gives that.
/// [`l1_decay`](Descent::l1_decay) is decoupled too.
///
/// ```
/// use optim::AdamW;
/// let optimizer = AdamW::new(1e-3)?.weight_decay(0.05)?;
/// # Ok::<(), optim::Error>(())
/// ```
pub type AdamW = Descent<AdamWRule>;

/// The rule of [`AdamW`].
#[derive(Clone, Debug)]
pub struct AdamWRule {
    moments: Moments,
}

impl AdamW {
    /// As PyTorch has it: β₁ 0.9, β₂ 0.999, eps 1e-8, weight decay 0.01.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where the rate is negative or not finite.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        let (beta1, beta2, eps) = (0.9, 0.999, 1e-8);
        let moments = Moments { beta1, beta2, eps, eps_hat: false, bias_correction: true };
        Descent::by(AdamWRule { moments }, learning_rate)?.weight_decay(0.01)
    }

    /// As MindSpore's `nn.AdamWeightDecay` has it: the bias is not corrected, eps 1e-6, no weight
    /// decay unless asked for.
    ///
    /// # Errors
    /// As [`AdamW::new`].
    pub fn mindspore(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        AdamW::new(learning_rate)?.bias_correction(false).eps(1e-6)?.weight_decay(0.0)
    }

    /// The shares of the mean gradient and of the mean square that are kept.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where they are not from 0 to below 1.
    pub fn betas(mut self, beta1: f64, beta2: f64) -> Result<Self> {
        self.rule.moments.set_betas("adamw", beta1, beta2)?;
        Ok(self)
    }

    /// What keeps the divisor from 0.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is not a finite number above 0.
    pub fn eps(mut self, eps: f64) -> Result<Self> {
        positive("adamw", "eps", eps)?;
        self.rule.moments.eps = eps;
        Ok(self)
    }

    /// Whether the means, which begin at 0, are corrected for it.
    #[must_use]
    pub fn bias_correction(mut self, bias_correction: bool) -> Self {
        self.rule.moments.bias_correction = bias_correction;
        self
    }
}

impl Rule for AdamWRule {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("adam_m", 0.0), Slot::new("adam_v", 0.0)]
    }

    fn update<T: Float>(&self, w: &mut [T], kept: &mut [&mut [T]], g: &[T], step: &Step) {
        let decoupled = [step.l1, step.l2];
        self.moments.update(w, kept, g, &Step { l1: 0.0, l2: 0.0, ..*step }, decoupled);
    }
}
