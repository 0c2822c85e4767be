//! Grey images with a class label each, stored as bytes.

use crate::array_dataset::check_labels;
use crate::resize::Bilinear;
use crate::{Error, Result};
use ndarray::{Array3, ArrayView2, ArrayView3, Axis};
use rayon::prelude::*;
use std::sync::Arc;

/// Images that are resized at a time, by as many threads as there are.
const BLOCK: usize = 4096;

/// Images `[N, rows, columns]` of `u8` (0 is the background) with one label in `0..classes` each.
///
/// Bytes are a quarter of the memory of `f32`: 47 MB for MNIST's training images. Clones share
/// them.
#[derive(Clone, Debug, PartialEq)]
pub struct LabeledImages {
    /// Row-major.
    pixels: Arc<Vec<u8>>,
    labels: Arc<[u8]>,
    rows: usize,
    columns: usize,
    classes: usize,
}

impl LabeledImages {
    /// Joins images and labels.
    ///
    /// # Errors
    /// [`Error::Counts`] if their numbers differ, [`Error::Label`] for a label outside
    /// `0..classes`, [`Error::Shape`] for images without a pixel.
    pub fn new(images: Array3<u8>, labels: Vec<u8>, classes: usize) -> Result<Self> {
        let (count, rows, columns) = images.dim();
        if rows == 0 || columns == 0 {
            return Err(Error::Shape {
                name: "images",
                found: images.shape().to_vec(),
                expected: "[N, rows, columns] with at least one row and one column".into(),
            });
        }
        if count != labels.len() {
            return Err(Error::Counts {
                input_name: "images",
                inputs: count,
                target_name: "labels",
                targets: labels.len(),
            });
        }
        check_labels(labels.iter().map(|&label| u32::from(label)), classes)?;
        let pixels = Arc::new(into_row_major(images));
        Ok(LabeledImages { pixels, labels: labels.into(), rows, columns, classes })
    }

    /// Resizes every image to `rows` × `columns` (see [`resize_bilinear`](crate::resize_bilinear))
    /// and rounds the pixels to the nearest integers, ties to even.
    ///
    /// Memory is reused where no clone shares it: MNIST's 47 MB grow to 61 MB at 32×32, not to
    /// the sum of both.
    ///
    /// # Errors
    /// [`Error::Argument`] if a size is outside 1..=16384 or the images do not fit into memory.
    pub fn resize(self, rows: usize, columns: usize) -> Result<Self> {
        let resize = Bilinear::new((self.rows, self.columns), (rows, columns))?;
        if (rows, columns) == (self.rows, self.columns) {
            return Ok(self);
        }
        let count = self.len();
        let from = self.rows * self.columns;
        let too_large = || {
            let found = format!("{rows} × {columns} for {count} images");
            Error::argument("resize", "rows × columns", found, "as many pixels as memory holds")
        };
        let to = rows * columns;
        let total = count.checked_mul(to).ok_or_else(too_large)?;
        let mut bytes = Arc::unwrap_or_clone(self.pixels);
        bytes.try_reserve_exact(total.saturating_sub(bytes.len())).map_err(|_| too_large())?;
        bytes.resize(bytes.len().max(total), 0);

        let resize_one = |(image, scratch): &mut (Vec<f32>, _), from: &[u8], to: &mut [u8]| {
            for (value, &byte) in image.iter_mut().zip(from) {
                *value = f32::from(byte);
            }
            resize.apply(image, scratch, |row, values| {
                for (byte, value) in to[row * columns..][..columns].iter_mut().zip(values) {
                    *byte = round(*value);
                }
            });
        };
        // An image must not be written onto one that is still to be read: block by block, from
        // the end where they grow, and reading from a copy of the block.
        let mut copy = vec![0; BLOCK.min(count) * from];
        let blocks = count.div_ceil(BLOCK);
        for block in 0..blocks {
            let block = if to > from { blocks - 1 - block } else { block };
            let images = block * BLOCK..((block + 1) * BLOCK).min(count);
            let copy = &mut copy[..images.len() * from];
            copy.copy_from_slice(&bytes[images.start * from..images.end * from]);
            let resized = &mut bytes[images.start * to..images.end * to];
            copy.par_chunks_exact(from).zip(resized.par_chunks_exact_mut(to)).for_each_init(
                || (vec![0.0; from], resize.scratch()),
                |working, (from, to)| resize_one(working, from, to),
            );
        }
        bytes.truncate(total);
        bytes.shrink_to_fit();
        Ok(LabeledImages { pixels: Arc::new(bytes), rows, columns, ..self })
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The rows of each image.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns of each image.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// All images, `[N, rows, columns]`.
    pub fn images(&self) -> ArrayView3<'_, u8> {
        ArrayView3::from_shape((self.len(), self.rows, self.columns), &self.pixels)
            .expect("as many pixels as the shape says")
    }

    /// Image `index`, `[rows, columns]`; `None` past the last one.
    pub fn image(&self, index: usize) -> Option<ArrayView2<'_, u8>> {
        (index < self.len()).then(|| self.images().index_axis_move(Axis(0), index))
    }

    /// All labels.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// All pixels, row-major.
    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// `value`, in 0..=255, as the nearest integer, ties to even.
///
/// An f32 of 2²³ or more has no fraction: the addition rounds, and leaves the integer in the low
/// bits. `value.round() as u8` compiles to a call and a saturating cast, several times slower.
fn round(value: f32) -> u8 {
    (value + 8_388_608.0).to_bits() as u8
}

/// The elements of an array that may be transposed, or cut out of a larger one.
fn into_row_major(images: Array3<u8>) -> Vec<u8> {
    let len = images.len();
    if !images.is_standard_layout() {
        return images.iter().copied().collect();
    }
    let (mut pixels, offset) = images.into_raw_vec_and_offset();
    pixels.drain(..offset.unwrap_or(0));
    pixels.truncate(len);
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resize_bilinear;
    use ndarray::Array;
    use std::ops::Range;

    /// Images whose pixels are all different modulo 256.
    fn images(count: usize, rows: usize, columns: usize) -> LabeledImages {
        let pixel = |(n, y, x): (usize, usize, usize)| ((n * 7 + y * 31 + x * 101) % 256) as u8;
        let images = Array::from_shape_fn((count, rows, columns), pixel);
        LabeledImages::new(images, vec![0; count], 1).unwrap()
    }

    #[test]
    fn resizing_all_images_is_resizing_each() {
        for (count, from, to) in
            [(5, (4, 3), (7, 5)), (5, (7, 5), (4, 3)), (3, (3, 4), (4, 3)), (0, (2, 2), (3, 3))]
        {
            let before = images(count, from.0, from.1);
            let kept = before.clone();
            for images in [before, images(count, from.0, from.1)] {
                let after = images.resize(to.0, to.1).unwrap();
                assert_eq!(after.images().shape(), [count, to.0, to.1]);
                for index in 0..count {
                    let expected =
                        resize_bilinear(&kept.image(index).unwrap(), to.0, to.1).unwrap();
                    let rounded = expected.mapv(|value| value.round_ties_even() as u8);
                    assert_eq!(after.image(index).unwrap(), rounded);
                }
            }
            assert_eq!(kept, self::images(count, from.0, from.1), "a clone changed");
        }
    }

    #[test]
    fn rounding_is_that_of_the_standard() {
        for step in 0..=255 * 64 {
            let value = step as f32 / 64.0;
            assert_eq!(round(value), value.round_ties_even() as u8, "{value}");
            let below = value.next_down().max(0.0);
            assert_eq!(round(below), below.round_ties_even() as u8, "{below}");
        }
    }

    #[test]
    fn the_layout_in_memory_does_not_matter() {
        let whole = images(4, 3, 2).images().to_owned();
        let mut reversed = whole.clone();
        reversed.invert_axis(Axis(0));
        let cut = |axis: usize, part: Range<usize>| {
            let mut cut = whole.clone();
            cut.slice_axis_inplace(Axis(axis), part.into());
            cut
        };
        let transposed = whole.clone().permuted_axes([0, 2, 1]);
        let cuts = [transposed, reversed, cut(0, 1..3), cut(0, 0..1), cut(1, 1..3)];
        for cut in cuts {
            let images = LabeledImages::new(cut.clone(), vec![0; cut.dim().0], 1).unwrap();
            assert_eq!(images.images(), cut);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let zeros = |count, rows| Array3::zeros((count, rows, 2));
        let cases = [
            (
                LabeledImages::new(zeros(2, 2), vec![0, 1, 0], 2),
                "3 labels for 2 images, expected one each: the two do not belong together",
            ),
            (
                LabeledImages::new(zeros(3, 2), vec![0, 1, 11], 10),
                "label 11 at position 2 is out of range, expected 0..=9 for 10 classes: \
                 correct the label or state the right number of classes",
            ),
            (
                LabeledImages::new(zeros(1, 0), vec![0], 1),
                "images has shape [1, 0, 2], expected [N, rows, columns] with at least one row and one column",
            ),
            (images(1, 2, 2).resize(0, 4), "resize: rows is 0, expected 1..=16384"),
            (
                images(1, 2, 2).resize(4, 1 << 40),
                "resize: columns is 1099511627776, expected 1..=16384",
            ),
        ];
        for (result, message) in cases {
            assert_eq!(result.unwrap_err().to_string(), message);
        }
    }
}
