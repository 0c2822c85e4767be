//! Maximum and average pooling and their gradients in the lanes layout.
//!
//! Shapes: x, dx `[⌈N/16⌉, C, H, W, 16]`; y, dy, argmax `[⌈N/16⌉, C, OH, OW, 16]`. The rules (ties,
//! NaN, padding) are those of [`kernels::pool2d`](crate::kernels).

mod average;
mod max;

use super::{LANES, padded_len};
use crate::kernels::isa::Isa;
use crate::kernels::vector::dispatch;
use crate::{Pool2dGeometry, Shape};
use average::{AverageBackward, AverageForward};
use max::{MaxBackward, MaxForward};
use std::ops::Range;

/// Stands for "no pixel" among the indices: the maximum was not positive, and relu made it 0.
const NOWHERE: u8 = u8::MAX;

/// Whether a byte can number the pixels of a window: the condition for [`max_forward`].
pub fn max_fits(g: &Pool2dGeometry) -> bool {
    g.height().kernel * g.width().kernel <= usize::from(NOWHERE)
}

/// y := the maximum of each window; argmax := where in the window it was, for [`max_backward`].
///
/// Of equal maxima the first in row-major order counts; a NaN wins (the last, where there are
/// several); padding is -∞. With `relu`, y := max(0, that), which equals pooling max(0, x); then
/// [`max_backward`] passes no gradient where y is 0.
///
/// ```
/// use tensor::kernels::{isa::isa, lanes::{LANES, pool2d}};
/// use tensor::{Pool2dGeometry, Pool2dOptions, Shape};
/// let options = Pool2dOptions { kernel: [1, 2], stride: [1, 2], ..Default::default() };
/// let g = Pool2dGeometry::new("max_pool2d", &Shape::from([16, 1, 1, 4]), &options)?;
/// let x: Vec<f32> = [3.0, 5.0, -1.0, -2.0].iter().flat_map(|&x| [x; LANES]).collect();
/// let (mut y, mut argmax) = ([f32::NAN; 2 * LANES], [0; 2 * LANES]);
/// pool2d::max_forward(isa(), &g, &x, true, &mut y, &mut argmax);
/// assert_eq!((y[0], y[LANES]), (5.0, 0.0));
/// let mut dx = [f32::NAN; 4 * LANES];
/// pool2d::max_backward(isa(), &g, &argmax, &[1.0; 2 * LANES], &mut dx);
/// assert_eq!([dx[0], dx[LANES], dx[2 * LANES], dx[3 * LANES]], [0.0, 1.0, 0.0, 0.0]);
/// # Ok::<(), tensor::Error>(())
/// ```
///
/// # Panics
/// Where a slice does not have the length that the geometry gives, or a window is larger than
/// [`max_fits`] allows.
pub fn max_forward(
    isa: Isa,
    g: &Pool2dGeometry,
    x: &[f32],
    relu: bool,
    y: &mut [f32],
    argmax: &mut [u8],
) {
    let planes = assert_lengths(g, x.len(), y.len());
    assert_eq!(argmax.len(), y.len(), "the indices");
    assert!(max_fits(g), "a window of more pixels than a byte can number");
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, MaxForward { g, planes, x, relu, y, argmax }) };
}

/// dx := dy at the pixel that was each window's maximum, summed where windows share it; 0
/// elsewhere.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn max_backward(isa: Isa, g: &Pool2dGeometry, argmax: &[u8], dy: &[f32], dx: &mut [f32]) {
    let planes = assert_lengths(g, dx.len(), dy.len());
    assert_eq!(argmax.len(), dy.len(), "the indices");
    assert!(max_fits(g), "a window of more pixels than a byte can number");
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, MaxBackward { g, planes, argmax, dy, dx }) };
}

/// y := the mean of each window.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn average_forward(isa: Isa, g: &Pool2dGeometry, x: &[f32], y: &mut [f32]) {
    let planes = assert_lengths(g, x.len(), y.len());
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, AverageForward { g, planes, x, y }) };
}

/// dx := each window's dy, divided as in [`average_forward`], spread over its pixels.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn average_backward(isa: Isa, g: &Pool2dGeometry, dy: &[f32], dx: &mut [f32]) {
    let planes = assert_lengths(g, dx.len(), dy.len());
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, AverageBackward { g, planes, dy, dx }) };
}

/// The number of planes, after checking lengths.
fn assert_lengths(g: &Pool2dGeometry, x: usize, y: usize) -> usize {
    let len = |shape: &Shape| padded_len(shape[0], shape[1..].iter().product());
    assert_eq!(x, len(&g.input_shape()), "the input");
    assert_eq!(y, len(&g.output_shape()), "the output");
    g.batch().div_ceil(LANES) * g.channels()
}

/// One window: its output, the pixels that it covers, and the rows and columns of the window that
/// lie on the padding before the first of them.
struct Window {
    output: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    skipped: [usize; 2],
}

/// Every window of a plane, row by row.
#[inline(always)]
fn window(g: &Pool2dGeometry, output: usize) -> Window {
    let (height, width) = (g.height(), g.width());
    let [row, column] = [output / width.output, output % width.output];
    Window {
        output,
        rows: height.covered(row),
        columns: width.covered(column),
        skipped: [
            height.pad_before.saturating_sub(row * height.stride),
            width.pad_before.saturating_sub(column * width.stride),
        ],
    }
}

impl Window {
    /// Where the pixel stands in the window, row-major, padding included.
    #[inline(always)]
    fn index(&self, g: &Pool2dGeometry, row: usize, column: usize) -> f32 {
        let row = row - self.rows.start + self.skipped[0];
        let column = column - self.columns.start + self.skipped[1];
        (row * g.width().kernel + column) as f32
    }

    /// What the window's sum is divided by.
    #[inline(always)]
    fn divisor(&self, g: &Pool2dGeometry) -> f32 {
        let whole = g.height().kernel * g.width().kernel;
        let covered = self.rows.len() * self.columns.len();
        (if g.counts_padding() { whole } else { covered }) as f32
    }
}

fn output_plane(g: &Pool2dGeometry) -> usize {
    g.height().output * g.width().output
}

fn input_plane(g: &Pool2dGeometry) -> usize {
    g.height().input * g.width().input
}

/// Calls `$body` for each plane, tile and part of the lanes of a pooling by 2x2 tiles; `$x` is
/// the offset of the tile's first pixel, `$y` of its output.
macro_rules! each_tile {
    ($V:ty, $g:expr, $planes:expr, |$x:ident, $y:ident| $body:expr) => {{
        let (rows, columns) = ($g.height().output, $g.width().output);
        for plane in 0..$planes {
            for row in 0..rows {
                let x = plane * input_plane($g) + 2 * row * $g.width().input;
                let y = (plane * rows + row) * columns;
                for column in 0..columns {
                    let mut lane = 0;
                    while lane < LANES {
                        let $x = (x + 2 * column) * LANES + lane;
                        let $y = (y + column) * LANES + lane;
                        $body
                        lane += <$V>::LEN;
                    }
                }
            }
        }
    }};
}

use each_tile;

/// Clears the last odd row and column, which belong to no tile.
fn clear_rest(g: &Pool2dGeometry, planes: usize, dx: &mut [f32]) {
    let [rows, columns] = [g.height().input, g.width().input];
    let plane = rows * columns * LANES;
    if rows % 2 + columns % 2 == 0 || plane == 0 {
        return;
    }
    for dx in dx.chunks_exact_mut(plane).take(planes) {
        if rows % 2 == 1 {
            dx[(rows - 1) * columns * LANES..].fill(0.0);
        }
        if columns % 2 == 1 {
            for row in dx.chunks_exact_mut(columns * LANES) {
                row[(columns - 1) * LANES..].fill(0.0);
            }
        }
    }
}
