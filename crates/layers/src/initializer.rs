//! How parameters start.

use tensor::random::Stream;
use tensor::{Error, Result, Shape, Tensor};

/// How a parameter's first value is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Initializer {
    /// Every element the same.
    Constant(f64),
    /// Uniform in \[-bound, bound).
    Uniform {
        /// The half-width of the interval.
        bound: f64,
    },
    /// Normal around 0.
    Normal {
        /// The standard deviation. MindSpore's `'normal'` has 0.01.
        deviation: f64,
    },
}

impl Initializer {
    /// Zeros.
    pub const ZERO: Self = Initializer::Constant(0.0);
    /// Ones.
    pub const ONE: Self = Initializer::Constant(1.0);

    /// U(±1/√fan_in): what MindSpore 2.10 and PyTorch 2 give the weights **and** biases of
    /// convolutions and dense layers by default (there called HeUniform(√5)). `fan_in` is the
    /// number of inputs that one output sums over.
    pub fn fan_in(fan_in: usize) -> Self {
        Initializer::Uniform { bound: 1.0 / (fan_in.max(1) as f64).sqrt() }
    }

    /// Draws a tensor from the stream *(seed, "init", name)*.
    ///
    /// # Errors
    /// [`Error::Argument`] where the numbers are not finite or the width is negative.
    pub fn draw(self, shape: &Shape, seed: u64, name: &str) -> Result<Tensor> {
        let mut stream = Stream::new(seed, &format!("init/{name}"), 0, 0);
        let (argument, size, least) = match self {
            Initializer::Constant(value) => ("constant", value, f64::NEG_INFINITY),
            Initializer::Uniform { bound } => ("bound", bound, 0.0),
            Initializer::Normal { deviation } => ("deviation", deviation, 0.0),
        };
        if !size.is_finite() || size < least {
            let expected =
                if least == 0.0 { "a finite number, at least 0" } else { "a finite number" };
            return Err(Error::argument("initializer", argument, size, expected));
        }
        Ok(Tensor::from_fn(shape, |_| match self {
            Initializer::Constant(value) => value as f32,
            Initializer::Uniform { bound } => stream.uniform_in(-bound, bound) as f32,
            Initializer::Normal { deviation } => (deviation * stream.normal()) as f32,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fan_in_is_the_default_of_mindspore_and_pytorch() {
        let shape = Shape::from([6, 1, 5, 5]);
        let weight = Initializer::fan_in(25).draw(&shape, 1, "conv1.weight").unwrap();
        let most = weight.as_slice().iter().fold(0.0_f32, |most, w| most.max(w.abs()));
        assert!(most < 0.2 && most > 0.19, "{most}");
        let mean: f32 = weight.as_slice().iter().sum::<f32>() / 150.0;
        assert!(mean.abs() < 0.03, "{mean}");
    }

    #[test]
    fn a_parameter_has_its_own_stream() {
        let shape = Shape::from([8]);
        let draw = |seed, name| Initializer::fan_in(4).draw(&shape, seed, name).unwrap();
        assert_eq!(draw(1, "fc1.weight"), draw(1, "fc1.weight"));
        assert_ne!(draw(1, "fc1.weight"), draw(1, "fc2.weight"));
        assert_ne!(draw(1, "fc1.weight"), draw(2, "fc1.weight"));
    }

    #[test]
    fn bad_arguments_are_named() {
        let draw = |initializer: Initializer| {
            initializer.draw(&Shape::from([2]), 1, "w").unwrap_err().to_string()
        };
        assert_eq!(
            draw(Initializer::Uniform { bound: -1.0 }),
            "initializer: bound is -1, expected a finite number, at least 0"
        );
        assert_eq!(
            draw(Initializer::Constant(f64::NAN)),
            "initializer: constant is NaN, expected a finite number"
        );
    }
}
