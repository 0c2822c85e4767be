//! The threshold of the first perceptrons.

use crate::Var;
use tensor::{Float, kernels::elementwise};

impl<T: Float> Var<'_, T> {
    /// y = 1 where self > 0, else 0. Its derivative is 0 wherever it has one, so no gradient
    /// flows back: what lies before it cannot be learnt by back-propagation.
    #[must_use]
    pub fn step(self) -> Self {
        let (tape, input, mut y) = self.into_stored_parts();
        elementwise::step(y.stored_mut());
        tape.without_gradient("step", input, y, |x| format!("1 where {x} > 0, else 0"))
    }
}
