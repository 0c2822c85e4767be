//! Changes to a sample each time it is drawn: augmentation, noise, normalisation.
//!
//! [`Dataset::map`](crate::Dataset::map) applies a [`Transform`], or several joined by [`Compose`];
//! `map` can also be called again. Map the training data only: what is evaluated stays as it is.
//!
//! ```
//! use datasets::transforms::{Compose, GaussianNoise, RandomRotation, RandomTranslation};
//! use datasets::{Dataset, ImageDataset, LabeledImages, Mnist};
//!
//! let images = |images: LabeledImages| ImageDataset::new(images).normalize(33.3, 78.6);
//! let mnist = Mnist::load_default()?;
//! let augment = Compose::new()
//!     .then(RandomRotation::new(10.0))
//!     .then(RandomTranslation::new(0.1, 0.1))
//!     .then(GaussianNoise::new(0.05));
//! let train = images(mnist.train)?.map(augment)?.batch(32)?;
//! let test = images(mnist.test)?.batch(32)?;
//! # Ok::<(), datasets::Error>(())
//! ```
//!
//! | | |
//! |---|---|
//! | [`RandomRotation`], [`RandomTranslation`], [`RandomScale`], [`RandomAffine`] | moved images; [`Affine`] by fixed amounts |
//! | [`RandomCrop`], [`CenterCrop`], [`Crop`], [`Pad`], [`Resize`] | other sizes |
//! | [`RandomHorizontalFlip`], [`HorizontalFlip`] | mirrored images |
//! | [`GaussianNoise`], [`RandomErasing`], [`Erase`] | disturbed images |
//! | [`Rescale`], [`Normalize`] | other units |
//!
//! # Conventions
//!
//! - An image is `[rows, columns]` or `[channels, rows, columns]`; row 0 is at the top.
//! - **Positive angles turn counter-clockwise** as seen on the screen, in every transform, as with
//!   Pillow and MindSpore's `RandomRotation` (MindSpore's `RandomAffine` turns the other way).
//! - **Positive translations go right and down**, in fractions of the width and the height.
//! - A scale above 1 enlarges what is in the image. Rotation, scaling and shearing keep its centre.
//! - Together they act in the order of PyTorch's and MindSpore's `affine`: scale, shear, rotate,
//!   translate.
//! - What comes into view from outside the image is its *background*: what a stored pixel of 0 has
//!   become by then, so it does not matter whether pixels have been normalised yet. [`Sampling`]
//!   has other choices.
//! - Random numbers are a function of *(seed, epoch, sample)*: neither the batch nor the thread
//!   counts.

mod affine;
mod compose;
mod crop;
mod erase;
mod flip;
mod interval;
mod mapped;
mod noise;
mod normalize;
mod pad;
mod random_affine;
mod random_rotation;
mod random_scale;
mod random_translation;
mod rescale;
mod resize;
mod sample;
mod sampling;
mod warp;

pub use affine::Affine;
pub use compose::Compose;
pub use crop::{CenterCrop, Crop, RandomCrop};
pub use erase::{Erase, RandomErasing};
pub use flip::{HorizontalFlip, RandomHorizontalFlip};
pub use interval::Interval;
pub use mapped::Mapped;
pub use noise::GaussianNoise;
pub use normalize::Normalize;
pub use pad::{Pad, PadMode};
pub use random_affine::RandomAffine;
pub use random_rotation::RandomRotation;
pub use random_scale::RandomScale;
pub use random_translation::RandomTranslation;
pub use rescale::Rescale;
pub use resize::Resize;
pub use sample::{Format, Sample};
pub use sampling::{Border, Interpolation, Sampling};
pub use tensor::random::Stream;

use crate::{Error, Result};
use std::fmt;

/// A change to the inputs of samples; targets stay as they are.
///
/// Your own:
///
/// ```
/// use datasets::transforms::{Sample, Stream, Transform};
///
/// /// Turns light into dark, in half of the cases.
/// #[derive(Debug)]
/// struct RandomInvert;
///
/// impl Transform for RandomInvert {
///     fn apply(&self, sample: &mut Sample, random: &mut Stream) {
///         if random.uniform() < 0.5 {
///             sample.values_mut().iter_mut().for_each(|x| *x = 255.0 - *x);
///         }
///     }
/// }
/// ```
pub trait Transform: fmt::Debug + Send + Sync {
    /// Checks the settings, and says what samples of `input` become: the same, unless implemented.
    ///
    /// Called once, when a dataset is mapped.
    ///
    /// # Errors
    /// Settings that make no sense, or that do not fit the input.
    fn format(&self, input: Format) -> Result<Format> {
        Ok(input)
    }

    /// Changes a sample, which is of the format that was checked, with random numbers from
    /// `random` alone.
    fn apply(&self, sample: &mut Sample, random: &mut Stream);
}

/// A number that is not NaN or infinite.
fn finite(operation: &'static str, argument: &'static str, value: f64) -> Result<()> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(Error::argument(operation, argument, value, "a finite number"))
    }
}

/// A number in 0..=1.
fn probability(operation: &'static str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::argument(operation, "probability", value, "a probability in 0..=1"))
    }
}

/// A standard deviation, where 0 makes sense.
fn deviation(operation: &'static str, argument: &'static str, value: f64) -> Result<()> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        let expected = "a standard deviation: finite, and 0 or more";
        Err(Error::argument(operation, argument, value, expected))
    }
}
