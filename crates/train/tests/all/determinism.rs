//! The same bits for any number of threads, and what a step of shards must equal.

use crate::common::{Small, batches, images};
use autodiff::{Randomness, Tape};
use datasets::{Dataset, Draw, TargetMut};
use layers::{
    Conv2d, CrossEntropyLoss, Dense, Dropout, Flatten, Layer, Loss, MaxPool2d, ModuleExt,
    Reduction, Relu, Sequential, SoftmaxCrossEntropyWithLogits, Tanh, Target,
};
use optim::{Momentum, Sgd};
use tensor::Tensor;
use train::{Accuracy, Batch, Callback, Model, Result, RunContext, Validation};

fn weights(network: &impl ModuleExt) -> Vec<u32> {
    let parameters = network.parameters();
    let values = parameters.iter().flat_map(|(_, p)| p.value().unwrap().as_slice());
    values.map(|w| w.to_bits()).collect()
}

/// A whole batch in memory: `count` samples from `start`.
fn batch(start: usize, count: usize) -> (Tensor, Target) {
    let data = images(start + count);
    let indices: Vec<usize> = (start..start + count).collect();
    let mut input = Tensor::zeros([count, 1, 8, 8]);
    let mut labels = Tensor::zeros([count]);
    let target = TargetMut::Class(labels.as_mut_slice());
    data.fetch(Draw::default(), &indices, input.as_mut_slice(), target).unwrap();
    (input, Target::Class(labels))
}

#[test]
fn training_gives_the_same_bits_for_any_number_of_threads() {
    // 50 samples in batches of 36: shards of 16, 16 and 4, and a last batch of 14.
    let run = |threads| {
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let optimizer = Momentum::new(0.05, 0.9).unwrap();
        let mut model = Model::new(Small::new(), loss, optimizer).threads(threads).seed(3);
        let history = model.train(3, &batches(50, 36)).unwrap();
        let losses: Vec<u64> =
            history.epochs.iter().map(|e| e.train.get("loss").unwrap().to_bits()).collect();
        (weights(model.network()), losses)
    };
    let one = run(1);
    for threads in [2, 3, 4] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

/// Halves the first weights now and then, in both ways that there are to write them.
struct Halve;

impl Callback for Halve {
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        let step = run.step;
        run.network_mut().each_parameter_mut(&mut |name, parameter| {
            let old = parameter.value().unwrap().as_slice();
            let half: Vec<f32> = old.iter().map(|w| w / 2.0).collect();
            let half = Tensor::from_vec(parameter.shape().clone(), half).unwrap();
            match (name, step % 4) {
                ("1.weight", 1) => *parameter.value_mut().unwrap() = half,
                ("1.weight", 2) => parameter.set(half).unwrap(),
                _ => {}
            }
        });
        Ok(())
    }
}

/// Every thread has a copy of parameters like these, which must not go ways of their own: where
/// others write them too, and where a last batch has fewer shards than there are threads.
#[test]
fn each_threads_copy_of_the_weights_stays_that_of_the_others() {
    let run = |threads| {
        let network = Sequential::new().add(Flatten::new()).add(Dense::new(64, 300));
        let network = network.add(Relu::new()).add(Dense::new(300, 3));
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let optimizer = Momentum::new(0.05, 0.9).unwrap().clip_norm(1.0).unwrap();
        let mut model = Model::new(network, loss, optimizer).threads(threads).seed(3);
        let data = batches(300, 64);
        let history = model.fit(3, &data, Validation::none(), &mut [&mut Halve]).unwrap();
        let state = model.optimizer().state();
        (weights(model.network()), state.tensors, history.epochs[2].train.get("loss").unwrap())
    };
    let one = run(1);
    for threads in [2, 3, 4] {
        assert!(run(threads) == one, "{threads} threads");
    }
}

/// A network with dropout between layers, on images in the interleaved layout and behind them.
fn with_dropout() -> Sequential {
    let features = Sequential::new().add(Conv2d::new(1, 4, 3)).add(Tanh::new());
    let features = features.add(Dropout::new(0.2)).add(MaxPool2d::new(2)).add(Flatten::new());
    features.add(Dense::new(36, 20)).add(Relu::new()).add(Dropout::new(0.5)).add(Dense::new(20, 3))
}

/// Dropout draws for each sample of a step, whichever thread and shard it is in.
#[test]
fn dropout_gives_the_same_bits_for_any_number_of_threads() {
    let run = |threads| {
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let optimizer = Momentum::new(0.05, 0.9).unwrap();
        let mut model = Model::new(with_dropout(), loss, optimizer).threads(threads).seed(3);
        model.train(2, &batches(50, 36)).unwrap();
        weights(model.network())
    };
    let one = run(1);
    for threads in [2, 4] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

/// What is dropped changes from step to step, and evaluation drops nothing.
#[test]
fn dropout_draws_anew_in_every_step() {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let optimizer = Sgd::new(0.0).unwrap().accumulate(2).unwrap();
    let mut model = Model::new(with_dropout(), loss, optimizer).threads(2);
    let (input, target) = batch(0, 40);
    let batch = Batch::new(input.clone(), target).unwrap();
    let mut predictions = Vec::new();
    // Between the updates of accumulated gradients too.
    for _ in 0..3 {
        predictions.push(model.train_step(&batch).unwrap().prediction);
    }
    assert_ne!(predictions[0], predictions[1]);
    assert_ne!(predictions[1], predictions[2]);
    assert_eq!(model.predict(&input).unwrap(), model.predict(&input).unwrap());

    // A step on shards is what one tape with the same names computes.
    let mut network = with_dropout();
    network.initialize(1).unwrap();
    let step = Randomness { seed: 1, step: 1 << 63, first_sample: 0 };
    let tape = Tape::new().with_randomness(step);
    let whole = network.forward(tape.constant(input)).unwrap().into_value();
    for (a, b) in whole.as_slice().iter().zip(predictions[0].as_slice()) {
        assert!((a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{a} and {b}");
    }
}

#[test]
fn the_seed_decides() {
    let run = |seed| {
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let mut model = Model::new(Small::new(), loss, Sgd::new(0.05).unwrap()).seed(seed);
        model.train(1, &batches(20, 8)).unwrap();
        weights(model.network())
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

/// A step on shards follows the gradient of the whole batch, for every reduction.
#[test]
fn a_step_of_shards_is_a_step_on_the_whole_batch() {
    for samples in [1, 5, 16, 17, 40, 64] {
        for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
            let loss = SoftmaxCrossEntropyWithLogits::new().reduction(reduction);
            let (input, target) = batch(0, samples);
            let mut network = Small::new();
            network.initialize(5).unwrap();

            // By hand, on one tape.
            let tape = Tape::new();
            let output = network.forward(tape.constant(input.clone())).unwrap();
            let prediction = output.value().clone();
            let losses = loss.forward(output, &target).unwrap();
            let value = losses.value().as_slice().iter().sum::<f32>() / losses.value().len() as f32;
            let seed = Tensor::full(losses.shape(), 1.0);
            let gradients = losses.backward_from(seed).unwrap();
            let rate = 0.01;
            let expected: Vec<f32> = network
                .parameters()
                .iter()
                .flat_map(|(_, p)| {
                    let gradient = gradients.get(p.key()).unwrap().as_slice();
                    let value = p.value().unwrap().as_slice();
                    value.iter().zip(gradient).map(|(w, g)| w - rate * g).collect::<Vec<_>>()
                })
                .collect();

            let optimizer = Sgd::new(f64::from(rate)).unwrap();
            let mut model = Model::new(network, loss, optimizer).threads(2);
            let step = model.train_step(&Batch::new(input, target).unwrap()).unwrap();
            let close = |a: f32, b: f32| (a - b).abs() <= 1e-5 * (1.0 + b.abs());
            assert!(close(step.loss as f32, value), "{} and {value}", step.loss);
            for (a, b) in step.prediction.as_slice().iter().zip(prediction.as_slice()) {
                assert!(close(*a, *b), "{a} and {b}");
            }
            let found: Vec<f32> =
                weights(model.network()).into_iter().map(f32::from_bits).collect();
            assert_eq!(found.len(), expected.len());
            for (a, b) in found.iter().zip(&expected) {
                assert!(close(*a, *b), "{samples} samples, {reduction:?}: {a} and {b}");
            }
        }
    }
}

/// A loss that counts some samples more than others: label 0 thrice.
struct Weighted;

impl Loss for Weighted {
    fn forward<'t>(
        &self,
        prediction: layers::Var<'t>,
        target: &Target,
    ) -> layers::Result<layers::Var<'t>> {
        let Target::Class(labels) = target else { unreachable!("the test's targets are classes") };
        let total = self.weight_of(target) as f32;
        let weights = labels.map(|label| if label == 0 { 3.0 / total } else { 1.0 / total });
        let weights = prediction.tape().constant(weights);
        Ok(prediction.softmax_cross_entropy(labels)?.mul(&weights)?.sum())
    }

    fn reduced_by(&self) -> Reduction {
        Reduction::Mean
    }

    fn weight_of(&self, target: &Target) -> f64 {
        let Target::Class(labels) = target else { return 0.0 };
        labels.as_slice().iter().map(|&label| if label == 0 { 3.0 } else { 1.0 }).sum()
    }
}

#[test]
fn a_loss_may_weight_its_samples() {
    let (input, target) = batch(0, 50);
    let mut network = Small::new();
    network.initialize(5).unwrap();
    let tape = Tape::inference();
    let output = network.forward(tape.constant(input.clone())).unwrap();
    let whole = Weighted.forward(output, &target).unwrap().value().item().unwrap();

    let mut model = Model::new(network, Weighted, Sgd::new(0.1).unwrap()).threads(2);
    let step = model.train_step(&Batch::new(input, target).unwrap()).unwrap();
    assert!((step.loss - f64::from(whole)).abs() < 1e-6, "{} and {whole}", step.loss);
}

/// Shards of a weighted loss, one of them with ignored samples alone, make the step of the batch.
#[test]
fn a_step_of_shards_weights_classes_and_ignores_samples() {
    let (input, target) = batch(0, 50);
    let Target::Class(mut labels) = target else { unreachable!("the test's targets are classes") };
    labels.as_mut_slice()[16..33].fill(255);
    for (labels, counts) in [(labels, true), (Tensor::full([50], 255), false)] {
        for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
            let loss = CrossEntropyLoss::new().weight([0.5, 3.0, 1.0]).ignore_index(255);
            let loss = loss.label_smoothing(0.1).reduction(reduction);
            let target = Target::Class(labels.clone());
            let mut network = Small::new();
            network.initialize(5).unwrap();
            let tape = Tape::new();
            let output = network.forward(tape.constant(input.clone())).unwrap();
            let losses = loss.forward(output, &target).unwrap();
            let value = losses.value().as_slice().iter().sum::<f32>() / losses.value().len() as f32;
            let seed = Tensor::full(losses.shape(), 1.0);
            let gradients = losses.backward_from(seed).unwrap();
            let mut expected = Vec::new();
            network.each_parameter(&mut |_, p| {
                let gradient = gradients.get(p.key()).unwrap().as_slice();
                let values = p.value().unwrap().as_slice();
                expected.extend(values.iter().zip(gradient).map(|(w, g)| w - 0.01 * g));
            });
            let before = weights(&network);

            let mut model = Model::new(network, loss, Sgd::new(0.01).unwrap()).threads(2);
            let step = model.train_step(&Batch::new(input.clone(), target).unwrap()).unwrap();
            let close = |a: f32, b: f32| (a - b).abs() <= 1e-5 * (1.0 + b.abs());
            assert!(close(step.loss as f32, value), "{reduction:?}: {} and {value}", step.loss);
            let after = weights(model.network());
            assert!(after.iter().zip(&expected).all(|(a, b)| close(f32::from_bits(*a), *b)));
            assert_eq!(after != before, counts, "{reduction:?}");
        }
    }
}

#[test]
fn evaluation_and_prediction_agree_for_any_batch_size() {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model =
        Model::new(Small::new(), loss, Sgd::new(0.1).unwrap()).metric(Accuracy::new()).threads(2);
    let scores: Vec<_> =
        [1, 7, 16, 50, 64].map(|size| model.eval(&batches(50, size)).unwrap()).into();
    for score in &scores {
        assert_eq!(score.get("accuracy").unwrap(), scores[0].get("accuracy").unwrap());
        assert!((score.get("loss").unwrap() - scores[0].get("loss").unwrap()).abs() < 1e-6);
    }

    let (input, _) = batch(0, 50);
    let all = model.predict(&input).unwrap();
    assert_eq!(all.shape()[..], [50, 3]);
    for sample in [0, 15, 16, 49] {
        let one = model.predict(&input.rows(sample, sample + 1).unwrap()).unwrap();
        let row = all.rows(sample, sample + 1).unwrap();
        for (a, b) in one.as_slice().iter().zip(row.as_slice()) {
            assert!((a - b).abs() < 1e-5, "{a} and {b}");
        }
    }
}

/// The loss that evaluation reports is a mean over samples: neither how a batch is split nor how
/// its losses are reduced for the gradient changes it.
#[test]
fn the_reported_loss_does_not_depend_on_reduction_or_batch_size() {
    let score = |reduction, size| {
        let loss = SoftmaxCrossEntropyWithLogits::new().reduction(reduction);
        let mut model = Model::new(Small::new(), loss, Sgd::new(0.1).unwrap()).threads(2);
        model.eval(&batches(50, size)).unwrap().get("loss").unwrap()
    };
    let weighted = |reduction, size| {
        let loss = CrossEntropyLoss::new().weight([0.5, 3.0, 1.0]).reduction(reduction);
        let mut model = Model::new(Small::new(), loss, Sgd::new(0.1).unwrap()).threads(2);
        model.eval(&batches(50, size)).unwrap().get("loss").unwrap()
    };
    let weighted_mean = weighted(Reduction::Mean, 50);
    let mean = score(Reduction::Mean, 50);
    for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
        for size in [1, 7, 16, 50] {
            let found = score(reduction, size);
            assert!((found - mean).abs() < 1e-6, "{reduction:?}, {size}: {found} and {mean}");
            let found = weighted(reduction, size);
            assert!((found - weighted_mean).abs() < 1e-6, "{reduction:?}, {size}: {found}");
        }
    }
}
