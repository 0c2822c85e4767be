//! Binary cross-entropy of logits: sigmoid and cross-entropy in one, so that neither overflows.

use crate::{Backward, Sink, Var};
use tensor::{Error, Float, Result, Tensor, kernels::loss};

/// How much the outputs of [`Var::bce_with_logits`] count.
///
/// Both lists have a number for each output (the last axis), or a single one for all outputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BceOptions {
    /// How much each output counts; 1 where there is no list.
    pub weight: Option<Vec<f64>>,
    /// How much more a target of 1 counts than one of 0; 1 where there is no list.
    pub pos_weight: Option<Vec<f64>>,
}

const OP: &str = "bce_with_logits";

/// y = w ((1 - t) ln(1 + e^x) + p t ln(1 + e^-x)).
#[derive(Debug)]
struct BceWithLogits<T: Float> {
    x: Tensor<T>,
    targets: Tensor<T>,
    counts: Vec<loss::Counts<T>>,
}

impl<T: Float> Backward<T> for BceWithLogits<T> {
    fn name(&self) -> &'static str {
        OP
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let (x, targets) = (self.x.as_slice(), self.targets.as_slice());
        loss::binary_cross_entropy_backward(dy.as_mut_slice(), x, targets, &self.counts);
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        let (n, p) = self.factors();
        format!("-({n}(1 - target) ln(1 - sigmoid({0})) + {p}target ln sigmoid({0}))", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        let x = x[0];
        let (n, p) = self.factors();
        Some(if self.counts == [[T::ONE; 2]] {
            format!("∂{y}/∂{x} = sigmoid({x}) - target")
        } else {
            format!("∂{y}/∂{x} = {n}(1 - target) sigmoid({x}) - {p}target (1 - sigmoid({x}))")
        })
    }
}

impl<T: Float> BceWithLogits<T> {
    /// What the formula writes before its two terms.
    fn factors(&self) -> (&str, &str) {
        if self.counts == [[T::ONE; 2]] { ("", "") } else { ("weight ", "weight pos_weight ") }
    }
}

impl<T: Float> Var<'_, T> {
    /// The binary cross-entropy of each logit x with its target t,
    /// weight · ((1 - t) ln(1 + e^x) + pos_weight · t ln(1 + e^-x)): logits, targets and losses
    /// have one shape.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes differ, [`Error::Argument`] for a target outside 0..=1,
    /// and for weights that are negative, not finite, or neither one nor one for each output.
    pub fn bce_with_logits(self, targets: &Tensor<T>, options: &BceOptions) -> Result<Self> {
        if targets.shape() != self.shape() {
            return Err(Error::shape(OP, "logits and targets differ in shape")
                .operand("logits", self.shape())
                .operand("targets", targets.shape()));
        }
        let within = |&t: &T| t >= T::ZERO && t <= T::ONE;
        if let Some(position) = targets.as_slice().iter().position(|t| !within(t)) {
            let found = format!("{} at position {position}", targets.as_slice()[position]);
            return Err(Error::argument(OP, "target", found, "a number in 0..=1"));
        }
        let outputs = match self.shape()[..] {
            [] | [_] => 1,
            [.., outputs] => outputs,
        };
        let counts = counts(options, outputs)?;
        let (tape, input, x) = self.into_parts();
        let mut y = Tensor::stale(x.shape());
        loss::binary_cross_entropy(x.as_slice(), targets.as_slice(), &counts, y.as_mut_slice());
        let targets = targets.clone();
        Ok(tape.operation([input], y, |_| BceWithLogits { x, targets, counts }))
    }
}

/// The factors of the two terms for each output, or for all.
fn counts<T: Float>(options: &BceOptions, outputs: usize) -> Result<Vec<loss::Counts<T>>> {
    let BceOptions { weight, pos_weight } = options;
    let mut width = 1;
    for (argument, list) in [("weight", weight), ("pos_weight", pos_weight)] {
        let Some(list) = list else { continue };
        super::check_weights(OP, argument, list)?;
        if list.len() != 1 && list.len() != outputs {
            let expected = match outputs {
                1 => "1".to_owned(),
                outputs => format!("1, or {outputs}, one for each output"),
            };
            return Err(Error::argument(OP, argument, super::numbers(list.len()), expected));
        }
        width = width.max(list.len());
    }
    let at = |list: &Option<Vec<f64>>, k: usize| match list.as_deref() {
        None => 1.0,
        Some([all]) => *all,
        Some(list) => list[k],
    };
    let count = |k| [at(weight, k), at(weight, k) * at(pos_weight, k)].map(T::from_f64);
    Ok((0..width).map(count).collect())
}
