//! Losses and LeNet-5 against PyTorch: values and gradients, in f64 and in f32.
//!
//! `reference/make.py` writes the files; the list of cases is in them.

use layers::{
    Layer, LeNet5, Loss, ModuleExt, MseLoss, Reduction, SoftmaxCrossEntropyWithLogits, Tape, Target,
};
use reference::{Comparison, Reference, formula, size};
use serde_json::Value;
use tensor::{Float, Shape, Tensor};

#[test]
fn losses_agree_with_pytorch() {
    replay_losses::<f64>(1e-12);
    replay_losses::<f32>(1e-6);
}

fn replay_losses<T: Float>(tolerance: f64) {
    let file = Reference::open(include_bytes!("reference/losses.safetensors"));
    for case in file.cases() {
        let name = case["name"].as_str().expect("a name");
        let options = &case["options"];
        let prediction = file.tensor::<T>(&format!("{name}/prediction"));
        let target = target(options, prediction.shape());
        let reduction = match options["reduction"].as_str() {
            Some("mean") => Reduction::Mean,
            Some("sum") => Reduction::Sum,
            Some("none") => Reduction::None,
            unknown => panic!("{name}: unknown reduction {unknown:?}"),
        };
        let (piece, loss): (_, Box<dyn Loss<T>>) = match case["loss"].as_str() {
            Some("cross_entropy") => (
                "SoftmaxCrossEntropyWithLogits",
                Box::new(SoftmaxCrossEntropyWithLogits::new().reduction(reduction)),
            ),
            Some("mse") => ("MseLoss", Box::new(MseLoss::new().reduction(reduction))),
            unknown => panic!("{name}: unknown loss {unknown:?}"),
        };
        assert_eq!(loss.reduction(), reduction);

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
fn target(options: &Value, shape: &Shape) -> Target {
    if let Some(labels) = options["labels"].as_array() {
        return Target::Class(self::labels(labels));
    }
    let values = options["values"].as_array().expect("labels or values");
    let at = |i: usize| values[i].as_f64().expect("a number") as f32;
    assert_eq!(values.len(), shape.elements());
    Target::Values(Tensor::from_fn(shape, at))
}

fn labels(values: &[Value]) -> Tensor<u32> {
    Tensor::from_fn([values.len()], |i| values[i].as_u64().expect("a label") as u32)
}

fn lenet5() -> LeNet5 {
    let mut net = LeNet5::new();
    let fan_in = [25.0, 25.0, 150.0, 150.0, 400.0, 400.0, 120.0, 120.0, 84.0, 84.0];
    let mut number = 0;
    net.each_parameter_mut(&mut |_, parameter| {
        let bound = 1.0 / f64::sqrt(fan_in[number]);
        let draw = |i| (formula(number, i) * bound) as f32;
        parameter.set(Tensor::from_fn(parameter.shape(), draw)).unwrap();
        number += 1;
    });
    net.initialize(0).unwrap();
    net
}

/// Logits, loss and all 61,706 gradients.
#[test]
fn lenet5_agrees_with_pytorch() {
    // The file has the gradients in f32, which bounds how well f64 can agree with them.
    replay_lenet5::<f64>(1e-13, 1e-7);
    replay_lenet5::<f32>(1e-6, 1e-5);
}

fn replay_lenet5<T: Float>(forward_tolerance: f64, gradient_tolerance: f64) {
    let file = Reference::open(include_bytes!("reference/lenet5.safetensors"));
    let [case] = file.cases() else { panic!("one case") };
    let labels = Target::Class(labels(case["labels"].as_array().expect("labels")));
    let net = lenet5();
    let tape = Tape::<T>::new();
    let images = Tensor::from_fn([4, 1, 32, 32], |i| T::from_f64(formula(10, i) as f32 as f64));
    let logits = net.forward(tape.constant(images)).unwrap();
    let row = Comparison::new("network", "LeNet5", &file.peer());
    row.check("forward", logits.value(), &file.tensor("logits"), 0.0, forward_tolerance);
    let loss = SoftmaxCrossEntropyWithLogits::new().forward(logits, &labels).unwrap();
    row.check("forward", loss.value(), &file.tensor("loss"), 0.0, forward_tolerance);

    let gradients = loss.backward().unwrap();
    let mut compared = 0;
    for (name, parameter) in net.parameters() {
        let gradient = gradients.get(parameter.key()).unwrap_or_else(|| panic!("{name}"));
        let expected = file.tensor(&format!("gradient/{name}"));
        assert!(size(&expected) > 1e-3, "{name}: the gradient is not lost in rounding");
        row.check("gradients", gradient, &expected, 0.0, gradient_tolerance);
        compared += gradient.len();
    }
    assert_eq!(compared, 61_706);
}
