//! What a source of training samples is.

use crate::split::{Parts, Share, split};
use crate::transforms::{Mapped, Transform};
use crate::{Batches, Concat, Error, Result, Subset};
use std::fmt;
use std::sync::Arc;
use tensor::random::Stream;

/// A finite collection of samples, each an input and a target, that can be fetched by index.
///
/// A training step calls [`fetch`](Dataset::fetch) inside each of its workers for that worker's
/// share of the batch. So it should be cheap, should allocate nothing, and must give the same
/// values whichever thread asks and in whatever order. Implementing it takes four methods:
///
/// ```
/// use datasets::{Dataset, Draw, Result, TargetKind, TargetMut};
///
/// /// y = x² at 100 points of [0, 1).
/// struct Parabola;
///
/// impl Dataset for Parabola {
///     fn len(&self) -> usize {
///         100
///     }
///     fn input_shape(&self) -> &[usize] {
///         &[1]
///     }
///     fn target(&self) -> TargetKind<'_> {
///         TargetKind::Values { shape: &[1] }
///     }
///     fn fetch(&self, _: Draw, indices: &[usize], input: &mut [f32], target: TargetMut<'_>) -> Result<()> {
///         self.check(indices, input, &target)?;
///         let target = target.values()?;
///         for ((&i, x), y) in indices.iter().zip(input).zip(target) {
///             *x = i as f32 / 100.0;
///             *y = *x * *x;
///         }
///         Ok(())
///     }
/// }
///
/// let (mut x, mut y) = ([0.0; 2], [0.0; 2]);
/// Parabola.fetch(Draw::default(), &[50, 20], &mut x, TargetMut::Values(&mut y))?;
/// assert_eq!((x, y), ([0.5, 0.2], [0.25, 0.2 * 0.2]));
/// # Ok::<(), datasets::Error>(())
/// ```
pub trait Dataset: Send + Sync {
    /// The number of samples.
    fn len(&self) -> usize;

    /// Whether there is no sample.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape of one input without the batch axis, e.g. `[1, 32, 32]`.
    fn input_shape(&self) -> &[usize];

    /// What a target is.
    fn target(&self) -> TargetKind<'_>;

    /// The input value that stands for nothing, such as the black round a digit: one number (0,
    /// unless implemented), or one for each entry of the first axis. Transforms that move an image
    /// fill up with it.
    fn background(&self) -> Vec<f32> {
        vec![0.0]
    }

    /// Writes the samples `indices` one after another, row-major, into `input`
    /// (`[indices.len(), ..input_shape]`) and `target` (one label, or one array, per sample).
    ///
    /// Every element of both buffers is overwritten; what they held before does not matter.
    /// Transforms that draw random numbers name their stream by `draw` and the sample's index.
    ///
    /// # Errors
    /// An index that does not exist, a buffer of the wrong length or for the wrong kind of target
    /// (see [`check`](Dataset::check)), or whatever the source itself meets.
    fn fetch(
        &self,
        draw: Draw,
        indices: &[usize],
        input: &mut [f32],
        target: TargetMut<'_>,
    ) -> Result<()>;

    /// Checks the arguments of [`fetch`](Dataset::fetch): for implementors to call first.
    ///
    /// # Errors
    /// [`Error::Index`], [`Error::Buffer`] or [`Error::Target`].
    fn check(&self, indices: &[usize], input: &[f32], target: &TargetMut<'_>) -> Result<()> {
        let len = self.len();
        if let Some(&index) = indices.iter().find(|&&index| index >= len) {
            return Err(Error::Index { index, len });
        }
        let samples = indices.len();
        let buffer = |buffer, expected, found| {
            if expected == found {
                Ok(())
            } else {
                Err(Error::Buffer { buffer, expected, found, samples })
            }
        };
        buffer("input", samples * self.input_shape().iter().product::<usize>(), input.len())?;
        match (self.target(), target) {
            (TargetKind::Class { .. }, TargetMut::Class(labels)) => {
                buffer("target", samples, labels.len())
            }
            (TargetKind::Values { shape }, TargetMut::Values(values)) => {
                buffer("target", samples * shape.iter().product::<usize>(), values.len())
            }
            (kind, target) => Err(Error::Target { expected: kind.name(), found: target.name() }),
        }
    }

    /// Groups the samples into batches of `size` for training: shuffled anew every epoch, and
    /// with the last, incomplete batch kept, unless [`Batches`] is told otherwise.
    ///
    /// # Errors
    /// [`Error::Argument`] if `size` is 0; [`Error::Empty`] if there is no sample.
    fn batch(self, size: usize) -> Result<Batches<Self>>
    where
        Self: Sized,
    {
        Batches::new(self, size)
    }

    /// Applies a transform to each sample when it is drawn.
    ///
    /// See [`transforms`](crate::transforms) for those that there are.
    ///
    /// # Errors
    /// What the transform's settings, or their not fitting the samples, meet.
    fn map<T: Transform>(self, transform: T) -> Result<Mapped<Self, T>>
    where
        Self: Sized,
    {
        Mapped::new(self, transform)
    }

    /// The samples `indices`, in that order. An index may come several times, or not at all.
    ///
    /// # Errors
    /// [`Error::Index`] for a sample that does not exist.
    fn select(self, indices: Vec<usize>) -> Result<Subset<Self>>
    where
        Self: Sized,
    {
        Subset::new(self, indices)
    }

    /// The first `samples` samples, or all where there are fewer, as with MindSpore's `take`.
    fn take(self, samples: usize) -> Subset<Self>
    where
        Self: Sized,
    {
        let samples = samples.min(self.len());
        Subset::new(self, (0..samples).collect()).expect("indices below the number of samples")
    }

    /// These samples, and after them those of `other`.
    ///
    /// # Errors
    /// [`Error::Shape`] where the inputs differ in shape, [`Error::Argument`] where the targets
    /// differ in kind, shape or number of classes.
    fn concat<B: Dataset>(self, other: B) -> Result<Concat<Self, B>>
    where
        Self: Sized,
    {
        Concat::new(self, other)
    }

    /// Two parts without a common sample, drawn at random: the first has `share` of the samples (a
    /// number, or a fraction such as `0.8`), the second has the rest.
    ///
    /// Each class is divided in the same proportion (stratified; to one sample), so a small part
    /// has all classes too. The parts depend on `seed` alone and keep the order of the dataset.
    ///
    /// ```
    /// use datasets::{Dataset, synthetic::TwoMoons};
    ///
    /// let (train, test) = TwoMoons::new(100).generate(1)?.split(0.8, 1)?;
    /// assert_eq!((train.len(), test.len()), (80, 20));
    /// let (few, _) = train.split(10, 1)?;
    /// assert_eq!(few.len(), 10);
    /// # Ok::<(), datasets::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for more samples than there are or a fraction outside 0..=1; the
    /// dataset's own errors, as its labels are read.
    fn split(self, share: impl Into<Share>, seed: u64) -> Result<Parts<Self>>
    where
        Self: Sized,
    {
        split(self, share.into(), seed)
    }
}

/// What the target of a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind<'a> {
    /// A label in `0..classes`.
    Class {
        /// The number of classes.
        classes: usize,
    },
    /// An array of numbers.
    Values {
        /// Its shape, without the batch axis.
        shape: &'a [usize],
    },
}

impl TargetKind<'_> {
    fn name(self) -> &'static str {
        match self {
            TargetKind::Class { .. } => "class labels",
            TargetKind::Values { .. } => "values",
        }
    }
}

/// `10 classes` or `values of shape [3]`.
impl fmt::Display for TargetKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TargetKind::Class { classes: 1 } => f.write_str("1 class"),
            TargetKind::Class { classes } => write!(f, "{classes} classes"),
            TargetKind::Values { shape } => write!(f, "values of shape {shape:?}"),
        }
    }
}

/// Where [`Dataset::fetch`] writes targets.
#[derive(Debug)]
pub enum TargetMut<'a> {
    /// One label per sample.
    Class(&'a mut [u32]),
    /// The arrays of the samples one after another, row-major.
    Values(&'a mut [f32]),
}

impl<'a> TargetMut<'a> {
    /// The buffer for labels.
    ///
    /// # Errors
    /// [`Error::Target`] if the buffer is for values.
    pub fn class(self) -> Result<&'a mut [u32]> {
        match self {
            TargetMut::Class(labels) => Ok(labels),
            TargetMut::Values(_) => {
                Err(Error::Target { expected: "class labels", found: "values" })
            }
        }
    }

    /// The buffer for values.
    ///
    /// # Errors
    /// [`Error::Target`] if the buffer is for labels.
    pub fn values(self) -> Result<&'a mut [f32]> {
        match self {
            TargetMut::Values(values) => Ok(values),
            TargetMut::Class(_) => Err(Error::Target { expected: "values", found: "class labels" }),
        }
    }

    /// The targets of `count` samples from number `start` on, where the buffer holds `samples`.
    pub(crate) fn part(&mut self, start: usize, count: usize, samples: usize) -> TargetMut<'_> {
        match self {
            TargetMut::Class(labels) => TargetMut::Class(&mut labels[start..][..count]),
            TargetMut::Values(values) => {
                let size = values.len().checked_div(samples).unwrap_or(0);
                TargetMut::Values(&mut values[start * size..][..count * size])
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            TargetMut::Class(_) => "class labels",
            TargetMut::Values(_) => "values",
        }
    }
}

/// Names the random streams of transforms that are applied when a sample is drawn.
///
/// A stream is a function of `(seed, epoch, sample index)`: see [`tensor::random::Stream`]. Plain
/// datasets ignore it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// The seed of the whole run.
    pub seed: u64,
    /// The epoch, counted from 0.
    pub epoch: u64,
}

impl Draw {
    /// What a dataset that transforms another passes on to it: streams of the same name then differ
    /// between the two.
    #[must_use]
    pub fn inner(self) -> Self {
        Draw { seed: Stream::new(self.seed, "inner", 0, 0).next_u64(), ..self }
    }
}

macro_rules! forward {
    ($([$($parameter:tt)*] $wrapper:ty),*) => {$(
        impl<$($parameter)*> Dataset for $wrapper {
            fn len(&self) -> usize {
                (**self).len()
            }
            fn is_empty(&self) -> bool {
                (**self).is_empty()
            }
            fn input_shape(&self) -> &[usize] {
                (**self).input_shape()
            }
            fn target(&self) -> TargetKind<'_> {
                (**self).target()
            }
            fn background(&self) -> Vec<f32> {
                (**self).background()
            }
            fn fetch(
                &self,
                draw: Draw,
                indices: &[usize],
                input: &mut [f32],
                target: TargetMut<'_>,
            ) -> Result<()> {
                (**self).fetch(draw, indices, input, target)
            }
            fn check(&self, indices: &[usize], input: &[f32], target: &TargetMut<'_>) -> Result<()> {
                (**self).check(indices, input, target)
            }
        }
    )*};
}

forward!([D: Dataset + ?Sized] &D, [D: Dataset + ?Sized] Box<D>, [D: Dataset + ?Sized] Arc<D>);
