//! Two half circles.

use super::plane;
use crate::{ArrayDataset, Result};
use std::f64::consts::PI;

/// Two interlocking half circles of radius 1: scikit-learn's `make_moons`.
///
/// Class 0 is the upper half circle round (0, 0), class 1 the lower one round (1, 0.5), so that
/// x is in -1..=2 and y in -0.5..=1 before noise. Each is evenly spaced, from its left or right end
/// onwards, and the two lie one after the other in the data set; class 1 has the odd sample. In the
/// order of its samples alone it differs from scikit-learn's default, which shuffles.
///
/// ```
/// use datasets::{Dataset, synthetic::TwoMoons};
///
/// let moons = TwoMoons::new(200).noise(0.1).generate(1)?;
/// assert_eq!((moons.len(), moons.input_shape()), (200, &[2][..]));
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TwoMoons {
    samples: usize,
    noise: f64,
}

impl TwoMoons {
    /// So many samples of both classes together.
    pub fn new(samples: usize) -> Self {
        TwoMoons { samples, noise: 0.0 }
    }

    /// The standard deviation of the noise on each coordinate; 0 unless set.
    #[must_use]
    pub fn noise(mut self, noise: f64) -> Self {
        self.noise = noise;
        self
    }

    /// The points, `[samples, 2]`.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for fewer than 2 samples, or noise that is negative, infinite or NaN.
    pub fn generate(&self, seed: u64) -> Result<ArrayDataset> {
        plane("TwoMoons", (self.samples, 2), self.noise, seed, |class, number, count| {
            let angle = PI * number as f64 / (count - 1).max(1) as f64;
            let (y, x) = angle.sin_cos();
            if class == 0 { [x, y] } else { [1.0 - x, 0.5 - y] }
        })
    }
}
