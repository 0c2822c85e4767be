//! Pooling.

use super::limits::check_padding;
use super::{Attributes, Inputs, Operator, Value, pad_mode, pair};
use crate::Result;
use tensor::Pool2dOptions;

#[derive(Debug)]
enum Pool {
    Max(Pool2dOptions),
    Average(Pool2dOptions),
    GlobalAverage,
}

pub(super) fn max_pool(a: &mut Attributes) -> Result<Box<dyn Operator>> {
    check_dense(a)?;
    // How indices would be counted, which are never given.
    a.int("storage_order", 0)?;
    Ok(Box::new(Pool::Max(options(a)?)))
}

pub(super) fn average_pool(a: &mut Attributes) -> Result<Box<dyn Operator>> {
    check_dense(a)?;
    let count_include_pad = a.int("count_include_pad", 0)? != 0;
    Ok(Box::new(Pool::Average(Pool2dOptions { count_include_pad, ..options(a)? })))
}

pub(super) fn global_average_pool() -> Box<dyn Operator> {
    Box::new(Pool::GlobalAverage)
}

/// Refuses windows with gaps.
fn check_dense(a: &mut Attributes) -> Result<()> {
    match pair(a, "dilations", Some([1; 2]))? {
        [1, 1] => Ok(()),
        found => {
            Err(a.unsupported(&format!("dilations {found:?}"), "only [1, 1], without gaps, is"))
        }
    }
}

fn options(a: &mut Attributes) -> Result<Pool2dOptions> {
    if a.int("ceil_mode", 0)? != 0 {
        return Err(a.unsupported(
            "ceil_mode 1",
            "a window has to lie within the padded image; export with ceil_mode 0 and larger pads",
        ));
    }
    let kernel = pair(a, "kernel_shape", None)?;
    let stride = pair(a, "strides", Some([1; 2]))?;
    Ok(Pool2dOptions { kernel, stride, pad_mode: pad_mode(a)?, ..Default::default() })
}

impl Operator for Pool {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let x = inputs.var(0)?;
        if let Pool::Max(options) | Pool::Average(options) = self {
            let Pool2dOptions { kernel, pad_mode, .. } = *options;
            let op = if let Pool::Max(_) = self { "max_pool2d" } else { "avg_pool2d" };
            check_padding(op, x.shape(), pad_mode, kernel, [1; 2])?;
        }
        Ok(Value::Var(match self {
            Pool::Max(options) => x.max_pool2d(options)?,
            Pool::Average(options) => x.avg_pool2d(options)?,
            Pool::GlobalAverage => {
                let size = x.shape()[..].get(2..4).map(|size| [size[0], size[1]]);
                let kernel = size.unwrap_or([1; 2]);
                x.avg_pool2d(&Pool2dOptions { kernel, ..Default::default() })?
            }
        }))
    }
}
