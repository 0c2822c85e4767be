//! Activations by name, and how they print.

use super::Activation;
use std::fmt;
use std::str::FromStr;
use tensor::{Error, Result, names};

impl Activation {
    /// Every activation, with its default parameters, in the order of the names in an error.
    pub const ALL: &[Activation] = &[
        Activation::Step,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu { alpha: 0.2 },
        Activation::Elu { alpha: 1.0 },
        Activation::Gelu { approximate: true },
        Activation::Silu,
        Activation::Softplus,
        Activation::Softmax { axis: -1 },
        Activation::LogSoftmax { axis: -1 },
    ];

    /// The name, as it is parsed.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Step => "step",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
            Activation::LeakyRelu { .. } => "leaky_relu",
            Activation::Elu { .. } => "elu",
            Activation::Gelu { .. } => "gelu",
            Activation::Silu => "silu",
            Activation::Softplus => "softplus",
            Activation::Softmax { .. } => "softmax",
            Activation::LogSoftmax { .. } => "log_softmax",
        }
    }

    /// The parameters as they print: `alpha=0.2`; nothing where there are none.
    pub(crate) fn arguments(self) -> String {
        match self {
            Activation::LeakyRelu { alpha } | Activation::Elu { alpha } => format!("alpha={alpha}"),
            Activation::Gelu { approximate: true } => "approximate=True".to_owned(),
            Activation::Gelu { approximate: false } => "approximate=False".to_owned(),
            Activation::Softmax { axis } | Activation::LogSoftmax { axis } => {
                format!("axis={axis}")
            }
            _ => String::new(),
        }
    }
}

impl FromStr for Activation {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known: Vec<_> = Activation::ALL.iter().map(|known| known.name()).collect();
        Ok(Activation::ALL[names::find("activation", "name", name, &known)?])
    }
}

/// The name, and in brackets the parameters: `leaky_relu(alpha=0.2)`.
impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arguments().as_str() {
            "" => f.write_str(self.name()),
            arguments => write!(f, "{}({arguments})", self.name()),
        }
    }
}
