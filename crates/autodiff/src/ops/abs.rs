//! The absolute value.

use crate::{Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::loss};

/// y = |x|: dy/dx = sign(x), and 0 at 0.
#[derive(Debug)]
struct Abs<T: Float> {
    x: Tensor<T>,
}

impl<T: Float> Backward<T> for Abs<T> {
    fn name(&self) -> &'static str {
        "abs"
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        loss::abs_backward(dy.as_mut_slice(), self.x.as_slice());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("|{}|", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = sign({0})", x[0]))
    }
}

impl<T: Float> Var<'_, T> {
    /// y = |self|; the derivative at 0 is 0, as in PyTorch and MindSpore.
    #[must_use]
    pub fn abs(self) -> Self {
        let (tape, input, x) = self.into_parts();
        let y = x.map(Float::abs);
        tape.operation([input], y, |_| Abs { x })
    }
}
