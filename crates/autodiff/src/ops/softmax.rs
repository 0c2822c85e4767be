//! Softmax and its logarithm, along one axis.

use crate::{Attribute, Backward, Sink, Var};
use tensor::{Error, Float, Result, Shape, Tensor, kernels::softmax as kernel};

/// y_k = e^(x_k) / Σ_j e^(x_j): dx = y (dy - Σ_j dy_j y_j).
#[derive(Debug)]
struct Softmax<T: Float> {
    sizes: [usize; 3],
    /// Only so that it can be told.
    axis: usize,
    y: Tensor<T>,
}

impl<T: Float> Backward<T> for Softmax<T> {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        kernel::softmax_backward(self.sizes, dy.as_mut_slice(), self.y.as_slice());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("softmax({})", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}_k/∂{}_j = {y}_k ([k = j] - {y}_j)", x[0]))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("axis", Attribute::Size(self.axis))]
    }
}

/// y_k = x_k - ln Σ_j e^(x_j): dx = dy - e^y Σ_j dy_j.
#[derive(Debug)]
struct LogSoftmax<T: Float> {
    sizes: [usize; 3],
    /// Only so that it can be told.
    axis: usize,
    y: Tensor<T>,
}

impl<T: Float> Backward<T> for LogSoftmax<T> {
    fn name(&self) -> &'static str {
        "log_softmax"
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut powers = Tensor::stale(dy.shape().clone());
        let (into, powers) = (dy.as_mut_slice(), powers.as_mut_slice());
        kernel::log_softmax_backward(self.sizes, into, self.y.as_slice(), powers);
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("ln softmax({})", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}_k/∂{}_j = [k = j] - e^{y}_j", x[0]))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![("axis", Attribute::Size(self.axis))]
    }
}

impl<T: Float> Var<'_, T> {
    /// y_k = e^(x_k) / Σ_j e^(x_j) along `axis`; safe for logits of any finite size.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn softmax(self, axis: usize) -> Result<Self> {
        let sizes = around("softmax", self.shape(), axis)?;
        let (tape, input, mut y) = self.into_parts();
        kernel::softmax(sizes, y.as_mut_slice());
        Ok(tape.operation([input], y, |y| Softmax { sizes, axis, y: y.clone() }))
    }

    /// y_k = x_k - ln Σ_j e^(x_j) along `axis`; safe for logits of any finite size.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn log_softmax(self, axis: usize) -> Result<Self> {
        let sizes = around("log_softmax", self.shape(), axis)?;
        let (tape, input, mut y) = self.into_parts();
        let mut powers = Tensor::stale(y.shape().clone());
        kernel::log_softmax(sizes, y.as_mut_slice(), powers.as_mut_slice());
        Ok(tape.operation([input], y, |y| LogSoftmax { sizes, axis, y: y.clone() }))
    }
}

/// The shape as `[before, axis, after]`.
fn around(op: &'static str, shape: &Shape, axis: usize) -> Result<[usize; 3]> {
    let Some(&classes) = shape.get(axis) else {
        return Err(Error::argument(op, "axis", axis, format!("an axis of {shape}")));
    };
    Ok([shape[..axis].iter().product(), classes, shape[axis + 1..].iter().product()])
}
