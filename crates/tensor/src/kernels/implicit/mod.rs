//! Row-major convolution in f32 by implicit matrix products: those of
//! [`kernels::conv2d`](super::conv2d), whose matrix of patches is never written as a whole, since
//! the product copies its parts straight from the image to where it wants them.
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

mod input;

use super::gemm::patches::{Axis, Patches};
use super::gemm::{self, Mat, MatMut, Source, Start};
use super::isa::Isa;
use crate::{Conv2dGeometry, WindowAxis};
use std::ops::Range;

pub use input::{backward_input, backward_input_scratch_len, flip};

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

/// Numbers of scratch memory that [`forward`] needs.
pub fn forward_scratch_len(g: &Conv2dGeometry) -> usize {
    let s = Sizes::of(g);
    let product = gemm::scratch_len([s.outputs, s.patch(), s.pixels]);
    if g.is_pointwise() { product } else { product + Patches::scratch_len(window(g), s.inputs) }
}

/// y := x ⋆ w + b for the channels `range` of the output, counted over all images: `y` holds
/// these alone.
///
/// ```
/// use tensor::{Conv2dGeometry, Conv2dOptions, Shape, kernels::{implicit, isa::isa}};
/// let (input, weight) = (Shape::from([1, 1, 2, 3]), Shape::from([2, 1, 2, 2]));
/// let g = Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default())?;
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let w = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
/// let mut scratch = vec![0.0; implicit::forward_scratch_len(&g)];
/// let mut second = [f32::NAN; 2];
/// implicit::forward(isa(), &g, &x, &w, Some(&[9.0, 0.5]), 1..2, &mut second, &mut scratch);
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
    let len = if g.is_pointwise() { 0 } else { Patches::scratch_len(window(g), s.inputs) };
    let (planes, scratch) = scratch.split_at_mut(len);
    let mut rest = y;
    for (image, outputs) in runs(range, g.out_channels(), s.outputs) {
        let y;
        (y, rest) = rest.split_at_mut(outputs.len() * s.pixels);
        let first = image * g.in_channels() + outputs.start / s.outputs * s.inputs;
        let x = &x[first * s.image..][..s.inputs * s.image];
        let patches = match g.is_pointwise() {
            true => Source::Mat(Mat::new(x, s.inputs, s.image)),
            false => Source::Patches(Patches::new(isa, window(g), x, planes)),
        };
        let sizes = [outputs.len(), s.patch(), s.pixels];
        let w = &w[outputs.start * s.patch()..][..outputs.len() * s.patch()];
        let w = Source::Mat(Mat::new(w, outputs.len(), s.patch()));
        let start = match bias {
            Some(bias) => Start::Rows(&bias[outputs.clone()]),
            None => Start::Scaled(0.0),
        };
        let y = MatMut::new(y, outputs.len(), s.pixels);
        gemm::product_of_sources(isa, sizes, w, patches, start, y, scratch);
    }
}

/// Numbers of scratch memory that [`backward_weight`] needs.
pub fn backward_weight_scratch_len(g: &Conv2dGeometry) -> usize {
    let s = Sizes::of(g);
    let product = gemm::scratch_len([s.patch(), s.pixels, s.outputs]);
    if g.is_pointwise() { product } else { product + Patches::scratch_len(window(g), s.inputs) }
}

/// The gradient of the weight, transposed within each group: `[groups · C/g · KH · KW, O/g]`, of
/// which `dw` holds the rows `range`; 0 for an empty batch. [`untranspose`] brings it into the
/// weight's order. Sums run over the images from the first to the last.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn backward_weight(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    dy: &[f32],
    range: Range<usize>,
    dw: &mut [f32],
    scratch: &mut [f32],
) {
    let s = Sizes::of(g);
    assert_eq!(x.len(), g.batch() * g.in_channels() * s.image, "the input");
    assert_eq!(dy.len(), g.batch() * g.out_channels() * s.pixels, "the output");
    assert_eq!(dw.len(), range.len() * s.outputs, "the rows of the weight's transpose");
    if g.batch() == 0 {
        dw.fill(0.0);
    }
    let mut rest = dw;
    for (_, rows) in runs(range, usize::MAX, s.patch()) {
        let dw;
        (dw, rest) = rest.split_at_mut(rows.len() * s.outputs);
        let group = rows.start / s.patch();
        // The channels that these rows read, and the first row among those of the channels.
        let channels = rows.start / s.taps..rows.end.div_ceil(s.taps);
        let first = rows.start - channels.start * s.taps;
        let len = match g.is_pointwise() {
            true => 0,
            false => Patches::scratch_len(window(g), channels.len()),
        };
        let (planes, scratch) = scratch.split_at_mut(len);
        for image in 0..g.batch() {
            let x = &x[(image * g.in_channels() + channels.start) * s.image..];
            let x = &x[..channels.len() * s.image];
            let patches = match g.is_pointwise() {
                true => Source::Mat(Mat::new(x, channels.len(), s.image)),
                false => Source::Patches(Patches::new(isa, window(g), x, planes).skip_rows(first)),
            };
            let dy = &dy[(image * g.out_channels() + group * s.outputs) * s.pixels..];
            let dy = Mat::new(&dy[..s.outputs * s.pixels], s.outputs, s.pixels).t();
            let sizes = [rows.len(), s.pixels, s.outputs];
            let start = Start::Scaled(if image == 0 { 0.0 } else { 1.0 });
            let dw = MatMut::new(&mut *dw, rows.len(), s.outputs);
            gemm::product_of_sources(isa, sizes, patches, Source::Mat(dy), start, dw, scratch);
        }
    }
}

/// Brings what [`backward_weight`] computes into the order of the weight, `[O, C/g, KH, KW]`.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn untranspose(g: &Conv2dGeometry, transposed: &[f32], dw: &mut [f32]) {
    /// Numbers along the side of a square that is transposed in the first-level cache.
    const SIDE: usize = 16;
    let s = Sizes::of(g);
    assert_eq!([transposed.len(), dw.len()], [g.out_channels() * s.patch(); 2], "the weight");
    let group = s.outputs * s.patch();
    for (from, to) in transposed.chunks_exact(group).zip(dw.chunks_exact_mut(group)) {
        for first in (0..s.patch()).step_by(SIDE) {
            let rows = first..s.patch().min(first + SIDE);
            for (o, to) in to.chunks_exact_mut(s.patch()).enumerate() {
                for (row, to) in rows.clone().zip(&mut to[rows.clone()]) {
                    *to = from[row * s.outputs + o];
                }
            }
        }
    }
}
