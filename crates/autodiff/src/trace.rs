//! Which layers ran on a tape, with the shapes that went in and came out.

use crate::Tape;
use tensor::{Float, Shape};

/// One call of a named layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The layer's field path, such as `conv1`; empty where it has no name yet.
    pub path: String,
    /// The layer's type, such as `Conv2d`.
    pub kind: &'static str,
    /// The shape that went in.
    pub input: Shape,
    /// The shape that came out.
    pub output: Shape,
}

pub(crate) type Trace = Vec<Span>;

impl<T: Float> Tape<T> {
    /// Makes the tape note every layer call, for [`Tape::take_trace`].
    #[must_use]
    pub fn with_trace(self) -> Self {
        self.trace.replace(Some(Trace::new()));
        self
    }

    /// Notes a layer call; does nothing on a tape that does not trace. Layers call this.
    pub fn note(&self, span: impl FnOnce() -> Span) {
        if let Some(trace) = self.trace.borrow_mut().as_mut() {
            trace.push(span());
        }
    }

    /// The layer calls so far, in order; the tape goes on tracing from an empty list.
    pub fn take_trace(&self) -> Vec<Span> {
        self.trace.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default()
    }
}
