//! Axes in another order.

use crate::{Attribute, Backward, Sink, Var};
use tensor::{Float, Result, Tensor};

/// y's axis i is x's axis axes\[i\].
#[derive(Debug)]
struct Permute {
    axes: Vec<usize>,
}

impl<T: Float> Backward<T> for Permute {
    fn name(&self) -> &'static str {
        "permute"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut inverse = vec![0; self.axes.len()];
        for (to, &from) in self.axes.iter().enumerate() {
            inverse[from] = to;
        }
        sink.give(0, dy.permute(&inverse).expect("the inverse of a permutation is one"));
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{} with its axes in the order {:?}", x[0], self.axes)
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = 1, element by element", x[0]))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("axes", Attribute::Sizes(self.axes.clone()))]
    }
}

impl<T: Float> Var<'_, T> {
    /// The axes in the order that `axes` names, copied.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where `axes` is not a permutation.
    pub fn permute(self, axes: &[usize]) -> Result<Self> {
        let (tape, input, x) = self.into_parts();
        let rule = Permute { axes: axes.to_vec() };
        Ok(tape.operation([input], x.permute(axes)?, |_| rule))
    }
}
