//! The chapter's three activations (§3.1, fig. 3.2). Each saves its output alone.

use crate::var::Deferred;
use crate::{Backward, Sink, Var};
use tensor::{Float, Layout, Tensor, kernels::activation, kernels::elementwise};

/// y = max(x, 0).
#[derive(Debug)]
struct Relu<T: Float> {
    y: Tensor<T>,
}

impl<T: Float> Backward<T> for Relu<T> {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.y.layout());
        elementwise::relu_backward(dy.stored_mut(), self.y.stored());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("max({}, 0)", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = 1 where {0} > 0, else 0", x[0]))
    }
}

/// y = 1 / (1 + e^-x).
#[derive(Debug)]
struct Sigmoid<T: Float> {
    y: Tensor<T>,
}

impl<T: Float> Backward<T> for Sigmoid<T> {
    fn name(&self) -> &'static str {
        "sigmoid"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.y.layout());
        activation::sigmoid_backward(dy.stored_mut(), self.y.stored());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("sigmoid({})", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = {y} (1 - {y})", x[0]))
    }
}

/// y = tanh x.
#[derive(Debug)]
struct Tanh<T: Float> {
    y: Tensor<T>,
}

impl<T: Float> Backward<T> for Tanh<T> {
    fn name(&self) -> &'static str {
        "tanh"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.y.layout());
        activation::tanh_backward(dy.stored_mut(), self.y.stored());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("tanh({})", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = 1 - {y}²", x[0]))
    }
}

impl<T: Float> Var<'_, T> {
    /// y = max(self, 0); the derivative at 0 is 0, as in eq. (3.10).
    #[must_use]
    pub fn relu(self) -> Self {
        match self.layout() {
            // Pooling often follows, and then has a quarter of the work. What is to be explained is
            // done as it is written.
            Layout::Lanes if !self.tape().is_explained() => self.deferring(Deferred::Relu),
            _ => self.relu_now(),
        }
    }

    pub(crate) fn relu_now(self) -> Self {
        let (tape, input, mut y) = self.into_stored_parts();
        elementwise::relu(y.stored_mut());
        tape.operation([input], y, |y| Relu { y: y.clone() })
    }

    /// y = 1 / (1 + e^-self), in (0, 1); dy/dx = y (1 - y), eq. (3.7).
    #[must_use]
    pub fn sigmoid(self) -> Self {
        let (tape, input, mut y) = self.into_stored_parts();
        activation::sigmoid(y.stored_mut());
        tape.operation([input], y, |y| Sigmoid { y: y.clone() })
    }

    /// y = tanh self, in (-1, 1); dy/dx = 1 - y².
    #[must_use]
    pub fn tanh(self) -> Self {
        let (tape, input, mut y) = self.into_stored_parts();
        activation::tanh(y.stored_mut());
        tape.operation([input], y, |y| Tanh { y: y.clone() })
    }
}
