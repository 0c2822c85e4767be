//! [`Layer`]: whatever maps a value to a value.

use crate::Module;
use autodiff::Var;
use tensor::{Float, Result};

/// A module with a forward pass: MindSpore's `Cell`, whose `construct` is `forward` here.
///
/// Implement it for `f32` (`impl Layer for Net`), or for every [`Float`]
/// (`impl<T: Float> Layer<T> for Net`) if gradients are to be checked in `f64` too; the layers of
/// this crate do the latter.
///
/// Whether the network trains or is evaluated is a property of the tape
/// ([`Tape::is_training`](autodiff::Tape::is_training)), not of the layer: there is no mode to
/// forget.
pub trait Layer<T: Float = f32>: Module {
    /// The layer's output for `input`.
    ///
    /// # Errors
    /// Where the input does not fit; the error carries the layer's path.
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>>;
}

impl Layer for Box<dyn Layer> {
    fn forward<'t>(&self, input: Var<'t>) -> Result<Var<'t>> {
        (**self).forward(input)
    }
}
