//! [`Tensor`]: a shape over a pooled, copy-on-write buffer.

use crate::buffer::Buffer;
use crate::{Element, Error, Float, Layout, Result, Shape};
use std::fmt;
use std::sync::Arc;

/// A dense row-major array: a [`Shape`] over a reference-counted, recycled buffer.
///
/// Cloning costs a reference count; [`Tensor::as_mut_slice`] copies first where the buffer is
/// shared, so a clone never sees another's writes.
///
/// ```
/// use tensor::Tensor;
/// let a = Tensor::from_vec([2, 3], vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// let mut b = a.clone();
/// b.as_mut_slice()[0] = 9.0;
/// assert_eq!(a.as_slice()[0], 1.0);
/// # Ok::<(), tensor::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor<T: Element = f32> {
    shape: Shape,
    pub(crate) layout: Layout,
    pub(crate) buffer: Arc<Buffer<T>>,
}

impl<T: Element> Tensor<T> {
    /// A tensor whose contents are unspecified until written: the output of a kernel.
    ///
    /// The elements are initialised memory (what an earlier tensor left there), so reading them
    /// is safe and meaningless.
    ///
    /// # Panics
    /// Where the number of elements overflows; shapes that come from a user are checked before.
    pub fn stale(shape: impl Into<Shape>) -> Self {
        Tensor::stale_in(shape, Layout::Plain)
    }

    /// As [`Tensor::stale`], for elements laid out in another way.
    ///
    /// # Panics
    /// As [`Tensor::stale`].
    pub fn stale_in(shape: impl Into<Shape>, layout: Layout) -> Self {
        let shape = shape.into();
        let len = layout.stored(&shape).expect("the number of elements fits in usize");
        Tensor { shape, layout, buffer: Arc::new(Buffer::stale(len)) }
    }

    /// A tensor of one repeated value.
    pub fn full(shape: impl Into<Shape>, value: T) -> Self {
        let mut tensor = Tensor::stale(shape);
        tensor.as_mut_slice().fill(value);
        tensor
    }

    /// A tensor of zeros.
    pub fn zeros(shape: impl Into<Shape>) -> Self {
        Tensor::full(shape, T::default())
    }

    /// A scalar: rank 0, one element.
    pub fn scalar(value: T) -> Self {
        Tensor::full([], value)
    }

    /// A tensor from row-major data.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shape does not hold exactly the data's elements.
    pub fn from_vec(shape: impl Into<Shape>, data: impl AsRef<[T]>) -> Result<Self> {
        let (shape, data) = (shape.into(), data.as_ref());
        if shape.checked_elements() != Some(data.len()) {
            let detail = format!("{}, the data has {}", holds(&shape), data.len());
            return Err(Error::shape("from_vec", detail));
        }
        let mut tensor = Tensor::stale(shape);
        tensor.as_mut_slice().copy_from_slice(data);
        Ok(tensor)
    }

    /// A tensor whose elements are `value(i)` for the row-major position `i`.
    pub fn from_fn(shape: impl Into<Shape>, mut value: impl FnMut(usize) -> T) -> Self {
        let mut tensor = Tensor::stale(shape);
        for (i, x) in tensor.as_mut_slice().iter_mut().enumerate() {
            *x = value(i);
        }
        tensor
    }

    /// The sizes of the axes, outermost first.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape.elements()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements, row-major.
    pub fn as_slice(&self) -> &[T] {
        assert_eq!(self.layout, Layout::Plain, "an interleaved tensor is not row-major");
        self.buffer.as_slice()
    }

    /// The elements for writing; copies them first where another tensor shares the buffer.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        assert_eq!(self.layout, Layout::Plain, "an interleaved tensor is not row-major");
        Arc::make_mut(&mut self.buffer).as_mut_slice()
    }

    /// The elements, row-major, in a `Vec`.
    pub fn to_vec(&self) -> Vec<T> {
        self.as_slice().to_vec()
    }

    /// Whether a write would copy: another tensor holds the same buffer.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.buffer) > 1
    }

    /// The same elements under another shape.
    ///
    /// # Errors
    /// [`Error::Shape`] where the number of elements differs.
    pub fn reshape(self, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into();
        if shape.checked_elements() != Some(self.len()) {
            let detail = format!("{}, the tensor has {}", holds(&shape), self.len());
            return Err(Error::shape("reshape", detail).operand("input", &self.shape));
        }
        // Interleaved samples stay the same samples: only what a sample looks like may change.
        assert!(
            self.layout == Layout::Plain || shape.first() == self.shape.first(),
            "an interleaved tensor keeps its first axis"
        );
        Ok(Tensor { shape, ..self })
    }

    /// The one element of a tensor that has just one.
    ///
    /// # Errors
    /// [`Error::Shape`] where there is not exactly one element.
    pub fn item(&self) -> Result<T> {
        match self.as_slice() {
            [value] => Ok(*value),
            other => {
                let detail =
                    format!("the tensor has {}, expected 1", count(other.len(), "element"));
                Err(Error::shape("item", detail)
                    .operand("input", &self.shape)
                    .hint("read several by as_slice, or reduce them by sum or mean first"))
            }
        }
    }

    /// Rows `start..end` of the first axis, copied.
    ///
    /// # Errors
    /// [`Error::Shape`] for a scalar or a range outside the axis.
    pub fn rows(&self, start: usize, end: usize) -> Result<Self> {
        let Some(&rows) = self.shape.first() else {
            return Err(Error::shape("rows", "a scalar has no rows"));
        };
        if start > end || end > rows {
            let detail = format!("range {start}..{end} is outside the {}", count(rows, "row"));
            return Err(Error::shape("rows", detail).operand("input", &self.shape));
        }
        let mut shape = self.shape.to_vec();
        shape[0] = end - start;
        let row = self.len() / rows.max(1);
        Tensor::from_vec(shape, &self.as_slice()[start * row..end * row])
    }

    /// Tensors joined along their first axis, in order; the other axes must agree.
    ///
    /// # Errors
    /// [`Error::Shape`] where there is no tensor, one is a scalar, or the other axes differ.
    pub fn concatenate(parts: &[Self]) -> Result<Self> {
        let op = "concatenate";
        let Some(first) = parts.first() else {
            return Err(Error::shape(op, "there is no tensor to join"));
        };
        let mut rows = 0;
        for part in parts {
            if part.shape.is_empty() || part.shape[1..] != first.shape[1..] {
                let detail = "the tensors differ in more than their first axis";
                return Err(Error::shape(op, detail)
                    .operand("first", &first.shape)
                    .operand("other", &part.shape));
            }
            rows += part.shape[0];
        }
        let mut joined = Tensor::stale([&[rows], &first.shape[1..]].concat());
        let mut rest = joined.as_mut_slice();
        for part in parts {
            let (here, after) = rest.split_at_mut(part.len());
            here.copy_from_slice(part.as_slice());
            rest = after;
        }
        Ok(joined)
    }

    /// Every element mapped, into a tensor of another type.
    pub fn map<U: Element>(&self, f: impl Fn(T) -> U) -> Tensor<U> {
        Tensor::from_fn(&self.shape, |i| f(self.as_slice()[i]))
    }
}

impl<T: Float> Tensor<T> {
    /// Whether every element is finite: neither NaN nor infinite.
    pub fn all_finite(&self) -> bool {
        crate::kernels::elementwise::all_finite(self.as_slice())
    }

    /// The same values in another precision.
    pub fn cast<U: Float>(&self) -> Tensor<U> {
        self.map(|x| U::from_f64(x.to_f64()))
    }
}

/// `shape [2, 3] holds 6 elements`.
fn holds(shape: &Shape) -> String {
    let elements = shape.checked_elements();
    let elements = elements.map_or("more elements than memory".into(), |n| count(n, "element"));
    format!("shape {shape} holds {elements}")
}

/// `1 element`, `3 elements`.
fn count(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

impl<T: Element> PartialEq for Tensor<T> {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.as_slice() == other.as_slice()
    }
}

impl<T: Element> fmt::Debug for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 16;
        let how = if self.layout == Layout::Plain { "" } else { "interleaved " };
        write!(f, "Tensor {} {how}", self.shape)?;
        let stored = self.stored();
        let mut list = f.debug_list();
        list.entries(&stored[..stored.len().min(MOST)]);
        if stored.len() > MOST { list.finish_non_exhaustive() } else { list.finish() }
    }
}
