//! Softplus, the smooth ReLU.

use crate::{Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::activation};

/// y = ln(1 + e^x): dy/dx = 1 - e^-y, which is sigmoid(x).
#[derive(Debug)]
struct Softplus<T: Float> {
    y: Tensor<T>,
}

impl<T: Float> Backward<T> for Softplus<T> {
    fn name(&self) -> &'static str {
        "softplus"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.y.layout());
        activation::softplus_backward(dy.stored_mut(), self.y.stored());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("ln(1 + e^{})", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = sigmoid({0})", x[0]))
    }
}

impl<T: Float> Var<'_, T> {
    /// y = ln(1 + e^self); dy/dx = sigmoid(self). It neither overflows nor loses small values.
    #[must_use]
    pub fn softplus(self) -> Self {
        let (tape, input, mut y) = self.into_stored_parts();
        activation::softplus(y.stored_mut());
        tape.operation([input], y, |y| Softplus { y: y.clone() })
    }
}
