//! [`Scope`]: a layer's own name.

use crate::{Description, Module, Visitor, VisitorMut};
use autodiff::{Span, Var};
use tensor::{Float, Result};

/// The name under which a layer works: its field path, which
/// [`initialize`](crate::ModuleExt::initialize) tells it.
///
/// A layer of your own gets its name into error messages and traces by holding one and running
/// its forward pass inside [`Scope::run`].
#[derive(Clone, Debug, Default)]
pub struct Scope {
    path: String,
}

impl Scope {
    /// The layer's path, such as `conv1`; empty before it was told.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn set_path(&mut self, path: &str) {
        path.clone_into(&mut self.path);
    }

    /// Runs a forward pass: its errors carry the layer's path, and the tape notes the call.
    ///
    /// # Errors
    /// Those of `forward`.
    pub fn run<'t, T: Float>(
        &self,
        kind: &'static str,
        input: Var<'t, T>,
        forward: impl FnOnce(Var<'t, T>) -> Result<Var<'t, T>>,
    ) -> Result<Var<'t, T>> {
        let (tape, shape) = (input.tape(), input.shape().clone());
        let output = forward(input).map_err(|error| match self.path.as_str() {
            "" => error,
            path => error.at(path),
        })?;
        tape.note(|| Span {
            path: self.path.clone(),
            kind,
            input: shape,
            output: output.shape().clone(),
        });
        Ok(output)
    }
}

impl Module for Scope {
    fn visit<'a>(&'a self, _: &mut Visitor<'_, 'a>) {}

    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_>) {
        visitor.scope(self);
    }

    fn describe(&self) -> Option<Description> {
        None
    }
}
