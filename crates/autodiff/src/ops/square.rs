//! The square.

use crate::{Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::elementwise};

/// y = x²: dy/dx = 2x.
#[derive(Debug)]
struct Square<T: Float> {
    x: Tensor<T>,
}

impl<T: Float> Backward<T> for Square<T> {
    fn name(&self) -> &'static str {
        "square"
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        elementwise::mul(dy.as_mut_slice(), self.x.as_slice());
        elementwise::affine(dy.as_mut_slice(), T::from_f64(2.0), T::ZERO);
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{}²", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = 2 {0}", x[0]))
    }
}

impl<T: Float> Var<'_, T> {
    /// y = self².
    #[must_use]
    pub fn square(self) -> Self {
        let (tape, input, x) = self.into_parts();
        let mut y = x.clone();
        elementwise::mul(y.as_mut_slice(), x.as_slice());
        tape.operation([input], y, |_| Square { x })
    }
}
