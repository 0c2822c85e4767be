//! Two-dimensional convolution (cross-correlation, as in every deep-learning library).

use crate::attribute::window;
use crate::var::same_tape;
use crate::{Attribute, Backward, Sink, Tally, Var};
use tensor::ops::conv2d as ops;
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

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let g = &self.geometry;
        let dy = dy.into_layout(self.x.layout());
        let wants = [0, 1, 2].map(|i| sink.wants(i));
        let gradients = ops::backward(g, &self.x, &self.weight, &dy, wants);
        for (i, gradient) in gradients.into_iter().enumerate() {
            if let Some(gradient) = gradient {
                sink.give(i, gradient);
            }
        }
    }

    fn formula(&self, x: &[&str]) -> String {
        match x {
            [x, w, ""] => format!("{x} ∗ {w}"),
            _ => format!("{} ∗ {} + {}", x[0], x[1], x[2]),
        }
    }

    /// In terms of an output pixel p and a tap t, which meet at one input pixel.
    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(match i {
            0 => format!("∂{y}[p]/∂{}[p met by tap t] = {}[t]", x[0], x[1]),
            1 => format!("∂{y}[p]/∂{}[t] = {}[p met by tap t]", x[1], x[0]),
            _ => format!("∂{y}[p]/∂{} = 1", x[2]),
        })
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let (height, width) = (self.geometry.height(), self.geometry.width());
        let mut attributes = window(height, width);
        attributes.push(("dilation", Attribute::Sizes(vec![height.dilation, width.dilation])));
        attributes.push(("groups", Attribute::Size(self.geometry.groups())));
        attributes
    }
}

impl<'t, T: Float> Var<'t, T> {
    /// Slides `weight` over the images: x `[N, C, H, W]`, weight `[O, C/groups, KH, KW]`, bias
    /// `[O]`, y `[N, O, OH, OW]`.
    ///
    /// Many layers in f32 with stride 1 are computed by Winograd's algorithm, whose error is about
    /// 2e-6 of the largest output, several times that of a direct sum; so are their gradients.
    /// [`Conv2dOptions::algorithm`] asks for another: see
    /// [`Conv2dAlgorithm`](tensor::Conv2dAlgorithm).
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
        let (tape, input, x) = self.into_stored_parts();
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
        tape.tally(|| {
            let patch = weight.shape()[1..].iter().product();
            Tally::weighted_sums(geometry.output_shape().elements(), patch, bias.is_some())
        });
        let x = ops::arrange(&geometry, x);
        let y = ops::forward(&geometry, &x, weight.value(), bias.map(Var::value));
        let weight_value = weight.value().clone();
        let inputs = [input, weight.node(), bias.and_then(Var::node)];
        Ok(tape.operation(inputs, y, |_| Conv2d { geometry, x, weight: weight_value }))
    }
}
