//! The sums down the columns at one point of the rows: a convolution with one column of taps, for
//! which the tiles of all rows are one line.

use super::super::conv2d_weight::{Correlate, WeightGradient};
use super::super::gather::{self, Gather};
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

/// Channels of the sums' blocks.
pub(super) fn most_channels<V: Vector>(s: &Sizes, direction: Direction) -> usize {
    gather::most_channels::<V>(&gather(s, direction))
}

/// The output's lines from the image's, or the other way round, in blocks of [`most_channels`].
///
/// # Safety
/// As [`Vector`]; the pointers are to the lines at one point, and to the weight's columns there.
#[inline(always)]
pub(super) unsafe fn sums<V: Vector>(
    s: &Sizes,
    direction: Direction,
    most: usize,
    from: *const f32,
    weight: *const f32,
    to: *mut f32,
) {
    // SAFETY: passed on.
    unsafe { gather(s, direction).run::<V>(most, from, weight, None, to) };
}

fn gather(s: &Sizes, direction: Direction) -> Gather<'_> {
    Gather::new(direction, [s.inputs, s.outputs], &POINT, &s.line, false)
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
