//! [`Scope`]: a layer's own name.

use crate::{Description, Module, Visitor, VisitorMut};
use autodiff::{Key, Var};
use tensor::{Float, Result};

/// The name under which a layer works: its field path, which
/// [`initialize`](crate::ModuleExt::initialize) tells it.
///
/// A layer of your own gets its name into error messages and traces by holding one and running
/// its forward pass inside [`Scope::run`].
#[derive(Debug)]
pub struct Scope {
    path: String,
    key: Key,
}

impl Default for Scope {
    fn default() -> Self {
        Scope { path: String::new(), key: Key::unique() }
    }
}

impl Clone for Scope {
    /// The copy belongs to another layer, so that it has a key of its own.
    fn clone(&self) -> Self {
        Scope { path: self.path.clone(), key: Key::unique() }
    }
}

impl Scope {
    /// The layer's path, such as `conv1`; empty before it was told.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Tells the layer from others, whatever they are called.
    pub(crate) fn key(&self) -> Key {
        self.key
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
        let entered = tape.enter(self.key);
        let output = forward(input).map_err(|error| match self.path.as_str() {
            "" => error,
            path => error.at(path),
        })?;
        tape.leave(entered, || (self.path.clone(), kind, shape, output.shape().clone()));
        Ok(output)
    }
}

impl Module for Scope {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        visitor.scope(self);
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
        visitor.scope(self);
    }

    fn describe(&self) -> Option<Description> {
        None
    }
}
