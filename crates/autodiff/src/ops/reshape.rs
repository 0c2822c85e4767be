//! The same elements under another shape; no element moves.

use crate::{Backward, Sink, Var};
use tensor::{Error, Float, Result, Shape, Tensor};

/// y = x with another shape.
#[derive(Debug)]
struct Reshape {
    x: Shape,
}

impl<T: Float> Backward<T> for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let dy = keep_samples(dy, &self.x);
        sink.give(0, dy.reshape(self.x).expect("a reshape keeps the number of elements"));
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{}, reshaped", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = 1, element by element", x[0]))
    }
}

/// A tensor about to take another shape: interleaved samples must stay the same samples.
fn keep_samples<T: Float>(tensor: Tensor<T>, shape: &Shape) -> Tensor<T> {
    if tensor.shape().first() == shape.first() { tensor } else { tensor.into_plain() }
}

impl<T: Float> Var<'_, T> {
    /// The same elements under another shape.
    ///
    /// # Errors
    /// [`Error::Shape`] where the number of elements differs.
    pub fn reshape(self, shape: impl Into<Shape>) -> Result<Self> {
        let (tape, input, x) = self.into_stored_parts();
        let (rule, shape) = (Reshape { x: x.shape().clone() }, shape.into());
        Ok(tape.operation([input], keep_samples(x, &shape).reshape(shape)?, |_| rule))
    }

    /// Joins axes `start..=end` into one; `[n, c, h, w].flatten(1, 3)` is `[n, c·h·w]`.
    ///
    /// # Errors
    /// [`Error::Argument`] where the axes are not in order or do not exist.
    pub fn flatten(self, start: usize, end: usize) -> Result<Self> {
        let shape = self.shape();
        if start > end || end >= shape.rank() {
            let expected = format!("axes of {shape}, the first not behind the last");
            return Err(Error::argument("flatten", "axes", format!("{start}..={end}"), expected));
        }
        let joined = shape[start..=end].iter().product();
        let flat = [&shape[..start], &[joined], &shape[end + 1..]].concat();
        self.reshape(flat)
    }
}
