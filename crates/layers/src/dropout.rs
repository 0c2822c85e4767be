//! Dropout.

use crate::{Layer, Scope, module};
use autodiff::Var;
use tensor::{Float, Result};

/// In training, each element is dropped (set to 0) with the probability p, and those that stay are
/// scaled by 1 / (1 - p), so that the mean stays; in evaluation, y = x. Any shape `[N, ..]`.
///
/// p is the probability of **dropping**, as in PyTorch and in MindSpore's `Dropout(p=..)`, whose
/// older first argument is the probability of keeping.
///
/// What is dropped is a pure function of the model's seed, the layer's path, the step, the
/// sample's place in its batch and the element's in the sample: the same bits for any number of
/// threads. A training loop of your own gives the tape a
/// [`Randomness`](crate::Randomness) for each step; `train::Model` does.
#[derive(Clone, Debug)]
pub struct Dropout {
    scope: Scope,
    p: f64,
}

module!(Dropout { scope } => |layer: &Dropout| format!("p={}", layer.p));

impl Dropout {
    /// Drops with the probability `p`, at least 0 and below 1, or the forward pass says so.
    pub fn new(p: f64) -> Self {
        Dropout { scope: Scope::default(), p }
    }

    /// The probability of dropping.
    pub fn p(&self) -> f64 {
        self.p
    }
}

impl<T: Float> Layer<T> for Dropout {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("Dropout", input, |x| x.dropout(self.p, self.scope.path()))
    }
}
