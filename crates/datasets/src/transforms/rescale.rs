//! Other units for the elements.

use super::{Format, Sample, Stream, Transform, finite};
use crate::Result;

/// Replaces each element `x` by `scale · x + shift`: MindSpore's `Rescale`.
///
/// For grey images that need nothing before it,
/// [`ImageDataset::rescale`](crate::ImageDataset::rescale) costs nothing.
#[derive(Clone, Debug)]
pub struct Rescale {
    scale: f64,
    shift: f64,
}

impl Rescale {
    /// `Rescale::new(1.0 / 255.0, 0.0)` brings bytes to 0..=1.
    pub fn new(scale: f64, shift: f64) -> Self {
        Rescale { scale, shift }
    }

    fn value(&self, x: f32) -> f32 {
        x * self.scale as f32 + self.shift as f32
    }
}

impl Transform for Rescale {
    fn format(&self, mut input: Format) -> Result<Format> {
        finite("Rescale", "scale", self.scale)?;
        finite("Rescale", "shift", self.shift)?;
        input.map_background(|_, x| self.value(x));
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        sample.values_mut().iter_mut().for_each(|x| *x = self.value(*x));
        sample.format_mut().map_background(|_, x| self.value(x));
    }
}
