//! Convolution and pooling with every treatment of the border, against MindSpore.
//!
//! `reference/padding.py` writes the file; the list of cases is in it. PyTorch's numbers are compared
//! where the operations are, in `autodiff`.

use layers::{AvgPool2d, Conv2d, Layer, MaxPool2d, ModuleExt, PadMode, Tape};
use reference::{Comparison, Reference, size};
use serde_json::Value;

/// MindSpore computes in f32.
#[test]
fn borders_agree_with_mindspore() {
    let file = Reference::open(include_bytes!("../reference/padding.safetensors"));
    let mut modes = Vec::new();
    for case in file.cases() {
        let name = case["name"].as_str().expect("a name");
        let kind = case["layer"].as_str().expect("a layer");
        let value = |what: &str| file.tensor::<f32>(&format!("{name}/{what}"));
        let expected = |what: &str| file.tensor::<f64>(&format!("{name}/{what}"));
        modes.push((kind, case["options"]["pad_mode"].as_str().expect("a mode")));
        let x = value("x");
        let shape = (kind == "Conv2d").then(|| value("weight").shape().clone());
        let mut layer = layer(kind, shape.as_deref(), &case["options"]);
        layer.each_parameter_mut(&mut |name, parameter| parameter.set(value(name)).unwrap());

        let tape = Tape::new();
        let x = tape.leaf(x);
        let y = layer.forward(x.clone()).unwrap();
        let row = Comparison::new("layer", kind, &file.peer());
        row.check("forward", y.value(), &expected("output"), 0.0, 2e-6);
        let cotangent = value("cotangent");
        let scale = size(&cotangent);
        let gradients = y.backward_from(cotangent).unwrap();
        let of_x = gradients.of(&x).unwrap();
        row.check("gradients", of_x, &expected("gradient.x"), scale, 2e-6);
        for (name, parameter) in layer.parameters() {
            let found = gradients.get(parameter.key()).unwrap();
            row.check("gradients", found, &expected(&format!("gradient.{name}")), scale, 2e-6);
        }
    }
    for kind in ["Conv2d", "MaxPool2d", "AvgPool2d"] {
        for mode in ["valid", "same", "pad"] {
            assert!(modes.contains(&(kind, mode)), "{kind} {mode}");
        }
    }
}

/// `weight` is the shape of a convolution's.
fn layer(kind: &str, weight: Option<&[usize]>, options: &Value) -> Box<dyn Layer> {
    let number = |value: &Value| value.as_u64().expect("a number") as usize;
    let [kernel, stride] = ["kernel", "stride"].map(|name| number(&options[name]));
    let sides = std::array::from_fn(|side| number(&options["padding"][side]));
    let mode = match options["pad_mode"].as_str() {
        Some("valid") => PadMode::Valid,
        Some("same") => PadMode::Same,
        Some("pad") => PadMode::Pad(sides),
        unknown => panic!("the file has a mode that this test does not know: {unknown:?}"),
    };
    match (kind, weight) {
        ("Conv2d", Some(&[outputs, inputs, ..])) => {
            let layer = Conv2d::new(inputs, outputs, kernel).has_bias(false);
            Box::new(layer.stride(stride).pad_mode(mode))
        }
        ("MaxPool2d", _) => Box::new(MaxPool2d::new(kernel).stride(stride).pad_mode(mode)),
        ("AvgPool2d", _) => {
            let counted = options["count_include_pad"].as_bool().unwrap_or(true);
            let layer = AvgPool2d::new(kernel).stride(stride).pad_mode(mode);
            Box::new(layer.count_include_pad(counted))
        }
        _ => panic!("the file has a layer that this test does not know: {kind}"),
    }
}
