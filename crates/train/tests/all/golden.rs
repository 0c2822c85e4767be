//! Ten steps of training LeNet-5 against PyTorch, with the same bits for 1, 2 and 4 threads.
//!
//! `golden/make.py` writes the file and says what is in it.

use layers::{LeNet5, ModuleExt, SoftmaxCrossEntropyWithLogits, Target};
use optim::Momentum;
use reference::{Comparison, Reference, difference, formula};
use tensor::Tensor;
use train::{Batch, Model};

const STEPS: usize = 10;
const BATCH: usize = 32;
const TOLERANCE: f64 = 1e-5;

fn network() -> LeNet5 {
    let mut net = LeNet5::new();
    let fan_in = [25.0, 25.0, 150.0, 150.0, 400.0, 400.0, 120.0, 120.0, 84.0, 84.0];
    let mut number = 0;
    net.each_parameter_mut(&mut |_, parameter| {
        let bound = f64::sqrt(6.0 / fan_in[number]);
        let draw = |i| (formula(number, i) * bound) as f32;
        parameter.set(Tensor::from_fn(parameter.shape(), draw)).unwrap();
        number += 1;
    });
    net
}

/// Noise plus a pattern of the class.
fn batch(step: usize) -> Batch {
    let label = |i: usize| (7 * i + step) % 10;
    let images = Tensor::from_fn([BATCH, 1, 32, 32], |i| {
        let pattern = formula(50 + label(i / 1024), i % 1024);
        (0.25 * formula(100 + step, i) + 0.75 * pattern) as f32
    });
    let labels = Tensor::from_fn([BATCH], |i| label(i) as u32);
    Batch::new(images, Target::Class(labels)).unwrap()
}

/// The losses before each step, and the final weights.
fn train(threads: usize) -> (Vec<f64>, Vec<(String, Tensor)>) {
    let optimizer = Momentum::new(0.02, 0.9).unwrap();
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(network(), loss, optimizer).threads(threads);
    let losses = (0..STEPS).map(|step| model.train_step(&batch(step)).unwrap().loss).collect();
    (losses, values(model.network()))
}

fn values(net: &LeNet5) -> Vec<(String, Tensor)> {
    let parameters = net.parameters().into_iter();
    parameters.map(|(name, parameter)| (name, parameter.value().unwrap().clone())).collect()
}

#[test]
fn ten_steps_of_lenet5_agree_with_pytorch() {
    let file = Reference::open(include_bytes!("../golden/golden.safetensors"));
    let [case] = file.cases() else { panic!("one case") };
    assert_eq!(case["steps"].as_u64(), Some(STEPS as u64));
    assert_eq!(case["batch"].as_u64(), Some(BATCH as u64));

    let (losses, weights) = train(2);
    let expected = file.tensor::<f64>("losses");
    let row = Comparison::new("network", "LeNet5", &file.peer());
    row.check_numbers("losses of 10 steps", &losses, expected.as_slice(), TOLERANCE);
    let start = values(&network());
    for ((name, weight), (_, start)) in weights.iter().zip(&start) {
        let expected = file.tensor::<f64>(&format!("{name}/value"));
        let every = if expected.len() == weight.len() { 1 } else { 29 };
        let part =
            |weight: &Tensor| Tensor::from_fn(expected.shape(), |i| weight.as_slice()[i * every]);
        row.check("weights after 10 steps", &part(weight), &expected, 0.0, TOLERANCE);
        // That the weights agree would say little if training had not moved them.
        let moved = difference(&part(start), &expected, 0.0);
        assert!(moved > 1000.0 * TOLERANCE, "{name}: moved by {moved:e} only");

        let (mut sum, mut squares) = (0.0, 0.0);
        for &w in weight.as_slice() {
            sum += f64::from(w);
            squares += f64::from(w) * f64::from(w);
        }
        let norm = file.tensor::<f64>(&format!("{name}/norm")).item().unwrap();
        assert!((squares.sqrt() / norm - 1.0).abs() < TOLERANCE, "{name}: norm");
        // A sum may cancel, so its error is measured by the norm.
        let expected = file.tensor::<f64>(&format!("{name}/sum")).item().unwrap();
        assert!((sum - expected).abs() < TOLERANCE * norm, "{name}: sum {sum}, not {expected}");
    }
}

#[test]
fn ten_steps_give_the_same_bits_for_1_2_and_4_threads() {
    let bits = |threads| {
        let (losses, weights) = train(threads);
        let losses: Vec<u64> = losses.iter().map(|loss| loss.to_bits()).collect();
        let weights = weights.iter().flat_map(|(_, weight)| weight.as_slice());
        (losses, weights.map(|w| w.to_bits()).collect::<Vec<u32>>())
    };
    let one = bits(1);
    assert_eq!(one.1.len(), 61_706);
    for threads in [2, 4] {
        // Not assert_eq, which would print all the weights.
        assert!(bits(threads) == one, "{threads} threads");
    }
}
