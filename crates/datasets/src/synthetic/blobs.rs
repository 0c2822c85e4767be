//! Clouds of points.

use super::plane;
use crate::{ArrayDataset, Result};
use std::f64::consts::TAU;

/// Normally distributed points round one centre for each class.
///
/// The centre of class k of K is the point of the unit circle at angle 2π k / K: (1, 0) and (-1, 0)
/// for two classes, which a perceptron parts as long as the noise is small. The noise is all there
/// is to a blob: with 0 its points coincide.
///
/// ```
/// use datasets::{Dataset, synthetic::Blobs};
///
/// let blobs = Blobs::new(90, 3).noise(0.3).generate(1)?;
/// assert_eq!((blobs.len(), blobs.input_shape()), (90, &[2][..]));
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Blobs {
    samples: usize,
    classes: usize,
    noise: f64,
}

impl Blobs {
    /// So many samples of all `classes` together.
    pub fn new(samples: usize, classes: usize) -> Self {
        Blobs { samples, classes, noise: 0.2 }
    }

    /// The standard deviation of each coordinate; 0.2 unless set.
    #[must_use]
    pub fn noise(mut self, noise: f64) -> Self {
        self.noise = noise;
        self
    }

    /// The points, `[samples, 2]`, class by class.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for no class, fewer samples than classes, or noise that is negative,
    /// infinite or NaN.
    pub fn generate(&self, seed: u64) -> Result<ArrayDataset> {
        let &Blobs { samples, classes, noise } = self;
        plane("Blobs", (samples, classes), noise, seed, |class, _, _| {
            let (y, x) = (TAU * class as f64 / classes as f64).sin_cos();
            [x, y]
        })
    }
}
