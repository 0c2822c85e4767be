//! Noise.

use super::{Format, Sample, Stream, Transform, deviation};
use crate::Result;

/// Adds an independent normal random number of mean 0 to every element: one of the chapter's
/// remedies against over-fitting (section 3.3), which MindSpore does not have.
///
/// The result is not clamped. Samples need not be images.
#[derive(Clone, Debug)]
pub struct GaussianNoise {
    std: f64,
}

impl GaussianNoise {
    /// With this standard deviation, in the units that the elements have at this point.
    pub fn new(std: f64) -> Self {
        GaussianNoise { std }
    }
}

impl Transform for GaussianNoise {
    fn format(&self, input: Format) -> Result<Format> {
        deviation("GaussianNoise", "std", self.std)?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        for x in sample.values_mut() {
            *x += (self.std * random.normal()) as f32;
        }
    }
}
