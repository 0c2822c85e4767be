//! The leaky ReLU.

use super::at_least_0;
use crate::{Attribute, Backward, Sink, Var};
use tensor::{Float, Result, Tensor, kernels::activation};

/// y = x where x > 0, else alpha · x.
#[derive(Debug)]
struct LeakyRelu<T: Float> {
    y: Tensor<T>,
    alpha: f64,
}

impl<T: Float> Backward<T> for LeakyRelu<T> {
    fn name(&self) -> &'static str {
        "leaky_relu"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.y.layout());
        activation::leaky_relu_backward(dy.stored_mut(), self.y.stored(), T::from_f64(self.alpha));
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("leaky_relu({}, alpha {})", x[0], self.alpha)
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = 1 where {0} > 0, else {1}", x[0], self.alpha))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("alpha", Attribute::Number(self.alpha))]
    }
}

impl<T: Float> Var<'_, T> {
    /// y = self where it is above 0, else alpha · self; the derivative at 0 is alpha.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where alpha is not a finite number of at
    /// least 0.
    pub fn leaky_relu(self, alpha: f64) -> Result<Self> {
        at_least_0("leaky_relu", "alpha", alpha)?;
        let (tape, input, mut y) = self.into_stored_parts();
        activation::leaky_relu(y.stored_mut(), T::from_f64(alpha));
        Ok(tape.operation([input], y, |y| LeakyRelu { y: y.clone(), alpha }))
    }
}
