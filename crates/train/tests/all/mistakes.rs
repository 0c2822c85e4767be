//! What a user's mistakes are told, word for word, and that nothing is spoilt by them.

use crate::common::{Small, batches, line};
use datasets::{ArrayDataset, Dataset};
use layers::{
    Layer, LeNet5, Module, ModuleExt, MseLoss, SoftmaxCrossEntropyWithLogits, Target, Var, Visitor,
    VisitorMut,
};
use ndarray::{Array2, Array4};
use optim::Sgd;
use tensor::Tensor;
use train::{Accuracy, Batch, Error, Model};

fn lenet() -> Model<LeNet5> {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    Model::new(LeNet5::new(), loss, Sgd::new(0.1).unwrap()).threads(2)
}

fn small(rate: f64) -> Model<Small> {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    Model::new(Small::new(), loss, Sgd::new(rate).unwrap()).threads(2)
}

#[test]
fn a_batch_that_does_not_fit_is_described_as_the_user_made_it() {
    let images = |shape: [usize; 4], labels: Vec<u32>| {
        let count = labels.len();
        let target = Target::Class(Tensor::from_vec([count], labels).unwrap());
        Batch::new(Tensor::zeros(shape), target).unwrap()
    };
    // 40 samples make three shards; the message tells of all 40.
    let error = lenet().train_step(&images([40, 1, 28, 28], vec![0; 40])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "fc1: linear: input has 256 features, weight expects 400 (input [40, 256], weight [120, 400]); \
         resize what the network is fed, or make this layer Dense::new(256, 120)"
    );
    let error = lenet().train_step(&images([40, 3, 32, 32], vec![0; 40])).unwrap_err();
    assert!(
        error.to_string().starts_with("conv1: conv2d: input has 3 channels, weight expects 1"),
        "{error}"
    );
    let mut labels = vec![0; 40];
    labels[35] = 10;
    let error = lenet().train_step(&images([40, 1, 32, 32], labels)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "loss: softmax_cross_entropy: label 10 at position 35 is out of range, expected 0..=9 for \
         10 classes; correct the label, or give the network an output for every class"
    );
    let error = lenet().predict(&Tensor::zeros([40, 1, 28, 28])).unwrap_err();
    assert!(error.to_string().contains("input [40, 256]"), "{error}");
}

#[test]
fn batches_are_checked() {
    let target = |count| Target::Class(Tensor::zeros([count]));
    let error = |input: Tensor, target| Batch::new(input, target).unwrap_err().to_string();
    assert_eq!(
        error(Tensor::zeros([0, 4]), target(0)),
        "Batch: input is of shape [0, 4], expected [samples, ..] with at least one sample"
    );
    assert_eq!(
        error(Tensor::zeros([3, 4]), target(2)),
        "Batch: target is for 2 samples, expected one for each of the 3 inputs"
    );
}

#[test]
fn arguments_are_checked() {
    let error = small(0.1).threads(0).train(1, &batches(8, 4)).unwrap_err();
    assert_eq!(error.to_string(), "Model: threads is 0, expected at least 1");
    let data = batches(3, 4).drop_remainder(true);
    let error = small(0.1).train(1, &data).unwrap_err();
    assert_eq!(
        error.to_string(),
        "train: data is 3 samples, less than one batch of 4, expected at least one batch"
    );
    let error = small(0.1).eval(&batches(8, 4)).unwrap().get("accuracy").unwrap_err();
    assert_eq!(error.to_string(), "no score is named `accuracy`; there are: loss");
}

#[test]
fn a_loss_that_does_not_fit_the_data_says_so() {
    let data = line(20).batch(4).unwrap();
    let loss = MseLoss::new();
    let mut model = Model::new(layers::Dense::new(2, 3), loss, Sgd::new(0.1).unwrap());
    assert_eq!(
        model.train(1, &data).unwrap_err().to_string(),
        "loss: mse_loss: prediction and target differ in shape (prediction [4, 3], target [4, 1]); a \
         sample's target has the shape of its prediction: reshape the targets, or change the \
         network's outputs"
    );
    let mut model = small(0.1).metric(Accuracy::new());
    let numbers = ArrayDataset::with_values(Array4::zeros((8, 1, 8, 8)), Array2::zeros((8, 5)));
    let error = model.eval(&numbers.unwrap().batch(4).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "loss: softmax_cross_entropy: dense targets need the logits' shape (logits [4, 3], \
         targets [4, 5])"
    );
}

fn weights(model: &Model<Small>) -> Vec<Tensor> {
    model.network().parameters().into_iter().map(|(_, p)| p.value().unwrap().clone()).collect()
}

#[test]
fn a_loss_that_is_not_finite_stops_before_the_update() {
    // The fourth batch holds a NaN.
    let mut x = Array4::from_elem((40, 1, 8, 8), 0.5_f32);
    x[[33, 0, 2, 2]] = f32::NAN;
    let data = ArrayDataset::with_classes(x, vec![1; 40], 3).unwrap();
    let data = data.batch(10).unwrap().shuffle(false);
    let mut model = small(0.1);
    let error = model.train(1, &data).unwrap_err();
    assert_eq!(
        error.to_string(),
        "epoch 1 step 4: loss is NaN; training stopped before this step's update, so the weights \
         are those of the step before; lower the learning rate (0.1 now) or check the inputs"
    );
    assert!(matches!(error, Error::NonFinite { epoch: 1, step: 4, .. }));
    let after = weights(&model);
    assert!(after.iter().all(Tensor::all_finite));

    // They are the weights after three steps.
    let three = ArrayDataset::with_classes(Array4::from_elem((30, 1, 8, 8), 0.5), vec![1; 30], 3);
    let mut expected = small(0.1);
    expected.train(1, &three.unwrap().batch(10).unwrap().shuffle(false)).unwrap();
    assert_eq!(after, weights(&expected));
}

#[test]
fn a_gradient_that_is_not_finite_stops_before_the_update() {
    let fail = |weight: f32| {
        let x = Array2::from_elem((1, 1), 3e38_f32);
        let data = ArrayDataset::with_values(x, Array2::zeros((1, 1))).unwrap().batch(1).unwrap();
        let mut network = layers::Dense::new(1, 1).has_bias(false);
        network.weight.set(Tensor::full([1, 1], weight)).unwrap();
        let mut model = Model::new(network, MseLoss::new(), Sgd::new(0.1).unwrap());
        let error = model.train(1, &data).unwrap_err().to_string();
        assert_eq!(model.network().weight.value().unwrap().as_slice(), [weight]);
        error
    };
    let error = fail(1.0);
    let end = "training stopped before this step's update, so the weights are those of the step \
               before; lower the learning rate (0.1 now) or check the inputs";
    assert_eq!(error, format!("epoch 1 step 1: loss is inf; {end}"));
    // Here the loss is 9e36, which f32 holds, but its gradient is not.
    let error = fail(1e-20);
    assert_eq!(error, format!("epoch 1 step 1: the gradient of weight is inf; {end}"));
}

/// Subtracts the batch's mean: every output depends on every sample.
struct Centre;

impl Module for Centre {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        visitor.couples_batch();
    }
    fn visit_mut<'a>(&'a mut self, _: &mut VisitorMut<'_, 'a>) {}
}

impl Layer for Centre {
    fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
        let mean = x.clone().mean_axis(0)?;
        x.sub(&mean)
    }
}

struct Centred {
    centre: Centre,
    fc: layers::Dense,
}

layers::module!(Centred { centre, fc });

impl Layer for Centred {
    fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
        self.fc.forward(self.centre.forward(x)?)
    }
}

/// A layer that couples the batch gets the batch whole, not in shards.
#[test]
fn a_coupled_batch_is_not_split() {
    let input = Tensor::from_fn([40, 1], |i| i as f32);
    let mut fc = layers::Dense::new(1, 1).has_bias(false);
    fc.weight.set(Tensor::full([1, 1], 1.0)).unwrap();
    let network = Centred { centre: Centre, fc };
    assert!(network.couples_batch());
    let mut model = Model::new(network, MseLoss::new(), Sgd::new(0.001).unwrap()).threads(2);
    let centred: Vec<f32> = (0..40).map(|i| i as f32 - 19.5).collect();
    assert_eq!(model.predict(&input).unwrap().as_slice(), centred);
    let batch = Batch::new(input, Target::Values(Tensor::zeros([40, 1]))).unwrap();
    assert_eq!(model.train_step(&batch).unwrap().prediction.as_slice(), centred);
}

#[test]
fn metrics_by_name() {
    let data = batches(12, 5);
    let mut model = small(0.1).metrics(["accuracy", "loss", "f1", "confusion_matrix"]).unwrap();
    let scores = model.eval(&data).unwrap();
    let names: Vec<_> = scores.values().map(|(name, _)| name).collect();
    assert_eq!(names, ["loss", "accuracy", "f1", "confusion_matrix"]);
    assert_eq!(scores.iter().count(), 3, "a matrix is no number");
    assert_eq!(
        scores.get("confusion_matrix").unwrap_err().to_string(),
        "the score `confusion_matrix` is a matrix, not a number; read it by Scores::value"
    );
    let error = small(0.1).metrics(["F-score"]).unwrap_err().to_string();
    assert!(
        error.starts_with("metrics: name is `F-score`, expected one of: accuracy, "),
        "{error}"
    );

    let mut twice = small(0.1).metric(Accuracy::new()).metrics(["acc"]).unwrap();
    let text = "Model: metrics is two that are named accuracy, expected each name once";
    assert_eq!(twice.eval(&data).unwrap_err().to_string(), text);
    assert_eq!(twice.train(1, &data).unwrap_err().to_string(), text);
}
