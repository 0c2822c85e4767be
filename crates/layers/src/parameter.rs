//! [`Parameter`]: a tensor that training changes.

use crate::{Description, Initializer, Module, Visitor, VisitorMut};
use autodiff::{Key, Tape, Var};
use tensor::{Error, Float, Result, Shape, Tensor};

/// A tensor that training changes, or how it will be drawn where it has no value yet.
///
/// A layer's constructor only says what its parameters will be;
/// [`initialize`](crate::ModuleExt::initialize) draws them, each from a random stream of its own
/// name, so that adding a layer does not change how the others start.
#[derive(Debug)]
pub struct Parameter {
    shape: Shape,
    initializer: Initializer,
    value: Option<Tensor>,
    trainable: bool,
    key: Key,
}

impl Parameter {
    /// A parameter without a value yet.
    pub fn new(shape: impl Into<Shape>, initializer: Initializer) -> Self {
        let (shape, key) = (shape.into(), Key::unique());
        Parameter { shape, initializer, value: None, trainable: true, key }
    }

    /// The shape, which it has before it has a value.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The value, or `None` before the network was initialised or loaded.
    pub fn value(&self) -> Option<&Tensor> {
        self.value.as_ref()
    }

    /// The value for writing, or `None` before the network was initialised or loaded.
    pub fn value_mut(&mut self) -> Option<&mut Tensor> {
        self.value.as_mut()
    }

    /// Sets the value.
    ///
    /// # Errors
    /// [`Error::Shape`] where the value's shape is not the parameter's.
    pub fn set(&mut self, value: Tensor) -> Result<()> {
        if value.shape() != &self.shape {
            let detail = format!("the value has shape {}, expected {}", value.shape(), self.shape);
            return Err(Error::shape("parameter", detail));
        }
        self.value = Some(value);
        Ok(())
    }

    /// How it is drawn.
    pub fn initializer(&self) -> Initializer {
        self.initializer
    }

    /// Sets how it will be drawn; a value that it has already stays.
    pub fn set_initializer(&mut self, initializer: Initializer) {
        self.initializer = initializer;
    }

    /// Whether training changes it; if not, no gradient is computed for it.
    pub fn is_trainable(&self) -> bool {
        self.trainable
    }

    /// Freezes or unfreezes it: MindSpore's `requires_grad`.
    pub fn set_trainable(&mut self, trainable: bool) {
        self.trainable = trainable;
    }

    /// The key under which its gradient is found.
    pub fn key(&self) -> Key {
        self.key
    }

    pub(crate) fn initialize(&mut self, seed: u64, name: &str) -> Result<()> {
        if self.value.is_none() {
            self.fits_in_memory()?;
            self.value = Some(self.initializer.draw(&self.shape, seed, name)?);
        }
        Ok(())
    }

    /// The parameter as a value on `tape`: a leaf where it is trainable, a constant otherwise.
    ///
    /// # Errors
    /// [`Error::State`] where it has no value yet.
    pub fn on<'t, T: Float>(&self, tape: &'t Tape<T>) -> Result<Var<'t, T>> {
        self.fits_in_memory()?;
        if self.trainable {
            tape.tally_parameter(self.key, self.shape.elements());
        }
        let Some(value) = &self.value else {
            if tape.is_dry() {
                return Ok(tape.constant(Tensor::zeros(&self.shape)));
            }
            return Err(Error::state("forward", "the parameters have no values yet")
                .hint("call initialize(seed) on the network, or load weights"));
        };
        let value = T::cast_from_f32(value);
        Ok(match self.trainable {
            true => tape.parameter(self.key, &value),
            false => tape.frozen_parameter(self.key, &value),
        })
    }
}

impl Parameter {
    /// A layer's sizes are only numbers until they are multiplied.
    fn fits_in_memory(&self) -> Result<()> {
        const MOST: usize = isize::MAX as usize / size_of::<f64>();
        if self.shape.checked_elements().is_some_and(|elements| elements <= MOST) {
            return Ok(());
        }
        let detail = format!("a value of shape {} is larger than memory can address", self.shape);
        Err(Error::shape("parameter", detail).hint("make the layer smaller"))
    }
}

impl Clone for Parameter {
    /// The copy is another parameter: it has the same value and a key of its own.
    fn clone(&self) -> Self {
        let (shape, value) = (self.shape.clone(), self.value.clone());
        Parameter { shape, value, key: Key::unique(), ..*self }
    }
}

impl Module for Parameter {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        visitor.parameter(self);
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
        visitor.parameter(self);
    }

    fn describe(&self) -> Option<Description> {
        None
    }
}
