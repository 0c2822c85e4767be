//! [`Parameter`]: a tensor that training changes.

use crate::{Description, Initializer, Module, Visitor, VisitorMut};
use autodiff::{Key, Tape, Var};
use tensor::{Error, Float, Result, Shape, Tensor, parallel};

/// A tensor that training changes, or how it will be drawn where it has no value yet.
///
/// A layer's constructor only says what its parameters will be;
/// [`initialize`](crate::ModuleExt::initialize) draws them, each from a random stream of its own
/// name, so that adding a layer does not change how the others start.
#[derive(Debug)]
pub struct Parameter {
    shape: Shape,
    initializer: Initializer,
    /// The value, and copies of it for further threads that train; empty without a value.
    values: Vec<Tensor>,
    trainable: bool,
    key: Key,
}

impl Parameter {
    /// A parameter without a value yet.
    pub fn new(shape: impl Into<Shape>, initializer: Initializer) -> Self {
        let (shape, key) = (shape.into(), Key::unique());
        Parameter { shape, initializer, values: Vec::new(), trainable: true, key }
    }

    /// The shape, which it has before it has a value.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The value, or `None` before the network was initialised or loaded.
    pub fn value(&self) -> Option<&Tensor> {
        self.values.first()
    }

    /// The value for writing, or `None` before the network was initialised or loaded.
    pub fn value_mut(&mut self) -> Option<&mut Tensor> {
        self.values.truncate(1);
        self.values.first_mut()
    }

    /// So many copies of the value for writing, at least one, of which [`Parameter::value`] returns the
    /// first; none before the network was initialised or loaded. For optimizers, which must leave
    /// all of them alike.
    ///
    /// Each thread that trains reads the copy with its number, so that no other thread has it in its
    /// cache when the next step changes it. Any other way of writing leaves one copy.
    ///
    /// ```
    /// use layers::{Initializer, Parameter};
    /// use tensor::Tensor;
    /// let mut bias = Parameter::new([2], Initializer::Constant(0.0));
    /// bias.set(Tensor::full([2], 1.0))?;
    /// for copy in bias.replicas_mut(2) {
    ///     copy.as_mut_slice()[0] = 3.0;
    /// }
    /// assert_eq!(bias.value().unwrap().as_slice(), [3.0, 1.0]);
    /// # Ok::<(), tensor::Error>(())
    /// ```
    pub fn replicas_mut(&mut self, count: usize) -> &mut [Tensor] {
        let count = count.max(1);
        if let (Some(value), true) = (self.values.first(), self.values.len() != count) {
            self.values = vec![value.clone(); count];
        }
        &mut self.values
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
        self.values = vec![value];
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
        if self.values.is_empty() {
            self.fits_in_memory()?;
            self.values.push(self.initializer.draw(&self.shape, seed, name)?);
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
        let Some(value) = self.values.get(parallel::member()).or(self.values.first()) else {
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
        let values = self.values.iter().take(1).cloned().collect();
        Parameter { shape: self.shape.clone(), values, key: Key::unique(), ..*self }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_reads_its_own_copy_and_everyone_else_the_first() {
        let mut parameter = Parameter::new([1], Initializer::Constant(0.0));
        assert!(parameter.replicas_mut(2).is_empty(), "there is no value yet");
        parameter.set(Tensor::full([1], 5.0)).unwrap();
        for (i, copy) in parameter.replicas_mut(2).iter_mut().enumerate() {
            copy.as_mut_slice()[0] += i as f32;
        }
        let read = |parameter: &Parameter| {
            parameter.on(&Tape::<f32>::new()).unwrap().value().as_slice()[0]
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        assert_eq!(pool.broadcast(|_| read(&parameter)), [5.0, 6.0, 5.0]);
        assert_eq!(read(&parameter), 5.0);

        // Whoever else writes it leaves nothing behind.
        assert_eq!(parameter.clone().values.len(), 1);
        parameter.value_mut().unwrap().as_mut_slice()[0] = 7.0;
        assert_eq!(pool.broadcast(|_| read(&parameter)), [7.0; 3]);
        assert_eq!(parameter.replicas_mut(3).len(), 3);
        assert_eq!(parameter.replicas_mut(0).len(), 1);
        parameter.replicas_mut(3);
        parameter.set(Tensor::full([1], 8.0)).unwrap();
        assert_eq!(pool.broadcast(|_| read(&parameter)), [8.0; 3]);
    }
}
