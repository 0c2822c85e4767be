//! The 1998 LeNet-5 and its layers: against PyTorch, by central differences, and their mistakes.
//!
//! `reference/classic.py` writes the file; the list of cases is in it.

use autodiff::check_gradients;
use layers::{
    ConnectionTable, Layer, LeNet5Classic, Loss, Module, ModuleExt, PadMode, ScaledTanh,
    SoftmaxCrossEntropyWithLogits, Subsampling, TableConv2d, Tape, Target,
};
use reference::{Comparison, Reference, formula, size};
use serde_json::Value;
use tensor::{Float, Tensor};

const FILE: &[u8] = include_bytes!("../reference/classic.safetensors");

#[test]
fn layers_agree_with_pytorch() {
    replay::<f64>(1e-12);
    replay::<f32>(1e-6);
}

fn replay<T: Float>(tolerance: f64) {
    let file = Reference::open(FILE);
    for case in file.cases() {
        let (name, kind) = (text(&case["name"]), text(&case["layer"]));
        if kind == "LeNet5Classic" {
            continue;
        }
        let input = |i| file.tensor::<f32>(&format!("{name}/input.{i}"));
        let channels = input(0).shape().get(1).copied();
        let mut layer = layer::<T>(kind, channels, &case["options"]);
        let mut number = 0;
        layer.each_parameter_mut(&mut |_, parameter| {
            number += 1;
            parameter.set(input(number)).unwrap();
        });
        let tape = Tape::<T>::new();
        let x = tape.leaf(file.tensor(&format!("{name}/input.0")));
        let output = layer.forward(x.clone()).unwrap();
        let row = Comparison::new("layer", kind, &file.peer());
        let expected = |what: &str| file.tensor(&format!("{name}/{what}"));
        row.check("forward", output.value(), &expected("output"), 0.0, tolerance);
        let cotangent = file.tensor(&format!("{name}/cotangent"));
        let scale = size(&cotangent);
        let gradients = output.backward_from(cotangent).unwrap();
        let found = gradients.of(&x).unwrap();
        row.check("gradients", found, &expected("gradient.0"), scale, tolerance);
        for (i, (_, parameter)) in layer.parameters().into_iter().enumerate() {
            let expected = expected(&format!("gradient.{}", i + 1));
            row.check(
                "gradients",
                gradients.get(parameter.key()).unwrap(),
                &expected,
                scale,
                tolerance,
            );
        }
    }
}

fn layer<T: Float>(kind: &str, channels: Option<usize>, options: &Value) -> Box<dyn Both<T>> {
    let number = |name: &str| options[name].as_u64().map(|number| number as usize);
    let padding = |name| PadMode::all_sides(number(name).unwrap_or(0));
    match kind {
        "ScaledTanh" => Box::new(ScaledTanh::new()),
        "Subsampling" => {
            let kernel = number("kernel").expect("a window");
            let layer = Subsampling::new(channels.expect("channels"), kernel);
            Box::new(layer.stride(number("stride").unwrap_or(kernel)).pad_mode(padding("pad")))
        }
        "TableConv2d" => {
            let rows = options["table"].as_array().expect("a table").iter().map(|row| {
                let maps = row.as_array().expect("a row").iter();
                maps.map(|map| map.as_u64().expect("a map") as usize).collect::<Vec<_>>()
            });
            let table = ConnectionTable::new(channels.expect("maps"), rows).unwrap();
            let kernel = if options["stride"].is_null() { 2 } else { 3 };
            let layer = TableConv2d::new(table, kernel).stride(number("stride").unwrap_or(1));
            Box::new(layer.pad_mode(padding("padding")))
        }
        unknown => panic!("the file has a layer that this test does not know: {unknown}"),
    }
}

/// A layer in one of both precisions.
trait Both<T: Float>: Layer<T> {}
impl<T: Float, L: Layer<T>> Both<T> for L {}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Logits, loss and the gradients of all 60,850 parameters.
#[test]
fn the_network_agrees_with_pytorch() {
    replay_network::<f64>(1e-12, 1e-7);
    replay_network::<f32>(2e-6, 1e-5);
}

fn replay_network<T: Float>(forward_tolerance: f64, gradient_tolerance: f64) {
    let file = Reference::open(FILE);
    let case = file.cases().last().expect("the network");
    let fan_in = case["fan_in"].as_array().expect("numbers");
    let mut net = LeNet5Classic::new();
    let mut number = 0;
    net.each_parameter_mut(&mut |_, parameter| {
        let bound = 2.0 / fan_in[number].as_f64().expect("a number").sqrt();
        let draw = |i| (formula(number, i) * bound) as f32;
        parameter.set(Tensor::from_fn(parameter.shape(), draw)).unwrap();
        number += 1;
    });
    let labels = case["labels"].as_array().expect("labels");
    let labels = Tensor::from_fn([2], |i| labels[i].as_u64().expect("a label") as u32);
    let tape = Tape::<T>::new();
    let images = Tensor::from_fn([2, 1, 32, 32], |i| T::from_f64(formula(20, i) as f32 as f64));
    let logits = net.forward(tape.constant(images)).unwrap();
    let row = Comparison::new("network", "LeNet5Classic", &file.peer());
    let expected = |what: &str| file.tensor(&format!("network/{what}"));
    row.check("logits", logits.value(), &expected("logits"), 0.0, forward_tolerance);
    let loss = SoftmaxCrossEntropyWithLogits::new().forward(logits, &Target::Class(labels));
    let loss = loss.unwrap();
    row.check("loss", loss.value(), &expected("loss"), 0.0, forward_tolerance);
    let gradients = loss.backward().unwrap();
    let mut compared = 0;
    for (name, parameter) in net.parameters() {
        let gradient = gradients.get(parameter.key()).unwrap_or_else(|| panic!("{name}"));
        compared += gradient.len();
        let check = |name: &str, found: &Tensor<T>| {
            let expected = expected(name);
            assert!(size(&expected) > 1e-3, "{name}: the gradient is not lost in rounding");
            row.check("gradients", found, &expected, 0.0, gradient_tolerance);
        };
        if name != "c5.weight" {
            check(&name, gradient);
            continue;
        }
        let sum = |numbers: &mut dyn Iterator<Item = T>| numbers.sum();
        let rows = gradient.as_slice().chunks(400);
        let by_output: Vec<T> = rows.map(|row| sum(&mut row.iter().copied())).collect();
        let column = |i| gradient.as_slice().iter().skip(i).step_by(400).copied();
        check("c5.weight/by output", &Tensor::from_vec([120], by_output).unwrap());
        check("c5.weight/by input", &Tensor::from_fn([400], |i| sum(&mut column(i))));
    }
    assert_eq!(compared, 60_850);
}

/// What is not connected stays exactly unconnected, and every connection has its own kernel.
#[test]
fn a_full_table_is_a_convolution() {
    let table = ConnectionTable::new(3, [[0, 1, 2], [0, 1, 2]]).unwrap();
    let mut layer = TableConv2d::new(table, 3);
    layer.initialize(1).unwrap();
    let mut full = layers::Conv2d::new(3, 2, 3);
    let weight = layer.weight.value().unwrap().clone().reshape([2, 3, 3, 3]).unwrap();
    full.weight.set(weight).unwrap();
    full.bias.as_mut().unwrap().set(layer.bias.value().unwrap().clone()).unwrap();
    let tape = Tape::<f32>::inference();
    let images = tape.constant(Tensor::from_fn([20, 3, 6, 5], |i| formula(1, i) as f32));
    let (found, expected) = (layer.forward(images.clone()).unwrap(), full.forward(images).unwrap());
    assert_eq!(found.value(), expected.value());
}

#[test]
fn an_unconnected_map_has_no_influence() {
    let mut layer = TableConv2d::new(ConnectionTable::lenet5(), 5);
    layer.initialize(1).unwrap();
    let run = |change: usize| {
        let tape = Tape::<f32>::inference();
        let pixel = |i: usize| formula(1, i) as f32 + if i / 196 == change { 1.0 } else { 0.0 };
        let y = layer.forward(tape.constant(Tensor::from_fn([1, 6, 14, 14], pixel))).unwrap();
        y.into_value()
    };
    let before = run(6);
    for input in 0..6 {
        let after = run(input);
        for output in 0..16 {
            let map = |y: &Tensor| y.as_slice()[output * 100..][..100].to_vec();
            let sees = layer.table().inputs_of(output).contains(&input);
            assert_eq!(map(&before) != map(&after), sees, "map {output} from {input}");
        }
    }
}

/// The parameters too: a check of a layer's forward pass with respect to its input misses them.
#[test]
fn gradients_agree_with_central_differences() {
    let x = |shape: [usize; 4]| Tensor::from_fn(shape, |i| formula(3, i));
    let mut layer = Subsampling::new(2, 2);
    layer.initialize(1).unwrap();
    check_gradients(&[x([2, 2, 4, 4])], |_, v| layer.forward(v[0].clone())).unwrap();
    let table = ConnectionTable::new(3, [vec![0, 2], vec![1]]).unwrap();
    let mut layer = TableConv2d::new(table, 2);
    layer.initialize(1).unwrap();
    check_gradients(&[x([2, 3, 4, 3])], |_, v| layer.forward(v[0].clone())).unwrap();
}

/// A batch is its samples one by one, in either layout.
#[test]
fn a_batch_is_its_samples() {
    let mut net = LeNet5Classic::new();
    net.initialize(3).unwrap();
    let images = Tensor::from_fn([18, 1, 32, 32], |i| formula(5, i) as f32);
    let run = |images: Tensor| {
        let tape = Tape::inference();
        net.forward(tape.constant(images)).unwrap().into_value()
    };
    let all = run(images.clone());
    for i in [0, 7, 17] {
        let one = run(images.rows(i, i + 1).unwrap());
        for (a, b) in one.as_slice().iter().zip(all.rows(i, i + 1).unwrap().as_slice()) {
            assert!((a - b).abs() < 1e-5, "{a} and {b}");
        }
    }
}

fn says(layer: &dyn Layer, shape: &[usize]) -> String {
    let tape = Tape::inference();
    layer.forward(tape.constant(Tensor::zeros(shape))).unwrap_err().to_string()
}

#[test]
fn mistakes_are_told() {
    fn ready<M: Module>(mut layer: M) -> M {
        layer.initialize(1).unwrap();
        layer
    }
    let cases = [
        (
            says(&ready(LeNet5Classic::new()), &[1, 1, 28, 28]),
            "c5: conv2d: kernel 5x5 does not fit in the image 4x4 (input [1, 16, 4, 4], weight \
             [120, 16, 5, 5]); pad_mode Valid adds no padding: use Same or Pad, a smaller kernel \
             or a larger image",
        ),
        (
            says(&ready(Subsampling::new(6, 2)), &[1, 4, 8, 8]),
            "subsampling: input has 4 channels, coefficient has shape [6], not [4] (input \
             [1, 4, 8, 8]); make the number of input channels 6, or this layer's channels 4",
        ),
        (
            says(&ready(Subsampling::new(6, 0)), &[1, 6, 8, 8]),
            "subsampling: kernel size is [0, 0], expected at least 1 along height and width",
        ),
        (
            says(&ready(TableConv2d::new(ConnectionTable::lenet5(), 5)), &[1, 4, 8, 8]),
            "conv2d: input has 4 channels, weight expects 6 (input [1, 4, 8, 8], weight \
             [16, 6, 5, 5]); make the number of input channels 6, or this layer's table one over \
             4 maps",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}
