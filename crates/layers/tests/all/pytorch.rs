//! LeNet-5 against PyTorch: values and gradients, in f64 and in f32.
//!
//! `reference/make.py` writes the file.

use layers::{Layer, LeNet5, Loss, ModuleExt, SoftmaxCrossEntropyWithLogits, Tape, Target};
use reference::{Comparison, Reference, formula, size};
use serde_json::Value;
use tensor::{Float, Tensor};

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
    let file = Reference::open(include_bytes!("../reference/lenet5.safetensors"));
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
