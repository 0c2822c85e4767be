//! The activations as layers.

use super::Activation;
use crate::{Layer, Scope, module};
use autodiff::Var;
use tensor::{Float, Result};

macro_rules! activation {
    ($(#[$doc:meta])* $name:ident, $default:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            scope: Scope,
            activation: Activation,
        }

        module!($name { scope } => |layer: &$name| layer.activation.arguments());

        impl $name {
            /// The layer; it has no parameters to train.
            pub fn new() -> Self {
                $name { scope: Scope::default(), activation: $default }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<T: Float> Layer<T> for $name {
            fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
                self.scope.run(stringify!($name), input, |x| self.activation.apply(x))
            }
        }
    };
}

/// Sets an activation's parameter.
macro_rules! parameter {
    ($(#[$doc:meta])* $name:ident, $parameter:ident: $type:ty) => {
        impl $name {
            $(#[$doc])*
            #[must_use]
            pub fn $parameter(self, $parameter: $type) -> Self {
                $name { activation: Activation::$name { $parameter }, ..self }
            }
        }
    };
}

activation! {
    /// y = 1 / (1 + e^-x), element by element. Any shape.
    Sigmoid, Activation::Sigmoid
}

activation! {
    /// y = tanh x, element by element. Any shape.
    Tanh, Activation::Tanh
}

activation! {
    /// y = max(x, 0), element by element; the derivative at 0 is 0. Any shape.
    Relu, Activation::Relu
}

activation! {
    /// y = x where x > 0, else alpha · x, element by element. Any shape. Alpha is 0.2, as in
    /// MindSpore; PyTorch's `LeakyReLU` has a `negative_slope` of 0.01.
    LeakyRelu, Activation::LeakyRelu { alpha: 0.2 }
}
parameter! {
    /// The slope below 0: a finite number of at least 0, or the forward pass says so.
    LeakyRelu, alpha: f64
}

activation! {
    /// y = x where x > 0, else alpha (e^x - 1), element by element; alpha is 1. Any shape.
    Elu, Activation::Elu { alpha: 1.0 }
}
parameter! {
    /// How far below 0 it goes: a finite number of at least 0, or the forward pass says so.
    Elu, alpha: f64
}

activation! {
    /// y = x Φ(x), element by element, with the standard normal distribution function Φ. Any
    /// shape. By default Φ is approximated, as in MindSpore; PyTorch's `GELU` is exact.
    Gelu, Activation::Gelu { approximate: true }
}
parameter! {
    /// Whether Φ(x) is approximated by (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
    Gelu, approximate: bool
}

activation! {
    /// y = x / (1 + e^-x), element by element; also called swish. Any shape.
    Silu, Activation::Silu
}

activation! {
    /// y = ln(1 + e^x), element by element. Any shape.
    Softplus, Activation::Softplus
}

activation! {
    /// y_k = e^(x_k) / Σ_j e^(x_j) along an axis, by default the last one: probabilities.
    ///
    /// A network for [`SoftmaxCrossEntropyWithLogits`](crate::SoftmaxCrossEntropyWithLogits) has
    /// no softmax at its end: the loss wants logits.
    Softmax, Activation::Softmax { axis: -1 }
}
parameter! {
    /// The axis; a negative one counts from behind the last.
    Softmax, axis: isize
}

activation! {
    /// y_k = x_k - ln Σ_j e^(x_j) along an axis, by default the last one: the logarithm of
    /// softmax, without its rounding.
    LogSoftmax, Activation::LogSoftmax { axis: -1 }
}
parameter! {
    /// The axis; a negative one counts from behind the last.
    LogSoftmax, axis: isize
}
