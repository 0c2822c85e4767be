//! Batch normalisation.

use crate::tape::NodeId;
use crate::var::same_tape;
use crate::{Attribute, Backward, Sink, Var};
use tensor::kernels::normalize as kernels;
use tensor::{Error, Float, Result, Shape, Tensor};

const OP: &str = "batch_norm";

/// y = (x - mean) · inverse · gamma + beta, by channel; inverse = 1 / √(variance + epsilon).
#[derive(Debug)]
struct BatchNorm<T: Float> {
    x: Tensor<T>,
    mean: Tensor<T>,
    inverse: Tensor<T>,
    gamma: Tensor<T>,
    epsilon: f64,
    /// Whether mean and variance are those of x itself, so that they change with it; otherwise
    /// they are inputs.
    of_batch: bool,
}

impl<T: Float> Backward<T> for BatchNorm<T> {
    fn name(&self) -> &'static str {
        OP
    }

    fn backward(self: Box<Self>, mut dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let BatchNorm { x, mean, inverse, gamma, of_batch, .. } = &*self;
        let channels = mean.len();
        let plane = plane(x.shape());
        let [mut total, mut moment] = [(); 2].map(|()| Tensor::stale([channels]));
        let (sums, moments) = (total.as_mut_slice(), moment.as_mut_slice());
        kernels::channel_sums(dy.as_slice(), x.as_slice(), plane, mean.as_slice(), sums, moments);
        let of = |tensor: &Tensor<T>, c: usize| tensor.as_slice()[c];
        let d_gamma = Tensor::from_fn([channels], |c| of(&moment, c) * of(inverse, c));
        if sink.wants(0) {
            let share = match of_batch {
                true => T::from_f64(channels as f64 / x.len() as f64),
                false => T::ZERO,
            };
            let by_dy = Tensor::from_fn([channels], |c| of(gamma, c) * of(inverse, c));
            let by_x = Tensor::from_fn([channels], |c| {
                of(&by_dy, c) * of(inverse, c) * of(&d_gamma, c) * share
            });
            let less = Tensor::from_fn([channels], |c| of(&by_dy, c) * of(&total, c) * share);
            let [by_dy, by_x, less] = [&by_dy, &by_x, &less].map(Tensor::as_slice);
            let into = dy.as_mut_slice();
            kernels::channel_gradient(
                into,
                x.as_slice(),
                plane,
                mean.as_slice(),
                by_dy,
                by_x,
                less,
            );
            sink.give(0, dy);
        }
        if !of_batch {
            let by_total = |c| -of(gamma, c) * of(inverse, c) * of(&total, c);
            sink.give(3, Tensor::from_fn([channels], by_total));
            let half = T::from_f64(-0.5);
            let by_gamma =
                |c| half * of(gamma, c) * of(inverse, c) * of(inverse, c) * of(&d_gamma, c);
            sink.give(4, Tensor::from_fn([channels], by_gamma));
        }
        sink.give(1, d_gamma);
        sink.give(2, total);
    }

    fn formula(&self, x: &[&str]) -> String {
        match x {
            [x, gamma, beta] => format!("({x} - μ) / √(σ² + ε) · {gamma} + {beta}"),
            [x, gamma, beta, mean, variance] => {
                format!("({x} - {mean}) / √({variance} + ε) · {gamma} + {beta}")
            }
            _ => OP.to_owned(),
        }
    }

    fn derivative(&self, i: usize, y: &str, inputs: &[&str]) -> Option<String> {
        let [x, gamma, beta, statistics @ ..] = inputs else { return None };
        let [mean, variance] = match statistics {
            [mean, variance] => [*mean, *variance],
            _ => ["μ", "σ²"],
        };
        match i {
            0 if self.of_batch => None,
            0 => Some(format!("∂{y}/∂{x} = {gamma} / √({variance} + ε)")),
            1 => Some(format!("∂{y}/∂{gamma} = ({x} - {mean}) / √({variance} + ε)")),
            2 => Some(format!("∂{y}/∂{beta} = 1")),
            3 => Some(format!("∂{y}/∂{mean} = -{gamma} / √({variance} + ε)")),
            _ => {
                Some(format!("∂{y}/∂{variance} = -{gamma} ({x} - {mean}) / (2 √({variance} + ε)³)"))
            }
        }
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        vec![
            ("epsilon", Attribute::Number(self.epsilon)),
            ("of_batch", Attribute::Flag(self.of_batch)),
        ]
    }
}

/// The mean and the variance of each channel of a batch, as [`Var::batch_norm`] found them.
#[derive(Clone, Debug)]
pub struct BatchMoments<T: Float> {
    /// `[C]`
    pub mean: Tensor<T>,
    /// `[C]`, the mean of the squared distances: divided by the count, not by one less.
    pub variance: Tensor<T>,
    /// How many numbers each channel has.
    pub count: usize,
}

impl<'t, T: Float> Var<'t, T> {
    /// y = (x - mean) / √(variance + epsilon) · gamma + beta, where mean and variance are those of
    /// each channel over the whole batch: x and y `[N, C]` or `[N, C, ..]`, gamma and beta `[C]`.
    /// Ioffe and Szegedy (2015), algorithm 1.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not fit or a channel has less than two numbers, whose
    /// variance would mean nothing; [`Error::Argument`] where epsilon is not positive.
    pub fn batch_norm(
        self,
        gamma: &Var<'t, T>,
        beta: &Var<'t, T>,
        epsilon: f64,
    ) -> Result<(Self, BatchMoments<T>)> {
        let channels = self.check_norm([gamma, beta], epsilon)?;
        let count = self.shape().elements() / channels;
        if count < 2 {
            let detail =
                format!("each channel has {count} number in the batch, expected at least 2");
            let hint = "train with batches of more samples; evaluation takes single ones";
            return Err(Error::shape(OP, detail).operand("input", self.shape()).hint(hint));
        }
        let x = self.value();
        let [mut mean, mut variance] = [(); 2].map(|()| Tensor::stale([channels]));
        let (into, squares) = (mean.as_mut_slice(), variance.as_mut_slice());
        kernels::channel_moments(x.as_slice(), plane(x.shape()), into, squares);
        let moments = BatchMoments { mean, variance, count };
        let BatchMoments { mean, variance, .. } = &moments;
        let inputs = [gamma, beta].map(Var::node);
        let y = self.normalized([gamma, beta], [mean, variance], epsilon, &inputs);
        Ok((y, moments))
    }

    /// As [`Var::batch_norm`] with a mean and a variance `[C]` that are given: for evaluation.
    /// Gradients flow to them, too, where they are wanted.
    ///
    /// # Errors
    /// As [`Var::batch_norm`], but a channel may have a single number.
    pub fn batch_norm_with(
        self,
        gamma: &Var<'t, T>,
        beta: &Var<'t, T>,
        [mean, variance]: [&Var<'t, T>; 2],
        epsilon: f64,
    ) -> Result<Self> {
        let channels = self.check_norm([gamma, beta], epsilon)?;
        for (name, given) in [("mean", mean), ("variance", variance)] {
            same_tape(OP, self.tape(), given)?;
            if given.shape()[..] != [channels] {
                let detail = format!("{name} has shape {}, expected [{channels}]", given.shape());
                return Err(Error::shape(OP, detail).operand("input", self.shape()));
            }
        }
        let inputs = [gamma, beta, mean, variance].map(Var::node);
        let statistics = [mean, variance].map(Var::value);
        Ok(self.normalized([gamma, beta], statistics, epsilon, &inputs))
    }

    /// The number of channels.
    fn check_norm(&self, parameters: [&Var<'t, T>; 2], epsilon: f64) -> Result<usize> {
        if !(epsilon > 0.0 && epsilon.is_finite()) {
            return Err(Error::argument(OP, "epsilon", epsilon, "a finite number above 0"));
        }
        let shape = self.shape();
        if shape.rank() < 2 || shape[1..].contains(&0) {
            let detail = "input needs axes [batch, channels, ..], none of them empty but the batch";
            return Err(Error::shape(OP, detail).operand("input", shape));
        }
        for (name, parameter) in ["gamma", "beta"].into_iter().zip(parameters) {
            same_tape(OP, self.tape(), parameter)?;
            if parameter.shape()[..] != shape[1..2] {
                let (found, channels) = (parameter.shape(), shape[1]);
                let detail = format!(
                    "input has {channels} channels, {name} has shape {found}, not [{channels}]"
                );
                return Err(Error::shape(OP, detail).operand("input", shape));
            }
        }
        Ok(shape[1])
    }

    fn normalized(
        self,
        [gamma, beta]: [&Var<'t, T>; 2],
        [mean, variance]: [&Tensor<T>; 2],
        epsilon: f64,
        others: &[Option<NodeId>],
    ) -> Self {
        let (tape, input, x) = self.into_parts();
        let small = T::from_f64(epsilon);
        let inverse = variance.map(|variance| T::ONE / (variance + small).sqrt());
        let scale =
            Tensor::from_fn(mean.shape(), |c| gamma.value().as_slice()[c] * inverse.as_slice()[c]);
        let mut y = Tensor::stale(x.shape());
        kernels::normalize_channels(
            x.as_slice(),
            plane(x.shape()),
            mean.as_slice(),
            scale.as_slice(),
            beta.value().as_slice(),
            y.as_mut_slice(),
        );
        let of_batch = others.len() == 2;
        let inputs = std::iter::once(input).chain(others.iter().copied());
        let (mean, gamma) = (mean.clone(), gamma.value().clone());
        tape.operation(inputs, y, |_| BatchNorm { x, mean, inverse, gamma, epsilon, of_batch })
    }
}

/// Numbers of one channel of one sample.
fn plane(shape: &Shape) -> usize {
    shape[2..].iter().product()
}
