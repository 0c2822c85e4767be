//! GELU, the Gaussian error linear unit (Hendrycks and Gimpel 2016), in both of its forms.

use crate::{Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::activation};

/// y = x Φ(x): dy/dx = Φ(x) + x φ(x).
#[derive(Debug)]
struct Gelu<T: Float> {
    x: Tensor<T>,
}

impl<T: Float> Backward<T> for Gelu<T> {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.x.layout());
        activation::gelu_backward(dy.stored_mut(), self.x.stored());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{0} · Φ({0})", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = Φ({0}) + {0} · φ({0})", x[0]))
    }
}

/// y = x s with s = sigmoid(2u), u = √(2/π) (x + 0.044715 x³): dy/dx = s (1 + 2x (1 - s) u').
#[derive(Debug)]
struct GeluTanh<T: Float> {
    x: Tensor<T>,
}

impl<T: Float> Backward<T> for GeluTanh<T> {
    fn name(&self) -> &'static str {
        "gelu_tanh"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.x.layout());
        activation::gelu_tanh_backward(dy.stored_mut(), self.x.stored());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{0} · (1 + tanh(√(2/π) ({0} + 0.044715 {0}³))) / 2", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!(
            "∂{y}/∂{0} = s (1 + 2 {0} (1 - s) u'), s = sigmoid(2u), u = √(2/π) ({0} + 0.044715 {0}³)",
            x[0]
        ))
    }
}

impl<T: Float> Var<'_, T> {
    /// y = self · Φ(self), where Φ(x) = (1 + erf(x / √2)) / 2 is the standard normal distribution
    /// function: the definition, and PyTorch's default.
    #[must_use]
    pub fn gelu(self) -> Self {
        let (tape, input, x) = self.into_stored_parts();
        let mut y = Tensor::stale_in(x.shape(), x.layout());
        activation::gelu(x.stored(), y.stored_mut());
        tape.operation([input], y, |_| Gelu { x })
    }

    /// y = self · (1 + tanh(√(2/π) (self + 0.044715 self³))) / 2: the approximation, and
    /// MindSpore's default. It is within 5e-4 of [`Var::gelu`].
    #[must_use]
    pub fn gelu_tanh(self) -> Self {
        let (tape, input, x) = self.into_stored_parts();
        let mut y = Tensor::stale_in(x.shape(), x.layout());
        activation::gelu_tanh(x.stored(), y.stored_mut());
        tape.operation([input], y, |_| GeluTanh { x })
    }
}
