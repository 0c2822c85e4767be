//! The operators that are supported, one file for each family: what is read of a node, and how it
//! is run.

mod convolution;
mod elementwise;
mod limits;
mod normalization;
mod pooling;
mod product;
mod scatter;
mod shape;

use super::attributes::{Attributes, describe, foreign_domain};
use super::message::NodeProto;
use super::tensors::Constant;
use crate::{Error, Result};
use layers::Var;
use std::fmt::Debug;
use tensor::{PadMode, Tensor};

/// A node's operator with its attributes.
pub(super) trait Operator: Debug + Send + Sync {
    /// The output for these inputs.
    fn run<'t>(&self, inputs: Inputs<'t>) -> tensor::Result<Value<'t>>;
}

/// What flows along the edges of a graph.
#[derive(Clone, Debug)]
pub(super) enum Value<'t> {
    /// Numbers that are computed with, and through which gradients flow.
    Var(Var<'t>),
    /// A list of sizes or indices; `scalar` where it has no axis.
    Ints { values: Vec<i64>, scalar: bool },
    /// Indices of rows, one below the other.
    Column(Vec<i64>),
}

const NUMBERS: &str = "an array of numbers";
const INTEGERS: &str = "a list of integers";

impl Value<'_> {
    /// What it is, for messages.
    fn describe(&self) -> &'static str {
        match self {
            Value::Var(_) => NUMBERS,
            Value::Ints { .. } => INTEGERS,
            Value::Column(_) => "a column of integers",
        }
    }
}

/// A node's inputs; `None` for optional ones that are left out.
#[derive(Debug)]
pub(super) struct Inputs<'t>(pub(super) Vec<Option<Value<'t>>>);

impl<'t> Inputs<'t> {
    fn take(&mut self, i: usize) -> Option<Value<'t>> {
        self.0.get_mut(i).and_then(Option::take)
    }

    /// Numbers that may be left out.
    fn optional(&mut self, i: usize) -> tensor::Result<Option<Var<'t>>> {
        match self.take(i) {
            None => Ok(None),
            Some(Value::Var(var)) => Ok(Some(var)),
            other => Err(unfit(i, other.as_ref(), NUMBERS)),
        }
    }

    /// Numbers.
    fn var(&mut self, i: usize) -> tensor::Result<Var<'t>> {
        self.optional(i)?.ok_or_else(|| unfit(i, None, NUMBERS))
    }

    /// A list of integers.
    fn ints(&mut self, i: usize) -> tensor::Result<Vec<i64>> {
        match self.take(i) {
            Some(Value::Ints { values, .. }) => Ok(values),
            other => Err(unfit(i, other.as_ref(), INTEGERS)),
        }
    }
}

/// An error for a node's input number `i`, which is missing or another thing than `expected`.
fn unfit(i: usize, found: Option<&Value<'_>>, expected: &str) -> tensor::Error {
    const INPUTS: [&str; 5] = [
        "the first input",
        "the second input",
        "the third input",
        "the fourth input",
        "the fifth input",
    ];
    let input = INPUTS.get(i).copied().unwrap_or("an input after the fifth");
    let found = found.map_or("missing", Value::describe);
    tensor::Error::argument("onnx", input, found, expected)
}

/// All names, for an error's list.
const NAMES: &[&str] = &[
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Concat",
    "Constant",
    "Conv",
    "Div",
    "Dropout",
    "Elu",
    "Exp",
    "Flatten",
    "Gather",
    "Gemm",
    "Gelu",
    "GlobalAveragePool",
    "Identity",
    "LayerNormalization",
    "LeakyRelu",
    "Log",
    "LogSoftmax",
    "MatMul",
    "MaxPool",
    "Mul",
    "Neg",
    "ReduceMean",
    "ReduceSum",
    "Relu",
    "Reshape",
    "ScatterND",
    "Shape",
    "Sigmoid",
    "Sign",
    "Softmax",
    "Softplus",
    "Squeeze",
    "Sub",
    "Tanh",
    "Transpose",
    "Unsqueeze",
];

/// The operator of a node.
pub(super) fn parse(node: &NodeProto, opset: i64) -> Result<Box<dyn Operator>> {
    let name = node.op_type.as_deref().unwrap_or_default();
    if foreign_domain(node).is_some() {
        let detail = "only ONNX's own operators are; export the model without those of others";
        return Err(Error::Unsupported { what: describe(node), detail: detail.to_owned() });
    }
    let mut attributes = Attributes::of(node);
    let a = &mut attributes;
    let parsed = match name {
        "Conv" => Some(convolution::conv(a)?),
        "MaxPool" => Some(pooling::max_pool(a)?),
        "AveragePool" => Some(pooling::average_pool(a)?),
        "GlobalAveragePool" => Some(pooling::global_average_pool()),
        "Gemm" => Some(product::gemm(a)?),
        "MatMul" => Some(product::mat_mul()),
        "ScatterND" => Some(scatter::rows(a)?),
        "BatchNormalization" => Some(normalization::batch(a)?),
        "LayerNormalization" => Some(normalization::layer(a)?),
        "Softmax" | "LogSoftmax" => Some(normalization::softmax(a, name == "LogSoftmax", opset)?),
        _ => match elementwise::parse(name, a)? {
            Some(operator) => Some(operator),
            None => shape::parse(name, a)?,
        },
    };
    let Some(operator) = parsed else {
        let detail = format!("known are {}", NAMES.join(", "));
        return Err(Error::Unsupported { what: describe(node), detail });
    };
    attributes.finish()?;
    Ok(operator)
}

const FOUR_SIDES: &str = "expected top, left, bottom and right: images have two dimensions here";

/// The padding of a sliding window: `auto_pad`, or `pads` as top, left, bottom, right.
fn pad_mode(a: &mut Attributes) -> Result<PadMode> {
    let pads = a.sizes("pads")?;
    match a.text("auto_pad", "NOTSET")?.as_str() {
        "NOTSET" => match pads.as_deref() {
            None | Some([0, 0, 0, 0]) => Ok(PadMode::Valid),
            Some(&[top, left, bottom, right]) => Ok(PadMode::Pad([top, bottom, left, right])),
            Some(other) => Err(a.unsupported(&format!("pads {other:?}"), FOUR_SIDES)),
        },
        "VALID" => Ok(PadMode::Valid),
        "SAME_UPPER" => Ok(PadMode::Same),
        other => {
            Err(a.unsupported(&format!("auto_pad {other}"), "NOTSET, VALID and SAME_UPPER are"))
        }
    }
}

/// A height and a width.
fn pair(a: &mut Attributes, name: &str, default: Option<[usize; 2]>) -> Result<[usize; 2]> {
    match (a.sizes(name)?.as_deref(), default) {
        (Some(&[height, width]), _) => Ok([height, width]),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(a.damaged(&format!("has no attribute {name}"))),
        (Some(other), _) => {
            let detail = "expected two numbers, height and width: images have two dimensions here";
            Err(a.unsupported(&format!("{name} {other:?}"), detail))
        }
    }
}

/// An axis counted from the end where it is negative.
fn axis(axis: i64, rank: usize) -> tensor::Result<usize> {
    from_end("axis", axis, rank)
}

/// An axis or an index (`what`) below `end`, counted from there where it is negative.
fn from_end(what: &'static str, found: i64, end: usize) -> tensor::Result<usize> {
    let place = if found < 0 { found.saturating_add(end as i64) } else { found };
    match usize::try_from(place) {
        Ok(place) if place < end => Ok(place),
        _ => {
            let expected = match (end, what) {
                (0, "axis") => "none: a single number has no axes".to_owned(),
                (0, "row") => "none: the array has no rows".to_owned(),
                (0, _) => "none: the list is empty".to_owned(),
                (end, _) => format!("-{end} to {}", end - 1),
            };
            Err(tensor::Error::argument("onnx", what, found, expected))
        }
    }
}

impl Constant {
    /// The constant as a value.
    pub(super) fn on<'t>(&self, tape: &'t layers::Tape) -> Value<'t> {
        match self {
            Constant::Floats(tensor) => Value::Var(tape.constant(Tensor::clone(tensor))),
            Constant::Ints { values, scalar } => {
                Value::Ints { values: values.clone(), scalar: *scalar }
            }
            Constant::Column(values) => Value::Column(values.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_listed_is_known() {
        // A constant is no operator by the time that operators are made.
        for name in NAMES.iter().filter(|name| **name != "Constant") {
            let node = NodeProto { op_type: Some((*name).to_owned()), ..NodeProto::default() };
            // Without attributes or inputs it may well be refused, but not for its name.
            if let Err(Error::Unsupported { detail, .. }) = parse(&node, 13) {
                assert!(!detail.starts_with("known are"), "{name}: {detail}");
            }
        }
    }
}
