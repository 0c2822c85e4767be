//! Which layers ran on a tape, with the shapes that went in and came out, and what they are made
//! of.

use crate::{Key, Tape};
use std::ops::AddAssign;
use tensor::{Float, Shape};

/// What a layer is made of, counted from shapes for all samples that went in.
///
/// The operations count themselves: a convolution, a product of matrices or a pooling of this
/// crate adds its tally to that of the layer that runs it. An operation of your own, or a layer
/// that is more or less than the operations it is computed by, tells it with [`Tape::tally`] or
/// [`Tape::tally_instead`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Trainable numbers, each where it is first used.
    pub parameters: usize,
    /// Units: numbers that are a weighted sum, or a pooling, of others. What is computed from one
    /// number alone, such as an activation, belongs to the unit before it.
    pub neurons: usize,
    /// Inputs of all units, and their biases. Those that fall into padding count.
    pub connections: usize,
    /// Multiplications, each with its addition, by the definition of what is computed.
    pub multiply_adds: usize,
}

impl Tally {
    /// `neurons` units, each the weighted sum of `inputs` numbers, and of a bias where `biased`.
    pub fn weighted_sums(neurons: usize, inputs: usize, biased: bool) -> Self {
        let multiply_adds = neurons.saturating_mul(inputs);
        let connections = neurons.saturating_mul(inputs + usize::from(biased));
        Tally { neurons, connections, multiply_adds, parameters: 0 }
    }

    /// `neurons` units, each computed from `inputs` numbers without weights.
    pub fn pooling(neurons: usize, inputs: usize) -> Self {
        Tally { multiply_adds: 0, ..Tally::weighted_sums(neurons, inputs, false) }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.parameters += other.parameters;
        self.neurons += other.neurons;
        self.connections += other.connections;
        self.multiply_adds += other.multiply_adds;
    }
}

/// One call of a named layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Tells the layer from others.
    pub layer: Key,
    /// The layer's field path, such as `conv1`; empty where it has no name yet.
    pub path: String,
    /// The layer's type, such as `Conv2d`.
    pub kind: &'static str,
    /// The shape that went in.
    pub input: Shape,
    /// The shape that came out.
    pub output: Shape,
    /// What the layer is made of, without the named layers that it called itself.
    pub tally: Tally,
    /// Whether it called other named layers.
    pub calls_others: bool,
}

/// What a tape noted.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The calls of layers that came to an end, in the order in which they began.
    pub spans: Vec<Span>,
    /// What ran outside of any named layer.
    pub outside: Tally,
    /// The innermost layer that did not come to its end: the one that failed.
    pub failed: Option<Key>,
}

/// What a tape notes while it traces.
#[derive(Debug, Default)]
pub(crate) struct Tracer {
    /// A place for each call in the order in which they began.
    spans: Vec<Option<Span>>,
    open: Vec<Open>,
    outside: Tally,
    parameters: Vec<Key>,
    dry: bool,
}

/// A call under way.
#[derive(Debug)]
struct Open {
    layer: Key,
    place: usize,
    tally: Tally,
    calls_others: bool,
}

impl Tracer {
    /// The tally of the innermost call under way.
    fn tally(&mut self) -> &mut Tally {
        self.open.last_mut().map_or(&mut self.outside, |open| &mut open.tally)
    }
}

/// A call of a layer under way: what [`Tape::enter`] returns and [`Tape::leave`] takes.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Entered {
    /// How many calls were under way, for the trace and for the explanation.
    traced: usize,
    explained: usize,
}

impl<T: Float> Tape<T> {
    /// Makes the tape note every layer call, for [`Tape::take_trace`].
    #[must_use]
    pub fn with_trace(self) -> Self {
        self.trace.replace(Some(Tracer::default()));
        self
    }

    /// A tape for shapes alone: it records nothing, [traces](Tape::with_trace), and layers take
    /// zeros for parameters that have no value yet.
    pub fn dry() -> Self {
        let tape = Tape::inference();
        tape.trace.replace(Some(Tracer { dry: true, ..Tracer::default() }));
        tape
    }

    /// Whether this is a tape for shapes alone: see [`Tape::dry`].
    pub fn is_dry(&self) -> bool {
        self.trace.borrow().as_ref().is_some_and(|trace| trace.dry)
    }

    /// Notes that a layer begins. Layers call this, and [`Tape::leave`] if they succeed.
    pub fn enter(&self, layer: Key) -> Entered {
        let mut explained = 0;
        self.noted(|notes| explained = notes.enter(layer));
        let mut trace = self.trace.borrow_mut();
        let Some(trace) = trace.as_mut() else { return Entered { traced: 0, explained } };
        let depth = trace.open.len();
        if let Some(outer) = trace.open.last_mut() {
            outer.calls_others = true;
        }
        let place = trace.spans.len();
        trace.spans.push(None);
        trace.open.push(Open { layer, place, tally: Tally::default(), calls_others: false });
        Entered { traced: depth, explained }
    }

    /// Notes that a layer came to its end. `call` tells its path, type, input and output; it is
    /// not called on a tape that does not trace.
    pub fn leave(
        &self,
        entered: Entered,
        call: impl FnOnce() -> (String, &'static str, Shape, Shape),
    ) {
        self.noted(|notes| notes.leave(entered.explained));
        let mut trace = self.trace.borrow_mut();
        let Some(trace) = trace.as_mut() else { return };
        // Calls above it failed, and whoever made them went on.
        trace.open.truncate(entered.traced + 1);
        let Some(Open { layer, place, tally, calls_others }) = trace.open.pop() else { return };
        let (path, kind, input, output) = call();
        trace.spans[place] = Some(Span { layer, path, kind, input, output, tally, calls_others });
    }

    /// Adds to what the layer under way is made of; does nothing on a tape that does not trace.
    pub fn tally(&self, tally: impl FnOnce() -> Tally) {
        if let Some(trace) = self.trace.borrow_mut().as_mut() {
            *trace.tally() += tally();
        }
    }

    /// Says what the layer under way is made of, instead of what its operations counted so far; its
    /// parameters stay counted.
    pub fn tally_instead(&self, tally: impl FnOnce() -> Tally) {
        if let Some(trace) = self.trace.borrow_mut().as_mut() {
            let parameters = trace.tally().parameters;
            *trace.tally() = Tally { parameters, ..tally() };
        }
    }

    /// Counts a trainable parameter of `elements` numbers where it is first used.
    pub fn tally_parameter(&self, key: Key, elements: usize) {
        if let Some(trace) = self.trace.borrow_mut().as_mut()
            && !trace.parameters.contains(&key)
        {
            trace.parameters.push(key);
            trace.tally().parameters += elements;
        }
    }

    /// What was noted so far; the tape goes on tracing from nothing.
    pub fn take_trace(&self) -> Trace {
        let mut trace = self.trace.borrow_mut();
        let Some(trace) = trace.as_mut() else { return Trace::default() };
        let dry = trace.dry;
        let Tracer { spans, open, outside, .. } =
            std::mem::replace(trace, Tracer { dry, ..Tracer::default() });
        let spans = spans.into_iter().flatten().collect();
        Trace { spans, outside, failed: open.last().map(|open| open.layer) }
    }
}
