//! [`Graph`]: nodes and initialisers under names of their own, while they are written.

use crate::onnx::message::{AttributeKind, AttributeProto, NodeProto, TensorProto, data_type};
use std::collections::HashSet;
use tensor::Tensor;

#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<NodeProto>,
    pub(super) initializers: Vec<TensorProto>,
    pub(super) input: String,
    pub(super) output: String,
    pub(super) opset: i64,
    /// All names in use.
    taken: HashSet<String>,
    /// What the names of new nodes begin with: the layer's path.
    prefix: String,
}

impl Graph {
    /// No nodes yet. The names that are `reserved` are those of parameters.
    pub(super) fn new<'a>(reserved: impl Iterator<Item = &'a str>) -> Self {
        let mut graph = Graph {
            nodes: Vec::new(),
            initializers: Vec::new(),
            input: String::new(),
            output: String::new(),
            opset: 0,
            taken: reserved.map(str::to_owned).collect(),
            prefix: String::new(),
        };
        graph.input = graph.name("input");
        graph.output = graph.name("output");
        graph
    }

    /// Names what follows after this layer.
    pub(super) fn within(&mut self, layer: &str) {
        self.prefix = if layer.is_empty() { String::new() } else { format!("{layer}/") };
    }

    /// A name that nothing else has.
    fn name(&mut self, base: &str) -> String {
        let base = format!("{}{base}", self.prefix);
        let mut name = base.clone();
        let mut count = 1;
        while !self.taken.insert(name.clone()) {
            count += 1;
            name = format!("{base}_{count}");
        }
        name
    }

    /// Adds a node of this operator; returns its output.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let name = self.name(operator);
        self.push(name.clone(), operator, inputs, attribute);
        name
    }

    fn push(
        &mut self,
        name: String,
        operator: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) {
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![name.clone()],
            name: Some(name),
            op_type: Some(operator.to_owned()),
            attribute,
            domain: None,
        });
    }

    /// Adds an array of numbers that are known; returns its name.
    pub(super) fn constant(&mut self, base: &str, value: &Tensor) -> String {
        self.constant_node(base, floats(value))
    }

    /// Adds a single number.
    pub(super) fn number(&mut self, base: &str, value: f64) -> String {
        self.constant(base, &Tensor::scalar(value as f32))
    }

    /// Adds a list of integers.
    pub(super) fn ints(&mut self, base: &str, shape: &[usize], values: &[i64]) -> String {
        self.constant_node(
            base,
            TensorProto {
                dims: dims(shape),
                data_type: Some(data_type::INT64),
                raw_data: Some(values.iter().flat_map(|x| x.to_le_bytes()).collect()),
                ..TensorProto::default()
            },
        )
    }

    fn constant_node(&mut self, base: &str, value: TensorProto) -> String {
        let name = self.name(base);
        let attribute =
            AttributeProto { t: Some(value), ..attribute("value", AttributeKind::Tensor) };
        self.push(name.clone(), "Constant", &[], vec![attribute]);
        name
    }

    /// Adds a parameter, once.
    pub(super) fn initializer(&mut self, name: &str, value: &Tensor) {
        let known = |tensor: &TensorProto| tensor.name.as_deref() == Some(name);
        if !self.initializers.iter().any(known) {
            let tensor = TensorProto { name: Some(name.to_owned()), ..floats(value) };
            self.initializers.push(tensor);
        }
    }

    /// Makes a value the graph's output: it takes that name, or where it has to keep its own is
    /// passed on.
    pub(super) fn finish(&mut self, value: &str) {
        let output = self.output.clone();
        let computed = self.nodes.iter().any(|node| node.output[0] == value);
        if !computed {
            self.within("");
            let name = self.name("Identity");
            self.push(name, "Identity", &[value], Vec::new());
            self.nodes.last_mut().expect("it was just added").output = vec![output];
            return;
        }
        for node in &mut self.nodes {
            for name in node.input.iter_mut().chain(&mut node.output) {
                if name == value {
                    name.clone_from(&output);
                }
            }
        }
    }
}

fn floats(value: &Tensor) -> TensorProto {
    TensorProto {
        dims: dims(value.shape()),
        data_type: Some(data_type::FLOAT),
        raw_data: Some(value.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect()),
        ..TensorProto::default()
    }
}

fn dims(shape: &[usize]) -> Vec<i64> {
    shape.iter().map(|&axis| axis as i64).collect()
}

fn attribute(name: &str, kind: AttributeKind) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        kind: Some(kind as i32),
        ..AttributeProto::default()
    }
}

pub(super) fn float(name: &str, value: f64) -> AttributeProto {
    AttributeProto { f: Some(value as f32), ..attribute(name, AttributeKind::Float) }
}

pub(super) fn int(name: &str, value: usize) -> AttributeProto {
    AttributeProto { i: Some(value as i64), ..attribute(name, AttributeKind::Int) }
}

pub(super) fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto { s: Some(value.as_bytes().to_vec()), ..attribute(name, AttributeKind::Text) }
}

pub(super) fn ints(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto { ints: dims(values), ..attribute(name, AttributeKind::Ints) }
}
