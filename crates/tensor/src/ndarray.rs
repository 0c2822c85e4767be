//! The door to ndarray: borrowed views out, owned arrays in. What is not hot (broadcasting,
//! reductions over axes, transposes) is done there.

use crate::{Element, Float, Result, Shape, Tensor};
use ndarray::{Array, ArrayD, ArrayViewD, ArrayViewMutD, Axis, Dimension, IxDyn, Zip};

impl<T: Element> Tensor<T> {
    /// The tensor as an ndarray view, without copying.
    pub fn view(&self) -> ArrayViewD<'_, T> {
        ArrayViewD::from_shape(IxDyn(self.shape()), self.as_slice())
            .expect("a tensor's buffer has its shape's length")
    }

    /// The tensor as a mutable ndarray view; copies first where the buffer is shared.
    pub fn view_mut(&mut self) -> ArrayViewMutD<'_, T> {
        let shape = IxDyn(self.shape());
        ArrayViewMutD::from_shape(shape, self.as_mut_slice())
            .expect("a tensor's buffer has its shape's length")
    }

    /// The tensor with its axes in the order that `axes` names, copied.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where `axes` is not a permutation of `0..rank`.
    pub fn permute(&self, axes: &[usize]) -> Result<Self> {
        let mut sorted = axes.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..self.shape().rank()) {
            let expected = format!("a permutation of the axes of {}", self.shape());
            return Err(crate::Error::argument("permute", "axes", format!("{axes:?}"), expected));
        }
        Ok(Tensor::from_view(&self.view().permuted_axes(IxDyn(axes))))
    }

    /// A tensor with the elements of a view in its logical order.
    pub fn from_view(view: &ArrayViewD<'_, T>) -> Self {
        let mut tensor = Tensor::stale(view.shape());
        tensor.view_mut().assign(view);
        tensor
    }
}

impl<T: Float> Tensor<T> {
    /// `f(self, other)` element by element, with broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) naming `op` where the shapes do not broadcast.
    pub fn zip_broadcast(
        &self,
        op: &'static str,
        other: &Self,
        f: impl Fn(T, T) -> T,
    ) -> Result<Self> {
        let shape = Shape::broadcast(op, self.shape(), other.shape())?;
        let mut out = Tensor::stale(&shape);
        let fits = "both operands broadcast to the common shape";
        let (left, right) = (self.view(), other.view());
        Zip::from(out.view_mut())
            .and(left.broadcast(IxDyn(&shape)).expect(fits))
            .and(right.broadcast(IxDyn(&shape)).expect(fits))
            .for_each(|out, &a, &b| *out = f(a, b));
        Ok(out)
    }

    /// The sum over one axis, which disappears.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
    pub fn sum_axis(&self, axis: usize) -> Result<Self> {
        if axis >= self.shape().rank() {
            let expected = format!("an axis of {}", self.shape());
            return Err(crate::Error::argument("sum_axis", "axis", axis, expected));
        }
        Ok(self.view().sum_axis(Axis(axis)).into())
    }

    /// Undoes a broadcast: sums over the axes that `shape` lacks or has as 1.
    ///
    /// `shape` must broadcast to this tensor's shape, as an operand's does to its result's.
    pub fn sum_to(self, shape: &Shape) -> Self {
        if self.shape() == shape {
            return self;
        }
        let mut sum = self.view().to_owned();
        while sum.ndim() > shape.rank() {
            sum = sum.sum_axis(Axis(0));
        }
        for (axis, &size) in shape.iter().enumerate() {
            if size == 1 && sum.shape()[axis] != 1 {
                sum = sum.sum_axis(Axis(axis)).insert_axis(Axis(axis));
            }
        }
        assert_eq!(sum.shape(), &shape[..], "the shape broadcasts to the tensor's");
        sum.into()
    }

    /// The tensor stretched to `shape`.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where it does not broadcast to `shape`.
    pub fn broadcast_to(&self, shape: &Shape) -> Result<Self> {
        match self.view().broadcast(IxDyn(shape)) {
            Some(view) => Ok(Tensor::from_view(&view)),
            None => {
                let detail = format!("the tensor does not broadcast to {shape}");
                Err(crate::Error::shape("broadcast_to", detail)
                    .operand("input", self.shape())
                    .hint(crate::shape::BROADCASTING))
            }
        }
    }
}

impl<T: Element, D: Dimension> From<Array<T, D>> for Tensor<T> {
    fn from(array: Array<T, D>) -> Self {
        Tensor::from_view(&array.view().into_dyn())
    }
}

impl<T: Element> From<&Tensor<T>> for ArrayD<T> {
    fn from(tensor: &Tensor<T>) -> Self {
        tensor.view().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn arrays_come_in_and_go_out_in_logical_order() {
        let columns = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].reversed_axes();
        let tensor = Tensor::from(columns.clone());
        assert_eq!(tensor.shape(), &Shape::from([3, 2]));
        assert_eq!(tensor.as_slice(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(ArrayD::from(&tensor), columns.into_dyn());
    }

    #[test]
    fn sum_to_undoes_a_broadcast() {
        let ones = Tensor::<f64>::full([4, 2, 3], 1.0);
        for (shape, each) in [
            (Shape::from([4, 2, 3]), 1.0),
            (Shape::from([2, 3]), 4.0),
            (Shape::from([2, 1]), 12.0),
            (Shape::from([4, 1, 1]), 6.0),
            (Shape::from([]), 24.0),
        ] {
            assert_eq!(ones.clone().sum_to(&shape), Tensor::full(&shape, each));
        }
    }

    #[test]
    fn permute_reorders_and_checks() {
        let t = Tensor::from_fn([2, 3, 4], |i| i as f32);
        let p = t.permute(&[2, 0, 1]).unwrap();
        assert_eq!(p.shape(), &Shape::from([4, 2, 3]));
        assert_eq!(p.view()[[3, 1, 2]], t.view()[[1, 2, 3]]);
        let error = t.permute(&[0, 0, 1]).unwrap_err().to_string();
        assert_eq!(
            error,
            "permute: axes is [0, 0, 1], expected a permutation of the axes of [2, 3, 4]"
        );
    }
}
