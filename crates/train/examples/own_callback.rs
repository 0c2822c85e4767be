//! A callback of your own: the moving average of the weights, which often predicts better than
//! the weights of any single step (Polyak averaging).
//!
//!     cargo run -p train --example own_callback

use datasets::{Dataset, synthetic::TwoMoons};
use layers::{Activation, Mlp, ModuleExt, SoftmaxCrossEntropyWithLogits};
use optim::Sgd;
use std::collections::BTreeMap;
use tensor::Tensor;
use train::{Accuracy, Callback, Model, Result, RunContext, State, Validation};

/// Averages the weights over about the last 1 / (1 - decay) steps, and leaves the average in the
/// network when training ends.
struct AveragedWeights {
    decay: f32,
    average: BTreeMap<String, Tensor>,
}

impl AveragedWeights {
    fn new(decay: f32) -> Self {
        AveragedWeights { decay, average: BTreeMap::new() }
    }
}

// There are six hooks, of which a callback implements those that it needs.
impl Callback for AveragedWeights {
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        for (name, parameter) in run.network().parameters() {
            let Some(value) = parameter.value() else { continue };
            match self.average.get_mut(&name) {
                None => {
                    self.average.insert(name, value.clone());
                }
                Some(average) => {
                    let numbers = average.as_mut_slice().iter_mut().zip(value.as_slice());
                    numbers.for_each(|(a, w)| *a += (1.0 - self.decay) * (w - *a));
                }
            }
        }
        Ok(())
    }

    fn on_train_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        run.network_mut().each_parameter_mut(&mut |name, parameter| {
            if let Some(slot) = parameter.value_mut()
                && let Some(average) = self.average.get(name)
            {
                *slot = average.clone();
            }
        });
        Ok(())
    }

    // With these two, an interrupted run that is resumed from a checkpoint ends with the same bits.
    fn state(&self) -> State {
        State { tensors: self.average.clone(), ..State::default() }
    }

    fn load_state(&mut self, state: &State) -> Result<()> {
        self.average = state.tensors.clone();
        Ok(())
    }
}

fn main() -> Result<()> {
    // Noisy data, small batches and a high rate: the weights jump about.
    let (train, test) = TwoMoons::new(2000).noise(0.3).generate(1)?.split(0.5, 1)?;
    let (train, test) = (train.batch(4)?, test.batch(100)?);

    for averaged in [false, true] {
        let network = Mlp::new(2).hidden(32, Activation::Tanh).output(2)?;
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let mut model = Model::new(network, loss, Sgd::new(0.5)?).metric(Accuracy::new());
        let mut average = AveragedWeights::new(0.998);
        let callbacks: &mut [&mut dyn Callback] =
            if averaged { &mut [&mut average] } else { &mut [] };
        model.fit(20, &train, Validation::none(), callbacks)?;

        let scores = model.eval(&test)?;
        let which = if averaged { "averaged weights" } else { "last weights" };
        println!(
            "{which:16}  loss {:.4}  accuracy {:.3}",
            scores.get("loss")?,
            scores.get("accuracy")?
        );
    }
    Ok(())
}
