//! Multiplication by and addition of a number.

use crate::{Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::elementwise};

/// y = factor x + offset.
#[derive(Debug)]
struct Affine<T> {
    factor: T,
}

impl<T: Float> Backward<T> for Affine<T> {
    fn name(&self) -> &'static str {
        "affine"
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        if self.factor != T::ONE {
            elementwise::affine(dy.as_mut_slice(), self.factor, T::ZERO);
        }
        sink.give(0, dy);
    }
}

impl<T: Float> Var<'_, T> {
    /// y = factor · self + offset.
    #[must_use]
    pub fn affine(self, factor: T, offset: T) -> Self {
        let (tape, input, mut y) = self.into_parts();
        elementwise::affine(y.as_mut_slice(), factor, offset);
        tape.operation([input], y, |_| Affine { factor })
    }

    /// y = factor · self.
    #[must_use]
    pub fn scale(self, factor: T) -> Self {
        self.affine(factor, T::ZERO)
    }
}

impl<T: Float> std::ops::Neg for Var<'_, T> {
    type Output = Self;

    /// y = -self.
    fn neg(self) -> Self {
        self.scale(-T::ONE)
    }
}
