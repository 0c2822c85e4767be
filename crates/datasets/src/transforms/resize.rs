//! Resizing when a sample is drawn.

use super::warp::{Origin, warp};
use super::{Border, Format, Sample, Sampling, Stream, Transform};
use crate::Result;
use crate::resize::check_size;

/// Resizes images by bilinear interpolation, as [`resize_bilinear`](crate::resize_bilinear) does:
/// MindSpore's `Resize(size, Inter.LINEAR)` on `float32`.
///
/// Where nothing random happens before it, resizing once is cheaper:
/// [`ImageDataset::resize`](crate::ImageDataset::resize).
#[derive(Clone, Debug)]
pub struct Resize {
    rows: usize,
    columns: usize,
}

impl Resize {
    /// To so many rows and columns, 1..=16384 each.
    pub fn new(rows: usize, columns: usize) -> Self {
        Resize { rows, columns }
    }
}

impl Transform for Resize {
    fn format(&self, input: Format) -> Result<Format> {
        input.image("Resize")?;
        check_size("Resize", self.rows, self.columns)?;
        Ok(input.with_size(self.rows, self.columns))
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        let [_, rows, columns] = sample.image();
        let ratios = (columns as f64 / self.columns as f64, rows as f64 / self.rows as f64);
        let origin = Origin {
            x: [ratios.0, 0.0, ratios.0 / 2.0 - 0.5],
            y: [0.0, ratios.1, ratios.1 / 2.0 - 0.5],
        };
        let sampling = Sampling::bilinear().border(Border::Edge);
        warp(sample, (self.rows, self.columns), &origin, sampling);
    }
}
