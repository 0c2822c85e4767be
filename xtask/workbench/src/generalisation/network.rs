//! The network that over-fits: hidden layers of one size, with dropout after each.

use super::remedy::Setup;
use layers::{Activation, Dense, Dropout, Flatten, Layer, Var, module};

/// A multi-layer perceptron for images of 28×28 pixels.
pub(super) struct Network {
    flatten: Flatten,
    hidden: Vec<Dense>,
    dropout: Vec<Dropout>,
    output: Dense,
}

module!(Network { flatten, hidden, dropout, output });

impl Network {
    pub(super) fn new(setup: &Setup) -> Self {
        let inputs = |layer: usize| if layer == 0 { 28 * 28 } else { setup.width };
        let dense = |layer| Dense::new(inputs(layer), setup.width).activation(Activation::Relu);
        Network {
            flatten: Flatten::new(),
            hidden: (0..setup.depth).map(dense).collect(),
            dropout: (0..setup.depth).map(|_| Dropout::new(setup.dropout)).collect(),
            output: Dense::new(setup.width, 10),
        }
    }
}

impl Layer for Network {
    fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
        let mut x = self.flatten.forward(x)?;
        for (dense, dropout) in self.hidden.iter().zip(&self.dropout) {
            x = dropout.forward(dense.forward(x)?)?;
        }
        self.output.forward(x)
    }
}
