//! Layer normalisation.

use crate::var::same_tape;
use crate::{Attribute, Backward, Sink, Var};
use tensor::kernels::normalize as kernels;
use tensor::{Error, Float, Result, Tensor};

const OP: &str = "layer_norm";

/// y = (x - mean) / √(variance + epsilon) · gamma + beta, over the last axes.
#[derive(Debug)]
struct LayerNorm<T: Float> {
    x: Tensor<T>,
    gamma: Tensor<T>,
    means: Tensor<T>,
    inverse: Tensor<T>,
    epsilon: f64,
}

impl<T: Float> Backward<T> for LayerNorm<T> {
    fn name(&self) -> &'static str {
        OP
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let LayerNorm { x, gamma, means, inverse, .. } = &*self;
        let [mut d_gamma, mut d_beta] = [(); 2].map(|()| Tensor::stale(gamma.shape()));
        kernels::normalize_rows_backward(
            dy.as_mut_slice(),
            x.as_slice(),
            gamma.as_slice(),
            means.as_slice(),
            inverse.as_slice(),
            d_gamma.as_mut_slice(),
            d_beta.as_mut_slice(),
        );
        sink.give(0, dy);
        sink.give(1, d_gamma);
        sink.give(2, d_beta);
    }

    fn formula(&self, x: &[&str]) -> String {
        let [x, gamma, beta] = x else { return OP.to_owned() };
        format!("({x} - μ) / √(σ² + ε) · {gamma} + {beta}, μ and σ² of each row")
    }

    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        let [x, gamma, beta] = x else { return None };
        match i {
            0 => None,
            1 => Some(format!("∂{y}/∂{gamma} = ({x} - μ) / √(σ² + ε)")),
            _ => Some(format!("∂{y}/∂{beta} = 1")),
        }
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![
            ("epsilon", Attribute::Number(self.epsilon)),
            ("axes", Attribute::Size(self.gamma.shape().rank())),
        ]
    }
}

impl<'t, T: Float> Var<'t, T> {
    /// y = (x - mean) / √(variance + epsilon) · gamma + beta, where mean and (biased) variance are
    /// those of the last axes, which gamma and beta have: x and y `[.., gamma's axes]`. Ba, Kiros
    /// and Hinton (2016), eq. (4).
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not fit, [`Error::Argument`] where epsilon is not
    /// positive.
    pub fn layer_norm(self, gamma: &Var<'t, T>, beta: &Var<'t, T>, epsilon: f64) -> Result<Self> {
        if !(epsilon > 0.0 && epsilon.is_finite()) {
            return Err(Error::argument(OP, "epsilon", epsilon, "a finite number above 0"));
        }
        let (tape, input, x) = self.into_parts();
        same_tape(OP, tape, gamma)?;
        same_tape(OP, tape, beta)?;
        let (row, fits) = (gamma.shape(), x.shape().ends_with(gamma.shape()));
        if !fits || row.elements() == 0 || row.rank() == 0 || beta.shape() != row {
            let detail = "the input's last axes, gamma and beta need the same sizes, at least 1";
            return Err(Error::shape(OP, detail)
                .operand("input", x.shape())
                .operand("gamma", row)
                .operand("beta", beta.shape()));
        }
        let mut y = Tensor::stale(x.shape());
        let rows = x.len() / row.elements();
        let [mut means, mut inverse] = [(); 2].map(|()| Tensor::stale([rows]));
        kernels::normalize_rows(
            x.as_slice(),
            gamma.value().as_slice(),
            beta.value().as_slice(),
            T::from_f64(epsilon),
            y.as_mut_slice(),
            means.as_mut_slice(),
            inverse.as_mut_slice(),
        );
        let inputs = [input, gamma.node(), beta.node()];
        let gamma = gamma.value().clone();
        Ok(tape.operation(inputs, y, |_| LayerNorm { x, gamma, means, inverse, epsilon }))
    }
}
