//! [`OptimizerState`]: what an optimizer remembers.

use std::collections::BTreeMap;
use tensor::Tensor;

/// What an optimizer remembers from step to step, by name.
///
/// Tensors are named as MindSpore names them in checkpoints: the slot, then the parameter, such as
/// `moments.conv1.weight`; `accumulated.conv1.weight` is the sum of gradients that wait for the
/// rest of their accumulated batch. Scalars are `global_step` (steps taken), `micro_step` (calls
/// towards the next step, where gradients are accumulated), `learning_rate` (where
/// [`set_learning_rate`](crate::Optimizer::set_learning_rate) replaced the schedule),
/// `learning_rate_factor` (where it is not 1), and `steps.conv1.weight` for parameters that were
/// given fewer steps than `global_step`, having been frozen or unused.
///
/// A schedule needs no state of its own: it is a function of `global_step`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptimizerState {
    /// What is kept for each weight.
    pub tensors: BTreeMap<String, Tensor>,
    /// Single numbers. Integers are exact up to 2⁵³.
    pub scalars: BTreeMap<String, f64>,
}
