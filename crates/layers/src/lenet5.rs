//! LeNet-5 as in the chapter's listing.

use crate::{Conv2d, Dense, Flatten, Layer, MaxPool2d, Relu, module};
use autodiff::Var;
use tensor::{Float, Result};

/// The network of the chapter's listing (§3.4.2): 61,706 parameters, input `[N, 1, 32, 32]`,
/// output `[N, 10]` logits.
///
/// ```
/// use layers::{LeNet5, ModuleExt};
/// assert_eq!(LeNet5::new().parameter_count(), 61_706);
/// ```
#[derive(Clone, Debug)]
pub struct LeNet5 {
    /// 1×32×32 to 6×28×28
    pub conv1: Conv2d,
    relu1: Relu,
    pool1: MaxPool2d,
    /// 6×14×14 to 16×10×10
    pub conv2: Conv2d,
    relu2: Relu,
    pool2: MaxPool2d,
    flatten: Flatten,
    /// 400 to 120
    pub fc1: Dense,
    relu3: Relu,
    /// 120 to 84
    pub fc2: Dense,
    relu4: Relu,
    /// 84 to 10
    pub fc3: Dense,
}

module!(LeNet5 { conv1, relu1, pool1, conv2, relu2, pool2, flatten, fc1, relu3, fc2, relu4, fc3 });

impl LeNet5 {
    /// The network, its parameters not drawn yet.
    pub fn new() -> Self {
        LeNet5 {
            conv1: Conv2d::new(1, 6, 5),
            relu1: Relu::new(),
            pool1: MaxPool2d::new(2),
            conv2: Conv2d::new(6, 16, 5),
            relu2: Relu::new(),
            pool2: MaxPool2d::new(2),
            flatten: Flatten::new(),
            fc1: Dense::new(16 * 5 * 5, 120),
            relu3: Relu::new(),
            fc2: Dense::new(120, 84),
            relu4: Relu::new(),
            fc3: Dense::new(84, 10),
        }
    }
}

impl Default for LeNet5 {
    fn default() -> Self {
        LeNet5::new()
    }
}

impl<T: Float> Layer<T> for LeNet5 {
    fn forward<'t>(&self, x: Var<'t, T>) -> Result<Var<'t, T>> {
        let x = self.pool1.forward(self.relu1.forward(self.conv1.forward(x)?)?)?;
        let x = self.pool2.forward(self.relu2.forward(self.conv2.forward(x)?)?)?;
        let x = self.flatten.forward(x)?;
        let x = self.relu3.forward(self.fc1.forward(x)?)?;
        let x = self.relu4.forward(self.fc2.forward(x)?)?;
        self.fc3.forward(x)
    }
}
