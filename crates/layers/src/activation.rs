//! [`Activation`]: the functions that make a network more than one linear map.

mod layers;

pub use layers::{Relu, Sigmoid, Tanh};

use autodiff::Var;
use std::fmt;
use std::str::FromStr;
use tensor::{Error, Float, Result, names};

/// A function that is applied to every output of a layer (§3.1, fig. 3.2).
///
/// Parsed from its name in any case, with or without `_` and `-`, as MindSpore's
/// `Dense(.., activation='relu')` takes it; prints as that name.
///
/// ```
/// use layers::Activation;
/// let activation: Activation = "ReLU".parse()?;
/// assert_eq!(activation, Activation::Relu);
/// assert_eq!(
///     "relo".parse::<Activation>().unwrap_err().to_string(),
///     "activation: name is \"relo\", expected one of step, sigmoid, tanh, relu; \
///      did you mean relu?"
/// );
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
}

impl Activation {
    /// Every activation, with its default parameters, in the order of the names in an error.
    pub const ALL: &[Activation] =
        &[Activation::Step, Activation::Sigmoid, Activation::Tanh, Activation::Relu];

    /// The name, as it is parsed.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Step => "step",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
        }
    }

    /// y = f(x): same shape.
    ///
    /// # Errors
    /// [`Error::Argument`] where a parameter of the activation makes no sense.
    pub fn apply<T: Float>(self, x: Var<'_, T>) -> Result<Var<'_, T>> {
        Ok(match self {
            Activation::Step => x.step(),
            Activation::Sigmoid => x.sigmoid(),
            Activation::Tanh => x.tanh(),
            Activation::Relu => x.relu(),
        })
    }
}

impl FromStr for Activation {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let letters = |name: &str| name.replace(['_', '-'], "").to_lowercase();
        let wanted = letters(name);
        let found = Activation::ALL.iter().find(|known| letters(known.name()) == wanted);
        found.copied().ok_or_else(|| {
            let known: Vec<_> = Activation::ALL.iter().map(|known| known.name()).collect();
            let expected = format!("one of {}", known.join(", "));
            let error = Error::argument("activation", "name", format!("{name:?}"), expected);
            match names::nearest(name, &known) {
                Some(near) => error.hint(format!("did you mean {near}?")),
                None => error,
            }
        })
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
