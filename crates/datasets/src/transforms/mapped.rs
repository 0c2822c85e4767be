//! A dataset whose samples are transformed when they are drawn.

use super::{Format, Sample, Stream, Transform};
use crate::{Dataset, Draw, Error, Result, TargetKind, TargetMut};
use tensor::Tensor;

/// A dataset behind a [`Transform`], made by [`Dataset::map`].
///
/// Sample `i` of epoch `e` draws its random numbers from the stream `(seed, "transform", e, i)`.
#[derive(Clone, Debug)]
pub struct Mapped<D, T> {
    dataset: D,
    transform: T,
    from: Format,
    to: Format,
}

impl<D: Dataset, T: Transform> Mapped<D, T> {
    pub(crate) fn new(dataset: D, transform: T) -> Result<Self> {
        let shape = dataset.input_shape().to_vec();
        let from = Format { shape, background: dataset.background() };
        let to = transform.format(from.clone())?;
        Ok(Mapped { dataset, transform, from, to })
    }

    /// The dataset behind it, with samples as they were.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }
}

impl<D: Dataset, T: Transform> Dataset for Mapped<D, T> {
    fn len(&self) -> usize {
        self.dataset.len()
    }

    fn input_shape(&self) -> &[usize] {
        &self.to.shape
    }

    fn target(&self) -> TargetKind<'_> {
        self.dataset.target()
    }

    fn background(&self) -> Vec<f32> {
        self.to.background.clone()
    }

    fn fetch(
        &self,
        draw: Draw,
        indices: &[usize],
        input: &mut [f32],
        target: TargetMut<'_>,
    ) -> Result<()> {
        self.check(indices, input, &target)?;
        let (from, to) = (self.from.elements(), self.to.elements());
        // Samples that keep their size are fetched to where they will be.
        let mut originals = Tensor::stale([if from == to { 0 } else { indices.len() * from }]);
        let fetched = if from == to { &mut *input } else { originals.as_mut_slice() };
        self.dataset.fetch(draw.inner(), indices, fetched, target)?;

        let mut sample = Sample::new(&self.from);
        for (position, &index) in indices.iter().enumerate() {
            let original = if from == to { &*input } else { originals.as_slice() };
            sample.load(&original[position * from..][..from], &self.from);
            let mut random = Stream::new(draw.seed, "transform", draw.epoch, index as u64);
            self.transform.apply(&mut sample, &mut random);
            if sample.shape() != self.to.shape {
                return Err(Error::Shape {
                    name: "the transform's result",
                    found: sample.shape().to_vec(),
                    expected: format!("{:?}, as its `format` says", self.to.shape),
                });
            }
            input[position * to..][..to].copy_from_slice(sample.values());
        }
        Ok(())
    }
}
