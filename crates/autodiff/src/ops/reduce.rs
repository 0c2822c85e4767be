//! Sums and means, over everything or over one axis.

use crate::{Attribute, Backward, Sink, Var};
use tensor::{Error, Float, Result, Shape, Tensor};

/// y = factor · Σ x over all elements or one axis: every summand's derivative is `factor`.
#[derive(Debug)]
struct Reduce<T> {
    name: &'static str,
    factor: T,
    axis: Option<usize>,
    x: Shape,
}

impl<T: Float> Backward<T> for Reduce<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        // The gradient with the summed axes put back as 1 stretches over the summands.
        let mut kept = self.x.to_vec();
        match self.axis {
            Some(axis) => kept[axis] = 1,
            None => kept.fill(1),
        }
        let stretched = dy
            .reshape(kept)
            .and_then(|dy| dy.broadcast_to(&self.x))
            .expect("the result of a reduction broadcasts to its input");
        let factor = self.factor;
        sink.give(0, if factor == T::ONE { stretched } else { stretched.map(|g| g * factor) });
    }

    fn formula(&self, x: &[&str]) -> String {
        let sum = match self.axis {
            Some(axis) => format!("Σ {} over axis {axis}", x[0]),
            None => format!("Σ {}", x[0]),
        };
        match self.divisor() {
            None => sum,
            Some(count) => format!("1/{count} {sum}"),
        }
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        let factor = self.divisor().map_or("1".to_owned(), |count| format!("1/{count}"));
        Some(format!("∂{y}/∂{}_i = {factor}", x[0]))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        self.axis.map(|axis| ("axis", Attribute::Size(axis))).into_iter().collect()
    }
}

impl<T: Float> Reduce<T> {
    /// What a mean divides by; `None` for a sum.
    fn divisor(&self) -> Option<usize> {
        let count = self.axis.map_or(self.x.elements(), |axis| self.x[axis]);
        self.name.starts_with("mean").then_some(count)
    }
}

impl<T: Float> Var<'_, T> {
    /// The sum of all elements: a scalar.
    #[must_use]
    pub fn sum(self) -> Self {
        self.reduce_all("sum", T::ONE)
    }

    /// The mean of all elements: a scalar. NaN where there are none, as 0 / 0 is.
    #[must_use]
    pub fn mean(self) -> Self {
        let count = self.value().len() as f64;
        self.reduce_all("mean", T::from_f64(1.0 / count))
    }

    /// The sum over one axis, which disappears: `[a, b, c]` summed over axis 1 is `[a, c]`.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn sum_axis(self, axis: usize) -> Result<Self> {
        self.reduce_axis("sum_axis", axis, |_| T::ONE)
    }

    /// The mean over one axis, which disappears.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn mean_axis(self, axis: usize) -> Result<Self> {
        self.reduce_axis("mean_axis", axis, |count| T::from_f64(1.0 / count as f64))
    }

    fn reduce_all(self, name: &'static str, factor: T) -> Self {
        let (tape, input, x) = self.into_parts();
        let sum: T = x.as_slice().iter().copied().sum();
        let rule = Reduce { name, factor, axis: None, x: x.shape().clone() };
        tape.operation([input], Tensor::scalar(factor * sum), |_| rule)
    }

    fn reduce_axis(
        self,
        name: &'static str,
        axis: usize,
        factor: impl Fn(usize) -> T,
    ) -> Result<Self> {
        let (tape, input, x) = self.into_parts();
        let Some(&count) = x.shape().get(axis) else {
            return Err(Error::argument(name, "axis", axis, format!("an axis of {}", x.shape())));
        };
        let factor = factor(count);
        let mut y = x.sum_axis(axis)?;
        if factor != T::ONE {
            tensor::kernels::elementwise::affine(y.as_mut_slice(), factor, T::ZERO);
        }
        let rule = Reduce { name, factor, axis: Some(axis), x: x.shape().clone() };
        Ok(tape.operation([input], y, |_| rule))
    }
}
