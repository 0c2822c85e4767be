//! Moving images at random, in all ways at once.

use super::{Affine, Format, Interval, Sample, Sampling, Stream, Transform};
use crate::{Error, Result};

/// Scales, shears, rotates and translates images by random amounts, in this order: MindSpore's and
/// torchvision's `RandomAffine`, but angles are counter-clockwise, and pixels are interpolated
/// unless told otherwise.
///
/// Each amount is uniform in its range and independent of the others; see [`Affine`] for what they
/// mean. Whatever is not set stays as it is.
///
/// ```
/// use datasets::transforms::RandomAffine;
/// // Up to 15 degrees either way, a tenth of the image in any direction, 10 % smaller or larger.
/// let wobble = RandomAffine::new().rotate(15.0).translate(0.1, 0.1).scale(0.9, 1.1);
/// ```
#[derive(Clone, Debug)]
pub struct RandomAffine {
    degrees: Interval,
    translation: [Interval; 2],
    scale: Interval,
    shear: [Interval; 2],
    sampling: Sampling,
}

impl Default for RandomAffine {
    fn default() -> Self {
        RandomAffine::new()
    }
}

impl RandomAffine {
    /// The identity.
    pub fn new() -> Self {
        let none = Interval { low: 0.0, high: 0.0 };
        let scale = Interval { low: 1.0, high: 1.0 };
        let sampling = Sampling::bilinear();
        RandomAffine { degrees: none, translation: [none; 2], scale, shear: [none; 2], sampling }
    }

    /// Turns counter-clockwise: `10.0` for -10 to 10 degrees, `(0.0, 10.0)` for 0 to 10.
    #[must_use]
    pub fn rotate(mut self, degrees: impl Into<Interval>) -> Self {
        self.degrees = degrees.into();
        self
    }

    /// Moves to the right by a fraction of the width and down by one of the height, each in -1..=1.
    #[must_use]
    pub fn translate(mut self, right: impl Into<Interval>, down: impl Into<Interval>) -> Self {
        self.translation = [right.into(), down.into()];
        self
    }

    /// Enlarges by a factor from `low` to `high`.
    #[must_use]
    pub fn scale(mut self, low: f64, high: f64) -> Self {
        self.scale = Interval { low, high };
        self
    }

    /// Shears by degrees along the rows and along the columns, between -90 and 90 each.
    #[must_use]
    pub fn shear(mut self, x: impl Into<Interval>, y: impl Into<Interval>) -> Self {
        self.shear = [x.into(), y.into()];
        self
    }

    /// How pixels are looked up.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Checks the settings on behalf of `operation`.
    pub(super) fn check(&self, operation: &'static str, input: &Format) -> Result<()> {
        self.sampling.check(operation, input)?;
        self.degrees.check(operation, "degrees")?;
        let wrong = |argument, Interval { low, high }, expected| {
            Err(Error::argument(operation, argument, format!("from {low} to {high}"), expected))
        };
        for (argument, range) in [("right", self.translation[0]), ("down", self.translation[1])] {
            range.check(operation, argument)?;
            if range.low < -1.0 || range.high > 1.0 {
                return wrong(argument, range, "fractions of the image, in -1..=1");
            }
        }
        self.scale.check(operation, "scale")?;
        if self.scale.low <= 0.0 {
            return wrong("scale", self.scale, "positive factors");
        }
        for (argument, range) in [("shear x", self.shear[0]), ("shear y", self.shear[1])] {
            range.check(operation, argument)?;
            if range.low <= -90.0 || range.high >= 90.0 {
                return wrong(argument, range, "degrees between -90 and 90");
            }
        }
        Ok(())
    }
}

impl Transform for RandomAffine {
    fn format(&self, input: Format) -> Result<Format> {
        self.check("RandomAffine", &input)?;
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        let affine = Affine {
            degrees: self.degrees.draw(random),
            translation: self.translation.map(|range| range.draw(random)),
            scale: self.scale.draw(random),
            shear: self.shear.map(|range| range.draw(random)),
            sampling: self.sampling,
        };
        affine.apply(sample, random);
    }
}
