//! Two-dimensional max-pooling.

use crate::{Backward, Sink, Var};
use tensor::kernels::pool2d as kernel;
use tensor::{Float, Pool2dGeometry, Pool2dOptions, Result, Tensor};

/// y = the maximum of each window; the gradient goes to the first element that attains it.
#[derive(Debug)]
struct MaxPool2d {
    geometry: Pool2dGeometry,
    argmax: Tensor<u32>,
}

impl<T: Float> Backward<T> for MaxPool2d {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dx = Tensor::stale(self.geometry.input_shape());
        let argmax = self.argmax.as_slice();
        kernel::max_backward(&self.geometry, argmax, dy.as_slice(), dx.as_mut_slice());
        sink.give(0, dx);
    }
}

impl<T: Float> Var<'_, T> {
    /// The maximum of each window: x `[N, C, H, W]`, y `[N, C, OH, OW]`.
    ///
    /// # Errors
    /// As [`Pool2dGeometry::new`].
    pub fn max_pool2d(self, options: &Pool2dOptions) -> Result<Self> {
        let (tape, input, x) = self.into_parts();
        let geometry = Pool2dGeometry::new("max_pool2d", x.shape(), options)?;
        let mut y = Tensor::stale(geometry.output_shape());
        let mut argmax = Tensor::stale(geometry.output_shape());
        kernel::max_forward(&geometry, x.as_slice(), y.as_mut_slice(), argmax.as_mut_slice());
        Ok(tape.operation([input], y, |_| MaxPool2d { geometry, argmax }))
    }
}
