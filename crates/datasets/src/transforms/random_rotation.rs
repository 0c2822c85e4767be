//! Turning images at random.

use super::{Format, Interval, RandomAffine, Sample, Sampling, Stream, Transform};
use crate::Result;

/// Turns images round their centre by a random angle: MindSpore's `RandomRotation`, whose size of the
/// image (no `expand`) and sense of rotation it keeps; but pixels are interpolated unless told
/// otherwise.
#[derive(Clone, Debug)]
pub struct RandomRotation(RandomAffine);

impl RandomRotation {
    /// Degrees counter-clockwise: `10.0` for -10 to 10, `(0.0, 10.0)` for 0 to 10.
    pub fn new(degrees: impl Into<Interval>) -> Self {
        RandomRotation(RandomAffine::new().rotate(degrees))
    }

    /// How pixels are looked up: with bilinear interpolation and the background outside unless set.
    #[must_use]
    pub fn sampling(self, sampling: Sampling) -> Self {
        RandomRotation(self.0.sampling(sampling))
    }
}

impl Transform for RandomRotation {
    fn format(&self, input: Format) -> Result<Format> {
        self.0.check("RandomRotation", &input)?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        self.0.apply(sample, random);
    }
}
