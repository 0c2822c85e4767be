//! What a user is told of a model that is refused, word for word: every row changes one thing of a
//! model that is whole.

mod graph;
mod operators;
mod running;

use super::OnnxNetwork;
use super::message::{
    AttributeKind, AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, ValueInfoProto, data_type,
};
use layers::{Layer, Tape};
use prost::Message;
use tensor::Tensor;

/// A network that adds the weights `w` to a row of three numbers: the node `add` makes `y` of `x`.
fn model() -> ModelProto {
    let weights = TensorProto {
        dims: vec![3],
        data_type: Some(data_type::FLOAT),
        float_data: vec![1.0, 2.0, 3.0],
        name: Some("w".to_owned()),
        ..TensorProto::default()
    };
    let graph = GraphProto {
        node: vec![node("add", "Add", &["x", "w"])],
        initializer: vec![weights],
        input: vec![value("x")],
        output: vec![value("y")],
        ..GraphProto::default()
    };
    ModelProto {
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { domain: None, version: Some(17) }],
        ..ModelProto::default()
    }
}

fn value(name: &str) -> ValueInfoProto {
    ValueInfoProto { name: Some(name.to_owned()), kind: None }
}

/// A node that computes `y`.
fn node(name: &str, operator: &str, inputs: &[&str]) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|&input| input.to_owned()).collect(),
        output: vec!["y".to_owned()],
        name: Some(name.to_owned()),
        op_type: Some(operator.to_owned()),
        ..NodeProto::default()
    }
}

fn attribute(name: &str, kind: AttributeKind) -> AttributeProto {
    let name = Some(name.to_owned());
    AttributeProto { name, kind: Some(kind as i32), ..AttributeProto::default() }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i: Some(i), ..attribute(name, AttributeKind::Int) }
}

fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto { ints: ints.to_vec(), ..attribute(name, AttributeKind::Ints) }
}

fn text(name: &str, text: &str) -> AttributeProto {
    AttributeProto { s: Some(text.as_bytes().to_vec()), ..attribute(name, AttributeKind::Text) }
}

/// Adds a list of integers to the graph, or an array of another shape.
fn integers(graph: &mut GraphProto, name: &str, dims: &[i64], values: &[i64]) {
    graph.initializer.push(TensorProto {
        dims: dims.to_vec(),
        data_type: Some(data_type::INT64),
        int64_data: values.to_vec(),
        name: Some(name.to_owned()),
        ..TensorProto::default()
    });
}

fn read(model: &ModelProto) -> crate::Result<OnnxNetwork> {
    OnnxNetwork::from_bytes(&model.encode_to_vec())
}

fn run(network: &OnnxNetwork, shape: &[usize]) -> tensor::Result<Tensor> {
    let x = Tensor::from_fn(shape.to_vec(), |i| i as f32);
    network.forward(Tape::inference().constant(x)).map(layers::Var::into_value)
}

/// What is said of the model that `change` made; `None` where it is read.
fn refusal(change: impl FnOnce(&mut ModelProto)) -> Option<String> {
    let mut model = model();
    change(&mut model);
    read(&model).err().map(|error| error.to_string())
}

/// What is said of a model that is not whole.
fn damaged(detail: &str) -> String {
    format!("this is not a whole ONNX model: {detail}; fetch or write it again")
}

/// Compares the texts of a table's rows, all of them before it fails.
fn check(rows: impl IntoIterator<Item = (Option<String>, String)>) {
    let mut count = 0;
    let mut faults = Vec::new();
    for (found, expected) in rows {
        count += 1;
        if found.as_deref() != Some(&expected) {
            faults.push(format!("expected: {expected}\n   found: {found:?}"));
        }
    }
    assert!(count > 0 && faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_model_that_the_rows_change_is_whole() {
    let network = read(&model()).unwrap();
    let y = run(&network, &[2, 3]).unwrap();
    assert_eq!(y, Tensor::from_fn([2, 3], |i| [1.0, 3.0, 5.0, 4.0, 6.0, 8.0][i]));
}
