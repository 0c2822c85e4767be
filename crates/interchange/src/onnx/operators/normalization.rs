//! Normalisation of channels, features and probabilities.

use super::{Attributes, Inputs, Operator, Value, axis};
use crate::Result;
use layers::Var;

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
    if a.int("training_mode", 0) != 0 {
        return Err(a.unsupported("training_mode", "export the model for evaluation"));
    }
    // For training alone.
    a.float("momentum", 0.9);
    a.int("spatial", 1);
    Ok(Box::new(Batch { epsilon: a.float("epsilon", 1e-5) }))
}

pub(super) fn layer(a: &mut Attributes) -> Result<Box<dyn Operator>> {
    a.int("stash_type", 1);
    Ok(Box::new(Layer { epsilon: a.float("epsilon", 1e-5), axis: a.int("axis", -1) }))
}

pub(super) fn softmax(a: &mut Attributes, log: bool, opset: i64) -> Box<dyn Operator> {
    let joined = opset < 13;
    Box::new(Softmax { axis: a.int("axis", if joined { 1 } else { -1 }), log, joined })
}

impl Operator for Batch {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let x = inputs.var(0)?;
        // A number for each channel, where the channels are.
        let shape: Vec<_> = x
            .shape()
            .iter()
            .skip(1)
            .enumerate()
            .map(|(i, &n)| if i == 0 { n } else { 1 })
            .collect();
        let mut statistic = |i: usize| inputs.var(i)?.reshape(shape.as_slice());
        let (scale, bias, mean, variance) =
            (statistic(1)?, statistic(2)?, statistic(3)?, statistic(4)?);
        let factor = scale.div(&root(variance.affine(1.0, self.epsilon)))?;
        Ok(Value::Var(x.sub(&mean)?.mul(&factor)?.add(&bias)?))
    }
}

impl Operator for Layer {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let (x, scale, bias) = (inputs.var(0)?, inputs.var(1)?, inputs.optional(2)?);
        let shape = x.shape().clone();
        let first = axis(self.axis, shape.rank())?;
        // Samples by features.
        let features: usize = shape[first..].iter().product();
        let samples: usize = shape[..first].iter().product();
        let x = x.reshape([samples, features])?;
        let mean = x.clone().mean_axis(1)?.reshape([samples, 1])?;
        let centred = x.sub(&mean)?;
        let variance = centred.clone().square().mean_axis(1)?.reshape([samples, 1])?;
        let y =
            centred.div(&root(variance.affine(1.0, self.epsilon)))?.reshape(shape)?.mul(&scale)?;
        Ok(Value::Var(match bias {
            Some(bias) => y.add(&bias)?,
            None => y,
        }))
    }
}

/// √x for x > 0.
fn root(x: Var<'_>) -> Var<'_> {
    x.ln().scale(0.5).exp()
}

impl Operator for Softmax {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let x = inputs.var(0)?;
        let rank = x.shape().rank();
        let axis = axis(self.axis, rank)?;
        if self.joined && axis + 1 != rank {
            let expected = format!("the last of {rank} axes; or export for opset 13 or later");
            return Err(tensor::Error::argument("softmax", "axis", axis, expected));
        }
        Ok(Value::Var(if self.log { x.log_softmax(axis)? } else { x.softmax(axis)? }))
    }
}
