//! The chapter's listing (§3.4.2): LeNet-5 trained on MNIST, then tested.
//!
//! `cargo run --release -p train --example lenet5`

use datasets::{Batches, Dataset, ImageDataset, LabeledImages, Mnist};
use layers::{Conv2d, Dense, Flatten, Layer, MaxPool2d, Relu, SoftmaxCrossEntropyWithLogits, Var};
use optim::{CosineDecayLr, Momentum};
use train::{Accuracy, LossMonitor, Model};

struct LeNet5 {
    conv1: Conv2d,
    conv2: Conv2d,
    relu: Relu,
    max_pool2d: MaxPool2d,
    flatten: Flatten,
    fc1: Dense,
    fc2: Dense,
    fc3: Dense,
}

layers::module!(LeNet5 { conv1, conv2, relu, max_pool2d, flatten, fc1, fc2, fc3 });

impl LeNet5 {
    fn new() -> Self {
        LeNet5 {
            conv1: Conv2d::new(1, 6, 5),
            conv2: Conv2d::new(6, 16, 5),
            relu: Relu::new(),
            max_pool2d: MaxPool2d::new(2),
            flatten: Flatten::new(),
            fc1: Dense::new(16 * 5 * 5, 120),
            fc2: Dense::new(120, 84),
            fc3: Dense::new(84, 10),
        }
    }
}

impl Layer for LeNet5 {
    fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
        let x = self.max_pool2d.forward(self.relu.forward(self.conv1.forward(x)?)?)?;
        let x = self.max_pool2d.forward(self.relu.forward(self.conv2.forward(x)?)?)?;
        let x = self.flatten.forward(x)?;
        let x = self.relu.forward(self.fc1.forward(x)?)?;
        let x = self.relu.forward(self.fc2.forward(x)?)?;
        self.fc3.forward(x)
    }
}

/// Batches of 32, resized to 32×32, scaled to 0..1 and normalised.
fn batches(images: LabeledImages) -> datasets::Result<Batches<ImageDataset>> {
    let images = ImageDataset::new(images).resize(32, 32)?;
    images.rescale(1.0 / 255.0, 0.0)?.normalize(0.1307, 0.3081)?.batch(32)
}

fn main() -> train::Result<()> {
    let mnist = Mnist::load_default()?;
    let (train, test) = (batches(mnist.train)?, batches(mnist.test)?);

    let epochs = 2;
    let network = LeNet5::new();
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let learning_rate = CosineDecayLr::new(0.0, 0.02, epochs * train.len() as u64)?;
    let optimizer = Momentum::new(learning_rate, 0.9)?;

    let mut model = Model::new(network, loss, optimizer).metric(Accuracy::new());
    model.fit(epochs as usize, &train, Some(&test), &mut [&mut LossMonitor::new(375)?])?;
    println!("test accuracy: {:.4}", model.eval(&test)?.get("accuracy")?);
    Ok(())
}
