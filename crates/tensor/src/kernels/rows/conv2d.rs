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
use super::lines::{Copy, Rows, whole_vectors};
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

/// Lengths for one group of one image.
struct Sizes {
    /// Input and output channels.
    channels: [usize; 2],
    /// Height and width of the image and of the output.
    size: [usize; 2],
    out_size: [usize; 2],
    kernel: [usize; 2],
    /// Padding above and to the left.
    pads: [usize; 2],
    /// KH · KW, and the weights of a group.
    taps: usize,
    weight: usize,
    /// Numbers of a plane of the image, of the padded image and of the output.
    image: usize,
    padded: usize,
    output: usize,
    /// The width of the padded image: every line has rows of this width.
    row: usize,
    /// From one tap to the next along the height and the width.
    steps: [usize; 2],
    /// How far the last tap is from the first.
    lead: usize,
    /// The line that holds an output plane, and one that holds a plane of the image: their
    /// lengths, and rounded up to whole vectors.
    y_len: usize,
    y_line: usize,
    x_len: usize,
    x_line: usize,
}

impl Sizes {
    fn of(g: &Conv2dGeometry) -> Self {
        assert!(fits(g), "the stride is 1");
        let (height, width) = (g.height(), g.width());
        let channels = [g.in_channels() / g.groups(), g.out_channels() / g.groups()];
        let kernel = [height.kernel, width.kernel];
        let row = width.pad_before + width.input + width.pad_after;
        let steps = [height.dilation * row, width.dilation];
        let y_len = (height.output - 1) * row + width.output;
        let x_len = (height.input - 1) * row + width.input;
        let taps = kernel[0] * kernel[1];
        Sizes {
            channels,
            size: [height.input, width.input],
            out_size: [height.output, width.output],
            kernel,
            pads: [height.pad_before, width.pad_before],
            taps,
            weight: channels[0] * channels[1] * taps,
            image: height.input * width.input,
            padded: (height.pad_before + height.input + height.pad_after) * row,
            output: height.output * width.output,
            row,
            steps,
            lead: (kernel[0] - 1) * steps[0] + (kernel[1] - 1) * steps[1],
            y_len,
            y_line: whole_vectors(y_len),
            x_len,
            x_line: whole_vectors(x_len),
        }
    }

    /// Whether the weight's gradient is better summed with sixteen output channels side by side:
    /// lanes that are not used cost less than the gaps between the rows of the lines and the
    /// sums over their lanes at the end, each about five operations on vectors.
    fn channels_fill_lanes(&self) -> bool {
        let channels = self.channels[1];
        padded_len(channels, self.output) < channels * (self.y_line + 5 * LANES)
    }

    /// Padded images; the last lines' vectors reach beyond them.
    fn padded_images(&self, count: usize) -> usize {
        count * (self.channels[0] * self.padded + LANES)
    }

    /// A plane of the output's gradient with zeros between its rows and before the first, as far
    /// as a tap can be from the output.
    fn spread_plane(&self) -> usize {
        self.lead + self.out_size[0] * self.row
    }

    /// All planes, and zeros behind the last.
    fn spread_gradient(&self) -> usize {
        self.channels[1] * self.spread_plane() + self.lead + LANES
    }

    /// Copies an image into its padding.
    fn pad(&self, isa: Isa, x: &[f32], padded: &mut [f32]) {
        let ([height, width], row) = (self.size, self.row);
        if self.image == self.padded {
            // Nothing between the rows: the image is one long row.
            let (image, rest) = padded.split_at_mut(x.len());
            image.copy_from_slice(x);
            rest.fill(0.0);
            return;
        }
        let copy = Copy {
            planes: self.channels[0],
            height,
            width,
            from: x,
            from_rows: Rows { start: 0, row: width, plane: self.image },
            to: padded,
            to_rows: Rows { start: self.pads[0] * row + self.pads[1], row, plane: self.padded },
            zeros: true,
        };
        // SAFETY: the copy checks its bounds.
        unsafe { dispatch(isa, copy) };
    }

    /// Copies `[planes, height, width]` out of lines.
    fn crop(
        &self,
        isa: Isa,
        [planes, height, width]: [usize; 3],
        lines: &[f32],
        from_rows: Rows,
        to: &mut [f32],
    ) {
        let to_rows = Rows { start: 0, row: width, plane: height * width };
        let from = lines;
        let copy = Copy { planes, height, width, from, from_rows, to, to_rows, zeros: false };
        // SAFETY: the copy checks its bounds.
        unsafe { dispatch(isa, copy) };
    }

    fn assert(&self, g: &Conv2dGeometry, x: usize, w: usize, y: usize) {
        let [inputs, outputs] = self.channels;
        let image = g.groups() * inputs * self.image;
        assert!(x.is_multiple_of(image), "the input");
        assert_eq!(w, g.groups() * self.weight, "the weight");
        assert_eq!(y, x / image * g.groups() * outputs * self.output, "the output");
    }
}
