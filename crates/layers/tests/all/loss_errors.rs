//! What a person reads whose targets or options of a loss do not fit.

use layers::{
    BceWithLogitsLoss, CrossEntropyLoss, HalfSquaredErrorLoss, HuberLoss, L1Loss, Loss, MseLoss,
    SoftmaxCrossEntropyWithLogits, Tape, Target,
};
use tensor::Tensor;

fn says(loss: &dyn Loss, prediction: &[usize], target: &Target) -> String {
    let tape = Tape::inference();
    loss.forward(tape.constant(Tensor::zeros(prediction)), target).unwrap_err().to_string()
}

fn classes(labels: &[u32]) -> Target {
    Target::Class(Tensor::from_vec([labels.len()], labels).unwrap())
}

fn zeros(shape: &[usize]) -> Target {
    Target::Values(Tensor::zeros(shape))
}

fn check(cases: &[(String, &str)]) {
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

/// Both cross-entropies say the same.
#[test]
fn targets_of_cross_entropy() {
    let losses: [&dyn Loss; 2] = [&SoftmaxCrossEntropyWithLogits::new(), &CrossEntropyLoss::new()];
    for loss in losses {
        check(&[
            (
                says(loss, &[4, 10], &classes(&[0, 3, 10, 99])),
                "loss: softmax_cross_entropy: label 10 at position 2 is out of range, expected \
                 0..=9 for 10 classes; correct the label, or give the network an output for every \
                 class",
            ),
            (
                says(loss, &[1, 1], &classes(&[u32::MAX])),
                "loss: softmax_cross_entropy: label 4294967295 at position 0 is out of range, \
                 expected 0..=0 for 1 classes; correct the label, or give the network an output \
                 for every class",
            ),
            (
                says(loss, &[4, 10], &classes(&[0, 3, 1])),
                "loss: softmax_cross_entropy: labels have shape [3], expected [4], one for each \
                 sample (logits [4, 10], labels [3])",
            ),
            (
                says(loss, &[4, 10, 1], &classes(&[0, 3, 1, 2])),
                "loss: softmax_cross_entropy: logits need two axes [batch, classes], with at least \
                 one class (logits [4, 10, 1])",
            ),
            (
                says(loss, &[4, 0], &classes(&[0, 0, 0, 0])),
                "loss: softmax_cross_entropy: logits need two axes [batch, classes], with at least \
                 one class (logits [4, 0])",
            ),
            (
                says(loss, &[4, 10], &zeros(&[4, 9])),
                "loss: softmax_cross_entropy: dense targets need the logits' shape \
                 (logits [4, 10], targets [4, 9])",
            ),
        ]);
    }
}

#[test]
fn options_of_cross_entropy() {
    let new = CrossEntropyLoss::new;
    // Options are checked for both kinds of targets.
    for target in [classes(&[0, 1]), zeros(&[2, 3])] {
        let says = |loss: CrossEntropyLoss| says(&loss, &[2, 3], &target);
        check(&[
            (
                says(new().weight([1.0, -0.5, 1.0])),
                "loss: softmax_cross_entropy: weight is -0.5 at position 1, expected finite \
                 numbers, at least 0",
            ),
            (
                says(new().weight([1.0, 1.0, f64::NAN])),
                "loss: softmax_cross_entropy: weight is NaN at position 2, expected finite \
                 numbers, at least 0",
            ),
            (
                says(new().weight([1.0; 10])),
                "loss: softmax_cross_entropy: weight is 10 numbers, expected 3, one for each \
                 class; classes are the last axis of the logits",
            ),
            (
                says(new().label_smoothing(1.5)),
                "loss: softmax_cross_entropy: label_smoothing is 1.5, expected a number in 0..=1",
            ),
            (
                says(new().label_smoothing(-0.1)),
                "loss: softmax_cross_entropy: label_smoothing is -0.1, expected a number in 0..=1",
            ),
            (
                says(new().label_smoothing(f64::NAN)),
                "loss: softmax_cross_entropy: label_smoothing is NaN, expected a number in 0..=1",
            ),
        ]);
    }
    check(&[
        (
            says(&new().ignore_index(255), &[2, 3], &classes(&[255, 3])),
            "loss: softmax_cross_entropy: label 3 at position 1 is out of range, expected 0..=2 \
             for 3 classes; correct the label, or give the network an output for every class",
        ),
        (
            says(&new().weight([1.0, 0.0, 1.0]).label_smoothing(0.1), &[2, 3], &classes(&[0, 1])),
            "loss: softmax_cross_entropy: weight is 0 at position 1, expected above 0 where labels \
             are smoothed; leave out the samples of that class with ignore_index, or do not smooth",
        ),
        (
            says(&new().ignore_index(255), &[2, 3], &zeros(&[2, 3])),
            "loss: softmax_cross_entropy: ignore_index is 255, expected none where targets are \
             probabilities, which have no label; a target of 0 for every class ignores a sample",
        ),
    ]);
}

#[test]
fn targets_that_are_numbers() {
    let losses: [(&dyn Loss, &str); 5] = [
        (&MseLoss::new(), "mse_loss"),
        (&HalfSquaredErrorLoss::new(), "half_squared_error_loss"),
        (&L1Loss::new(), "l1_loss"),
        (&HuberLoss::new(), "huber_loss"),
        (&BceWithLogitsLoss::new(), "bce_with_logits"),
    ];
    for (loss, name) in losses {
        assert_eq!(
            says(loss, &[4, 10], &classes(&[0, 1, 2, 3])),
            format!(
                "loss: {name}: target is a class, expected numbers; use \
                 SoftmaxCrossEntropyWithLogits for classes, or one-hot targets"
            )
        );
        // Broadcasting would give [4, 4] losses: PyTorch only warns.
        assert_eq!(
            says(loss, &[4, 1], &zeros(&[4])),
            format!(
                "loss: {name}: prediction and target differ in shape (prediction [4, 1], target \
                 [4]); a sample's target has the shape of its prediction: reshape the targets, or \
                 change the network's outputs"
            )
        );
    }
}

#[test]
fn options_of_huber() {
    for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            says(&HuberLoss::new().delta(delta), &[2, 1], &zeros(&[2, 1])),
            format!("loss: huber: delta is {delta}, expected a finite number above 0")
        );
    }
}

#[test]
fn targets_and_options_of_binary_cross_entropy() {
    let new = BceWithLogitsLoss::new;
    let values = |values: [f32; 2]| Target::Values(Tensor::from_vec([2, 1], values).unwrap());
    check(&[
        (
            says(&new(), &[2, 1], &values([1.0, -1.0])),
            "loss: bce_with_logits: target is -1 at position 1, expected a number in 0..=1",
        ),
        (
            says(&new(), &[2, 1], &values([f32::NAN, 2.0])),
            "loss: bce_with_logits: target is NaN at position 0, expected a number in 0..=1",
        ),
        (
            says(&new().weight([1.0, -0.5, 1.0]), &[2, 3], &zeros(&[2, 3])),
            "loss: bce_with_logits: weight is -0.5 at position 1, expected finite numbers, at \
             least 0",
        ),
        (
            says(&new().pos_weight([f64::INFINITY]), &[2, 3], &zeros(&[2, 3])),
            "loss: bce_with_logits: pos_weight is inf at position 0, expected finite numbers, at \
             least 0",
        ),
        (
            says(&new().pos_weight([1.0, 2.0]), &[2, 3], &zeros(&[2, 3])),
            "loss: bce_with_logits: pos_weight is 2 numbers, expected 1, or 3, one for each output",
        ),
        // With one for each sample, a step on shards could not be one on the batch.
        (
            says(&new().weight([1.0, 2.0]), &[2], &zeros(&[2])),
            "loss: bce_with_logits: weight is 2 numbers, expected 1",
        ),
        (
            says(&new().weight([]), &[2, 1], &zeros(&[2, 1])),
            "loss: bce_with_logits: weight is 0 numbers, expected 1",
        ),
    ]);
}
