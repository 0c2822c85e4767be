//! Mirrored images.

use super::{Format, Sample, Stream, Transform, probability};
use crate::Result;

/// Exchanges left and right: MindSpore's `HorizontalFlip`.
#[derive(Clone, Copy, Debug)]
pub struct HorizontalFlip;

impl Transform for HorizontalFlip {
    fn format(&self, input: Format) -> Result<Format> {
        input.image("HorizontalFlip")?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        let [.., columns] = sample.image();
        sample.values_mut().chunks_exact_mut(columns).for_each(<[f32]>::reverse);
    }
}

/// Exchanges left and right in some of the draws: MindSpore's `RandomHorizontalFlip`.
///
/// Not for digits and letters, which mean something else in a mirror.
#[derive(Clone, Copy, Debug)]
pub struct RandomHorizontalFlip {
    probability: f64,
}

impl RandomHorizontalFlip {
    /// With this probability; MindSpore's default is 0.5.
    pub fn new(probability: f64) -> Self {
        RandomHorizontalFlip { probability }
    }
}

impl Transform for RandomHorizontalFlip {
    fn format(&self, input: Format) -> Result<Format> {
        input.image("RandomHorizontalFlip")?;
        probability("RandomHorizontalFlip", self.probability)?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        if random.uniform() < self.probability {
            HorizontalFlip.apply(sample, random);
        }
    }
}
