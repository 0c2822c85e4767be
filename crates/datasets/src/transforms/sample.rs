//! A sample on its way through transforms.

use crate::{Error, Result};
use tensor::Tensor;

/// What samples are: their shape, and the value of empty space.
#[derive(Clone, Debug, PartialEq)]
pub struct Format {
    /// The shape of one sample.
    pub shape: Vec<usize>,
    /// The value that stands for nothing, such as the black round a digit: one number, or one for
    /// each entry of the first axis.
    pub background: Vec<f32>,
}

impl Format {
    /// The number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Channels, rows and columns, if the samples are images: for a transform to call first.
    ///
    /// # Errors
    /// [`Error::Argument`] if the shape is neither `[rows, columns]` nor
    /// `[channels, rows, columns]` with at least one of each.
    pub fn image(&self, operation: &'static str) -> Result<[usize; 3]> {
        match self.shape[..] {
            [rows, columns] if rows * columns > 0 => Ok([1, rows, columns]),
            [channels, rows, columns] if channels * rows * columns > 0 => {
                Ok([channels, rows, columns])
            }
            _ => Err(Error::argument(
                operation,
                "the sample's shape",
                format!("{:?}", self.shape),
                "an image: [rows, columns] or [channels, rows, columns], at least one of each",
            )),
        }
    }

    /// Replaces empty space's value `x` in channel `c` by `value(c, x)`: for a transform that does
    /// the same to the elements.
    pub fn map_background(&mut self, value: impl Fn(usize, f32) -> f32) {
        for (channel, background) in self.background.iter_mut().enumerate() {
            *background = value(channel, *background);
        }
    }

    /// Gives each of several channels a background of its own, to be changed.
    pub(super) fn spread_background(&mut self, channels: usize) {
        if let [all] = self.background[..] {
            self.background.resize(channels, all);
        }
    }

    /// The same with other rows and columns.
    pub(super) fn with_size(mut self, rows: usize, columns: usize) -> Self {
        let [.., height, width] = &mut self.shape[..] else { return self };
        (*height, *width) = (rows, columns);
        self
    }
}

/// The input of one sample, and memory to change it in.
#[derive(Debug)]
pub struct Sample {
    values: Tensor,
    spare: Tensor,
    format: Format,
}

impl Sample {
    pub(super) fn new(format: &Format) -> Self {
        let buffer = || Tensor::stale([format.elements()]);
        Sample { values: buffer(), spare: buffer(), format: format.clone() }
    }

    /// Becomes a sample of `format` with `values`.
    pub(super) fn load(&mut self, values: &[f32], format: &Format) {
        self.format.shape.clone_from(&format.shape);
        self.format.background.clone_from(&format.background);
        self.values_mut().copy_from_slice(values);
    }

    /// The shape.
    pub fn shape(&self) -> &[usize] {
        &self.format.shape
    }

    /// The number of elements.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.format.elements()
    }

    /// The elements, row-major.
    pub fn values(&self) -> &[f32] {
        &self.values.as_slice()[..self.len()]
    }

    /// The elements, row-major, to be changed in place.
    pub fn values_mut(&mut self) -> &mut [f32] {
        let len = self.len();
        at_least(&mut self.values, len);
        &mut self.values.as_mut_slice()[..len]
    }

    /// Channels, rows and columns of an image; see [`Format::image`], which a transform has called
    /// before.
    pub fn image(&self) -> [usize; 3] {
        match self.format.shape[..] {
            [channels, rows, columns] => [channels, rows, columns],
            [rows, columns] => [1, rows, columns],
            _ => [1, 1, self.len()],
        }
    }

    /// The value of empty space in a channel.
    pub fn background(&self, channel: usize) -> f32 {
        let background = &self.format.background;
        background.get(channel).or(background.first()).copied().unwrap_or(0.0)
    }

    /// The format, for transforms that change the background.
    pub fn format_mut(&mut self) -> &mut Format {
        &mut self.format
    }

    /// Replaces an image by another of `rows` × `columns`, whose elements `write` writes, all of
    /// them, from the old image.
    pub fn replace(&mut self, rows: usize, columns: usize, write: impl FnOnce(&Self, &mut [f32])) {
        let [channels, ..] = self.image();
        let elements = channels * rows * columns;
        let mut image = std::mem::replace(&mut self.spare, Tensor::stale([0]));
        at_least(&mut image, elements);
        write(self, &mut image.as_mut_slice()[..elements]);
        self.spare = std::mem::replace(&mut self.values, image);
        self.set_size(rows, columns);
    }

    /// Replaces an image by way of another that has `elements` elements: `between` writes that from
    /// the image, `write` writes the new image of `rows` × `columns` from it.
    pub(super) fn replace_through(
        &mut self,
        elements: usize,
        between: impl FnOnce(&Self, &mut [f32]),
        (rows, columns): (usize, usize),
        write: impl FnOnce(&[f32], &mut [f32]),
    ) {
        let mut spare = std::mem::replace(&mut self.spare, Tensor::stale([0]));
        at_least(&mut spare, elements);
        between(self, &mut spare.as_mut_slice()[..elements]);
        self.set_size(rows, columns);
        write(&spare.as_slice()[..elements], self.values_mut());
        self.spare = spare;
    }

    fn set_size(&mut self, rows: usize, columns: usize) {
        if let [.., height, width] = &mut self.format.shape[..] {
            (*height, *width) = (rows, columns);
        }
    }
}

/// Makes room for `len` elements; what was there may be lost.
fn at_least(buffer: &mut Tensor, len: usize) {
    if buffer.len() < len {
        *buffer = Tensor::stale([len]);
    }
}
