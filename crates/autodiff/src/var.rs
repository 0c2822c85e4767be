//! [`Var`]: a value on a tape.

use crate::explain::Notes;
use crate::tape::NodeId;
use crate::{Backward, Gradients, Tape};
use std::cell::OnceCell;
use tensor::{Error, Float, Layout, Result, Shape, Tensor};

/// A value and its place on a [`Tape`].
///
/// Methods named after operations compute the result at once and record how to differentiate it.
/// They take their first operand by value, so that the result can reuse its buffer; clone it
/// (a reference count) where it is needed again.
#[derive(Clone, Debug)]
pub struct Var<'t, T: Float = f32> {
    tape: &'t Tape<T>,
    node: Option<NodeId>,
    /// In whatever layout its operation left it.
    value: Tensor<T>,
    /// The value row-major, once someone has asked for it.
    plain: OnceCell<Tensor<T>>,
    /// What is still to be done to `value`, and to be recorded, before it is the variable's.
    deferred: Option<Deferred>,
    /// The variable with that done, once someone has asked for it by reference.
    settled: OnceCell<Box<Var<'t, T>>>,
}

/// An operation that waits for the one after it, because both are faster as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deferred {
    /// relu(value); pooling may apply it to the maxima alone.
    Relu,
}

impl<'t, T: Float> Var<'t, T> {
    pub(crate) fn from_parts(tape: &'t Tape<T>, node: Option<NodeId>, value: Tensor<T>) -> Self {
        let (plain, settled) = (OnceCell::new(), OnceCell::new());
        Var { tape, node, value, plain, deferred: None, settled }
    }

    /// The same value with an operation on it that is not computed before it is needed.
    pub(crate) fn deferring(self, operation: Deferred) -> Self {
        Var { deferred: Some(operation), ..self.into_settled() }
    }

    /// The tape, the place on it, the value in the layout that it has, and what is still to be
    /// done to it.
    pub(crate) fn into_deferred_parts(
        self,
    ) -> (&'t Tape<T>, Option<NodeId>, Tensor<T>, Option<Deferred>) {
        (self.tape, self.node, self.value, self.deferred)
    }

    /// The variable with what was deferred done and recorded.
    fn settled(&self) -> &Self {
        match self.deferred {
            None => self,
            Some(_) => self.settled.get_or_init(|| Box::new(self.clone().into_settled())),
        }
    }

    /// As [`Var::settled`], by value.
    pub(crate) fn into_settled(mut self) -> Self {
        match (self.deferred, self.settled.take()) {
            (None, _) => self,
            (Some(_), Some(settled)) => *settled,
            (Some(Deferred::Relu), None) => {
                Var::from_parts(self.tape, self.node, self.value).relu_now()
            }
        }
    }

    /// The tape, the place on it, and the value row-major, for operations that know no other
    /// layout.
    pub(crate) fn into_parts(self) -> (&'t Tape<T>, Option<NodeId>, Tensor<T>) {
        let var = self.into_settled();
        (var.tape, var.node, var.into_value())
    }

    /// As [`Var::into_parts`], with the value in the layout that it has.
    pub(crate) fn into_stored_parts(self) -> (&'t Tape<T>, Option<NodeId>, Tensor<T>) {
        let var = self.into_settled();
        (var.tape, var.node, var.value)
    }

    pub(crate) fn node(&self) -> Option<NodeId> {
        self.settled().node
    }

    /// The layout of the value, whatever is still to be done to it.
    pub(crate) fn layout(&self) -> Layout {
        self.value.layout()
    }

    /// The tape it lives on.
    pub fn tape(&self) -> &'t Tape<T> {
        self.tape
    }

    /// The value.
    pub fn value(&self) -> &Tensor<T> {
        let var = self.settled();
        match var.value.layout() {
            Layout::Plain => &var.value,
            Layout::Lanes => var.plain.get_or_init(|| var.value.clone().into_plain()),
        }
    }

    /// The value, taken out.
    pub fn into_value(self) -> Tensor<T> {
        let var = self.into_settled();
        var.plain.into_inner().unwrap_or(var.value).into_plain()
    }

    /// The value's shape.
    pub fn shape(&self) -> &Shape {
        self.value.shape()
    }

    /// Whether a gradient flows back through it.
    pub fn needs_gradient(&self) -> bool {
        self.node.is_some_and(|node| self.tape.wants(node))
    }

    /// The same value, cut off from what it was computed from.
    #[must_use]
    pub fn detach(self) -> Self {
        let (tape, node, value) = self.into_stored_parts();
        tape.without_gradient("detach", node, value, |x| format!("{x}, held fixed"))
    }

    /// An operation with a derivative rule of your own: `value` was computed from the values of
    /// `inputs`, and `rule` knows how to go back. `rule` is not called where no input needs a
    /// gradient, except to [explain](Tape::explained) the operation; what it is given is `value`.
    ///
    /// # Errors
    /// [`Error::State`] where the inputs are not all on this tape.
    ///
    /// ```
    /// use autodiff::{Backward, Sink, Tape, Var};
    /// use tensor::Tensor;
    ///
    /// /// y = x³, dy/dx = 3x².
    /// #[derive(Debug)]
    /// struct Cube { x: Tensor<f64> }
    ///
    /// impl Backward<f64> for Cube {
    ///     fn name(&self) -> &'static str { "cube" }
    ///     fn backward(self: Box<Self>, mut gradient: Tensor<f64>, sink: &mut Sink<'_, f64>) {
    ///         for (g, x) in gradient.as_mut_slice().iter_mut().zip(self.x.as_slice()) {
    ///             *g *= 3.0 * x * x;
    ///         }
    ///         sink.give(0, gradient);
    ///     }
    /// }
    ///
    /// let tape = Tape::new();
    /// let x = tape.leaf(Tensor::scalar(2.0));
    /// let cube = x.value().map(|x| x * x * x);
    /// let y = Var::custom(&tape, &[&x], cube, |_| Cube { x: x.value().clone() })?;
    /// assert_eq!(y.backward()?.of(&x).unwrap().item()?, 12.0);
    /// # Ok::<(), tensor::Error>(())
    /// ```
    pub fn custom<R: Backward<T> + 'static>(
        tape: &'t Tape<T>,
        inputs: &[&Var<'t, T>],
        value: Tensor<T>,
        rule: impl FnOnce(&Tensor<T>) -> R,
    ) -> Result<Self> {
        for input in inputs {
            same_tape("custom", tape, input)?;
        }
        let output = tape.operation(inputs.iter().map(|input| input.node()), value, rule);
        tape.noted(Notes::custom);
        Ok(output)
    }

    /// The gradients of this scalar with respect to every leaf that it depends on. Consumes the
    /// tape's record.
    ///
    /// # Errors
    /// [`Error::Shape`] where the value is not a single element, [`Error::State`] where it
    /// depends on no leaf or the tape was consumed already.
    pub fn backward(self) -> Result<Gradients<T>> {
        if self.value.len() != 1 {
            return Err(Error::shape(
                "backward",
                "the value to differentiate is not a single number",
            )
            .operand("value", self.shape())
            .hint("reduce it with sum() or mean(), or pass a gradient to backward_from"));
        }
        let seed = Tensor::full(self.shape(), T::ONE);
        self.tape.backward(self.node(), seed)
    }

    /// As [`Var::backward`] for a value of any shape, starting from its own gradient `seed`:
    /// the vector-Jacobian product.
    ///
    /// # Errors
    /// [`Error::Shape`] where the seed's shape is not the value's, otherwise as
    /// [`Var::backward`].
    pub fn backward_from(self, seed: Tensor<T>) -> Result<Gradients<T>> {
        if seed.shape() != self.shape() {
            return Err(Error::shape("backward_from", "the seed's shape is not the value's")
                .operand("seed", seed.shape())
                .operand("value", self.shape()));
        }
        self.tape.backward(self.node(), seed)
    }
}

/// Checks that an operand lives on the tape of the first one.
pub(crate) fn same_tape<T: Float>(
    op: &'static str,
    tape: &Tape<T>,
    other: &Var<'_, T>,
) -> Result<()> {
    if std::ptr::eq(tape, other.tape) {
        return Ok(());
    }
    Err(Error::state(op, "the operands are on different tapes")
        .hint("make both from one Tape, or bring a value over with tape.constant(value)"))
}
