//! Grey images with a class label each, stored as bytes.

use crate::array_dataset::check_labels;
use crate::{Error, Result};
use ndarray::{Array3, ArrayView2, ArrayView3, Axis};
use std::sync::Arc;

/// Images `[N, rows, columns]` of `u8` (0 is the background) with one label in `0..classes` each.
///
/// Bytes are a quarter of the memory of `f32`: 47 MB for MNIST's training images. Clones share
/// them.
#[derive(Clone, Debug, PartialEq)]
pub struct LabeledImages {
    images: Arc<Array3<u8>>,
    labels: Arc<[u8]>,
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
        let images =
            if images.is_standard_layout() { images } else { images.as_standard_layout().into_owned() };
        Ok(LabeledImages { images: Arc::new(images), labels: labels.into(), classes })
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
        self.images.len_of(Axis(1))
    }

    /// The columns of each image.
    pub fn columns(&self) -> usize {
        self.images.len_of(Axis(2))
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// All images, `[N, rows, columns]`.
    pub fn images(&self) -> ArrayView3<'_, u8> {
        self.images.view()
    }

    /// Image `index`, `[rows, columns]`; `None` past the last one.
    pub fn image(&self, index: usize) -> Option<ArrayView2<'_, u8>> {
        (index < self.len()).then(|| self.images.index_axis(Axis(0), index))
    }

    /// All labels.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// All pixels, row-major.
    pub(crate) fn pixels(&self) -> &[u8] {
        self.images.as_slice().expect("made row-major on construction")
    }
}
