//! Rows put into places of another array.

use super::{Attributes, Inputs, Operator, Value, from_end, unfit};
use crate::Result;
use tensor::Tensor;

/// `ScatterND` for indices `[places, 1]`: rows of the data that are replaced by others.
#[derive(Debug)]
struct ScatterRows;

pub(super) fn rows(a: &mut Attributes) -> Result<Box<dyn Operator>> {
    match a.text("reduction", "none")?.as_str() {
        "none" => Ok(Box::new(ScatterRows)),
        other => Err(a.unsupported(&format!("reduction {other}"), "only replacing rows is")),
    }
}

impl Operator for ScatterRows {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let data = inputs.var(0)?;
        let places = match inputs.take(1) {
            Some(Value::Column(places)) => places,
            other => {
                return Err(unfit(1, other.as_ref(), "the indices of whole rows, a column [n, 1]"));
            }
        };
        let rows = data.shape().first().copied().unwrap_or_default();
        let places: tensor::Result<Vec<_>> =
            places.iter().map(|&i| from_end("row", i, rows)).collect();
        let places = places?;
        let mut kept = vec![1; data.shape().rank()];
        if let Some(axis) = kept.first_mut() {
            *axis = rows;
        }
        let kept = Tensor::from_fn(kept, |row| if places.contains(&row) { 0.0 } else { 1.0 });
        let rows_given = inputs.var(2)?;
        let given = rows_given.shape().clone();
        let replaced = rows_given.scatter_rows(places, rows)?;
        if replaced.shape() != data.shape() {
            let detail = "the rows have another shape than the data's";
            return Err(tensor::Error::shape("onnx", detail)
                .operand("data", data.shape())
                .operand("rows", &given));
        }
        // Zeros, as a rule; then nothing of the data is kept.
        if data.value().as_slice().iter().all(|&x| x == 0.0) && !data.needs_gradient() {
            return Ok(Value::Var(replaced));
        }
        let kept = data.tape().constant(kept);
        Ok(Value::Var(data.mul(&kept)?.add(&replaced)?))
    }
}
