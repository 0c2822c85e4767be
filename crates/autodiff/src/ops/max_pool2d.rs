//! Two-dimensional max-pooling.

use crate::attribute::window;
use crate::var::Deferred;
use crate::{Attribute, Backward, Sink, Tally, Var};
use tensor::ops::pool2d::{self as ops, Argmax};
use tensor::{Float, Pool2dGeometry, Pool2dOptions, Result, Tensor};

/// y = the maximum of each window; the gradient goes to the first element that attains it. With
/// a ReLU before it, none goes anywhere where the maximum was not positive.
#[derive(Debug)]
struct MaxPool2d {
    geometry: Pool2dGeometry,
    argmax: Argmax,
}

impl<T: Float> Backward<T> for MaxPool2d {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        sink.give(0, ops::max_backward(&self.geometry, &self.argmax, dy));
    }

    fn formula(&self, x: &[&str]) -> String {
        let (height, width) = (self.geometry.height().kernel, self.geometry.width().kernel);
        format!("the maximum of each {height}×{width} window of {}", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = 1 at the first maximum of its window, else 0", x[0]))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        window(self.geometry.height(), self.geometry.width())
    }
}

impl<T: Float> Var<'_, T> {
    /// The maximum of each window: x `[N, C, H, W]`, y `[N, C, OH, OW]`.
    ///
    /// # Errors
    /// As [`Pool2dGeometry::new`].
    pub fn max_pool2d(self, options: &Pool2dOptions) -> Result<Self> {
        let geometry = Pool2dGeometry::new("max_pool2d", self.shape(), options)?;
        let var = if ops::takes_relu(&geometry) { self } else { self.into_settled() };
        let (tape, input, x, before) = var.into_deferred_parts();
        tape.tally(|| Tally::pooling(geometry.output_shape().elements(), geometry.window()));
        let (y, argmax) = ops::max_forward(&geometry, x, before == Some(Deferred::Relu));
        Ok(tape.operation([input], y, |_| MaxPool2d { geometry, argmax }))
    }
}
