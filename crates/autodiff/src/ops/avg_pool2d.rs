//! Two-dimensional average-pooling.

use crate::attribute::window;
use crate::{Attribute, Backward, Sink, Tally, Var};
use tensor::ops::pool2d as ops;
use tensor::{Float, Pool2dGeometry, Pool2dOptions, Result, Tensor};

/// y = the mean of each window; linear, so nothing but the geometry is saved.
#[derive(Debug)]
struct AvgPool2d {
    geometry: Pool2dGeometry,
}

impl<T: Float> Backward<T> for AvgPool2d {
    fn name(&self) -> &'static str {
        "avg_pool2d"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        sink.give(0, ops::average_backward(&self.geometry, &dy));
    }

    fn formula(&self, x: &[&str]) -> String {
        let (height, width) = (self.geometry.height().kernel, self.geometry.width().kernel);
        format!("the mean of each {height}×{width} window of {}", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = 1 / the number of elements of its window", x[0]))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let mut attributes = window(self.geometry.height(), self.geometry.width());
        attributes.push(("counts_padding", Attribute::Flag(self.geometry.counts_padding())));
        attributes
    }
}

impl<T: Float> Var<'_, T> {
    /// The mean of each window: x `[N, C, H, W]`, y `[N, C, OH, OW]`.
    ///
    /// # Errors
    /// As [`Pool2dGeometry::new`].
    pub fn avg_pool2d(self, options: &Pool2dOptions) -> Result<Self> {
        let (tape, input, x) = self.into_stored_parts();
        let geometry = Pool2dGeometry::new("avg_pool2d", x.shape(), options)?;
        tape.tally(|| Tally::pooling(geometry.output_shape().elements(), geometry.window()));
        let y = ops::average_forward(&geometry, &x);
        Ok(tape.operation([input], y, |_| AvgPool2d { geometry }))
    }
}
