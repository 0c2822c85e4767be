//! Row-major convolution in f32 by implicit matrix products: those of
//! [`kernels::conv2d`](super::conv2d), whose matrix of patches is never written. A copy of the
//! image with its padding (`planes`) shows each tap what it sees as runs of memory.
//!
//! ```text
//! y  [O/g, OH · OW]    := w [O/g, C/g · KH · KW] · patches of x
//! dwᵀ [C/g · KH · KW, O/g] := Σ over images of patches of x · dyᵀ
//! dx [C/g, pixels of a phase] := flipped taps of w [C/g, O/g · taps] · patches of dy
//! ```
//!
//! With stride s, the pixels of the input fall into s · s *phases*, in which the gradient is a
//! convolution of dy with stride 1 by those taps that meet the phase.
//!
//! Each function computes a part of its output, so that parts can be computed at the same time.
//! Every number has the same bits in whatever part it is computed.

mod correlate;
mod input;
mod planes;
mod spread;
mod weight;

use super::gemm::{self, Mat, MatMut, Start};
use super::isa::Isa;
use crate::{Conv2dGeometry, WindowAxis};
use correlate::{Panels, correlate, height, lines_at_once, pitch};
use planes::{Axis, Planes};
use spread::{Rows, Strip, collect};
use std::ops::Range;

pub use input::{backward_input, backward_input_scratch_len, flip, input_panel};
pub use weight::{backward_weight, backward_weight_scratch_len, untranspose};

/// Lengths for one group of one image.
#[derive(Clone, Copy)]
struct Sizes {
    /// Channels of the input and of the output.
    inputs: usize,
    outputs: usize,
    /// Taps of the kernel.
    taps: usize,
    /// Pixels of a channel of the input and of the output.
    image: usize,
    pixels: usize,
}

impl Sizes {
    fn of(g: &Conv2dGeometry) -> Self {
        let (height, width) = (g.height(), g.width());
        Sizes {
            inputs: g.in_channels() / g.groups(),
            outputs: g.out_channels() / g.groups(),
            taps: height.kernel * width.kernel,
            image: height.input * width.input,
            pixels: height.output * width.output,
        }
    }

    /// Rows of the matrix of patches.
    fn patch(&self) -> usize {
        self.inputs * self.taps
    }
}

fn window(g: &Conv2dGeometry) -> [Axis; 2] {
    let axis = |axis: &WindowAxis| {
        let sizes = [axis.input, axis.output, axis.kernel];
        Axis::new(sizes, axis.stride, axis.dilation, -(axis.pad_before as isize))
    };
    [axis(g.height()), axis(g.width())]
}

/// Splits a range of channels, counted over all images, where the image or the group changes:
/// the image, and the channels of it.
fn runs(
    range: Range<usize>,
    channels: usize,
    group: usize,
) -> impl Iterator<Item = (usize, Range<usize>)> {
    let mut start = range.start;
    std::iter::from_fn(move || {
        (start < range.end).then(|| {
            let (image, first) = (start / channels, start % channels);
            let end = ((first / group + 1) * group).min(first + range.end - start);
            start += end - first;
            (image, first..end)
        })
    })
}

/// Channels of the output whose weights [`pack`] puts beside each other; all of a group where
/// there are several.
pub fn output_panel(isa: Isa, g: &Conv2dGeometry) -> usize {
    let s = Sizes::of(g);
    if g.groups() > 1 { s.outputs } else { height(isa, s.outputs) }
}

/// The weight as [`forward`] wants it where a window is more than one pixel or has a stride: of
/// the channels `range` of the output, whole multiples of [`output_panel`] but for the last. As
/// many numbers as the weight of these channels.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn pack(isa: Isa, g: &Conv2dGeometry, w: &[f32], range: Range<usize>, packed: &mut [f32]) {
    let s = Sizes::of(g);
    assert_eq!(w.len(), g.out_channels() * s.patch(), "the weight");
    assert_eq!(packed.len(), range.len() * s.patch(), "the packed weight");
    let w = &w[range.start * s.patch()..range.end * s.patch()];
    let groups = w.chunks(s.outputs * s.patch()).zip(packed.chunks_mut(s.outputs * s.patch()));
    let panel = height(isa, s.outputs) * s.patch();
    for (w, packed) in groups.flat_map(|(w, to)| w.chunks(panel).zip(to.chunks_mut(panel))) {
        let height = w.len() / s.patch();
        for (tap, to) in packed.chunks_exact_mut(height).enumerate() {
            for (to, w) in to.iter_mut().zip(w.chunks_exact(s.patch())) {
                *to = w[tap];
            }
        }
    }
}

/// Numbers of scratch memory that [`forward`] needs: for planes or the product, and for a strip
/// of outputs.
fn forward_lens(g: &Conv2dGeometry) -> [usize; 2] {
    let s = Sizes::of(g);
    if g.is_pointwise() {
        return [gemm::scratch_len([s.outputs, s.inputs, s.pixels]), 0];
    }
    let window = window(g);
    let lines = lines_at_once(s.outputs, g.height().output, window[1].len());
    [Planes::scratch_len(window, s.inputs), s.outputs * pitch(lines, window[1].len())]
}

/// Numbers of scratch memory that [`forward`] needs.
pub fn forward_scratch_len(g: &Conv2dGeometry) -> usize {
    forward_lens(g).iter().sum()
}

/// y := x ⋆ w + b for the channels `range` of the output, counted over all images: `y` holds
/// these alone. `w` is the weight, or after [`pack`] where a window is more than one pixel or has
/// a stride.
///
/// ```
/// use tensor::{Conv2dGeometry, Conv2dOptions, Shape, kernels::{implicit, isa::isa}};
/// let (input, weight) = (Shape::from([1, 1, 2, 3]), Shape::from([2, 1, 2, 2]));
/// let g = Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default())?;
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let w = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
/// let mut packed = [f32::NAN; 8];
/// implicit::pack(isa(), &g, &w, 0..2, &mut packed);
/// let mut scratch = vec![0.0; implicit::forward_scratch_len(&g)];
/// let mut second = [f32::NAN; 2];
/// let bias = Some(&[9.0, 0.5][..]);
/// implicit::forward(isa(), &g, &x, &packed, bias, 1..2, &mut second, &mut scratch);
/// assert_eq!(second, [1.0 + 5.0 + 0.5, 2.0 + 6.0 + 0.5]);
/// # Ok::<(), tensor::Error>(())
/// ```
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn forward(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    range: Range<usize>,
    y: &mut [f32],
    scratch: &mut [f32],
) {
    let s = Sizes::of(g);
    assert_eq!(x.len(), g.batch() * g.in_channels() * s.image, "the input");
    assert_eq!(w.len(), g.out_channels() * s.patch(), "the weight");
    assert_eq!(y.len(), range.len() * s.pixels, "the channels of the output");
    let mut rest = y;
    for (image, outputs) in runs(range, g.out_channels(), s.outputs) {
        let y;
        (y, rest) = rest.split_at_mut(outputs.len() * s.pixels);
        let group = outputs.start / s.outputs;
        let x = &x[(image * g.in_channels() + group * s.inputs) * s.image..];
        let x = &x[..s.inputs * s.image];
        let w = &w[group * s.outputs * s.patch()..][..s.outputs * s.patch()];
        let bias = bias.map(|bias| &bias[outputs.clone()]);
        let outputs = outputs.start - group * s.outputs..outputs.end - group * s.outputs;
        if g.is_pointwise() {
            let w = Mat::new(w, s.outputs, s.inputs).rows(outputs.clone());
            let start = bias.map_or(Start::Scaled(0.0), Start::Rows);
            let y = MatMut::new(y, outputs.len(), s.pixels);
            gemm::blocked_product(isa, w, Mat::new(x, s.inputs, s.image), start, y, scratch);
        } else {
            forward_lines(isa, g, x, w, bias, outputs, y, scratch);
        }
    }
}

/// [`forward`] for some channels of one group of one image.
fn forward_lines(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    outputs: Range<usize>,
    y: &mut [f32],
    scratch: &mut [f32],
) {
    let (s, window) = (Sizes::of(g), window(g));
    let [planes_len, strip_len] = forward_lens(g);
    let (planes, scratch) = scratch.split_at_mut(planes_len);
    let strip = &mut scratch[..strip_len];
    let planes = Planes::new(isa, window, x, planes);
    let (height, row) = (height(isa, s.outputs), s.patch());
    let weight = Panels { numbers: w, height, row, first: 0, columns: row };
    let (lines, width, len) = (g.height().output, g.width().output, window[1].len());
    let at_once = lines_at_once(s.outputs, lines, len);
    for first in (0..lines).step_by(at_once) {
        let lines = first..lines.min(first + at_once);
        correlate(isa, window, planes, weight, outputs.clone(), lines.clone(), strip);
        let pitch = pitch(lines.len(), len);
        let rows =
            Rows { image: &mut *y, area: s.pixels, width, first, step: 1, count: lines.len() };
        collect(isa, rows, Strip { numbers: strip, len, pitch, first: 0 }, bias);
    }
}
