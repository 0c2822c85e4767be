//! A step: checks, accumulation, the norm, and the rule for every parameter.

use super::kept::{Kept, Slots, bind, check_step};
use super::{Descent, state};
use crate::check::not_negative;
use crate::group::GroupRate;
use crate::{Optimizer, OptimizerState, Rule, Step};
use autodiff::Gradients;
use layers::{Module, ModuleExt};
use tensor::{Result, Tensor, kernels, kernels::stream::Store, parallel};

/// The most weights, with the numbers kept for them, that each thread has copies of: half a
/// second-level cache, which also holds what a shard needs.
const MOST_REPLICATED: usize = 1 << 17;

impl<R: Rule> Optimizer for Descent<R> {
    fn step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()> {
        let op = self.rule.name();
        for group in std::iter::once(None).chain((0..self.groups.len()).map(Some)) {
            not_negative(op, "learning rate", self.rate_of(group))?;
        }
        if self.kept.is_empty() {
            self.rule.check()?;
            let kept = bind(op, &self.groups, module)?;
            check_step(op, &kept, module, gradients)?;
            self.kept = kept;
        } else {
            check_step(op, &self.kept, module, gradients)?;
        }
        if self.accumulate > 1 {
            self.gather(module, gradients);
            self.micro_steps += 1;
            if self.micro_steps < self.accumulate {
                return Ok(());
            }
        }
        self.update(module, gradients);
        self.steps += 1;
        self.micro_steps = 0;
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.rate_of(None)
    }

    fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        not_negative(self.rule.name(), "learning rate", rate)?;
        (self.fixed_rate, self.rate_factor) = (Some(rate), 1.0);
        Ok(())
    }

    fn scale_learning_rate(&mut self, factor: f64) -> Result<()> {
        not_negative(self.rule.name(), "learning rate factor", factor)?;
        self.rate_factor *= factor;
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn state(&self) -> OptimizerState {
        state::of(self)
    }

    fn load_state(&mut self, module: &dyn Module, state: &OptimizerState) -> Result<()> {
        state::load(self, module, state)
    }
}

impl<R: Rule> Descent<R> {
    /// The rate of this step, of a group or of the parameters in none.
    fn rate_of(&self, group: Option<usize>) -> f64 {
        let rate = || self.fixed_rate.unwrap_or_else(|| self.schedule.at(self.steps));
        let rate = match group.map(|group| &self.groups[group].rate) {
            None => rate(),
            Some(GroupRate::Factor(factor)) => factor * rate(),
            Some(GroupRate::Own(own)) => own.at(self.steps),
        };
        rate * self.rate_factor
    }

    fn is_frozen(&self, kept: &Kept) -> bool {
        kept.group.is_some_and(|group| self.groups[group].frozen)
    }

    /// Adds a call's gradients to the sums.
    fn gather(&mut self, module: &dyn Module, gradients: &Gradients) {
        let mut place = 0;
        module.each_parameter(&mut |_, parameter| {
            let frozen = self.kept.get(place).is_none_or(|kept| self.is_frozen(kept));
            if let (false, true, Some(gradient)) =
                (frozen, parameter.is_trainable(), gradients.get(parameter.key()))
            {
                match &mut self.kept[place].sum {
                    Some(sum) => {
                        kernels::elementwise::add(sum.as_mut_slice(), gradient.as_slice());
                    }
                    // Shares the buffer; the next call finds it unshared if the gradients are
                    // gone by then.
                    none => *none = Some(gradient.clone()),
                }
            }
            place += 1;
        });
    }

    /// Changes every trainable parameter that has a gradient.
    fn update(&mut self, module: &mut dyn Module, gradients: &Gradients) {
        let (replicas, store) = self.replicas(gradients);
        let mut scale = 1.0 / self.accumulate as f64;
        if self.clip_norm < f64::INFINITY {
            let norm = scale * self.norm(module, gradients);
            if norm > self.clip_norm {
                scale *= self.clip_norm / norm;
            }
        }
        let slots = self.rule.slots();
        let groups = std::iter::once(None).chain((0..self.groups.len()).map(Some));
        let rates: Vec<f64> = groups.map(|group| self.rate_of(group)).collect();
        let mut parts: Vec<Vec<Part<'_>>> = Vec::new();
        parts.resize_with(replicas, || Vec::with_capacity(self.kept.len()));
        let mut all_kept = self.kept.iter_mut();
        module.each_parameter_mut(&mut |_, parameter| {
            let (Some(kept), true) = (all_kept.next(), parameter.is_trainable()) else { return };
            let group = kept.group.map(|group| &self.groups[group]);
            if group.is_some_and(|group| group.frozen) {
                return;
            }
            let own = |decay: f64| if kept.decays { decay } else { 0.0 };
            let step = Step {
                rate: rates[kept.group.map_or(0, |group| group + 1)],
                count: kept.count,
                scale,
                limit: self.clip_value,
                l1: group.and_then(|group| group.l1).unwrap_or_else(|| own(self.l1)),
                l2: group.and_then(|group| group.l2).unwrap_or_else(|| own(self.l2)),
                store,
            };
            let single = (self.accumulate == 1).then(|| gradients.get(parameter.key())).flatten();
            let Some((kept, g)) = kept.begin_step(&slots, replicas, single) else { return };
            let values = parameter.replicas_mut(replicas).iter_mut();
            for ((parts, kept), value) in parts.iter_mut().zip(kept).zip(values) {
                parts.push(Part { w: value.as_mut_slice(), kept, g, step });
            }
        });
        let rule = &self.rule;
        let update = |Part { w, mut kept, g, step }: Part<'_>| rule.update(w, &mut kept, g, &step);
        if replicas == 1 {
            parallel::share(parts.into_iter().flatten(), &update);
        } else {
            parallel::each_member(parts, &|parts: Vec<_>| parts.into_iter().for_each(update));
        }
        self.kept.iter_mut().for_each(|kept| kept.sum = None);
    }

    /// How many copies of the parameters there shall be, and how weights are written.
    ///
    /// What one thread has written, another must fetch from it or from memory. Where every thread runs
    /// a pass and the parameters are few, it is cheaper for each to update a copy of its own.
    fn replicas(&self, gradients: &Gradients) -> (usize, Store) {
        let (passes, threads) = (gradients.passes(), parallel::team());
        let weights: usize = gradients.iter().map(|(_, gradient)| gradient.len()).sum();
        let numbers = weights * (1 + self.rule.slots().len());
        if threads <= passes && weights >= parallel::FEWEST && numbers <= MOST_REPLICATED {
            return (threads, Store::Cached);
        }
        (1, Store::shared_by(passes.min(threads)))
    }

    /// The norm of all gradients, or sums of gradients, that the step uses.
    fn norm(&self, module: &dyn Module, gradients: &Gradients) -> f64 {
        let (mut sum, mut place) = (0.0, 0);
        module.each_parameter(&mut |_, parameter| {
            let kept = self.kept.get(place);
            place += 1;
            let Some(kept) = kept.filter(|kept| !self.is_frozen(kept)) else { return };
            let gradient: Option<&Tensor> = match self.accumulate {
                1 => gradients.get(parameter.key()),
                _ => kept.sum.as_ref(),
            };
            if let (true, Some(gradient)) = (parameter.is_trainable(), gradient) {
                sum += kernels::optimizer::sum_of_squares(gradient.as_slice());
            }
        });
        sum.sqrt()
    }
}

/// Some weights of a parameter, what is kept for them, their gradients, and what the step is like.
struct Part<'a> {
    w: &'a mut [f32],
    kept: Slots<'a>,
    g: &'a [f32],
    step: Step,
}

impl parallel::Slices for Part<'_> {
    fn len(&self) -> usize {
        self.w.len()
    }

    fn split_at(self, middle: usize) -> (Self, Self) {
        let (w, g) = (self.w.split_at_mut(middle), self.g.split_at(middle));
        let kept = self.kept.into_iter().map(|kept| kept.split_at_mut(middle));
        let (before, after) = kept.unzip();
        let step = self.step;
        (Part { w: w.0, kept: before, g: g.0, step }, Part { w: w.1, kept: after, g: g.1, step })
    }
}
