//! Shrinking and enlarging images at random.

use super::{Format, RandomAffine, Sample, Sampling, Stream, Transform};
use crate::Result;

/// Shrinks or enlarges what is in the images, round their centre, by a random factor for both axes.
/// The images keep their size.
#[derive(Clone, Debug)]
pub struct RandomScale(RandomAffine);

impl RandomScale {
    /// A factor from `low` to `high`, above 0; 1 changes nothing, 2 doubles widths and heights.
    pub fn new(low: f64, high: f64) -> Self {
        RandomScale(RandomAffine::new().scale(low, high))
    }

    /// How pixels are looked up: with bilinear interpolation and the background outside unless set.
    #[must_use]
    pub fn sampling(self, sampling: Sampling) -> Self {
        RandomScale(self.0.sampling(sampling))
    }
}

impl Transform for RandomScale {
    fn format(&self, input: Format) -> Result<Format> {
        self.0.check("RandomScale", &input)?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        self.0.apply(sample, random);
    }
}
