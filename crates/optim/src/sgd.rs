//! Plain stochastic gradient descent.

use crate::optimizer::{check_number, check_step, for_each_update, store_for};
use crate::{LearningRate, Optimizer};
use autodiff::Gradients;
use layers::Module;
use tensor::{Result, kernels};

/// w := w - lr · (g + decay · w): eq. (3.11), where g is already the mean over the batch.
#[derive(Debug)]
pub struct Sgd {
    learning_rate: LearningRate,
    weight_decay: f64,
    steps: u64,
}

impl Sgd {
    /// Without weight decay.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where the rate is negative or not finite.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Result<Self> {
        let learning_rate = learning_rate.into();
        check_number("sgd", "learning rate", learning_rate.at(0), 0.0, f64::INFINITY)?;
        Ok(Sgd { learning_rate, weight_decay: 0.0, steps: 0 })
    }

    /// The L2 penalty's factor: every parameter's gradient gets `decay · w`, biases included, as
    /// in MindSpore and PyTorch.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is negative or not finite.
    pub fn weight_decay(mut self, decay: f64) -> Result<Self> {
        check_number("sgd", "weight_decay", decay, 0.0, f64::INFINITY)?;
        self.weight_decay = decay;
        Ok(self)
    }
}

impl Optimizer for Sgd {
    fn step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()> {
        let rate = self.learning_rate();
        check_step("sgd", rate, module, gradients)?;
        let (rate, decay) = (rate as f32, self.weight_decay as f32);
        let store = store_for(gradients);
        for_each_update(module, gradients, &mut |_, w, g| {
            kernels::optimizer::sgd(w.as_mut_slice(), g.as_slice(), rate, decay, store);
        });
        self.steps += 1;
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate.at(self.steps)
    }

    fn steps(&self) -> u64 {
        self.steps
    }
}
