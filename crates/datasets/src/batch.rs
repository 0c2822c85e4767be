//! Batches of samples, in an order drawn for each epoch.

use crate::{Dataset, Error, Result};
use tensor::random::Stream;

/// A dataset grouped into batches, made by [`Dataset::batch`].
///
/// Each epoch visits every sample once, in an order drawn uniformly without replacement
/// (Algorithm 3.1's draw, carried through the whole set), as MindSpore's `MnistDataset` does
/// unless told `shuffle=False`. The order is a function of seed and epoch alone. The last,
/// incomplete batch is kept, as with MindSpore's `drop_remainder=False`.
///
/// ```
/// use datasets::{ArrayDataset, Dataset};
/// use ndarray::Array2;
///
/// let data = ArrayDataset::with_classes(Array2::zeros((10, 3)), vec![0; 10], 2)?;
/// let batches = data.batch(4)?;
/// assert_eq!(batches.len(), 3);
/// let epoch = batches.epoch(1, 0);
/// let sizes: Vec<usize> = epoch.iter().map(<[usize]>::len).collect();
/// assert_eq!(sizes, [4, 4, 2]);
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batches<D> {
    dataset: D,
    size: usize,
    shuffle: bool,
    drop_remainder: bool,
}

impl<D: Dataset> Batches<D> {
    pub(crate) fn new(dataset: D, size: usize) -> Result<Self> {
        if size == 0 {
            return Err(Error::argument("batch", "size", 0, "at least 1 sample per batch"));
        }
        if dataset.is_empty() {
            return Err(Error::Empty { operation: "batch" });
        }
        Ok(Batches { dataset, size, shuffle: true, drop_remainder: false })
    }

    /// Whether each epoch visits the samples in a new random order (the default) or as they are
    /// stored.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Whether a last batch with fewer samples is left out; kept by default.
    ///
    /// With fewer samples than one batch nothing is left: [`len`](Batches::len) is then 0.
    #[must_use]
    pub fn drop_remainder(mut self, drop_remainder: bool) -> Self {
        self.drop_remainder = drop_remainder;
        self
    }

    /// The number of batches in an epoch.
    #[allow(clippy::len_without_is_empty)] // Empty datasets are refused; `is_empty` would mislead.
    pub fn len(&self) -> usize {
        let samples = self.dataset.len();
        if self.drop_remainder { samples / self.size } else { samples.div_ceil(self.size) }
    }

    /// The number of samples in a full batch.
    pub fn batch_size(&self) -> usize {
        self.size
    }

    /// The samples.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// The samples' indices in the order in which `epoch` visits them, drawn from the stream
    /// `(seed, "shuffle", epoch, 0)`.
    pub fn order(&self, seed: u64, epoch: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.dataset.len()).collect();
        if self.shuffle {
            Stream::new(seed, "shuffle", epoch, 0).shuffle(&mut order);
        }
        order
    }

    /// The batches of one epoch.
    pub fn epoch(&self, seed: u64, epoch: u64) -> Epoch {
        let mut order = self.order(seed, epoch);
        if self.drop_remainder {
            order.truncate(self.len() * self.size);
        }
        Epoch { order, size: self.size }
    }
}

/// The batches of one epoch, each a slice of sample indices; see [`Batches::epoch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    order: Vec<usize>,
    size: usize,
}

impl Epoch {
    /// The number of batches.
    pub fn len(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// Whether there is no batch.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The indices of batch `step`, counted from 0; `None` past the last one.
    pub fn get(&self, step: usize) -> Option<&[usize]> {
        let start = step.checked_mul(self.size)?;
        let end = start.saturating_add(self.size).min(self.order.len());
        self.order.get(start..end).filter(|batch| !batch.is_empty())
    }

    /// The batches in order. `.iter().skip(n)` continues an epoch after `n` steps.
    pub fn iter(&self) -> std::slice::Chunks<'_, usize> {
        self.order.chunks(self.size)
    }
}

impl<'a> IntoIterator for &'a Epoch {
    type Item = &'a [usize];
    type IntoIter = std::slice::Chunks<'a, usize>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ArrayDataset;
    use ndarray::Array2;

    fn samples(count: usize) -> ArrayDataset {
        ArrayDataset::with_classes(Array2::zeros((count, 1)), vec![0; count], 1).unwrap()
    }

    #[test]
    fn every_sample_comes_once() {
        for count in 1..40 {
            for size in 1..=count + 1 {
                let batches = samples(count).batch(size).unwrap();
                let epoch = batches.epoch(5, 3);
                assert_eq!(epoch.len(), batches.len());
                assert!(epoch.iter().rev().skip(1).all(|batch| batch.len() == size));
                let mut seen: Vec<usize> = epoch.iter().flatten().copied().collect();
                seen.sort_unstable();
                assert_eq!(seen, (0..count).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn the_remainder_is_kept_or_dropped() {
        let batches = samples(10).batch(4).unwrap();
        let sizes = |batches: &Batches<ArrayDataset>| {
            batches.epoch(1, 0).iter().map(<[usize]>::len).collect::<Vec<_>>()
        };
        assert_eq!((batches.len(), sizes(&batches)), (3, vec![4, 4, 2]));
        let batches = batches.drop_remainder(true);
        assert_eq!((batches.len(), sizes(&batches)), (2, vec![4, 4]));
        let batches = samples(3).batch(4).unwrap().drop_remainder(true);
        assert_eq!((batches.len(), sizes(&batches)), (0, vec![]));
        assert!(batches.epoch(1, 0).is_empty());
    }

    #[test]
    fn batches_by_step_are_those_of_the_iterator() {
        let epoch = samples(10).batch(4).unwrap().epoch(2, 2);
        let by_step: Vec<_> = (0..epoch.len()).map(|step| epoch.get(step).unwrap()).collect();
        assert_eq!(by_step, epoch.iter().collect::<Vec<_>>());
        assert_eq!(epoch.get(3), None);
        assert_eq!(epoch.get(usize::MAX), None);
    }

    #[test]
    fn order_depends_on_seed_and_epoch_alone() {
        let batches = samples(100).batch(7).unwrap();
        let other_size = samples(100).batch(32).unwrap();
        assert_eq!(batches.order(1, 2), other_size.order(1, 2));
        assert_ne!(batches.order(1, 2), batches.order(1, 3));
        assert_ne!(batches.order(1, 2), batches.order(2, 2));
        assert_eq!(batches.shuffle(false).order(1, 2), (0..100).collect::<Vec<_>>());
    }

    /// Each of 20 samples stands at each of the 20 places equally often: chi-squared with
    /// 19 · 19 = 361 degrees of freedom, whose 99.99 % point is 467.
    #[test]
    fn order_is_uniform() {
        const N: usize = 20;
        let batches = samples(N).batch(N).unwrap();
        let epochs = 20_000;
        let mut seen = [[0_u32; N]; N];
        for epoch in 0..epochs {
            for (place, index) in batches.order(11, epoch).into_iter().enumerate() {
                seen[place][index] += 1;
            }
        }
        let expected = epochs as f64 / N as f64;
        let chi: f64 =
            seen.iter().flatten().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
        assert!((270.0..467.0).contains(&chi), "chi-squared {chi}");
    }

    #[test]
    fn a_size_of_0_and_an_empty_dataset_are_refused() {
        let error = samples(3).batch(0).unwrap_err();
        assert_eq!(error.to_string(), "batch: size is 0, expected at least 1 sample per batch");
        let error = samples(0).batch(4).unwrap_err();
        assert_eq!(
            error.to_string(),
            "batch: the dataset is empty, expected at least one sample: check the data or the filter that made it"
        );
    }

    #[test]
    fn borrowed_and_boxed_datasets_are_batched_too() {
        let data = samples(4);
        assert_eq!((&data).batch(2).unwrap().len(), 2);
        let boxed: Box<dyn Dataset> = Box::new(data);
        assert_eq!(boxed.batch(3).unwrap().len(), 2);
    }
}
