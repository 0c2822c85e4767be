//! [`Recording`]: what a network computes, and what of it depends on the batch's size.

use crate::{Error, Result};
use autodiff::explain::{Explanation, Step};
use layers::{Layer, ModuleExt, Tape};
use std::collections::HashMap;
use tensor::{Shape, Tensor};

/// The sizes of the two batches. Any two would do that differ.
const BATCHES: [usize; 2] = [2, 3];

/// Two runs of a network, step by step the same but for the batch's size.
#[derive(Debug)]
pub(super) struct Recording {
    steps: Vec<Step>,
    /// The same steps for a larger batch.
    larger: Vec<Step>,
    pub(super) input: usize,
    pub(super) output: usize,
    /// By keys, what parameters and layers are called.
    parameters: HashMap<autodiff::Key, String>,
    layers: HashMap<autodiff::Key, String>,
}

/// An axis of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Fixed(usize),
    /// As long as the batch.
    Batch,
    /// Dependent on the batch in another way.
    Open,
}

impl Recording {
    pub(super) fn of(network: &dyn Layer, sample: &[usize]) -> Result<Self> {
        let [small, large] = BATCHES.map(|batch| run(network, sample, batch));
        let (small, large) = (small?, large?);
        let names = network.parameters().into_iter();
        let recording = Recording {
            input: small.input,
            output: small.output,
            parameters: names.map(|(name, parameter)| (parameter.key(), name)).collect(),
            layers: network.layer_paths().into_iter().collect(),
            steps: small.explanation.steps,
            larger: large.explanation.steps,
        };
        recording.compare((large.input, large.output))?;
        Ok(recording)
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The name of the parameter that a step is, or `None` where the network shows none such.
    pub(super) fn parameter(&self, step: &Step) -> Option<&str> {
        self.parameters.get(&step.key?).map(String::as_str)
    }

    /// The path of the layer that a step is in; empty outside of any.
    pub(super) fn layer(&self, step: &Step) -> &str {
        step.layer.and_then(|key| self.layers.get(&key)).map_or("", String::as_str)
    }

    /// What each axis of a step's value is.
    pub(super) fn axes(&self, step: usize) -> Vec<Axis> {
        let [small, large] = [&self.steps[step], &self.larger[step]].map(Step::shape);
        let axis = |(&small, &large): (&usize, &usize)| match [small, large] {
            sizes if sizes == BATCHES => Axis::Batch,
            [a, b] if a == b => Axis::Fixed(a),
            _ => Axis::Open,
        };
        small.iter().zip(large.iter()).map(axis).collect()
    }

    /// Makes sure that both runs did the same.
    fn compare(&self, ends: (usize, usize)) -> Result<()> {
        let dependent = |step: &Step, how: String| {
            let detail = format!(
                "{how}, so that it cannot be written down for every batch; let the forward pass do \
                 the same for all"
            );
            Error::Unsupported { what: self.describe(step), detail }
        };
        for (step, other) in self.steps.iter().zip(&self.larger) {
            let same = (step.operation, step.key, &step.inputs, step.shape().rank())
                == (other.operation, other.key, &other.inputs, other.shape().rank());
            if !same {
                let how = "another batch computes something else here".to_owned();
                return Err(dependent(step, how));
            }
            for ((name, a), (_, b)) in step.attributes.iter().zip(&other.attributes) {
                if a != b {
                    return Err(dependent(step, format!("its {name} differs between batches")));
                }
            }
        }
        let is_constant = |place: usize| {
            let step = &self.steps[place];
            step.inputs.is_empty() && step.formula.is_none() && place != self.input
        };
        for (place, (step, other)) in self.steps.iter().zip(&self.larger).enumerate() {
            if is_constant(place) && step.value != other.value {
                return Err(dependent(step, "its value differs between batches".to_owned()));
            }
        }
        if self.steps.len() != self.larger.len() || (self.input, self.output) != ends {
            let what = "a forward pass that depends on the batch's size".to_owned();
            let detail = format!(
                "it takes {} steps or {}; let it do the same for all batches",
                self.steps.len(),
                self.larger.len()
            );
            return Err(Error::Unsupported { what, detail });
        }
        Ok(())
    }

    /// A step for an error message: what, and where.
    pub(super) fn describe(&self, step: &Step) -> String {
        let what = match step.formula {
            Some(_) => format!("the operation {}", step.operation),
            None => format!("the {} {}", step.operation, step.name),
        };
        match self.layer(step) {
            "" => what,
            layer => format!("{what} in {layer}"),
        }
    }
}

struct Run {
    explanation: Explanation,
    input: usize,
    output: usize,
}

fn run(network: &dyn Layer, sample: &[usize], batch: usize) -> Result<Run> {
    let tape = Tape::inference().explained();
    // Numbers that differ, so that a forward pass that looks at them shows.
    let numbers = |i: usize| (i * 37 % 101) as f32 / 101.0;
    let shape = Shape::from([&[batch], sample].concat());
    if shape.checked_elements().is_none_or(|elements| elements > isize::MAX as usize / 8) {
        let expected = "a sample that fits in memory";
        return Err(
            tensor::Error::argument("onnx", "sample", format!("{sample:?}"), expected).into()
        );
    }
    let input = tape.constant(Tensor::from_fn(shape, numbers));
    let place = input.place();
    let output = network.forward(input)?;
    let explanation = tape.explanation()?;
    match (place, output.place()) {
        (Some(input), Some(output)) => Ok(Run { explanation, input, output }),
        _ => unreachable!("every value of an explained tape has a place"),
    }
}
