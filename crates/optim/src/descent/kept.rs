//! What is kept for each parameter, and how an optimizer and a network get to know each other.

use crate::{ParameterGroup, Slot};
use autodiff::Gradients;
use layers::{Module, ModuleExt, Parameter};
use smallvec::SmallVec;
use tensor::{Error, Result, Shape, Tensor};

/// What a rule keeps for some weights: a slice for each of its slots.
pub(super) type Slots<'a> = SmallVec<[&'a mut [f32]; 4]>;

/// What is kept for one parameter.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) group: Option<usize>,
    /// Whether the optimizer's own decay concerns it.
    pub(super) decays: bool,
    /// The steps that it was given.
    pub(super) count: u64,
    /// What the rule keeps, once for each replica of the parameter; empty before its first step.
    pub(super) slots: Vec<Vec<Tensor>>,
    /// The sum of the gradients of the calls since the last step.
    pub(super) sum: Option<Tensor>,
}

impl Kept {
    /// Counts a step by the gradient, or else the sum of gradients. Returns what the rule keeps for
    /// each of so many replicas, as slices, and the gradient; `None` where there is none.
    pub(super) fn begin_step<'a>(
        &'a mut self,
        slots: &[Slot],
        replicas: usize,
        gradient: Option<&'a Tensor>,
    ) -> Option<(impl Iterator<Item = Slots<'a>>, &'a [f32])> {
        let gradient = gradient.or(self.sum.as_ref())?;
        if self.slots.len() != replicas {
            let initial = |slot: &Slot| Tensor::full(&self.shape, slot.initial as f32);
            let first = self.slots.drain(..).next();
            let first = first.unwrap_or_else(|| slots.iter().map(initial).collect());
            self.slots = vec![first; replicas];
        }
        self.count += 1;
        let slices = |slots: &'a mut Vec<Tensor>| -> Slots<'a> {
            slots.iter_mut().map(Tensor::as_mut_slice).collect()
        };
        Some((self.slots.iter_mut().map(slices), gradient.as_slice()))
    }
}

/// Sorts the network's parameters into groups.
pub(super) fn bind(
    op: &'static str,
    groups: &[ParameterGroup],
    module: &dyn Module,
) -> Result<Vec<Kept>> {
    let parameters = module.parameters();
    let names: Vec<String> = parameters.iter().map(|(name, _)| name.clone()).collect();
    for (i, group) in groups.iter().enumerate() {
        if let Some(missing) = group.missing(&names) {
            let detail = format!("parameter group {} {missing}", i + 1);
            return Err(Error::state(op, detail)
                .hint(format!("the network's parameters are {}", names.join(", "))));
        }
    }
    let mut kept = Vec::new();
    let mut trained = false;
    for (name, parameter) in parameters {
        let mut groups = groups.iter().enumerate().filter(|(_, group)| group.contains(&name));
        let group = groups.next();
        if let (Some((one, _)), Some((other, _))) = (group, groups.next()) {
            let detail = format!("parameter {name} is in groups {} and {}", one + 1, other + 1);
            return Err(Error::state(op, detail).hint("a parameter can be in one group at most"));
        }
        trained |= parameter.is_trainable() && !group.is_some_and(|(_, group)| group.frozen);
        let own = name.rsplit('.').next().unwrap_or_default();
        kept.push(Kept {
            decays: !(own.contains("beta") || own.contains("gamma")),
            shape: parameter.shape().clone(),
            group: group.map(|(i, _)| i),
            name,
            count: 0,
            slots: Vec::new(),
            sum: None,
        });
    }
    if !trained {
        let detail = "the network has no parameter to train";
        return Err(
            Error::state(op, detail).hint("give it layers with parameters, or unfreeze some")
        );
    }
    Ok(kept)
}

/// Checks that a step can be taken, before anything is changed.
pub(super) fn check_step(
    op: &'static str,
    kept: &[Kept],
    module: &dyn Module,
    gradients: &Gradients,
) -> Result<()> {
    let (mut result, mut found, mut place) = (Ok(()), 0, 0);
    module.each_parameter(&mut |name, parameter| {
        let kept = kept.get(place);
        place += 1;
        let Some(gradient) = gradients.get(parameter.key()) else { return };
        found += 1;
        if result.is_ok() {
            result = check_network(op, kept, name, parameter).and_then(|()| {
                check_parameter(op, parameter, gradient).map_err(|error| error.at(name))
            });
        }
    });
    // Some may belong to a part that another optimizer trains, but not all.
    if found == 0 && gradients.iter().next().is_some() {
        let detail = "none of the gradients belongs to a parameter of this network";
        return Err(Error::state(op, detail).hint(
            "step the network that the loss was computed with; a clone has parameters of its own",
        ));
    }
    result
}

fn check_network(
    op: &'static str,
    kept: Option<&Kept>,
    name: &str,
    parameter: &Parameter,
) -> Result<()> {
    let before = match kept {
        Some(kept) if kept.name == name && &kept.shape == parameter.shape() => return Ok(()),
        Some(kept) => format!("{} {}", kept.name, kept.shape),
        None => "nothing".to_owned(),
    };
    let found = format!("parameter {name} {}", parameter.shape());
    Err(Error::state(op, format!("{found} comes where {before} was before"))
        .hint("an optimizer belongs to one network: make a new one"))
}

fn check_parameter(op: &'static str, parameter: &Parameter, gradient: &Tensor) -> Result<()> {
    if parameter.value().is_none() {
        return Err(Error::state(op, "the parameter has no value yet")
            .hint("call initialize(seed) on the network, or load weights"));
    }
    if gradient.shape() != parameter.shape() {
        return Err(Error::shape(op, "the gradient does not have the parameter's shape")
            .operand("gradient", gradient.shape())
            .operand("parameter", parameter.shape()));
    }
    Ok(())
}
