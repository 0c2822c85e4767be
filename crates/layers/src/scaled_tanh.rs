//! The 1998 LeNet-5's squashing function.

use crate::{Layer, Scope, module};
use autodiff::Var;
use tensor::{Float, Result};

/// y = 1.7159 · tanh(2x / 3), element by element: LeCun et al., "Gradient-based learning applied
/// to document recognition" (1998), eq. (6). Any shape.
///
/// The constants make f(±1) = ±1, so that targets of ±1 lie where the curvature is largest and not
/// on the asymptotes (appendix A of the paper).
///
/// ```
/// use layers::{Layer, ScaledTanh, Tape};
/// use tensor::Tensor;
/// let tape = Tape::inference();
/// let y = ScaledTanh::new().forward(tape.constant(Tensor::<f32>::full([1], 1.0)))?;
/// assert!((y.value().item()? - 1.0).abs() < 1e-4);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ScaledTanh {
    scope: Scope,
}

module!(ScaledTanh { scope });

impl ScaledTanh {
    /// The height of the asymptotes, the paper's A.
    pub const AMPLITUDE: f64 = 1.7159;
    /// What the input is multiplied by, the paper's S.
    pub const SLOPE: f64 = 2.0 / 3.0;

    /// The layer; it has no parameters.
    pub fn new() -> Self {
        ScaledTanh::default()
    }
}

impl<T: Float> Layer<T> for ScaledTanh {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        let [amplitude, slope] = [Self::AMPLITUDE, Self::SLOPE].map(T::from_f64);
        self.scope.run("ScaledTanh", input, |x| Ok(x.scaled_tanh(amplitude, slope)))
    }
}
