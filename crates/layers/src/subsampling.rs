//! Trainable subsampling.

use crate::{Initializer, Layer, Parameter, Scope, module};
use autodiff::Var;
use tensor::{Error, Float, PadMode, Pool2dOptions, Result};

/// y = coefficient · (sum of each window) + bias, with one coefficient and one bias for each
/// channel: x `[N, C, H, W]`, y `[N, C, OH, OW]`.
///
/// It is what LeCun et al. (1998) call a sub-sampling layer (S2 and S4 of LeNet-5); there a
/// squashing function follows, here [`ScaledTanh`](crate::ScaledTanh) as a layer of its own.
/// MindSpore and PyTorch have no such layer. The coefficients start as 1 / (pixels of a window),
/// which is average-pooling, and the biases at 0; the paper draws both from U(±2.4 / fan-in).
/// Padding counts 0. The stride is the window's size unless said otherwise.
///
/// ```
/// use layers::{ModuleExt, Subsampling};
/// assert_eq!(Subsampling::new(6, 2).parameter_count(), 12);
/// ```
#[derive(Clone, Debug)]
pub struct Subsampling {
    scope: Scope,
    /// `[channels]`
    pub coefficient: Parameter,
    /// `[channels]`
    pub bias: Parameter,
    options: Pool2dOptions,
}

module!(Subsampling { scope, coefficient, bias });

impl Subsampling {
    /// Square windows of `kernel_size` over each of `channels`, moving by their own size.
    pub fn new(channels: usize, kernel_size: usize) -> Self {
        let window = [kernel_size; 2];
        let pixels = kernel_size.saturating_mul(kernel_size).max(1);
        Subsampling {
            scope: Scope::default(),
            coefficient: Parameter::new([channels], Initializer::Constant(1.0 / pixels as f64)),
            bias: Parameter::new([channels], Initializer::ZERO),
            options: Pool2dOptions { kernel: window, stride: window, ..Default::default() },
        }
    }

    /// Pixels from one window to the next, the same in both directions.
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.options.stride = [stride; 2];
        self
    }

    /// How the border is treated: `Valid`, `Same` or `Pad`.
    #[must_use]
    pub fn pad_mode(mut self, pad_mode: PadMode) -> Self {
        self.options.pad_mode = pad_mode;
        self
    }

    /// Window, stride and padding.
    pub fn options(&self) -> &Pool2dOptions {
        &self.options
    }

    /// Adds how to mend an input of another number of channels.
    fn advise(&self, error: Error, channels: Option<usize>) -> Error {
        let expected = self.coefficient.shape()[0];
        match channels {
            Some(channels) if channels != expected => error.hint(format!(
                "make the number of input channels {expected}, or this layer's channels {channels}"
            )),
            _ => error,
        }
    }
}

impl<T: Float> Layer<T> for Subsampling {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("Subsampling", input, |x| {
            let coefficient = self.coefficient.on(x.tape())?;
            let bias = self.bias.on(x.tape())?;
            let channels = (x.shape().rank() == 4).then(|| x.shape()[1]);
            x.subsampling(&coefficient, &bias, &self.options)
                .map_err(|error| self.advise(error, channels))
        })
    }
}
