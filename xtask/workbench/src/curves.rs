//! Training as curves: loss, accuracy and learning rate over the epochs.

use serde::Deserialize;
use train::{History, StepHistory};
use xtask::chart::{Axis, Color, Line, Marker, Panel, Points};

/// What a run's curves are drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Curves<'a> {
    pub(crate) steps: Steps<'a>,
    pub(crate) epochs: Vec<Epoch>,
}

/// A number for each step, over all epochs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps<'a> {
    pub(crate) loss: &'a [f32],
    pub(crate) accuracy: &'a [f32],
    pub(crate) learning_rate: &'a [f32],
}

/// The scores of an epoch.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Epoch {
    pub(crate) train: Scores,
    pub(crate) evaluation: Option<Scores>,
    pub(crate) steps: usize,
}

/// Loss and accuracy.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub(crate) struct Scores {
    pub(crate) loss: f64,
    pub(crate) accuracy: f64,
}

/// Points that a line has at most: as many as a screen could show.
const POINTS: usize = 1200;
/// Parts of an epoch over which the smooth lines average.
const PARTS: usize = 25;

impl<'a> Curves<'a> {
    /// The curves of a run that has just ended; its metrics are loss and accuracy.
    pub(crate) fn of(history: &History, steps: &'a StepHistory) -> train::Result<Self> {
        let scores = |scores: &train::Scores| -> train::Result<Scores> {
            Ok(Scores { loss: scores.get("loss")?, accuracy: scores.get("accuracy")? })
        };
        let epochs = history.epochs.iter().map(|epoch| {
            let evaluation = epoch.evaluation.as_ref().map(scores).transpose()?;
            Ok(Epoch { train: scores(&epoch.train)?, evaluation, steps: epoch.steps })
        });
        let steps = Steps {
            loss: steps.series("loss")?,
            accuracy: steps.series("accuracy")?,
            learning_rate: steps.series("learning_rate")?,
        };
        Ok(Curves { steps, epochs: epochs.collect::<train::Result<_>>()? })
    }

    /// Loss: every step pale, a moving mean, and the test set.
    pub(crate) fn loss(&self, title: &str) -> Panel {
        let (every, window) = (self.steps.loss.len().div_ceil(POINTS).max(1), self.window());
        let pale = match every {
            1 => "each step".to_owned(),
            _ => format!("mean of {every} steps"),
        };
        Panel::new(title)
            .x(self.axis())
            .y(Axis::new("cross-entropy").log())
            .line(Line::new(pale, self.means(self.steps.loss, every)).color(Color::Gray).faint())
            .line(Line::new(format!("mean of {window} steps"), self.means(self.steps.loss, window)))
            .points(tested(self.after(true, |scores| scores.loss)))
    }

    /// Accuracy: a moving mean, the epochs' means, and the test set.
    pub(crate) fn accuracy(&self, title: &str) -> Panel {
        let window = self.window();
        let smooth: Vec<_> = self.means(self.steps.accuracy, window).collect();
        let (trained, test) =
            (self.after(false, |scores| scores.accuracy), self.after(true, |s| s.accuracy));
        // The first steps, in which a network knows nothing yet, would squeeze everything else.
        let later = smooth.iter().skip(smooth.len() / 10).chain(&trained).chain(&test);
        let low = later.map(|(_, share)| *share).fold(1.0, f64::min);
        let high = smooth.iter().chain(&test).map(|(_, share)| *share).fold(0.0, f64::max);
        let margin = (0.06 * (high - low)).max(0.002);
        let points = Points::new("epoch", trained, Color::Blue, Marker::Circle);
        Panel::new(title)
            .x(self.axis())
            .y(Axis::new("images read right").percent().range(low - margin, high + margin))
            .line(Line::new(format!("mean of {window} steps"), smooth))
            .line(Line::new("", test.clone()).color(Color::Orange).faint())
            .points(points.radius(4.0))
            .points(tested(test))
    }

    /// The learning rate of every step.
    pub(crate) fn learning_rate(&self, title: &str) -> Panel {
        let rates = self.steps.learning_rate;
        let highest = rates.iter().copied().fold(0.0_f32, f32::max);
        let every = rates.len().div_ceil(POINTS).max(1);
        let line = Line::new("", self.means(rates, every)).color(Color::Green);
        let y = Axis::new("").range(0.0, 1.08 * f64::from(highest).max(f64::MIN_POSITIVE));
        Panel::new(title).x(self.axis()).y(y).line(line)
    }

    fn axis(&self) -> Axis {
        Axis::new("epochs").range(0.0, 1.04 * self.epochs.len() as f64)
    }

    /// Steps that a smooth line averages over.
    fn window(&self) -> usize {
        (self.steps_per_epoch() / PARTS).max(1)
    }

    fn steps_per_epoch(&self) -> usize {
        self.epochs.iter().map(|epoch| epoch.steps).max().unwrap_or(1).max(1)
    }

    /// Means of as many steps each, in the middle of their place among the epochs.
    fn means(&self, values: &'a [f32], steps: usize) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let epoch = self.steps_per_epoch() as f64;
        values.chunks(steps).enumerate().map(move |(i, values)| {
            let middle = (i * steps) as f64 + values.len() as f64 / 2.0;
            let sum: f64 = values.iter().map(|x| f64::from(*x)).sum();
            (middle / epoch, sum / values.len() as f64)
        })
    }

    /// A score of each epoch: of the test set at its end, or of training in its middle.
    fn after(&self, test: bool, score: fn(&Scores) -> f64) -> Vec<(f64, f64)> {
        let epochs = self.epochs.iter().enumerate().filter_map(|(i, epoch)| {
            let scores = if test { epoch.evaluation.as_ref()? } else { &epoch.train };
            Some((i as f64 + if test { 1.0 } else { 0.5 }, score(scores)))
        });
        epochs.collect()
    }
}

fn tested(points: Vec<(f64, f64)>) -> Points {
    Points::new("test images", points, Color::Orange, Marker::Square).radius(4.0)
}
