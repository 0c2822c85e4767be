//! The dense layer's arithmetic: y = x Wᵀ + b.

use crate::var::same_tape;
use crate::{Backward, Sink, Tally, Var};
use tensor::ops::linear as ops;
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

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let dy = dy.into_layout(self.x.layout());
        if sink.wants(1) || sink.wants(2) {
            let (dw, db) = ops::backward_parameters(&self.x, &self.weight, &dy, sink.wants(2));
            sink.give(1, dw);
            if let Some(db) = db {
                sink.give(2, db);
            }
        }
        if sink.wants(0) {
            sink.give(0, ops::backward_input(&self.weight, &dy));
        }
    }

    fn formula(&self, x: &[&str]) -> String {
        match x {
            [x, w, ""] => format!("{x} {w}ᵀ"),
            _ => format!("{} {}ᵀ + {}", x[0], x[1], x[2]),
        }
    }

    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(match i {
            0 => format!("∂{y}_j/∂{}_i = {}_ji", x[0], x[1]),
            1 => format!("∂{y}_j/∂{}_ji = {}_i", x[1], x[0]),
            _ => format!("∂{y}_j/∂{}_j = 1", x[2]),
        })
    }
}

impl<'t, T: Float> Var<'t, T> {
    /// y = x Wᵀ + b, eq. (3.3) and (3.4): x `[.., inputs]`, W `[outputs, inputs]`, b `[outputs]`,
    /// y `[.., outputs]`. Leading axes are a batch.
    ///
    /// # Errors
    /// [`Error::Shape`] where the features, the weight and the bias do not fit.
    pub fn linear(self, weight: &Var<'t, T>, bias: Option<&Var<'t, T>>) -> Result<Self> {
        let (tape, input, x) = self.into_stored_parts();
        same_tape("linear", tape, weight)?;
        let w = weight.value();
        let fail = |detail: String| {
            Error::shape("linear", detail).operand("input", x.shape()).operand("weight", w.shape())
        };
        let &[outputs, inputs] = &w.shape()[..] else {
            return Err(fail("weight needs two axes [outputs, inputs]".to_owned()));
        };
        let Some(&features) = x.shape().last() else {
            return Err(fail("input needs at least one axis [.., features]".to_owned()));
        };
        if features != inputs {
            return Err(fail(format!("input has {features} features, weight expects {inputs}")));
        }
        if outputs == 0 || inputs == 0 {
            return Err(fail("weight needs at least one input and one output".to_owned()));
        }
        if let Some(bias) = bias {
            same_tape("linear", tape, bias)?;
            if bias.shape()[..] != [outputs] {
                let detail = format!("bias has shape {}, expected [{outputs}]", bias.shape());
                return Err(fail(detail));
            }
        }
        let x = ops::arrange(x);
        let y = ops::forward(&x, w, bias.map(Var::value));
        tape.tally(|| Tally::weighted_sums(y.len(), inputs, bias.is_some()));
        let inputs = [input, weight.node(), bias.and_then(Var::node)];
        Ok(tape.operation(inputs, y, |_| Linear { x, weight: w.clone() }))
    }
}
