//! LeNet-5 as it is measured: its layers' sizes, its data, its model.

use super::flops;
use anyhow::Result;
use datasets::{ImageDataset, LabeledImages, Mnist, MnistFiles};
use layers::{LeNet5, SoftmaxCrossEntropyWithLogits, summary};
use optim::Momentum;
use std::path::Path;
use tensor::{Conv2dGeometry, Conv2dOptions, Pool2dGeometry, Pool2dOptions, Shape, kernels::lanes};
use train::{Accuracy, Model};

/// Mean and standard deviation of MNIST's pixels, scaled to 0..1.
const MEAN: f64 = 0.1307;
const DEVIATION: f64 = 0.3081;

/// Samples that a training step hands to one thread at a time.
pub(crate) const SHARD: usize = lanes::LANES;

/// Name, `[channels, side]` of the input, `[channels, side]` of the kernel.
pub(crate) const CONVOLUTIONS: [(&str, [usize; 2], [usize; 2]); 2] =
    [("conv1", [1, 32], [6, 5]), ("conv2", [6, 14], [16, 5])];

/// Name, `[channels, side]` of the input; windows are 2×2.
pub(crate) const POOLS: [(&str, [usize; 2]); 2] = [("pool1", [6, 28]), ("pool2", [16, 10])];

/// Name, inputs and outputs.
pub(crate) const DENSE: [(&str, [usize; 2]); 3] =
    [("fc1", [400, 120]), ("fc2", [120, 84]), ("fc3", [84, 10])];

pub(crate) fn convolution(
    batch: usize,
    [channels, side]: [usize; 2],
    [outputs, kernel]: [usize; 2],
) -> Result<Conv2dGeometry> {
    let input = Shape::from([batch, channels, side, side]);
    let weight = Shape::from([outputs, channels, kernel, kernel]);
    Ok(Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default())?)
}

pub(crate) fn pool(batch: usize, [channels, side]: [usize; 2]) -> Result<Pool2dGeometry> {
    let options = Pool2dOptions { kernel: [2; 2], stride: [2; 2], ..Pool2dOptions::default() };
    let input = Shape::from([batch, channels, side, side]);
    Ok(Pool2dGeometry::new("max_pool2d", &input, &options)?)
}

/// Floating-point operations of one pass through each layer that has any.
pub(crate) fn passes(batch: usize) -> Result<Vec<f64>> {
    Ok(flops::passes(&summary(&LeNet5::new(), &[1, 32, 32])?, batch))
}

/// MNIST as `train-lenet` prepares it: for training, and for testing.
pub(crate) struct Data {
    pub(crate) train: ImageDataset,
    pub(crate) test: ImageDataset,
}

impl Data {
    pub(crate) fn load(folder: Option<&Path>) -> Result<Self> {
        let mnist = Mnist::load_files(&MnistFiles::find(folder)?)?;
        let prepare = |images: LabeledImages| -> Result<ImageDataset> {
            let images = ImageDataset::new(images).resize(32, 32)?;
            Ok(images.rescale(1.0 / 255.0, 0.0)?.normalize(MEAN, DEVIATION)?)
        };
        Ok(Data { train: prepare(mnist.train)?, test: prepare(mnist.test)? })
    }
}

/// The model of `train-lenet`, with a learning rate at which no batch size diverges.
pub(crate) fn model(threads: usize) -> Result<Model<LeNet5>> {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let model = Model::new(LeNet5::new(), loss, Momentum::new(1e-3, 0.9)?);
    Ok(model.metric(Accuracy::new()).threads(threads))
}
