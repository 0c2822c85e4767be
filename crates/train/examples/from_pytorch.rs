//! Goes on with a network that PyTorch has trained.
//!
//!     cargo run --release -p train --example from_pytorch
//!
//! PyTorch wrote the file by `safetensors.torch.save_file(net.state_dict(), path)`
//! (`examples/data/from_pytorch.py`). A network whose fields are named as PyTorch's has the same
//! parameters by name and shape: `conv1.weight [6, 1, 5, 5]` and so on.

use datasets::{Batches, Dataset, ImageDataset, LabeledImages, Mnist};
use layers::{
    Conv2d, Dense, Flatten, Layer, MaxPool2d, ModuleExt, Relu, SoftmaxCrossEntropyWithLogits, Var,
    module,
};
use optim::Momentum;
use train::{Accuracy, Model, load_weights, save_weights};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/from_pytorch.safetensors");

struct Net {
    conv1: Conv2d,
    conv2: Conv2d,
    relu: Relu,
    pool: MaxPool2d,
    flatten: Flatten,
    fc: Dense,
}

module!(Net { conv1, conv2, relu, pool, flatten, fc });

impl Layer for Net {
    fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
        let x = self.pool.forward(self.relu.forward(self.conv1.forward(x)?)?)?;
        let x = self.pool.forward(self.relu.forward(self.conv2.forward(x)?)?)?;
        self.fc.forward(self.flatten.forward(x)?)
    }
}

/// As PyTorch was given them: 28×28, scaled to 0..1 and normalised.
fn batches(images: LabeledImages) -> datasets::Result<Batches<ImageDataset>> {
    ImageDataset::new(images).rescale(1.0 / 255.0, 0.0)?.normalize(0.1307, 0.3081)?.batch(64)
}

fn main() -> train::Result<()> {
    let mnist = Mnist::load_default()?;
    let (train, test) = (batches(mnist.train)?, batches(mnist.test)?);

    let mut network = Net {
        conv1: Conv2d::new(1, 6, 5),
        conv2: Conv2d::new(6, 12, 5),
        relu: Relu::new(),
        pool: MaxPool2d::new(2),
        flatten: Flatten::new(),
        fc: Dense::new(12 * 4 * 4, 10),
    };
    load_weights(&mut network, FILE)?;
    for (name, parameter) in network.parameters() {
        println!("{name:12} {}", parameter.shape());
    }

    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(network, loss, Momentum::new(0.005, 0.9)?).metric(Accuracy::new());
    println!("as PyTorch left it: accuracy {:.4}", model.eval(&test)?.get("accuracy")?);

    // The convolutions stay as they are; only the last layer goes on learning.
    let network = model.network_mut();
    network.each_parameter_mut(&mut |name, parameter| {
        parameter.set_trainable(name.starts_with("fc."));
    });
    model.train(1, &train)?;
    println!("an epoch later:     accuracy {:.4}", model.eval(&test)?.get("accuracy")?);

    // PyTorch's net.load_state_dict(safetensors.torch.load_file(path)) takes this file back.
    let path = std::env::temp_dir().join("to_pytorch.safetensors");
    save_weights(model.network(), &path)?;
    println!("{}", path.display());
    Ok(())
}
