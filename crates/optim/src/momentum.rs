//! Gradient descent with momentum.

use crate::optimizer::{check_number, check_step, for_each_update, store_for};
use crate::{LearningRate, Optimizer};
use autodiff::Gradients;
use layers::{Module, ModuleExt};
use tensor::{Error, Result, Tensor, kernels};

/// v := momentum · v + g, w := w - lr · v; with Nesterov w := w - lr · (g + momentum · v).
///
/// g includes `weight_decay · w`, and v starts at 0: MindSpore's `nn.Momentum` and PyTorch's
/// `SGD(momentum=..)`. MindSpore 2.10 ignores `use_nesterov` on a CPU; this does not.
#[derive(Debug)]
pub struct Momentum {
    learning_rate: LearningRate,
    momentum: f64,
    weight_decay: f64,
    nesterov: bool,
    steps: u64,
    /// By place in the module, each with the name of its parameter.
    velocities: Vec<Option<(String, Tensor)>>,
}

impl Momentum {
    /// Without weight decay or Nesterov's look-ahead.
    ///
    /// # Errors
    /// [`Error::Argument`] where the rate is negative or not finite, or the momentum is not in
    /// 0..=1.
    pub fn new(learning_rate: impl Into<LearningRate>, momentum: f64) -> Result<Self> {
        let learning_rate = learning_rate.into();
        check_number("momentum", "learning rate", learning_rate.at(0), 0.0, f64::INFINITY)?;
        check_number("momentum", "momentum", momentum, 0.0, 1.0)?;
        let (weight_decay, nesterov, steps, velocities) = (0.0, false, 0, Vec::new());
        Ok(Momentum { learning_rate, momentum, weight_decay, nesterov, steps, velocities })
    }

    /// The L2 penalty's factor: every parameter's gradient gets `decay · w`, biases included, as
    /// in MindSpore and PyTorch.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn weight_decay(mut self, decay: f64) -> Result<Self> {
        check_number("momentum", "weight_decay", decay, 0.0, f64::INFINITY)?;
        self.weight_decay = decay;
        Ok(self)
    }

    /// Whether the gradient is taken to be the one a step ahead (MindSpore's `use_nesterov`).
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }

    /// Makes sure that each parameter with a gradient has a velocity of its shape.
    fn prepare(&mut self, module: &dyn Module, gradients: &Gradients) -> Result<()> {
        let (mut place, mut result) = (0, Ok(()));
        module.each_parameter(&mut |name, parameter| {
            if self.velocities.len() <= place {
                self.velocities.push(None);
            }
            let slot = &mut self.velocities[place];
            place += 1;
            if gradients.get(parameter.key()).is_none() || result.is_err() {
                return;
            }
            match slot {
                None => *slot = Some((name.to_owned(), Tensor::zeros(parameter.shape()))),
                Some((known, velocity))
                    if known != name || velocity.shape() != parameter.shape() =>
                {
                    let found = format!("parameter {name} {}", parameter.shape());
                    let detail =
                        format!("{found} comes where {known} {} was before", velocity.shape());
                    result = Err(Error::state("momentum", detail)
                        .hint("an optimizer belongs to one network: make a new one"));
                }
                Some(_) => {}
            }
        });
        result
    }
}

impl Optimizer for Momentum {
    fn step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()> {
        let rate = self.learning_rate();
        check_step("momentum", rate, module, gradients)?;
        self.prepare(module, gradients)?;
        let (rate, momentum) = (rate as f32, self.momentum as f32);
        let decay = self.weight_decay as f32;
        let update = if self.nesterov {
            kernels::optimizer::nesterov::<f32>
        } else {
            kernels::optimizer::momentum::<f32>
        };
        let store = store_for(gradients);
        for_each_update(module, gradients, &mut |place, w, g| {
            if let Some((_, v)) = &mut self.velocities[place] {
                update(
                    w.as_mut_slice(),
                    v.as_mut_slice(),
                    g.as_slice(),
                    rate,
                    momentum,
                    decay,
                    store,
                );
            }
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
