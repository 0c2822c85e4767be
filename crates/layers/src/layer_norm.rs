//! Layer normalisation.

use crate::{Initializer, Layer, Parameter, Scope, module};
use autodiff::Var;
use tensor::{Float, Result, Shape};

/// y = (x - mean) / √(variance + epsilon) · gamma + beta over the last axes of each sample: x and y
/// `[.., shape]`, gamma and beta `[shape]`. Ba, Kiros and Hinton (2016).
///
/// The variance is the biased one, as in MindSpore and PyTorch. Epsilon is 1e-5 as in PyTorch
/// (MindSpore's default is 1e-7, below what f32 can add to a variance of 2). A sample does not
/// depend on the others, so training and evaluation are the same.
///
/// ```
/// use layers::{LayerNorm, ModuleExt};
/// assert_eq!(LayerNorm::new([84]).parameter_count(), 2 * 84);
/// ```
#[derive(Clone, Debug)]
pub struct LayerNorm {
    scope: Scope,
    /// The last axes' shape, ones at first: PyTorch's `weight`.
    pub gamma: Parameter,
    /// The last axes' shape, zeros at first: PyTorch's `bias`.
    pub beta: Parameter,
    epsilon: f64,
}

module!(LayerNorm { scope, gamma, beta } => |layer: &LayerNorm| {
    format!("normalized_shape={}, eps={:?}", layer.gamma.shape(), layer.epsilon)
});

impl LayerNorm {
    /// Over the last axes, which have this shape.
    pub fn new(shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        LayerNorm {
            scope: Scope::default(),
            gamma: Parameter::new(shape.clone(), Initializer::ONE),
            beta: Parameter::new(shape, Initializer::ZERO),
            epsilon: 1e-5,
        }
    }

    /// What is added to the variance, above 0.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
}

impl<T: Float> Layer<T> for LayerNorm {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("LayerNorm", input, |x| {
            let (gamma, beta) = (self.gamma.on(x.tape())?, self.beta.on(x.tape())?);
            x.layer_norm(&gamma, &beta, self.epsilon)
        })
    }
}
