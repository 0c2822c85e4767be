//! Keeping and restoring what an optimizer remembers.

use super::Descent;
use super::kept::bind;
use crate::check::not_negative;
use crate::{OptimizerState, Rule};
use layers::Module;
use std::collections::BTreeMap;
use tensor::{Error, Result, Shape, Tensor};

/// The slot of gradients that wait for the rest of their accumulated batch.
const ACCUMULATED: &str = "accumulated";
/// Up to here every whole number is an `f64`: 2⁵³.
const MOST: f64 = 9_007_199_254_740_992.0;

/// What `optimizer` remembers.
pub(super) fn of<R: Rule>(optimizer: &Descent<R>) -> OptimizerState {
    let mut state = OptimizerState::default();
    let mut scalar = |name: &str, value: f64| state.scalars.insert(name.to_owned(), value);
    scalar("global_step", optimizer.steps as f64);
    if optimizer.accumulate > 1 {
        scalar("micro_step", optimizer.micro_steps as f64);
    }
    if let Some(rate) = optimizer.fixed_rate {
        scalar("learning_rate", rate);
    }
    if optimizer.rate_factor != 1.0 {
        scalar("learning_rate_factor", optimizer.rate_factor);
    }
    let slots = optimizer.rule.slots();
    for kept in &optimizer.kept {
        if kept.count != optimizer.steps {
            scalar(&format!("steps.{}", kept.name), kept.count as f64);
        }
        let tensors = kept.slots.first().into_iter().flatten();
        let named = slots.iter().map(|slot| slot.name).zip(tensors);
        for (slot, tensor) in named.chain(kept.sum.iter().map(|sum| (ACCUMULATED, sum))) {
            state.tensors.insert(format!("{slot}.{}", kept.name), tensor.clone());
        }
    }
    state
}

/// Makes `optimizer` go on from `state`.
pub(super) fn load<R: Rule>(
    optimizer: &mut Descent<R>,
    module: &dyn Module,
    state: &OptimizerState,
) -> Result<()> {
    let op = optimizer.rule.name();
    let mut kept = bind(op, &optimizer.groups, module)?;
    let mut rest = Rest { op, tensors: state.tensors.clone(), scalars: state.scalars.clone() };
    let steps = rest.integer("global_step", None)?;
    let micro_steps = rest.integer("micro_step", Some(0))?;
    if micro_steps >= optimizer.accumulate {
        let detail = format!("the state's micro_step is {micro_steps}");
        return Err(Error::state(op, detail)
            .hint(format!("it must be below accumulate, which is {}", optimizer.accumulate)));
    }
    let fixed_rate = rest.scalars.remove("learning_rate");
    let rate_factor = rest.scalars.remove("learning_rate_factor").unwrap_or(1.0);
    not_negative(op, "learning rate", fixed_rate.unwrap_or(0.0))?;
    not_negative(op, "learning rate factor", rate_factor)?;
    let slots = optimizer.rule.slots();
    for kept in &mut kept {
        kept.count = rest.integer(&format!("steps.{}", kept.name), Some(steps))?;
        if kept.count > 0 {
            let mut tensors = Vec::new();
            for slot in &slots {
                let name = format!("{}.{}", slot.name, kept.name);
                let Some(tensor) = rest.tensor(&name, &kept.shape)? else {
                    return Err(Error::state(op, format!("the state has no {name}"))
                        .hint("load a state that this optimizer has saved for this network"));
                };
                tensors.push(tensor);
            }
            kept.slots = vec![tensors];
        }
        // Also between steps: that of a parameter which was frozen meanwhile waits on.
        if optimizer.accumulate > 1 {
            kept.sum = rest.tensor(&format!("{ACCUMULATED}.{}", kept.name), &kept.shape)?;
        }
    }
    rest.must_be_empty(&slots.iter().map(|slot| slot.name).collect::<Vec<_>>())?;
    optimizer.rule.check()?;
    (optimizer.kept, optimizer.steps, optimizer.micro_steps) = (kept, steps, micro_steps);
    (optimizer.fixed_rate, optimizer.rate_factor) = (fixed_rate, rate_factor);
    Ok(())
}

/// The part of a state that nobody has asked for yet.
struct Rest {
    op: &'static str,
    tensors: BTreeMap<String, Tensor>,
    scalars: BTreeMap<String, f64>,
}

impl Rest {
    fn integer(&mut self, name: &str, default: Option<u64>) -> Result<u64> {
        match (self.scalars.remove(name), default) {
            (Some(value), _) if value.fract() == 0.0 && (0.0..=MOST).contains(&value) => {
                Ok(value as u64)
            }
            (Some(value), _) => {
                let detail = format!("the state's {name} is {value:?}");
                Err(Error::state(self.op, detail)
                    .hint(format!("it must be a whole number from 0 to {MOST}")))
            }
            (None, Some(default)) => Ok(default),
            (None, None) => Err(Error::state(self.op, format!("the state has no {name}"))
                .hint("load what Optimizer::state returned")),
        }
    }

    fn tensor(&mut self, name: &str, shape: &Shape) -> Result<Option<Tensor>> {
        let Some(tensor) = self.tensors.remove(name) else { return Ok(None) };
        if tensor.shape() != shape {
            let detail = format!("the state's {name} does not have its parameter's shape");
            return Err(Error::shape(self.op, detail)
                .operand("state", tensor.shape())
                .operand("parameter", shape));
        }
        Ok(Some(tensor))
    }

    fn must_be_empty(&self, slots: &[&str]) -> Result<()> {
        let names = self.tensors.keys().chain(self.scalars.keys());
        let Some(name) = names.into_iter().next() else { return Ok(()) };
        let op = self.op;
        let hint = match slots {
            [] => format!("{op} keeps nothing for a parameter"),
            slots => format!("{op} keeps {} for each parameter", slots.join(", ")),
        };
        Err(Error::state(op, format!("the state has {name}, which does not belong to it"))
            .hint(hint))
    }
}
