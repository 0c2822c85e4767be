//! Where a sliding window reads and writes: the shapes of convolution and pooling, checked once.
//!
//! A kernel takes a geometry that exists, so it need not check shapes again; a user's mistake
//! surfaces in [`Conv2dGeometry::new`] or [`Pool2dGeometry::new`] and nowhere else.

mod conv2d;
mod pool2d;

pub use conv2d::{Conv2dAlgorithm, Conv2dGeometry, Conv2dOptions};
pub use pool2d::{Pool2dGeometry, Pool2dOptions};

use crate::{Error, Result, Shape};
use std::ops::Range;

/// How the border of an image is treated (MindSpore's `pad_mode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PadMode {
    /// No padding: `out = floor((in - covered) / stride) + 1`, with
    /// `covered = dilation · (kernel - 1) + 1`.
    #[default]
    Valid,
    /// As much padding as makes `out = ceil(in / stride)`. Where the padding is odd, the bottom
    /// and the right get the larger half (MindSpore `same`, ONNX `SAME_UPPER`).
    Same,
    /// This many rows or columns at the `[top, bottom, left, right]` (MindSpore's order).
    Pad([usize; 4]),
}

impl PadMode {
    /// The same padding on all four sides: PyTorch's and MindSpore's `padding=size`.
    pub fn all_sides(size: usize) -> Self {
        PadMode::Pad([size; 4])
    }
}

/// A window that slides along one axis of an image.
///
/// Output `o` reads the inputs `o · stride + tap · dilation - pad_before` for the taps
/// `0..kernel`; those outside `0..input` are padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WindowAxis {
    /// Pixels of the input along this axis, without padding.
    pub input: usize,
    /// Taps of the kernel.
    pub kernel: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// Pixels from one tap to the next.
    pub dilation: usize,
    /// Padding above or to the left.
    pub pad_before: usize,
    /// Padding below or to the right.
    pub pad_after: usize,
    /// Number of windows.
    pub output: usize,
}

impl WindowAxis {
    /// The outputs whose tap lies on the image, and the input that the first of them reads.
    pub(crate) fn span(&self, tap: usize) -> (Range<usize>, usize) {
        let offset = tap * self.dilation;
        let start = self.pad_before.saturating_sub(offset).div_ceil(self.stride);
        let end = (self.input + self.pad_before).saturating_sub(offset).div_ceil(self.stride);
        let end = end.min(self.output);
        if start >= end {
            return (0..0, 0);
        }
        (start..end, start * self.stride + offset - self.pad_before)
    }

    /// The inputs that an undilated window covers, without the padding.
    pub(crate) fn covered(&self, output: usize) -> Range<usize> {
        let start = output * self.stride;
        let end = (start + self.kernel).saturating_sub(self.pad_before);
        start.saturating_sub(self.pad_before)..end.min(self.input)
    }

    /// Whether the window tiles the axis without padding in steps of its own size.
    pub(crate) fn tiles(&self, size: usize) -> bool {
        [self.kernel, self.stride] == [size; 2] && self.pad_before + self.pad_after == 0
    }
}

/// A window over height and width, before it meets an image.
struct Window {
    op: &'static str,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    pad_mode: PadMode,
}

impl Window {
    /// The window along each axis of an image of `size` `[height, width]`.
    fn over(&self, size: [usize; 2]) -> Result<[WindowAxis; 2]> {
        let positive =
            [("kernel size", self.kernel), ("stride", self.stride), ("dilation", self.dilation)];
        for (argument, found) in positive {
            if found.contains(&0) {
                let expected = "at least 1 along height and width";
                return Err(Error::argument(self.op, argument, format!("{found:?}"), expected));
            }
        }
        let pads = self.pads(size).ok_or_else(|| self.overflow(size))?;
        let fit = |axis: usize| {
            let [before, after] = pads[axis];
            let padded = size[axis].checked_add(before)?.checked_add(after)?;
            Some([self.covered(axis)?, padded])
        };
        let [Some([rows, padded_rows]), Some([columns, padded_columns])] = [fit(0), fit(1)] else {
            return Err(self.overflow(size));
        };
        if rows > padded_rows || columns > padded_columns {
            return Err(self.too_large(size, [rows, columns], [padded_rows, padded_columns]));
        }
        let axis = |axis: usize, covered: usize, padded: usize| WindowAxis {
            input: size[axis],
            kernel: self.kernel[axis],
            stride: self.stride[axis],
            dilation: self.dilation[axis],
            pad_before: pads[axis][0],
            pad_after: pads[axis][1],
            output: (padded - covered) / self.stride[axis] + 1,
        };
        Ok([axis(0, rows, padded_rows), axis(1, columns, padded_columns)])
    }

    /// Pixels from the first tap to the last, both included.
    fn covered(&self, axis: usize) -> Option<usize> {
        self.dilation[axis].checked_mul(self.kernel[axis] - 1)?.checked_add(1)
    }

    /// Padding before and after along each axis; `None` where the arithmetic overflows.
    fn pads(&self, size: [usize; 2]) -> Option<[[usize; 2]; 2]> {
        let same = |axis: usize| {
            let windows = size[axis].div_ceil(self.stride[axis]);
            let last = windows.saturating_sub(1).checked_mul(self.stride[axis])?;
            let total = last.checked_add(self.covered(axis)?)?.saturating_sub(size[axis]);
            Some([total / 2, total - total / 2])
        };
        match self.pad_mode {
            PadMode::Valid => Some([[0; 2]; 2]),
            PadMode::Same => Some([same(0)?, same(1)?]),
            PadMode::Pad([top, bottom, left, right]) => Some([[top, bottom], [left, right]]),
        }
    }

    fn too_large(&self, size: [usize; 2], covered: [usize; 2], padded: [usize; 2]) -> Error {
        let mut detail = format!("kernel {}", by(self.kernel));
        if self.dilation != [1, 1] {
            let (dilation, covered) = (by(self.dilation), by(covered));
            detail += &format!(", spread to {covered} by dilation {dilation},");
        }
        detail += &format!(" does not fit in the image {}", by(size));
        let advice = if self.pad_mode == PadMode::Valid {
            "pad_mode Valid adds no padding: use Same or Pad, "
        } else {
            detail += &format!(", padded to {}", by(padded));
            "use more padding, "
        };
        Error::shape(self.op, detail).hint(format!("{advice}a smaller kernel or a larger image"))
    }

    fn overflow(&self, size: [usize; 2]) -> Error {
        let Window { kernel, stride, dilation, pad_mode, .. } = self;
        Error::shape(
            self.op,
            format!(
                "sizes overflow: image {}, kernel {}, stride {}, dilation {}, padding {pad_mode:?}",
                by(size),
                by(*kernel),
                by(*stride),
                by(*dilation),
            ),
        )
        .hint("use smaller ones")
    }
}

/// `5x3`: height, then width.
fn by([height, width]: [usize; 2]) -> String {
    format!("{height}x{width}")
}

/// The four axes of a batch of images.
///
/// `op` and `argument` name the operation and the operand. An empty batch is allowed; an image
/// without channels, rows or columns is not.
fn image_axes(op: &'static str, input: &Shape) -> Result<[usize; 4]> {
    let axes = "[batch, channels, height, width]";
    let &[batch, channels, height, width] = &input[..] else {
        let axis = if input.rank() == 1 { "axis" } else { "axes" };
        let detail = format!("input has {} {axis}, expected 4 axes {axes}", input.rank());
        let error = Error::shape(op, detail).operand("input", input);
        return Err(match input[..] {
            [c, h, w] => error.hint(format!("a single image is a batch of 1: [1, {c}, {h}, {w}]")),
            _ => error,
        });
    };
    for (name, size) in [("channels", channels), ("height", height), ("width", width)] {
        if size == 0 {
            let detail = format!("input has {name} 0, expected at least 1 ({axes})");
            return Err(Error::shape(op, detail).operand("input", input));
        }
    }
    Ok([batch, channels, height, width])
}

/// The product of sizes, or an error where a buffer of that many numbers cannot exist.
///
/// An empty batch counts as one image, so that every other size is still checked.
fn checked_len(op: &'static str, what: &str, sizes: &[usize]) -> Result<usize> {
    const MOST: usize = isize::MAX as usize / size_of::<f64>();
    let product = |floor: usize| {
        sizes.iter().try_fold(1, |product: usize, &size| product.checked_mul(size.max(floor)))
    };
    match (product(1), product(0)) {
        (Some(most), Some(len)) if most <= MOST => Ok(len),
        _ => {
            let detail = format!("{what} of {sizes:?} numbers is larger than memory can address");
            Err(Error::shape(op, detail).hint(SMALLER))
        }
    }
}

/// How to mend sizes that are each possible, but not together.
const SMALLER: &str = "use fewer or smaller images, fewer channels, or less padding";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_covers_agree_with_the_definition() {
        let mut checked = 0;
        for input in 1..=6 {
            for kernel in 1..=4 {
                for stride in 1..=3 {
                    for dilation in 1..=3 {
                        for pad in [[0, 0], [1, 0], [0, 2], [2, 3], [5, 5]] {
                            let pad_mode = PadMode::Pad([pad[0], pad[1], 0, 0]);
                            let window = Window {
                                op: "test",
                                kernel: [kernel, 1],
                                stride: [stride, 1],
                                dilation: [dilation, 1],
                                pad_mode,
                            };
                            let Ok([axis, _]) = window.over([input, 1]) else { continue };
                            check(&axis);
                            checked += 1;
                        }
                    }
                }
            }
        }
        assert!(checked > 500, "{checked}");
    }

    fn check(axis: &WindowAxis) {
        // The position of every tap in padded coordinates.
        let on_image = |o: usize, tap: usize| {
            let padded = o * axis.stride + tap * axis.dilation;
            (padded >= axis.pad_before && padded < axis.pad_before + axis.input)
                .then(|| padded - axis.pad_before)
        };
        for tap in 0..axis.kernel {
            let expected: Vec<_> =
                (0..axis.output).filter(|&o| on_image(o, tap).is_some()).collect();
            let (outputs, first) = axis.span(tap);
            assert_eq!(outputs.collect::<Vec<_>>(), expected, "{axis:?} tap {tap}");
            if let Some(&o) = expected.first() {
                assert_eq!(Some(first), on_image(o, tap), "{axis:?} tap {tap}");
            }
        }
        if axis.dilation == 1 {
            for o in 0..axis.output {
                let expected: Vec<_> =
                    (0..axis.kernel).filter_map(|tap| on_image(o, tap)).collect();
                assert_eq!(axis.covered(o).collect::<Vec<_>>(), expected, "{axis:?} output {o}");
            }
        }
    }
}
