//! The sums down the columns at one point of the rows: a convolution with one column of taps, for
//! which the tiles of all rows are one line.

use super::super::conv2d_weight::{Correlate, WeightGradient};
use super::super::gather::{Gather, most_channels};
use super::super::runs::Direction;
use super::sizes::Sizes;
use crate::WindowAxis;
use crate::kernels::vector::{Kernel, Vector};

/// An axis with one window.
const POINT: WindowAxis = WindowAxis {
    input: 1,
    kernel: 1,
    stride: 1,
    dilation: 1,
    pad_before: 0,
    pad_after: 0,
    output: 1,
};

/// The output's lines from the image's, or the other way round.
///
/// # Safety
/// As [`Vector`]; the pointers are to the lines at one point, and to the weight's columns there.
#[inline(always)]
pub(super) unsafe fn sums<V: Vector>(
    s: &Sizes,
    direction: Direction,
    from: *const f32,
    weight: *const f32,
    to: *mut f32,
) {
    let gather = Gather::new(direction, [s.inputs, s.outputs], &POINT, &s.line, false);
    // SAFETY: passed on.
    unsafe { gather.run::<V>(most_channels::<V>(&gather), from, weight, None, to) };
}

/// The gradient of the weight's columns, set or added to what is there; `sum` is as long.
///
/// # Safety
/// As [`sums`].
#[inline(always)]
pub(super) unsafe fn weight_gradient<V: Vector>(
    s: &Sizes,
    x: &[f32],
    dy: &[f32],
    gradient: &mut [f32],
    sum: &mut [f32],
    first: bool,
) {
    let sizes = Correlate::line(&POINT, &s.line, [s.inputs, s.outputs]);
    let dw = if first { &mut *gradient } else { &mut *sum };
    // SAFETY: passed on.
    unsafe { WeightGradient { sizes, x, dy, dw, db: None }.run::<V>() };
    if !first {
        for (total, &sum) in gradient.iter_mut().zip(&*sum) {
            *total += sum;
        }
    }
}
