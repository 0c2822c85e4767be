//! Training really learns: classes, numbers, and a set small enough to learn by heart.

use crate::common::{Small, batches, line};
use datasets::synthetic::{Spirals, TwoMoons};
use datasets::{ArrayDataset, Dataset, ImageDataset, Mnist};
use layers::{Activation, Dense, LeNet5, Mlp, MseLoss, SoftmaxCrossEntropyWithLogits};
use optim::{CosineDecayLr, Momentum, Sgd};
use train::{Accuracy, Model};

#[test]
fn lenet5_learns_64_digits_by_heart() {
    let digits = Mnist::load_default().unwrap().test;
    let first = datasets::LabeledImages::new(
        digits.images().slice(ndarray::s![..64, .., ..]).to_owned(),
        digits.labels()[..64].to_vec(),
        10,
    );
    let data = ImageDataset::new(first.unwrap()).resize(32, 32).unwrap();
    let data = data.rescale(1.0 / 255.0, 0.0).unwrap().normalize(0.1307, 0.3081).unwrap();
    let data = data.batch(32).unwrap();
    let optimizer = Momentum::new(CosineDecayLr::new(0.0, 0.02, 100).unwrap(), 0.9).unwrap();
    let mut model = Model::new(LeNet5::new(), SoftmaxCrossEntropyWithLogits::new(), optimizer)
        .metric(Accuracy::new());
    model.train(50, &data).unwrap();
    let scores = model.eval(&data).unwrap();
    assert_eq!(scores.get("accuracy").unwrap(), 1.0);
    assert!(scores.get("loss").unwrap() < 0.01, "{scores:?}");
}

#[test]
fn classes_are_learnt() {
    let data = batches(300, 32);
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let optimizer = Momentum::new(0.05, 0.9).unwrap();
    let mut model = Model::new(Small::new(), loss, optimizer).metric(Accuracy::new());
    let before = model.eval(&data).unwrap().get("accuracy").unwrap();
    model.train(15, &data).unwrap();
    let after = model.eval(&data).unwrap().get("accuracy").unwrap();
    assert!(before < 0.6 && after > 0.95, "{before} and {after}");
}

#[test]
fn a_line_is_fitted() {
    let data = line(200).batch(20).unwrap();
    let mut model = Model::new(Dense::new(2, 1), MseLoss::new(), Sgd::new(0.1).unwrap());
    model.train(20, &data).unwrap();
    let net = model.network();
    let weight = net.weight.value().unwrap().as_slice();
    let bias = net.bias.as_ref().unwrap().value().unwrap().as_slice();
    for (found, expected) in [(weight[0], 2.0), (weight[1], -1.0), (bias[0], 0.5)] {
        assert!((found - expected).abs() < 1e-4, "{weight:?} {bias:?}");
    }
}

/// Fig. 3.3's network learns what no perceptron can, with any activation.
#[test]
fn an_mlp_learns_xor() {
    let x = ndarray::array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0_f32]];
    let data = ArrayDataset::with_classes(x, vec![0, 1, 1, 0], 2).unwrap().batch(4).unwrap();
    for activation in [Activation::Tanh, Activation::Sigmoid, Activation::Relu] {
        let mlp = Mlp::new(2).hidden(8, activation).output(2).unwrap();
        let optimizer = Momentum::new(0.3, 0.9).unwrap();
        let mut model = Model::new(mlp, SoftmaxCrossEntropyWithLogits::new(), optimizer)
            .metric(Accuracy::new())
            .threads(1);
        model.train(500, &data).unwrap();
        let scores = model.eval(&data).unwrap();
        assert_eq!(scores.get("accuracy").unwrap(), 1.0, "{activation}");
        assert!(scores.get("loss").unwrap() < 0.05, "{activation}: {scores:?}");
    }
}

/// Two hidden layers for what one line, or one bend, does not part.
#[test]
fn an_mlp_learns_moons_and_spirals() {
    let moons = TwoMoons::new(200).noise(0.1).generate(1).unwrap();
    let spirals = Spirals::new(200, 2).turns(1.0).noise(0.02).generate(1).unwrap();
    for (name, data, activation) in
        [("moons", moons, Activation::Relu), ("spirals", spirals, Activation::Tanh)]
    {
        let mlp = Mlp::new(2).hidden(24, activation).hidden(12, Activation::Tanh).output(2);
        let data = data.batch(20).unwrap();
        let optimizer = Momentum::new(0.1, 0.9).unwrap();
        let mut model = Model::new(mlp.unwrap(), SoftmaxCrossEntropyWithLogits::new(), optimizer)
            .metric(Accuracy::new())
            .threads(1);
        model.train(120, &data).unwrap();
        let accuracy = model.eval(&data).unwrap().get("accuracy").unwrap();
        assert!(accuracy > 0.95, "{name}: {accuracy}");
    }
}
