//! The network of fig. 3.4, in f64 on an explained tape.

use super::Activation;
use anyhow::{Context, Result};
use autodiff::{Explanation, Tape, Var};
use tensor::Tensor;
use tensor::random::Stream;

/// n inputs, p hidden units, q outputs, one sample.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) activation: Activation,
    /// w `[p, n]`, w0 `[p]`, v `[q, p]`, v0 `[q]`.
    pub(crate) weights: [Tensor<f64>; 4],
    /// `[1, n]`
    pub(crate) x: Tensor<f64>,
    /// `[1, q]`: 1 for the first output, 0 for the others.
    pub(crate) y: Tensor<f64>,
}

/// The names of the weights on the tape.
pub(crate) const NAMES: [&str; 4] = ["w", "w0", "v", "v0"];

impl Network {
    /// Numbers of two decimals in ±1.
    pub(crate) fn draw([n, p, q]: [usize; 3], activation: Activation, seed: u64) -> Self {
        let mut index = 0;
        let mut draw = |shape: &[usize]| {
            let mut stream = Stream::new(seed, "explain-backprop", 0, index);
            index += 1;
            Tensor::from_fn(shape, |_| (stream.uniform_in(-100.0, 100.0)).round() / 100.0)
        };
        let x = draw(&[1, n]);
        let weights = [draw(&[p, n]), draw(&[p]), draw(&[q, p]), draw(&[q])];
        let y = Tensor::from_fn([1, q], |k| if k == 0 { 1.0 } else { 0.0 });
        Network { activation, weights, x, y }
    }

    /// J for these weights: eqs. (3.3) to (3.5).
    pub(crate) fn loss<'t>(
        &self,
        x: Var<'t, f64>,
        weights: &[Var<'t, f64>],
    ) -> tensor::Result<Var<'t, f64>> {
        let [w, w0, v, v0] = weights else { unreachable!("four tensors of weights") };
        let y = x.tape().constant(self.y.clone()).named("y");
        let h_hat = x.linear(w, Some(w0))?.named("ĥ");
        let h = match self.activation {
            Activation::Relu => h_hat.relu(),
            Activation::Sigmoid => h_hat.sigmoid(),
            Activation::Tanh => h_hat.tanh(),
        };
        let y_hat = h.named("h").linear(v, Some(v0))?.named("ŷ");
        let error = y_hat.sigmoid().named("ỹ").sub(&y)?.named("error");
        Ok(error.square().scale(0.5).named("J_k").sum().named("J"))
    }

    /// Forward and backward on a tape that tells everything.
    pub(crate) fn explain(&self) -> Result<Explanation> {
        let tape = Tape::new().explained();
        let x = tape.constant(self.x.clone()).named("x");
        let weights = self.weights.iter().zip(NAMES);
        let weights: Vec<_> =
            weights.map(|(weight, name)| tape.leaf(weight.clone()).named(name)).collect();
        self.loss(x, &weights)?.backward()?;
        Ok(tape.explanation()?)
    }

    /// The network after the update (3.11) with one sample: w - α ∂J/∂w.
    pub(crate) fn updated(&self, explanation: &Explanation, rate: f64) -> Result<Network> {
        let mut network = self.clone();
        for (weight, name) in network.weights.iter_mut().zip(NAMES) {
            let gradient = gradient(explanation, name)?;
            for (w, g) in weight.as_mut_slice().iter_mut().zip(gradient.as_slice()) {
                *w -= rate * g;
            }
        }
        Ok(network)
    }
}

/// A step's value, by its name.
pub(crate) fn value<'a>(explanation: &'a Explanation, name: &str) -> Result<&'a Tensor<f64>> {
    Ok(&explanation.step(name).with_context(|| format!("the tape has no {name}"))?.value)
}

/// A step's gradient, by its name.
pub(crate) fn gradient<'a>(explanation: &'a Explanation, name: &str) -> Result<&'a Tensor<f64>> {
    let step = explanation.step(name).with_context(|| format!("the tape has no {name}"))?;
    step.gradient.as_ref().with_context(|| format!("no gradient came back to {name}"))
}
