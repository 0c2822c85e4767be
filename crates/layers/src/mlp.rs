//! [`Mlp`]: the multi-layer perceptron.

use crate::{Activation, Dense, Layer, module};
use autodiff::Var;
use tensor::{Error, Float, Result};

/// The multi-layer perceptron of fig. 3.3: inputs, hidden layers with an activation of each one's
/// own, outputs. x `[N, inputs]`, y `[N, outputs]`.
///
/// The outputs have no activation: losses such as
/// [`SoftmaxCrossEntropyWithLogits`](crate::SoftmaxCrossEntropyWithLogits) want them so. Where one
/// is wanted, set it: `mlp.output = mlp.output.activation(Activation::Sigmoid)`.
///
/// Parameters are named `hidden.0.weight`, `hidden.0.bias`, .., `output.weight`, `output.bias`.
///
/// ```
/// use layers::{Activation, Mlp, ModuleExt};
/// let mlp = Mlp::new(2).hidden(8, Activation::Tanh).hidden(4, "relu".parse()?).output(3)?;
/// assert_eq!(mlp.parameter_count(), (2 * 8 + 8) + (8 * 4 + 4) + (4 * 3 + 3));
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mlp {
    /// The hidden layers, in order.
    pub hidden: Vec<Dense>,
    /// The output layer.
    pub output: Dense,
}

module!(Mlp { hidden, output });

impl Mlp {
    /// Begins with the number of inputs; [`MlpBuilder::output`] ends it.
    #[expect(clippy::new_ret_no_self, reason = "the network is whole once its outputs are known")]
    pub fn new(inputs: usize) -> MlpBuilder {
        MlpBuilder { inputs, hidden: Vec::new() }
    }
}

impl<T: Float> Layer<T> for Mlp {
    fn forward<'t>(&self, x: Var<'t, T>) -> Result<Var<'t, T>> {
        let x = self.hidden.iter().try_fold(x, |x, layer| layer.forward(x))?;
        self.output.forward(x)
    }
}

/// An [`Mlp`] whose outputs are still to be told.
#[derive(Clone, Debug)]
#[must_use]
pub struct MlpBuilder {
    inputs: usize,
    hidden: Vec<(usize, Activation)>,
}

impl MlpBuilder {
    /// Adds a hidden layer of `size` units.
    pub fn hidden(mut self, size: usize, activation: Activation) -> Self {
        self.hidden.push((size, activation));
        self
    }

    /// The network with `outputs` outputs.
    ///
    /// # Errors
    /// [`Error::Argument`] where the inputs, a hidden layer or the outputs are 0.
    pub fn output(self, outputs: usize) -> Result<Mlp> {
        at_least_one("inputs", self.inputs)?;
        let (mut size, mut hidden) = (self.inputs, Vec::new());
        for (i, (units, activation)) in self.hidden.into_iter().enumerate() {
            at_least_one("size", units).map_err(|error| error.at(&format!("hidden.{i}")))?;
            hidden.push(Dense::new(size, units).activation(activation));
            size = units;
        }
        at_least_one("outputs", outputs)?;
        Ok(Mlp { hidden, output: Dense::new(size, outputs) })
    }
}

fn at_least_one(argument: &'static str, size: usize) -> Result<()> {
    match size {
        0 => Err(Error::argument("mlp", argument, size, "at least 1")),
        _ => Ok(()),
    }
}
