//! Parts of images.

use super::{Format, Pad, Sample, Stream, Transform};
use crate::{Error, Result};

/// Cuts out `rows` × `columns` pixels, from pixel (`top`, `left`) on: MindSpore's `Crop`.
#[derive(Clone, Debug)]
pub struct Crop {
    top: usize,
    left: usize,
    rows: usize,
    columns: usize,
}

impl Crop {
    /// From `top` and `left`, counted from 0, so many rows and columns.
    pub fn new(top: usize, left: usize, rows: usize, columns: usize) -> Self {
        Crop { top, left, rows, columns }
    }

    fn cut(&self, sample: &mut Sample) {
        let &Crop { top, left, rows, columns } = self;
        let [_, height, width] = sample.image();
        sample.replace(rows, columns, |sample, part| {
            let images = sample.values().chunks_exact(height * width);
            for (image, part) in images.zip(part.chunks_exact_mut(rows * columns)) {
                let pixels = image[top * width..].chunks(width);
                for (from, to) in pixels.zip(part.chunks_exact_mut(columns)) {
                    to.copy_from_slice(&from[left..][..columns]);
                }
            }
        });
    }
}

impl Transform for Crop {
    fn format(&self, input: Format) -> Result<Format> {
        let [_, height, width] = input.image("Crop")?;
        let &Crop { top, left, rows, columns } = self;
        let rest = (height.saturating_sub(top), width.saturating_sub(left));
        fits("Crop", (rows, columns), rest, "the image from there on")?;
        Ok(input.with_size(rows, columns))
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        self.cut(sample);
    }
}

/// Cuts out the middle; of an odd remainder, the smaller part goes above and to the left.
///
/// MindSpore's `CenterCrop` for images that are large enough; others are refused here, not padded.
#[derive(Clone, Debug)]
pub struct CenterCrop {
    rows: usize,
    columns: usize,
}

impl CenterCrop {
    /// So many rows and columns.
    pub fn new(rows: usize, columns: usize) -> Self {
        CenterCrop { rows, columns }
    }
}

impl Transform for CenterCrop {
    fn format(&self, input: Format) -> Result<Format> {
        let [_, height, width] = input.image("CenterCrop")?;
        fits("CenterCrop", (self.rows, self.columns), (height, width), "the image")?;
        Ok(input.with_size(self.rows, self.columns))
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        let &CenterCrop { rows, columns } = self;
        let [_, height, width] = sample.image();
        Crop::new((height - rows) / 2, (width - columns) / 2, rows, columns).cut(sample);
    }
}

/// Cuts out a part at a random place, after padding: MindSpore's and torchvision's `RandomCrop`.
///
/// ```
/// use datasets::transforms::{Pad, PadMode, RandomCrop};
/// // Moves a 32×32 image by up to 4 pixels.
/// let shift = RandomCrop::new(32, 32).padding(Pad::all(4).mode(PadMode::Reflect));
/// ```
#[derive(Clone, Debug)]
pub struct RandomCrop {
    rows: usize,
    columns: usize,
    padding: Pad,
}

impl RandomCrop {
    /// So many rows and columns.
    pub fn new(rows: usize, columns: usize) -> Self {
        RandomCrop { rows, columns, padding: Pad::all(0) }
    }

    /// Pixels to put round the image first; none unless set.
    #[must_use]
    pub fn padding(mut self, padding: Pad) -> Self {
        self.padding = padding;
        self
    }
}

impl Transform for RandomCrop {
    fn format(&self, input: Format) -> Result<Format> {
        let padded = self.padding.check("RandomCrop", input)?;
        let [_, height, width] = padded.image("RandomCrop")?;
        let size = (self.rows, self.columns);
        fits("RandomCrop", size, (height, width), "the image with its padding")?;
        Ok(padded.with_size(self.rows, self.columns))
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        self.padding.pad(sample);
        let &RandomCrop { rows, columns, .. } = self;
        let [_, height, width] = sample.image();
        let (top, left) = (random.below(height - rows + 1), random.below(width - columns + 1));
        Crop::new(top, left, rows, columns).cut(sample);
    }
}

/// Whether a part of `size` is in `whole`.
fn fits(
    operation: &'static str,
    size: (usize, usize),
    whole: (usize, usize),
    name: &str,
) -> Result<()> {
    if (1..=whole.0).contains(&size.0) && (1..=whole.1).contains(&size.1) {
        return Ok(());
    }
    let found = format!("{} × {}", size.0, size.1);
    let expected = format!("at least 1 × 1 and at most {} × {}, {name}", whole.0, whole.1);
    Err(Error::argument(operation, "rows × columns", found, expected))
}
