//! How parameters start.

mod names;

use tensor::random::Stream;
use tensor::{Error, Result, Shape, Tensor};

/// How a parameter's first value is drawn. Parsed from its name, as MindSpore's
/// `weight_init='xavier_uniform'` takes it; its numbers are then the default ones.
///
/// ```
/// use layers::{Activation, Dense, Fan, Initializer};
/// let tanh = Dense::new(100, 50).weight_init("xavier_uniform".parse()?);
/// let gain = Initializer::gain(Activation::Relu);
/// let relu = Dense::new(100, 50).weight_init(Initializer::HeNormal { gain, fan: Fan::Out });
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Initializer {
    /// Every element the same.
    Constant(f64),
    /// Uniform in \[-bound, bound).
    Uniform {
        /// The half-width of the interval. By name 0.07, as in MindSpore.
        bound: f64,
    },
    /// Normal around 0.
    Normal {
        /// The standard deviation. By name 0.01, as in MindSpore.
        deviation: f64,
    },
    /// Normal around 0, where what lies more than two deviations out is drawn again.
    TruncatedNormal {
        /// The standard deviation before the tails were cut off; 0.88 times as much afterwards.
        /// By name 0.01, as in MindSpore.
        deviation: f64,
    },
    /// U(±gain √(6 / (fan_in + fan_out))), after Glorot and Bengio (2010), for a weight
    /// `[out, in, ..]`. By name with a gain of 1.
    XavierUniform {
        /// What the activation behind the layer calls for: [`Initializer::gain`].
        gain: f64,
    },
    /// Normal with the deviation gain √(2 / (fan_in + fan_out)). By name with a gain of 1.
    XavierNormal {
        /// What the activation behind the layer calls for: [`Initializer::gain`].
        gain: f64,
    },
    /// U(±gain √(3 / fan)), after He et al. (2015), for a weight `[out, in, ..]`. By name with a
    /// gain of √2, for ReLU, and the fan-in.
    HeUniform {
        /// What the activation behind the layer calls for: [`Initializer::gain`].
        gain: f64,
        /// Which fan: MindSpore's `mode`.
        fan: Fan,
    },
    /// Normal with the deviation gain / √fan. By name with a gain of √2, for ReLU, and the fan-in.
    HeNormal {
        /// What the activation behind the layer calls for: [`Initializer::gain`].
        gain: f64,
        /// Which fan: MindSpore's `mode`.
        fan: Fan,
    },
}

/// Which of a weight's fans decides how large it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fan {
    /// The number of inputs that one output sums over: values keep their size going forward.
    #[default]
    In,
    /// The number of outputs that one input takes part in: gradients keep theirs going back.
    Out,
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
    /// [`Error::Argument`] where the numbers are not finite or a width is negative,
    /// [`Error::Shape`] where a fan is asked for of a shape with fewer than two axes.
    pub fn draw(self, shape: &Shape, seed: u64, name: &str) -> Result<Tensor> {
        let mut stream = Stream::new(seed, &format!("init/{name}"), 0, 0);
        let law = self.law(shape)?;
        Ok(Tensor::from_fn(shape, |_| match law {
            Law::Constant(value) => value as f32,
            Law::Uniform(bound) => stream.uniform_in(-bound, bound) as f32,
            Law::Normal(deviation) => (deviation * stream.normal()) as f32,
            Law::Truncated(deviation) => loop {
                let normal = stream.normal();
                if normal.abs() <= 2.0 {
                    break (deviation * normal) as f32;
                }
            },
        }))
    }

    /// The distribution for a parameter of this shape.
    fn law(self, shape: &Shape) -> Result<Law> {
        Ok(match self {
            Initializer::Constant(value) => {
                Law::Constant(number("constant", value, f64::NEG_INFINITY)?)
            }
            Initializer::Uniform { bound } => Law::Uniform(number("bound", bound, 0.0)?),
            Initializer::Normal { deviation } => Law::Normal(number("deviation", deviation, 0.0)?),
            Initializer::TruncatedNormal { deviation } => {
                Law::Truncated(number("deviation", deviation, 0.0)?)
            }
            Initializer::XavierUniform { gain } => {
                Law::Uniform(number("gain", gain, 0.0)? * (6.0 / both_fans(shape)?).sqrt())
            }
            Initializer::XavierNormal { gain } => {
                Law::Normal(number("gain", gain, 0.0)? * (2.0 / both_fans(shape)?).sqrt())
            }
            Initializer::HeUniform { gain, fan } => {
                Law::Uniform(number("gain", gain, 0.0)? * (3.0 / fan.of(shape)?).sqrt())
            }
            Initializer::HeNormal { gain, fan } => {
                Law::Normal(number("gain", gain, 0.0)? / fan.of(shape)?.sqrt())
            }
        })
    }
}

/// What elements are drawn from.
#[derive(Clone, Copy)]
enum Law {
    Constant(f64),
    Uniform(f64),
    Normal(f64),
    Truncated(f64),
}

fn number(argument: &'static str, value: f64, least: f64) -> Result<f64> {
    if value.is_finite() && value >= least {
        return Ok(value);
    }
    let expected = if least == 0.0 { "a finite number, at least 0" } else { "a finite number" };
    Err(Error::argument("initializer", argument, value, expected))
}

impl Fan {
    /// The fan of a weight `[out, in, ..]`, where the axes behind are a kernel's; at least 1.
    fn of(self, weight: &Shape) -> Result<f64> {
        let [out, inputs, kernel @ ..] = &weight[..] else {
            let detail = "expected a weight [out, in, ..], whose fans can be counted";
            return Err(Error::shape("initializer", detail)
                .operand("parameter", weight)
                .hint("draw a bias by zeros, a constant, uniform or normal"));
        };
        let units = match self {
            Fan::In => inputs,
            Fan::Out => out,
        };
        Ok((units * kernel.iter().product::<usize>()).max(1) as f64)
    }
}

fn both_fans(weight: &Shape) -> Result<f64> {
    Ok(Fan::In.of(weight)? + Fan::Out.of(weight)?)
}
