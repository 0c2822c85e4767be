//! Adagrad.

use crate::check::not_negative;
use crate::{Descent, LearningRate, Rule, Slot, Step, slots};
use tensor::{Error, Float, Result, kernels};

/// a := a + g², w := w - lr · g / (√a + eps).
///
/// Duchi, Hazan and Singer, *Adaptive Subgradient Methods* (2011); MindSpore's `nn.Adagrad`, where
/// a starts at 0.1 and there is no eps, and PyTorch's `Adagrad`, where a starts at 0. MindSpore
/// 2.10 ignores `update_slots=False` on a CPU; this has no such option.
///
/// ```
/// use optim::Adagrad;
/// let mindspore = Adagrad::new(0.001)?;
/// let pytorch = Adagrad::pytorch(0.01)?;
/// # Ok::<(), optim::Error>(())
/// ```
pub type Adagrad = Descent<AdagradRule>;

/// The rule of [`Adagrad`].
#[derive(Clone, Debug)]
pub struct AdagradRule {
    initial: f64,
    eps: f64,
}

impl Adagrad {
    /// As MindSpore has it: a starts at 0.1, no eps.
    ///
    /// # Errors
    /// [`Error::Argument`] where the rate is negative or not finite.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        Descent::by(AdagradRule { initial: 0.1, eps: 0.0 }, learning_rate)
    }

    /// As PyTorch has it: a starts at 0, eps 1e-10.
    ///
    /// # Errors
    /// As [`Adagrad::new`].
    pub fn pytorch(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        Adagrad::new(learning_rate)?.initial_accumulator(0.0)?.eps(1e-10)
    }

    /// The sum of squares before the first step: MindSpore's `accum`.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn initial_accumulator(mut self, initial: f64) -> Result<Self> {
        not_negative("adagrad", "initial_accumulator", initial)?;
        self.rule.initial = initial;
        Ok(self)
    }

    /// What is added to the root.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn eps(mut self, eps: f64) -> Result<Self> {
        not_negative("adagrad", "eps", eps)?;
        self.rule.eps = eps;
        Ok(self)
    }
}

impl Rule for AdagradRule {
    fn name(&self) -> &'static str {
        "adagrad"
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("accum", self.initial)]
    }

    fn check(&self) -> Result<()> {
        // A gradient of 0 would be divided by 0.
        if self.initial == 0.0 && self.eps == 0.0 {
            let detail = "both initial_accumulator and eps are 0";
            return Err(Error::state("adagrad", detail).hint("give one of them a value above 0"));
        }
        Ok(())
    }

    fn update<T: Float>(&self, w: &mut [T], kept: &mut [&mut [T]], g: &[T], step: &Step) {
        let [a] = slots(kept);
        kernels::optimizer::adagrad(w, a, g, T::from_f64(self.eps), step.update());
    }
}
