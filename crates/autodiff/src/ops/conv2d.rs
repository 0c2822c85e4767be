//! Two-dimensional convolution (cross-correlation, as in every deep-learning library).

use crate::var::same_tape;
use crate::{Backward, Sink, Var};
use tensor::kernels::conv2d as kernel;
use tensor::{Conv2dGeometry, Conv2dOptions, Error, Float, Result, Tensor};

/// y = conv(x, w) + b. The input is saved for the weight's gradient, the weight for the input's.
#[derive(Debug)]
struct Conv2d<T: Float> {
    geometry: Conv2dGeometry,
    x: Tensor<T>,
    weight: Tensor<T>,
}

impl<T: Float> Backward<T> for Conv2d<T> {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let g = &self.geometry;
        let mut scratch = Tensor::stale([g.scratch_len()]);
        let scratch = scratch.as_mut_slice();
        let dy = dy.as_slice();
        if sink.wants(1) {
            let mut dw = Tensor::stale(g.weight_shape());
            kernel::backward_weight(g, self.x.as_slice(), dy, dw.as_mut_slice(), scratch);
            sink.give(1, dw);
        }
        if sink.wants(2) {
            let mut db = Tensor::stale([g.out_channels()]);
            kernel::backward_bias(g, dy, db.as_mut_slice());
            sink.give(2, db);
        }
        if sink.wants(0) {
            let mut dx = Tensor::stale(g.input_shape());
            kernel::backward_input(g, self.weight.as_slice(), dy, dx.as_mut_slice(), scratch);
            sink.give(0, dx);
        }
    }
}

impl<'t, T: Float> Var<'t, T> {
    /// Slides `weight` over the images: x `[N, C, H, W]`, weight `[O, C/groups, KH, KW]`, bias
    /// `[O]`, y `[N, O, OH, OW]`.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Argument`] where the shapes and the options do not fit; see
    /// [`Conv2dGeometry::new`].
    pub fn conv2d(
        self,
        weight: &Var<'t, T>,
        bias: Option<&Var<'t, T>>,
        options: &Conv2dOptions,
    ) -> Result<Self> {
        let (tape, input, x) = self.into_parts();
        same_tape("conv2d", tape, weight)?;
        let geometry = Conv2dGeometry::new(x.shape(), weight.shape(), options)?;
        if let Some(bias) = bias {
            same_tape("conv2d", tape, bias)?;
            let channels = geometry.out_channels();
            if bias.shape()[..] != [channels] {
                let detail = format!("bias has shape {}, expected [{channels}]", bias.shape());
                return Err(Error::shape("conv2d", detail)
                    .operand("input", x.shape())
                    .operand("weight", weight.shape()));
            }
        }
        let mut y = Tensor::stale(geometry.output_shape());
        let mut scratch = Tensor::stale([geometry.scratch_len()]);
        kernel::forward(
            &geometry,
            x.as_slice(),
            weight.value().as_slice(),
            bias.map(|bias| bias.value().as_slice()),
            y.as_mut_slice(),
            scratch.as_mut_slice(),
        );
        let weight_value = weight.value().clone();
        let inputs = [input, weight.node(), bias.and_then(Var::node)];
        Ok(tape.operation(inputs, y, |_| Conv2d { geometry, x, weight: weight_value }))
    }
}
