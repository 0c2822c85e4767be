//! [`Activation`]: the functions that make a network more than one linear map.

mod layers;
mod names;

pub use layers::{Elu, Gelu, LeakyRelu, LogSoftmax, Relu, Sigmoid, Silu, Softmax, Softplus, Tanh};

use autodiff::Var;
use tensor::{Error, Float, Result};

/// A function that is applied to the outputs of a layer (§3.1, fig. 3.2).
///
/// Parsed from its name in any case, with or without `_` and `-`, as MindSpore's
/// `Dense(.., activation='relu')` takes it; its parameters are then the default ones.
///
/// ```
/// use layers::Activation;
/// let activation: Activation = "ReLU".parse()?;
/// assert_eq!(activation, Activation::Relu);
/// assert_eq!("leaky_relu".parse::<Activation>()?, Activation::LeakyRelu { alpha: 0.2 });
/// let error = "sigmoyd".parse::<Activation>().unwrap_err().to_string();
/// assert!(error.ends_with("; did you mean sigmoid?"));
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// y = 1 where x > 0, else 0: Rosenblatt's. No gradient flows through it.
    Step,
    /// y = 1 / (1 + e^-x), in (0, 1).
    Sigmoid,
    /// y = (e^x - e^-x) / (e^x + e^-x), in (-1, 1).
    Tanh,
    /// y = max(x, 0); the derivative at 0 is 0.
    Relu,
    /// y = x where x > 0, else alpha · x.
    LeakyRelu {
        /// The slope below 0. By name 0.2, as in MindSpore; PyTorch's default is 0.01.
        alpha: f64,
    },
    /// y = x where x > 0, else alpha (e^x - 1).
    Elu {
        /// How far below 0 it goes. By name 1.
        alpha: f64,
    },
    /// y = x Φ(x), with the standard normal distribution function Φ.
    Gelu {
        /// Whether Φ(x) is approximated by (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2. By name it
        /// is, as in MindSpore; PyTorch's default is the exact form.
        approximate: bool,
    },
    /// y = x / (1 + e^-x).
    Silu,
    /// y = ln(1 + e^x).
    Softplus,
    /// y_k = e^(x_k) / Σ_j e^(x_j) along an axis.
    Softmax {
        /// The axis; -1, the default, is the last one.
        axis: isize,
    },
    /// y_k = x_k - ln Σ_j e^(x_j) along an axis.
    LogSoftmax {
        /// The axis; -1, the default, is the last one.
        axis: isize,
    },
}

impl Activation {
    /// y = f(x): the same shape.
    ///
    /// # Errors
    /// [`Error::Argument`] where alpha is negative or not finite, or there is no such axis.
    pub fn apply<T: Float>(self, x: Var<'_, T>) -> Result<Var<'_, T>> {
        Ok(match self {
            Activation::Step => x.step(),
            Activation::Sigmoid => x.sigmoid(),
            Activation::Tanh => x.tanh(),
            Activation::Relu => x.relu(),
            Activation::LeakyRelu { alpha } => x.leaky_relu(alpha)?,
            Activation::Elu { alpha } => x.elu(alpha)?,
            Activation::Gelu { approximate: true } => x.gelu_tanh(),
            Activation::Gelu { approximate: false } => x.gelu(),
            Activation::Silu => x.silu(),
            Activation::Softplus => x.softplus(),
            Activation::Softmax { axis } => {
                let axis = counted("softmax", axis, &x)?;
                x.softmax(axis)?
            }
            Activation::LogSoftmax { axis } => {
                let axis = counted("log_softmax", axis, &x)?;
                x.log_softmax(axis)?
            }
        })
    }
}

/// An axis counted from the first, where a negative one was counted from behind the last.
fn counted<T: Float>(op: &'static str, axis: isize, x: &Var<'_, T>) -> Result<usize> {
    let shape = x.shape();
    let counted = if axis < 0 { axis + shape.rank() as isize } else { axis };
    usize::try_from(counted)
        .ok()
        .filter(|&axis| axis < shape.rank())
        .ok_or_else(|| Error::argument(op, "axis", axis, format!("an axis of {shape}")))
}
