//! The exponential and the natural logarithm.

use crate::{Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::elementwise};

/// y = e^x: dy/dx = y.
#[derive(Debug)]
struct Exp<T: Float> {
    y: Tensor<T>,
}

impl<T: Float> Backward<T> for Exp<T> {
    fn name(&self) -> &'static str {
        "exp"
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        elementwise::mul(dy.as_mut_slice(), self.y.as_slice());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("e^{}", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = {y}", x[0]))
    }
}

/// y = ln x: dy/dx = 1 / x.
#[derive(Debug)]
struct Ln<T: Float> {
    x: Tensor<T>,
}

impl<T: Float> Backward<T> for Ln<T> {
    fn name(&self) -> &'static str {
        "ln"
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        elementwise::div(dy.as_mut_slice(), self.x.as_slice());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("ln {}", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = 1 / {0}", x[0]))
    }
}

impl<T: Float> Var<'_, T> {
    /// y = e^self.
    #[must_use]
    pub fn exp(self) -> Self {
        let (tape, input, mut y) = self.into_parts();
        elementwise::exp(y.as_mut_slice());
        tape.operation([input], y, |y| Exp { y: y.clone() })
    }

    /// y = ln self; NaN below 0, -∞ at 0, as IEEE 754 has it.
    #[must_use]
    pub fn ln(self) -> Self {
        let (tape, input, x) = self.into_parts();
        let mut y = x.clone();
        elementwise::ln(y.as_mut_slice());
        tape.operation([input], y, |_| Ln { x })
    }
}
