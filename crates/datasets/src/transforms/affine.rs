//! Moving an image by fixed amounts.

use super::warp::{Origin, warp};
use super::{Format, Sample, Sampling, Stream, Transform, finite};
use crate::{Error, Result};

/// Scales, shears, rotates and translates images by fixed amounts, in this order: PyTorch's and
/// MindSpore's `affine`, but angles are counter-clockwise (see the
/// [conventions](crate::transforms)).
///
/// A pixel that is (x, y) to the right of and above the centre moves to
///
/// ```text
/// R(θ) · | 1        0 | · | 1  tan α | · s · | x |  +  translation
///        | tan β    1 |   | 0    1   |       | y |
/// ```
///
/// for degrees θ, shear (α, β) and scale s. Shear α > 0 leans the image to the right, as italics do.
/// Whatever is not set stays as it is.
#[derive(Clone, Debug)]
pub struct Affine {
    pub(super) degrees: f64,
    pub(super) translation: [f64; 2],
    pub(super) scale: f64,
    pub(super) shear: [f64; 2],
    pub(super) sampling: Sampling,
}

impl Default for Affine {
    fn default() -> Self {
        Affine::new()
    }
}

impl Affine {
    /// The identity.
    pub fn new() -> Self {
        let (degrees, scale, sampling) = (0.0, 1.0, Sampling::bilinear());
        Affine { degrees, translation: [0.0; 2], scale, shear: [0.0; 2], sampling }
    }

    /// Turns the image counter-clockwise: MindSpore's `Rotate`.
    #[must_use]
    pub fn rotate(mut self, degrees: f64) -> Self {
        self.degrees = degrees;
        self
    }

    /// Moves the image to the right by a fraction of its width and down by one of its height.
    #[must_use]
    pub fn translate(mut self, right: f64, down: f64) -> Self {
        self.translation = [right, down];
        self
    }

    /// Enlarges the image.
    #[must_use]
    pub fn scale(mut self, factor: f64) -> Self {
        self.scale = factor;
        self
    }

    /// Shears by `x` degrees along the rows and by `y` degrees along the columns, below 90 each.
    #[must_use]
    pub fn shear(mut self, x: f64, y: f64) -> Self {
        self.shear = [x, y];
        self
    }

    /// How pixels are looked up.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Where the pixels of an image of this size come from: the inverse of the formula above, in
    /// rows that count downwards.
    fn origin(&self, rows: usize, columns: usize) -> Origin {
        let (sin, cos) = sin_cos(self.degrees);
        let [alpha, beta] = self.shear.map(|degrees| degrees.to_radians().tan());
        // The matrix for y downwards: R(θ) with -θ, and shears with the opposite sign.
        let sheared = [[1.0, -alpha], [-beta, 1.0 + alpha * beta]];
        let turned = |row: [f64; 2]| {
            [0, 1].map(|k| self.scale * (row[0] * sheared[0][k] + row[1] * sheared[1][k]))
        };
        let [[a, b], [c, d]] = [turned([cos, sin]), turned([-sin, cos])];
        // Neither a rotation nor these shears change areas: the determinant is scale².
        let area = self.scale * self.scale;
        let (x, y) = ([d / area, -b / area], [-c / area, a / area]);
        let (middle_x, middle_y) = ((columns as f64 - 1.0) / 2.0, (rows as f64 - 1.0) / 2.0);
        let from_x = middle_x + self.translation[0] * columns as f64;
        let from_y = middle_y + self.translation[1] * rows as f64;
        let line = |[a, b]: [f64; 2], middle: f64| [a, b, middle - a * from_x - b * from_y];
        Origin { x: line(x, middle_x), y: line(y, middle_y) }
    }
}

impl Transform for Affine {
    fn format(&self, input: Format) -> Result<Format> {
        let &Affine { degrees, translation, scale, shear, sampling } = self;
        sampling.check("Affine", &input)?;
        finite("Affine", "degrees", degrees)?;
        for (argument, value) in [("right", translation[0]), ("down", translation[1])] {
            finite("Affine", argument, value)?;
        }
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(Error::argument("Affine", "scale", scale, "a positive, finite number"));
        }
        for (argument, value) in [("shear x", shear[0]), ("shear y", shear[1])] {
            let in_range = value.abs() < 90.0;
            if !in_range {
                return Err(Error::argument(
                    "Affine",
                    argument,
                    value,
                    "degrees between -90 and 90",
                ));
            }
        }
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        let [_, rows, columns] = sample.image();
        warp(sample, (rows, columns), &self.origin(rows, columns), self.sampling);
    }
}

/// Exact for quarter turns, which then move pixels without mixing them.
fn sin_cos(degrees: f64) -> (f64, f64) {
    match degrees.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        turned => turned.to_radians().sin_cos(),
    }
}
