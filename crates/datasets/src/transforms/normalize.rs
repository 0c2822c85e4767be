//! Mean 0 and standard deviation 1.

use super::{Format, Sample, Stream, Transform, finite};
use crate::scan::scan;
use crate::{Dataset, Error, Result};

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

    /// What gives the samples of `dataset` the mean 0 and the standard deviation 1, each entry of
    /// the first axis by itself: the columns of a table, the channels of images. Where all values
    /// are equal the divisor is 1. scikit-learn's `StandardScaler`.
    ///
    /// Measure the training data, and change all data by what was found:
    ///
    /// ```
    /// use datasets::transforms::Normalize;
    /// use datasets::{Dataset, synthetic::TwoMoons};
    ///
    /// let (train, test) = TwoMoons::new(100).generate(1)?.split(0.8, 1)?;
    /// let normalize = Normalize::of(&train)?;
    /// let (train, test) = (train.map(normalize.clone())?, test.map(normalize)?);
    /// # Ok::<(), datasets::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Empty`] where there is no sample; what the dataset meets in drawing its samples.
    pub fn of(dataset: &dyn Dataset) -> Result<Self> {
        if dataset.is_empty() {
            return Err(Error::Empty { operation: "Normalize" });
        }
        let channels = dataset.input_shape().first().map_or(1, |&channels| channels.max(1));
        let mut moments = vec![Moments::default(); channels];
        let size = dataset.input_shape().iter().skip(1).product::<usize>();
        scan(dataset, |_, input, _| {
            for (number, values) in input.chunks_exact(size.max(1)).enumerate() {
                values.iter().for_each(|&x| moments[number % channels].add(f64::from(x)));
            }
            Ok(())
        })?;
        let (mean, std) = moments.iter().map(Moments::mean_and_std).unzip();
        Ok(Normalize { mean, std })
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

/// The mean and the squared distances from it, updated number by number (Welford).
#[derive(Clone, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, x: f64) {
        self.count += 1.0;
        let distance = x - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (x - self.mean);
    }

    fn mean_and_std(&self) -> (f64, f64) {
        let std = (self.squares / self.count.max(1.0)).sqrt();
        (self.mean, if std == 0.0 { 1.0 } else { std })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ArrayDataset, Draw, TargetMut};
    use ndarray::{Array2, Array4, array};

    fn drawn(data: &impl Dataset) -> Vec<f32> {
        let samples = data.len();
        let size = data.input_shape().iter().product::<usize>();
        let (mut input, mut labels) = (vec![0.0; samples * size], vec![0; samples]);
        let indices: Vec<usize> = (0..samples).collect();
        data.fetch(Draw::default(), &indices, &mut input, TargetMut::Class(&mut labels)).unwrap();
        input
    }

    #[test]
    fn columns_are_measured_one_by_one() {
        // The last column is constant.
        let inputs = array![[1.0, 100.0, 7.0], [3.0, 300.0, 7.0]];
        let data = ArrayDataset::with_classes(inputs, vec![0, 1], 2).unwrap();
        let normalize = Normalize::of(&data).unwrap();
        assert_eq!(
            (&normalize.mean[..], &normalize.std[..]),
            (&[2.0, 200.0, 7.0][..], &[1.0, 100.0, 1.0][..])
        );
        assert_eq!(drawn(&data.map(normalize).unwrap()), [-1.0, -1.0, 0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn channels_of_images_have_mean_0_and_deviation_1() {
        let images = Array4::from_shape_fn((70, 2, 3, 3), |(n, c, i, j)| {
            (1000 * c + (7 * n + 3 * i + j) % 11) as f32
        });
        let data = ArrayDataset::with_classes(images, vec![0; 70], 1).unwrap();
        let normalize = Normalize::of(&data).unwrap();
        let values = drawn(&data.map(normalize).unwrap());
        for channel in 0..2 {
            let of = |power: i32| {
                let numbers = values.chunks_exact(9).skip(channel).step_by(2).flatten();
                numbers.map(|&x| f64::from(x).powi(power)).sum::<f64>() / (70.0 * 9.0)
            };
            assert!(of(1).abs() < 1e-5 && (of(2) - 1.0).abs() < 1e-5, "{} {}", of(1), of(2));
        }
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        let text = |inputs: Array2<f32>| {
            let labels = vec![0; inputs.nrows()];
            let data = ArrayDataset::with_classes(inputs, labels, 1).unwrap();
            let normalized = Normalize::of(&data).and_then(|normalize| data.map(normalize));
            normalized.map(|_| ()).unwrap_err().to_string()
        };
        assert_eq!(
            text(Array2::zeros((0, 2))),
            "Normalize: the dataset is empty, expected at least one sample: check the data or the \
             filter that made it"
        );
        let nan = text(array![[0.0, f32::NAN]]);
        assert_eq!(nan, "Normalize: mean is NaN, expected a finite number");
        let nothing = ArrayDataset::with_classes(Array2::zeros((3, 0)), vec![0; 3], 1).unwrap();
        assert!(Normalize::of(&nothing).is_ok());
    }
}
