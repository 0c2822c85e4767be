//! Grey images as the input of a network.

use crate::{Dataset, Draw, Error, LabeledImages, Result, TargetKind, TargetMut};
use std::hint::black_box;
use tensor::kernels::elementwise::affine_bytes;

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
                return Err(Error::argument("rescale", argument, value, "a finite number"));
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
            return Err(Error::argument("normalize", "mean", mean, "a finite number"));
        }
        if !(std > 0.0 && std.is_finite()) {
            return Err(Error::argument("normalize", "std", std, "a positive, finite number"));
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

    /// What a pixel of 0 has become.
    fn background(&self) -> Vec<f32> {
        vec![self.shift as f32]
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
            affine_bytes(values, image(index), scale, shift);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    fn images() -> LabeledImages {
        let pixels = Array3::from_shape_fn((3, 2, 2), |(n, y, x)| (n * 80 + y * 20 + x * 3) as u8);
        LabeledImages::new(pixels, vec![4, 5, 6], 10).unwrap()
    }

    fn fetch(data: &ImageDataset, indices: &[usize]) -> (Vec<f32>, Vec<u32>) {
        let size: usize = data.input_shape().iter().product();
        let (mut input, mut labels) =
            (vec![f32::NAN; indices.len() * size], vec![99; indices.len()]);
        data.fetch(Draw::default(), indices, &mut input, TargetMut::Class(&mut labels)).unwrap();
        (input, labels)
    }

    #[test]
    fn samples_are_scaled_pixels_and_labels() {
        let data = ImageDataset::new(images());
        assert_eq!(data.target(), TargetKind::Class { classes: 10 });
        let (input, labels) = fetch(&data, &[2, 0]);
        assert_eq!(input, [160.0, 163.0, 180.0, 183.0, 0.0, 3.0, 20.0, 23.0]);
        assert_eq!(labels, [6, 4]);
        let data = data.rescale(1.0 / 255.0, 0.0).unwrap().normalize(0.1307, 0.3081).unwrap();
        let (input, _) = fetch(&data, &[1]);
        for (value, pixel) in input.iter().zip([80.0, 83.0, 100.0, 103.0]) {
            let expected = (pixel / 255.0 - 0.1307) / 0.3081;
            assert!((f64::from(*value) - expected).abs() < 1e-6, "{value} {expected}");
        }
    }

    #[test]
    fn the_order_of_the_steps_counts() {
        let first =
            ImageDataset::new(images()).rescale(2.0, 1.0).unwrap().normalize(5.0, 4.0).unwrap();
        let (input, _) = fetch(&first, &[0]);
        assert_eq!(input, [-1.0, 0.5, 9.0, 10.5]);
        let other =
            ImageDataset::new(images()).normalize(5.0, 4.0).unwrap().rescale(2.0, 1.0).unwrap();
        let (input, _) = fetch(&other, &[0]);
        assert_eq!(input, [-1.5, 0.0, 8.5, 10.0]);
    }

    #[test]
    fn a_resized_image_is_that_of_the_resizer() {
        let data = ImageDataset::new(images()).resize(3, 5).unwrap();
        assert_eq!(data.input_shape(), [1, 3, 5]);
        let expected = crate::resize_bilinear(&images().image(1).unwrap(), 3, 5).unwrap();
        assert_eq!(
            fetch(&data, &[1]).0,
            expected.mapv(f32::round_ties_even).into_raw_vec_and_offset().0
        );
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        let data = || ImageDataset::new(images());
        let cases = [
            (data().rescale(f64::NAN, 0.0), "rescale: scale is NaN, expected a finite number"),
            (data().rescale(1.0, f64::INFINITY), "rescale: shift is inf, expected a finite number"),
            (data().normalize(f64::NAN, 1.0), "normalize: mean is NaN, expected a finite number"),
            (data().normalize(0.0, 0.0), "normalize: std is 0, expected a positive, finite number"),
            (
                data().normalize(0.0, -1.0),
                "normalize: std is -1, expected a positive, finite number",
            ),
            (data().resize(3, 0), "resize: columns is 0, expected 1..=16384"),
        ];
        for (result, message) in cases {
            assert_eq!(result.unwrap_err().to_string(), message);
        }
    }
}
