//! Matrix products.

use super::limits::check_growth;
use super::{Attributes, Inputs, Operator, Value};
use crate::Result;

/// y = alpha · a' b' + beta · c, where a prime stands for a transposition, if asked for.
#[derive(Debug)]
struct Gemm {
    alpha: f32,
    beta: f32,
    transpose_a: bool,
    transpose_b: bool,
}

#[derive(Debug)]
struct MatMul;

pub(super) fn gemm(a: &mut Attributes) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Gemm {
        alpha: a.float("alpha", 1.0)?,
        beta: a.float("beta", 1.0)?,
        transpose_a: a.int("transA", 0)? != 0,
        transpose_b: a.int("transB", 0)? != 0,
    }))
}

pub(super) fn mat_mul() -> Box<dyn Operator> {
    Box::new(MatMul)
}

impl Operator for Gemm {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let (mut x, weight, mut bias) = (inputs.var(0)?, inputs.var(1)?, inputs.optional(2)?);
        if x.shape().rank() != 2 || weight.shape().rank() != 2 {
            return Err(tensor::Error::shape("gemm", "both operands need two axes")
                .operand("a", x.shape())
                .operand("b", weight.shape()));
        }
        if self.transpose_a {
            x = x.permute(&[1, 0])?;
        }
        // A dense layer as every exporter writes it; it wants the weight as [out, in].
        let weight = if self.transpose_b { weight } else { weight.permute(&[1, 0])? };
        if let (&[rows, _], &[columns, _]) = (&x.shape()[..], &weight.shape()[..]) {
            check_growth("linear", [x.shape(), weight.shape()], &[rows, columns])?;
        }
        if self.beta != 1.0 {
            bias = bias.map(|bias| bias.scale(self.beta));
        }
        let row = bias.as_ref().is_some_and(|bias| bias.shape()[..] == weight.shape()[..1]);
        if self.alpha == 1.0 && (row || bias.is_none()) {
            return Ok(Value::Var(x.linear(&weight, bias.as_ref())?));
        }
        let y = x.linear(&weight, None)?.scale(self.alpha);
        Ok(Value::Var(match bias {
            Some(bias) => y.add(&bias)?,
            None => y,
        }))
    }
}

impl Operator for MatMul {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let (a, b) = (inputs.var(0)?, inputs.var(1)?);
        if let (&[rows, _], &[_, columns]) = (&a.shape()[..], &b.shape()[..]) {
            check_growth("matmul", [a.shape(), b.shape()], &[rows, columns])?;
        }
        Ok(Value::Var(a.matmul(&b)?))
    }
}
