//! How LeNet-5 learns: loss and accuracy over a short run on MNIST.

use crate::chart::{Axis, Color, Figure, Line, Marker, Panel, Points};
use crate::train_lenet::batches;
use anyhow::Result;
use datasets::{Mnist, MnistFiles};
use layers::{LeNet5, SoftmaxCrossEntropyWithLogits};
use optim::{CosineDecayLr, Momentum};
use std::path::Path;
use train::{Accuracy, Callback, History, Model, RunContext};

const EPOCHS: usize = 2;
/// Steps whose losses one point of the curve averages.
const STEPS: usize = 75;

/// Trains for a few epochs as `train-lenet` does, and draws what happened.
pub(super) fn figure(seed: u64, data_dir: Option<&Path>) -> Result<Figure> {
    let mnist = Mnist::load_files(&MnistFiles::find(data_dir)?)?;
    let (train, test) = (batches(mnist.train, 32)?, batches(mnist.test, 32)?);
    let rate = CosineDecayLr::new(0.0, 0.02, (EPOCHS * train.len()) as u64)?;
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let optimizer = Momentum::new(rate, 0.9)?;
    let mut model = Model::new(LeNet5::new(), loss, optimizer).metric(Accuracy::new()).seed(seed);
    let mut losses = Losses::default();
    let history = model.fit(EPOCHS, &train, Some(&test), &mut [&mut losses])?;
    draw(&losses.0, &history, train.len())
}

/// The loss of each step.
#[derive(Default)]
struct Losses(Vec<f64>);

impl Callback for Losses {
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> train::Result<()> {
        self.0.push(run.loss);
        Ok(())
    }
}

fn draw(losses: &[f64], history: &History, steps: usize) -> Result<Figure> {
    let smooth = losses.chunks(STEPS).enumerate().map(|(i, losses)| {
        let middle = (i * STEPS) as f64 + losses.len() as f64 / 2.0;
        (middle / steps as f64, losses.iter().sum::<f64>() / losses.len() as f64)
    });
    let after = |name: &'static str, train: bool| {
        let epochs = history.epochs.iter().filter_map(move |epoch| {
            let scores = if train { Some(&epoch.train) } else { epoch.evaluation.as_ref() };
            Some((epoch.epoch as f64 - if train { 0.5 } else { 0.0 }, scores?.get(name).ok()?))
        });
        epochs.collect::<Vec<_>>()
    };
    let epochs = || Axis::new("epochs").range(0.0, history.epochs.len() as f64 + 0.15);
    let tested = |points| Points::new("test", points, Color::Orange, Marker::Square).radius(4.0);
    let loss = Panel::new("Loss")
        .x(epochs())
        .y(Axis::new("cross-entropy").log())
        .line(Line::new(format!("training, mean of {STEPS} steps"), smooth))
        .points(tested(after("loss", false)));
    let trained = Points::new(
        "training, mean of an epoch",
        after("accuracy", true),
        Color::Blue,
        Marker::Circle,
    );
    let accuracy = Panel::new("Accuracy")
        .x(epochs())
        .y(Axis::new("images read right").percent())
        .line(Line::new("", after("accuracy", true)))
        .line(Line::new("", after("accuracy", false)).color(Color::Orange))
        .points(trained.radius(4.0))
        .points(tested(after("accuracy", false)));
    Ok(Figure::new("LeNet-5 on MNIST").panel(loss).panel(accuracy))
}
