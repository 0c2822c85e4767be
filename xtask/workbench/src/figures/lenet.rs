//! How LeNet-5 learns: loss and accuracy over a short run on MNIST.

use crate::curves::Curves;
use anyhow::Result;
use datasets::{Mnist, MnistFiles};
use layers::{LeNet5, SoftmaxCrossEntropyWithLogits};
use optim::{CosineDecayLr, Momentum};
use std::path::Path;
use train::{Accuracy, Model, StepHistory};
use xtask::chart::Figure;
use xtask::train_lenet::batches;

const EPOCHS: usize = 2;

/// Trains for a few epochs as `train-lenet` does, and draws what happened.
pub(super) fn figure(seed: u64, data_dir: Option<&Path>) -> Result<Figure> {
    let mnist = Mnist::load_files(&MnistFiles::find(data_dir)?)?;
    let (train, test) = (batches(mnist.train, 32)?, batches(mnist.test, 32)?);
    let rate = CosineDecayLr::new(0.0, 0.02, (EPOCHS * train.len()) as u64)?;
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let optimizer = Momentum::new(rate, 0.9)?;
    let mut model = Model::new(LeNet5::new(), loss, optimizer).metric(Accuracy::new()).seed(seed);
    let mut steps = StepHistory::new().mean_score("accuracy");
    let history = model.fit(EPOCHS, &train, Some(&test), &mut [&mut steps])?;
    let curves = Curves::of(&history, &steps)?;
    let figure = Figure::new("LeNet-5 on MNIST");
    Ok(figure.panel(curves.loss("Loss")).panel(curves.accuracy("Accuracy")))
}
