//! Samples held in memory as arrays.

use crate::{Dataset, Draw, Error, Result, TargetKind, TargetMut};
use ndarray::{Array, Array2, ArrayD, ArrayViewD, Axis, Dimension};

/// Your own arrays as a dataset: `f32` inputs with class labels or with `f32` targets.
///
/// The first axis of each array counts the samples.
///
/// ```
/// use datasets::{ArrayDataset, Dataset};
/// use ndarray::array;
///
/// // The exclusive or of two bits, as two classes.
/// let inputs = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let xor = ArrayDataset::with_classes(inputs, vec![0, 1, 1, 0], 2)?;
/// assert_eq!((xor.len(), xor.input_shape()), (4, &[2][..]));
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ArrayDataset {
    inputs: ArrayD<f32>,
    targets: Targets,
}

#[derive(Clone, Debug)]
enum Targets {
    Class { labels: Vec<u32>, classes: usize },
    Values(ArrayD<f32>),
}

impl ArrayDataset {
    /// `inputs` `[N, ...]` with one label in `0..classes` each.
    ///
    /// # Errors
    /// [`Error::Shape`] if `inputs` has no axis, [`Error::Counts`] if the numbers differ,
    /// [`Error::Label`] for a label that names no class.
    pub fn with_classes<D: Dimension>(
        inputs: Array<f32, D>,
        labels: Vec<u32>,
        classes: usize,
    ) -> Result<Self> {
        let inputs = samples(inputs, "inputs")?;
        same_count(inputs.len_of(Axis(0)), "labels", labels.len())?;
        check_labels(labels.iter().copied(), classes)?;
        Ok(ArrayDataset { inputs, targets: Targets::Class { labels, classes } })
    }

    /// `inputs` `[N, ...]` with one array of `targets` `[N, ...]` each.
    ///
    /// # Errors
    /// [`Error::Shape`] if an array has no axis, [`Error::Counts`] if the numbers differ.
    pub fn with_values<D: Dimension, T: Dimension>(
        inputs: Array<f32, D>,
        targets: Array<f32, T>,
    ) -> Result<Self> {
        let (inputs, targets) = (samples(inputs, "inputs")?, samples(targets, "targets")?);
        same_count(inputs.len_of(Axis(0)), "targets", targets.len_of(Axis(0)))?;
        Ok(ArrayDataset { inputs, targets: Targets::Values(targets) })
    }

    /// The inputs, `[N, ...]`.
    pub fn inputs(&self) -> ArrayViewD<'_, f32> {
        self.inputs.view()
    }

    /// The class labels; `None` where the targets are values.
    pub fn labels(&self) -> Option<&[u32]> {
        match &self.targets {
            Targets::Class { labels, .. } => Some(labels),
            Targets::Values(_) => None,
        }
    }

    /// The targets `[N, ...]`; `None` where they are class labels.
    pub fn values(&self) -> Option<ArrayViewD<'_, f32>> {
        match &self.targets {
            Targets::Class { .. } => None,
            Targets::Values(values) => Some(values.view()),
        }
    }

    /// Replaces each class label by a number: the targets become values `[N, 1]`.
    ///
    /// `values[c]` stands for class c: `&[-1.0, 1.0]` for a perceptron, `&[0.0, 1.0]` for a
    /// sigmoid.
    ///
    /// # Errors
    /// [`Error::Argument`] unless there is one number for each class, or where the targets are
    /// values already.
    pub fn label_values(self, values: &[f32]) -> Result<Self> {
        let (labels, classes) = self.classes("label_values")?;
        if values.len() != classes {
            let found = format!("{} numbers for {classes} classes", values.len());
            return Err(Error::argument("label_values", "values", found, "one for each class"));
        }
        let targets = labels.iter().map(|&label| values[label as usize]).collect();
        let targets = Array2::from_shape_vec((labels.len(), 1), targets).expect("one per sample");
        Self::with_values(self.inputs, targets)
    }

    /// Replaces each class label c by a vector that is 1 at position c and 0 elsewhere: the targets
    /// become values `[N, classes]`.
    ///
    /// # Errors
    /// [`Error::Argument`] where the targets are values already.
    pub fn one_hot(self) -> Result<Self> {
        let (labels, classes) = self.classes("one_hot")?;
        let one = |(n, class)| if labels[n] as usize == class { 1.0 } else { 0.0 };
        let targets = Array2::from_shape_fn((labels.len(), classes), one);
        Self::with_values(self.inputs, targets)
    }

    fn classes(&self, operation: &'static str) -> Result<(&[u32], usize)> {
        match &self.targets {
            Targets::Class { labels, classes } => Ok((labels, *classes)),
            Targets::Values(_) => {
                let argument = "the dataset's target";
                Err(Error::argument(operation, argument, self.target(), "class labels"))
            }
        }
    }
}

impl Dataset for ArrayDataset {
    fn len(&self) -> usize {
        self.inputs.len_of(Axis(0))
    }

    fn input_shape(&self) -> &[usize] {
        &self.inputs.shape()[1..]
    }

    fn target(&self) -> TargetKind<'_> {
        match &self.targets {
            Targets::Class { classes, .. } => TargetKind::Class { classes: *classes },
            Targets::Values(values) => TargetKind::Values { shape: &values.shape()[1..] },
        }
    }

    fn fetch(
        &self,
        _: Draw,
        indices: &[usize],
        input: &mut [f32],
        target: TargetMut<'_>,
    ) -> Result<()> {
        self.check(indices, input, &target)?;
        gather(row_major(&self.inputs), self.len(), indices, input);
        match &self.targets {
            Targets::Class { labels, .. } => gather(labels, self.len(), indices, target.class()?),
            Targets::Values(values) => {
                gather(row_major(values), self.len(), indices, target.values()?);
            }
        }
        Ok(())
    }
}

fn row_major(array: &ArrayD<f32>) -> &[f32] {
    array.as_slice().expect("made row-major on construction")
}

/// Copies the samples `indices` of `from`, which holds `len` of one size, to `into`.
fn gather<T: Copy>(from: &[T], len: usize, indices: &[usize], into: &mut [T]) {
    let size = from.len().checked_div(len).unwrap_or(0);
    for (position, &index) in indices.iter().enumerate() {
        into[position * size..][..size].copy_from_slice(&from[index * size..][..size]);
    }
}

/// The array in row-major order, if it has an axis that counts samples.
fn samples<D: Dimension>(array: Array<f32, D>, name: &'static str) -> Result<ArrayD<f32>> {
    if array.ndim() == 0 {
        return Err(Error::Shape {
            name,
            found: Vec::new(),
            expected: "[N, ...]: a first axis that counts the samples".into(),
        });
    }
    let array = array.into_dyn();
    Ok(if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() })
}

fn same_count(inputs: usize, target_name: &'static str, targets: usize) -> Result<()> {
    if inputs == targets {
        Ok(())
    } else {
        Err(Error::Counts { input_name: "inputs", inputs, target_name, targets })
    }
}

pub(crate) fn check_labels(labels: impl Iterator<Item = u32>, classes: usize) -> Result<()> {
    for (position, label) in labels.enumerate() {
        if label as usize >= classes {
            return Err(Error::Label { position, label, classes });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array0, array};
    use std::ops::Range;

    #[test]
    fn fetches_what_the_arrays_hold() {
        let inputs = array![[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]];
        let data = ArrayDataset::with_classes(inputs, vec![2, 0], 3).unwrap();
        assert_eq!((data.len(), data.input_shape()), (2, &[2, 2][..]));
        assert_eq!(data.target(), TargetKind::Class { classes: 3 });
        let (mut input, mut labels) = ([0.0; 12], [0; 3]);
        let target = TargetMut::Class(&mut labels);
        data.fetch(Draw::default(), &[1, 0, 1], &mut input, target).unwrap();
        assert_eq!(input, [5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert_eq!(labels, [0, 2, 0]);
    }

    /// Transposed, reversed and cut arrays keep their elements elsewhere in memory.
    #[test]
    fn the_layout_in_memory_does_not_matter() {
        let whole = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let mut reversed = whole.clone();
        reversed.invert_axis(Axis(0));
        let rows = |rows: Range<usize>| {
            let mut cut = whole.clone();
            cut.slice_axis_inplace(Axis(0), rows.into());
            cut
        };
        let views = [
            (whole.clone().reversed_axes(), vec![3.0, 6.0]),
            (reversed, vec![1.0, 2.0, 3.0]),
            (rows(1..2), vec![4.0, 5.0, 6.0]),
            (rows(0..1), vec![1.0, 2.0, 3.0]),
        ];
        for (inputs, last) in views {
            let targets = inputs.clone();
            let data = ArrayDataset::with_values(inputs, targets).unwrap();
            let (mut input, mut target) = (vec![0.0; last.len()], vec![0.0; last.len()]);
            let index = [data.len() - 1];
            data.fetch(Draw::default(), &index, &mut input, TargetMut::Values(&mut target))
                .unwrap();
            assert_eq!((&input, &target), (&last, &last));
        }
    }

    #[test]
    fn samples_without_elements_are_fetched_too() {
        let data = ArrayDataset::with_classes(Array2::zeros((3, 0)), vec![0, 1, 2], 3).unwrap();
        let mut labels = [9];
        data.fetch(Draw::default(), &[2], &mut [], TargetMut::Class(&mut labels)).unwrap();
        assert_eq!(labels, [2]);
    }

    #[test]
    fn arrays_that_do_not_fit_are_refused() {
        let inputs = || Array2::<f32>::zeros((3, 2));
        let cases = [
            (
                ArrayDataset::with_classes(Array0::zeros(()), vec![0], 1),
                "inputs has shape [], expected [N, ...]: a first axis that counts the samples",
            ),
            (
                ArrayDataset::with_classes(inputs(), vec![0, 1], 2),
                "2 labels for 3 inputs, expected one each: the two do not belong together",
            ),
            (
                ArrayDataset::with_values(inputs(), Array2::zeros((4, 1))),
                "4 targets for 3 inputs, expected one each: the two do not belong together",
            ),
            (
                ArrayDataset::with_classes(inputs(), vec![0, 1, 2], 2),
                "label 2 at position 2 is out of range, expected 0..=1 for 2 classes: \
                 correct the label or state the right number of classes",
            ),
        ];
        for (result, message) in cases {
            assert_eq!(result.unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn requests_that_do_not_fit_are_refused() {
        let data = ArrayDataset::with_classes(Array2::zeros((3, 2)), vec![0, 1, 0], 2).unwrap();
        let mut labels = [0; 2];
        let mut fetch =
            |indices: &[usize], elements: usize, kind: fn(&mut [u32]) -> TargetMut<'_>| {
                let mut input = vec![0.0; elements];
                data.fetch(Draw::default(), indices, &mut input, kind(&mut labels))
            };
        let cases = [
            (
                fetch(&[0, 3], 4, |labels| TargetMut::Class(labels)),
                "sample 3 does not exist, the dataset has 3: expected an index below 3",
            ),
            (
                fetch(&[0, 1], 5, |labels| TargetMut::Class(labels)),
                "fetch: the input buffer has 5 elements, expected 4 for 2 samples",
            ),
            (
                fetch(&[0, 1], 4, |labels| TargetMut::Class(&mut labels[..1])),
                "fetch: the target buffer has 1 elements, expected 2 for 2 samples",
            ),
            (
                fetch(&[0, 1], 4, |_| TargetMut::Values(&mut [])),
                "fetch: the dataset's targets are class labels, the buffer is for values: \
                 match the loss to the dataset",
            ),
        ];
        for (result, message) in cases {
            assert_eq!(result.unwrap_err().to_string(), message);
        }
    }
}
