//! [`OnnxNetwork`]: a graph of operators as a network.

use super::FORMAT;
use super::attributes::{Attributes, describe};
use super::message::{DimensionValue, GraphProto, ModelProto, NodeProto, ValueInfoProto};
use super::operators::{self, Inputs, Operator, Value};
use super::tensors::Constant;
use crate::error::read_file;
use crate::{Error, Result};
use layers::{Initializer, Layer, Module, Parameter, Var, Visitor, VisitorMut};
use prost::Message;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Versions of ONNX's operators that are understood.
const OPSETS: std::ops::RangeInclusive<i64> = 9..=25;

const NO_OPSET: &str = "it does not say which version of ONNX's operators it uses (opset_import)";

/// A network that was read from an ONNX model.
///
/// Its floating-point initialisers are its parameters, under their own names, so that it can be
/// trained further, saved, and compared by name with other networks. One input, one output.
///
/// Operators: Add, AveragePool, BatchNormalization, Cast, Concat, Constant, Conv, Div, Dropout, Elu,
/// Exp, Flatten, Gather, Gelu, Gemm, GlobalAveragePool, Identity, LayerNormalization, LeakyRelu, Log,
/// LogSoftmax, MatMul, MaxPool, Mul, Neg, ReduceMean, ReduceSum, Relu, Reshape,
/// ScatterND (of whole rows), Shape, Sigmoid, Sign, Softmax, Softplus, Squeeze,
/// Sub, Tanh, Transpose, Unsqueeze - in two dimensions, as PyTorch and MindSpore export them.
/// Dropout and batch normalisation behave as in evaluation, always.
#[derive(Debug)]
pub struct OnnxNetwork {
    parameters: Vec<(String, Parameter)>,
    constants: Vec<Constant>,
    nodes: Vec<Node>,
    /// How many values there are: parameters, constants, the input, what nodes compute.
    values: usize,
    input: usize,
    output: usize,
    input_shape: Vec<Option<usize>>,
}

/// A node: what it computes, of what, and where the result goes.
#[derive(Debug)]
struct Node {
    name: String,
    operator: Box<dyn Operator>,
    inputs: Vec<Option<Input>>,
    output: usize,
}

/// A value that a node reads, and whether nobody reads it again.
#[derive(Debug)]
struct Input {
    value: usize,
    last: bool,
}

impl OnnxNetwork {
    /// Reads a model file.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::In`] with the faults of [`OnnxNetwork::from_bytes`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = read_file(path)?;
        OnnxNetwork::from_bytes(&bytes).map_err(|fault| fault.in_file(path))
    }

    /// Reads a model.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the bytes are not a whole, consistent model; [`Error::Unsupported`]
    /// where it uses what is not supported: the message names the node.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let model = ModelProto::decode(bytes).map_err(|error| damaged(error.to_string()))?;
        let own = model
            .opset_import
            .iter()
            .find(|set| matches!(set.domain.as_deref(), None | Some("" | "ai.onnx")));
        let opset = own.and_then(|set| set.version).ok_or_else(|| damaged(NO_OPSET.to_owned()))?;
        if !OPSETS.contains(&opset) {
            let what = format!("version {opset} of ONNX's operators");
            let detail =
                format!("export the model for one from {} to {}", OPSETS.start(), OPSETS.end());
            return Err(Error::Unsupported { what, detail });
        }
        let graph = model.graph.ok_or_else(|| damaged("it holds no graph".to_owned()))?;
        Builder::default().build(graph, opset)
    }

    /// The shape that the model wants, `None` for an axis that may have any size, such as the
    /// batch's.
    pub fn input_shape(&self) -> &[Option<usize>] {
        &self.input_shape
    }
}

/// What is known of a graph while its nodes are read.
#[derive(Default)]
struct Builder {
    /// By name, where each value is.
    places: HashMap<String, usize>,
    parameters: Vec<(String, Parameter)>,
    constants: Vec<Constant>,
}

impl Builder {
    fn build(mut self, graph: GraphProto, opset: i64) -> Result<OnnxNetwork> {
        let (constants, nodes): (Vec<NodeProto>, _) =
            graph.node.into_iter().partition(|node| node.op_type.as_deref() == Some("Constant"));
        let mut numbers = Vec::new();
        for tensor in &graph.initializer {
            let name = tensor.name.clone().unwrap_or_default();
            match Constant::of(&name, tensor)? {
                Constant::Floats(value) => {
                    self.place(&name, self.parameters.len())?;
                    let mut parameter = Parameter::new(value.shape(), Initializer::ZERO);
                    parameter.set(value)?;
                    self.parameters.push((name, parameter));
                }
                constant => numbers.push((name, constant)),
            }
        }
        for node in &constants {
            let mut attributes = Attributes::of(node);
            let constant = attributes.constant()?;
            numbers.push((one_output(node)?.to_owned(), constant));
        }
        for (name, constant) in numbers {
            self.place(&name, self.parameters.len() + self.constants.len())?;
            self.constants.push(constant);
        }
        // Older writers list the initialisers among the inputs.
        let inputs: Vec<_> =
            graph.input.iter().filter(|info| !self.places.contains_key(name_of(info))).collect();
        let [info] = inputs[..] else {
            return Err(not_one("input", inputs));
        };
        let input = self.parameters.len() + self.constants.len();
        self.place(name_of(info), input)?;
        let first = input + 1;
        let mut built = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            built.push(self.node(node, first + i, opset)?);
        }
        let [output] = &graph.output[..] else {
            return Err(not_one("output", graph.output.iter().collect()));
        };
        let name = name_of(output);
        let place = self.places.get(name).copied();
        let output = place.ok_or_else(|| damaged(format!("nothing computes its output {name}")))?;
        mark_last_uses(&mut built, output);
        let (parameters, constants) = (self.parameters, self.constants);
        let values = first + built.len();
        let input_shape = shape_of(info);
        Ok(OnnxNetwork { parameters, constants, nodes: built, values, input, output, input_shape })
    }

    fn place(&mut self, name: &str, place: usize) -> Result<()> {
        match self.places.insert(name.to_owned(), place) {
            None => Ok(()),
            Some(_) => Err(damaged(format!("two values are named {name}"))),
        }
    }

    fn node(&mut self, node: &NodeProto, place: usize, opset: i64) -> Result<Node> {
        let operator = operators::parse(node, opset)?;
        let inputs = node.input.iter().map(|name| match self.places.get(name) {
            Some(&value) => Ok(Some(Input { value, last: false })),
            None if name.is_empty() => Ok(None),
            None => Err(damaged(format!(
                "{} reads {name}, which nothing before it computes",
                describe(node)
            ))),
        });
        let inputs: Vec<Option<Input>> = inputs.collect::<Result<_>>()?;
        if node.op_type.as_deref() == Some("BatchNormalization") {
            // The mean and the variance are no weights.
            for statistic in inputs.iter().skip(3).flatten() {
                if let Some((_, parameter)) = self.parameters.get_mut(statistic.value) {
                    parameter.set_trainable(false);
                }
            }
        }
        self.place(one_output(node)?, place)?;
        let named = node.name.clone().filter(|name| !name.is_empty());
        let name = named.unwrap_or_else(|| node.output[0].clone());
        Ok(Node { name, operator, inputs, output: place })
    }
}

/// Lets every value go with its last use, so that what reads it may overwrite it.
fn mark_last_uses(nodes: &mut [Node], output: usize) {
    let mut seen = HashSet::from([output]);
    for node in nodes.iter_mut().rev() {
        for input in node.inputs.iter_mut().rev().flatten() {
            input.last = seen.insert(input.value);
        }
    }
}

fn damaged(detail: String) -> Error {
    Error::Damaged { format: FORMAT, detail }
}

/// An error for a graph that has another number of inputs or outputs (`what`) than one.
fn not_one(what: &str, found: Vec<&ValueInfoProto>) -> Error {
    let names: Vec<_> = found.into_iter().map(name_of).collect();
    let what = match names.len() {
        0 => format!("a graph without an {what}"),
        count => format!("a graph with {count} {what}s ({})", names.join(", ")),
    };
    let detail = "a network turns one array into one; export a part of the model that does";
    Error::Unsupported { what, detail: detail.to_owned() }
}

fn name_of(info: &ValueInfoProto) -> &str {
    info.name.as_deref().unwrap_or_default()
}

/// The first output; others are optional, and an error where something reads them.
fn one_output(node: &NodeProto) -> Result<&str> {
    let output = node.output.first().map(String::as_str);
    output.ok_or_else(|| damaged(format!("{} has no output", describe(node))))
}

fn shape_of(info: &ValueInfoProto) -> Vec<Option<usize>> {
    let tensor = info.kind.as_ref().and_then(|kind| kind.tensor_type.as_ref());
    let shape = tensor.and_then(|tensor| tensor.shape.as_ref());
    let axes = shape.map_or(&[][..], |shape| &shape.dim);
    axes.iter()
        .map(|dimension| match dimension.value {
            Some(DimensionValue::Size(size)) => usize::try_from(size).ok(),
            Some(DimensionValue::Name(_)) | None => None,
        })
        .collect()
}

impl Module for OnnxNetwork {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        for (name, parameter) in &self.parameters {
            visitor.field(name, parameter);
        }
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
        for (name, parameter) in &mut self.parameters {
            visitor.field(name, parameter);
        }
    }
}

impl Layer for OnnxNetwork {
    fn forward<'t>(&self, x: Var<'t>) -> tensor::Result<Var<'t>> {
        self.check_input(&x)?;
        let tape = x.tape();
        let mut values: Vec<Option<Value<'t>>> = (0..self.values).map(|_| None).collect();
        for (place, (_, parameter)) in self.parameters.iter().enumerate() {
            values[place] = Some(Value::Var(parameter.on(tape)?));
        }
        for (place, constant) in self.constants.iter().enumerate() {
            values[self.parameters.len() + place] = Some(constant.on(tape));
        }
        values[self.input] = Some(Value::Var(x));
        for node in &self.nodes {
            let inputs = node.inputs.iter().map(|input| {
                let input = input.as_ref()?;
                if input.last { values[input.value].take() } else { values[input.value].clone() }
            });
            let inputs = Inputs(inputs.collect());
            values[node.output] =
                Some(node.operator.run(inputs).map_err(|error| error.at(&node.name))?);
        }
        match values[self.output].take() {
            Some(Value::Var(output)) => Ok(output),
            _ => {
                let detail =
                    "the model's output is a list of integers, expected an array of numbers";
                Err(tensor::Error::state("onnx", detail)
                    .hint("export a part of the model that ends with numbers"))
            }
        }
    }
}

impl OnnxNetwork {
    fn check_input(&self, x: &Var<'_>) -> tensor::Result<()> {
        let wanted = &self.input_shape;
        let fits = wanted.is_empty()
            || wanted.len() == x.shape().rank()
                && wanted
                    .iter()
                    .zip(x.shape().iter())
                    .all(|(wanted, found)| wanted.is_none_or(|n| n == *found));
        if fits {
            return Ok(());
        }
        let axes: Vec<_> =
            wanted.iter().map(|n| n.map_or("any".to_owned(), |n| n.to_string())).collect();
        let detail = format!("the model wants an input of shape [{}]", axes.join(", "));
        Err(tensor::Error::shape("onnx", detail)
            .operand("input", x.shape())
            .hint("give it that shape, or export the model for this one"))
    }
}
