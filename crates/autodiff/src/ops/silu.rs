//! SiLU, also called swish (Elfwing et al. 2017).

use crate::{Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::activation};

/// y = x s with s = sigmoid(x): dy/dx = s (1 + x (1 - s)).
#[derive(Debug)]
struct Silu<T: Float> {
    x: Tensor<T>,
}

impl<T: Float> Backward<T> for Silu<T> {
    fn name(&self) -> &'static str {
        "silu"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.x.layout());
        activation::silu_backward(dy.stored_mut(), self.x.stored());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{0} · sigmoid({0})", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = s (1 + {0} (1 - s)), s = sigmoid({0})", x[0]))
    }
}

impl<T: Float> Var<'_, T> {
    /// y = self · sigmoid(self).
    #[must_use]
    pub fn silu(self) -> Self {
        let (tape, input, x) = self.into_stored_parts();
        let mut y = Tensor::stale_in(x.shape(), x.layout());
        activation::silu(x.stored(), y.stored_mut());
        tape.operation([input], y, |_| Silu { x })
    }
}
