//! The geometry of two-dimensional pooling.

use super::{PadMode, Window, WindowAxis, by, checked_len, image_axes};
use crate::{Error, Result, Shape};

/// What a two-dimensional pooling is: window, stride, padding. Pairs are `[height, width]`.
///
/// The defaults are MindSpore's: window 1, stride 1, no padding, padding counted.
///
/// ```
/// use tensor::Pool2dOptions;
/// let halve = Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Default::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pool2dOptions {
    /// Rows and columns of the window.
    pub kernel: [usize; 2],
    /// Pixels from one window to the next.
    pub stride: [usize; 2],
    /// How the border is treated. Padding is -∞ for the maximum and 0 for the average.
    pub pad_mode: PadMode,
    /// Whether an average under [`PadMode::Pad`] divides by the whole window, padding included;
    /// [`PadMode::Same`] never counts padding. The maximum ignores this.
    pub count_include_pad: bool,
}

impl Default for Pool2dOptions {
    fn default() -> Self {
        let pad_mode = PadMode::Valid;
        Pool2dOptions { kernel: [1; 2], stride: [1; 2], pad_mode, count_include_pad: true }
    }
}

/// The sizes of one two-dimensional pooling, checked: `[N, C, H, W]` to `[N, C, OH, OW]`.
///
/// ```
/// use tensor::{Pool2dGeometry, Pool2dOptions, Shape};
/// let options = Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Default::default() };
/// let geometry = Pool2dGeometry::new("max_pool2d", &Shape::from([32, 6, 28, 28]), &options)?;
/// assert_eq!(geometry.output_shape(), Shape::from([32, 6, 14, 14]));
/// # Ok::<(), tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pool2dGeometry {
    batch: usize,
    channels: usize,
    height: WindowAxis,
    width: WindowAxis,
    counts_padding: bool,
}

impl Pool2dGeometry {
    /// The geometry of pooling `input` `[N, C, H, W]`; `op` is the operation's name in errors.
    ///
    /// `N` may be 0; every other size is at least 1.
    ///
    /// # Errors
    /// - [`Error::Argument`]: a window or stride of 0; padding as large as the window (a window
    ///   could then lie outside the image).
    /// - [`Error::Shape`]: an input without four axes or with an empty axis other than the
    ///   batch; a window larger than the padded image; sizes that overflow; a plane of more
    ///   pixels than a `u32` can number.
    pub fn new(op: &'static str, input: &Shape, options: &Pool2dOptions) -> Result<Self> {
        Self::check(op, input, options).map_err(|error| match &error {
            Error::Shape { operands, .. } if operands.is_empty() => error.operand("input", input),
            _ => error,
        })
    }

    fn check(op: &'static str, input: &Shape, options: &Pool2dOptions) -> Result<Self> {
        let [batch, channels, rows, columns] = image_axes(op, input)?;
        let Pool2dOptions { kernel, stride, pad_mode, count_include_pad } = *options;
        let window = Window { op, kernel, stride, dilation: [1; 2], pad_mode };
        let [height, width] = window.over([rows, columns])?;
        let outside = |axis: &WindowAxis| axis.pad_before.max(axis.pad_after) >= axis.kernel;
        if outside(&height) || outside(&width) {
            let found = match pad_mode {
                PadMode::Pad(pads) => format!("{pads:?}"),
                other => format!("{other:?}"),
            };
            let expected = format!("less than the window {} on every side", by(kernel));
            return Err(Error::argument(op, "padding", found, expected)
                .hint("a window in the padding alone would have no pixel to pool"));
        }
        checked_len(op, "an input", input)?;
        checked_len(op, "an output", &[batch, channels, height.output, width.output])?;
        if u32::try_from(rows * columns).is_err() {
            let detail =
                format!("a plane of {} has more than 2^32 - 1 pixels", by([rows, columns]));
            return Err(Error::shape(op, detail).hint("cut the images into smaller ones"));
        }
        let counts_padding = count_include_pad && matches!(pad_mode, PadMode::Pad(_));
        Ok(Pool2dGeometry { batch, channels, height, width, counts_padding })
    }

    /// Images in the batch, `N`.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Channels, `C`.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The window along the rows: sizes, stride and the padding it came to.
    pub fn height(&self) -> &WindowAxis {
        &self.height
    }

    /// The window along the columns.
    pub fn width(&self) -> &WindowAxis {
        &self.width
    }

    /// The shape `[N, C, H, W]`.
    pub fn input_shape(&self) -> Shape {
        [self.batch, self.channels, self.height.input, self.width.input].into()
    }

    /// The shape `[N, C, OH, OW]`.
    pub fn output_shape(&self) -> Shape {
        [self.batch, self.channels, self.height.output, self.width.output].into()
    }

    /// Pixels of a window, those on padding included.
    pub fn window(&self) -> usize {
        self.height.kernel * self.width.kernel
    }

    /// Whether an average divides by the whole window where it overlaps the padding.
    pub fn counts_padding(&self) -> bool {
        self.counts_padding
    }

    /// Whether the windows are 2x2 tiles: the case with kernels of its own.
    pub(crate) fn is_halving(&self) -> bool {
        self.height.tiles(2) && self.width.tiles(2)
    }
}
