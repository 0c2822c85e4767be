//! Shifting images at random.

use super::{Format, Interval, RandomAffine, Sample, Sampling, Stream, Transform};
use crate::Result;

/// Moves images by random fractions of their width and height, also by parts of a pixel.
#[derive(Clone, Debug)]
pub struct RandomTranslation(RandomAffine);

impl RandomTranslation {
    /// To the right by a fraction of the width and down by one of the height, each in -1..=1:
    /// `0.1` for -0.1 to 0.1, `(0.0, 0.1)` for 0 to 0.1.
    pub fn new(right: impl Into<Interval>, down: impl Into<Interval>) -> Self {
        RandomTranslation(RandomAffine::new().translate(right, down))
    }

    /// How pixels are looked up: with bilinear interpolation and the background outside unless set.
    #[must_use]
    pub fn sampling(self, sampling: Sampling) -> Self {
        RandomTranslation(self.0.sampling(sampling))
    }
}

impl Transform for RandomTranslation {
    fn format(&self, input: Format) -> Result<Format> {
        self.0.check("RandomTranslation", &input)?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        self.0.apply(sample, random);
    }
}
