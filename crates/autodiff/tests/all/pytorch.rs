//! Every operation against PyTorch: values and gradients, in f64 and in f32.
//!
//! `reference/make.py` writes the file; the list of cases is in the file itself, so that script
//! and test cannot drift apart.

use autodiff::{Result, Tape, Var};
use reference::{Comparison, Reference, size};
use serde_json::Value;
use tensor::{Conv2dOptions, Float, PadMode, Pool2dOptions, Tensor};

const FILE: &[u8] = include_bytes!("../reference/reference.safetensors");

#[test]
fn f64_agrees_to_twelve_digits() {
    replay::<f64>(1e-12);
}

/// The reference is the true value, computed in f64, so this bounds the rounding of f32.
#[test]
fn f32_agrees_to_six_digits() {
    replay::<f32>(1e-6);
}

fn replay<T: Float>(tolerance: f64) {
    let file = Reference::open(FILE);
    for case in file.cases() {
        let name = case["name"].as_str().expect("a name");
        let tape = Tape::<T>::new();
        let inputs: Vec<_> = (0..number(&case["inputs"]))
            .map(|i| tape.leaf(file.tensor(&format!("{name}/input.{i}"))))
            .collect();
        let op = case["op"].as_str().expect("an operation");
        let output =
            apply(op, &inputs, &case["options"]).unwrap_or_else(|error| panic!("{name}: {error}"));
        let cotangent = file.tensor(&format!("{name}/cotangent"));
        let row = Comparison::new("operation", op, &file.peer());
        let expected = |what: &str| file.tensor(&format!("{name}/{what}"));
        row.check("forward", output.value(), &expected("output"), 0.0, tolerance);
        let scale = size(&cotangent);
        let gradients = output.backward_from(cotangent).unwrap();
        for (i, input) in inputs.iter().enumerate() {
            let gradient = gradients.of(input).unwrap_or_else(|| panic!("{name}: gradient {i}"));
            row.check("gradients", gradient, &expected(&format!("gradient.{i}")), scale, tolerance);
        }
    }
}

fn apply<'t, T: Float>(op: &str, inputs: &[Var<'t, T>], options: &Value) -> Result<Var<'t, T>> {
    let x = inputs[0].clone();
    let option = |name| &options[name];
    let scalar = |name| T::from_f64(options[name].as_f64().expect("a number"));
    Ok(match op {
        "add" => x.add(&inputs[1])?,
        "sub" => x.sub(&inputs[1])?,
        "mul" => x.mul(&inputs[1])?,
        "div" => x.div(&inputs[1])?,
        "affine" => x.affine(scalar("factor"), scalar("offset")),
        "scale" => x.scale(scalar("factor")),
        "neg" => -x,
        "exp" => x.exp(),
        "ln" => x.ln(),
        "square" => x.square(),
        "relu" => x.relu(),
        "sigmoid" => x.sigmoid(),
        "tanh" => x.tanh(),
        "sum" => x.sum(),
        "mean" => x.mean(),
        "sum_axis" => x.sum_axis(number(option("axis")))?,
        "mean_axis" => x.mean_axis(number(option("axis")))?,
        "reshape" => x.reshape(numbers(option("shape")))?,
        "flatten" => x.flatten(number(option("start")), number(option("end")))?,
        "permute" => x.permute(&numbers(option("axes")))?,
        "matmul" => x.matmul(&inputs[1])?,
        "linear" => x.linear(&inputs[1], inputs.get(2))?,
        "conv2d" => {
            let options = Conv2dOptions::default()
                .stride(pair(option("stride")))
                .pad_mode(pad_mode(option("pad_mode")))
                .dilation(pair(option("dilation")))
                .groups(number(option("groups")));
            x.conv2d(&inputs[1], inputs.get(2), &options)?
        }
        "max_pool2d" => x.max_pool2d(&pooling(options))?,
        "avg_pool2d" => {
            let count_include_pad = option("count_include_pad").as_bool().expect("a flag");
            x.avg_pool2d(&Pool2dOptions { count_include_pad, ..pooling(options) })?
        }
        "softmax" => x.softmax(number(option("axis")))?,
        "log_softmax" => x.log_softmax(number(option("axis")))?,
        "softmax_cross_entropy" => {
            let labels = numbers(option("labels"));
            x.softmax_cross_entropy(&Tensor::from_fn([labels.len()], |i| labels[i] as u32))?
        }
        "softmax_cross_entropy_dense" => {
            let targets = option("targets").as_array().expect("numbers");
            let at = |i: usize| T::from_f64(targets[i].as_f64().expect("a number"));
            let targets = Tensor::from_fn(x.shape(), at);
            x.softmax_cross_entropy_dense(&targets)?
        }
        unknown => panic!("the file has an operation that this test does not know: {unknown}"),
    })
}

fn pooling(options: &Value) -> Pool2dOptions {
    let (kernel, stride) = (pair(&options["kernel"]), pair(&options["stride"]));
    let pad_mode = pad_mode(&options["pad_mode"]);
    Pool2dOptions { kernel, stride, pad_mode, ..Default::default() }
}

fn pad_mode(value: &Value) -> PadMode {
    match value.as_str() {
        Some("valid") => PadMode::Valid,
        Some("same") => PadMode::Same,
        Some(unknown) => panic!("unknown pad_mode {unknown}"),
        None => PadMode::Pad(numbers(value).try_into().expect("four sides")),
    }
}

fn pair(value: &Value) -> [usize; 2] {
    numbers(value).try_into().expect("height and width")
}

fn numbers(value: &Value) -> Vec<usize> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn number(value: &Value) -> usize {
    value.as_u64().expect("a whole number") as usize
}
