//! Joining axes.

use crate::{Layer, Scope, module};
use autodiff::Var;
use tensor::{Error, Float, Result};

/// Joins all axes behind the batch: `[N, C, H, W]` to `[N, C·H·W]`. Nothing moves in memory.
#[derive(Clone, Debug, Default)]
pub struct Flatten {
    scope: Scope,
}

module!(Flatten { scope });

impl Flatten {
    /// The layer; it has no parameters.
    pub fn new() -> Self {
        Flatten::default()
    }
}

impl<T: Float> Layer<T> for Flatten {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("Flatten", input, |x| match x.shape().rank() {
            0 | 1 => Err(Error::shape("flatten", "input needs a batch axis and another")
                .operand("input", x.shape())
                .hint("a single sample is a batch of 1")),
            2 => Ok(x),
            rank => x.flatten(1, rank - 1),
        })
    }
}
