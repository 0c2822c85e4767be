//! Stochastic gradient descent.

use crate::check::check_number;
use crate::{Descent, LearningRate, Rule, Slot, Step, slots};
use tensor::{Error, Float, Result, kernels};

/// w := w - lr · g: eq. (3.11), where g is already the mean over the batch. MindSpore's `nn.SGD`
/// and PyTorch's `SGD`.
///
/// With momentum, v := momentum · v + (1 - dampening) · g (the first time v := g) and
/// w := w - lr · v, or w := w - lr · (g + momentum · v) with Nesterov's look-ahead.
///
/// ```
/// use optim::Sgd;
/// let plain = Sgd::new(0.1)?;
/// let nesterov = Sgd::new(0.1)?.momentum(0.9)?.nesterov(true).weight_decay(1e-4)?;
/// # Ok::<(), optim::Error>(())
/// ```
pub type Sgd = Descent<SgdRule>;

/// The rule of [`Sgd`].
#[derive(Clone, Debug, Default)]
pub struct SgdRule {
    momentum: f64,
    dampening: f64,
    nesterov: bool,
}

impl Sgd {
    /// Without momentum or decay.
    ///
    /// # Errors
    /// [`Error::Argument`] where the rate is negative or not finite.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        Descent::by(SgdRule::default(), learning_rate)
    }

    /// The share of the velocity that is kept, 0 to 1.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is not.
    pub fn momentum(mut self, momentum: f64) -> Result<Self> {
        check_number("sgd", "momentum", momentum, 0.0, 1.0)?;
        self.rule.momentum = momentum;
        Ok(self)
    }

    /// The share of the gradient that does not enter the velocity, 0 to 1.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is not.
    pub fn dampening(mut self, dampening: f64) -> Result<Self> {
        check_number("sgd", "dampening", dampening, 0.0, 1.0)?;
        self.rule.dampening = dampening;
        Ok(self)
    }

    /// Whether the gradient is taken to be the one a step ahead. It needs momentum and no
    /// dampening, which the first step checks.
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.rule.nesterov = nesterov;
        self
    }
}

impl Rule for SgdRule {
    fn name(&self) -> &'static str {
        "sgd"
    }

    fn slots(&self) -> Vec<Slot> {
        if self.momentum == 0.0 { Vec::new() } else { vec![Slot::new("accum", 0.0)] }
    }

    fn check(&self) -> Result<()> {
        if self.nesterov && (self.momentum == 0.0 || self.dampening != 0.0) {
            let SgdRule { momentum, dampening, .. } = self;
            let detail = format!("nesterov with momentum {momentum} and dampening {dampening}");
            return Err(Error::state("sgd", detail)
                .hint("nesterov needs a momentum above 0 and no dampening"));
        }
        Ok(())
    }

    fn update<T: Float>(&self, w: &mut [T], kept: &mut [&mut [T]], g: &[T], step: &Step) {
        let update = step.update();
        if self.momentum == 0.0 {
            return kernels::optimizer::sgd(w, g, update);
        }
        let ([v], momentum) = (slots(kept), T::from_f64(self.momentum));
        if self.nesterov {
            return kernels::optimizer::nesterov(w, v, g, momentum, update);
        }
        // The first gradient is taken whole.
        let share = if step.count == 0 { 1.0 } else { 1.0 - self.dampening };
        kernels::optimizer::momentum(w, v, g, momentum, T::from_f64(share), update);
    }
}
