//! Each operation of `autodiff` as ONNX's operators.

use super::graph::{Graph, float, int, ints, text};
use super::recording::{Axis, Recording};
use crate::onnx::message::AttributeProto;
use crate::{Error, Result};
use autodiff::Attribute;
use autodiff::explain::Step;
use std::f64::consts::PI;
use tensor::Tensor;

/// The graph of everything that the output depends on.
pub(super) fn write(recording: &Recording) -> Result<Graph> {
    let steps = recording.steps();
    let mut needed = vec![false; steps.len()];
    needed[recording.output] = true;
    for (place, step) in steps.iter().enumerate().rev() {
        if needed[place] {
            step.inputs.iter().flatten().for_each(|&input| needed[input] = true);
        }
    }
    let mut graph = Graph::new(steps.iter().filter_map(|step| recording.parameter(step)));
    graph.opset = steps.iter().map(|step| opset(step.operation)).max().unwrap_or(OPSET);
    let mut values = vec![String::new(); steps.len()];
    for (place, step) in steps.iter().enumerate() {
        if !needed[place] {
            continue;
        }
        graph.within(recording.layer(step));
        values[place] = match (place == recording.input, &step.formula) {
            (true, _) => graph.input.clone(),
            (false, None) => given(recording, &mut graph, step)?,
            (false, Some(_)) => {
                let inputs: Vec<_> =
                    step.inputs.iter().map(|input| input.map_or("", |i| &*values[i])).collect();
                Writer { recording, graph: &mut graph, step, place, x: &inputs }.write()?
            }
        };
    }
    graph.finish(&values[recording.output]);
    Ok(graph)
}

/// The first version of ONNX's operators in which softmax works along one axis.
const OPSET: i64 = 13;

/// The version that an operation needs.
fn opset(operation: &str) -> i64 {
    match operation {
        "layer_norm" => 17,
        "gelu" => 20,
        _ => OPSET,
    }
}

/// A parameter, or a constant.
fn given(recording: &Recording, graph: &mut Graph, step: &Step) -> Result<String> {
    let value = step.value.cast();
    match (step.key, recording.parameter(step)) {
        (None, _) => Ok(graph.constant(&step.name, &value)),
        (Some(_), Some(name)) => {
            graph.initializer(name, &value);
            Ok(name.to_owned())
        }
        (Some(_), None) => {
            let detail = "the network has no parameter of this key; let its module! name the field";
            Err(Error::Unsupported { what: recording.describe(step), detail: detail.to_owned() })
        }
    }
}

/// One step, the names of its inputs, and where its nodes go.
struct Writer<'a> {
    recording: &'a Recording,
    graph: &'a mut Graph,
    step: &'a Step,
    place: usize,
    x: &'a [&'a str],
}

impl Writer<'_> {
    fn write(&mut self) -> Result<String> {
        if self.step.custom {
            return Err(self.unsupported("ONNX cannot know a rule of your own"));
        }
        Ok(match self.step.operation {
            "relu" => self.same("Relu"),
            "sigmoid" => self.same("Sigmoid"),
            "tanh" => self.same("Tanh"),
            "exp" => self.same("Exp"),
            "ln" => self.same("Log"),
            "softplus" => self.same("Softplus"),
            "add" => self.same("Add"),
            "sub" => self.same("Sub"),
            "mul" => self.same("Mul"),
            "div" => self.same("Div"),
            "matmul" => self.same("MatMul"),
            "detach" => self.same("Identity"),
            "leaky_relu" => self.with("LeakyRelu", vec![float("alpha", self.number("alpha"))]),
            "elu" => self.with("Elu", vec![float("alpha", self.number("alpha"))]),
            "gelu" => self.gelu(),
            "gelu_tanh" => self.gelu_tanh(),
            "silu" => {
                let gate = self.same("Sigmoid");
                self.graph.node("Mul", &[self.x[0], &gate], Vec::new())
            }
            "scaled_tanh" => {
                let slow = self.times(self.x[0], "slope");
                let tanh = self.graph.node("Tanh", &[&slow], Vec::new());
                self.times(&tanh, "amplitude")
            }
            "step" => {
                let positive = self.same("Relu");
                self.graph.node("Sign", &[&positive], Vec::new())
            }
            "square" => self.graph.node("Mul", &[self.x[0], self.x[0]], Vec::new()),
            "affine" => self.affine(),
            "softmax" => self.with("Softmax", vec![int("axis", self.size("axis"))]),
            "log_softmax" => self.with("LogSoftmax", vec![int("axis", self.size("axis"))]),
            "conv2d" => self.conv2d(),
            "linear" => self.linear()?,
            "max_pool2d" => self.with("MaxPool", self.window()),
            "avg_pool2d" if self.is_global() => self.same("GlobalAveragePool"),
            "avg_pool2d" => self.average(self.x[0], self.flag("counts_padding")),
            "batch_norm" => self.batch_norm()?,
            "layer_norm" => self.layer_norm(),
            "subsampling" => self.subsampling(),
            "reshape" => self.reshaped(self.x[0])?,
            "permute" => self.with("Transpose", vec![ints("perm", &self.sizes("axes"))]),
            "scatter_rows" => self.scatter_rows(),
            "sum" => self.with("ReduceSum", vec![int("keepdims", 0)]),
            "mean" => self.with("ReduceMean", vec![int("keepdims", 0)]),
            "sum_axis" => {
                let axis = self.graph.ints("axes", &[1], &[self.size("axis") as i64]);
                self.graph.node("ReduceSum", &[self.x[0], &axis], vec![int("keepdims", 0)])
            }
            "mean_axis" => self.mean_axis(),
            _ => return Err(self.unsupported("ONNX has no counterpart for it")),
        })
    }

    fn unsupported(&self, detail: &str) -> Error {
        let what = self.recording.describe(self.step);
        let detail = format!("{detail}; compute it by operations that can be exported");
        Error::Unsupported { what, detail }
    }

    /// A node on the step's inputs.
    fn with(&mut self, operator: &str, attributes: Vec<AttributeProto>) -> String {
        let given = self.x.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        self.graph.node(operator, &self.x[..given], attributes)
    }

    fn same(&mut self, operator: &str) -> String {
        self.with(operator, Vec::new())
    }

    /// y = x (1 + tanh u) / 2 = x sigmoid(2u), u = √(2/π) (x + 0.044715 x³).
    fn gelu_tanh(&mut self) -> String {
        let x = self.x[0];
        let square = self.graph.node("Mul", &[x, x], Vec::new());
        let cube = self.graph.node("Mul", &[&square, x], Vec::new());
        let factor = self.graph.number("cube_factor", 0.044_715);
        let small = self.graph.node("Mul", &[&cube, &factor], Vec::new());
        let sum = self.graph.node("Add", &[x, &small], Vec::new());
        let factor = self.graph.number("factor", 2.0 * (2.0 / PI).sqrt());
        let twice = self.graph.node("Mul", &[&sum, &factor], Vec::new());
        let gate = self.graph.node("Sigmoid", &[&twice], Vec::new());
        self.graph.node("Mul", &[x, &gate], Vec::new())
    }

    fn gelu(&mut self) -> String {
        self.with("Gelu", vec![text("approximate", "none")])
    }

    /// The axes became an input in version 18.
    fn mean_axis(&mut self) -> String {
        let (axis, keep) = (self.size("axis"), int("keepdims", 0));
        if self.graph.opset < 18 {
            return self.with("ReduceMean", vec![ints("axes", &[axis]), keep]);
        }
        let axes = self.graph.ints("axes", &[1], &[axis as i64]);
        self.graph.node("ReduceMean", &[self.x[0], &axes], vec![keep])
    }

    fn batch_norm(&mut self) -> Result<String> {
        if self.flag("of_batch") {
            return Err(self.unsupported("a model that is run has no statistics of its batch"));
        }
        let epsilon = float("epsilon", self.number("epsilon"));
        Ok(self.with("BatchNormalization", vec![epsilon]))
    }

    fn layer_norm(&mut self) -> String {
        let axis = self.step.shape().rank() - self.size("axes");
        let epsilon = float("epsilon", self.number("epsilon"));
        self.with("LayerNormalization", vec![int("axis", axis), epsilon])
    }

    /// Whether a pooling operation has one window, which is the whole image.
    fn is_global(&self) -> bool {
        let input = &self.recording.steps()[self.step.inputs[0].expect("it has an input")];
        self.sizes("kernel") == input.shape()[2..] && self.sizes("pads") == [0; 4]
    }

    fn affine(&mut self) -> String {
        let (factor, offset) = (self.number("factor"), self.number("offset"));
        let product = match factor {
            1.0 => self.x[0].to_owned(),
            -1.0 => self.same("Neg"),
            _ => self.times(self.x[0], "factor"),
        };
        if offset == 0.0 && factor != 1.0 {
            return product;
        }
        let offset = self.graph.number("offset", offset);
        self.graph.node("Add", &[&product, &offset], Vec::new())
    }

    /// The value times an attribute of the operation.
    fn times(&mut self, x: &str, attribute: &str) -> String {
        let factor = self.graph.number(attribute, self.number(attribute));
        self.graph.node("Mul", &[x, &factor], Vec::new())
    }

    fn conv2d(&mut self) -> String {
        let mut attributes = self.window();
        attributes.push(ints("dilations", &self.sizes("dilation")));
        attributes.push(int("group", self.size("groups")));
        self.with("Conv", attributes)
    }

    /// Gemm wants two axes; leading ones are joined before it and parted after it.
    fn linear(&mut self) -> Result<String> {
        let input = &self.recording.steps()[self.step.inputs[0].expect("the first is required")];
        let transposed = || vec![int("transB", 1)];
        if input.shape().rank() == 2 {
            return Ok(self.with("Gemm", transposed()));
        }
        let features = *input.shape().last().expect("it has features");
        let shape = self.graph.ints("rows", &[2], &[-1, features as i64]);
        let rows = self.graph.node("Reshape", &[self.x[0], &shape], Vec::new());
        let inputs: Vec<_> = std::iter::once(&*rows)
            .chain(self.x[1..].iter().copied().filter(|name| !name.is_empty()))
            .collect();
        let y = self.graph.node("Gemm", &inputs, transposed());
        self.reshaped(&y)
    }

    /// `x` in the shape of the step's value.
    fn reshaped(&mut self, x: &str) -> Result<String> {
        let axes = self.recording.axes(self.place);
        let open = axes.iter().filter(|axis| !matches!(axis, Axis::Fixed(_))).count();
        if open > 1 {
            return Err(self.unsupported("more than one of its axes depends on the batch"));
        }
        let sizes: Vec<_> = axes
            .iter()
            .map(|axis| match axis {
                Axis::Fixed(size) => *size as i64,
                Axis::Batch | Axis::Open => -1,
            })
            .collect();
        let shape = self.graph.ints("shape", &[sizes.len()], &sizes);
        Ok(self.graph.node("Reshape", &[x, &shape], Vec::new()))
    }

    fn average(&mut self, x: &str, counts_padding: bool) -> String {
        let mut attributes = self.window();
        attributes.push(int("count_include_pad", usize::from(counts_padding)));
        self.graph.node("AveragePool", &[x], attributes)
    }

    /// The sum of a window is its mean times its size, which the coefficient takes in.
    fn subsampling(&mut self) -> String {
        let [coefficient, bias] = [self.x[1], self.x[2]];
        let channels = self.step.shape()[1];
        let window = self.sizes("kernel").iter().product::<usize>();
        let mean = self.average(self.x[0], true);
        let window = self.graph.number("window", window as f64);
        let coefficient = self.graph.node("Mul", &[coefficient, &window], Vec::new());
        let shape = self.graph.ints("by_channel", &[3], &[channels as i64, 1, 1]);
        let coefficient = self.graph.node("Reshape", &[&coefficient, &shape], Vec::new());
        let bias = self.graph.node("Reshape", &[bias, &shape], Vec::new());
        let scaled = self.graph.node("Mul", &[&mean, &coefficient], Vec::new());
        self.graph.node("Add", &[&scaled, &bias], Vec::new())
    }

    fn scatter_rows(&mut self) -> String {
        let places: Vec<_> = self.sizes("places").iter().map(|&place| place as i64).collect();
        let zeros = self.graph.constant("zeros", &Tensor::zeros(self.step.shape()));
        let places = self.graph.ints("places", &[places.len(), 1], &places);
        self.graph.node("ScatterND", &[&zeros, &places, self.x[0]], Vec::new())
    }

    fn window(&self) -> Vec<AttributeProto> {
        vec![
            ints("kernel_shape", &self.sizes("kernel")),
            ints("strides", &self.sizes("stride")),
            ints("pads", &self.sizes("pads")),
        ]
    }

    fn attribute(&self, name: &str) -> &Attribute {
        let found = self.step.attribute(name);
        found.unwrap_or_else(|| panic!("{} tells its {name}", self.step.operation))
    }

    fn number(&self, name: &str) -> f64 {
        match self.attribute(name) {
            Attribute::Number(number) => *number,
            other => panic!("{name} is a number, not {other:?}"),
        }
    }

    fn size(&self, name: &str) -> usize {
        match self.attribute(name) {
            Attribute::Size(size) => *size,
            other => panic!("{name} is a size, not {other:?}"),
        }
    }

    fn sizes(&self, name: &str) -> Vec<usize> {
        match self.attribute(name) {
            Attribute::Sizes(sizes) => sizes.clone(),
            other => panic!("{name} is a list of sizes, not {other:?}"),
        }
    }

    fn flag(&self, name: &str) -> bool {
        match self.attribute(name) {
            Attribute::Flag(flag) => *flag,
            other => panic!("{name} is a flag, not {other:?}"),
        }
    }
}
