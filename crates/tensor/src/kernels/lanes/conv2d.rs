//! Two-dimensional convolution in the lanes layout: any kernel, stride, padding, dilation and
//! groups.
//!
//! The arithmetic is that of [`kernels::conv2d`](crate::kernels); weights and bias are plain
//! (`[O, C/groups, KH, KW]`, `[O]`), images `x`, `dx` `[⌈N/16⌉, C, H, W, 16]` and outputs `y`,
//! `dy` `[⌈N/16⌉, O, OH, OW, 16]` in the [lanes layout](super).

use super::conv2d_weight::{Correlate, WeightGradient};
use super::gather::{Gather, most_channels};
use super::runs::Direction;
use super::{LANES, padded_len};
use crate::kernels::isa::Isa;
use crate::kernels::vector::{Kernel, Vector, dispatch};
use crate::{Conv2dGeometry, Shape, WindowAxis};

/// y := x ⋆ w + b, and where `relu` is set max(0, that); NaN stays NaN.
///
/// ```
/// use tensor::kernels::{isa::isa, lanes::{LANES, conv2d}};
/// use tensor::{Conv2dGeometry, Conv2dOptions, Shape};
/// let (input, weight) = (Shape::from([16, 1, 1, 3]), Shape::from([1, 1, 1, 2]));
/// let g = Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default())?;
/// // All sixteen images are the row 1 2 3.
/// let x: Vec<f32> = (0..3 * LANES).map(|i| (i / LANES) as f32 + 1.0).collect();
/// let mut y = [f32::NAN; 2 * LANES];
/// conv2d::forward(isa(), &g, &x, &[10.0, 1.0], Some(&[0.5]), false, &mut y);
/// assert_eq!((y[0], y[LANES]), (12.5, 23.5));
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
    relu: bool,
    y: &mut [f32],
) {
    assert_lengths(g, x.len(), w.len(), y.len());
    assert!(bias.is_none_or(|bias| bias.len() == g.out_channels()), "the bias");
    let kernel = Groups {
        gather: gather(g, Direction::Forward, relu),
        batch: g.batch().div_ceil(LANES),
        groups: g.groups(),
        source: x,
        weight: w,
        bias,
        output: y,
    };
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, kernel) };
}

/// dx := the gradient of the input.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn backward_input(isa: Isa, g: &Conv2dGeometry, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    assert_lengths(g, dx.len(), w.len(), dy.len());
    let kernel = Groups {
        gather: gather(g, Direction::Backward, false),
        batch: g.batch().div_ceil(LANES),
        groups: g.groups(),
        source: dy,
        weight: w,
        bias: None,
        output: dx,
    };
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, kernel) };
}

/// Numbers of scratch memory that [`backward_weight`] needs: a padded copy of x where there is
/// padding.
pub fn backward_weight_scratch_len(g: &Conv2dGeometry) -> usize {
    let padded = |axis: &WindowAxis| axis.input + axis.pad_before + axis.pad_after;
    if is_padded(g) {
        padded_len(g.batch(), g.in_channels() * padded(g.height()) * padded(g.width()))
    } else {
        0
    }
}

/// dw := the gradient of the weight; db, where wanted, := the gradient of the bias. Both are 0
/// for an empty batch. Unused lanes of dy must be 0, and those of x finite.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives, or `scratch` is shorter than
/// [`backward_weight_scratch_len`].
pub fn backward_weight(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: Option<&mut [f32]>,
    scratch: &mut [f32],
) {
    assert_lengths(g, x.len(), dw.len(), dy.len());
    assert!(db.as_ref().is_none_or(|db| db.len() == g.out_channels()), "the bias");
    let (height, width) = (g.height(), g.width());
    let mut size = [height.input, width.input];
    let x = if is_padded(g) {
        let [rows, columns] = [height, width].map(|axis| [axis.pad_before, axis.pad_after]);
        let padded = &mut scratch[..backward_weight_scratch_len(g)];
        pad(x, size, [rows, columns], padded);
        size = [size[0] + rows[0] + rows[1], size[1] + columns[0] + columns[1]];
        padded
    } else {
        x
    };
    let kernel = WeightGradient { sizes: Correlate::new(g, size), x, dy, dw, db };
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, kernel) };
}

fn is_padded(g: &Conv2dGeometry) -> bool {
    [g.height(), g.width()].iter().any(|axis| axis.pad_before + axis.pad_after > 0)
}

/// Copies planes of `[rows, columns]` into larger ones with a border of zeros, whose widths are
/// `[[top, bottom], [left, right]]`.
fn pad(x: &[f32], [rows, columns]: [usize; 2], pads: [[usize; 2]; 2], padded: &mut [f32]) {
    let [[top, bottom], [left, right]] = pads;
    let pitch = (left + columns + right) * LANES;
    let planes = padded.chunks_exact_mut((top + rows + bottom) * pitch);
    for (x, padded) in x.chunks_exact(rows * columns * LANES).zip(planes) {
        let (above, rest) = padded.split_at_mut(top * pitch);
        let (middle, below) = rest.split_at_mut(rows * pitch);
        above.fill(0.0);
        below.fill(0.0);
        let lines = middle.chunks_exact_mut(pitch);
        for (x, line) in x.chunks_exact(columns * LANES).zip(lines) {
            line[..left * LANES].fill(0.0);
            line[left * LANES..][..x.len()].copy_from_slice(x);
            line[left * LANES + x.len()..].fill(0.0);
        }
    }
}

pub(super) fn assert_lengths(g: &Conv2dGeometry, x: usize, w: usize, y: usize) {
    let len = |shape: &Shape| padded_len(shape[0], shape[1..].iter().product());
    assert_eq!(x, len(&g.input_shape()), "the input");
    assert_eq!(w, g.weight_shape().elements(), "the weight");
    assert_eq!(y, len(&g.output_shape()), "the output");
}

/// The sum that makes one group of channels of the output, or of the input's gradient.
fn gather(g: &Conv2dGeometry, direction: Direction, relu: bool) -> Gather<'_> {
    let channels = [g.in_channels(), g.out_channels()].map(|all| all / g.groups());
    Gather::new(direction, channels, g.height(), g.width(), relu)
}

/// Every group of images and of channels.
struct Groups<'a> {
    gather: Gather<'a>,
    batch: usize,
    groups: usize,
    source: &'a [f32],
    weight: &'a [f32],
    bias: Option<&'a [f32]>,
    output: &'a mut [f32],
}

impl Kernel for Groups<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Groups { gather, batch, groups, source, weight, bias, output } = self;
        let source_len = gather.sources * gather.source_plane() * LANES;
        let output_len = gather.outputs * gather.output_plane() * LANES;
        let weight_len = weight.len() / groups;
        let most = most_channels::<V>(&gather);
        for part in 0..batch * groups {
            let group = part % groups;
            let source = &source[part * source_len..][..source_len];
            let weight = &weight[group * weight_len..][..weight_len];
            let bias = bias.map(|bias| bias[group * gather.outputs..][..gather.outputs].as_ptr());
            let output = &mut output[part * output_len..][..output_len];
            // SAFETY: the slices above have the lengths that the gather asks for.
            unsafe {
                let output = output.as_mut_ptr();
                gather.run::<V>(most, source.as_ptr(), weight.as_ptr(), bias, output);
            }
        }
    }
}
