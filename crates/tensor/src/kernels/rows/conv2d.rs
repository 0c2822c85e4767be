//! Convolution with stride 1 over row-major images, and its gradients; the bias' is that of
//! [`kernels::conv2d`](crate::kernels::conv2d::plane_sums).
//!
//! Shapes, for as many images as there are in the slices and, for the weight's gradient, in the
//! geometry: x, dx `[N, C, H, W]`; w, dw `[O, C/groups, KH, KW]`; b `[O]`; y, dy `[N, O, OH, OW]`.
//! `scratch` holds at least [`scratch_len`] numbers and its contents mean nothing before or after.

use super::super::isa::Isa;
use super::super::lanes::layout::{pack, unpack};
use super::super::lanes::{LANES, padded_len};
use super::super::vector::dispatch;
use super::correlation::{Correlation, WeightSteps};
use super::dots::Dots;
use super::lines::{Copy, Rows};
use super::sizes::Sizes;
use super::taps::Taps;
use crate::Conv2dGeometry;

/// Whether these kernels can do it: the stride is 1.
pub fn fits(g: &Conv2dGeometry) -> bool {
    [g.height().stride, g.width().stride] == [1; 2]
}

/// Numbers of scratch memory that each of the functions needs.
///
/// ```
/// use tensor::{Conv2dGeometry, Conv2dOptions, Shape, kernels::isa::isa, kernels::rows::conv2d};
/// let (input, weight) = (Shape::from([1, 1, 2, 3]), Shape::from([1, 1, 2, 2]));
/// let g = Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default())?;
/// assert!(conv2d::fits(&g));
/// let mut scratch = vec![0.0; conv2d::scratch_len(&g)];
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let w = [1.0, 0.0, 0.0, 1.0];
/// let mut y = [0.0; 2];
/// conv2d::forward(isa(), &g, &x, &w, Some(&[0.5]), &mut y, &mut scratch);
/// assert_eq!(y, [1.0 + 5.0 + 0.5, 2.0 + 6.0 + 0.5]);
/// # Ok::<(), tensor::Error>(())
/// ```
pub fn scratch_len(g: &Conv2dGeometry) -> usize {
    let s = Sizes::of(g);
    let forward = s.padded_images(1) + s.channels[1] * s.y_line;
    let gradient = if s.channels_fill_lanes() {
        let channels = s.channels[1];
        g.batch() * padded_len(channels, s.output) + padded_len(channels, s.channels[0] * s.taps)
    } else {
        g.batch() * s.channels[1] * s.y_line
    };
    let weight = s.padded_images(g.batch()) + gradient;
    let input = s.spread_gradient() + s.channels[0] * s.x_line;
    forward.max(weight).max(input)
}

/// y := x ⋆ w + b.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives, or [`fits`] is false.
pub fn forward(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
    scratch: &mut [f32],
) {
    let s = Sizes::of(g);
    s.assert(g, x.len(), w.len(), y.len());
    assert!(bias.is_none_or(|bias| bias.len() == g.out_channels()), "the bias");
    let [inputs, outputs] = s.channels;
    let (padded, lines) = scratch.split_at_mut(s.padded_images(1));
    let images = x.chunks_exact(inputs * s.image).zip(y.chunks_exact_mut(outputs * s.output));
    for (i, (x, y)) in images.enumerate() {
        let group = i % g.groups();
        s.pad(isa, x, padded);
        let line = Correlation {
            sources: inputs,
            outputs,
            len: s.y_len,
            kernel: s.kernel,
            steps: s.steps,
            source: padded,
            source_plane: s.padded,
            weight: &w[group * s.weight..][..s.weight],
            weight_steps: WeightSteps {
                start: 0,
                source: s.taps,
                output: inputs * s.taps,
                taps: [s.kernel[1] as isize, 1],
            },
            bias: bias.map(|bias| &bias[group * outputs..][..outputs]),
            output: &mut lines[..outputs * s.y_line],
            output_plane: s.y_line,
            width: s.row,
            indent: 0,
            dilation: g.height().dilation,
            live: s.pads[0] as isize..(s.pads[0] + s.size[0]) as isize,
        };
        // SAFETY: the scratch memory has the lengths that the lines need.
        unsafe { dispatch(isa, line) };
        let rows = Rows { start: 0, row: s.row, plane: s.y_line };
        s.crop(isa, [outputs, s.out_size[0], s.out_size[1]], lines, rows, y);
    }
}

/// dw := the gradient of the weight; 0 for an empty batch.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives, or [`fits`] is false.
pub fn backward_weight(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    scratch: &mut [f32],
) {
    let s = Sizes::of(g);
    s.assert(g, x.len(), dw.len(), dy.len());
    let ([inputs, outputs], batch, groups) = (s.channels, g.batch(), g.groups());
    assert_eq!(x.len(), batch * groups * inputs * s.image, "all images");
    let sample = s.padded_images(1);
    let (padded, lines) = scratch.split_at_mut(s.padded_images(batch));
    for group in 0..groups {
        for n in 0..batch {
            let image = (n * groups + group) * inputs * s.image;
            s.pad(isa, &x[image..][..inputs * s.image], &mut padded[n * sample..][..sample]);
        }
        let dy_of = |n: usize| {
            let len = outputs * s.output;
            &dy[(n * groups + group) * len..][..len]
        };
        let dw = &mut dw[group * s.weight..][..s.weight];
        let x_steps = [sample, s.padded];
        if s.channels_fill_lanes() {
            let image = padded_len(outputs, s.output);
            let (dy, sums) = lines.split_at_mut(batch * image);
            for n in 0..batch {
                pack(isa, outputs, dy_of(n), &mut dy[n * image..][..image]);
            }
            let sums = &mut sums[..padded_len(outputs, inputs * s.taps)];
            let taps = Taps {
                samples: batch,
                inputs,
                groups: outputs.div_ceil(LANES),
                kernel: s.kernel,
                steps: s.steps,
                out_size: s.out_size,
                row: s.row,
                x: padded,
                x_steps,
                dy,
                dw: sums,
            };
            // SAFETY: the scratch memory has the lengths that the channels need.
            unsafe { dispatch(isa, taps) };
            unpack(isa, outputs, sums, dw);
            continue;
        }
        for n in 0..batch {
            let [height, width] = s.out_size;
            let spread = Copy {
                planes: outputs,
                height,
                width,
                from: dy_of(n),
                from_rows: Rows { start: 0, row: width, plane: s.output },
                to: &mut lines[n * outputs * s.y_line..][..outputs * s.y_line],
                to_rows: Rows { start: 0, row: s.row, plane: s.y_line },
                zeros: true,
            };
            // SAFETY: the copy checks its bounds.
            unsafe { dispatch(isa, spread) };
        }
        let dots = Dots {
            samples: batch,
            inputs,
            outputs,
            kernel: s.kernel,
            steps: s.steps,
            len: s.y_line,
            x: padded,
            x_steps,
            dy: &lines[..batch * outputs * s.y_line],
            dy_steps: [outputs * s.y_line, s.y_line],
            dw,
        };
        // SAFETY: the scratch memory has the lengths that the lines need.
        unsafe { dispatch(isa, dots) };
    }
}

/// dx := the gradient of the input.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives, or [`fits`] is false.
pub fn backward_input(
    isa: Isa,
    g: &Conv2dGeometry,
    w: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    scratch: &mut [f32],
) {
    let s = Sizes::of(g);
    s.assert(g, dx.len(), w.len(), dy.len());
    let [inputs, outputs] = s.channels;
    let (spread, lines) = scratch.split_at_mut(s.spread_gradient());
    let images = dx.chunks_exact_mut(inputs * s.image).zip(dy.chunks_exact(outputs * s.output));
    let first = s.pads[0] * s.row + s.pads[1];
    // In its own rows, the gradient starts so far below the first that is wanted.
    let below = (g.height().dilation * (s.kernel[0] - 1)) as isize - s.pads[0] as isize;
    for (i, (dx, dy)) in images.enumerate() {
        let group = i % g.groups();
        let gaps = Copy {
            planes: outputs,
            height: s.out_size[0],
            width: s.out_size[1],
            from: dy,
            from_rows: Rows { start: 0, row: s.out_size[1], plane: s.output },
            to: spread,
            to_rows: Rows { start: s.lead, row: s.row, plane: s.spread_plane() },
            zeros: true,
        };
        // SAFETY: the copy checks its bounds.
        unsafe { dispatch(isa, gaps) };
        let line = Correlation {
            sources: outputs,
            outputs: inputs,
            len: s.x_len,
            kernel: s.kernel,
            steps: s.steps,
            source: &spread[first..],
            source_plane: s.spread_plane(),
            weight: &w[group * s.weight..][..s.weight],
            // The kernel is turned by half a circle.
            weight_steps: WeightSteps {
                start: s.taps - 1,
                source: inputs * s.taps,
                output: s.taps,
                taps: [-(s.kernel[1] as isize), -1],
            },
            bias: None,
            output: &mut lines[..inputs * s.x_line],
            output_plane: s.x_line,
            width: s.row,
            indent: s.pads[1],
            dilation: g.height().dilation,
            live: below..below + s.out_size[0] as isize,
        };
        // SAFETY: the scratch memory has the lengths that the lines need.
        unsafe { dispatch(isa, line) };
        let rows = Rows { start: 0, row: s.row, plane: s.x_line };
        s.crop(isa, [inputs, s.size[0], s.size[1]], lines, rows, dx);
    }
}
