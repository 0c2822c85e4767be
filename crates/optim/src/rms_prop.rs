//! RMSProp.

use crate::check::{below_one, check_number, not_negative, positive};
use crate::{Descent, LearningRate, Rule, Slot, Step, slots};
use tensor::kernels::optimizer::{self, RmsProp as Numbers};
use tensor::{Float, Result};

/// s := decay · s + (1 - decay) · g², w := w - lr · g / √(s + eps).
///
/// Tieleman and Hinton, lecture 6.5 of *Neural Networks for Machine Learning* (2012). With
/// momentum, v := momentum · v + lr · g / √(s + eps) and w := w - v. Centred, s - m² takes the
/// place of s, where m is the running mean of g (Graves, 2013).
///
/// MindSpore and PyTorch differ, and each difference has an option:
///
/// | | MindSpore's `nn.RMSProp`, [`RmsProp::new`] | PyTorch's `RMSprop`, [`RmsProp::pytorch`] |
/// |---|---|---|
/// | [`eps_inside`](Descent::eps_inside) | √(s + eps) | √s + eps |
/// | [`initial_mean_square`](Descent::initial_mean_square) | 1 | 0 |
/// | [`rate_in_momentum`](Descent::rate_in_momentum) | v has the rates of its steps | w := w - lr · v |
/// | decay, eps | 0.9, 1e-10 | 0.99, 1e-8 |
///
/// ```
/// use optim::RmsProp;
/// let mindspore = RmsProp::new(0.1)?.momentum(0.9)?.centered(true);
/// let pytorch = RmsProp::pytorch(0.01)?;
/// # Ok::<(), optim::Error>(())
/// ```
pub type RmsProp = Descent<RmsPropRule>;

/// The rule of [`RmsProp`].
#[derive(Clone, Debug)]
pub struct RmsPropRule {
    decay: f64,
    momentum: f64,
    eps: f64,
    eps_inside: bool,
    initial: f64,
    rate_in_momentum: bool,
    centered: bool,
}

impl RmsProp {
    /// As MindSpore has it, without momentum, not centred.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where the rate is negative or not finite.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        let rule = RmsPropRule {
            decay: 0.9,
            momentum: 0.0,
            eps: 1e-10,
            eps_inside: true,
            initial: 1.0,
            rate_in_momentum: true,
            centered: false,
        };
        Descent::by(rule, learning_rate)
    }

    /// As PyTorch has it, without momentum, not centred.
    ///
    /// # Errors
    /// As [`RmsProp::new`].
    pub fn pytorch(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        let optimizer = RmsProp::new(learning_rate)?.decay(0.99)?.eps(1e-8)?.eps_inside(false);
        Ok(optimizer.initial_mean_square(0.0)?.rate_in_momentum(false))
    }

    /// The share of the means that is kept: PyTorch's `alpha`.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is not from 0 to below 1.
    pub fn decay(mut self, decay: f64) -> Result<Self> {
        below_one("rms_prop", "decay", decay)?;
        self.rule.decay = decay;
        Ok(self)
    }

    /// The share of the velocity that is kept, 0 to 1.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is not.
    pub fn momentum(mut self, momentum: f64) -> Result<Self> {
        check_number("rms_prop", "momentum", momentum, 0.0, 1.0)?;
        self.rule.momentum = momentum;
        Ok(self)
    }

    /// What keeps the divisor from 0: MindSpore's `epsilon`.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is not a finite number above 0.
    pub fn eps(mut self, eps: f64) -> Result<Self> {
        positive("rms_prop", "eps", eps)?;
        self.rule.eps = eps;
        Ok(self)
    }

    /// Whether eps is added below the root or to it.
    #[must_use]
    pub fn eps_inside(mut self, eps_inside: bool) -> Self {
        self.rule.eps_inside = eps_inside;
        self
    }

    /// The mean square before the first step.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is negative or not finite.
    pub fn initial_mean_square(mut self, initial: f64) -> Result<Self> {
        not_negative("rms_prop", "initial_mean_square", initial)?;
        self.rule.initial = initial;
        Ok(self)
    }

    /// Whether a gradient enters the velocity times the rate of its own step, or the velocity
    /// moves the weight at the rate of the present one. They differ where the rate changes.
    #[must_use]
    pub fn rate_in_momentum(mut self, rate_in_momentum: bool) -> Self {
        self.rule.rate_in_momentum = rate_in_momentum;
        self
    }

    /// Whether gradients are divided by their deviation instead of their root mean square.
    #[must_use]
    pub fn centered(mut self, centered: bool) -> Self {
        self.rule.centered = centered;
        self
    }
}

impl Rule for RmsPropRule {
    fn name(&self) -> &'static str {
        "rms_prop"
    }

    fn slots(&self) -> Vec<Slot> {
        let mut slots = vec![Slot::new("mean_square", self.initial)];
        if self.momentum > 0.0 {
            slots.push(Slot::new("moment", 0.0));
        }
        if self.centered {
            slots.push(Slot::new("mean_grad", 0.0));
        }
        slots
    }

    fn update<T: Float>(&self, w: &mut [T], kept: &mut [&mut [T]], g: &[T], step: &Step) {
        let (inside, outside) = if self.eps_inside { (self.eps, 0.0) } else { (0.0, self.eps) };
        let (into_velocity, rate) = match self.momentum > 0.0 && self.rate_in_momentum {
            true => (step.rate, 1.0),
            false => (1.0, step.rate),
        };
        let numbers = Numbers {
            kept: T::from_f64(self.decay),
            new: T::from_f64(1.0 - self.decay),
            inside: T::from_f64(inside),
            outside: T::from_f64(outside),
            momentum: T::from_f64(self.momentum),
            into_velocity: T::from_f64(into_velocity),
        };
        let update = Step { rate, ..*step }.update();
        match (self.momentum > 0.0, self.centered) {
            (false, false) => {
                let [s] = slots(kept);
                optimizer::rms_prop(w, s, g, numbers, update);
            }
            (true, false) => {
                let [s, v] = slots(kept);
                optimizer::rms_prop_momentum(w, s, v, g, numbers, update);
            }
            (false, true) => {
                let [s, m] = slots(kept);
                optimizer::rms_prop_centered(w, s, m, g, numbers, update);
            }
            (true, true) => {
                let [s, v, m] = slots(kept);
                optimizer::rms_prop_momentum_centered(w, s, v, m, g, numbers, update);
            }
        }
    }
}
