//! Huber's function (Huber 1964): a parabola near 0 that goes on as straight lines.

use crate::{Backward, Sink, Var};
use tensor::{Error, Float, Result, Tensor, kernels::loss};

/// y = x² / 2 where |x| <= delta, else delta (|x| - delta / 2): dy/dx is x between ±delta.
#[derive(Debug)]
struct Huber<T: Float> {
    x: Tensor<T>,
    delta: f64,
}

impl<T: Float> Backward<T> for Huber<T> {
    fn name(&self) -> &'static str {
        "huber"
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        loss::huber_backward(dy.as_mut_slice(), self.x.as_slice(), T::from_f64(self.delta));
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("huber({}, delta {})", x[0], self.delta)
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = {0}, but at least -{1} and at most {1}", x[0], self.delta))
    }
}

impl<T: Float> Var<'_, T> {
    /// y = self² / 2 where |self| <= delta, else delta (|self| - delta / 2).
    ///
    /// # Errors
    /// [`Error::Argument`] where delta is not a finite number above 0.
    pub fn huber(self, delta: f64) -> Result<Self> {
        if !(delta.is_finite() && delta > 0.0) {
            return Err(Error::argument("huber", "delta", delta, "a finite number above 0"));
        }
        let (tape, input, x) = self.into_parts();
        let mut y = Tensor::stale(x.shape());
        loss::huber(x.as_slice(), y.as_mut_slice(), T::from_f64(delta));
        Ok(tape.operation([input], y, |_| Huber { x, delta }))
    }
}
