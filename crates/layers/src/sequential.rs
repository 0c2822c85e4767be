//! Layers one after another.

use crate::{Description, Layer, Module, Visitor, VisitorMut};
use autodiff::Var;
use tensor::{Error, Result};

/// Applies its layers in order: MindSpore's `SequentialCell`, PyTorch's `Sequential`.
///
/// A layer's name is its place, counted from 0, unless it was given one: parameters are called
/// `0.weight` or `fc.weight`.
///
/// ```
/// use layers::{Dense, ModuleExt, Relu, Sequential};
/// let network =
///     Sequential::new().add(Dense::new(2, 8)).add(Relu::new()).named("head", Dense::new(8, 3))?;
/// let names: Vec<_> = network.parameters().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["0.weight", "0.bias", "head.weight", "head.bias"]);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Default)]
pub struct Sequential {
    layers: Vec<(String, Box<dyn Layer>)>,
}

impl Sequential {
    /// No layers yet: y = x.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a layer behind the others, named by its place.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "it adds a layer, not a number")]
    pub fn add(mut self, layer: impl Layer + 'static) -> Self {
        self.layers.push((self.layers.len().to_string(), Box::new(layer)));
        self
    }

    /// Adds a layer behind the others under a name of its own.
    ///
    /// # Errors
    /// [`Error::Argument`] where the name is empty, a whole number, has a dot, or is taken.
    pub fn named(mut self, name: &str, layer: impl Layer + 'static) -> Result<Self> {
        let refuse = |expected: &str| {
            Err(Error::argument("sequential", "name", format!("{name:?}"), expected))
        };
        if name.is_empty() || name.contains('.') || name.bytes().all(|b| b.is_ascii_digit()) {
            return refuse(
                "a word without dots; whole numbers are the names of layers without one",
            );
        }
        if self.layers.iter().any(|(taken, _)| taken == name) {
            return refuse("a name that no other layer here has");
        }
        self.layers.push((name.to_owned(), Box::new(layer)));
        Ok(self)
    }

    /// The number of layers.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether it has no layers.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The layers with their names, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &dyn Layer)> {
        self.layers.iter().map(|(name, layer)| (name.as_str(), &**layer))
    }
}

impl Module for Sequential {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        for (name, layer) in &self.layers {
            visitor.field(name, layer);
        }
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
        for (name, layer) in &mut self.layers {
            visitor.field(name, layer);
        }
    }

    fn describe(&self) -> Option<Description> {
        Some(Description::of::<Self>())
    }
}

impl Layer for Sequential {
    fn forward<'t>(&self, x: Var<'t>) -> Result<Var<'t>> {
        self.layers.iter().try_fold(x, |x, (_, layer)| layer.forward(x))
    }
}

impl std::fmt::Debug for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.layers.iter().map(|(name, _)| name)).finish()
    }
}

impl std::fmt::Display for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::ModuleExt::describe_all(self))
    }
}
