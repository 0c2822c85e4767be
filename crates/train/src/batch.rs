//! [`Batch`], and where a step takes its samples from.

use crate::{Error, Result};
use datasets::{Dataset, Draw, TargetKind, TargetMut};
use layers::Target;
use std::ops::Range;
use tensor::Tensor;

/// Inputs `[N, ..]` and their targets, in memory.
#[derive(Clone, Debug)]
pub struct Batch {
    input: Tensor,
    target: Target,
}

impl Batch {
    /// Inputs and targets of the same number of samples.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no sample or the numbers differ.
    pub fn new(input: Tensor, target: Target) -> Result<Self> {
        let samples = input.shape().first().copied().unwrap_or(0);
        let argument = |argument, found, expected| {
            Err(Error::Argument { operation: "Batch", argument, found, expected })
        };
        if samples == 0 {
            let found = format!("of shape {}", input.shape());
            return argument("input", found, "[samples, ..] with at least one sample".to_owned());
        }
        if target.samples() != samples {
            let found = format!("for {} samples", target.samples());
            return argument("target", found, format!("one for each of the {samples} inputs"));
        }
        Ok(Batch { input, target })
    }
}

/// The samples of one step, which each worker assembles for its own shards.
pub(crate) trait Samples: Sync {
    /// How many there are; at least one.
    fn len(&self) -> usize;

    /// The inputs and targets of a part.
    fn part(&self, range: Range<usize>) -> Result<(Tensor, Target)>;
}

impl Samples for Batch {
    fn len(&self) -> usize {
        self.target.samples()
    }

    fn part(&self, range: Range<usize>) -> Result<(Tensor, Target)> {
        let input = self.input.rows(range.start, range.end)?;
        Ok((input, self.target.rows(range.start, range.end)?))
    }
}

/// Some samples of a dataset, drawn when asked for.
pub(crate) struct Drawn<'a, D: ?Sized> {
    pub(crate) dataset: &'a D,
    pub(crate) draw: Draw,
    pub(crate) indices: &'a [usize],
}

impl<D: Dataset + ?Sized> Samples for Drawn<'_, D> {
    fn len(&self) -> usize {
        self.indices.len()
    }

    fn part(&self, range: Range<usize>) -> Result<(Tensor, Target)> {
        let indices = &self.indices[range];
        let batched = |shape: &[usize]| [&[indices.len()], shape].concat();
        let mut input = Tensor::stale(batched(self.dataset.input_shape()));
        let target = match self.dataset.target() {
            TargetKind::Class { .. } => {
                let mut labels = Tensor::stale([indices.len()]);
                let target = TargetMut::Class(labels.as_mut_slice());
                self.dataset.fetch(self.draw, indices, input.as_mut_slice(), target)?;
                Target::Class(labels)
            }
            TargetKind::Values { shape } => {
                let mut values = Tensor::stale(batched(shape));
                let target = TargetMut::Values(values.as_mut_slice());
                self.dataset.fetch(self.draw, indices, input.as_mut_slice(), target)?;
                Target::Values(values)
            }
        };
        Ok((input, target))
    }
}
