//! §3.1: what a perceptron learns, and that it cannot learn XOR.

use layers::{Activation, Layer, Perceptron, Tape};
use tensor::Tensor;

fn corners() -> Tensor {
    Tensor::from_vec([4, 2], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]).unwrap()
}

fn labels(labels: [u32; 4]) -> Tensor<u32> {
    Tensor::from_vec([4], labels).unwrap()
}

fn answers(perceptron: &Perceptron) -> Vec<f32> {
    let tape = Tape::inference();
    perceptron.forward(tape.constant(corners())).unwrap().into_value().as_slice().to_vec()
}

#[test]
fn every_function_of_two_bits_that_a_line_separates_is_learnt() {
    let mut learnt = Vec::new();
    for function in 0..16_u32 {
        let wanted = [0, 1, 2, 3].map(|bit| function >> bit & 1);
        let mut perceptron = Perceptron::new(2);
        let run = perceptron.learn(&corners(), &labels(wanted), 100).unwrap();
        if run.converged() {
            learnt.push(function);
            assert_eq!(answers(&perceptron), wanted.map(|bit| bit as f32));
        }
    }
    // All but XOR (0, 1, 1, 0) and its opposite (1, 0, 0, 1).
    let separable: Vec<u32> =
        (0..16).filter(|function| ![0b0110, 0b1001].contains(function)).collect();
    assert_eq!(learnt, separable);
}

/// The rule is deterministic, so weights that come back mean that it goes in circles for ever.
#[test]
fn xor_drives_the_rule_in_circles() {
    let mut perceptron = Perceptron::new(2);
    let mut seen = Vec::new();
    loop {
        let run = perceptron.learn(&corners(), &labels([0, 1, 1, 0]), 1).unwrap();
        assert!(run.mistakes[0] > 0);
        let weights = (
            perceptron.weight.value().unwrap().as_slice().to_vec(),
            perceptron.bias.value().unwrap().item().unwrap(),
        );
        if seen.contains(&weights) {
            break;
        }
        seen.push(weights);
        assert!(seen.len() < 100, "no weights came back");
    }
}

#[test]
fn a_perceptron_is_its_formula() {
    let mut perceptron = Perceptron::new(3).activation(Activation::Sigmoid);
    perceptron.weight.set(Tensor::from_vec([1, 3], [0.5, -1.0, 2.0]).unwrap()).unwrap();
    perceptron.bias.set(Tensor::from_vec([1], [0.25]).unwrap()).unwrap();
    let tape = Tape::<f64>::inference();
    let x = tape.constant(Tensor::from_vec([1, 3], [1.0, 2.0, 3.0]).unwrap());
    let y = perceptron.forward(x).unwrap().value().item().unwrap();
    let sum: f64 = 0.25 + 0.5 - 2.0 + 6.0;
    assert!((y - 1.0 / (1.0 + (-sum).exp())).abs() < 1e-15);
}

#[test]
fn what_the_rule_refuses() {
    let x = corners();
    let says = |perceptron: &mut Perceptron, x: &Tensor, labels: &Tensor<u32>| {
        perceptron.learn(x, labels, 1).unwrap_err().to_string()
    };
    let and = labels([0, 0, 0, 1]);
    assert_eq!(
        says(&mut Perceptron::new(2), &x, &labels([0, 1, 2, 0])),
        "perceptron: label 2 at position 2 is out of range, expected 0..=1 for 2 classes; correct \
         the label, or give the network an output for every class"
    );
    assert_eq!(
        says(&mut Perceptron::new(2), &x, &Tensor::from_vec([3], [0, 1, 1]).unwrap()),
        "perceptron: expected inputs [samples, features] and a label for each sample \
         (inputs [4, 2], labels [3])"
    );
    assert_eq!(
        says(&mut Perceptron::new(2).activation(Activation::Tanh), &x, &and),
        "perceptron: Rosenblatt's rule wants step, found tanh; \
         train a differentiable perceptron by a loss and an optimizer"
    );
    assert_eq!(
        says(&mut Perceptron::new(3), &x, &and),
        "linear: input has 2 features, weight expects 3 (input [1, 2], weight [1, 3])"
    );
}
