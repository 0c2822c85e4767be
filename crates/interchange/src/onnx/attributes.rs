//! The attributes of a node, with their defaults, each taken once.

use super::FORMAT;
use super::message::{AttributeKind, AttributeProto, NodeProto};
use super::tensors::Constant;
use crate::{Error, Result};

/// The attributes of a node that have not been looked at yet.
#[derive(Debug)]
pub(super) struct Attributes {
    /// What the node is, for messages: `node conv1 (Conv)`.
    node: String,
    rest: Vec<AttributeProto>,
}

impl Attributes {
    pub(super) fn of(node: &NodeProto) -> Self {
        Attributes { node: describe(node), rest: node.attribute.clone() }
    }

    /// The attribute, which has to be of this type if it is there. Some writers leave out a zero
    /// or an empty text, so that an attribute without a value has that one, not the default.
    fn take(&mut self, name: &str, kind: AttributeKind) -> Result<Option<AttributeProto>> {
        let place = self.rest.iter().position(|known| known.name.as_deref() == Some(name));
        let Some(place) = place else { return Ok(None) };
        let attribute = self.rest.swap_remove(place);
        // Files older than this field have none.
        match attribute.kind.unwrap_or_default() {
            0 => Ok(Some(attribute)),
            found if found == kind as i32 => Ok(Some(attribute)),
            found => {
                let (found, expected) = (type_name(found), type_name(kind as i32));
                Err(self.damaged(&format!(
                    "has the attribute {name} of the type {found}, expected {expected}"
                )))
            }
        }
    }

    pub(super) fn int(&mut self, name: &str, default: i64) -> Result<i64> {
        let attribute = self.take(name, AttributeKind::Int)?;
        Ok(attribute.map_or(default, |attribute| attribute.i.unwrap_or_default()))
    }

    pub(super) fn float(&mut self, name: &str, default: f32) -> Result<f32> {
        let attribute = self.take(name, AttributeKind::Float)?;
        Ok(attribute.map_or(default, |attribute| attribute.f.unwrap_or_default()))
    }

    pub(super) fn text(&mut self, name: &str, default: &str) -> Result<String> {
        let attribute = self.take(name, AttributeKind::Text)?;
        Ok(attribute.map_or_else(
            || default.to_owned(),
            |attribute| String::from_utf8_lossy(&attribute.s.unwrap_or_default()).into_owned(),
        ))
    }

    /// Sizes, none of them negative; `None` where the attribute is not there.
    pub(super) fn sizes(&mut self, name: &str) -> Result<Option<Vec<usize>>> {
        let Some(ints) = self.ints(name)? else { return Ok(None) };
        let sizes: Result<_, _> = ints.iter().map(|&int| usize::try_from(int)).collect();
        sizes.map(Some).map_err(|_| {
            self.unsupported(&format!("{name} {ints:?}"), "only sizes of at least 0 are")
        })
    }

    pub(super) fn ints(&mut self, name: &str) -> Result<Option<Vec<i64>>> {
        Ok(self.take(name, AttributeKind::Ints)?.map(|attribute| attribute.ints))
    }

    /// The value of a `Constant` node, whichever attribute holds it.
    pub(super) fn constant(&mut self) -> Result<Constant> {
        if let Some(tensor) = self.take("value", AttributeKind::Tensor)?.and_then(|a| a.t) {
            return Constant::of(&self.node, &tensor);
        }
        if let Some(attribute) = self.take("value_float", AttributeKind::Float)? {
            return Ok(Constant::floats(&[attribute.f.unwrap_or_default()], true));
        }
        if let Some(attribute) = self.take("value_floats", AttributeKind::Floats)? {
            return Ok(Constant::floats(&attribute.floats, false));
        }
        if let Some(attribute) = self.take("value_int", AttributeKind::Int)? {
            return Ok(Constant::ints(vec![attribute.i.unwrap_or_default()], true));
        }
        if let Some(ints) = self.ints("value_ints")? {
            return Ok(Constant::ints(ints, false));
        }
        let what = match self.rest.first().and_then(|attribute| attribute.name.as_deref()) {
            Some(name) => format!("a constant given by the attribute {name}"),
            None => "a constant without a value".to_owned(),
        };
        Err(self.unsupported(
            &what,
            "known are value, value_float, value_floats, value_int and value_ints",
        ))
    }

    /// An error for something that this node wants and is not supported.
    pub(super) fn unsupported(&self, what: &str, detail: &str) -> Error {
        Error::Unsupported { what: format!("{}: {what}", self.node), detail: detail.to_owned() }
    }

    /// An error for something that this node has to have and does not.
    pub(super) fn damaged(&self, detail: &str) -> Error {
        Error::Damaged { format: FORMAT, detail: format!("{} {detail}", self.node) }
    }

    /// Ends the reading: an attribute that nobody asked for would have changed the result.
    pub(super) fn finish(self) -> Result<()> {
        match self.rest.first() {
            None => Ok(()),
            Some(attribute) => {
                let name = attribute.name.as_deref().unwrap_or("without a name");
                Err(self.unsupported(
                    &format!("the attribute {name}"),
                    "remove it, or export for opset 17",
                ))
            }
        }
    }
}

/// `node conv1 (Conv)`, or by its output where it has no name; an operator of another domain than
/// ONNX's own has that before its name.
pub(super) fn describe(node: &NodeProto) -> String {
    let named = node.name.as_deref().filter(|name| !name.is_empty());
    let name = named.or(node.output.first().map(String::as_str)).unwrap_or("without a name");
    let operator = node.op_type.as_deref().unwrap_or("without an operator");
    match foreign_domain(node) {
        Some(domain) => format!("node {name} ({domain}.{operator})"),
        None => format!("node {name} ({operator})"),
    }
}

/// The domain of a node's operator where that is not ONNX's own.
pub(super) fn foreign_domain(node: &NodeProto) -> Option<&str> {
    node.domain.as_deref().filter(|domain| !matches!(*domain, "" | "ai.onnx"))
}

/// The name of an attribute's type in `onnx.proto`.
fn type_name(kind: i32) -> String {
    const NAMES: [&str; 11] = [
        "UNDEFINED",
        "FLOAT",
        "INT",
        "STRING",
        "TENSOR",
        "GRAPH",
        "FLOATS",
        "INTS",
        "STRINGS",
        "TENSORS",
        "GRAPHS",
    ];
    let name = usize::try_from(kind).ok().and_then(|kind| NAMES.get(kind));
    name.map_or_else(|| kind.to_string(), |name| (*name).to_owned())
}
