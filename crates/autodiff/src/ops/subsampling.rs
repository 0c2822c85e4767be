//! Trainable subsampling, as in the 1998 LeNet-5's layers S2 and S4.

use crate::attribute::window;
use crate::var::same_tape;
use crate::{Attribute, Backward, Sink, Tally, Var};
use tensor::ops::subsampling as ops;
use tensor::{Error, Float, Pool2dGeometry, Pool2dOptions, Result, Tensor};

/// y = coefficient · sum + bias, by channel: the sums are saved for the coefficients' gradient.
#[derive(Debug)]
struct Subsampling<T: Float> {
    geometry: Pool2dGeometry,
    sums: Tensor<T>,
    coefficient: Tensor<T>,
}

impl<T: Float> Backward<T> for Subsampling<T> {
    fn name(&self) -> &'static str {
        "subsampling"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let dy = dy.into_layout(self.sums.layout());
        let gradients = ops::backward(&self.geometry, &dy, &self.sums, &self.coefficient);
        for (i, gradient) in gradients.into_iter().enumerate() {
            sink.give(i, gradient);
        }
    }

    fn formula(&self, x: &[&str]) -> String {
        let (height, width) = (self.geometry.height().kernel, self.geometry.width().kernel);
        format!("{} · the sum of each {height}×{width} window of {} + {}", x[1], x[0], x[2])
    }

    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(match i {
            0 => format!("∂{y}/∂{} = {} for each window that it is in", x[0], x[1]),
            1 => format!("∂{y}/∂{} = the sum of its window of {}", x[1], x[0]),
            _ => format!("∂{y}/∂{} = 1", x[2]),
        })
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        window(self.geometry.height(), self.geometry.width())
    }
}

impl<'t, T: Float> Var<'t, T> {
    /// y = coefficient · (sum of each window) + bias, by channel: x `[N, C, H, W]`, coefficient
    /// and bias `[C]`, y `[N, C, OH, OW]`. Padding counts 0.
    ///
    /// # Errors
    /// As [`Pool2dGeometry::new`]; [`Error::Shape`] where coefficient or bias have another shape.
    pub fn subsampling(
        self,
        coefficient: &Var<'t, T>,
        bias: &Var<'t, T>,
        options: &Pool2dOptions,
    ) -> Result<Self> {
        let (tape, input, x) = self.into_stored_parts();
        let geometry = Pool2dGeometry::new("subsampling", x.shape(), options)?;
        for (name, operand) in [("coefficient", coefficient), ("bias", bias)] {
            same_tape("subsampling", tape, operand)?;
            let channels = geometry.channels();
            if operand.shape()[..] != [channels] {
                let found = operand.shape();
                let detail = format!(
                    "input has {channels} channels, {name} has shape {found}, not [{channels}]"
                );
                return Err(Error::shape("subsampling", detail).operand("input", x.shape()));
            }
        }
        tape.tally(|| {
            let neurons = geometry.output_shape().elements();
            let sums = Tally::weighted_sums(neurons, geometry.window(), true);
            Tally { multiply_adds: neurons, ..sums }
        });
        let [y, sums] = ops::forward(&geometry, &x, coefficient.value(), bias.value());
        let inputs = [input, coefficient.node(), bias.node()];
        let coefficient = coefficient.value().clone();
        Ok(tape.operation(inputs, y, |_| Subsampling { geometry, sums, coefficient }))
    }
}
