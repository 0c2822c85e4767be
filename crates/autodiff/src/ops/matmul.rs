//! The matrix product.

use crate::var::same_tape;
use crate::{Backward, Sink, Tally, Var};
use tensor::kernels::gemm::{Mat, Start};
use tensor::ops::matmul::product;
use tensor::{Error, Float, Result, Tensor};

/// y = a b: da = dy bᵀ, db = aᵀ dy.
#[derive(Debug)]
struct Matmul<T: Float> {
    a: Tensor<T>,
    b: Tensor<T>,
}

impl<T: Float> Backward<T> for Matmul<T> {
    fn name(&self) -> &'static str {
        "matmul"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let (a, b, dy) = (matrix(&self.a), matrix(&self.b), matrix(&dy));
        if sink.wants(0) {
            let mut da = Tensor::stale(self.a.shape());
            product(dy, b.t(), Start::Scaled(T::ZERO), da.as_mut_slice());
            sink.give(0, da);
        }
        if sink.wants(1) {
            let mut db = Tensor::stale(self.b.shape());
            product(a.t(), dy, Start::Scaled(T::ZERO), db.as_mut_slice());
            sink.give(1, db);
        }
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{} {}", x[0], x[1])
    }

    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        let [a, b] = x else { return None };
        Some(match i {
            0 => format!("∂{y}_mn/∂{a}_mk = {b}_kn"),
            _ => format!("∂{y}_mn/∂{b}_kn = {a}_mk"),
        })
    }
}

/// A rank-2 tensor as a matrix.
fn matrix<T: Float>(tensor: &Tensor<T>) -> Mat<'_, T> {
    Mat::new(tensor.as_slice(), tensor.shape()[0], tensor.shape()[1])
}

impl<'t, T: Float> Var<'t, T> {
    /// The matrix product: `[m, k]` times `[k, n]` is `[m, n]`.
    ///
    /// # Errors
    /// [`Error::Shape`] where an operand is not a matrix or the inner sizes differ.
    pub fn matmul(self, other: &Var<'t, T>) -> Result<Self> {
        let (tape, input, a) = self.into_parts();
        same_tape("matmul", tape, other)?;
        let b = other.value();
        let fail = |detail: &str| {
            Error::shape("matmul", detail).operand("left", a.shape()).operand("right", b.shape())
        };
        let (&[m, k], &[rows, n]) = (&a.shape()[..], &b.shape()[..]) else {
            return Err(fail("both operands need two axes")
                .hint("a vector is a matrix of one row or one column: reshape it"));
        };
        if k != rows {
            return Err(fail(&format!("left has {k} columns, right has {rows} rows")));
        }
        let mut y = Tensor::stale([m, n]);
        product(matrix(&a), matrix(b), Start::Scaled(T::ZERO), y.as_mut_slice());
        tape.tally(|| Tally::weighted_sums(y.len(), k, false));
        Ok(tape.operation([input, other.node()], y, |_| Matmul { a, b: b.clone() }))
    }
}
