//! [`LearningRateFinder`]: which learning rate to begin with.

use crate::{Callback, Error, Model, Result, RunContext, Validation};
use datasets::{Batches, Dataset};
use layers::Layer;
use optim::{RangeLr, Schedule};

/// The learning-rate range test: trains for a few hundred steps while the rate rises by a constant
/// factor, and looks where the loss falls fastest.
///
/// Smith, *Cyclical Learning Rates for Training Neural Networks* (2017); the suggestion and the stop
/// at four times the lowest loss are fastai's. The test spends the model: its weights have been
/// trained and then spoilt. Give it one of its own.
///
/// ```
/// use datasets::{ArrayDataset, Dataset};
/// use layers::{Dense, MseLoss};
/// use ndarray::Array2;
/// use optim::Momentum;
/// use train::{LearningRateFinder, Model};
///
/// // y = 3 a - b
/// let x = Array2::from_shape_fn((256, 2), |(i, j)| ((i * 37 + j * 61) % 64) as f32 / 64.0);
/// let y = Array2::from_shape_fn((256, 1), |(i, _)| 3.0 * x[[i, 0]] - x[[i, 1]]);
/// let data = ArrayDataset::with_values(x, y)?.batch(8)?;
///
/// let optimizer = Momentum::new(0.1, 0.9)?; // The finder sets the rate.
/// let mut model = Model::new(Dense::new(2, 1), MseLoss::new(), optimizer);
/// let search = LearningRateFinder::new().steps(200)?.run(&mut model, &data)?;
/// let rate = search.suggestion().expect("a loss that falls");
/// assert!((1e-4..0.5).contains(&rate), "{rate}");
/// # Ok::<(), train::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LearningRateFinder {
    range: [f64; 2],
    steps: u64,
}

/// The test is over when the loss is this many times the lowest.
const DIVERGED: f64 = 4.0;
/// The share of the running mean of the loss, which decides on that, that is kept at a step.
const KEPT: f64 = 0.9;

impl Default for LearningRateFinder {
    fn default() -> Self {
        Self::new()
    }
}

impl LearningRateFinder {
    /// From 10⁻⁵ to 10 in 300 steps.
    pub fn new() -> Self {
        LearningRateFinder { range: [1e-5, 10.0], steps: 300 }
    }

    /// The first rate and the last.
    ///
    /// # Errors
    /// [`Error::Tensor`] where one is not a finite number above 0, or the second is not more than
    /// the first.
    pub fn range(mut self, from: f64, to: f64) -> Result<Self> {
        RangeLr::new(from, to, 1)?;
        self.range = [from, to];
        Ok(self)
    }

    /// How many steps lead from the first rate to the last.
    ///
    /// # Errors
    /// [`Error::Argument`] where there are fewer than 10.
    pub fn steps(mut self, steps: u64) -> Result<Self> {
        if steps < 10 {
            return Err(Error::Argument {
                operation: "LearningRateFinder",
                argument: "steps",
                found: steps.to_string(),
                expected: "at least 10".to_owned(),
            });
        }
        self.steps = steps;
        Ok(self)
    }

    /// Runs the test on a model, which it spends.
    ///
    /// # Errors
    /// Those of [`Model::fit`], but for a loss that is no longer finite, which ends the test.
    pub fn run<N: Layer, D: Dataset>(
        &self,
        model: &mut Model<N>,
        data: &Batches<D>,
    ) -> Result<LearningRateSearch> {
        let [from, to] = self.range;
        let mut test = RangeTest {
            rates: RangeLr::new(from, to, self.steps - 1)?,
            steps: self.steps,
            rate: from,
            losses: Vec::new(),
            mean: 0.0,
            lowest: f64::INFINITY,
            diverged: false,
        };
        let epochs = (self.steps as usize).div_ceil(data.len().max(1));
        match model.fit(epochs, data, Validation::none(), &mut [&mut test]) {
            Ok(_) => {}
            Err(Error::NonFinite { .. }) => test.diverged = true,
            Err(error) => return Err(error),
        }
        Ok(LearningRateSearch { points: smoothed(&test.losses), diverged: test.diverged })
    }
}

/// Sets the rate before each step, and notes the loss after it.
struct RangeTest {
    rates: RangeLr,
    steps: u64,
    rate: f64,
    losses: Vec<(f64, f64)>,
    mean: f64,
    lowest: f64,
    diverged: bool,
}

impl Callback for RangeTest {
    fn on_train_step_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.rate = self.rates.at(self.losses.len() as u64);
        Ok(run.optimizer_mut().set_learning_rate(self.rate)?)
    }

    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.losses.push((self.rate, run.loss));
        self.mean = KEPT * self.mean + (1.0 - KEPT) * run.loss;
        let taken = self.losses.len() as i32;
        let mean = self.mean / (1.0 - KEPT.powi(taken));
        self.lowest = self.lowest.min(mean);
        // At first the mean is of a few losses only.
        self.diverged = mean > DIVERGED * self.lowest && taken as u64 > self.steps / 10;
        if self.diverged || taken as u64 >= self.steps {
            run.request_stop();
        }
        Ok(())
    }
}

/// What a range test found.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningRateSearch {
    /// One point for each step.
    pub points: Vec<LearningRatePoint>,
    /// Whether the test ended because the loss rose to four times its lowest, or was no longer
    /// finite.
    pub diverged: bool,
}

/// A step of a range test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRatePoint {
    /// The rate of the step.
    pub learning_rate: f64,
    /// The loss before the step.
    pub loss: f64,
    /// The mean of the losses around it.
    pub smoothed: f64,
}

impl LearningRateSearch {
    /// The rate at which the smoothed loss falls fastest against the logarithm of the rate, before
    /// its lowest point; `None` where it does not fall at all.
    pub fn suggestion(&self) -> Option<f64> {
        let lowest = self.lowest_at()?;
        // Before that the mean is over a few losses, and falls and rises with their noise.
        let points = self.points.get(bell(self.points.len()).1..=lowest)?;
        let slope = |around: &[LearningRatePoint]| {
            let [first, .., last] = around else { return f64::NAN };
            (last.smoothed - first.smoothed) / (last.learning_rate / first.learning_rate).ln()
        };
        let steepest = points
            .windows(3)
            .map(|around| (slope(around), around[1].learning_rate))
            .filter(|(slope, _)| *slope < 0.0)
            .min_by(|(one, _), (other, _)| one.total_cmp(other));
        steepest.map(|(_, rate)| rate)
    }

    /// The rate at which the smoothed loss is lowest: the loss rises from there on, so it is too
    /// large to train with.
    pub fn lowest(&self) -> Option<f64> {
        Some(self.points[self.lowest_at()?].learning_rate)
    }

    fn lowest_at(&self) -> Option<usize> {
        let losses = self.points.iter().map(|point| point.smoothed).enumerate();
        losses.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(place, _)| place)
    }
}

/// The width of the bell curve that smooths so many losses, and how far it reaches to each side.
fn bell(losses: usize) -> (f64, usize) {
    let width = (losses as f64 / 25.0).max(1.0);
    (width, (3.0 * width) as usize)
}

/// Each loss with the mean of its neighbours, weighted by a bell curve: a running mean would lag
/// behind, and shift what it shows to larger rates.
fn smoothed(losses: &[(f64, f64)]) -> Vec<LearningRatePoint> {
    let (width, reach) = bell(losses.len());
    let weight = |distance: usize| (-0.5 * (distance as f64 / width).powi(2)).exp();
    let around = |place: usize| {
        // As far to both sides, so that the ends are not drawn towards the middle.
        let reach = reach.min(place).min(losses.len() - 1 - place);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (i, (_, loss)) in losses.iter().enumerate().take(place + reach + 1).skip(place - reach)
        {
            let weight = weight(i.abs_diff(place));
            sum += weight * loss;
            weights += weight;
        }
        sum / weights
    };
    let point = |(place, &(learning_rate, loss)): (usize, &(f64, f64))| LearningRatePoint {
        learning_rate,
        loss,
        smoothed: around(place),
    };
    losses.iter().enumerate().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(loss: impl Fn(f64) -> f64) -> LearningRateSearch {
        let rates = RangeLr::new(1e-5, 10.0, 299).unwrap();
        let losses: Vec<_> = (0..300).map(|step| rates.at(step)).map(|r| (r, loss(r))).collect();
        LearningRateSearch { points: smoothed(&losses), diverged: false }
    }

    /// A step of a sigmoid against the logarithm, and a rise: the sigmoid is steepest at 10⁻³.
    #[test]
    fn the_steepest_descent_is_suggested() {
        let found = search(|rate| {
            let decades = (rate / 1e-3).log10();
            let noise = (rate.ln() * 1e4).sin() * 0.02;
            2.0 / (1.0 + (4.0 * decades).exp()) + 0.3 + noise + (rate / 0.3).powi(2)
        });
        let rate = found.suggestion().unwrap();
        assert!((0.6e-3..1.6e-3).contains(&rate), "{rate}");
        let lowest = found.lowest().unwrap();
        assert!(lowest > 5e-3 && lowest < 0.1, "{lowest}");
    }

    #[test]
    fn nothing_is_suggested_where_the_loss_only_rises() {
        assert_eq!(search(|rate| rate).suggestion(), None);
        assert_eq!(LearningRateSearch { points: Vec::new(), diverged: true }.suggestion(), None);
    }

    #[test]
    fn bad_options_are_named() {
        let text = |result: Result<LearningRateFinder>| result.unwrap_err().to_string();
        assert_eq!(
            text(LearningRateFinder::new().steps(9)),
            "LearningRateFinder: steps is 9, expected at least 10"
        );
        assert_eq!(
            text(LearningRateFinder::new().range(0.0, 1.0)),
            "range_lr: from is 0, expected a finite number above 0"
        );
    }
}
