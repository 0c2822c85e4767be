//! The state of optimizers in a checkpoint, under MindSpore's names.

use crate::{Checkpoint, Error, Kind, Result, Value};
use layers::{Module, ModuleExt};
use optim::{AdamRule, Descent, MomentumRule, Optimizer, OptimizerState, Rule};

/// The number of steps taken, an `Int32` `[1]`.
const GLOBAL_STEP: &str = "global_step";

/// A rule whose optimizer MindSpore has, too: what it keeps beside the slots of the weights.
pub trait MindSporeRule: Rule {
    /// Numbers by MindSpore's names, after this many steps.
    fn numbers(&self, steps: u64) -> Vec<(&'static str, f64)>;
}

impl MindSporeRule for MomentumRule {
    fn numbers(&self, _: u64) -> Vec<(&'static str, f64)> {
        vec![("momentum", self.momentum())]
    }
}

impl MindSporeRule for AdamRule {
    fn numbers(&self, steps: u64) -> Vec<(&'static str, f64)> {
        let [beta1, beta2] = self.betas().map(|beta| beta.powf(steps as f64));
        vec![("beta1_power", beta1), ("beta2_power", beta2)]
    }
}

impl Checkpoint {
    /// Adds what an optimizer remembers of a network's parameters, as MindSpore saves it:
    /// `moments.conv1.weight`, `global_step` and so on. Parameters that are not trained have no
    /// part in it.
    ///
    /// Its learning rate is added where it is a number that was set; a schedule is no state.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where gradients wait for the rest of an accumulated batch, or a
    /// parameter was given fewer steps than others: MindSpore has neither.
    pub fn set_optimizer<R: MindSporeRule>(
        &mut self,
        optimizer: &Descent<R>,
        module: &dyn Module,
    ) -> Result<()> {
        let trained: Vec<_> = module
            .parameters()
            .into_iter()
            .filter_map(|(name, parameter)| parameter.is_trainable().then_some(name))
            .collect();
        let OptimizerState { tensors, scalars } = optimizer.state();
        let unsupported = |what: String| {
            let detail = "MindSpore saves one number of steps; save after a whole step, with all \
                          parameters trained"
                .to_owned();
            Err(Error::Unsupported { what, detail })
        };
        if scalars.get("micro_step").is_some_and(|&calls| calls != 0.0) {
            return unsupported("an accumulated batch that is not complete".to_owned());
        }
        let own = |name: &&String| scalars.contains_key(&format!("steps.{name}"));
        if let Some(name) = trained.iter().find(own) {
            return unsupported(format!("a number of steps of its own, which {name} has,"));
        }
        let steps = optimizer.steps();
        let Ok(count) = i32::try_from(steps) else {
            return unsupported(format!("{steps} steps, more than 32 bits hold,"));
        };
        let bytes = count.to_le_bytes().to_vec();
        self.set(GLOBAL_STEP, Value::Array { kind: Kind::Int32, shape: vec![1], bytes });
        if let Some(&rate) = scalars.get("learning_rate") {
            self.set("learning_rate", Value::of_f32(rate as f32));
        }
        for (name, number) in optimizer.rule().numbers(steps) {
            self.set(name, Value::of_f32(number as f32));
        }
        for slot in optimizer.rule().slots() {
            for parameter in &trained {
                let name = format!("{}.{parameter}", slot.name);
                if let Some(tensor) = tensors.get(&name) {
                    self.set(&name, Value::of_tensor(tensor));
                }
            }
        }
        Ok(())
    }

    /// Makes an optimizer for the network go on from what MindSpore saved. Its rates stay its own.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where a value is missing, has another shape, or says that the optimizer
    /// had another momentum or other betas; [`Error::Tensor`] where the optimizer's groups do not
    /// fit the network. The optimizer has not changed then.
    pub fn load_optimizer<R: MindSporeRule>(
        &self,
        optimizer: &mut Descent<R>,
        module: &dyn Module,
    ) -> Result<()> {
        let steps = self.number(GLOBAL_STEP)?;
        if steps < 0.0 || steps.fract() != 0.0 {
            let detail = format!("the checkpoint has {steps}, expected a number of steps");
            return Err(Error::Mismatch { name: GLOBAL_STEP.to_owned(), detail });
        }
        for (name, expected) in optimizer.rule().numbers(steps as u64) {
            let found = self.number(name)?;
            // Powers are products of rounded numbers.
            if (found - expected).abs() > 1e-4 * expected.abs() + 1e-6 {
                let detail = format!(
                    "the checkpoint has {found}, this optimizer has {expected} after {steps} steps; \
                     make it with the options that it had in MindSpore"
                );
                return Err(Error::Mismatch { name: name.to_owned(), detail });
            }
        }
        let mut state = OptimizerState::default();
        state.scalars.insert(GLOBAL_STEP.to_owned(), steps);
        for (parameter, known) in module.parameters() {
            // Nothing is kept for a parameter before its first step.
            if !known.is_trainable() {
                state.scalars.insert(format!("steps.{parameter}"), 0.0);
            }
            if steps == 0.0 || !known.is_trainable() {
                continue;
            }
            for slot in optimizer.rule().slots() {
                let name = format!("{}.{parameter}", slot.name);
                let value = self.value(&name)?;
                let tensor = value.to_tensor().filter(|tensor| tensor.shape() == known.shape());
                let Some(tensor) = tensor else {
                    let (found, expected) = (value.describe_bytes(), known.shape());
                    let detail =
                        format!("the checkpoint has {found}, the parameter is Float32 {expected}");
                    return Err(Error::Mismatch { name, detail });
                };
                state.tensors.insert(name, tensor);
            }
        }
        Ok(optimizer.load_state(module, &state)?)
    }

    /// The value of this name, which has to be there.
    fn value(&self, name: &str) -> Result<&Value> {
        self.get(name).ok_or_else(|| {
            let detail = "the checkpoint has no such value; it was saved without this optimizer";
            Error::Mismatch { name: name.to_owned(), detail: detail.to_owned() }
        })
    }

    /// A single number.
    fn number(&self, name: &str) -> Result<f64> {
        let value = self.value(name)?;
        match value.to_f64().as_deref() {
            Some(&[number]) => Ok(number),
            _ => {
                let detail = format!("the checkpoint has {}, expected a number", value.describe());
                Err(Error::Mismatch { name: name.to_owned(), detail })
            }
        }
    }
}
