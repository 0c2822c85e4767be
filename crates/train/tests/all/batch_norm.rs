//! Batch normalisation's running statistics: who changes them, and when.

use crate::common::images;
use datasets::Dataset;
use layers::{
    BatchNorm2d, Conv2d, Dense, GlobalAvgPool2d, Layer, ModuleExt, Relu,
    SoftmaxCrossEntropyWithLogits, Target, Var, module,
};
use optim::Momentum;
use tensor::Tensor;
use train::{Batch, Model};

struct Normalised {
    conv: Conv2d,
    norm: BatchNorm2d,
    relu: Relu,
    pool: GlobalAvgPool2d,
    fc: Dense,
}

module!(Normalised { conv, norm, relu, pool, fc });

impl Layer for Normalised {
    fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
        let x = self.relu.forward(self.norm.forward(self.conv.forward(x)?)?)?;
        self.fc.forward(self.pool.forward(x)?)
    }
}

fn model(threads: usize) -> Model<Normalised> {
    let network = Normalised {
        conv: Conv2d::new(1, 4, 3),
        norm: BatchNorm2d::new(4),
        relu: Relu::new(),
        pool: GlobalAvgPool2d::new(),
        fc: Dense::new(4, 3),
    };
    let optimizer = Momentum::new(0.05, 0.9).unwrap();
    Model::new(network, SoftmaxCrossEntropyWithLogits::new(), optimizer).threads(threads)
}

fn statistics(model: &Model<Normalised>) -> Vec<Tensor> {
    let norm = &model.network().norm;
    [&norm.moving_mean, &norm.moving_variance]
        .map(|parameter| parameter.value().unwrap().clone())
        .to_vec()
}

/// The batch is not split, and every step moves the statistics; evaluation leaves them alone.
#[test]
fn training_moves_the_statistics_and_evaluation_does_not() {
    let data = images(48).batch(40).unwrap();
    let mut one = model(1);
    assert!(one.network().couples_batch());
    one.train(2, &data).unwrap();
    let moved = statistics(&one);
    assert!(moved[0].as_slice().iter().all(|&mean| mean != 0.0), "{moved:?}");
    assert!(moved[1].as_slice().iter().all(|&variance| variance != 1.0), "{moved:?}");
    one.eval(&data).unwrap();
    one.predict(&Tensor::zeros([1, 1, 8, 8])).unwrap();
    assert_eq!(statistics(&one), moved);

    let mut two = model(2);
    two.train(2, &data).unwrap();
    assert_eq!(statistics(&two), moved, "the same bits on two threads");
}

/// A step that fails changes nothing, the statistics included.
#[test]
fn a_step_that_fails_leaves_the_statistics() {
    let labels = || Tensor::from_vec([4], [0, 1, 2, 0]).unwrap();
    let mut model = model(1);
    let good = Tensor::from_fn([4, 1, 8, 8], |i| (i % 7) as f32);
    model.train_step(&Batch::new(good.clone(), Target::Class(labels())).unwrap()).unwrap();
    let before = statistics(&model);
    let mut bad = good;
    bad.as_mut_slice()[5] = f32::NAN;
    model.train_step(&Batch::new(bad, Target::Class(labels())).unwrap()).unwrap_err();
    assert_eq!(statistics(&model), before);
}
