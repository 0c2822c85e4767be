//! Wider images.

use super::{Format, Sample, Stream, Transform, finite};
use crate::{Error, Result};

/// Puts pixels round images: MindSpore's and torchvision's `Pad`.
///
/// ```
/// use datasets::transforms::{Pad, PadMode};
/// let wider = Pad::all(2).mode(PadMode::Edge);
/// ```
#[derive(Clone, Debug)]
pub struct Pad {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    mode: PadMode,
}

/// What new pixels are; with the two pixels to the left of a row `a b c d` as an example.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum PadMode {
    /// Empty space, as [`Format::background`] says.
    #[default]
    Background,
    /// This value.
    Constant(f32),
    /// `a a`: the nearest pixel.
    Edge,
    /// `c b`: mirrored about the last pixel, which does not come twice.
    Reflect,
    /// `b a`: mirrored about the edge, so that the last pixel comes twice.
    Symmetric,
}

impl Pad {
    /// In MindSpore's order: left, top, right, bottom; at most 16384 each.
    pub fn new(left: usize, top: usize, right: usize, bottom: usize) -> Self {
        Pad { left, top, right, bottom, mode: PadMode::Background }
    }

    /// The same on all sides.
    pub fn all(pixels: usize) -> Self {
        Pad::new(pixels, pixels, pixels, pixels)
    }

    /// What the new pixels are; background unless set.
    #[must_use]
    pub fn mode(mut self, mode: PadMode) -> Self {
        self.mode = mode;
        self
    }

    /// Checks the settings on behalf of `operation`, which gets such images.
    pub(super) fn check(&self, operation: &'static str, input: Format) -> Result<Format> {
        let [_, rows, columns] = input.image(operation)?;
        let &Pad { left, top, right, bottom, mode } = self;
        for (side, pixels) in [("left", left), ("top", top), ("right", right), ("bottom", bottom)] {
            if pixels > 16_384 {
                return Err(Error::argument(operation, side, pixels, "at most 16384 pixels"));
            }
        }
        if let PadMode::Constant(value) = mode {
            finite(operation, "the padding's value", value.into())?;
        }
        Ok(input.with_size(rows + top + bottom, columns + left + right))
    }

    pub(super) fn pad(&self, sample: &mut Sample) {
        let &Pad { left, top, right, bottom, mode } = self;
        let [_, rows, columns] = sample.image();
        let (height, width) = (rows + top + bottom, columns + left + right);
        if (height, width) == (rows, columns) {
            return;
        }
        sample.replace(height, width, |sample, padded| {
            let images = sample.values().chunks_exact(rows * columns);
            for (channel, (image, padded)) in
                images.zip(padded.chunks_exact_mut(height * width)).enumerate()
            {
                let empty = match mode {
                    PadMode::Constant(value) => value,
                    _ => sample.background(channel),
                };
                for (row, padded) in padded.chunks_exact_mut(width).enumerate() {
                    let Some(row) = mode.source(row as isize - top as isize, rows) else {
                        padded.fill(empty);
                        continue;
                    };
                    let pixels = &image[row * columns..][..columns];
                    let pixel = |column: usize| {
                        let from = mode.source(column as isize - left as isize, columns);
                        from.map_or(empty, |column| pixels[column])
                    };
                    padded[left..][..columns].copy_from_slice(pixels);
                    for column in (0..left).chain(left + columns..width) {
                        padded[column] = pixel(column);
                    }
                }
            }
        });
    }
}

impl PadMode {
    /// Where along a side of `len` pixels the pixel at `place` comes from.
    fn source(self, place: isize, len: usize) -> Option<usize> {
        if (0..len as isize).contains(&place) {
            return Some(place as usize);
        }
        let last = len as isize - 1;
        Some(match self {
            PadMode::Background | PadMode::Constant(_) => return None,
            PadMode::Edge => place.clamp(0, last),
            // Mirrored again and again where the padding is wider than the image.
            PadMode::Reflect => last - (last - place.rem_euclid((2 * last).max(1))).abs(),
            PadMode::Symmetric => {
                let place = place.rem_euclid(2 * len as isize);
                place.min(2 * last + 1 - place)
            }
        } as usize)
    }
}

impl Transform for Pad {
    fn format(&self, input: Format) -> Result<Format> {
        self.check("Pad", input)
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        self.pad(sample);
    }
}
