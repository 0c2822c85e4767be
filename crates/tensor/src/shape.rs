//! Shapes: the sizes of a tensor's axes, outermost first.

use crate::{Error, Result};
use smallvec::SmallVec;
use std::{fmt, ops::Deref};

/// The sizes of a tensor's axes, outermost first; up to four are stored without allocating.
///
/// Image batches are `[batch, channels, height, width]` (NCHW) as in MindSpore and PyTorch.
///
/// ```
/// use tensor::Shape;
/// let shape = Shape::from([32, 1, 28, 28]);
/// assert_eq!(shape.elements(), 25_088);
/// assert_eq!(shape.to_string(), "[32, 1, 28, 28]");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Shape(SmallVec<[usize; 4]>);

/// How to mend shapes that do not broadcast.
pub(crate) const BROADCASTING: &str = "broadcasting needs equal sizes, or a size of 1";

impl Shape {
    /// A shape from its axis sizes.
    pub fn new(axes: &[usize]) -> Self {
        Shape(SmallVec::from_slice(axes))
    }

    /// The number of elements: the product of the axes, 1 for a scalar.
    ///
    /// The product was checked when the tensor was made; for a shape that belongs to no tensor
    /// yet use [`Shape::checked_elements`].
    pub fn elements(&self) -> usize {
        self.0.iter().product()
    }

    /// The number of elements, or `None` where the product overflows.
    pub fn checked_elements(&self) -> Option<usize> {
        self.0.iter().try_fold(1usize, |product, &axis| product.checked_mul(axis))
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// Distance in elements between neighbours along each axis of the row-major layout.
    pub fn strides(&self) -> SmallVec<[usize; 4]> {
        let mut strides = SmallVec::from_elem(1, self.rank());
        for axis in (1..self.rank()).rev() {
            strides[axis - 1] = strides[axis] * self.0[axis];
        }
        strides
    }

    /// The shape that both operands broadcast to: axes are aligned at the right, and an axis of
    /// size 1 stretches (NumPy's rule, MindSpore's and PyTorch's too).
    ///
    /// # Errors
    /// [`Error::Shape`] naming `op` and the first axis from the right that does not fit.
    pub fn broadcast(op: &'static str, left: &Shape, right: &Shape) -> Result<Shape> {
        let rank = left.rank().max(right.rank());
        let axis_of = |shape: &Shape, axis: usize| {
            (axis + shape.rank()).checked_sub(rank).map_or(1, |i| shape[i])
        };
        let mut axes = SmallVec::from_elem(0, rank);
        for axis in (0..rank).rev() {
            axes[axis] = match (axis_of(left, axis), axis_of(right, axis)) {
                (a, b) if a == b => a,
                (1, b) => b,
                (a, 1) => a,
                (a, b) => {
                    let detail =
                        format!("axis {axis} has size {a} on the left and {b} on the right");
                    return Err(Error::shape(op, detail)
                        .operand("left", left)
                        .operand("right", right)
                        .hint(BROADCASTING));
                }
            };
        }
        Ok(Shape(axes))
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl<const RANK: usize> From<[usize; RANK]> for Shape {
    fn from(axes: [usize; RANK]) -> Self {
        Shape::new(&axes)
    }
}

impl From<&[usize]> for Shape {
    fn from(axes: &[usize]) -> Self {
        Shape::new(axes)
    }
}

impl From<Vec<usize>> for Shape {
    fn from(axes: Vec<usize>) -> Self {
        Shape::new(&axes)
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Self {
        shape.clone()
    }
}

impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(axes: I) -> Self {
        Shape(axes.into_iter().collect())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0[..], f)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcast_follows_numpy() {
        type Axes = &'static [usize];
        let cases: &[(Axes, Axes, Option<Axes>)] = &[
            (&[], &[], Some(&[])),
            (&[3], &[], Some(&[3])),
            (&[2, 3], &[3], Some(&[2, 3])),
            (&[2, 1], &[1, 4], Some(&[2, 4])),
            (&[5, 1, 3], &[2, 1], Some(&[5, 2, 3])),
            (&[0, 3], &[1], Some(&[0, 3])),
            (&[2], &[3], None),
            (&[2, 3], &[2], None),
            (&[0], &[2], None),
        ];
        for &(left, right, expected) in cases {
            let both = Shape::broadcast("add", &left.into(), &right.into());
            assert_eq!(both.ok(), expected.map(Shape::new), "{left:?} and {right:?}");
        }
    }

    #[test]
    fn broadcast_names_the_axis_and_both_shapes() {
        let error = Shape::broadcast("add", &[4, 2, 3].into(), &[5, 3].into()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "add: axis 1 has size 2 on the left and 5 on the right (left [4, 2, 3], right [5, 3]); \
             broadcasting needs equal sizes, or a size of 1"
        );
    }

    #[test]
    fn strides_are_row_major() {
        assert_eq!(&Shape::from([2, 3, 4]).strides()[..], &[12, 4, 1]);
        assert_eq!(&Shape::from([]).strides()[..], &[] as &[usize]);
    }
}
