//! Adam.

use crate::check::{below_one, positive};
use crate::{Descent, LearningRate, Rule, Slot, Step, slots};
use tensor::kernels::optimizer::{self, Adam as Numbers};
use tensor::{Float, Result};

/// m := β₁ m + (1 - β₁) g, v := β₂ v + (1 - β₂) g², and with t steps taken, this one included,
/// w := w - lr · √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + eps).
///
/// Kingma and Ba, *Adam: A Method for Stochastic Optimization* (2015), in the form that ends their
/// section 2, where eps is added to √v as it is ("epsilon hat"): MindSpore's `nn.Adam`, ONNX's and
/// TensorFlow's. PyTorch adds it after correcting the bias, to √(v / (1 - β₂ᵗ)), as the paper's
/// algorithm 1 does; [`Adam::pytorch`] and [`Adam::eps_hat`] give that.
///
/// t counts the steps that a parameter was given, as in PyTorch; MindSpore counts the optimizer's.
/// They differ only for parameters that are frozen for a while.
///
/// ```
/// use optim::Adam;
/// let mindspore = Adam::new(1e-3)?;
/// let pytorch = Adam::pytorch(1e-3)?.betas(0.9, 0.99)?.weight_decay(1e-4)?;
/// # Ok::<(), optim::Error>(())
/// ```
pub type Adam = Descent<AdamRule>;

/// The rule of [`Adam`].
#[derive(Clone, Debug)]
pub struct AdamRule {
    pub(crate) moments: Moments,
}

/// What the rules of Adam's family have in common.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    pub(crate) beta1: f64,
    pub(crate) beta2: f64,
    pub(crate) eps: f64,
    /// Whether eps is added to √v before the bias is corrected.
    pub(crate) eps_hat: bool,
    pub(crate) bias_correction: bool,
}

impl AdamRule {
    /// The shares β₁ and β₂ of the means that a step keeps.
    pub fn betas(&self) -> [f64; 2] {
        [self.moments.beta1, self.moments.beta2]
    }
}

impl Adam {
    /// As MindSpore has it: β₁ 0.9, β₂ 0.999, eps 1e-8, added to √v before the bias is corrected.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where the rate is negative or not finite.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        let (beta1, beta2, eps) = (0.9, 0.999, 1e-8);
        let moments = Moments { beta1, beta2, eps, eps_hat: true, bias_correction: true };
        Descent::by(AdamRule { moments }, learning_rate)
    }

    /// As PyTorch has it: the same numbers, eps added after the bias is corrected.
    ///
    /// # Errors
    /// As [`Adam::new`].
    pub fn pytorch(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        Ok(Adam::new(learning_rate)?.eps_hat(false))
    }

    /// The shares of the mean gradient and of the mean square that are kept.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where they are not from 0 to below 1.
    pub fn betas(mut self, beta1: f64, beta2: f64) -> Result<Self> {
        self.rule.moments.set_betas("adam", beta1, beta2)?;
        Ok(self)
    }

    /// What keeps the divisor from 0.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is not a finite number above 0.
    pub fn eps(mut self, eps: f64) -> Result<Self> {
        positive("adam", "eps", eps)?;
        self.rule.moments.eps = eps;
        Ok(self)
    }

    /// Whether eps is added before the bias is corrected (MindSpore's way) or after (PyTorch's).
    #[must_use]
    pub fn eps_hat(mut self, eps_hat: bool) -> Self {
        self.rule.moments.eps_hat = eps_hat;
        self
    }
}

impl Moments {
    pub(crate) fn set_betas(&mut self, op: &'static str, beta1: f64, beta2: f64) -> Result<()> {
        below_one(op, "beta1", beta1)?;
        below_one(op, "beta2", beta2)?;
        (self.beta1, self.beta2) = (beta1, beta2);
        Ok(())
    }

    /// Runs the kernel; `step` has the decay that goes through the means, `decoupled` (L1, L2)
    /// that which does not.
    pub(crate) fn update<T: Float>(
        &self,
        w: &mut [T],
        kept: &mut [&mut [T]],
        g: &[T],
        step: &Step,
        decoupled: [f64; 2],
    ) {
        let Moments { beta1, beta2, .. } = *self;
        let t = (step.count + 1) as f64;
        let [bias1, bias2] = match self.bias_correction {
            true => [1.0 - beta1.powf(t), 1.0 - beta2.powf(t)],
            false => [1.0, 1.0],
        };
        // m / (√(v / bias2) + eps) is √bias2 · m / (√v + √bias2 · eps).
        let eps = if self.eps_hat { self.eps } else { self.eps * bias2.sqrt() };
        let numbers = Numbers {
            kept: [beta1, beta2].map(T::from_f64),
            new: [1.0 - beta1, 1.0 - beta2].map(T::from_f64),
            eps: T::from_f64(eps),
            decoupled: decoupled.map(|decay| T::from_f64(step.rate * decay)),
        };
        let corrected = Step { rate: step.rate * bias2.sqrt() / bias1, ..*step };
        let [m, v] = slots(kept);
        optimizer::adam(w, m, v, g, numbers, corrected.update());
    }
}

impl Rule for AdamRule {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("moment1", 0.0), Slot::new("moment2", 0.0)]
    }

    fn update<T: Float>(&self, w: &mut [T], kept: &mut [&mut [T]], g: &[T], step: &Step) {
        self.moments.update(w, kept, g, step, [0.0, 0.0]);
    }
}
