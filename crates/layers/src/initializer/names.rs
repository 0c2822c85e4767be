//! Initialisers by name, and the gain that goes with an activation.

use super::{Fan, Initializer};
use crate::Activation;
use std::str::FromStr;
use tensor::{Error, Result, names};

/// The names with what they stand for, in the order of an error.
const NAMES: [(&str, Initializer); 9] = [
    ("zeros", Initializer::ZERO),
    ("ones", Initializer::ONE),
    ("normal", Initializer::Normal { deviation: 0.01 }),
    ("truncated_normal", Initializer::TruncatedNormal { deviation: 0.01 }),
    ("uniform", Initializer::Uniform { bound: 0.07 }),
    ("xavier_uniform", Initializer::XavierUniform { gain: 1.0 }),
    ("xavier_normal", Initializer::XavierNormal { gain: 1.0 }),
    ("he_uniform", Initializer::HeUniform { gain: std::f64::consts::SQRT_2, fan: Fan::In }),
    ("he_normal", Initializer::HeNormal { gain: std::f64::consts::SQRT_2, fan: Fan::In }),
];

impl Initializer {
    /// The factor that keeps values at their size through an activation: √2 for ReLU, since half
    /// of them are lost, √(2 / (1 + alpha²)) for a leaky one, 5/3 for tanh, and 1 for the others,
    /// as in MindSpore and PyTorch.
    pub fn gain(activation: Activation) -> f64 {
        match activation {
            Activation::Relu => std::f64::consts::SQRT_2,
            Activation::LeakyRelu { alpha } => (2.0 / (1.0 + alpha * alpha)).sqrt(),
            Activation::Tanh => 5.0 / 3.0,
            _ => 1.0,
        }
    }
}

/// By MindSpore's names in any case, with or without `_` and `-`; `zero` and `one` too.
impl FromStr for Initializer {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let name = match name.to_lowercase().as_str() {
            "zero" => "zeros",
            "one" => "ones",
            _ => name,
        };
        let known = NAMES.map(|(known, _)| known);
        Ok(NAMES[names::find("initializer", "name", name, &known)?].1)
    }
}
