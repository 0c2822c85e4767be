//! The 1998 LeNet-5's squashing function.

use crate::{Attribute, Backward, Sink, Var};
use tensor::{Float, Tensor, kernels::tanh};

/// y = amplitude · tanh(slope · x).
#[derive(Debug)]
struct ScaledTanh<T: Float> {
    y: Tensor<T>,
    amplitude: T,
    slope: T,
}

impl<T: Float> Backward<T> for ScaledTanh<T> {
    fn name(&self) -> &'static str {
        "scaled_tanh"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.y.layout());
        tanh::scaled_tanh_backward(dy.stored_mut(), self.y.stored(), self.amplitude, self.slope);
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{} tanh({} {})", self.amplitude, self.slope, x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        let ScaledTanh { amplitude, slope, .. } = self;
        Some(format!("∂{y}/∂{} = {amplitude} · {slope} (1 - ({y} / {amplitude})²)", x[0]))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let number = |x: T| Attribute::Number(x.to_f64());
        vec![("amplitude", number(self.amplitude)), ("slope", number(self.slope))]
    }
}

impl<T: Float> Var<'_, T> {
    /// y = amplitude · tanh(slope · self); dy/dx = amplitude · slope · (1 - (y / amplitude)²).
    ///
    /// LeCun et al. (1998), eq. (6) and appendix A, use 1.7159 and 2/3.
    #[must_use]
    pub fn scaled_tanh(self, amplitude: T, slope: T) -> Self {
        let (tape, input, mut y) = self.into_stored_parts();
        tanh::scaled_tanh(y.stored_mut(), amplitude, slope);
        tape.operation([input], y, |y| ScaledTanh { y: y.clone(), amplitude, slope })
    }
}
