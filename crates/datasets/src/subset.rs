//! Some of a dataset's samples.

use crate::{Dataset, Draw, Error, Result, TargetKind, TargetMut};

/// Samples chosen from a dataset, made by [`Dataset::select`], [`Dataset::take`] and
/// [`Dataset::split`].
///
/// Sample `i` is sample [`indices()[i]`](Subset::indices) of the dataset in every respect: what it
/// draws at random goes by that number too.
#[derive(Clone, Debug)]
pub struct Subset<D> {
    dataset: D,
    indices: Vec<usize>,
}

impl<D: Dataset> Subset<D> {
    pub(crate) fn new(dataset: D, indices: Vec<usize>) -> Result<Self> {
        let len = dataset.len();
        match indices.iter().find(|&&index| index >= len) {
            Some(&index) => Err(Error::Index { index, len }),
            None => Ok(Subset { dataset, indices }),
        }
    }

    /// The dataset that the samples are from.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// The number in the dataset of each sample.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    fn len(&self) -> usize {
        self.indices.len()
    }

    fn input_shape(&self) -> &[usize] {
        self.dataset.input_shape()
    }

    fn target(&self) -> TargetKind<'_> {
        self.dataset.target()
    }

    fn background(&self) -> Vec<f32> {
        self.dataset.background()
    }

    fn fetch(
        &self,
        draw: Draw,
        indices: &[usize],
        input: &mut [f32],
        target: TargetMut<'_>,
    ) -> Result<()> {
        self.check(indices, input, &target)?;
        let indices: Vec<usize> = indices.iter().map(|&index| self.indices[index]).collect();
        self.dataset.fetch(draw, &indices, input, target)
    }
}
