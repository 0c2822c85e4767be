//! Grey images as the input of a network.

use crate::{Dataset, Draw, Error, LabeledImages, Result, TargetKind, TargetMut};
use std::hint::black_box;

/// [`LabeledImages`] as a dataset of `f32` inputs `[1, rows, columns]` with class labels.
///
/// [`rescale`](ImageDataset::rescale) and [`normalize`](ImageDataset::normalize) happen when a
/// sample is drawn, as one multiplication and one addition per pixel. Resizing happens once, into
/// bytes: measured (`cargo bench -p datasets`), drawing is then several times faster than
/// resizing anew for each epoch, and 32×32 bytes are still a quarter of the memory of `f32`.
///
/// The chapter's pipeline for LeNet-5:
///
/// ```
/// use datasets::{Dataset, ImageDataset, Mnist};
///
/// let mnist = Mnist::load_default()?;
/// let train = ImageDataset::new(mnist.train)
///     .resize(32, 32)?
///     .rescale(1.0 / 255.0, 0.0)?
///     .normalize(0.1307, 0.3081)?;
/// assert_eq!((train.len(), train.input_shape()), (60_000, &[1, 32, 32][..]));
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageDataset {
    images: LabeledImages,
    shape: [usize; 3],
    scale: f64,
    shift: f64,
}

impl ImageDataset {
    /// The images as they are, with pixels in 0..=255.
    pub fn new(images: LabeledImages) -> Self {
        let shape = [1, images.rows(), images.columns()];
        ImageDataset { images, shape, scale: 1.0, shift: 0.0 }
    }

    /// Resizes every image, as [`LabeledImages::resize`] does.
    ///
    /// # Errors
    /// [`Error::Argument`] if a size is outside 1..=16384 or the images do not fit into memory.
    pub fn resize(self, rows: usize, columns: usize) -> Result<Self> {
        let images = self.images.resize(rows, columns)?;
        Ok(ImageDataset { images, shape: [1, rows, columns], ..self })
    }

    /// Replaces each pixel `x` by `scale · x + shift`: MindSpore's `Rescale`.
    ///
    /// # Errors
    /// [`Error::Argument`] if a number is infinite or NaN.
    pub fn rescale(self, scale: f64, shift: f64) -> Result<Self> {
        for (argument, value) in [("scale", scale), ("shift", shift)] {
            if !value.is_finite() {
                return Err(argument_error("rescale", argument, value, "a finite number"));
            }
        }
        Ok(ImageDataset { scale: scale * self.scale, shift: scale * self.shift + shift, ..self })
    }

    /// Replaces each pixel `x` by `(x − mean) / std`: MindSpore's and torchvision's `Normalize`.
    ///
    /// # Errors
    /// [`Error::Argument`] if `mean` is not finite or `std` not positive and finite.
    pub fn normalize(self, mean: f64, std: f64) -> Result<Self> {
        if !mean.is_finite() {
            return Err(argument_error("normalize", "mean", mean, "a finite number"));
        }
        if !(std > 0.0 && std.is_finite()) {
            return Err(argument_error("normalize", "std", std, "a positive, finite number"));
        }
        Ok(ImageDataset { scale: self.scale / std, shift: (self.shift - mean) / std, ..self })
    }

    /// The images behind the samples.
    pub fn images(&self) -> &LabeledImages {
        &self.images
    }
}

impl Dataset for ImageDataset {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn input_shape(&self) -> &[usize] {
        &self.shape
    }

    fn target(&self) -> TargetKind<'_> {
        TargetKind::Class { classes: self.images.classes() }
    }

    fn fetch(
        &self,
        _: Draw,
        indices: &[usize],
        input: &mut [f32],
        target: TargetMut<'_>,
    ) -> Result<()> {
        self.check(indices, input, &target)?;
        for (label, &index) in target.class()?.iter_mut().zip(indices) {
            *label = u32::from(self.images.labels()[index]);
        }
        let size = self.shape[1] * self.shape[2];
        let pixels = self.images.pixels();
        let image = |index: usize| &pixels[index * size..][..size];
        // Shuffled images are seldom in a cache. One byte of every cache line is read ahead, so
        // that the processor waits for many lines at once and not for one after another.
        let touch = |sum: u8, line: &[u8]| sum ^ line[0];
        black_box(indices.iter().flat_map(|&index| image(index).chunks(64)).fold(0, touch));
        let (scale, shift) = (self.scale as f32, self.shift as f32);
        for (values, &index) in input.chunks_exact_mut(size).zip(indices) {
            for (value, &pixel) in values.iter_mut().zip(image(index)) {
                *value = f32::from(pixel) * scale + shift;
            }
        }
        Ok(())
    }
}

fn argument_error(
    operation: &'static str,
    argument: &'static str,
    found: f64,
    expected: &'static str,
) -> Error {
    Error::Argument { operation, argument, found: found.to_string(), expected }
}
