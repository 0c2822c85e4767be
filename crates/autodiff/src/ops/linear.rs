//! The dense layer's arithmetic: y = x Wᵀ + b.

use crate::var::same_tape;
use crate::{Backward, Sink, Var};
use tensor::kernels::elementwise;
use tensor::kernels::gemm::{Mat, gemm};
use tensor::{Error, Float, Result, Tensor};

/// y = x Wᵀ + b: dx = dy W, dW = dyᵀ x, db = Σ_n dy_n.
#[derive(Debug)]
struct Linear<T: Float> {
    x: Tensor<T>,
    weight: Tensor<T>,
}

impl<T: Float> Backward<T> for Linear<T> {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let [outputs, inputs] = [self.weight.shape()[0], self.weight.shape()[1]];
        let rows = dy.len() / outputs;
        let dy_matrix = Mat::new(dy.as_slice(), rows, outputs);
        if sink.wants(1) {
            let mut dw = Tensor::stale([outputs, inputs]);
            let x = Mat::new(self.x.as_slice(), rows, inputs);
            gemm(dy_matrix.t(), x, T::ZERO, dw.as_mut_slice());
            sink.give(1, dw);
        }
        if sink.wants(2) {
            let mut db = Tensor::stale([outputs]);
            elementwise::sum_rows(dy.as_slice(), db.as_mut_slice());
            sink.give(2, db);
        }
        if sink.wants(0) {
            let mut dx = Tensor::stale(self.x.shape());
            let weight = Mat::new(self.weight.as_slice(), outputs, inputs);
            gemm(dy_matrix, weight, T::ZERO, dx.as_mut_slice());
            sink.give(0, dx);
        }
    }
}

impl<'t, T: Float> Var<'t, T> {
    /// y = x Wᵀ + b, eq. (3.3) and (3.4): x `[.., inputs]`, W `[outputs, inputs]`, b `[outputs]`,
    /// y `[.., outputs]`. Leading axes are a batch.
    ///
    /// # Errors
    /// [`Error::Shape`] where the features, the weight and the bias do not fit.
    pub fn linear(self, weight: &Var<'t, T>, bias: Option<&Var<'t, T>>) -> Result<Self> {
        let (tape, input, x) = self.into_parts();
        same_tape("linear", tape, weight)?;
        let w = weight.value();
        let fail = |detail: String| {
            Error::shape("linear", detail).operand("input", x.shape()).operand("weight", w.shape())
        };
        let &[outputs, inputs] = &w.shape()[..] else {
            return Err(fail("weight needs two axes [outputs, inputs]".to_owned()));
        };
        let Some((&features, batch)) = x.shape().split_last() else {
            return Err(fail("input needs at least one axis [.., features]".to_owned()));
        };
        if features != inputs {
            return Err(fail(format!("input has {features} features, weight expects {inputs}")));
        }
        if outputs == 0 || inputs == 0 {
            return Err(fail("weight needs at least one input and one output".to_owned()));
        }
        let mut y = Tensor::stale([batch, &[outputs]].concat());
        let rows = y.len() / outputs;
        let x_matrix = Mat::new(x.as_slice(), rows, inputs);
        gemm(x_matrix, Mat::new(w.as_slice(), outputs, inputs).t(), T::ZERO, y.as_mut_slice());
        if let Some(bias) = bias {
            same_tape("linear", tape, bias)?;
            if bias.shape()[..] != [outputs] {
                let detail = format!("bias has shape {}, expected [{outputs}]", bias.shape());
                return Err(fail(detail));
            }
            elementwise::add_to_rows(y.as_mut_slice(), bias.value().as_slice());
        }
        let inputs = [input, weight.node(), bias.and_then(Var::node)];
        Ok(tape.operation(inputs, y, |_| Linear { x, weight: w.clone() }))
    }
}
