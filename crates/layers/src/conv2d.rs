//! Two-dimensional convolution.

use crate::description::{flag, padding, pair};
use crate::{Initializer, Layer, Parameter, Scope, module};
use autodiff::Var;
use tensor::{Conv2dAlgorithm, Conv2dOptions, Error, Float, PadMode, Result};

/// y = conv(x, weight) + bias: x `[N, C, H, W]`, y `[N, O, OH, OW]`.
///
/// Parameters as in MindSpore and PyTorch: `weight` `[O, C/groups, KH, KW]`, `bias` `[O]`, both
/// drawn from U(±1/√(C/groups · KH · KW)). Defaults: stride 1, no padding, dilation 1, one group,
/// a bias. (MindSpore's `nn.Conv2d` defaults to `pad_mode='same'` and no bias; the chapter's
/// listings always pass `valid`.)
///
/// Bad arguments are reported by the first forward pass, with the layer's path.
///
/// ```
/// use layers::{Conv2d, PadMode};
/// let conv1 = Conv2d::new(1, 6, 5); // 1×32×32 to 6×28×28
/// let strided = Conv2d::new(3, 64, 7).stride(2).pad_mode(PadMode::all_sides(3));
/// ```
#[derive(Clone, Debug)]
pub struct Conv2d {
    scope: Scope,
    /// `[out_channels, in_channels / groups, kernel_height, kernel_width]`
    pub weight: Parameter,
    /// `[out_channels]`
    pub bias: Option<Parameter>,
    in_channels: usize,
    options: Conv2dOptions,
}

module!(Conv2d { scope, weight, bias } => Conv2d::arguments);

impl Conv2d {
    /// A square kernel of `kernel_size` over `in_channels`, giving `out_channels`.
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: usize) -> Self {
        Conv2d::with_kernel(in_channels, out_channels, [kernel_size; 2])
    }

    /// A kernel of `[height, width]`.
    pub fn with_kernel(in_channels: usize, out_channels: usize, kernel: [usize; 2]) -> Self {
        Conv2d::build(in_channels, out_channels, kernel, Conv2dOptions::default())
    }

    fn build(
        in_channels: usize,
        out_channels: usize,
        [height, width]: [usize; 2],
        options: Conv2dOptions,
    ) -> Self {
        let group = in_channels / options.groups.max(1);
        let shape = [out_channels, group, height, width];
        let initializer = default_initializer(&shape);
        Conv2d {
            scope: Scope::default(),
            weight: Parameter::new(shape, initializer),
            bias: Some(Parameter::new([out_channels], initializer)),
            in_channels,
            options,
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

    /// Pixels from one tap of the kernel to the next, the same in both directions.
    #[must_use]
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.options.dilation = [dilation; 2];
        self
    }

    /// Into how many independent convolutions the channels are split: MindSpore's `group`.
    /// Values that the parameters have already are forgotten.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        let shape = self.weight.shape();
        let (out, kernel) = (shape[0], [shape[2], shape[3]]);
        let options = Conv2dOptions { groups, ..self.options };
        let mut split = Conv2d::build(self.in_channels, out, kernel, options);
        split = split.has_bias(self.bias.is_some());
        // The default depends on the groups; what was asked for does not.
        let default = default_initializer(shape);
        if self.weight.initializer() != default {
            split = split.weight_init(self.weight.initializer());
        }
        match self.bias.map(|bias| bias.initializer()) {
            Some(initializer) if initializer != default => split.bias_init(initializer),
            _ => split,
        }
    }

    /// How the convolution is computed; by default whichever algorithm was measured to be fastest
    /// for the sizes. They differ in rounding: see [`Conv2dAlgorithm`].
    #[must_use]
    pub fn algorithm(mut self, algorithm: Conv2dAlgorithm) -> Self {
        self.options.algorithm = algorithm;
        self
    }

    /// With or without a bias.
    #[must_use]
    pub fn has_bias(mut self, has_bias: bool) -> Self {
        if !has_bias {
            self.bias = None;
        } else if self.bias.is_none() {
            let shape = self.weight.shape();
            self.bias = Some(Parameter::new([shape[0]], default_initializer(shape)));
        }
        self
    }

    /// How the weight is drawn.
    #[must_use]
    pub fn weight_init(mut self, initializer: Initializer) -> Self {
        self.weight.set_initializer(initializer);
        self
    }

    /// How the bias is drawn; a layer without one gets one.
    #[must_use]
    pub fn bias_init(self, initializer: Initializer) -> Self {
        let mut layer = self.has_bias(true);
        if let Some(bias) = &mut layer.bias {
            bias.set_initializer(initializer);
        }
        layer
    }

    fn arguments(&self) -> String {
        let (shape, options) = (self.weight.shape(), &self.options);
        let (mode, padding) = padding(options.pad_mode);
        format!(
            "input_channels={}, output_channels={}, kernel_size={}, stride={}, pad_mode={}, \
             padding={padding}, dilation={}, group={}, has_bias={}",
            self.in_channels,
            shape[0],
            pair([shape[2], shape[3]]),
            pair(options.stride),
            mode,
            pair(options.dilation),
            options.groups,
            flag(self.bias.is_some()),
        )
    }

    /// Stride, padding, dilation and groups.
    pub fn options(&self) -> &Conv2dOptions {
        &self.options
    }

    /// Adds how to mend an input of another number of channels.
    fn advise(&self, error: Error, channels: Option<usize>) -> Error {
        let expected = self.in_channels;
        match channels {
            Some(channels) if channels != expected => error.hint(format!(
                "make the number of input channels {expected}, or this layer's in_channels {channels}"
            )),
            _ => error,
        }
    }
}

/// U(±1/√(C/groups · KH · KW)), for a weight of this shape.
fn default_initializer(weight: &[usize]) -> Initializer {
    Initializer::fan_in(weight[1..].iter().fold(1, |fan, &axis| fan.saturating_mul(axis)))
}

impl<T: Float> Layer<T> for Conv2d {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("Conv2d", input, |x| {
            let weight = self.weight.on(x.tape())?;
            let bias = self.bias.as_ref().map(|bias| bias.on(x.tape())).transpose()?;
            let channels = (x.shape().rank() == 4).then(|| x.shape()[1]);
            x.conv2d(&weight, bias.as_ref(), &self.options)
                .map_err(|error| self.advise(error, channels))
        })
    }
}
