//! [`check_gradients`]: derivatives against central differences.

use crate::{Randomness, Tape, Var};
use tensor::random::Stream;
use tensor::{Error, Tensor};

/// Why a gradient check failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GradientCheckError {
    /// The function itself failed.
    #[error(transparent)]
    Function(#[from] Error),
    /// The backward pass and the central difference disagree.
    #[error(
        "gradient of {of} at element {element}: the backward pass gives {backward:e}, \
         central differences give {numeric:e} (tolerance {tolerance:e}); mend the backward of the \
         rules that it goes through, or keep inputs away from kinks"
    )]
    Mismatch {
        /// Which input, counted from 0.
        input: usize,
        /// Its name: `input 0`, unless it was given another.
        of: String,
        /// Row-major position within it.
        element: usize,
        /// What the backward pass gives.
        backward: f64,
        /// What central differences give.
        numeric: f64,
        /// The difference that was allowed.
        tolerance: f64,
    },
    /// An input that the function's result does not depend on, or a rule that gives nothing back.
    #[error(
        "gradient of {of}: the backward pass gives none, central differences give \
         {numeric:e} at element {element}; let every rule that it goes through give its input a \
         gradient, and compute with that input, not with a copy of its value"
    )]
    Missing {
        /// Which input, counted from 0.
        input: usize,
        /// Its name: `input 0`, unless it was given another.
        of: String,
        /// Row-major position of the first element that matters.
        element: usize,
        /// What central differences give.
        numeric: f64,
    },
}

impl GradientCheckError {
    /// The same with a name for the input that it is about: `names[i]` for input i.
    #[must_use]
    pub fn with_names(mut self, names: &[String]) -> Self {
        if let GradientCheckError::Mismatch { input, of, .. }
        | GradientCheckError::Missing { input, of, .. } = &mut self
            && let Some(name) = names.get(*input)
        {
            name.clone_into(of);
        }
        self
    }
}

/// Half the distance of the two points that a central difference looks at, for inputs about 1.
const STEP: f64 = 1e-5;
/// The relative difference that is allowed.
const TOLERANCE: f64 = 1e-6;

/// Checks a differentiable function's gradients: for a random cotangent c, the backward pass's
/// gradient of ⟨c, f(x)⟩ must equal the central difference (⟨c, f(x + h)⟩ - ⟨c, f(x - h)⟩) / 2h
/// within a relative 1e-6, for every element of every input, in `f64`.
///
/// Keep inputs away from kinks (ReLU at 0, ties in max-pooling): there the two rightly differ.
///
/// # Errors
/// [`GradientCheckError`], naming the input and the element.
///
/// ```
/// use autodiff::check_gradients;
/// use tensor::Tensor;
/// let x = Tensor::from_vec([2, 2], [0.3, -0.7, 1.1, 0.2])?;
/// let w = Tensor::from_vec([3, 2], [0.5, 1.0, -0.4, 0.6, 0.9, -1.2])?;
/// check_gradients(&[x, w], |_tape, v| Ok(v[0].clone().linear(&v[1], None)?.tanh())).unwrap();
/// # Ok::<(), tensor::Error>(())
/// ```
pub fn check_gradients<F>(inputs: &[Tensor<f64>], function: F) -> Result<(), GradientCheckError>
where
    F: for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Result<Var<'t, f64>, Error>,
{
    compare_gradients(inputs, function)?.iter().try_for_each(GradientPair::check)
}

/// One element's derivative, found in both ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientPair {
    /// Which input, counted from 0.
    pub input: usize,
    /// Row-major position within it.
    pub element: usize,
    /// What the backward pass gives; `None` where it gives nothing to this input.
    pub backward: Option<f64>,
    /// What central differences give.
    pub numeric: f64,
}

/// Both derivatives of ⟨c, f(x)⟩ that [`check_gradients`] compares, for every element of every
/// input.
///
/// # Errors
/// Those of the function itself.
pub fn compare_gradients<F>(inputs: &[Tensor<f64>], function: F) -> Result<Vec<GradientPair>, Error>
where
    F: for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Result<Var<'t, f64>, Error>,
{
    let mut pairs = Vec::new();
    let tape = Tape::new().with_randomness(Randomness::default());
    let leaves: Vec<_> = inputs.iter().map(|input| tape.leaf(input.clone())).collect();
    let output = function(&tape, &leaves)?;
    let cotangent = random_cotangent(&output);
    let gradients = output.backward_from(cotangent.clone())?;

    let project = |inputs: &[Tensor<f64>]| -> Result<f64, Error> {
        // The same draws as above: a random function is checked for these.
        let tape = Tape::inference().with_training(true).with_randomness(Randomness::default());
        let values: Vec<_> = inputs.iter().map(|input| tape.constant(input.clone())).collect();
        Ok(dot(function(&tape, &values)?.value(), &cotangent))
    };
    let mut moved = inputs.to_vec();
    for (i, input) in inputs.iter().enumerate() {
        for (element, &x) in input.as_slice().iter().enumerate() {
            let step = STEP * x.abs().max(1.0);
            moved[i].as_mut_slice()[element] = x + step;
            let above = project(&moved)?;
            moved[i].as_mut_slice()[element] = x - step;
            let below = project(&moved)?;
            moved[i].as_mut_slice()[element] = x;
            let backward = gradients.of(&leaves[i]).map(|g| g.as_slice()[element]);
            let numeric = (above - below) / (2.0 * step);
            pairs.push(GradientPair { input: i, element, backward, numeric });
        }
    }
    Ok(pairs)
}

/// Numbers in ±[0.5, 1.5): none so small that a wrong derivative hides behind it.
fn random_cotangent(output: &Var<'_, f64>) -> Tensor<f64> {
    let mut stream = Stream::new(0, "gradient check", 0, 0);
    Tensor::from_fn(output.shape(), |_| {
        let size = stream.uniform_in(0.5, 1.5);
        if stream.next_u32() & 1 == 0 { size } else { -size }
    })
}

fn dot(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| a * b).sum()
}

impl GradientPair {
    /// The difference, relative to the numeric derivative where that is more than 1.
    pub fn difference(&self) -> f64 {
        (self.backward.unwrap_or(0.0) - self.numeric).abs() / self.numeric.abs().max(1.0)
    }

    /// As [`check_gradients`] judges it.
    fn check(&self) -> Result<(), GradientCheckError> {
        let &GradientPair { input, element, backward, numeric } = self;
        let of = format!("input {input}");
        // Not `>`, so that NaN is a mismatch.
        if self.difference() <= TOLERANCE {
            return Ok(());
        }
        Err(match backward {
            Some(backward) => {
                let tolerance = TOLERANCE * numeric.abs().max(1.0);
                GradientCheckError::Mismatch { input, of, element, backward, numeric, tolerance }
            }
            None => GradientCheckError::Missing { input, of, element, numeric },
        })
    }
}
