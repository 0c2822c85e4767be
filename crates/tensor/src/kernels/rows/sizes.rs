//! The lengths that a convolution along the rows needs, and the copies between images and lines.

use super::conv2d::fits;
use super::lines::{Copy, Rows, whole_vectors};
use crate::Conv2dGeometry;
use crate::kernels::isa::Isa;
use crate::kernels::lanes::{LANES, padded_len};
use crate::kernels::vector::dispatch;

/// Lengths for one group of one image.
pub(super) struct Sizes {
    /// Input and output channels.
    pub(super) channels: [usize; 2],
    /// Height and width of the image and of the output.
    pub(super) size: [usize; 2],
    pub(super) out_size: [usize; 2],
    pub(super) kernel: [usize; 2],
    /// Padding above and to the left.
    pub(super) pads: [usize; 2],
    /// KH · KW, and the weights of a group.
    pub(super) taps: usize,
    pub(super) weight: usize,
    /// Numbers of a plane of the image, of the padded image and of the output.
    pub(super) image: usize,
    pub(super) padded: usize,
    pub(super) output: usize,
    /// The width of the padded image: every line has rows of this width.
    pub(super) row: usize,
    /// From one tap to the next along the height and the width.
    pub(super) steps: [usize; 2],
    /// How far the last tap is from the first.
    pub(super) lead: usize,
    /// The line that holds an output plane, and one that holds a plane of the image: their
    /// lengths, and rounded up to whole vectors.
    pub(super) y_len: usize,
    pub(super) y_line: usize,
    pub(super) x_len: usize,
    pub(super) x_line: usize,
}

impl Sizes {
    pub(super) fn of(g: &Conv2dGeometry) -> Self {
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
    pub(super) fn channels_fill_lanes(&self) -> bool {
        let channels = self.channels[1];
        padded_len(channels, self.output) < channels * (self.y_line + 5 * LANES)
    }

    /// Padded images; the last lines' vectors reach beyond them.
    pub(super) fn padded_images(&self, count: usize) -> usize {
        count * (self.channels[0] * self.padded + LANES)
    }

    /// A plane of the output's gradient with zeros between its rows and before the first, as far
    /// as a tap can be from the output.
    pub(super) fn spread_plane(&self) -> usize {
        self.lead + self.out_size[0] * self.row
    }

    /// All planes, and zeros behind the last.
    pub(super) fn spread_gradient(&self) -> usize {
        self.channels[1] * self.spread_plane() + self.lead + LANES
    }

    /// Copies an image into its padding.
    pub(super) fn pad(&self, isa: Isa, x: &[f32], padded: &mut [f32]) {
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
    pub(super) fn crop(
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

    pub(super) fn assert(&self, g: &Conv2dGeometry, x: usize, w: usize, y: usize) {
        let [inputs, outputs] = self.channels;
        let image = g.groups() * inputs * self.image;
        assert!(x.is_multiple_of(image), "the input");
        assert_eq!(w, g.groups() * self.weight, "the weight");
        assert_eq!(y, x / image * g.groups() * outputs * self.output, "the output");
    }
}
