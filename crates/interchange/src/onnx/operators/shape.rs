//! Shapes: changing them, the integers that say how, and means over axes.

use super::{Attributes, Inputs, Operator, Value, axis, from_end, unfit};
use crate::Result;
use layers::Var;

#[derive(Debug)]
enum Reshaping {
    Flatten {
        axis: i64,
    },
    Reshape {
        allow_zero: bool,
    },
    Transpose {
        axes: Option<Vec<usize>>,
    },
    Shape,
    Gather,
    Concat,
    /// The mean over some axes, or the sum, which stay with size 1 or go.
    Reduce {
        sum: bool,
        axes: Option<Vec<i64>>,
        keep: bool,
        /// Without axes, it is over none rather than all.
        none: bool,
    },
    /// Adds or removes axes of size 1; for a list of integers, of a number.
    Squeeze {
        axes: Option<Vec<i64>>,
        remove: bool,
    },
}

pub(super) fn parse(name: &str, a: &mut Attributes) -> Result<Option<Box<dyn Operator>>> {
    Ok(Some(Box::new(match name {
        "Flatten" => Reshaping::Flatten { axis: a.int("axis", 1)? },
        "Reshape" => Reshaping::Reshape { allow_zero: a.int("allowzero", 0)? != 0 },
        "Transpose" => Reshaping::Transpose { axes: a.sizes("perm")? },
        "Shape" => Reshaping::Shape,
        "Gather" => {
            if a.int("axis", 0)? != 0 {
                return Err(
                    a.unsupported("an axis other than 0", "numbers are gathered from a shape")
                );
            }
            Reshaping::Gather
        }
        "Concat" => {
            if a.int("axis", 0)? != 0 {
                return Err(
                    a.unsupported("an axis other than 0", "only parts of a shape are joined")
                );
            }
            Reshaping::Concat
        }
        "ReduceMean" | "ReduceSum" => {
            let (sum, keep) = (name == "ReduceSum", a.int("keepdims", 1)? != 0);
            let none = a.int("noop_with_empty_axes", 0)? != 0;
            Reshaping::Reduce { sum, axes: a.ints("axes")?, keep, none }
        }
        "Squeeze" => Reshaping::Squeeze { axes: a.ints("axes")?, remove: true },
        "Unsqueeze" => Reshaping::Squeeze { axes: a.ints("axes")?, remove: false },
        _ => return Ok(None),
    })))
}

impl Operator for Reshaping {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        Ok(match self {
            Reshaping::Flatten { axis: at } => {
                let x = inputs.var(0)?;
                let rank = x.shape().rank();
                let at = if *at == rank as i64 { rank } else { axis(*at, rank)? };
                let rows: usize = x.shape()[..at].iter().product();
                let columns: usize = x.shape()[at..].iter().product();
                Value::Var(x.reshape([rows, columns])?)
            }
            Reshaping::Reshape { allow_zero } => {
                let (x, wanted) = (inputs.var(0)?, inputs.ints(1)?);
                let shape = reshaped(&x, &wanted, *allow_zero)?;
                Value::Var(x.reshape(shape)?)
            }
            Reshaping::Transpose { axes } => {
                let x = inputs.var(0)?;
                let reversed = || (0..x.shape().rank()).rev().collect();
                let axes = axes.clone().unwrap_or_else(reversed);
                Value::Var(x.permute(&axes)?)
            }
            Reshaping::Shape => {
                let values = inputs.var(0)?.shape().iter().map(|&n| n as i64).collect();
                Value::Ints { values, scalar: false }
            }
            Reshaping::Gather => {
                let from = inputs.ints(0)?;
                let (indices, scalar) = match inputs.take(1) {
                    Some(Value::Ints { values, scalar }) => (values, scalar),
                    other => {
                        return Err(unfit(1, other.as_ref(), "the indices of sizes in a shape"));
                    }
                };
                let values: tensor::Result<_> =
                    indices.iter().map(|&i| Ok(from[from_end("index", i, from.len())?])).collect();
                Value::Ints { values: values?, scalar }
            }
            Reshaping::Concat => {
                let mut values = Vec::new();
                for i in 0..inputs.0.len() {
                    values.extend(inputs.ints(i)?);
                }
                Value::Ints { values, scalar: false }
            }
            Reshaping::Reduce { sum, axes, keep, none } => {
                let x = inputs.var(0)?;
                let mut axes = match axes {
                    Some(axes) => axes.clone(),
                    None if matches!(inputs.0.get(1), Some(Some(_))) => inputs.ints(1)?,
                    None => Vec::new(),
                };
                if axes.is_empty() && !none {
                    axes.extend(0..x.shape().rank() as i64);
                }
                Value::Var(reduced(x, &axes, *sum, *keep)?)
            }
            Reshaping::Squeeze { axes, remove } => match inputs.take(0) {
                Some(Value::Ints { values, .. }) => {
                    Value::Ints { scalar: *remove && values.len() == 1, values }
                }
                Some(Value::Var(x)) => {
                    let axes = match axes {
                        Some(axes) => axes.clone(),
                        None => inputs.ints(1)?,
                    };
                    Value::Var(squeezed(x, &axes, *remove)?)
                }
                other => return Err(unfit(0, other.as_ref(), "an array or a list of integers")),
            },
        })
    }
}

/// The shape that `wanted` means: 0 keeps an axis, -1 is what is left.
fn reshaped(x: &Var<'_>, wanted: &[i64], allow_zero: bool) -> tensor::Result<Vec<usize>> {
    let error = || {
        tensor::Error::argument(
            "reshape",
            "shape",
            format!("{wanted:?}"),
            format!(
                "sizes whose product is {}, at most one of them open (-1)",
                x.shape().elements()
            ),
        )
        .hint(format!("the input is {}", x.shape()))
    };
    let mut shape = Vec::new();
    let mut open = None;
    for (i, &size) in wanted.iter().enumerate() {
        shape.push(match size {
            0 if !allow_zero => *x.shape().get(i).ok_or_else(error)?,
            -1 if open.is_none() => {
                open = Some(i);
                1
            }
            size => usize::try_from(size).map_err(|_| error())?,
        });
    }
    if let Some(open) = open {
        let known =
            shape.iter().try_fold(1_usize, |size, &n| size.checked_mul(n)).ok_or_else(error)?;
        let elements = x.shape().elements();
        shape[open] =
            elements.checked_div(known).filter(|n| n * known == elements).ok_or_else(error)?;
    }
    Ok(shape)
}

fn reduced<'t>(x: Var<'t>, axes: &[i64], sum: bool, keep: bool) -> tensor::Result<Var<'t>> {
    let rank = x.shape().rank();
    let mut shape = x.shape().to_vec();
    let axes: tensor::Result<Vec<_>> = axes.iter().map(|&at| axis(at, rank)).collect();
    let mut axes = axes?;
    axes.sort_unstable();
    axes.dedup();
    let mut y = x;
    for &at in axes.iter().rev() {
        y = if sum { y.sum_axis(at)? } else { y.mean_axis(at)? };
        if keep {
            shape[at] = 1;
        } else {
            shape.remove(at);
        }
    }
    y.reshape(shape)
}

fn squeezed<'t>(x: Var<'t>, axes: &[i64], remove: bool) -> tensor::Result<Var<'t>> {
    let mut shape = x.shape().to_vec();
    let rank = if remove { shape.len() } else { shape.len() + axes.len() };
    let given = axes;
    let axes: tensor::Result<Vec<_>> = given.iter().map(|&at| axis(at, rank)).collect();
    let mut axes = axes?;
    axes.sort_unstable();
    axes.dedup();
    if axes.len() != given.len() {
        let op = if remove { "squeeze" } else { "unsqueeze" };
        let expected = "each axis once";
        return Err(tensor::Error::argument(op, "axes", format!("{given:?}"), expected));
    }
    if remove {
        for &at in axes.iter().rev() {
            if shape[at] != 1 {
                let expected = format!("one of size 1 of {}", x.shape());
                return Err(tensor::Error::argument("squeeze", "axis", at, expected));
            }
            shape.remove(at);
        }
    } else {
        for &at in &axes {
            shape.insert(at.min(shape.len()), 1);
        }
    }
    x.reshape(shape)
}
