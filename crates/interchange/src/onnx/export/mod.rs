//! [`OnnxModel`]: a network as an ONNX model.

mod graph;
mod operations;
mod recording;

use super::message::{
    Dimension, DimensionValue, GraphProto, ModelProto, OperatorSetIdProto, TensorShapeProto,
    TensorType, TypeProto, ValueInfoProto, data_type,
};
use crate::Result;
use graph::Graph;
use layers::Layer;
use prost::Message;
use recording::Recording;
use std::io::Write;
use std::path::Path;

/// A network as an ONNX model, to be run by ONNX Runtime and whatever else reads such files.
///
/// The network is run on two batches, and what the tape
/// [explains](autodiff::Tape::explained) of it is written down as ONNX's operators; what differs
/// between the runs is the batch's size, which stays open in the model. So any [`Layer`] can be
/// exported that is made of this workspace's operations, and whose forward pass does the same for
/// every input.
///
/// - One input, `input`, and one output, `output`. The open axes are called `N`.
/// - The initialisers are exactly the parameters that the output depends on, under their own names.
///   Everything else that is known beforehand is a `Constant` node.
/// - As in evaluation: dropout does nothing.
/// - Operators of version 13 alone, which ONNX Runtime has had since 1.6 (2020): the first version
///   in which softmax works along one axis. Only layer normalisation needs version 17 (2022), and
///   exact GELU version 20.
/// - The bytes are a function of the network: the same on every run and every machine.
///
/// ```
/// use interchange::onnx::{OnnxModel, OnnxNetwork};
/// use layers::{Dense, Layer, ModuleExt, Relu, Sequential, Tape};
/// use tensor::Tensor;
///
/// let mut network = Sequential::new().add(Dense::new(4, 8)).add(Relu::new()).add(Dense::new(8, 3));
/// network.initialize(1)?;
/// let bytes = OnnxModel::of(&network, &[4])?.to_bytes();
///
/// let again = OnnxNetwork::from_bytes(&bytes)?;
/// let tape = Tape::inference();
/// let x = tape.constant(Tensor::from_fn([5, 4], |i| i as f32));
/// assert_eq!(again.forward(x.clone())?.value(), network.forward(x)?.value());
/// # Ok::<(), interchange::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OnnxModel {
    model: ModelProto,
}

impl OnnxModel {
    /// The model of a network. `sample` is the shape of one sample, without the batch's axis:
    /// `[1, 32, 32]` for LeNet-5.
    ///
    /// # Errors
    /// [`Error::Tensor`](crate::Error::Tensor) where samples of this shape do not fit the network,
    /// or its parameters have no values yet; [`Error::Unsupported`](crate::Error::Unsupported)
    /// where ONNX has no counterpart for an operation, such as a rule of your own
    /// ([`Var::custom`](layers::Var::custom)), or where the forward pass depends on the batch's
    /// size in a way that cannot be written down. The message says which operation in which layer.
    pub fn of(network: &dyn Layer, sample: &[usize]) -> Result<Self> {
        let recording = Recording::of(network, sample)?;
        let graph = operations::write(&recording)?;
        Ok(OnnxModel { model: model(&recording, graph) })
    }

    /// The version of ONNX's operators that the model needs.
    pub fn opset(&self) -> i64 {
        self.model.opset_import[0].version.unwrap_or_default()
    }

    /// The bytes of a model file.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.model.encode_to_vec()
    }

    /// Writes a model file. It appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes();
        Ok(datasets::files::atomic_write(path, |file| file.write_all(&bytes))?)
    }
}

fn model(recording: &Recording, graph: Graph) -> ModelProto {
    let [input, output] = [recording.input, recording.output].map(|step| recording.axes(step));
    let version = graph.opset;
    ModelProto {
        // The format that came with the operators.
        ir_version: Some(match version {
            ..17 => 7,
            17..20 => 8,
            20.. => 9,
        }),
        producer_name: Some("Sporelet".to_owned()),
        producer_version: None,
        graph: Some(GraphProto {
            node: graph.nodes,
            name: Some("network".to_owned()),
            initializer: graph.initializers,
            input: vec![value_info(&graph.input, &input)],
            output: vec![value_info(&graph.output, &output)],
        }),
        opset_import: vec![OperatorSetIdProto {
            domain: Some(String::new()),
            version: Some(version),
        }],
    }
}

/// A value's type: numbers, and for each axis its size or, where it depends on the batch, how.
fn value_info(name: &str, axes: &[recording::Axis]) -> ValueInfoProto {
    let dim = axes.iter().map(|axis| Dimension {
        value: match *axis {
            recording::Axis::Fixed(size) => Some(DimensionValue::Size(size as i64)),
            recording::Axis::Batch => Some(DimensionValue::Name("N".to_owned())),
            recording::Axis::Open => None,
        },
    });
    let shape = Some(TensorShapeProto { dim: dim.collect() });
    let tensor_type = Some(TensorType { elem_type: Some(data_type::FLOAT), shape });
    ValueInfoProto { name: Some(name.to_owned()), kind: Some(TypeProto { tensor_type }) }
}
