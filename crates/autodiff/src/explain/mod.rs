//! [`Explanation`]: a computation and its backward pass, step by step, for people to read.
//!
//! ```
//! use autodiff::Tape;
//! use tensor::Tensor;
//!
//! // Eq. (3.2): z = x y with x = s² and y = e^s, so that s is used twice.
//! let tape = Tape::<f64>::new().explained();
//! let s = tape.leaf(Tensor::scalar(0.5)).named("s");
//! let x = s.clone().square().named("x");
//! let y = s.clone().exp().named("y");
//! x.mul(&y)?.named("z").backward()?;
//!
//! let explanation = tape.explanation()?;
//! assert_eq!(
//!     explanation.to_string(),
//!     "\
//! Going forward
//!   s = 0.5
//!   x = s² = 0.25
//!   y = e^s = 1.6487
//!   z = x · y = 0.4122
//!
//! Coming back
//!   ∂z/∂z = 1
//!   ∂z/∂y = x = 0.25
//!   ∂z/∂x = y = 1.6487
//!   ∂z/∂s = ∂z/∂x · ∂x/∂s + ∂z/∂y · ∂y/∂s, with ∂x/∂s = 2 s, ∂y/∂s = y
//!         = 1.6487 + 0.4122
//!         = 2.0609
//! "
//! );
//! # Ok::<(), tensor::Error>(())
//! ```
//!
//! The [`steps`](Explanation::steps) are plain data, for whoever wants to show them in another
//! way; [`Explanation::to_dot`] and [`Explanation::to_svg`] draw them.

mod display;
mod dot;
mod drawing;
mod layout;
mod names;
mod notes;
mod numbers;
mod svg;

pub(crate) use notes::Notes;

use crate::{Attribute, Key};
use tensor::{Shape, Tensor};

/// The steps of a computation on an [explained](crate::Tape::explained) tape, in their order.
///
/// `Display` prints it as a textbook would: going forward, then coming back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// The steps. An input stands before what is computed from it.
    pub steps: Vec<Step>,
    /// The step that was differentiated last, or `None` where none was.
    pub differentiated: Option<usize>,
}

/// One value of a computation, and where it came from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The name that [`Var::named`](crate::Var::named) gave it, or one made up; no two steps have
    /// the same.
    pub name: String,
    /// The parameter that the value is; `None` for any other value.
    pub key: Option<Key>,
    /// The innermost named layer that it was computed or asked for in, if any: the key given to
    /// [`Tape::enter`](crate::Tape::enter).
    pub layer: Option<Key>,
    /// `leaf`, `parameter` or `constant` for what was given, else the operation's name.
    pub operation: &'static str,
    /// What the operation was told beside its inputs: [`Backward::attributes`](crate::Backward).
    pub attributes: Vec<(&'static str, Attribute)>,
    /// Whether its rule is not one of this crate's: see [`Var::custom`](crate::Var::custom).
    pub custom: bool,
    /// The positions of the inputs among the steps; `None` for an optional one that was left out.
    pub inputs: Vec<Option<usize>>,
    /// What was computed, in the inputs' names: `x Wᵀ + b`. `None` for what was given.
    pub formula: Option<String>,
    /// The local derivative by each input: `∂h/∂ĥ = h (1 - h)`, or `None` where its rule does not
    /// tell it or nothing flows back to that input.
    pub derivatives: Vec<Option<String>>,
    /// The value, row-major.
    pub value: Tensor<f64>,
    /// Whether a gradient flows back through it.
    pub needs_gradient: bool,
    /// The gradient that came back to it, or `None` where none did.
    pub gradient: Option<Tensor<f64>>,
    /// What the gradient is the sum of (eq. 3.2): a part from each use of the value, in the order
    /// in which they came back.
    pub parts: Vec<Part>,
}

/// A part of a step's gradient: what one use of the value sent back.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Part {
    /// The step that used the value.
    pub user: usize,
    /// As which of its inputs.
    pub input: usize,
    /// The user's gradient times its local derivative.
    pub gradient: Tensor<f64>,
}

impl Explanation {
    /// The step of this name.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

impl Step {
    /// The value's shape, and the gradient's.
    pub fn shape(&self) -> &Shape {
        self.value.shape()
    }

    /// The attribute of this name, if the operation has it.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, attribute)| attribute)
    }
}
