//! [`Tape`]: the record of a computation, and the backward pass over it.

use crate::explain::Notes;
use crate::randomness::Draws;
use crate::trace::Tracer;
use crate::{Attribute, Gradients, Key, Var};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::fmt::Debug;
use tensor::{Error, Float, Result, Shape, Tensor};

/// The derivative rule of one recorded operation.
///
/// A rule is a named struct whose fields are exactly what it saved from the forward pass. The
/// struct, the forward method that records it and this implementation stand together in one file
/// of [`ops`](crate::ops). [`Var::custom`] records a rule of your own.
pub trait Backward<T: Float>: Debug + Send {
    /// The operation's name, as the forward method is called.
    fn name(&self) -> &'static str;

    /// Whether the rule takes a gradient in any [`Layout`](tensor::Layout), as this crate's own
    /// do where it is faster. Leave it at that: a gradient is then row-major.
    fn any_layout(&self) -> bool {
        false
    }

    /// Turns the gradient of the output into gradients of the inputs (eq. 3.1) and gives each to
    /// `sink`. The gradient is owned, so it can be overwritten and passed on.
    fn backward(self: Box<Self>, gradient: Tensor<T>, sink: &mut Sink<'_, T>);

    /// The operation as a person writes it, in the names `x` of its inputs, such as `σ(x)`; for
    /// [`Tape::explained`]. The name of an optional input that was left out is empty.
    fn formula(&self, x: &[&str]) -> String {
        let present: Vec<_> = x.iter().copied().filter(|name| !name.is_empty()).collect();
        format!("{}({})", self.name(), present.join(", "))
    }

    /// The local derivative by input `i` as an equation in the names of the result and of the
    /// inputs, such as `∂y/∂x = y (1 - y)`; for [`Tape::explained`]. `None` where it is not told.
    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        let _ = (i, y, x);
        None
    }

    /// What the operation was told beside its inputs, as data: stride, axis, slope; for
    /// [`Tape::explained`]. The names are the forward method's.
    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        Vec::new()
    }
}

/// A position on a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) usize);

/// The inputs of an operation; `None` for those that need no gradient.
pub(crate) type Inputs = SmallVec<[Option<NodeId>; 3]>;

#[derive(Debug)]
struct Node<T: Float> {
    shape: Shape,
    kind: Kind<T>,
}

#[derive(Debug)]
enum Kind<T: Float> {
    Leaf(Option<Key>),
    /// A value that no gradient is wanted for; on record only where the tape is explained.
    Constant,
    Operation {
        inputs: Inputs,
        rule: Box<dyn Backward<T>>,
    },
}

/// What stands for the parameter of a key.
#[derive(Debug)]
struct Bound<T: Float> {
    key: Key,
    node: Option<NodeId>,
    value: Tensor<T>,
}

#[derive(Debug)]
struct Record<T: Float> {
    nodes: Vec<Node<T>>,
    /// Nodes that earlier backward passes consumed; ids go on from here, so an id is never
    /// reused and a stale `Var` cannot be mistaken for a new one.
    consumed: usize,
}

/// The record of a computation: an owned, append-only list.
///
/// The order of creation is a topological order, so the backward pass just walks the list from
/// its end. It consumes the record, freeing what each operation saved as soon as it is used;
/// dropping the tape frees everything. There is no global state: one tape per thread, as many
/// tapes as you like.
///
/// ```
/// use autodiff::Tape;
/// use tensor::Tensor;
///
/// // z = x · y at x = 3, y = 4
/// let tape = Tape::<f64>::new();
/// let x = tape.leaf(Tensor::scalar(3.0));
/// let y = tape.leaf(Tensor::scalar(4.0));
/// let z = x.clone().mul(&y)?;
/// let gradients = z.backward()?;
/// assert_eq!(gradients.of(&x).unwrap().item()?, 4.0);
/// assert_eq!(gradients.of(&y).unwrap().item()?, 3.0);
/// # Ok::<(), tensor::Error>(())
/// ```
#[derive(Debug)]
pub struct Tape<T: Float = f32> {
    /// Tells tapes apart; nothing is computed from it.
    pub(crate) id: Key,
    record: RefCell<Record<T>>,
    recording: bool,
    training: bool,
    pub(crate) draws: Draws,
    pub(crate) trace: RefCell<Option<Tracer>>,
    /// New values of parameters that no gradient changes.
    pub(crate) updates: RefCell<Vec<(Key, Tensor<f32>)>>,
    pub(crate) notes: RefCell<Option<Notes<T>>>,
    bound: RefCell<Vec<Bound<T>>>,
}

impl<T: Float> Default for Tape<T> {
    fn default() -> Self {
        Tape::new()
    }
}

impl<T: Float> Tape<T> {
    /// A tape that records, for training: layers such as dropout are active.
    pub fn new() -> Self {
        let record = RefCell::new(Record { nodes: Vec::new(), consumed: 0 });
        Tape {
            id: Key::unique(),
            record,
            recording: true,
            training: true,
            draws: Draws::default(),
            trace: RefCell::new(None),
            updates: RefCell::default(),
            notes: RefCell::new(None),
            bound: RefCell::default(),
        }
    }

    /// A tape that records nothing, for evaluation: a value dies with its last [`Var`], and
    /// layers such as dropout are inactive.
    pub fn inference() -> Self {
        Tape { recording: false, training: false, ..Tape::new() }
    }

    /// Whether layers behave as in training, whatever is recorded.
    #[must_use]
    pub fn with_training(self, training: bool) -> Self {
        Tape { training, ..self }
    }

    /// Whether layers behave as in training (dropout drops, batch statistics are used).
    pub fn is_training(&self) -> bool {
        self.training
    }

    /// The number of nodes on record: leaves and what was computed from them, and on an
    /// [explained](Tape::explained) tape everything else too.
    pub fn len(&self) -> usize {
        self.record.borrow().nodes.len()
    }

    /// Whether nothing is on record.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value that gradients are wanted for.
    pub fn leaf(&self, value: Tensor<T>) -> Var<'_, T> {
        self.push_leaf(None, value)
    }

    /// A value that gradients are wanted for under `key`: a network's parameter. Asking twice
    /// with one key gives the same leaf, so that uses of a shared weight add up.
    pub fn parameter(&self, key: Key, value: &Tensor<T>) -> Var<'_, T> {
        if let Some(bound) = self.bound.borrow().iter().find(|bound| bound.key == key) {
            return Var::from_parts(self, bound.node, bound.value.clone());
        }
        let record = self.record.borrow();
        let known = record
            .nodes
            .iter()
            .position(|node| matches!(node.kind, Kind::Leaf(Some(other)) if other == key))
            .map(|index| NodeId(record.consumed + index));
        drop(record);
        match known {
            Some(id) => Var::from_parts(self, Some(id), value.clone()),
            None => self.push_leaf(Some(key), value.clone()),
        }
    }

    /// Lets `value` stand for the parameter of this `key` from now on, whatever value
    /// [`Tape::parameter`] is called with: a network as a function of its parameters (PyTorch's
    /// `functional_call`).
    ///
    /// # Errors
    /// [`Error::State`] where the value is on another tape.
    ///
    /// ```
    /// # use autodiff::{Key, Tape};
    /// # use tensor::Tensor;
    /// let tape = Tape::<f64>::new();
    /// let (key, w) = (Key::unique(), tape.leaf(Tensor::scalar(3.0)));
    /// tape.bind(key, &w)?;
    /// let y = tape.parameter(key, &Tensor::scalar(0.0)).square();
    /// assert_eq!(y.value().item()?, 9.0);
    /// assert_eq!(y.backward()?.of(&w).unwrap().item()?, 6.0);
    /// # Ok::<(), tensor::Error>(())
    /// ```
    pub fn bind(&self, key: Key, value: &Var<'_, T>) -> Result<()> {
        crate::var::same_tape("bind", self, value)?;
        let mut bound = self.bound.borrow_mut();
        bound.retain(|bound| bound.key != key);
        bound.push(Bound { key, node: value.node(), value: value.value().clone() });
        Ok(())
    }

    /// A value that no gradient is wanted for: data, targets.
    pub fn constant(&self, value: Tensor<T>) -> Var<'_, T> {
        let node = self.is_explained().then(|| {
            let node = self.push(value.shape(), Kind::Constant);
            self.noted(|notes| notes.given(None, "constant", &value, false));
            node
        });
        Var::from_parts(self, node, value)
    }

    /// The value of a parameter that no gradient is wanted for: a constant, which an
    /// [explained](Tape::explained) tape shows as the parameter of this `key`.
    pub fn frozen_parameter(&self, key: Key, value: &Tensor<T>) -> Var<'_, T> {
        let node = self.is_explained().then(|| {
            self.noted(|notes| notes.given(Some(key), "parameter", value, false));
            self.push(value.shape(), Kind::Constant)
        });
        Var::from_parts(self, node, value.clone())
    }

    fn push_leaf(&self, key: Option<Key>, value: Tensor<T>) -> Var<'_, T> {
        let node = (self.recording || self.is_explained()).then(|| {
            let node = self.push(value.shape(), Kind::Leaf(key));
            let operation = if key.is_some() { "parameter" } else { "leaf" };
            self.noted(|notes| notes.given(key, operation, &value, self.recording));
            node
        });
        Var::from_parts(self, node, value)
    }

    /// Records an operation, if any input needs a gradient; otherwise `rule` is not called, except
    /// to explain it.
    pub(crate) fn operation<R: Backward<T> + 'static>(
        &self,
        inputs: impl IntoIterator<Item = Option<NodeId>>,
        value: Tensor<T>,
        rule: impl FnOnce(&Tensor<T>) -> R,
    ) -> Var<'_, T> {
        let all: Inputs = inputs.into_iter().collect();
        let inputs: Inputs =
            all.iter().map(|input| input.filter(|&input| self.wants(input))).collect();
        let wanted = inputs.iter().any(Option::is_some);
        let node = (wanted || self.is_explained()).then(|| {
            let rule = Box::new(rule(&value));
            self.noted(|notes| notes.operation(&all, &value, &*rule, wanted));
            let kind = if wanted { Kind::Operation { inputs, rule } } else { Kind::Constant };
            self.push(value.shape(), kind)
        });
        Var::from_parts(self, node, value)
    }

    /// The result of an operation through which nothing flows back; `formula` is what an explained
    /// tape says of it.
    pub(crate) fn without_gradient(
        &self,
        operation: &'static str,
        input: Option<NodeId>,
        value: Tensor<T>,
        formula: impl FnOnce(&str) -> String,
    ) -> Var<'_, T> {
        let node = input.filter(|_| self.is_explained()).map(|input| {
            self.noted(|notes| notes.without_gradient(operation, input, &value, formula));
            self.push(value.shape(), Kind::Constant)
        });
        Var::from_parts(self, node, value)
    }

    /// The place that the next value will have.
    pub(crate) fn first_free(&self) -> usize {
        let record = self.record.borrow();
        record.consumed + record.nodes.len()
    }

    fn push(&self, shape: &Shape, kind: Kind<T>) -> NodeId {
        let mut record = self.record.borrow_mut();
        record.nodes.push(Node { shape: shape.clone(), kind });
        NodeId(record.consumed + record.nodes.len() - 1)
    }

    /// Walks the record backwards from `output`, whose gradient is `seed`; consumes the record.
    pub(crate) fn backward(&self, output: Option<NodeId>, seed: Tensor<T>) -> Result<Gradients<T>> {
        let Some(output) = output.filter(|&output| self.wants(output)) else {
            let detail = "the value depends on no leaf or parameter that needs a gradient";
            return Err(Error::state("backward", detail).hint(
                "compute it on a tape made by Tape::new, from Tape::leaf or Tape::parameter",
            ));
        };
        let mut record = self.record.borrow_mut();
        let base = record.consumed;
        let Some(last) = output.0.checked_sub(base) else {
            return Err(consumed("the value"));
        };
        let mut nodes = std::mem::take(&mut record.nodes);
        record.consumed += nodes.len();
        drop(record);

        nodes.truncate(last + 1);
        let mut pending: Vec<Option<Tensor<T>>> = nodes.iter().map(|_| None).collect();
        pending[last] = Some(seed);
        let mut gradients = Gradients::default();
        let mut notes = self.notes.borrow_mut();
        if let Some(notes) = &mut *notes {
            notes.begin_backward(output);
        }
        while let Some(node) = nodes.pop() {
            let gradient = pending.pop().flatten();
            let place = NodeId(base + nodes.len());
            if let (Some(notes), Some(gradient)) = (&mut *notes, &gradient) {
                notes.gradient(place, gradient);
            }
            match (gradient, node.kind) {
                (None, _) | (_, Kind::Constant) => {}
                (Some(gradient), Kind::Leaf(key)) => {
                    gradients.insert((self.id, place), key, gradient.into_plain());
                }
                (Some(gradient), Kind::Operation { inputs, rule }) => {
                    let name = rule.name();
                    let mut sink = Sink {
                        inputs: &inputs,
                        base,
                        nodes: &nodes,
                        pending: &mut pending,
                        name,
                        notes: notes.as_mut().map(|notes| (place, notes)),
                        error: None,
                    };
                    if inputs.iter().flatten().any(|input| input.0 < base) {
                        return Err(consumed("an input"));
                    }
                    let gradient = if rule.any_layout() { gradient } else { gradient.into_plain() };
                    rule.backward(gradient, &mut sink);
                    if let Some(error) = sink.error {
                        return Err(error);
                    }
                }
            }
        }
        gradients.finish();
        Ok(gradients)
    }
}

fn consumed(what: &str) -> Error {
    Error::state("backward", format!("{what} was recorded before an earlier backward pass"))
        .hint("a backward pass consumes its tape: compute the value again on a new Tape")
}

/// Where a derivative rule leaves the gradients of its inputs.
#[derive(Debug)]
pub struct Sink<'a, T: Float> {
    inputs: &'a [Option<NodeId>],
    base: usize,
    nodes: &'a [Node<T>],
    pending: &'a mut [Option<Tensor<T>>],
    name: &'static str,
    /// Where the operation is and what is told about it, on a tape that is explained.
    notes: Option<(NodeId, &'a mut Notes<T>)>,
    error: Option<Error>,
}

impl<T: Float> Sink<'_, T> {
    /// Whether the gradient of input `i` is needed; skip the work where it is not.
    pub fn wants(&self, i: usize) -> bool {
        matches!(self.inputs.get(i), Some(Some(_)))
    }

    /// Gives the gradient of input `i`; gradients given by several operations add up (eq. 3.2).
    /// Ignored where it is not wanted. A gradient of another shape than the input's, or for an
    /// input that is not there, makes the backward pass end with an error.
    pub fn give(&mut self, i: usize, gradient: Tensor<T>) {
        let Some(&input) = self.inputs.get(i) else {
            let expected = format!("less than {}, the number of inputs", self.inputs.len());
            self.error =
                Some(Error::argument(self.name, "the input given to Sink::give", i, expected));
            return;
        };
        let Some(input) = input else { return };
        let index = input.0 - self.base;
        let shape = &self.nodes[index].shape;
        if gradient.shape() != shape {
            let detail = format!("the derivative rule's gradient of input {i} has another shape");
            self.error = Some(
                Error::shape(self.name, detail)
                    .operand("gradient", gradient.shape())
                    .operand("input", shape),
            );
            return;
        }
        if let Some((place, notes)) = &mut self.notes {
            notes.part(input, *place, i, &gradient);
        }
        match &mut self.pending[index] {
            Some(sum) => {
                let gradient = gradient.into_layout(sum.layout());
                tensor::kernels::elementwise::add(sum.stored_mut(), gradient.stored());
            }
            empty => *empty = Some(gradient),
        }
    }
}
