//! Other units for the elements.

use super::{Format, Sample, Stream, Transform, finite};
use crate::{Error, Result};

/// Replaces each element `x` by `scale · x + shift`: MindSpore's `Rescale`.
///
/// For grey images that need nothing before it,
/// [`ImageDataset::rescale`](crate::ImageDataset::rescale) costs nothing.
#[derive(Clone, Debug)]
pub struct Rescale {
    scale: f64,
    shift: f64,
}

impl Rescale {
    /// `Rescale::new(1.0 / 255.0, 0.0)` brings bytes to 0..=1.
    pub fn new(scale: f64, shift: f64) -> Self {
        Rescale { scale, shift }
    }

    fn value(&self, x: f32) -> f32 {
        x * self.scale as f32 + self.shift as f32
    }
}

impl Transform for Rescale {
    fn format(&self, mut input: Format) -> Result<Format> {
        finite("Rescale", "scale", self.scale)?;
        finite("Rescale", "shift", self.shift)?;
        input.map_background(|_, x| self.value(x));
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        sample.values_mut().iter_mut().for_each(|x| *x = self.value(*x));
        sample.format_mut().map_background(|_, x| self.value(x));
    }
}

/// Replaces each element `x` by `(x − mean) / std`, with numbers for all or for each channel:
/// MindSpore's and torchvision's `Normalize`, here also beyond 255 and for samples that are no
/// images.
#[derive(Clone, Debug)]
pub struct Normalize {
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Normalize {
    /// One mean and one standard deviation, or one for each entry of the first axis.
    pub fn new(mean: impl Into<Vec<f64>>, std: impl Into<Vec<f64>>) -> Self {
        Normalize { mean: mean.into(), std: std.into() }
    }

    /// What becomes of an element of a channel.
    fn value(&self, channel: usize) -> impl Fn(f32) -> f32 + use<> {
        let of = |numbers: &[f64]| *numbers.get(channel).unwrap_or(&numbers[0]) as f32;
        let (mean, std) = (of(&self.mean), of(&self.std));
        move |x| (x - mean) / std
    }

    /// How many channels are told apart.
    fn channels(&self) -> usize {
        self.mean.len().max(self.std.len())
    }

    fn change_background(&self, format: &mut Format) {
        if self.channels() > 1 {
            format.spread_background(self.channels());
        }
        format.map_background(|channel, x| self.value(channel)(x));
    }
}

impl Transform for Normalize {
    fn format(&self, mut input: Format) -> Result<Format> {
        let channels = input.shape.first().copied().unwrap_or(1);
        for (argument, numbers) in [("mean", &self.mean), ("std", &self.std)] {
            let given = numbers.len();
            if given != 1 && given != channels {
                return Err(Error::argument(
                    "Normalize",
                    argument,
                    format!("{given} numbers for samples {:?}", input.shape),
                    "1, or one for each channel",
                ));
            }
        }
        self.mean.iter().try_for_each(|&mean| finite("Normalize", "mean", mean))?;
        for &std in &self.std {
            if !(std > 0.0 && std.is_finite()) {
                return Err(Error::argument("Normalize", "std", std, "a positive, finite number"));
            }
        }
        self.change_background(&mut input);
        Ok(input)
    }

    fn apply(&self, sample: &mut Sample, _: &mut Stream) {
        let size = (sample.len() / self.channels()).max(1);
        for (channel, values) in sample.values_mut().chunks_exact_mut(size).enumerate() {
            let value = self.value(channel);
            values.iter_mut().for_each(|x| *x = value(*x));
        }
        self.change_background(sample.format_mut());
    }
}
