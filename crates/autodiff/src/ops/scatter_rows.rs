//! Rows put into places of a larger tensor of zeros.

use crate::{Attribute, Backward, Sink, Var};
use std::sync::Arc;
use tensor::{Error, Float, Result, Shape, Tensor};

/// y[places[i]] = x[i], and 0 elsewhere: the gradient of x's row i is dy's row places[i].
#[derive(Debug)]
struct ScatterRows {
    places: Arc<[usize]>,
    /// Only so that it can be told.
    rows: usize,
    shape: Shape,
}

impl<T: Float> Backward<T> for ScatterRows {
    fn name(&self) -> &'static str {
        "scatter_rows"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dx = Tensor::stale(self.shape);
        let row = dx.len() / self.places.len().max(1);
        for (dx, &place) in dx.as_mut_slice().chunks_exact_mut(row.max(1)).zip(&*self.places) {
            dx.copy_from_slice(&dy.as_slice()[place * row..][..row]);
        }
        sink.give(0, dx);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("the rows of {} at {:?}, 0 elsewhere", x[0], self.places)
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}[place of row i]/∂{}[i] = 1", x[0]))
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![
            ("places", Attribute::Sizes(self.places.to_vec())),
            ("rows", Attribute::Size(self.rows)),
        ]
    }
}

impl<T: Float> Var<'_, T> {
    /// A tensor of `rows` rows where row `places[i]` is row i of self and the others are 0:
    /// x `[places, ..]`, y `[rows, ..]`.
    ///
    /// # Errors
    /// [`Error::Shape`] where there is not one place for each row; [`Error::Argument`] where a
    /// place is not below `rows`, or occurs twice.
    ///
    /// ```
    /// use autodiff::Tape;
    /// use tensor::Tensor;
    /// let tape = Tape::<f64>::new();
    /// let x = tape.leaf(Tensor::from_vec([2, 2], [1.0, 2.0, 3.0, 4.0])?);
    /// let y = x.scatter_rows([2, 0], 3)?;
    /// assert_eq!(y.value().to_vec(), [3.0, 4.0, 0.0, 0.0, 1.0, 2.0]);
    /// # Ok::<(), tensor::Error>(())
    /// ```
    pub fn scatter_rows(self, places: impl Into<Arc<[usize]>>, rows: usize) -> Result<Self> {
        const OP: &str = "scatter_rows";
        let places = places.into();
        let (tape, input, x) = self.into_parts();
        let shape = x.shape().clone();
        if shape.first() != Some(&places.len()) {
            let rows = shape.first().copied().unwrap_or_default();
            let detail =
                format!("input has {rows} rows, expected {}, one for each place", places.len());
            return Err(Error::shape(OP, detail).operand("input", &shape));
        }
        let mut taken = vec![false; rows];
        for &place in &*places {
            match taken.get_mut(place) {
                Some(taken @ false) => *taken = true,
                Some(true) => return Err(Error::argument(OP, "place", place, "each place once")),
                None => {
                    let expected = format!("less than {rows}, the number of rows");
                    return Err(Error::argument(OP, "place", place, expected));
                }
            }
        }
        let mut y = Tensor::zeros([&[rows], &shape[1..]].concat());
        let row = x.len() / places.len().max(1);
        for (x, &place) in x.as_slice().chunks_exact(row.max(1)).zip(&*places) {
            y.as_mut_slice()[place * row..][..row].copy_from_slice(x);
        }
        Ok(tape.operation([input], y, |_| ScatterRows { places, rows, shape }))
    }
}
