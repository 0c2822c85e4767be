//! burn: LeNet-5 on its flex backend, the fastest of its CPU backends where this was written,
//! with AVX-512 in its matrix products.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};
use common::{Arguments, PIXELS, Samples, report, train};
use std::time::Instant;

#[derive(Module, Debug)]
struct LeNet5 {
    conv1: Conv2d,
    conv2: Conv2d,
    pool: MaxPool2d,
    fc1: Linear,
    fc2: Linear,
    fc3: Linear,
}

impl LeNet5 {
    fn new(device: &Device) -> Self {
        LeNet5 {
            conv1: Conv2dConfig::new([1, 6], [5, 5]).init(device),
            conv2: Conv2dConfig::new([6, 16], [5, 5]).init(device),
            pool: MaxPool2dConfig::new([2, 2]).init(),
            fc1: LinearConfig::new(400, 120).init(device),
            fc2: LinearConfig::new(120, 84).init(device),
            fc3: LinearConfig::new(84, 10).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.conv1.forward(x)));
        let x = self.pool.forward(relu(self.conv2.forward(x)));
        let x = relu(self.fc1.forward(x.flatten(1, 3)));
        self.fc3.forward(relu(self.fc2.forward(x)))
    }
}

fn images(pixels: Vec<f32>, device: &Device) -> Tensor<4> {
    let count = pixels.len() / PIXELS;
    Tensor::from_data(TensorData::new(pixels, [count, 1, 32, 32]), device)
}

fn main() {
    let arguments = Arguments::parse();
    let (data, test) = (Samples::load(&arguments.data, "train"), Samples::load(&arguments.data, "t10k"));
    let device = Device::flex().autodiff();
    let mut model = Some(LeNet5::new(&device));
    let loss = CrossEntropyLossConfig::new().init(&device);
    let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
    let mut optimizer = SgdConfig::new().with_momentum(Some(momentum)).init();
    let seconds = train(&arguments, data.labels.len(), |indices| {
        let (pixels, labels) = data.gather(indices);
        let labels: Vec<i64> = labels.into_iter().map(i64::from).collect();
        let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [indices.len()]), &device);
        let network = model.take().expect("put back after each step");
        let value = loss.forward(network.forward(images(pixels, &device)), labels);
        let gradients = GradientsParams::from_grads(value.backward(), &network);
        model = Some(optimizer.step(0.01, network, gradients));
    });

    let network = model.expect("put back after each step").valid();
    let device = Device::flex();
    let (start, mut right) = (Instant::now(), 0);
    for (pixels, labels) in test.images.chunks(1000 * PIXELS).zip(test.labels.chunks(1000)) {
        let digits = network.forward(images(pixels.to_vec(), &device)).argmax(1).into_data();
        let digits = digits.iter::<i64>();
        right += digits.zip(labels).filter(|(digit, label)| *digit == i64::from(**label)).count();
    }
    let count = test.labels.len() as f64;
    let inference = count / start.elapsed().as_secs_f64();
    report(&arguments, ("burn", "0.22.0 (flex)"), seconds, inference, right as f64 / count);
}
