//! The one place where training is parallel: a step's samples are split into shards, each shard
//! runs on a tape of its own, and what they find is combined in a fixed order.

use crate::batch::Samples;
use crate::{Outcome, Result};
use autodiff::{Gradients, Key, Randomness, Tape};
use layers::{Layer, Loss, ModuleExt, Reduction, Target};
use rayon::prelude::*;
use std::ops::Range;
use tensor::Tensor;

/// Samples in a shard of a small network. Sixteen f32 fill one AVX-512 register, and sixteen
/// LeNet-5 images with all their activations about fit in an L2 cache.
pub(crate) const SHARD: usize = 16;

/// Weights of dense layers that a shard of [`SHARD`] samples is worth. Each shard has gradients of
/// its own, which must be written and added up; for a dense layer, which uses a weight once per
/// sample, that costs as much as the arithmetic on a dozen samples. A convolution uses its weights
/// at every pixel, so its gradients do not count.
const WEIGHTS: usize = 1 << 17;

/// How many of a batch's samples make a shard: all, where they depend on each other.
///
/// It is a function of the network, and not of the number of threads: the split decides the order
/// in which gradients are added, hence the last bits of the result.
fn shard_size(network: &dyn Layer, samples: usize) -> usize {
    // One shard in any case: no need to ask the network.
    if samples <= SHARD {
        return SHARD;
    }
    if network.couples_batch() {
        return samples.max(1);
    }
    let mut weights = 0;
    network.each_parameter(&mut |_, parameter| {
        if let [outputs, inputs] = parameter.shape()[..] {
            weights += outputs * inputs;
        }
    });
    SHARD << (weights / WEIGHTS).max(1).ilog2()
}

/// What one or more neighbouring shards found.
#[derive(Default)]
pub(crate) struct Found {
    /// The loss: a sum over shards of loss · weight / samples in the step.
    pub(crate) loss: f64,
    /// The sum of the shards' weights in the loss's mean.
    pub(crate) weight: f64,
    pub(crate) gradients: Gradients,
    /// New values of parameters that no gradient changes: running statistics.
    pub(crate) updates: Vec<(Key, Tensor)>,
    /// Predictions and targets, in the order of the samples.
    pub(crate) parts: Vec<Part>,
}

/// A shard's prediction.
pub(crate) struct Part {
    pub(crate) prediction: Tensor,
    pub(crate) target: Target,
    /// Its mean loss.
    pub(crate) loss: f64,
    pub(crate) weight: f64,
}

impl Part {
    /// What metrics see of it.
    pub(crate) fn outcome(&self) -> Outcome<'_> {
        let Part { prediction, target, loss, weight } = self;
        Outcome { prediction, target, loss: *loss, weight: *weight }
    }
}

/// A pass over a step's samples.
pub(crate) struct Pass<'a, S: ?Sized> {
    pub(crate) network: &'a dyn Layer,
    pub(crate) loss: &'a dyn Loss,
    pub(crate) samples: &'a S,
    /// In training, which computes gradients too: what dropout draws from.
    pub(crate) training: Option<Randomness>,
}

impl<S: Samples + ?Sized> Pass<'_, S> {
    /// Runs all shards, on the threads of the pool that it is called in.
    pub(crate) fn run(&self) -> Result<Found> {
        let samples = self.samples.len();
        let size = shard_size(self.network, samples);
        let shards = samples.div_ceil(size);
        let mut found = self.shards(0..shards, size).map_err(|error| {
            // A shard's message tells of a part of the batch. Let the whole batch give it, so
            // that shapes and positions are those that the user knows.
            let whole = if shards > 1 { self.shard(0..samples).err() } else { None };
            whole.unwrap_or(error)
        })?;
        // A loss that weights its samples divides by their weight, which is known only now.
        // Where no sample counts, loss and gradients are 0 already.
        let correction = if found.weight == 0.0 { 1.0 } else { samples as f64 / found.weight };
        if self.loss.reduced_by() == Reduction::Mean && correction != 1.0 {
            found.loss *= correction;
            found.gradients.scale(correction as f32);
        }
        Ok(found)
    }

    /// A binary tree over the shards: its shape, and so the order of additions, depends on their
    /// number alone.
    fn shards(&self, range: Range<usize>, size: usize) -> Result<Found> {
        if range.len() == 1 {
            let end = (range.end * size).min(self.samples.len());
            return self.shard(range.start * size..end);
        }
        let middle = range.start + range.len() / 2;
        let (left, right) = tensor::parallel::join(
            || self.shards(range.start..middle, size),
            || self.shards(middle..range.end, size),
        );
        let (mut left, right) = (left?, right?);
        left.loss += right.loss;
        left.weight += right.weight;
        left.gradients.accumulate(right.gradients);
        left.updates.extend(right.updates);
        left.parts.extend(right.parts);
        Ok(left)
    }

    /// One shard, on a tape of its own.
    fn shard(&self, range: Range<usize>) -> Result<Found> {
        let share = 1.0 / self.samples.len() as f64;
        let first_sample = range.start as u64;
        let (input, target) = self.samples.part(range)?;
        let weight = self.loss.weight_of(&target);
        let tape = match self.training {
            Some(step) => Tape::new().with_randomness(Randomness { first_sample, ..step }),
            None => Tape::inference(),
        };
        let output = self.network.forward(tape.constant(input))?;
        let prediction = output.value().clone();
        let loss = self.loss.forward(output, &target)?;

        let values = loss.value().as_slice();
        let sum: f64 = values.iter().map(|&loss| f64::from(loss)).sum();
        // The shard's mean loss, for metrics; and how much of the step's loss, and of its
        // gradient, the shard's loss is.
        let (mean, total, seed) = match self.loss.reduced_by() {
            Reduction::Mean => (sum, sum * weight * share, weight * share),
            Reduction::Sum => (if weight == 0.0 { 0.0 } else { sum / weight }, sum, 1.0),
            Reduction::None => {
                let total = sum / values.len() as f64 * target.samples() as f64;
                (if weight == 0.0 { 0.0 } else { total / weight }, total * share, 1.0)
            }
        };
        let seed = Tensor::full(loss.shape(), seed as f32);
        let gradients =
            if self.training.is_some() { loss.backward_from(seed)? } else { Gradients::default() };
        let parts = vec![Part { prediction, target, loss: mean, weight }];
        let updates = tape.take_updates();
        Ok(Found { loss: total, weight, gradients, updates, parts })
    }
}

/// The network's output for all samples, in evaluation mode.
pub(crate) fn predict(network: &dyn Layer, input: &Tensor) -> Result<Tensor> {
    let samples = input.shape().first().copied().unwrap_or(0);
    let size = shard_size(network, samples);
    let forward = |input: Tensor| -> Result<Tensor, tensor::Error> {
        let tape = Tape::inference();
        Ok(network.forward(tape.constant(input))?.into_value())
    };
    if samples <= size {
        return Ok(forward(input.clone())?);
    }
    let shards = 0..samples.div_ceil(size);
    let part = |shard| forward(input.rows(shard * size, samples.min((shard + 1) * size))?);
    let parts: Result<Vec<_>, _> = if tensor::parallel::is_serial() {
        shards.map(part).collect()
    } else {
        shards.into_par_iter().map(part).collect()
    };
    // As in training, the whole batch gives the better message.
    let parts = parts.map_err(|error| forward(input.clone()).err().unwrap_or(error))?;
    Ok(Tensor::concatenate(&parts)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use layers::{Conv2d, Dense, LeNet5};

    #[test]
    fn shards_grow_with_the_dense_weights_alone() {
        assert_eq!(shard_size(&LeNet5::new(), 32), 16);
        assert_eq!(shard_size(&Conv2d::new(512, 512, 3), 32), 16);
        assert_eq!(shard_size(&Dense::new(784, 512), 32), 32);
        assert_eq!(shard_size(&Dense::new(1024, 1024), 32), 128);
    }
}
