//! Multiplication by and addition of a number.

use crate::{Attribute, Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::elementwise};

/// y = factor x + offset.
#[derive(Debug)]
struct Affine<T> {
    factor: T,
    /// Only so that it can be explained.
    offset: T,
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

    fn formula(&self, x: &[&str]) -> String {
        let product = match self.factor.to_f64() {
            1.0 => x[0].to_owned(),
            -1.0 => format!("-{}", x[0]),
            0.5 => format!("½ {}", x[0]),
            factor => format!("{factor} {}", x[0]),
        };
        match self.offset.to_f64() {
            0.0 => product,
            offset if offset < 0.0 => format!("{product} - {}", -offset),
            offset => format!("{product} + {offset}"),
        }
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        match self.factor.to_f64() {
            0.5 => Some(format!("∂{y}/∂{} = ½", x[0])),
            factor => Some(format!("∂{y}/∂{} = {factor}", x[0])),
        }
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let number = |x: T| Attribute::Number(x.to_f64());
        vec![("factor", number(self.factor)), ("offset", number(self.offset))]
    }
}

impl<T: Float> Var<'_, T> {
    /// y = factor · self + offset.
    #[must_use]
    pub fn affine(self, factor: T, offset: T) -> Self {
        let (tape, input, mut y) = self.into_parts();
        elementwise::affine(y.as_mut_slice(), factor, offset);
        tape.operation([input], y, |_| Affine { factor, offset })
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
