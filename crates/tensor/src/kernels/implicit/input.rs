//! The gradient of the input.

use super::correlate::{Panels, correlate, height, lines_at_once, pitch};
use super::planes::{Axis, Planes};
use super::spread::{Rows, Strip, collect, interleave, scatter};
use super::{Sizes, runs};
use crate::kernels::gemm::{self, Mat, MatMut, Start};
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

/// The phases along an axis, their windows all on one copy of dy; none where no tap meets a pixel.
fn phases(axis: &WindowAxis) -> impl Iterator<Item = Phase> + Clone {
    let all = (0..axis.stride).map(|phase| Phase::of(axis, phase));
    let extents = all.clone().filter_map(|phase| Some(phase.axis?.extent()));
    let union = |[a, b]: [isize; 2], [c, d]: [isize; 2]| [a.min(c), b.max(d)];
    let extent = extents.reduce(union).unwrap_or([0; 2]);
    all.map(move |phase| Phase { axis: phase.axis.map(|axis| axis.within(extent)), ..phase })
}

/// A window over the copy of dy that all phases share, if there is one.
fn window(g: &Conv2dGeometry) -> Option<[Axis; 2]> {
    let first = |axis| phases(axis).find_map(|phase| phase.axis);
    Some([first(g.height())?, first(g.width())?])
}

/// Channels of the input whose weights [`flip`] puts beside each other; all of a group where there
/// are several.
pub fn input_panel(isa: Isa, g: &Conv2dGeometry) -> usize {
    let s = Sizes::of(g);
    if g.groups() > 1 { s.inputs } else { height(isa, s.inputs) }
}

/// The weight as [`backward_input`] wants it, of the channels `range` of the input, whole multiples
/// of [`input_panel`] but for the last: for each panel of channels and each phase the matrix
/// `[O/g · taps, channels]`, with the taps from the last to the first. As many numbers as the
/// weight of these channels.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn flip(isa: Isa, g: &Conv2dGeometry, w: &[f32], range: Range<usize>, flipped: &mut [f32]) {
    let (s, height) = {
        let s = Sizes::of(g);
        (s, height(isa, s.inputs))
    };
    let row = s.outputs * s.taps;
    assert_eq!(w.len(), g.out_channels() * s.patch(), "the weight");
    assert_eq!(flipped.len(), range.len() * row, "the flipped weight");
    let mut rest = flipped;
    for (_, channels) in runs(range, g.in_channels(), s.inputs) {
        let group = channels.start / s.inputs;
        let w = &w[group * s.outputs * s.patch()..][..s.outputs * s.patch()];
        let channels = channels.start - group * s.inputs..channels.end - group * s.inputs;
        for first in channels.clone().step_by(height) {
            let count = height.min(channels.end - first);
            let panel;
            (panel, rest) = rest.split_at_mut(count * row);
            flip_panel(g, w, first, count, panel);
        }
    }
}

/// [`flip`] for `count` channels of one group from `first` on.
fn flip_panel(g: &Conv2dGeometry, w: &[f32], first: usize, count: usize, panel: &mut [f32]) {
    let s = Sizes::of(g);
    let mut columns = panel.chunks_exact_mut(count);
    for high in phases(g.height()) {
        for wide in phases(g.width()) {
            for w in w.chunks_exact(s.patch()) {
                let w = &w[first * s.taps..][..count * s.taps];
                for y in 0..high.taps {
                    for x in 0..wide.taps {
                        let Some(column) = columns.next() else { return };
                        let tap = high.tap(y) * g.width().kernel + wide.tap(x);
                        for (to, w) in column.iter_mut().zip(w.chunks_exact(s.taps)) {
                            *to = w[tap];
                        }
                    }
                }
            }
        }
    }
    // Taps that meet no pixel are in no phase's matrix.
    columns.for_each(|column| column.fill(0.0));
}

/// Rows of a phase that are computed at a time.
fn lines_of(s: Sizes, window: [Axis; 2], phase: &Phase) -> usize {
    lines_at_once(s.inputs, phase.pixels, window[1].len())
}

/// Numbers of scratch memory that [`backward_input`] needs: for planes or the product, and for a
/// strip of each phase along the width.
fn scratch_lens(g: &Conv2dGeometry) -> [usize; 2] {
    let s = Sizes::of(g);
    if g.is_pointwise() {
        return [gemm::scratch_len([s.inputs, s.outputs, s.pixels]), 0];
    }
    let Some(window) = window(g) else { return [0; 2] };
    let lines = phases(g.height()).map(|high| lines_of(s, window, &high)).max().unwrap_or(0);
    [Planes::scratch_len(window, s.outputs), s.inputs * pitch(lines, window[1].len())]
}

/// Numbers of scratch memory that [`backward_input`] needs.
pub fn backward_input_scratch_len(g: &Conv2dGeometry) -> usize {
    let [shared, strip] = scratch_lens(g);
    shared + g.width().stride * strip
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
            let w = Mat::new(w, s.outputs, s.inputs).t().rows(inputs.clone());
            let dy = Mat::new(dy, s.outputs, s.pixels);
            let dx = MatMut::new(dx, inputs.len(), s.image);
            gemm::blocked_product(isa, w, dy, Start::Scaled(0.0), dx, scratch);
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
    let Some(window) = window(g) else { return dx.fill(0.0) };
    let [planes_len, strip_len] = scratch_lens(g);
    let (planes, strips) = scratch.split_at_mut(planes_len);
    let planes = Planes::new(isa, window, dy, planes);
    let (height, row) = (height(isa, s.inputs), s.outputs * s.taps);
    let (image, width, [stride_y, stride_x]) =
        (s.image, g.width().input, [g.height().stride, g.width().stride]);
    let (len, mut above) = (window[1].len(), 0);
    for high in phases(g.height()) {
        let at_once = lines_of(s, window, &high).max(1);
        for first in (0..high.pixels).step_by(at_once) {
            let lines = first..high.pixels.min(first + at_once);
            let pitch = pitch(lines.len(), len);
            let mut column = above;
            for (wide, strip) in phases(g.width()).zip(strips.chunks_exact_mut(strip_len)) {
                let (Some(y), Some(x)) = (high.axis, wide.axis) else {
                    strip[..inputs.len() * pitch].fill(0.0);
                    continue;
                };
                let columns = s.outputs * high.taps * wide.taps;
                let weight = Panels { numbers: w, height, row, first: column, columns };
                correlate(isa, [y, x], planes, weight, inputs.clone(), lines.clone(), strip);
                column += columns;
            }
            let mut rows = Rows {
                image: &mut *dx,
                area: image,
                width,
                first: high.first_pixel + first * stride_y,
                step: stride_y,
                count: lines.len(),
            };
            let mut strips = phases(g.width())
                .zip(strips.chunks_exact(strip_len))
                .map(|(wide, numbers)| Strip { numbers, len, pitch, first: wide.first_pixel });
            match (stride_x, strips.next(), strips.next()) {
                (1, Some(strip), _) => collect(isa, rows, strip, None),
                (2, Some(one), Some(other)) => interleave(isa, rows, [one, other]),
                (_, one, other) => one.into_iter().chain(other).chain(strips).for_each(|strip| {
                    scatter(&mut rows, strip, stride_x);
                }),
            }
        }
        above += phases(g.width()).map(|wide| s.outputs * high.taps * wide.taps).sum::<usize>();
    }
}
