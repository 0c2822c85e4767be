//! Batch and layer normalisation and global pooling: against PyTorch and MindSpore, and their
//! mistakes.
//!
//! `reference/norm.py` writes the files; the list of cases is in it.

use autodiff::check_gradients;
use layers::{
    BatchNorm1d, BatchNorm2d, GlobalAvgPool2d, Layer, LayerNorm, Module, ModuleExt, Tape,
    check_input,
};
use reference::{Comparison, Reference, deviation, formula, size};
use serde_json::Value;
use tensor::{Float, Shape, Tensor};

#[test]
fn layers_agree_with_pytorch() {
    let file = include_bytes!("../reference/norm-pytorch.safetensors");
    replay::<f64>(file, 1e-12, 1e-6);
    replay::<f32>(file, 2e-6, 2e-6);
}

/// MindSpore computes in f32 here.
#[test]
fn layers_agree_with_mindspore() {
    replay::<f32>(include_bytes!("../reference/norm-mindspore.safetensors"), 5e-6, 2e-6);
    let here = "1e-5, as in PyTorch";
    let reason = "f32 cannot add 1e-7 to a variance of 2 or more";
    deviation("layer", "LayerNorm", "epsilon is 1e-7", here, reason);
    let printed = LayerNorm::new([3]).to_string();
    assert_eq!(printed, "LayerNorm(normalized_shape=[3], eps=1e-5)");
}

/// Running statistics are stored in f32 whatever the tape computes in.
fn replay<T: Float>(file: &[u8], tolerance: f64, stored: f64) {
    let file = Reference::open(file);
    for case in file.cases() {
        let name = case["name"].as_str().expect("a name");
        let kind = case["layer"].as_str().expect("a layer");
        let training = case["training"].as_bool().expect("a flag");
        let value = |what: &str| file.tensor::<f32>(&format!("{name}/{what}"));
        let expected = |what: &str| file.tensor::<f64>(&format!("{name}/{what}"));
        let mut layer = layer::<T>(kind, value("gamma").shape(), &case["options"]);
        layer.each_parameter_mut(&mut |parameter_name, parameter| {
            parameter.set(value(parameter_name)).unwrap();
        });
        let row = Comparison::new("layer", kind, &file.peer());
        let first = Tape::<T>::new().with_training(training);
        layer.forward(first.constant(file.tensor(&format!("{name}/input.0")))).unwrap();
        store(&mut *layer, first.take_updates());

        let tape = Tape::<T>::new().with_training(training);
        let x = tape.leaf(file.tensor(&format!("{name}/input.1")));
        let y = layer.forward(x.clone()).unwrap();
        row.check("forward", y.value(), &expected("output"), 0.0, tolerance);
        let cotangent = file.tensor::<T>(&format!("{name}/cotangent"));
        let scale = size(&cotangent);
        let updates = tape.take_updates();
        let gradients = y.backward_from(cotangent).unwrap();
        let found = gradients.of(&x).unwrap();
        row.check("gradients", found, &expected("gradient.x"), scale, tolerance);
        for (name, parameter) in layer.parameters() {
            let Some(gradient) = gradients.get(parameter.key()) else {
                assert!(name.starts_with("moving_"), "{name}");
                continue;
            };
            let expected = expected(&format!("gradient.{name}"));
            row.check("gradients", gradient, &expected, scale, tolerance);
        }
        let changes = if training && kind != "LayerNorm" { 2 } else { 0 };
        assert_eq!(updates.len(), changes, "{name}");
        store(&mut *layer, updates);
        for (name, parameter) in layer.parameters() {
            if !name.starts_with("moving_") {
                continue;
            }
            let expected = expected(&format!("{name}.after"));
            let found = parameter.value().unwrap();
            row.check("running statistics", found, &expected, 0.0, stored);
        }
    }
}

/// What a training step does with them.
fn store(layer: &mut (impl Module + ?Sized), updates: Vec<(autodiff::Key, Tensor)>) {
    for (key, value) in updates {
        layer.each_parameter_mut(&mut |_, parameter| {
            if parameter.key() == key {
                parameter.set(value.clone()).unwrap();
            }
        });
    }
}

fn layer<T: Float>(kind: &str, shape: &Shape, options: &Value) -> Box<dyn Both<T>> {
    let epsilon = options["epsilon"].as_f64().unwrap_or(1e-5);
    let momentum = options["momentum"].as_f64().unwrap_or(0.9);
    match kind {
        "BatchNorm1d" => Box::new(BatchNorm1d::new(shape[0]).epsilon(epsilon).momentum(momentum)),
        "BatchNorm2d" => Box::new(BatchNorm2d::new(shape[0]).epsilon(epsilon).momentum(momentum)),
        "LayerNorm" => Box::new(LayerNorm::new(shape.clone()).epsilon(epsilon)),
        unknown => panic!("the file has a layer that this test does not know: {unknown}"),
    }
}

/// A layer in one of both precisions.
trait Both<T: Float>: Layer<T> {}
impl<T: Float, L: Layer<T>> Both<T> for L {}

fn numbers(shape: impl Into<Shape>) -> Tensor<f64> {
    Tensor::from_fn(shape, |i| formula(3, i))
}

#[test]
fn gradients_agree_with_central_differences() {
    let mut norm = BatchNorm2d::new(2);
    norm.initialize(1).unwrap();
    norm.gamma.set(Tensor::from_vec([2], [0.5, -1.5]).unwrap()).unwrap();
    check_gradients(&[numbers([3, 2, 2, 3])], |_, v| norm.forward(v[0].clone())).unwrap();
    let mut pool = GlobalAvgPool2d::new();
    pool.initialize(1).unwrap();
    check_gradients(&[numbers([2, 3, 4, 2])], |_, v| pool.forward(v[0].clone())).unwrap();
}

/// As in PyTorch, a layer that is used twice in a step moves its statistics twice.
#[test]
fn uses_of_a_layer_move_its_statistics_one_after_the_other() {
    let mut norm = BatchNorm1d::new(2).momentum(0.75);
    norm.initialize(1).unwrap();
    let batch = |first: f32| Tensor::from_fn([3, 2], |i| first * (1 + i % 4) as f32);
    let tape = Tape::new();
    for first in [1.0, -3.0] {
        norm.forward(tape.constant(batch(first))).unwrap();
    }
    store(&mut norm, tape.take_updates());
    // The columns are 1, 3, 1 and 2, 4, 2; the second batch is -3 times the first.
    let expected = [5.0 / 3.0, 8.0 / 3.0].map(|mean: f32| 0.75 * 0.25 * mean + 0.25 * -3.0 * mean);
    let found = norm.moving_mean.value().unwrap();
    for (found, expected) in found.as_slice().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

/// A batch of 18 lies interleaved in f32 behind a convolution, one of 3 does not.
#[test]
fn global_pooling_is_the_mean() {
    for samples in [3, 18] {
        let x = Tensor::from_fn([samples, 2, 3, 5], |i| (i % 7) as f32);
        let tape = Tape::inference();
        let y = GlobalAvgPool2d::new().forward(tape.constant(x.clone())).unwrap();
        assert_eq!(y.shape()[..], [samples, 2]);
        for (y, x) in y.value().as_slice().iter().zip(x.as_slice().chunks(15)) {
            assert!((y - x.iter().sum::<f32>() / 15.0).abs() < 1e-6);
        }
    }
}

fn says(layer: &dyn Layer, shape: &[usize]) -> String {
    let tape = Tape::dry().with_training(true);
    layer.forward(tape.constant(Tensor::zeros(shape))).unwrap_err().to_string()
}

#[test]
fn mistakes_are_told() {
    let cases = [
        (says(&BatchNorm1d::new(0), &[4, 3]), "batch_norm: features is 0, expected at least 1"),
        (
            says(&BatchNorm1d::new(3).momentum(1.5), &[4, 3]),
            "batch_norm: momentum is 1.5, expected a share from 0 to 1",
        ),
        (
            says(&BatchNorm1d::new(3).epsilon(0.0), &[4, 3]),
            "batch_norm: epsilon is 0, expected a finite number above 0",
        ),
        (
            says(&BatchNorm1d::new(3), &[1, 3]),
            "batch_norm: each channel has 1 number in the batch, expected at least 2 (input \
             [1, 3]); train with batches of more samples; evaluation takes single ones",
        ),
        (
            says(&BatchNorm2d::new(3), &[4, 3]),
            "batch_norm: input needs axes [batch, features, height, width] (input [4, 3])",
        ),
        (
            says(&BatchNorm2d::new(3), &[4, 2, 5, 5]),
            "batch_norm: input has 2 channels, gamma has shape [3], not [2] (input [4, 2, 5, 5])",
        ),
        (
            says(&LayerNorm::new([3]).epsilon(-1.0), &[4, 3]),
            "layer_norm: epsilon is -1, expected a finite number above 0",
        ),
        (
            says(&LayerNorm::new([3, 4]), &[4, 3]),
            "layer_norm: the input's last axes, gamma and beta need the same sizes, at least 1 \
             (input [4, 3], gamma [3, 4], beta [3, 4])",
        ),
        (
            says(&GlobalAvgPool2d::new(), &[4, 3]),
            "global_avg_pool2d: input needs axes [batch, channels, height, width] (input [4, 3])",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    assert_eq!(check_input(&BatchNorm2d::new(3), &[3, 1, 1]).unwrap()[..], [3, 1, 1]);
}
