//! The attributes of a node, with their defaults, each taken once.

use super::message::{AttributeProto, NodeProto, TensorProto};
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

    fn take(&mut self, name: &str) -> Option<AttributeProto> {
        let place = self.rest.iter().position(|known| known.name.as_deref() == Some(name))?;
        Some(self.rest.swap_remove(place))
    }

    pub(super) fn int(&mut self, name: &str, default: i64) -> i64 {
        self.take(name).and_then(|attribute| attribute.i).unwrap_or(default)
    }

    pub(super) fn float(&mut self, name: &str, default: f32) -> f32 {
        self.take(name).and_then(|attribute| attribute.f).unwrap_or(default)
    }

    pub(super) fn text(&mut self, name: &str, default: &str) -> String {
        let bytes = self.take(name).and_then(|attribute| attribute.s);
        bytes.map_or_else(
            || default.to_owned(),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        )
    }

    /// Sizes, none of them negative; `None` where the attribute is not there.
    pub(super) fn sizes(&mut self, name: &str) -> Result<Option<Vec<usize>>> {
        let Some(ints) = self.ints(name) else { return Ok(None) };
        let sizes: Result<_, _> = ints.iter().map(|&int| usize::try_from(int)).collect();
        sizes.map(Some).map_err(|_| {
            self.unsupported(&format!("{name} {ints:?}"), "only sizes of at least 0 are")
        })
    }

    pub(super) fn ints(&mut self, name: &str) -> Option<Vec<i64>> {
        self.take(name).map(|attribute| attribute.ints)
    }

    pub(super) fn tensor(&mut self, name: &str) -> Option<TensorProto> {
        self.take(name).and_then(|attribute| attribute.t)
    }

    /// The value of a `Constant` node, whichever attribute holds it.
    pub(super) fn constant(&mut self) -> Result<Constant> {
        if let Some(tensor) = self.tensor("value") {
            return Constant::of(&tensor);
        }
        for attribute in std::mem::take(&mut self.rest) {
            let numbers = match attribute.name.as_deref() {
                Some("value_float") => Constant::floats(attribute.f.as_slice(), true),
                Some("value_floats") => Constant::floats(&attribute.floats, false),
                Some("value_int") => Constant::ints(attribute.i.into_iter().collect(), true),
                Some("value_ints") => Constant::ints(attribute.ints, false),
                _ => continue,
            };
            return Ok(numbers);
        }
        Err(self.unsupported("its value", "only numbers and arrays of them are"))
    }

    /// An error for something that this node wants and is not supported.
    pub(super) fn unsupported(&self, what: &str, detail: &str) -> Error {
        Error::Unsupported { what: format!("{}: {what}", self.node), detail: detail.to_owned() }
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

/// `node conv1 (Conv)`, or by its output where it has no name.
pub(super) fn describe(node: &NodeProto) -> String {
    let named = node.name.as_deref().filter(|name| !name.is_empty());
    let name = named.or(node.output.first().map(String::as_str)).unwrap_or_default();
    format!("node {name} ({})", node.op_type.as_deref().unwrap_or("without an operator"))
}
