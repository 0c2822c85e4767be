//! The fully connected layer.

use crate::description::flag;
use crate::{Activation, Initializer, Layer, Parameter, Scope, module};
use autodiff::Var;
use tensor::{Error, Float, Result};

/// y = f(x Wᵀ + b), eq. (3.3): x `[.., in]`, y `[.., out]`; without an f unless
/// [`activation`](Dense::activation) gives one.
///
/// Parameters as in MindSpore and PyTorch: `weight` `[out, in]`, `bias` `[out]`, both drawn from
/// U(±1/√in). (PyTorch's name is `Linear`.)
#[derive(Clone, Debug)]
pub struct Dense {
    scope: Scope,
    /// `[out_features, in_features]`
    pub weight: Parameter,
    /// `[out_features]`
    pub bias: Option<Parameter>,
    activation: Option<Activation>,
}

module!(Dense { scope, weight, bias } => Dense::arguments);

impl Dense {
    /// `in_features` to `out_features`, with a bias.
    pub fn new(in_features: usize, out_features: usize) -> Self {
        let initializer = Initializer::fan_in(in_features);
        Dense {
            scope: Scope::default(),
            weight: Parameter::new([out_features, in_features], initializer),
            bias: Some(Parameter::new([out_features], initializer)),
            activation: None,
        }
    }

    /// With an activation behind it: MindSpore's `Dense(.., activation='relu')`.
    #[must_use]
    pub fn activation(self, activation: Activation) -> Self {
        Dense { activation: Some(activation), ..self }
    }

    /// With or without a bias.
    #[must_use]
    pub fn has_bias(mut self, has_bias: bool) -> Self {
        if !has_bias {
            self.bias = None;
        } else if self.bias.is_none() {
            let (outputs, inputs) = (self.weight.shape()[0], self.weight.shape()[1]);
            self.bias = Some(Parameter::new([outputs], Initializer::fan_in(inputs)));
        }
        self
    }

    /// How the weight is drawn.
    #[must_use]
    pub fn weight_init(mut self, initializer: Initializer) -> Self {
        self.weight.set_initializer(initializer);
        self
    }

    /// How the bias is drawn; a layer without one gets one.
    #[must_use]
    pub fn bias_init(self, initializer: Initializer) -> Self {
        let mut layer = self.has_bias(true);
        if let Some(bias) = &mut layer.bias {
            bias.set_initializer(initializer);
        }
        layer
    }

    fn arguments(&self) -> String {
        let (outputs, inputs) = (self.weight.shape()[0], self.weight.shape()[1]);
        let bias = flag(self.bias.is_some());
        let activation = self.activation.map(|f| format!(", activation={f}")).unwrap_or_default();
        format!("input_channels={inputs}, output_channels={outputs}, has_bias={bias}{activation}")
    }

    /// Adds how to mend an input of another size.
    fn advise(&self, error: Error, features: Option<usize>) -> Error {
        let (outputs, inputs) = (self.weight.shape()[0], self.weight.shape()[1]);
        match features {
            Some(features) if features != inputs => error.hint(format!(
                "resize what the network is fed, or make this layer Dense::new({features}, {outputs})"
            )),
            _ => error,
        }
    }
}

impl<T: Float> Layer<T> for Dense {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("Dense", input, |x| {
            let weight = self.weight.on(x.tape())?;
            let bias = self.bias.as_ref().map(|bias| bias.on(x.tape())).transpose()?;
            let features = x.shape().last().copied();
            let y = x.linear(&weight, bias.as_ref());
            let y = y.map_err(|error| self.advise(error, features))?;
            match self.activation {
                Some(activation) => activation.apply(y),
                None => Ok(y),
            }
        })
    }
}
