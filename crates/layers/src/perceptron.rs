//! [`Perceptron`]: one neuron, and Rosenblatt's rule to teach it.

use crate::{Activation, Initializer, Layer, Parameter, Scope, module};
use autodiff::{Tape, Var};
use tensor::kernels::elementwise::{add, affine};
use tensor::{Error, Float, Result, Tensor};

/// The perceptron of fig. 3.1: y = f(w₀ + Σ wᵢ xᵢ), x `[N, n]`, y `[N, 1]`.
///
/// Parameters: `weight` `[1, n]` (the wᵢ) and `bias` `[1]` (w₀), which start at 0. f is the step
/// function unless [`activation`](Perceptron::activation) says otherwise; with a differentiable
/// one the perceptron can be trained like any other layer.
///
/// It separates its inputs by a straight line (a hyperplane), whatever f is:
///
/// ```
/// use layers::Perceptron;
/// use tensor::Tensor;
/// let x = Tensor::from_vec([4, 2], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
/// let (or, xor) = ([0, 1, 1, 1], [0, 1, 1, 0]);
/// assert!(Perceptron::new(2).learn(&x, &Tensor::from_vec([4], or)?, 100)?.converged());
/// assert!(!Perceptron::new(2).learn(&x, &Tensor::from_vec([4], xor)?, 100)?.converged());
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Perceptron {
    scope: Scope,
    /// w₁ .. wₙ: `[1, n]`
    pub weight: Parameter,
    /// w₀: `[1]`
    pub bias: Parameter,
    activation: Activation,
}

module!(Perceptron { scope, weight, bias } => |layer: &Perceptron| {
    format!("inputs={}, activation={}", layer.weight.shape()[1], layer.activation)
});

/// How Rosenblatt's rule went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rosenblatt {
    /// The number of samples that were wrong when they were seen, epoch by epoch.
    pub mistakes: Vec<usize>,
}

impl Rosenblatt {
    /// Whether the last epoch was free of mistakes: the perceptron has learnt every sample.
    pub fn converged(&self) -> bool {
        self.mistakes.last() == Some(&0)
    }
}

impl Perceptron {
    /// A perceptron with `inputs` inputs and the step function.
    pub fn new(inputs: usize) -> Self {
        Perceptron {
            scope: Scope::default(),
            weight: Parameter::new([1, inputs], Initializer::ZERO),
            bias: Parameter::new([1], Initializer::ZERO),
            activation: Activation::Step,
        }
    }

    /// With another function f.
    #[must_use]
    pub fn activation(self, activation: Activation) -> Self {
        Perceptron { activation, ..self }
    }

    /// Rosenblatt's learning rule (1958): shows the samples `[N, n]` in order, epoch after epoch,
    /// and after each wrong answer y instead of t adds (t - y) x to the weights and (t - y) to
    /// the bias. Labels `[N]` are 0 or 1.
    ///
    /// It ends with the first epoch without a mistake, or after `epochs`. Where a straight line
    /// separates the labels it always ends (Novikoff 1962); where none does, it never can.
    ///
    /// # Errors
    /// [`Error::Shape`] where inputs and labels do not fit, [`Error::Label`] for a label above 1,
    /// [`Error::State`] where f is not the step function, whose answers alone are right or wrong.
    pub fn learn(
        &mut self,
        inputs: &Tensor,
        labels: &Tensor<u32>,
        epochs: usize,
    ) -> Result<Rosenblatt> {
        const OP: &str = "perceptron";
        if self.activation != Activation::Step {
            let detail = format!("Rosenblatt's rule wants step, found {}", self.activation);
            return Err(Error::state(OP, detail)
                .hint("train a differentiable perceptron by a loss and an optimizer"));
        }
        if inputs.shape().rank() != 2 || labels.shape()[..] != inputs.shape()[..1] {
            let detail = "expected inputs [samples, features] and a label for each sample";
            return Err(Error::shape(OP, detail)
                .operand("inputs", inputs.shape())
                .operand("labels", labels.shape()));
        }
        if let Some(position) = labels.as_slice().iter().position(|&label| label > 1) {
            let label = labels.as_slice()[position];
            return Err(Error::Label { op: OP, position, label, classes: 2 });
        }
        self.weight.initialize(0, "weight")?;
        self.bias.initialize(0, "bias")?;
        let mut mistakes = Vec::new();
        while mistakes.len() < epochs && mistakes.last() != Some(&0) {
            let mut wrong = 0;
            for (i, &label) in labels.as_slice().iter().enumerate() {
                let mut x = inputs.rows(i, i + 1)?;
                let y = self.forward(Tape::inference().constant(x.clone()))?.value().item()?;
                let correction = label as f32 - y;
                if correction != 0.0 {
                    wrong += 1;
                    affine(x.as_mut_slice(), correction, 0.0);
                    add(value(&mut self.weight), x.as_slice());
                    add(value(&mut self.bias), &[correction]);
                }
            }
            mistakes.push(wrong);
        }
        Ok(Rosenblatt { mistakes })
    }
}

fn value(parameter: &mut Parameter) -> &mut [f32] {
    parameter.value_mut().expect("it was initialised").as_mut_slice()
}

impl<T: Float> Layer<T> for Perceptron {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("Perceptron", input, |x| {
            let (weight, bias) = (self.weight.on(x.tape())?, self.bias.on(x.tape())?);
            self.activation.apply(x.linear(&weight, Some(&bias))?)
        })
    }
}
