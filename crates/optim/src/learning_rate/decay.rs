//! Decays without an end: exponential, natural exponential, inverse.

use super::{Schedule, at_least_one};
use crate::check::positive;
use tensor::Result;

/// Defines a decay of one rate; `$formula` has the rate, the decay's rate, and the steps taken, as
/// a whole and as a multiple of `decay_steps`.
macro_rules! decay {
    ($(#[$meta:meta])* $name:ident, $op:literal, $formula:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            rate: f64,
            decay_rate: f64,
            decay_steps: u64,
            staircase: bool,
        }

        impl $name {
            /// From `learning_rate` at the first step, smoothly.
            ///
            /// # Errors
            /// [`Error::Argument`](crate::Error::Argument) where a rate is not a finite number
            /// above 0, or there are no steps.
            pub fn new(learning_rate: f64, decay_rate: f64, decay_steps: u64) -> Result<Self> {
                positive($op, "learning rate", learning_rate)?;
                positive($op, "decay_rate", decay_rate)?;
                at_least_one($op, "decay_steps", decay_steps)?;
                Ok($name { rate: learning_rate, decay_rate, decay_steps, staircase: false })
            }

            /// Whether the rate changes only every `decay_steps` steps: MindSpore's `is_stair`.
            #[must_use]
            pub fn staircase(mut self, staircase: bool) -> Self {
                self.staircase = staircase;
                self
            }
        }

        impl Schedule for $name {
            fn at(&self, steps: u64) -> f64 {
                let per = self.decay_steps as f64;
                let steps = match self.staircase {
                    true => (steps / self.decay_steps) as f64 * per,
                    false => steps as f64,
                };
                let formula: fn(f64, f64, f64, f64) -> f64 = $formula;
                formula(self.rate, self.decay_rate, steps, steps / per)
            }
        }
    };
}

decay! {
    /// lr · decay_rate^(steps / decay_steps): MindSpore's `ExponentialDecayLR`, and PyTorch's
    /// `ExponentialLR`; as a staircase PyTorch's `StepLR`.
    ExponentialDecayLr, "exponential_decay_lr",
    |rate, decay, _, times| rate * decay.powf(times)
}

decay! {
    /// lr · e^(-decay_rate · steps): MindSpore's `NaturalExpDecayLR`.
    ///
    /// As there, `decay_steps` matters for the staircase alone, where steps count from the
    /// stair's beginning. (MindSpore's documentation divides the steps by it; its code does not.)
    NaturalExpDecayLr, "natural_exp_decay_lr",
    |rate, decay, steps, _| rate * (-decay * steps).exp()
}

decay! {
    /// lr / (1 + decay_rate · steps / decay_steps): MindSpore's `InverseDecayLR`.
    InverseDecayLr, "inverse_decay_lr",
    |rate, decay, _, times| rate / (1.0 + decay * times)
}
