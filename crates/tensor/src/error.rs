//! The one error type of the numeric crates (`tensor`, `autodiff`, `layers`).

use crate::Shape;
use std::fmt;

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A mistake in what an operation was given.
///
/// The text names the operation first, then what was found and what was expected, then the
/// operands with their shapes, then how to mend it. It is whole: [`source`](std::error::Error::source)
/// is `None`, so that a report of a chain of errors does not tell it twice.
///
/// ```
/// use tensor::{Error, Shape};
/// let error = Error::shape("linear", "input has 576 features, weight expects 400")
///     .operand("input", &Shape::from([32, 576]))
///     .operand("weight", &Shape::from([120, 400]))
///     .at("fc1");
/// assert_eq!(
///     error.to_string(),
///     "fc1: linear: input has 576 features, weight expects 400 (input [32, 576], weight [120, 400])"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Shapes that do not fit the operation or each other.
    #[error("{op}: {detail}{}{}", Operands(operands), Hint(hint))]
    Shape {
        /// The operation, as the public method is called.
        op: &'static str,
        /// What was found and what was expected.
        detail: String,
        /// The operands and their shapes.
        operands: Vec<(&'static str, Shape)>,
        /// How to mend it.
        hint: Option<String>,
    },
    /// An argument outside its range.
    #[error("{op}: {argument} is {found}, expected {expected}{}", Hint(hint))]
    Argument {
        /// The operation or the type that takes the argument.
        op: &'static str,
        /// The argument's name.
        argument: &'static str,
        /// What was passed.
        found: String,
        /// What is accepted.
        expected: String,
        /// How to mend it.
        hint: Option<String>,
    },
    /// A class label that names no class.
    #[error(
        "{op}: label {label} at position {position} is out of range, expected 0..={} for {classes} \
         classes; correct the label, or give the network an output for every class",
        classes.saturating_sub(1)
    )]
    Label {
        /// The operation.
        op: &'static str,
        /// Index of the label in its batch.
        position: usize,
        /// The label found.
        label: u32,
        /// The number of classes, which the prediction's last axis gives.
        classes: usize,
    },
    /// An operation that the object's state does not allow, such as a second backward pass.
    #[error("{op}: {detail}{}", Hint(hint))]
    State {
        /// The operation.
        op: &'static str,
        /// What is wrong with the state.
        detail: String,
        /// How to mend it.
        hint: Option<String>,
    },
    /// An error inside a named layer.
    #[error("{path}: {cause}")]
    At {
        /// The layer's field path, such as `conv1` or `block.0.conv`.
        path: String,
        /// What went wrong there.
        cause: Box<Error>,
    },
}

impl Error {
    /// Shapes that do not fit; add the operands with [`Error::operand`].
    pub fn shape(op: &'static str, detail: impl Into<String>) -> Self {
        let (detail, operands) = (detail.into(), Vec::new());
        Error::Shape { op, detail, operands, hint: None }
    }

    /// An argument outside its range.
    pub fn argument(
        op: &'static str,
        argument: &'static str,
        found: impl fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        let (found, expected) = (found.to_string(), expected.into());
        Error::Argument { op, argument, found, expected, hint: None }
    }

    /// An operation that the object's state does not allow.
    pub fn state(op: &'static str, detail: impl Into<String>) -> Self {
        Error::State { op, detail: detail.into(), hint: None }
    }

    /// Adds an operand's name and shape to a [`Error::Shape`]; leaves other errors alone.
    #[must_use]
    pub fn operand(mut self, name: &'static str, shape: &Shape) -> Self {
        if let Error::Shape { operands, .. } = &mut self {
            operands.push((name, shape.clone()));
        }
        self
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        match &mut self {
            Error::Shape { hint, .. }
            | Error::Argument { hint, .. }
            | Error::State { hint, .. } => {
                *hint = Some(text.into());
            }
            Error::Label { .. } | Error::At { .. } => {}
        }
        self
    }

    /// Says in which layer it happened; nested paths join with a dot, outermost first.
    #[must_use]
    pub fn at(self, outer: &str) -> Self {
        match self {
            Error::At { path, cause } => Error::At { path: format!("{outer}.{path}"), cause },
            other => Error::At { path: outer.to_owned(), cause: Box::new(other) },
        }
    }
}

/// ` (input [32, 576], weight [120, 400])`, or nothing.
struct Operands<'a>(&'a [(&'static str, Shape)]);

impl fmt::Display for Operands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, shape)) in self.0.iter().enumerate() {
            write!(f, "{}{name} {shape}", if i == 0 { " (" } else { ", " })?;
        }
        if self.0.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

/// `; mend`, or nothing.
struct Hint<'a>(&'a Option<String>);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => write!(f, "; {text}"),
            None => Ok(()),
        }
    }
}
