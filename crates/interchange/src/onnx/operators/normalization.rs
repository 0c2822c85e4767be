//! Normalisation of channels, features and probabilities.

use super::{Attributes, Inputs, Operator, Value, axis};
use crate::Result;
use layers::Var;
use tensor::Tensor;

/// y = scale · (x - mean) / √(variance + epsilon) + bias, channel by channel, with the statistics in
/// the file.
#[derive(Debug)]
struct Batch {
    epsilon: f32,
}

/// The same with the statistics of each sample's last axes.
#[derive(Debug)]
struct Layer {
    epsilon: f32,
    axis: i64,
}

#[derive(Debug)]
struct Softmax {
    axis: i64,
    log: bool,
    /// Before version 13 all axes from this one on were one.
    joined: bool,
}

pub(super) fn batch(a: &mut Attributes) -> Result<Box<dyn Operator>> {
    if a.int("training_mode", 0)? != 0 {
        return Err(a.unsupported(
            "training_mode 1",
            "export the model for evaluation (in PyTorch, model.eval())",
        ));
    }
    // For training alone.
    a.float("momentum", 0.9)?;
    a.int("spatial", 1)?;
    Ok(Box::new(Batch { epsilon: a.float("epsilon", 1e-5)? }))
}

pub(super) fn layer(a: &mut Attributes) -> Result<Box<dyn Operator>> {
    a.int("stash_type", 1)?;
    Ok(Box::new(Layer { epsilon: a.float("epsilon", 1e-5)?, axis: a.int("axis", -1)? }))
}

pub(super) fn softmax(a: &mut Attributes, log: bool, opset: i64) -> Result<Box<dyn Operator>> {
    let joined = opset < 13;
    let axis = a.int("axis", if joined { 1 } else { -1 })?;
    Ok(Box::new(Softmax { axis, log, joined }))
}

impl Operator for Batch {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let (x, scale, bias) = (inputs.var(0)?, inputs.var(1)?, inputs.var(2)?);
        let (mean, variance) = (inputs.var(3)?, inputs.var(4)?);
        let statistics = [&mean, &variance];
        Ok(Value::Var(x.batch_norm_with(&scale, &bias, statistics, self.epsilon.into())?))
    }
}

impl Operator for Layer {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let (x, scale, bias) = (inputs.var(0)?, inputs.var(1)?, inputs.optional(2)?);
        let first = axis(self.axis, x.shape().rank())?;
        // Scale and bias may have other axes, as long as they are broadcast to these.
        let row = tensor::Shape::from(&x.shape()[first..]);
        let full = |value: Var<'t>| match value.shape() == &row {
            true => Ok(value),
            false => x.tape().constant(Tensor::full(&row, 1.0)).mul(&value),
        };
        let scale = full(scale)?;
        let bias = match bias {
            Some(bias) => full(bias)?,
            None => x.tape().constant(Tensor::zeros(&row)),
        };
        Ok(Value::Var(x.layer_norm(&scale, &bias, self.epsilon.into())?))
    }
}

impl Operator for Softmax {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let x = inputs.var(0)?;
        let rank = x.shape().rank();
        let axis = axis(self.axis, rank)?;
        if self.joined && axis + 1 != rank {
            let expected = format!("the last of {rank} axes, which is {}", rank - 1);
            return Err(tensor::Error::argument("softmax", "axis", axis, expected).hint(
                "before version 13 softmax joins all axes from its own on: export for that one or \
                 a later one",
            ));
        }
        Ok(Value::Var(if self.log { x.log_softmax(axis)? } else { x.softmax(axis)? }))
    }
}
