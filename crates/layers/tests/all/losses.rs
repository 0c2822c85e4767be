//! The losses against PyTorch and MindSpore: values and gradients, in f64 and in f32; and what holds
//! among them.
//!
//! `reference/losses.py` writes the files; the list of cases is in them.

use layers::{
    BceWithLogitsLoss, CrossEntropyLoss, HalfSquaredErrorLoss, HuberLoss, L1Loss, Loss, MseLoss,
    Reduction, SoftmaxCrossEntropyWithLogits, Tape, Target,
};
use reference::{Comparison, Reference, deviation};
use serde_json::Value;
use tensor::{Float, Shape, Tensor};

const PYTORCH: &[u8] = include_bytes!("../reference/losses-pytorch.safetensors");
const MINDSPORE: &[u8] = include_bytes!("../reference/losses-mindspore.safetensors");

#[test]
fn losses_agree_with_pytorch() {
    replay::<f64>(PYTORCH, 1e-12);
    replay::<f32>(PYTORCH, 1e-6);
}

/// MindSpore computes in f32, and not all of its sums are as exact as they could be.
#[test]
fn losses_agree_with_mindspore() {
    replay::<f64>(MINDSPORE, 2e-6);
    replay::<f32>(MINDSPORE, 2e-6);
}

fn replay<T: Float>(bytes: &[u8], tolerance: f64) {
    let file = Reference::open(bytes);
    for case in file.cases() {
        let text = |key: &str| case[key].as_str().unwrap_or_else(|| panic!("{key}"));
        let (name, piece) = (text("name"), text("loss"));
        let prediction = file.tensor::<T>(&format!("{piece}, {}/prediction", text("variant")));
        let target = target(case, prediction.shape());
        let reduction = match text("reduction") {
            "mean" => Reduction::Mean,
            "sum" => Reduction::Sum,
            "none" => Reduction::None,
            unknown => panic!("{name}: unknown reduction {unknown:?}"),
        };
        let loss = loss::<T>(piece, &case["options"], reduction);
        assert_eq!(loss.reduced_by(), reduction);

        let tape = Tape::new();
        let leaf = tape.leaf(prediction);
        let losses = loss.forward(leaf.clone(), &target).unwrap();
        let row = Comparison::new("loss", piece, &file.peer());
        let expected = file.tensor(&format!("{name}/loss"));
        row.check("forward", losses.value(), &expected, 0.0, tolerance);
        // The gradient of a sum of losses is that of the losses apart with ones for a seed.
        let seed = Tensor::full(losses.shape(), T::ONE);
        let gradients = losses.backward_from(seed).unwrap();
        let expected = file.tensor(&format!("{name}/gradient"));
        row.check("gradients", gradients.of(&leaf).unwrap(), &expected, 0.0, tolerance);
    }
}

/// The labels, or the numbers in the prediction's shape.
fn target(case: &Value, shape: &Shape) -> Target {
    if let Some(labels) = case["labels"].as_array() {
        let at = |i: usize| labels[i].as_u64().expect("a label") as u32;
        return Target::Class(Tensor::from_fn([labels.len()], at));
    }
    let values = numbers(&case["values"]).expect("labels or values");
    assert_eq!(values.len(), shape.elements());
    Target::Values(Tensor::from_fn(shape, |i| values[i] as f32))
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    let numbers = value.as_array()?.iter().map(|x| x.as_f64().expect("a number"));
    Some(numbers.collect())
}

fn loss<T: Float>(piece: &str, options: &Value, reduction: Reduction) -> Box<dyn Loss<T>> {
    let number = |key: &str| options[key].as_f64();
    match piece {
        "SoftmaxCrossEntropyWithLogits" => {
            Box::new(SoftmaxCrossEntropyWithLogits::new().reduction(reduction))
        }
        "CrossEntropyLoss" => {
            let mut loss = CrossEntropyLoss::new().reduction(reduction);
            if let Some(weight) = numbers(&options["weight"]) {
                loss = loss.weight(weight);
            }
            if let Some(label) = options["ignore_index"].as_u64() {
                loss = loss.ignore_index(label as u32);
            }
            Box::new(loss.label_smoothing(number("label_smoothing").unwrap_or(0.0)))
        }
        "BceWithLogitsLoss" => {
            let mut loss = BceWithLogitsLoss::new().reduction(reduction);
            if let Some(weight) = numbers(&options["weight"]) {
                loss = loss.weight(weight);
            }
            if let Some(pos_weight) = numbers(&options["pos_weight"]) {
                loss = loss.pos_weight(pos_weight);
            }
            Box::new(loss)
        }
        "MseLoss" => Box::new(MseLoss::new().reduction(reduction)),
        "HalfSquaredErrorLoss" => Box::new(HalfSquaredErrorLoss::new().reduction(reduction)),
        "L1Loss" => Box::new(L1Loss::new().reduction(reduction)),
        "HuberLoss" => {
            Box::new(HuberLoss::new().delta(number("delta").expect("delta")).reduction(reduction))
        }
        unknown => panic!("the file has a loss that this test does not know: {unknown}"),
    }
}

fn classes(labels: &[u32]) -> Target {
    Target::Class(Tensor::from_vec([labels.len()], labels).unwrap())
}

/// The loss's value and gradient.
fn run<T: Float>(loss: &dyn Loss<T>, prediction: Tensor<T>, target: &Target) -> [Tensor<T>; 2] {
    let tape = Tape::new();
    let leaf = tape.leaf(prediction);
    let loss = loss.forward(leaf.clone(), target).unwrap();
    let value = loss.value().clone();
    let gradients = loss.backward().unwrap();
    [value, gradients.of(&leaf).unwrap().clone()]
}

/// Values and gradients are finite for logits of ±10,000, right or wrong.
#[test]
fn huge_predictions_are_safe() {
    fn check<T: Float>() {
        let prediction =
            Tensor::from_fn([4, 3], |i| T::from_f64(if i % 2 == 0 { -1e4 } else { 1e4 }));
        let labels = classes(&[0, 1, 2, 0]);
        let values = Target::Values(Tensor::from_fn([4, 3], |i| (i % 3 == 0) as u8 as f32));
        let all = CrossEntropyLoss::new().weight([1.0, 0.5, 3.0]).label_smoothing(0.1);
        let softmax = SoftmaxCrossEntropyWithLogits::new();
        let (bce, mse) = (BceWithLogitsLoss::new().pos_weight([5.0]), MseLoss::new());
        let (half, l1, huber) = (HalfSquaredErrorLoss::new(), L1Loss::new(), HuberLoss::new());
        let of_labels: [&dyn Loss<T>; 2] = [&softmax, &all];
        let of_values: [&dyn Loss<T>; 7] = [&softmax, &all, &bce, &mse, &half, &l1, &huber];
        let cases = of_labels.map(|loss| (loss, &labels)).into_iter();
        for (loss, target) in cases.chain(of_values.map(|loss| (loss, &values))) {
            let [value, gradient] = run(loss, prediction.clone(), target);
            assert!(value.item().unwrap().to_f64().is_finite());
            assert!(gradient.as_slice().iter().all(|g| g.to_f64().is_finite()));
            assert!(gradient.as_slice().iter().any(|&g| g != T::ZERO));
        }
    }
    check::<f32>();
    check::<f64>();
}

/// A batch's mean is its samples' losses, weighted by `Loss::weight_of`.
#[test]
fn a_batch_is_its_samples() {
    let loss =
        CrossEntropyLoss::new().weight([0.5, 4.0, 0.25]).ignore_index(9).label_smoothing(0.3);
    let logits = Tensor::from_fn([5, 3], |i| (i as f64 * 0.83).sin() * 3.0);
    let targets = classes(&[0, 9, 1, 2, 1]);
    let [whole, _] = run(&loss, logits.clone(), &targets);
    let (mut sum, mut weight) = (0.0, 0.0);
    for n in 0..5 {
        let target = targets.rows(n, n + 1).unwrap();
        let [one, _] = run(&loss, logits.rows(n, n + 1).unwrap(), &target);
        let share = Loss::<f64>::weight_of(&loss, &target);
        assert_eq!(share, [0.5, 0.0, 4.0, 0.25, 4.0][n]);
        sum += one.item().unwrap() * share;
        weight += share;
    }
    assert_eq!(weight, Loss::<f64>::weight_of(&loss, &targets));
    assert!((whole.item().unwrap() - sum / weight).abs() < 1e-14);
}

/// Without options it is the plain softmax cross-entropy, to the bit.
#[test]
fn cross_entropy_without_options_is_the_plain_one() {
    let logits = Tensor::from_fn([5, 3], |i| (i as f32 * 0.83).sin() * 3.0);
    let probabilities = Target::Values(Tensor::from_fn([5, 3], |i| (i % 5) as f32 / 6.0));
    for target in [classes(&[0, 2, 1, 2, 1]), probabilities] {
        let plain = run(&SoftmaxCrossEntropyWithLogits::new(), logits.clone(), &target);
        assert_eq!(run(&CrossEntropyLoss::new(), logits.clone(), &target), plain);
    }
}

/// Sporelet's choices where MindSpore's are surprising.
#[test]
fn deliberate_differences() {
    let logits = Tensor::from_fn([2, 3], |i| i as f32);
    assert_eq!(Loss::<f32>::reduced_by(&SoftmaxCrossEntropyWithLogits::new()), Reduction::Mean);
    deviation(
        "loss",
        "SoftmaxCrossEntropyWithLogits",
        "no reduction unless asked for, so that training follows the batch's sum",
        "the mean",
        "the learning rate does not depend on the batch size",
    );
    let tape = Tape::inference();
    let none = SoftmaxCrossEntropyWithLogits::new().reduction(Reduction::None);
    assert!(none.forward(tape.constant(logits.clone()), &classes(&[0, 3])).is_err());
    deviation(
        "loss",
        "SoftmaxCrossEntropyWithLogits",
        "a label that names no class has the loss 0, except in the mean",
        "an error with the label and its position",
        "wrong data would go unnoticed",
    );
    let ignoring = CrossEntropyLoss::new().ignore_index(2);
    for loss in [ignoring, CrossEntropyLoss::new().weight([1.0, 1.0, 0.0])] {
        let [value, gradient] = run(&loss, logits.clone(), &classes(&[2, 2]));
        assert_eq!((value.item(), gradient.as_slice()), (Ok(0.0), &[0.0; 6][..]));
    }
    deviation(
        "loss",
        "CrossEntropyLoss",
        "NaN for a batch of which every sample is ignored, as in PyTorch",
        "a loss of 0 and no gradient",
        "such a batch says nothing, and would spoil every weight",
    );
    assert!(CrossEntropyLoss::new().forward(tape.constant(logits), &classes(&[0, 100])).is_err());
    deviation(
        "loss",
        "CrossEntropyLoss",
        "ignores the label -100; takes labels of -1 and below for others",
        "ignores no label unless asked to; labels are not negative",
        "nothing is left out without a word",
    );
}
