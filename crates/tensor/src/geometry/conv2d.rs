//! The geometry of a two-dimensional convolution.

use super::{PadMode, Window, WindowAxis, checked_len, image_axes};
use crate::kernels::lanes::winograd;
use crate::kernels::{gemm, rows, winograd::Pass};
use crate::{Error, Result, Shape};

const OP: &str = "conv2d";

/// How a convolution is computed. The algorithms agree up to rounding; each gives the same bits
/// for any number of threads. f64 is always computed by [`Conv2dAlgorithm::Gemm`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Conv2dAlgorithm {
    /// Whichever was measured to be fastest for the sizes.
    #[default]
    Auto,
    /// A matrix product with the image's patches: any sizes, single images.
    Gemm,
    /// Sums of products along the rows of an image: few images, and large layers, with stride 1.
    Rows,
    /// Sums of products over sixteen interleaved images: batches of small images.
    Lanes,
    /// The same by Winograd's minimal filtering: kernels of 3, 5 or 7 columns with stride 1, whose
    /// columns are not dilated. Along the rows it needs 1.7 to 2.8 times fewer multiplications, with
    /// an error of up to 3e-6 of the largest output (5e-6 for 7 columns), and 6e-6 of the largest
    /// gradient of the weight. Layers of square kernels between more than a few channels are cut in
    /// both directions: up to 4 times fewer multiplications for 3×3, with an error of up to 3e-6; for
    /// 5×5 and 7×7 the gradients alone, up to 7.7 times fewer, with an error of up to 1.2e-5 of the
    /// largest gradient of the input and 3e-5 of that of the weight. [`Conv2dAlgorithm::Lanes`] has a
    /// tenth of these errors; [`Conv2dAlgorithm::Auto`] chooses this where it is faster.
    LanesWinograd,
    /// Winograd's minimal filtering, F(4×4, 3×3), with a quarter of the multiplications: 3×3
    /// kernels with stride 1 and dilation 1. Its error is about 2e-6 of the largest
    /// output (and of the largest gradient), several times that of the others, because large
    /// terms cancel; [`Conv2dAlgorithm::Auto`] chooses it for large layers.
    Winograd,
}

/// What a two-dimensional convolution is besides its weight: stride, padding, dilation, groups,
/// and how it is to be computed.
///
/// Pairs are `[height, width]`. The defaults are stride 1, no padding, dilation 1, one group and
/// the fastest algorithm.
///
/// ```
/// use tensor::{Conv2dOptions, PadMode};
/// let options = Conv2dOptions::default().stride([2, 2]).pad_mode(PadMode::Same);
/// assert_eq!(options.groups, 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conv2dOptions {
    /// Pixels from one window to the next.
    pub stride: [usize; 2],
    /// How the border is treated.
    pub pad_mode: PadMode,
    /// Pixels from one tap of the kernel to the next.
    pub dilation: [usize; 2],
    /// Into how many independent convolutions the channels are split.
    pub groups: usize,
    /// How it is computed.
    pub algorithm: Conv2dAlgorithm,
}

impl Default for Conv2dOptions {
    fn default() -> Self {
        Conv2dOptions {
            stride: [1; 2],
            pad_mode: PadMode::Valid,
            dilation: [1; 2],
            groups: 1,
            algorithm: Conv2dAlgorithm::Auto,
        }
    }
}

impl Conv2dOptions {
    /// Sets the pixels from one window to the next, `[height, width]`.
    #[must_use]
    pub fn stride(self, stride: [usize; 2]) -> Self {
        Conv2dOptions { stride, ..self }
    }

    /// Sets how the border is treated.
    #[must_use]
    pub fn pad_mode(self, pad_mode: PadMode) -> Self {
        Conv2dOptions { pad_mode, ..self }
    }

    /// Sets the pixels from one tap of the kernel to the next, `[height, width]`.
    #[must_use]
    pub fn dilation(self, dilation: [usize; 2]) -> Self {
        Conv2dOptions { dilation, ..self }
    }

    /// Sets into how many independent convolutions the channels are split.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Conv2dOptions { groups, ..self }
    }

    /// Sets how the convolution is computed: to compare algorithms, or to refuse one.
    #[must_use]
    pub fn algorithm(self, algorithm: Conv2dAlgorithm) -> Self {
        Conv2dOptions { algorithm, ..self }
    }
}

/// The sizes of one two-dimensional convolution, checked against each other.
///
/// With `g` groups the input is `[N, C, H, W]`, the weight `[O, C/g, KH, KW]` and the output
/// `[N, O, OH, OW]`, as in MindSpore and PyTorch.
///
/// ```
/// use tensor::{Conv2dGeometry, Conv2dOptions, Shape};
/// // LeNet-5's first convolution.
/// let (input, weight) = (Shape::from([32, 1, 32, 32]), Shape::from([6, 1, 5, 5]));
/// let geometry = Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default())?;
/// assert_eq!(geometry.output_shape(), Shape::from([32, 6, 28, 28]));
/// assert_eq!(geometry.multiply_adds(), 32 * 6 * 28 * 28 * 25);
/// # Ok::<(), tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conv2dGeometry {
    batch: usize,
    in_channels: usize,
    out_channels: usize,
    groups: usize,
    height: WindowAxis,
    width: WindowAxis,
    multiply_adds: u64,
    scratch_len: usize,
    algorithm: Conv2dAlgorithm,
}

impl Conv2dGeometry {
    /// The geometry of `input` `[N, C, H, W]` under `weight` `[O, C/groups, KH, KW]`.
    ///
    /// `N` may be 0; every other size is at least 1.
    ///
    /// # Errors
    /// - [`Error::Argument`]: a stride, dilation or number of groups of 0; an algorithm that does
    ///   not compute this convolution.
    /// - [`Error::Shape`]: an operand without four axes or with an empty axis other than the
    ///   batch; channels that do not match or cannot be split into the groups; a kernel that
    ///   covers more than the padded image; sizes that overflow.
    pub fn new(input: &Shape, weight: &Shape, options: &Conv2dOptions) -> Result<Self> {
        Self::check(input, weight, options).map_err(|error| match error {
            Error::Shape { op, detail, operands, hint } if operands.is_empty() => {
                let operands = vec![("input", input.clone()), ("weight", weight.clone())];
                Error::Shape { op, detail, operands, hint }
            }
            other => other,
        })
    }

    fn check(input: &Shape, weight: &Shape, options: &Conv2dOptions) -> Result<Self> {
        let [batch, in_channels, rows, columns] =
            image_axes(OP, input).map_err(|error| error.operand("weight", weight))?;
        let [out_channels, group_channels, kernel_rows, kernel_columns] = weight_axes(weight)?;
        let groups = options.groups;
        check_groups(groups, in_channels, out_channels)?;
        if in_channels / groups != group_channels {
            let expects = group_channels.saturating_mul(groups);
            let each = match groups {
                1 => String::new(),
                _ => format!(" ({groups} groups of {group_channels})"),
            };
            let detail =
                format!("input has {in_channels} channels, weight expects {expects}{each}");
            return Err(Error::shape(OP, detail));
        }
        let window = Window {
            op: OP,
            kernel: [kernel_rows, kernel_columns],
            stride: options.stride,
            dilation: options.dilation,
            pad_mode: options.pad_mode,
        };
        let [height, width] = window.over([rows, columns])?;

        checked_len(OP, "an input", input)?;
        checked_len(OP, "a weight", weight)?;
        let pixels = checked_len(OP, "an output plane", &[height.output, width.output])?;
        let outputs = checked_len(OP, "an output", &[batch, out_channels, pixels])?;
        let patch = checked_len(OP, "a patch", &weight[1..])?;
        let patches = checked_len(OP, "a matrix of patches", &[patch, pixels])?;
        let Some(multiply_adds) = (outputs as u64).checked_mul(patch as u64) else {
            let detail = format!("{outputs} outputs of {patch} multiplications each overflow");
            return Err(Error::shape(OP, detail).hint(super::SMALLER));
        };
        let geometry = Conv2dGeometry {
            batch,
            in_channels,
            out_channels,
            groups,
            height,
            width,
            multiply_adds,
            scratch_len: patches,
            algorithm: options.algorithm,
        };
        if options.algorithm == Conv2dAlgorithm::Winograd && !Pass::applies(&geometry) {
            let expected = "another one: it needs a 3x3 kernel with stride 1 and dilation 1";
            return Err(Error::argument(OP, "algorithm", "Winograd", expected));
        }
        if options.algorithm == Conv2dAlgorithm::LanesWinograd && !winograd::applies(&geometry) {
            let expected = "another one: it needs a kernel of 3, 5 or 7 columns, a stride of 1 and \
                            no dilation of the columns";
            return Err(Error::argument(OP, "algorithm", "LanesWinograd", expected));
        }
        if options.algorithm == Conv2dAlgorithm::Rows && !rows::conv2d::fits(&geometry) {
            let expected = "another one: it needs a stride of 1";
            return Err(Error::argument(OP, "algorithm", "Rows", expected));
        }
        let columns = if geometry.is_pointwise() { 0 } else { patches };
        let group_outputs = out_channels / groups;
        let products = [
            [group_outputs, patch, pixels],
            [group_outputs, pixels, patch],
            [patch, group_outputs, pixels],
        ];
        let scratch_len = columns + products.map(gemm::scratch_len).into_iter().max().unwrap_or(0);
        Ok(Conv2dGeometry { scratch_len, ..geometry })
    }

    /// Images in the batch, `N`.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Channels of the input, `C`.
    pub fn in_channels(&self) -> usize {
        self.in_channels
    }

    /// Channels of the output, `O`.
    pub fn out_channels(&self) -> usize {
        self.out_channels
    }

    /// Independent convolutions that the channels are split into.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The window along the rows: sizes, stride, dilation and the padding it came to.
    pub fn height(&self) -> &WindowAxis {
        &self.height
    }

    /// The window along the columns.
    pub fn width(&self) -> &WindowAxis {
        &self.width
    }

    /// How the options ask for it to be computed.
    pub fn algorithm(&self) -> Conv2dAlgorithm {
        self.algorithm
    }

    /// The shape `[N, C, H, W]`.
    pub fn input_shape(&self) -> Shape {
        [self.batch, self.in_channels, self.height.input, self.width.input].into()
    }

    /// The shape `[O, C/groups, KH, KW]`.
    pub fn weight_shape(&self) -> Shape {
        let group_channels = self.in_channels / self.groups;
        [self.out_channels, group_channels, self.height.kernel, self.width.kernel].into()
    }

    /// The shape `[N, O, OH, OW]`.
    pub fn output_shape(&self) -> Shape {
        [self.batch, self.out_channels, self.height.output, self.width.output].into()
    }

    /// Multiplications of one forward pass, padding included:
    /// `N · O · OH · OW · C/groups · KH · KW`. Each gradient costs as many.
    pub fn multiply_adds(&self) -> u64 {
        self.multiply_adds
    }

    /// Numbers of scratch memory that the kernels of
    /// [`kernels::conv2d`](crate::kernels::conv2d) need.
    pub fn scratch_len(&self) -> usize {
        self.scratch_len
    }

    /// Whether every window is one pixel and every pixel has one: then the image itself is the
    /// matrix of patches.
    pub(crate) fn is_pointwise(&self) -> bool {
        self.height.tiles(1) && self.width.tiles(1)
    }
}

/// `[O, C/groups, KH, KW]`, all at least 1.
fn weight_axes(weight: &Shape) -> Result<[usize; 4]> {
    let axes = "[out channels, in channels / groups, kernel height, kernel width]";
    let &[out, group, rows, columns] = &weight[..] else {
        let axis = if weight.rank() == 1 { "axis" } else { "axes" };
        let detail = format!("weight has {} {axis}, expected 4 axes {axes}", weight.rank());
        return Err(Error::shape(OP, detail));
    };
    let names = ["out channels", "in channels / groups", "kernel height", "kernel width"];
    match names.iter().zip(&weight[..]).find(|&(_, &size)| size == 0) {
        Some((name, _)) => {
            Err(Error::shape(OP, format!("weight has {name} 0, expected at least 1 ({axes})")))
        }
        None => Ok([out, group, rows, columns]),
    }
}

fn check_groups(groups: usize, in_channels: usize, out_channels: usize) -> Result<()> {
    if groups == 0 {
        return Err(Error::argument(OP, "groups", 0, "at least 1"));
    }
    for (side, channels) in [("input", in_channels), ("output", out_channels)] {
        if !channels.is_multiple_of(groups) {
            let detail = format!("{channels} {side} channels cannot be split into {groups} groups");
            return Err(Error::shape(OP, detail).hint("groups divides both channel counts"));
        }
    }
    Ok(())
}
