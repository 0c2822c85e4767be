//! Samples from an iterator.

use crate::{ArrayDataset, Error, Result};
use ndarray::{ArrayD, IxDyn};

impl ArrayDataset {
    /// Takes in all samples of an iterator: inputs of `input_shape`, row-major, with one label in
    /// `0..classes` each.
    ///
    /// ```
    /// use datasets::{ArrayDataset, Dataset};
    ///
    /// // Is the sum of two digits even?
    /// let pairs = (0..100).map(|n| ([(n / 10) as f32, (n % 10) as f32], (n / 10 + n % 10) % 2));
    /// let data = ArrayDataset::collect_classes(pairs, &[2], 2)?;
    /// assert_eq!((data.len(), data.input_shape()), (100, &[2][..]));
    /// # Ok::<(), datasets::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for an input of another length than the shape says; those of
    /// [`with_classes`](ArrayDataset::with_classes).
    pub fn collect_classes<I: AsRef<[f32]>>(
        samples: impl IntoIterator<Item = (I, u32)>,
        input_shape: &[usize],
        classes: usize,
    ) -> Result<Self> {
        let (mut inputs, mut labels) =
            (Rows::new("collect_classes", "an input", input_shape), vec![]);
        for (input, label) in samples {
            inputs.push(input.as_ref())?;
            labels.push(label);
        }
        Self::with_classes(inputs.into_array(), labels, classes)
    }

    /// Takes in all samples of an iterator: inputs of `input_shape` with targets of `target_shape`,
    /// row-major.
    ///
    /// # Errors
    /// [`Error::Argument`] for an input or target of another length than its shape says.
    pub fn collect_values<I: AsRef<[f32]>, T: AsRef<[f32]>>(
        samples: impl IntoIterator<Item = (I, T)>,
        input_shape: &[usize],
        target_shape: &[usize],
    ) -> Result<Self> {
        let mut inputs = Rows::new("collect_values", "an input", input_shape);
        let mut targets = Rows::new("collect_values", "a target", target_shape);
        for (input, target) in samples {
            inputs.push(input.as_ref())?;
            targets.push(target.as_ref())?;
        }
        Self::with_values(inputs.into_array(), targets.into_array())
    }
}

/// Arrays of one shape, as they come in.
struct Rows<'a> {
    operation: &'static str,
    name: &'static str,
    shape: &'a [usize],
    count: usize,
    values: Vec<f32>,
}

impl<'a> Rows<'a> {
    fn new(operation: &'static str, name: &'static str, shape: &'a [usize]) -> Self {
        Rows { operation, name, shape, count: 0, values: Vec::new() }
    }

    fn push(&mut self, row: &[f32]) -> Result<()> {
        let expected = self.shape.iter().product::<usize>();
        if row.len() != expected {
            let found = format!("{} numbers in sample {}", row.len(), self.count);
            let expected = format!("{expected}, for the shape {:?}", self.shape);
            return Err(Error::argument(self.operation, self.name, found, expected));
        }
        self.count += 1;
        self.values.extend_from_slice(row);
        Ok(())
    }

    fn into_array(self) -> ArrayD<f32> {
        let shape = [&[self.count], self.shape].concat();
        ArrayD::from_shape_vec(IxDyn(&shape), self.values).expect("rows of one length")
    }
}
