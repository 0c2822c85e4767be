//! Bilinear resizing.

use crate::{Error, Result};
use ndarray::{Array2, ArrayRef2};

/// Resizes a grey image `[rows, columns]` by bilinear interpolation.
///
/// Pixel centres lie at half-integers, the edge pixels continue beyond the edge, and shrinking
/// does not average (no antialiasing): MindSpore's `Resize(size, Inter.LINEAR)` on `float32`, and
/// PyTorch's `interpolate(mode="bilinear", align_corners=False, antialias=False)`.
///
/// ```
/// use ndarray::array;
/// let wide = datasets::resize_bilinear(&array![[0.0_f32, 4.0]], 1, 4)?;
/// assert_eq!(wide, array![[0.0, 1.0, 3.0, 4.0]]);
/// # Ok::<(), datasets::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] if a size asked for is outside 1..=16384, [`Error::Shape`] for an image without a pixel.
pub fn resize_bilinear<T: Copy + Into<f32>>(
    image: &ArrayRef2<T>,
    rows: usize,
    columns: usize,
) -> Result<Array2<f32>> {
    let resize = Bilinear::new(image.dim(), (rows, columns))?;
    let source: Vec<f32> = image.iter().map(|&pixel| pixel.into()).collect();
    let mut resized = Vec::with_capacity(rows * columns);
    resize.apply(&source, &mut resize.scratch(), |_, row| resized.extend_from_slice(row));
    Ok(Array2::from_shape_vec((rows, columns), resized).expect("one row of columns per row"))
}

/// Far above any network's input, and low enough that a slip of the pen asks for no terabyte.
const MAX_SIDE: usize = 16_384;

/// Checks a size asked for on behalf of `operation`.
pub(crate) fn check_size(operation: &'static str, rows: usize, columns: usize) -> Result<()> {
    for (argument, size) in [("rows", rows), ("columns", columns)] {
        if !(1..=MAX_SIDE).contains(&size) {
            return Err(Error::argument(operation, argument, size, "1..=16384"));
        }
    }
    Ok(())
}

/// Where the outputs lie between the inputs, along both axes.
pub(crate) struct Bilinear {
    columns_in: usize,
    horizontal: Vec<Tap>,
    vertical: Vec<Tap>,
}

/// An output is `x[left] + weight · (x[right] − x[left])`: exact where both inputs are equal.
struct Tap {
    left: u32,
    right: u32,
    weight: f32,
}

/// Working memory for one image.
pub(crate) struct Scratch {
    /// Two input rows, resized to the output's columns, and the numbers of those input rows.
    rows: [Vec<f32>; 2],
    held: [Option<usize>; 2],
    output: Vec<f32>,
}

impl Bilinear {
    pub(crate) fn new(from: (usize, usize), to: (usize, usize)) -> Result<Self> {
        let sides = 1..=u32::MAX as usize;
        if !sides.contains(&from.0) || !sides.contains(&from.1) {
            return Err(Error::Shape {
                name: "image",
                found: vec![from.0, from.1],
                expected: "at least one row and one column, and fewer than 2³²".into(),
            });
        }
        check_size("resize", to.0, to.1)?;
        Ok(Bilinear {
            columns_in: from.1,
            horizontal: taps(from.1, to.1),
            vertical: taps(from.0, to.0),
        })
    }

    pub(crate) fn scratch(&self) -> Scratch {
        let row = || vec![0.0; self.horizontal.len()];
        Scratch { rows: [row(), row()], held: [None; 2], output: row() }
    }

    /// Hands each output row with its number to `emit`, top to bottom.
    ///
    /// Neighbouring output rows lie between the same two input rows, or share one: an input row
    /// is interpolated horizontally only once.
    pub(crate) fn apply(
        &self,
        image: &[f32],
        scratch: &mut Scratch,
        mut emit: impl FnMut(usize, &[f32]),
    ) {
        scratch.held = [None; 2];
        for (number, &Tap { left, right, weight }) in self.vertical.iter().enumerate() {
            let (left, right) = (left as usize, right as usize);
            if scratch.held[0] != Some(left) {
                scratch.rows.swap(0, 1);
                scratch.held.swap(0, 1);
            }
            for (slot, row) in [left, right].into_iter().enumerate() {
                if scratch.held[slot] != Some(row) {
                    let row_pixels = &image[row * self.columns_in..][..self.columns_in];
                    self.interpolate_row(row_pixels, &mut scratch.rows[slot]);
                    scratch.held[slot] = Some(row);
                }
            }
            let [upper, lower] = &scratch.rows;
            for ((pixel, &upper), &lower) in scratch.output.iter_mut().zip(upper).zip(lower) {
                *pixel = upper + weight * (lower - upper);
            }
            emit(number, &scratch.output);
        }
    }

    fn interpolate_row(&self, row: &[f32], output: &mut [f32]) {
        for (pixel, &Tap { left, right, weight }) in output.iter_mut().zip(&self.horizontal) {
            let (left, right) = (row[left as usize], row[right as usize]);
            *pixel = left + weight * (right - left);
        }
    }
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let ratio = from as f64 / to as f64;
    let last = u32::try_from(from - 1).expect("sides are checked");
    let tap = |index: usize| {
        let centre = ((index as f64 + 0.5) * ratio - 0.5).max(0.0);
        let left = (centre as u32).min(last);
        Tap { left, right: (left + 1).min(last), weight: (centre - f64::from(left)) as f32 }
    };
    (0..to).map(tap).collect()
}
