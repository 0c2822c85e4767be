//! The activations as layers.

use super::Activation;
use crate::{Layer, Scope, module};
use autodiff::Var;
use tensor::{Float, Result};

macro_rules! activation {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            scope: Scope,
        }

        module!($name { scope });

        impl $name {
            /// The layer; it has no parameters.
            pub fn new() -> Self {
                Self::default()
            }
        }

        impl<T: Float> Layer<T> for $name {
            fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
                self.scope.run(stringify!($name), input, |x| Activation::$name.apply(x))
            }
        }
    };
}

activation! {
    /// y = max(x, 0), element by element; the derivative at 0 is 0. Any shape.
    Relu
}
activation! {
    /// y = 1 / (1 + e^-x), element by element. Any shape.
    Sigmoid
}
activation! {
    /// y = tanh x, element by element. Any shape.
    Tanh
}
