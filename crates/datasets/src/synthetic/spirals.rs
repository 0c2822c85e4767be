//! Interleaved spirals.

use super::plane;
use crate::{ArrayDataset, Error, Result};
use std::f64::consts::TAU;

/// Spiral arms, one for each class, that wind counter-clockwise from the origin to the unit circle.
///
/// With `u` = 1/n, 2/n, ..., 1 along an arm of n samples, arm k of K is at radius u and angle
/// 2π (turns · u + k / K): Archimedean spirals. So x and y are in -1..=1 before noise. Two arms of
/// one turn part well with a few hidden units; more turns are harder (Lang and Witbrock 1988 used
/// three).
///
/// ```
/// use datasets::{Dataset, TargetKind, synthetic::Spirals};
///
/// let spirals = Spirals::new(300, 3).turns(1.5).noise(0.02).generate(1)?;
/// assert_eq!(spirals.target(), TargetKind::Class { classes: 3 });
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Spirals {
    samples: usize,
    classes: usize,
    turns: f64,
    noise: f64,
}

impl Spirals {
    /// So many samples of all `classes` together.
    pub fn new(samples: usize, classes: usize) -> Self {
        Spirals { samples, classes, turns: 1.0, noise: 0.0 }
    }

    /// How often each arm goes round the origin; 1 unless set. Negative turns wind clockwise.
    #[must_use]
    pub fn turns(mut self, turns: f64) -> Self {
        self.turns = turns;
        self
    }

    /// The standard deviation of the noise on each coordinate; 0 unless set.
    #[must_use]
    pub fn noise(mut self, noise: f64) -> Self {
        self.noise = noise;
        self
    }

    /// The points, `[samples, 2]`, arm by arm from the origin outwards.
    ///
    /// # Errors
    /// [`Error::Argument`] for no class, fewer samples than classes, turns that are not finite, or
    /// noise that is negative, infinite or NaN.
    pub fn generate(&self, seed: u64) -> Result<ArrayDataset> {
        let &Spirals { samples, classes, turns, noise } = self;
        if !turns.is_finite() {
            return Err(Error::argument("Spirals", "turns", turns, "a finite number"));
        }
        plane("Spirals", (samples, classes), noise, seed, |class, number, count| {
            let along = (number + 1) as f64 / count as f64;
            let (y, x) = (TAU * (turns * along + class as f64 / classes as f64)).sin_cos();
            [along * x, along * y]
        })
    }
}
