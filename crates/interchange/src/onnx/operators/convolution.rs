//! Convolution.

use super::limits::check_padding;
use super::{Attributes, Inputs, Operator, Value, pad_mode, pair};
use crate::Result;
use tensor::Conv2dOptions;

#[derive(Debug)]
struct Conv(Conv2dOptions);

pub(super) fn conv(a: &mut Attributes) -> Result<Box<dyn Operator>> {
    let group = a.int("group", 1)?;
    let groups = usize::try_from(group).ok().filter(|&groups| groups > 0);
    let groups =
        groups.ok_or_else(|| a.damaged(&format!("has group {group}, expected at least 1")))?;
    let options = Conv2dOptions::default()
        .stride(pair(a, "strides", Some([1; 2]))?)
        .dilation(pair(a, "dilations", Some([1; 2]))?)
        .pad_mode(pad_mode(a)?)
        .groups(groups);
    // The weight's shape says it too.
    a.sizes("kernel_shape")?;
    Ok(Box::new(Conv(options)))
}

impl Operator for Conv {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let (x, weight, bias) = (inputs.var(0)?, inputs.var(1)?, inputs.optional(2)?);
        if let &[_, _, height, width] = &weight.shape()[..] {
            let Conv2dOptions { pad_mode, dilation, .. } = self.0;
            check_padding("conv2d", x.shape(), pad_mode, [height, width], dilation)?;
        }
        Ok(Value::Var(x.conv2d(&weight, bias.as_ref(), &self.0)?))
    }
}
