//! [`Descent`]: gradient descent by a rule, with everything that rules have in common.

mod kept;
mod state;
mod step;

use crate::check::{not_negative, positive};
use crate::{LearningRate, ParameterGroup, Rule};
use kept::Kept;
use tensor::{Error, Result};

/// Gradient descent by a [`Rule`]: [`Sgd`](crate::Sgd), [`Momentum`](crate::Momentum) and all
/// other optimizers are this with another rule.
///
/// What becomes of a gradient g before the rule uses it, all of it in the rule's own pass over
/// memory:
///
/// 1. accumulated over k calls, it is divided by k ([`accumulate`](Descent::accumulate));
/// 2. clipped by norm ([`clip_norm`](Descent::clip_norm)), then by value
///    ([`clip_value`](Descent::clip_value));
/// 3. decay is added: g + l2 · w + l1 · sign(w) ([`weight_decay`](Descent::weight_decay),
///    [`l1_decay`](Descent::l1_decay)).
///
/// [`group`](Descent::group) gives some parameters a rate or a decay of their own, or freezes them.
#[derive(Debug)]
pub struct Descent<R> {
    pub(crate) rule: R,
    schedule: LearningRate,
    /// Instead of the schedule.
    fixed_rate: Option<f64>,
    rate_factor: f64,
    l1: f64,
    l2: f64,
    clip_value: f64,
    clip_norm: f64,
    accumulate: u64,
    groups: Vec<ParameterGroup>,
    steps: u64,
    /// Calls since the last step.
    micro_steps: u64,
    /// By place in the module; empty before the first step.
    kept: Vec<Kept>,
}

impl<R: Rule> Descent<R> {
    /// By a rule, with all parameters alike, and neither decay nor clipping.
    ///
    /// # Errors
    /// [`Error::Argument`] where the rate of the first step is negative or not finite.
    pub fn by(rule: R, learning_rate: impl Into<LearningRate>) -> Result<Self> {
        let schedule = learning_rate.into();
        not_negative(rule.name(), "learning rate", schedule.at(0))?;
        Ok(Descent {
            rule,
            schedule,
            fixed_rate: None,
            rate_factor: 1.0,
            l1: 0.0,
            l2: 0.0,
            clip_value: f64::INFINITY,
            clip_norm: f64::INFINITY,
            accumulate: 1,
            groups: Vec::new(),
            steps: 0,
            micro_steps: 0,
            kept: Vec::new(),
        })
    }

    /// The rule, with its options.
    pub fn rule(&self) -> &R {
        &self.rule
    }

    /// L2 regularisation: the gradient of `decay`/2 · Σ w² is added to the gradient.
    ///
    /// It is decay and not a term of the loss: the loss that training prints is without it. As in
    /// MindSpore, biases decay, and parameters whose own name contains `beta` or `gamma` do not
    /// (MindSpore looks at the whole path, so that a layer called `gamma_net` would not decay
    /// either). PyTorch decays all. A [`ParameterGroup`] with a decay overrides both.
    ///
    /// [`AdamW`](crate::AdamW) takes the decay from the weight instead.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn weight_decay(mut self, decay: f64) -> Result<Self> {
        not_negative(self.rule.name(), "weight_decay", decay)?;
        self.l2 = decay;
        Ok(self)
    }

    /// L1 regularisation: the gradient of `decay` · Σ |w|, which is `decay` · sign(w), is added to
    /// the gradient. It decays the parameters that [`weight_decay`](Descent::weight_decay) does,
    /// and is no term of the printed loss either.
    ///
    /// Weights that the data does not hold end up within about lr · `decay` of 0, not at 0.
    /// Neither MindSpore nor PyTorch has this as an option.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn l1_decay(mut self, decay: f64) -> Result<Self> {
        not_negative(self.rule.name(), "l1_decay", decay)?;
        self.l1 = decay;
        Ok(self)
    }

    /// Limits every element of the gradient to -`limit`..=`limit`, before decay is added: PyTorch's
    /// `clip_grad_value_`, MindSpore's `ops.clip_by_value`.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is not a finite number above 0.
    pub fn clip_value(mut self, limit: f64) -> Result<Self> {
        positive(self.rule.name(), "clip_value", limit)?;
        self.clip_value = limit;
        Ok(self)
    }

    /// Scales the gradient down where its norm, over all parameters that the step changes, is more
    /// than `limit`: by limit / norm, before decay is added. MindSpore's `ops.clip_by_global_norm`;
    /// PyTorch's `clip_grad_norm_`, which divides by norm + 1e-6.
    ///
    /// The norm is one more reading of the gradients; the scaling is part of the update.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is not a finite number above 0.
    pub fn clip_norm(mut self, limit: f64) -> Result<Self> {
        positive(self.rule.name(), "clip_norm", limit)?;
        self.clip_norm = limit;
        Ok(self)
    }

    /// Takes a step only every `calls` calls, with the mean of their gradients: batches of n then
    /// train like one of n · `calls`, in the memory of one (a loss that is a mean of equal parts
    /// given). A step, for schedules and [`steps`](crate::Optimizer::steps), is an update.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is 0.
    pub fn accumulate(mut self, calls: u64) -> Result<Self> {
        if calls == 0 {
            return Err(Error::argument(self.rule.name(), "accumulate", 0, "at least 1"));
        }
        self.accumulate = calls;
        Ok(self)
    }

    /// Adds a group of parameters with options of its own. The first step compares all groups with
    /// the network.
    #[must_use]
    pub fn group(mut self, group: ParameterGroup) -> Self {
        self.groups.push(group);
        self
    }
}
