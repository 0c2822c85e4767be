//! LeNet-5 as it was published in 1998.

use crate::{
    ConnectionTable, Conv2d, Dense, Flatten, Initializer, Layer, Parameter, ScaledTanh,
    Subsampling, TableConv2d, module,
};
use autodiff::Var;
use tensor::{Float, Result};

/// The network of the chapter's §3.4.1, LeCun et al., "Gradient-based learning applied to document
/// recognition" (1998): 60,850 parameters, input `[N, 1, 32, 32]`, output `[N, 10]` logits.
///
/// Two things differ from the paper. Its output layer measures distances to fixed pictures of the
/// digits (Euclidean radial basis functions); as in the chapter, here it is fully connected, for
/// softmax cross-entropy. And every unit of C3 is drawn with the mean of their fan-ins.
///
/// Weights and biases are drawn from U(±2.4 / fan-in), as in the paper, but for the subsampling
/// layers, which start as average-pooling: [`Subsampling`].
///
/// ```
/// use layers::{LeNet5Classic, ModuleExt};
/// assert_eq!(LeNet5Classic::new().parameter_count(), 60_850);
/// ```
#[derive(Clone, Debug)]
pub struct LeNet5Classic {
    /// 1×32×32 to 6×28×28
    pub c1: Conv2d,
    tanh1: ScaledTanh,
    /// to 6×14×14
    pub s2: Subsampling,
    tanh2: ScaledTanh,
    /// to 16×10×10, each map from some of the six
    pub c3: TableConv2d,
    tanh3: ScaledTanh,
    /// to 16×5×5
    pub s4: Subsampling,
    tanh4: ScaledTanh,
    /// to 120×1×1
    pub c5: Conv2d,
    tanh5: ScaledTanh,
    flatten: Flatten,
    /// 120 to 84
    pub f6: Dense,
    tanh6: ScaledTanh,
    /// 84 to 10
    pub output: Dense,
}

module!(LeNet5Classic {
    c1,
    tanh1,
    s2,
    tanh2,
    c3,
    tanh3,
    s4,
    tanh4,
    c5,
    tanh5,
    flatten,
    f6,
    tanh6,
    output
});

impl LeNet5Classic {
    /// The network, its parameters not drawn yet.
    pub fn new() -> Self {
        let mut net = LeNet5Classic {
            c1: Conv2d::new(1, 6, 5),
            tanh1: ScaledTanh::new(),
            s2: Subsampling::new(6, 2),
            tanh2: ScaledTanh::new(),
            c3: TableConv2d::new(ConnectionTable::lenet5(), 5),
            tanh3: ScaledTanh::new(),
            s4: Subsampling::new(16, 2),
            tanh4: ScaledTanh::new(),
            c5: Conv2d::new(16, 120, 5),
            tanh5: ScaledTanh::new(),
            flatten: Flatten::new(),
            f6: Dense::new(120, 84),
            tanh6: ScaledTanh::new(),
            output: Dense::new(84, 10),
        };
        draw(&mut net.c1.weight, net.c1.bias.as_mut(), 25.0);
        draw(&mut net.c3.weight, Some(&mut net.c3.bias), 1500.0 / 16.0);
        draw(&mut net.c5.weight, net.c5.bias.as_mut(), 400.0);
        draw(&mut net.f6.weight, net.f6.bias.as_mut(), 120.0);
        draw(&mut net.output.weight, net.output.bias.as_mut(), 84.0);
        net
    }
}

/// The paper's first values: U(±2.4 / fan-in).
fn draw(weight: &mut Parameter, bias: Option<&mut Parameter>, fan_in: f64) {
    let initializer = Initializer::Uniform { bound: 2.4 / fan_in };
    weight.set_initializer(initializer);
    if let Some(bias) = bias {
        bias.set_initializer(initializer);
    }
}

impl Default for LeNet5Classic {
    fn default() -> Self {
        LeNet5Classic::new()
    }
}

impl<T: Float> Layer<T> for LeNet5Classic {
    fn forward<'t>(&self, x: Var<'t, T>) -> Result<Var<'t, T>> {
        let x = self.tanh1.forward(self.c1.forward(x)?)?;
        let x = self.tanh2.forward(self.s2.forward(x)?)?;
        let x = self.tanh3.forward(self.c3.forward(x)?)?;
        let x = self.tanh4.forward(self.s4.forward(x)?)?;
        let x = self.tanh5.forward(self.c5.forward(x)?)?;
        let x = self.flatten.forward(x)?;
        let x = self.tanh6.forward(self.f6.forward(x)?)?;
        self.output.forward(x)
    }
}
