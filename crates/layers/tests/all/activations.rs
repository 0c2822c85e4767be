//! Activations: by name, as layers, against PyTorch and MindSpore.
//!
//! `reference/activations.py` writes the files, once with PyTorch and once with MindSpore; the
//! list of cases is in them.

use autodiff::check_gradients;
use layers::{
    Activation, Dense, Elu, Gelu, Layer, LeakyRelu, LogSoftmax, ModuleExt, Relu, Result, Sigmoid,
    Silu, Softmax, Softplus, Tanh, Tape, Var,
};
use reference::{Comparison, Reference, deviation, size};
use serde_json::Value;
use tensor::{Float, Tensor};

/// The layer of a case, by its name and options.
fn forward<'t, T: Float>(kind: &str, options: &Value, x: Var<'t, T>) -> Result<Var<'t, T>> {
    let axis = || options["axis"].as_i64().expect("an axis") as isize;
    let alpha = || options["alpha"].as_f64().expect("a number");
    let approximate = || options["approximate"].as_bool().expect("a flag");
    match kind {
        "Sigmoid" => Sigmoid::new().forward(x),
        "Tanh" => Tanh::new().forward(x),
        "Relu" => Relu::new().forward(x),
        "LeakyRelu" => LeakyRelu::new().alpha(alpha()).forward(x),
        "Elu" => Elu::new().alpha(alpha()).forward(x),
        "Gelu" => Gelu::new().approximate(approximate()).forward(x),
        "Silu" => Silu::new().forward(x),
        "Softplus" => Softplus::new().forward(x),
        "Softmax" => Softmax::new().axis(axis()).forward(x),
        "LogSoftmax" => LogSoftmax::new().axis(axis()).forward(x),
        unknown => panic!("the file has a layer that this test does not know: {unknown}"),
    }
}

fn replay<T: Float>(bytes: &[u8], tolerance: impl Fn(&str) -> f64) {
    let file = Reference::open(bytes);
    for case in file.cases() {
        let [name, kind] = ["name", "layer"].map(|key| case[key].as_str().expect("text"));
        let tolerance = tolerance(kind);
        let tape = Tape::<T>::new();
        let x = tape.leaf(file.tensor(&format!("{name}/input")));
        let y = forward(kind, &case["options"], x.clone()).unwrap();
        let row = Comparison::new("layer", kind, &file.peer());
        row.check("forward", y.value(), &file.tensor(&format!("{name}/output")), 0.0, tolerance);
        let cotangent = file.tensor(&format!("{name}/cotangent"));
        let scale = size(&cotangent);
        let gradients = y.backward_from(cotangent).unwrap();
        let expected = file.tensor(&format!("{name}/gradient"));
        row.check("gradients", gradients.of(&x).unwrap(), &expected, scale, tolerance);
    }
}

#[test]
fn activations_agree_with_pytorch() {
    let file = include_bytes!("../reference/activations-pytorch.safetensors");
    replay::<f64>(file, |_| 1e-12);
    replay::<f32>(file, |_| 5e-7);
}

/// MindSpore computes in f32 here, and some of its kernels approximate: its tanh is off by 3e-5.
#[test]
fn activations_agree_with_mindspore() {
    let file = include_bytes!("../reference/activations-mindspore.safetensors");
    replay::<f32>(file, |kind| if kind == "Tanh" { 1e-4 } else { 1e-5 });
}

#[test]
fn every_activation_is_its_layer() {
    let x = Tensor::from_vec([2, 3], [0.3, -1.0, 0.5, 2.0, -2.1, -0.4]).unwrap();
    let layers: [Box<dyn Layer>; 10] = [
        Box::new(Sigmoid::new()),
        Box::new(Tanh::new()),
        Box::new(Relu::new()),
        Box::new(LeakyRelu::new()),
        Box::new(Elu::new()),
        Box::new(Gelu::new()),
        Box::new(Silu::new()),
        Box::new(Softplus::new()),
        Box::new(Softmax::new()),
        Box::new(LogSoftmax::new()),
    ];
    let [step, activations @ ..] = Activation::ALL else { panic!("there are some") };
    assert_eq!((*step, activations.len()), (Activation::Step, layers.len()));
    let tape = Tape::inference();
    for (activation, layer) in activations.iter().zip(layers) {
        let by_layer = layer.forward(tape.constant(x.clone())).unwrap().into_value();
        let by_value = activation.apply(tape.constant(x.clone())).unwrap().into_value();
        assert_eq!(by_layer, by_value, "{activation}");
        // And behind a dense layer.
        let mut dense = Dense::new(3, 4);
        dense.initialize(1).unwrap();
        let sums = dense.forward(tape.constant(x.clone())).unwrap();
        let apart = activation.apply(sums).unwrap().into_value();
        let dense = dense.activation(*activation);
        assert_eq!(dense.forward(tape.constant(x.clone())).unwrap().into_value(), apart);
        check_gradients(&[x.cast()], |_, v| dense.forward(v[0].clone())).unwrap();
    }
}

#[test]
fn names() {
    for activation in Activation::ALL {
        let name = activation.name();
        for spelling in [name.to_owned(), name.to_uppercase(), name.replace('_', "")] {
            assert_eq!(spelling.parse::<Activation>().unwrap(), *activation);
        }
    }
    assert_eq!(Activation::Elu { alpha: 0.5 }.to_string(), "elu(alpha=0.5)");
    let says = |name: &str| name.parse::<Activation>().unwrap_err().to_string();
    let list = "step, sigmoid, tanh, relu, leaky_relu, elu, gelu, silu, softplus, softmax, \
                log_softmax";
    assert_eq!(
        says("Sigmoud"),
        format!("activation: name is \"Sigmoud\", expected one of {list}; did you mean sigmoid?")
    );
    assert_eq!(says("maxout"), format!("activation: name is \"maxout\", expected one of {list}"));
    assert_eq!(says(""), format!("activation: name is \"\", expected one of {list}"));
}

#[test]
fn parameters_that_make_no_sense() {
    let says = |activation: Activation| {
        let tape = Tape::<f32>::inference();
        let x = tape.constant(Tensor::zeros([2, 3]));
        activation.apply(x).unwrap_err().to_string()
    };
    for alpha in [f64::NAN, -0.1, f64::INFINITY] {
        let expected = format!("alpha is {alpha}, expected a finite number, at least 0");
        assert_eq!(says(Activation::LeakyRelu { alpha }), format!("leaky_relu: {expected}"));
        assert_eq!(says(Activation::Elu { alpha }), format!("elu: {expected}"));
    }
    for axis in [2, -3] {
        let expected = format!("axis is {axis}, expected an axis of [2, 3]");
        assert_eq!(says(Activation::Softmax { axis }), format!("softmax: {expected}"));
        assert_eq!(says(Activation::LogSoftmax { axis }), format!("log_softmax: {expected}"));
    }
}

/// Where PyTorch and MindSpore differ, the defaults are MindSpore's.
#[test]
fn defaults_are_mindspores() {
    assert_eq!("leaky_relu".parse(), Ok(Activation::LeakyRelu { alpha: 0.2 }));
    assert_eq!("gelu".parse(), Ok(Activation::Gelu { approximate: true }));
    deviation(
        "layer",
        "LeakyRelu, Elu",
        "takes any alpha",
        "refuses an alpha below 0",
        "the derivative is taken from the output, whose sign then tells which side it is on",
    );
}
