//! The gradient of the input.

use super::{Sizes, runs};
use crate::kernels::gemm::patches::{Axis, Patches};
use crate::kernels::gemm::{self, Mat, MatMut, Source, Start};
use crate::kernels::isa::Isa;
use crate::{Conv2dGeometry, WindowAxis};
use std::ops::Range;

/// The pixels of the input along one axis that have the same place modulo the stride, and the
/// taps that meet them.
#[derive(Clone, Copy, Debug)]
struct Phase {
    first_pixel: usize,
    pixels: usize,
    first_tap: usize,
    taps: usize,
    /// From one of these taps to the next, in taps.
    period: usize,
    /// Over dy; of no meaning without taps.
    axis: Option<Axis>,
}

impl Phase {
    fn of(axis: &WindowAxis, phase: usize) -> Self {
        let (stride, dilation, pad) = (axis.stride, axis.dilation, axis.pad_before);
        // The pixel `phase + q · stride - pad` meets tap `t` of output `q - t · dilation / stride`
        // where `t · dilation` leaves the rest `phase`.
        let skipped = pad.saturating_sub(phase).div_ceil(stride);
        let first_pixel = phase + skipped * stride - pad;
        let pixels = axis.input.saturating_sub(first_pixel).div_ceil(stride);
        let meets = |&tap: &usize| tap * dilation % stride == phase;
        let mut all = (0..axis.kernel).filter(meets);
        let (first_tap, second_tap) = (all.next(), all.next());
        let (Some(first_tap), true) = (first_tap, pixels > 0) else {
            let none = Phase { first_pixel, pixels, first_tap: 0, taps: 0, period: 1, axis: None };
            return none;
        };
        let period = second_tap.map_or(axis.kernel, |second| second - first_tap);
        let taps = (axis.kernel - first_tap).div_ceil(period);
        let last = first_tap + (taps - 1) * period;
        // The taps are taken from the last to the first, so that they walk along dy.
        let origin = skipped as isize - (last * dilation / stride) as isize;
        let window = Axis::new([axis.output, pixels, taps], 1, period * dilation / stride, origin);
        Phase { first_pixel, pixels, first_tap, taps, period, axis: Some(window) }
    }

    /// The tap that is `i`-th from the last.
    fn tap(&self, i: usize) -> usize {
        self.first_tap + (self.taps - 1 - i) * self.period
    }
}

/// All pairs of phases along height and width.
fn phases(g: &Conv2dGeometry) -> impl Iterator<Item = [Phase; 2]> {
    let (height, width) = (g.height(), g.width());
    (0..height.stride).flat_map(move |y| {
        (0..width.stride).map(move |x| [Phase::of(height, y), Phase::of(width, x)])
    })
}

/// The weight as [`backward_input`] wants it: for each group and phase the matrix
/// `[C/g, O/g · taps]`, with the taps from the last to the first. As many numbers as the weight.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn flip(g: &Conv2dGeometry, w: &[f32], flipped: &mut [f32]) {
    let s = Sizes::of(g);
    assert_eq!([w.len(), flipped.len()], [g.out_channels() * s.patch(); 2], "the weight");
    let group = s.outputs * s.patch();
    for (w, flipped) in w.chunks_exact(group).zip(flipped.chunks_exact_mut(group)) {
        let mut to = flipped.iter_mut();
        for [high, wide] in phases(g) {
            for c in 0..s.inputs {
                for o in 0..s.outputs {
                    let w = &w[(o * s.inputs + c) * s.taps..][..s.taps];
                    for y in 0..high.taps {
                        let row = &w[high.tap(y) * g.width().kernel..];
                        for (x, to) in (0..wide.taps).zip(&mut to) {
                            *to = row[wide.tap(x)];
                        }
                    }
                }
            }
        }
        // Taps that meet no pixel are in no phase's matrix.
        to.for_each(|to| *to = 0.0);
    }
}

/// Numbers of scratch memory that [`backward_input`] needs: for patches, for a phase's gradient,
/// and for the product.
fn scratch_lens(g: &Conv2dGeometry) -> [usize; 3] {
    let s = Sizes::of(g);
    if g.is_pointwise() {
        return [0, 0, gemm::scratch_len([s.inputs, s.outputs, s.pixels])];
    }
    let mut lens = [0; 3];
    for [high, wide] in phases(g) {
        let (Some(y), Some(x)) = (high.axis, wide.axis) else { continue };
        let pixels = high.pixels * wide.pixels;
        let product = [s.inputs, s.outputs * high.taps * wide.taps, pixels];
        let all = [Patches::scratch_len([y, x], s.outputs), s.inputs * pixels];
        let all = [all[0], all[1], gemm::scratch_len(product)];
        lens = std::array::from_fn(|i| lens[i].max(all[i]));
    }
    lens
}

/// Numbers of scratch memory that [`backward_input`] needs.
pub fn backward_input_scratch_len(g: &Conv2dGeometry) -> usize {
    scratch_lens(g).iter().sum()
}

/// dx := the gradient of the input, for the channels `range`, counted over all images: `dx` holds
/// these alone. `w` is the weight, or after [`flip`] where a window is more than one pixel or has
/// a stride.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn backward_input(
    isa: Isa,
    g: &Conv2dGeometry,
    w: &[f32],
    dy: &[f32],
    range: Range<usize>,
    dx: &mut [f32],
    scratch: &mut [f32],
) {
    let s = Sizes::of(g);
    assert_eq!(w.len(), g.out_channels() * s.patch(), "the weight");
    assert_eq!(dy.len(), g.batch() * g.out_channels() * s.pixels, "the output");
    assert_eq!(dx.len(), range.len() * s.image, "the channels of the input");
    let mut rest = dx;
    for (image, inputs) in runs(range, g.in_channels(), s.inputs) {
        let dx;
        (dx, rest) = rest.split_at_mut(inputs.len() * s.image);
        let group = inputs.start / s.inputs;
        let dy = &dy[(image * g.out_channels() + group * s.outputs) * s.pixels..];
        let dy = &dy[..s.outputs * s.pixels];
        let w = &w[group * s.outputs * s.patch()..][..s.outputs * s.patch()];
        let inputs = inputs.start - group * s.inputs..inputs.end - group * s.inputs;
        if g.is_pointwise() {
            let sizes = [inputs.len(), s.outputs, s.pixels];
            let w = Source::Mat(Mat::new(w, s.outputs, s.inputs).t().rows(inputs.clone()));
            let dy = Source::Mat(Mat::new(dy, s.outputs, s.pixels));
            let dx = MatMut::new(dx, inputs.len(), s.image);
            gemm::product_of_sources(isa, sizes, w, dy, Start::Scaled(0.0), dx, scratch);
        } else {
            backward_phases(isa, g, w, dy, inputs, dx, scratch);
        }
    }
}

/// [`backward_input`] for some channels of one group of one image.
fn backward_phases(
    isa: Isa,
    g: &Conv2dGeometry,
    w: &[f32],
    dy: &[f32],
    inputs: Range<usize>,
    dx: &mut [f32],
    scratch: &mut [f32],
) {
    let s = Sizes::of(g);
    let [planes_len, gradient_len, _] = scratch_lens(g);
    let (planes, scratch) = scratch.split_at_mut(planes_len);
    let (gradient, scratch) = scratch.split_at_mut(gradient_len);
    let strides = [g.height().stride, g.width().stride];
    let mut weights = w;
    for [high, wide] in phases(g) {
        let (Some(y), Some(x)) = (high.axis, wide.axis) else {
            scatter(None, [&high, &wide], strides, g, dx);
            continue;
        };
        let sums = s.outputs * high.taps * wide.taps;
        let w;
        (w, weights) = weights.split_at(s.inputs * sums);
        let w = Source::Mat(Mat::new(w, s.inputs, sums).rows(inputs.clone()));
        let planes = &mut planes[..Patches::scratch_len([y, x], s.outputs)];
        let patches = Source::Patches(Patches::new(isa, [y, x], dy, planes));
        let pixels = high.pixels * wide.pixels;
        let sizes = [inputs.len(), sums, pixels];
        let start = Start::Scaled(0.0);
        if strides == [1, 1] {
            let dx = MatMut::new(&mut *dx, inputs.len(), s.image);
            gemm::product_of_sources(isa, sizes, w, patches, start, dx, scratch);
        } else {
            let gradient = &mut gradient[..inputs.len() * pixels];
            let to = MatMut::new(&mut *gradient, inputs.len(), pixels);
            gemm::product_of_sources(isa, sizes, w, patches, start, to, scratch);
            scatter(Some(gradient), [&high, &wide], strides, g, dx);
        }
    }
}

/// Writes a phase's pixels, or zeros, to where they belong.
fn scatter(
    gradient: Option<&[f32]>,
    [high, wide]: [&Phase; 2],
    [stride_y, stride_x]: [usize; 2],
    g: &Conv2dGeometry,
    dx: &mut [f32],
) {
    let (height, width) = (g.height().input, g.width().input);
    let mut rows = gradient.unwrap_or(&[]).chunks_exact(wide.pixels.max(1));
    for dx in dx.chunks_exact_mut(height * width) {
        for y in 0..high.pixels {
            let start = (high.first_pixel + y * stride_y) * width + wide.first_pixel;
            let to = dx.iter_mut().skip(start).step_by(stride_x).take(wide.pixels);
            match rows.next() {
                Some(row) => to.zip(row).for_each(|(to, &from)| *to = from),
                None => to.for_each(|to| *to = 0.0),
            }
        }
    }
}
