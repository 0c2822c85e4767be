//! Global average-pooling.

use crate::{Layer, Scope, module};
use autodiff::Var;
use tensor::{Error, Float, Pool2dOptions, Result};

/// y = the mean of each channel over all pixels: x `[N, C, H, W]`, y `[N, C]`.
///
/// It stands where `Flatten` and a large dense layer would, for images of any size. PyTorch's
/// `AdaptiveAvgPool2d(1)` and MindSpore's `AdaptiveAvgPool2d(1)` leave two axes of 1 behind.
///
/// ```
/// use layers::{GlobalAvgPool2d, check_input};
/// assert_eq!(check_input(&GlobalAvgPool2d::new(), &[16, 5, 5])?[..], [16]);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct GlobalAvgPool2d {
    scope: Scope,
}

module!(GlobalAvgPool2d { scope });

impl GlobalAvgPool2d {
    /// The layer; it has no parameters.
    pub fn new() -> Self {
        GlobalAvgPool2d::default()
    }
}

impl<T: Float> Layer<T> for GlobalAvgPool2d {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("GlobalAvgPool2d", input, |x| {
            let &[_, _, height, width] = &x.shape()[..] else {
                let detail = "input needs axes [batch, channels, height, width]";
                return Err(Error::shape("global_avg_pool2d", detail).operand("input", x.shape()));
            };
            let kernel = [height, width];
            let options = Pool2dOptions { kernel, stride: kernel, ..Pool2dOptions::default() };
            x.avg_pool2d(&options)?.flatten(1, 3)
        })
    }
}
