//! Two-dimensional maximum and average pooling and their gradients, plane by plane.
//!
//! Shapes: x, dx `[N, C, H, W]`; y, dy, argmax `[N, C, OH, OW]`. Every function overwrites all of
//! its outputs and reads none of their old contents. MindSpore `nn.MaxPool2d`, `nn.AvgPool2d`;
//! PyTorch `nn.functional.max_pool2d`, `avg_pool2d`.

use super::{isa::multiversion, pool2x2};
use crate::{Float, Pool2dGeometry};

multiversion! {
    /// y := the maximum of each window; argmax := its index in the input plane.
    ///
    /// Of equal maxima the first in row-major order counts. Padding is -∞; a NaN in the window
    /// wins (the last one, where there are several). All as in PyTorch.
    ///
    /// # Panics
    /// Where a slice does not have the length that the geometry gives.
    pub fn max_forward<T: Float>(g: &Pool2dGeometry, x: &[T], y: &mut [T], argmax: &mut [u32]) {
        let [input, output] = plane_lengths(g, x.len(), y.len());
        assert_eq!(argmax.len(), y.len(), "the indices");
        let (height, width) = (g.height(), g.width());
        let planes = y.chunks_exact_mut(output).zip(argmax.chunks_exact_mut(output));
        for (x, (y, argmax)) in x.chunks_exact(input).zip(planes) {
            if g.is_halving() {
                pool2x2::max_plane(width.input, x, width.output, y, argmax);
                continue;
            }
            let rows = y.chunks_exact_mut(width.output).zip(argmax.chunks_exact_mut(width.output));
            for (out_row, (y, argmax)) in rows.enumerate() {
                let rows = height.covered(out_row);
                for (out_column, (y, argmax)) in y.iter_mut().zip(argmax).enumerate() {
                    let columns = width.covered(out_column);
                    let first = rows.start * width.input + columns.start;
                    let (mut best, mut at) = (x[first], first);
                    for row in rows.clone() {
                        let start = row * width.input + columns.start;
                        for (i, &value) in x[start..][..columns.len()].iter().enumerate() {
                            // Selects rather than a branch, which would be mispredicted.
                            let wins = beats(value, best);
                            best = if wins { value } else { best };
                            at = if wins { start + i } else { at };
                        }
                    }
                    // The geometry has checked that a u32 numbers every pixel.
                    (*y, *argmax) = (best, at as u32);
                }
            }
        }
    }
}

multiversion! {
    /// dx := dy at the pixel that was each window's maximum, summed where windows share it; 0
    /// elsewhere. `argmax` is what [`max_forward`] wrote.
    ///
    /// # Panics
    /// Where a slice does not have the length that the geometry gives, or an index lies outside
    /// the plane.
    pub fn max_backward<T: Float>(g: &Pool2dGeometry, argmax: &[u32], dy: &[T], dx: &mut [T]) {
        let [input, output] = plane_lengths(g, dx.len(), dy.len());
        assert_eq!(argmax.len(), dy.len(), "the indices");
        let planes = dy.chunks_exact(output).zip(argmax.chunks_exact(output));
        for (dx, (dy, argmax)) in dx.chunks_exact_mut(input).zip(planes) {
            if g.is_halving() {
                pool2x2::max_plane_backward(g.width().input, argmax, g.width().output, dy, dx);
                continue;
            }
            dx.fill(T::ZERO);
            for (&at, &dy) in argmax.iter().zip(dy) {
                dx[at as usize] += dy;
            }
        }
    }
}

multiversion! {
    /// y := the mean of each window.
    ///
    /// Under `Pad` the zeros of the padding count, unless `count_include_pad` is false; under
    /// `Same` only pixels count (MindSpore's rules).
    ///
    /// # Panics
    /// Where a slice does not have the length that the geometry gives.
    pub fn average_forward<T: Float>(g: &Pool2dGeometry, x: &[T], y: &mut [T]) {
        let [input, output] = plane_lengths(g, x.len(), y.len());
        let (height, width) = (g.height(), g.width());
        for (x, y) in x.chunks_exact(input).zip(y.chunks_exact_mut(output)) {
            if g.is_halving() {
                pool2x2::average_plane(width.input, x, width.output, y);
                continue;
            }
            for (out_row, y) in y.chunks_exact_mut(width.output).enumerate() {
                let rows = height.covered(out_row);
                for (out_column, y) in y.iter_mut().enumerate() {
                    let columns = width.covered(out_column);
                    let mut sum = T::ZERO;
                    for row in rows.clone() {
                        for &value in &x[row * width.input..][columns.clone()] {
                            sum += value;
                        }
                    }
                    *y = sum / divisor(g, rows.len(), columns.len());
                }
            }
        }
    }
}

multiversion! {
    /// dx := each window's dy, divided as in [`average_forward`], spread over its pixels.
    ///
    /// # Panics
    /// Where a slice does not have the length that the geometry gives.
    pub fn average_backward<T: Float>(g: &Pool2dGeometry, dy: &[T], dx: &mut [T]) {
        let [input, output] = plane_lengths(g, dx.len(), dy.len());
        let (height, width) = (g.height(), g.width());
        for (dx, dy) in dx.chunks_exact_mut(input).zip(dy.chunks_exact(output)) {
            if g.is_halving() {
                pool2x2::average_plane_backward(width.input, width.output, dy, dx);
                continue;
            }
            dx.fill(T::ZERO);
            for (out_row, dy) in dy.chunks_exact(width.output).enumerate() {
                let rows = height.covered(out_row);
                for (out_column, &dy) in dy.iter().enumerate() {
                    let columns = width.covered(out_column);
                    let share = dy / divisor(g, rows.len(), columns.len());
                    for row in rows.clone() {
                        for dx in &mut dx[row * width.input..][columns.clone()] {
                            *dx += share;
                        }
                    }
                }
            }
        }
    }
}

/// Whether `value` replaces the maximum so far: it is larger, or NaN.
#[inline(always)]
pub(super) fn beats<T: Float>(value: T, best: T) -> bool {
    #[expect(clippy::eq_op, reason = "only NaN differs from itself")]
    let nan = value != value;
    (value > best) | nan
}

/// What the sum of a window that covers this many rows and columns of pixels is divided by.
#[inline(always)]
fn divisor<T: Float>(g: &Pool2dGeometry, rows: usize, columns: usize) -> T {
    let whole = g.height().kernel * g.width().kernel;
    T::from_f64(if g.counts_padding() { whole } else { rows * columns } as f64)
}

/// The lengths of a plane of the input and of the output, after checking the whole.
#[inline(always)]
fn plane_lengths(g: &Pool2dGeometry, x: usize, y: usize) -> [usize; 2] {
    let planes = g.batch() * g.channels();
    let input = g.height().input * g.width().input;
    let output = g.height().output * g.width().output;
    assert_eq!(x, planes * input, "the input");
    assert_eq!(y, planes * output, "the output");
    [input, output]
}
